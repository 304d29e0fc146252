//! Vectors kept between runs, keyed by model and text.
//!
//! A folder has one subfolder a model, and in it up to 256 files, by the first byte of the key:
//!
//! ```text
//! "HEXAPLAV", format (u32), values a row (u32)
//! then records: key (16 bytes), checksum of the rest of the record (u64), row (f32 each); little-endian
//! ```
//!
//! A file is read whole, completed and written anew beside its place, then renamed: a reader never sees half of one.
//! Two runs at once may lose each other's additions, which costs time and nothing else. A record that differs from its
//! checksum, a cut-off end, a file of another format: all count as not there.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use hexapla_core::encode::Encoder;
use hexapla_core::{Error as CoreError, Language};
use rustc_hash::FxHashMap;

use crate::checksum;
use crate::units::fits;

const MAGIC: &[u8; 8] = b"HEXAPLAV";
const FORMAT: u32 = 1;
const HEADER: usize = 16;
/// Bytes of a record before its row.
const RECORD: usize = 24;

/// An encoder whose features are looked up in a folder first. What it returns is what the encoder returns.
pub struct Cached {
    encoder: Box<dyn Encoder>,
    folder: PathBuf,
}

impl std::fmt::Debug for Cached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cached").field("encoder", &self.encoder.id()).field("folder", &self.folder).finish()
    }
}

impl Cached {
    /// Keeps the features of `encoder` under `folder`, which is made when there is something to keep.
    pub fn new(encoder: Box<dyn Encoder>, folder: &Path) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
        let name: String = encoder.id().chars().map(plain).collect();
        Self { folder: folder.join(name), encoder }
    }

    fn file(&self, shard: u8) -> PathBuf {
        self.folder.join(format!("{shard:02x}.vectors"))
    }

    fn record_len(&self) -> usize {
        RECORD + 4 * self.encoder.feature_dim()
    }

    /// The sound records of a shard, by key; none where there is no such file.
    fn read(&self, shard: u8) -> FxHashMap<u128, Vec<u8>> {
        let data = std::fs::read(self.file(shard)).unwrap_or_default();
        if data.get(..HEADER) != Some(&self.header()) {
            return FxHashMap::default();
        }
        let records = data[HEADER..].chunks_exact(self.record_len()).filter_map(|r| {
            let (key, rest) = r.split_first_chunk()?;
            let (sum, row) = rest.split_first_chunk()?;
            let sound = u64::from_le_bytes(*sum) == checksum::words(&[&key[..], row].concat());
            sound.then(|| (u128::from_le_bytes(*key), row.to_vec()))
        });
        records.collect()
    }

    fn header(&self) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&FORMAT.to_le_bytes());
        header[12..].copy_from_slice(&(self.encoder.feature_dim() as u32).to_le_bytes());
        header
    }

    fn write(&self, shard: u8, records: &BTreeMap<u128, Vec<u8>>) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        let mut data = self.header().to_vec();
        for (key, row) in records {
            let key = key.to_le_bytes();
            data.extend(key);
            data.extend(checksum::words(&[&key[..], row].concat()).to_le_bytes());
            data.extend(row);
        }
        file.write_all(&data)?;
        file.persist(self.file(shard))?;
        Ok(())
    }
}

impl Encoder for Cached {
    fn id(&self) -> &str {
        self.encoder.id()
    }

    fn feature_dim(&self) -> usize {
        self.encoder.feature_dim()
    }

    fn dim(&self) -> usize {
        self.encoder.dim()
    }

    fn knows(&self, language: &Language) -> Option<bool> {
        self.encoder.knows(language)
    }

    fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), CoreError> {
        let dim = self.feature_dim();
        fits(self.id(), out.len(), segments.len() * dim)?;
        let mut shards: BTreeMap<u8, Vec<(u128, usize)>> = BTreeMap::new();
        for (i, text) in segments.iter().enumerate() {
            let key = checksum::key(&[self.id(), text]);
            shards.entry(key.to_le_bytes()[0]).or_default().push((key, i));
        }
        let mut missing = Vec::new();
        for (shard, wanted) in &shards {
            let records = self.read(*shard);
            for &(key, i) in wanted {
                match records.get(&key) {
                    Some(row) => {
                        let values = row.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
                        out[i * dim..][..dim].iter_mut().zip(values).for_each(|(o, v)| *o = v);
                    }
                    None => missing.push(i),
                }
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        let texts: Vec<&str> = missing.iter().map(|&i| segments[i]).collect();
        let mut rows = vec![0.0; texts.len() * dim];
        self.encoder.features(&texts, &mut rows)?;
        for (&i, row) in missing.iter().zip(rows.chunks_exact(dim)) {
            out[i * dim..][..dim].copy_from_slice(row);
        }
        for (shard, wanted) in &shards {
            let new: Vec<_> = wanted.iter().filter(|(_, i)| missing.binary_search(i).is_ok()).collect();
            if new.is_empty() {
                continue;
            }
            let mut records: BTreeMap<u128, Vec<u8>> = self.read(*shard).into_iter().collect();
            for &&(key, i) in &new {
                let row = out[i * dim..][..dim].iter().flat_map(|v| v.to_le_bytes()).collect();
                records.insert(key, row);
            }
            self.write(*shard, &records).map_err(|e| CoreError::Encoder {
                id: self.id().into(),
                reason: format!("its vectors cannot be kept in {}: {e}", self.folder.display()),
            })?;
        }
        Ok(())
    }

    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
        self.encoder.project(features, out)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Two values a text: its length and its number of spaces; counts how many texts it was asked for.
    struct Counting(Arc<AtomicUsize>);

    impl Encoder for Counting {
        fn id(&self) -> &str {
            "counting/1"
        }
        fn feature_dim(&self) -> usize {
            2
        }
        fn dim(&self) -> usize {
            2
        }
        fn knows(&self, _: &Language) -> Option<bool> {
            None
        }
        fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), CoreError> {
            self.0.fetch_add(segments.len(), Ordering::Relaxed);
            for (row, text) in out.chunks_exact_mut(2).zip(segments) {
                row.copy_from_slice(&[text.len() as f32, text.matches(' ').count() as f32]);
            }
            Ok(())
        }
        fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
            out.copy_from_slice(features);
            Ok(())
        }
    }

    #[test]
    fn texts_are_encoded_once_and_damage_only_costs_time() {
        let folder = tempfile::tempdir().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let texts = ["one", "two words", "", "three little words", "one"];
        let run = |texts: &[&str]| {
            let cached = Cached::new(Box::new(Counting(asked.clone())), folder.path());
            let mut out = vec![f32::NAN; texts.len() * 2];
            cached.features(texts, &mut out).unwrap();
            (out, asked.swap(0, Ordering::Relaxed))
        };
        let (first, n) = run(&texts);
        assert_eq!((&first[..4], n), (&[3.0, 0.0, 9.0, 1.0][..], 5));
        assert_eq!(run(&texts), (first.clone(), 0));
        assert_eq!(run(&["one", "new"]).1, 1);

        let files = || std::fs::read_dir(folder.path().join("counting_1")).unwrap().map(|f| f.unwrap().path());
        for file in files() {
            // One bit of the first row; then the end cut off; then rubbish; then nothing at all.
            let whole = std::fs::read(&file).unwrap();
            let mut bit = whole.clone();
            bit[HEADER + RECORD] ^= 1;
            for damaged in [&bit[..], &whole[..whole.len() - 3], b"rubbish", b""] {
                std::fs::write(&file, damaged).unwrap();
                let (again, asked) = run(&texts);
                assert_eq!(again, first, "{}", file.display());
                assert!(asked <= 2);
            }
        }
        assert_eq!(run(&texts), (first, 0), "what was damaged is whole again");
    }
}
