//! The order in which a product's tiles are computed; what a tile is stands in `matmul` and `matmul16`.

/// Rows of a tile: with panels of two registers, 6 × 2 sums leave 4 of 16 registers for operands.
const MOST: usize = 6;
/// Rows that are taken through all panels together: with 1280 values each they stay in the second-level cache.
const ROWS: usize = 96;

/// A product that is computed tile by tile.
pub(crate) trait Tiles {
    /// Computes `M` rows from `row` on, of one panel of columns. Must be `#[inline(always)]`, as [`crate::simd::Task`]
    /// has it; `FMA` is that of the task.
    fn tile<const FMA: bool, const M: usize>(&mut self, row: usize, panel: usize);
}

/// Computes all tiles.
#[inline(always)]
pub(crate) fn run<const FMA: bool>(product: &mut impl Tiles, rows: usize, panels: usize) {
    for from in (0..rows).step_by(ROWS) {
        let to = (from + ROWS).min(rows);
        for p in 0..panels {
            let mut r = from;
            while r < to {
                match to - r {
                    1 => product.tile::<FMA, 1>(r, p),
                    2 => product.tile::<FMA, 2>(r, p),
                    3 => product.tile::<FMA, 3>(r, p),
                    4 => product.tile::<FMA, 4>(r, p),
                    5 => product.tile::<FMA, 5>(r, p),
                    _ => product.tile::<FMA, MOST>(r, p),
                }
                r += MOST;
            }
        }
    }
}
