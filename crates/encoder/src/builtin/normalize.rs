//! SentencePiece's normaliser `nmt_nfkc`: the model's own map of character sequences, then spaces.
//!
//! Spaces become U+2581, runs of them one, none at the ends, one in front. Source: SentencePiece, `normalizer.cc`; the
//! reference package's port of it, whose results this reproduces byte by byte.

use super::trie::Trie;
use crate::Error;

const SPACE: &[u8] = "\u{2581}".as_bytes();

/// The normaliser.
pub(super) struct Normalizer {
    trie: Trie,
    replacements: &'static [u8],
}

impl Normalizer {
    /// Reads a precompiled map: size of the trie in bytes (`u32`), the trie, replacements that end in NUL.
    pub(super) fn new(map: &'static [u8]) -> Result<Self, Error> {
        let damaged = || Error::Damaged { reason: "section charsmap is cut off".into() };
        let (size, rest) = map.split_first_chunk().ok_or_else(damaged)?;
        let (trie, replacements) = rest.split_at_checked(u32::from_le_bytes(*size) as usize).ok_or_else(damaged)?;
        let units = trie.as_chunks().0.iter().map(|u| u32::from_le_bytes(*u)).collect();
        Ok(Self { trie: Trie::new(units), replacements })
    }

    /// What the longest key at the front of `text` becomes, or its first character as it is; and the bytes it takes.
    fn prefix<'a>(&'a self, text: &'a str) -> (&'a [u8], usize) {
        let mut best = None;
        self.trie.prefixes(text.as_bytes(), |length, value| best = Some((length, value as usize)));
        match best {
            Some((length, value)) if value < self.replacements.len() => {
                let tail = &self.replacements[value..];
                (&tail[..tail.iter().position(|&b| b == 0).unwrap_or(tail.len())], length)
            }
            _ => {
                let length = text.chars().next().map_or(0, char::len_utf8);
                (&text.as_bytes()[..length], length)
            }
        }
    }

    /// Appends the normalised form of `text` to `out`; nothing if there is nothing but space.
    pub(super) fn normalize(&self, mut text: &str, out: &mut Vec<u8>) {
        let from = out.len();
        while !text.is_empty() {
            let (p, taken) = self.prefix(text);
            if p != b" " {
                break;
            }
            text = &text[taken..];
        }
        if text.is_empty() {
            return;
        }
        out.extend_from_slice(SPACE);
        let mut after_space = true;
        while !text.is_empty() {
            let (mut p, taken) = self.prefix(text);
            if after_space {
                p = p.trim_prefix_spaces();
            }
            for &byte in p {
                if byte == b' ' { out.extend_from_slice(SPACE) } else { out.push(byte) }
            }
            if let Some(&last) = p.last() {
                after_space = last == b' ';
            }
            text = &text[taken..];
        }
        while out[from..].ends_with(SPACE) {
            out.truncate(out.len() - SPACE.len());
        }
    }
}

trait TrimSpaces {
    fn trim_prefix_spaces(&self) -> &Self;
}

impl TrimSpaces for [u8] {
    fn trim_prefix_spaces(&self) -> &Self {
        let spaces = self.iter().take_while(|&&b| b == b' ').count();
        &self[spaces..]
    }
}
