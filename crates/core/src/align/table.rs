//! A value for every bead that starts in a band: scores, probabilities, utilities.
//!
//! Values of one bead type that start in one row stand side by side, so that scoring and the recurrences run over
//! slices: row by row, in a row type by type, of a type a value a node. Not here: what the values say.

use super::band::Band;
use super::beads::TYPES;

/// Values of the beads of the first `types` of [`TYPES`] that start at the nodes of a band, also of those that end
/// outside.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    types: usize,
    values: Vec<f32>,
}

impl Table {
    /// The same value for every bead.
    pub(crate) fn filled(band: &Band, types: usize, value: f32) -> Self {
        Self { types, values: vec![value; band.nodes() * types] }
    }

    /// Bead types looked at, in the order of [`TYPES`]: index, source and target segments.
    pub(crate) fn types(&self) -> impl Iterator<Item = (usize, (usize, usize))> + use<> {
        types(self.types)
    }

    /// Values of type `k` at the nodes of row `i`.
    #[inline]
    pub(crate) fn run(&self, band: &Band, i: usize, k: usize) -> &[f32] {
        let width = band.width(i);
        let from = band.first(i) * self.types + k * width;
        &self.values[from..from + width]
    }

    /// The same, to write to.
    #[inline]
    pub(crate) fn run_mut(&mut self, band: &Band, i: usize, k: usize) -> &mut [f32] {
        let width = band.width(i);
        let from = band.first(i) * self.types + k * width;
        &mut self.values[from..from + width]
    }

    /// The value of the bead of type `k` at node (`i`, `j`), which is in the band.
    pub(crate) fn at(&self, band: &Band, (i, j): (usize, usize), k: usize) -> f32 {
        self.run(band, i, k)[j - band.row(i).0]
    }

    /// Every bead with its value: node, type, value; by rows, then types.
    pub(crate) fn beads<'a>(&'a self, band: &'a Band) -> impl Iterator<Item = ((usize, usize), usize, f32)> + 'a {
        (0..band.rows()).flat_map(move |i| {
            let low = band.row(i).0;
            (0..self.types).flat_map(move |k| {
                self.run(band, i, k).iter().enumerate().map(move |(c, &value)| ((i, low + c), k, value))
            })
        })
    }

    /// All values, changed by `f`.
    pub(crate) fn map(mut self, f: impl Fn(f32) -> f32) -> Self {
        self.values.iter_mut().for_each(|v| *v = f(*v));
        self
    }

    /// Slices of `size` rows each, to be filled side by side: (first row, one past the last, values). The last row has
    /// no slice: nothing starts there.
    pub(crate) fn blocks<'a>(&'a mut self, band: &Band, size: usize) -> Vec<(usize, usize, &'a mut [f32])> {
        let rows = band.rows() - 1;
        let mut blocks = Vec::with_capacity(rows.div_ceil(size));
        let mut rest = self.values.as_mut_slice();
        for first in (0..rows).step_by(size) {
            let last = (first + size).min(rows);
            let (head, tail) = rest.split_at_mut((band.first(last) - band.first(first)) * self.types);
            blocks.push((first, last, head));
            rest = tail;
        }
        blocks
    }
}

/// The first `count` of [`TYPES`]: index, source and target segments.
pub(crate) fn types(count: usize) -> impl Iterator<Item = (usize, (usize, usize))> {
    TYPES[..count].iter().map(|&(n, m)| (usize::from(n), usize::from(m))).enumerate()
}

/// Most segments on one side of the first `count` of [`TYPES`].
pub(crate) fn most(count: usize) -> usize {
    types(count).map(|(_, (n, m))| n.max(m)).max().unwrap_or(1)
}
