//! The order in which a product's tiles are computed; what a tile is stands in `matmul` and `matmul16`.

use crate::simd::Isa;

/// Rows that are taken through all panels together: with 1280 values each they stay in the second-level cache.
const ROWS: usize = 96;

/// A product that is computed tile by tile.
pub(crate) trait Tiles {
    /// Computes `M` rows from `row` on, of one panel of columns. Must be `#[inline(always)]`, as [`crate::simd::Task`]
    /// has it.
    fn tile<I: Isa, const M: usize>(&mut self, row: usize, panel: usize);
}

/// Computes all tiles.
#[inline(always)]
pub(crate) fn run<I: Isa>(product: &mut impl Tiles, rows: usize, panels: usize) {
    for from in (0..rows).step_by(ROWS) {
        let to = (from + ROWS).min(rows);
        for p in 0..panels {
            let mut r = from;
            while r < to {
                r += match (to - r).min(I::ROWS) {
                    12.. => tile::<I, 12>(product, r, p),
                    6.. => tile::<I, 6>(product, r, p),
                    5 => tile::<I, 5>(product, r, p),
                    4 => tile::<I, 4>(product, r, p),
                    3 => tile::<I, 3>(product, r, p),
                    2 => tile::<I, 2>(product, r, p),
                    _ => tile::<I, 1>(product, r, p),
                };
            }
        }
    }
}

/// One tile; gives its rows.
#[inline(always)]
fn tile<I: Isa, const M: usize>(product: &mut impl Tiles, row: usize, panel: usize) -> usize {
    product.tile::<I, M>(row, panel);
    M
}
