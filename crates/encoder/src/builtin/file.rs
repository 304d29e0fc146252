//! The layout of a model file (docs/encoder.md): a header, a table of named sections, the sections.

use crate::Error;
use crate::checksum;
use crate::matmul::{Packed, Quantized};

const MAGIC: &[u8; 8] = b"HEXAPLAM";
const FORMAT: u32 = 1;
const ENTRY: usize = 40;

/// A parsed header; sections stay where they are.
pub(super) struct ModelFile {
    data: &'static [u8],
    sections: Vec<Section>,
}

struct Section {
    name: String,
    bytes: std::ops::Range<usize>,
    #[cfg_attr(not(all(test, feature = "builtin-model")), allow(dead_code))]
    checksum: u64,
}

fn damaged(reason: impl Into<String>) -> Error {
    Error::Damaged { reason: reason.into() }
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

fn u64_at(data: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*data.get(at..)?.first_chunk()?))
}

impl ModelFile {
    /// Reads the header and checks that every section lies inside the file.
    pub(super) fn parse(data: &'static [u8]) -> Result<Self, Error> {
        if data.first_chunk() != Some(MAGIC) {
            return Err(damaged("it does not begin with HEXAPLAM"));
        }
        match u32_at(data, 8) {
            Some(FORMAT) => {}
            found => return Err(damaged(format!("format {found:?}, this build reads format {FORMAT}"))),
        }
        let count = u32_at(data, 12).unwrap_or(0) as usize;
        let section = |k: usize| {
            let at = 16 + k * ENTRY;
            let name = data.get(at..at + 16)?;
            let name = String::from_utf8(name.iter().copied().take_while(|&b| b != 0).collect()).ok()?;
            let start = usize::try_from(u64_at(data, at + 16)?).ok()?;
            let end = start.checked_add(usize::try_from(u64_at(data, at + 24)?).ok()?)?;
            data.get(start..end)?;
            Some(Section { name, bytes: start..end, checksum: u64_at(data, at + 32)? })
        };
        let sections = (0..count.min(data.len() / ENTRY))
            .map(|k| section(k).ok_or_else(|| damaged(format!("section {k} lies outside the file"))))
            .collect::<Result<_, _>>()?;
        Ok(Self { data, sections })
    }

    /// The bytes of a section.
    pub(super) fn section(&self, name: &str) -> Result<&'static [u8], Error> {
        let section = self.sections.iter().find(|s| s.name == name);
        Ok(&self.data[section.ok_or_else(|| damaged(format!("section {name} is missing")))?.bytes.clone()])
    }

    /// Compares every section with its checksum. Not done at every start: the file is part of the binary.
    #[cfg_attr(not(all(test, feature = "builtin-model")), allow(dead_code))]
    pub(super) fn verify(&self) -> Result<(), Error> {
        for s in &self.sections {
            if checksum::words(&self.data[s.bytes.clone()]) != s.checksum {
                return Err(damaged(format!("section {} differs from its checksum", s.name)));
            }
        }
        Ok(())
    }

    /// A section of little-endian `u32`.
    pub(super) fn words(&self, name: &str) -> Result<Vec<u32>, Error> {
        let (words, rest) = self.section(name)?.as_chunks();
        if rest.is_empty() {
            return Ok(words.iter().map(|w| u32::from_le_bytes(*w)).collect());
        }
        Err(damaged(format!("section {name} is cut off")))
    }

    /// A section of little-endian `f32`, `length` of them.
    pub(super) fn floats(&self, name: &str, length: usize) -> Result<Vec<f32>, Error> {
        let words = self.words(name)?;
        if words.len() != length {
            return Err(damaged(format!("section {name} has {} values, expected {length}", words.len())));
        }
        Ok(words.into_iter().map(f32::from_bits).collect())
    }

    /// An int8 matrix with its step, `rows × columns`.
    pub(super) fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix, Error> {
        let data = self.section(name)?;
        let shape = (u32_at(data, 0), u32_at(data, 4));
        if shape != (u32::try_from(rows).ok(), u32::try_from(columns).ok()) || data.len() != 16 + rows * columns {
            return Err(damaged(format!("section {name} has another shape than {rows} × {columns}")));
        }
        let step = f32::from_bits(u32_at(data, 8).unwrap_or(0));
        Ok(Matrix { rows, columns, step, values: &data[16..] })
    }

    /// A value of the section `meta`, which holds lines `key=value`.
    pub(super) fn meta(&self, key: &str) -> Result<&'static str, Error> {
        let text = std::str::from_utf8(self.section("meta")?).map_err(|e| damaged(e.to_string()))?;
        let value = text.lines().find_map(|line| line.split_once('=').filter(|(k, _)| *k == key));
        Ok(value.ok_or_else(|| damaged(format!("section meta has no {key}")))?.1)
    }
}

/// An int8 matrix, row-major; its values are `step × int8`, exactly the reference's.
#[derive(Clone, Copy)]
pub(super) struct Matrix {
    rows: usize,
    columns: usize,
    step: f32,
    values: &'static [u8],
}

impl Matrix {
    /// One entry in steps.
    pub(super) fn integer(&self, row: usize, column: usize) -> i8 {
        self.values[row * self.columns + column].cast_signed()
    }

    /// What one step is.
    pub(super) fn step(&self) -> f32 {
        self.step
    }

    /// Packs the matrix as it is; its rows must be whole blocks.
    pub(super) fn pack<const PAIRS: usize>(self) -> Packed<PAIRS> {
        Packed::new(self.steps::<PAIRS>(), self.columns, |i, j| self.integer(i, j))
    }

    /// The step of each of its blocks.
    fn steps<const PAIRS: usize>(&self) -> Vec<f32> {
        let block = Quantized::<PAIRS>::BLOCK;
        assert!(self.rows.is_multiple_of(block), "{} rows are not whole blocks of {block}", self.rows);
        vec![self.step; self.rows / block]
    }

    /// Packs `self` above `below`: the product of a row `[x y]` with it is `x · self + y · below`.
    pub(super) fn pack_above<const PAIRS: usize>(self, below: Self) -> Packed<PAIRS> {
        assert_eq!(self.columns, below.columns, "the same number of columns");
        let (steps, split) = ([self.steps::<PAIRS>(), below.steps::<PAIRS>()].concat(), self.rows);
        let entry = |i: usize, j: usize| if i < split { self.integer(i, j) } else { below.integer(i - split, j) };
        Packed::new(steps, self.columns, entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "builtin-model")]
    #[test]
    fn the_built_in_file_is_whole() {
        ModelFile::parse(crate::BUILTIN_MODEL).unwrap().verify().unwrap();
    }

    #[test]
    fn files_that_are_no_model_are_refused() {
        for (data, want) in [
            (&b""[..], "does not begin"),
            (b"HEXAPLAM", "format None"),
            (b"HEXAPLAM\x02\0\0\0\x01\0\0\0", "format Some(2)"),
        ] {
            let error = ModelFile::parse(data).err().unwrap().to_string();
            assert!(error.contains(want), "{error}");
        }
        let mut cut = b"HEXAPLAM\x01\0\0\0\x01\0\0\0".to_vec();
        cut.extend([b'x'; 16]);
        cut.extend(60u64.to_le_bytes());
        cut.extend(1u64.to_le_bytes());
        cut.extend(0u64.to_le_bytes());
        let error = ModelFile::parse(cut.leak()).err().unwrap().to_string();
        assert!(error.contains("section 0 lies outside the file"), "{error}");
    }
}
