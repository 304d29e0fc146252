//! Token vectors: an entropy-coded table whose rows are decoded one by one, when a text has the token.
//!
//! A row is 512 levels of 6 bits (the reference's own quantisation), each a code of a canonical prefix code of at most
//! [`MAX_CODE`] bits. A chunk (`id % 17`) has its own step and four codes; the row says which of the four it uses.

use super::file::ModelFile;
use crate::Error;

/// Values of a row.
pub(super) const WIDTH: usize = 512;
const CHUNKS: usize = 17;
const CLASSES: usize = 4;
const LEVELS: usize = 64;
const MAX_CODE: u32 = 11;
/// Bytes that the reader may look at behind a row's last code.
const SLACK: usize = 8;

/// The table of token vectors.
pub(super) struct Table {
    /// `chunk × class × 2^MAX_CODE`: level and length (`level << 8 | length`) by the next bits.
    lookup: Vec<[u16; 1 << MAX_CODE]>,
    /// Of each row: offset in bytes << 2 | class.
    rows: Vec<u32>,
    codes: &'static [u8],
    step: Vec<f32>,
    low: Vec<f32>,
}

impl Table {
    pub(super) fn new(file: &ModelFile) -> Result<Self, Error> {
        let lengths = file.section("codes")?;
        let (codes, rows) = (file.section("table")?, file.words("rows")?);
        let damaged = |reason: &str| Error::Damaged { reason: reason.into() };
        if lengths.len() != CHUNKS * CLASSES * LEVELS {
            return Err(damaged("section codes has another length"));
        }
        let lookup = lengths
            .chunks_exact(LEVELS)
            .map(lookup)
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| damaged("section codes holds no prefix code"))?;
        // A row has at least one bit a value, so that any offset up to here can be read without a look at the end;
        // the reader stops at the end of the section in any case.
        if rows.iter().any(|&r| (r >> 2) as usize + SLACK > codes.len()) {
            return Err(damaged("a row lies outside the table"));
        }
        let (step, low) = (file.floats("scale", CHUNKS)?, file.floats("lo", CHUNKS)?);
        Ok(Self { lookup, rows, codes, step, low })
    }

    /// Number of rows.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Decodes the vector of a token.
    pub(super) fn row(&self, id: u32, out: &mut [f32]) {
        let id = id as usize;
        let (step, low) = (self.step[id % CHUNKS], self.low[id % CHUNKS]);
        let class = (self.rows[id] & 3) as usize;
        let lookup = &self.lookup[id % CHUNKS * CLASSES + class];
        let mut at = (self.rows[id] >> 2) as usize;
        let (mut bits, mut have) = (0u64, 0u32); // the next `have` bits stand at the top of `bits`
        for four in out.as_chunks_mut::<4>().0 {
            // Refill to at least 44 bits: four codes.
            if have < 4 * MAX_CODE {
                let next = self.codes.get(at..).and_then(|c| c.first_chunk()).map_or(0, |c| u64::from_be_bytes(*c));
                bits |= next >> have;
                let taken = (63 - have) / 8;
                at += taken as usize;
                have += taken * 8;
            }
            for value in four {
                let code = lookup[(bits >> (64 - MAX_CODE)) as usize];
                let length = u32::from(code & 0xff);
                bits <<= length;
                have -= length;
                *value = f32::from(code >> 8) * step + low;
            }
        }
    }
}

/// Expands the lengths of a canonical code into a table by the next [`MAX_CODE`] bits; `None` if they are no code.
fn lookup(lengths: &[u8]) -> Option<[u16; 1 << MAX_CODE]> {
    let mut table = [0; 1 << MAX_CODE];
    let mut at = 0;
    for length in 1..=MAX_CODE {
        for level in (0..LEVELS).filter(|&s| u32::from(lengths[s]) == length) {
            let span = 1 << (MAX_CODE - length);
            table.get_mut(at..at + span)?.fill(u16::try_from(level << 8).ok()? | length as u16);
            at += span;
        }
    }
    (at == 1 << MAX_CODE).then_some(table)
}
