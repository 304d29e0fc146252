//! A double-array trie in the units of darts-clone, which SentencePiece's normaliser uses; our pieces use it too.
//!
//! Unit: bits 0–7 label, bit 8 "has a leaf", bit 9 "offset is in blocks of 256", bits 10–30 offset; or bit 31 set and a
//! value in bits 0–30. The child of the node at `p` by byte `c` stands at `p ^ offset ^ c`, its leaf at `p ^ offset`.

/// A trie over byte strings; values are `u32`.
pub(super) struct Trie {
    units: Vec<u32>,
}

impl Trie {
    pub(super) fn new(units: Vec<u32>) -> Self {
        Self { units }
    }

    /// Calls `found(length, value)` for each key that `text` starts with, shortest first.
    #[inline]
    pub(super) fn prefixes(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let Some(&root) = self.units.first() else { return };
        let mut at = offset(root);
        for (i, &byte) in text.iter().enumerate() {
            let node = at ^ usize::from(byte);
            let Some(&unit) = self.units.get(node) else { return };
            if unit & 0x8000_00ff != u32::from(byte) {
                return;
            }
            at = node ^ offset(unit);
            if unit & 0x100 != 0
                && let Some(&leaf) = self.units.get(at)
            {
                found(i + 1, leaf & 0x7fff_ffff);
            }
        }
    }
}

#[inline]
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
}
