//! Vectors kept between runs, keyed by model and text.
//!
//! A folder has one subfolder a model, and in it files that are written once and never changed; little-endian:
//!
//! ```text
//! "HEXAPLAV", format (u32), values a row (u32), records (u64), checksum of the keys (u64)
//! a key for each record: of the text (16 bytes), checksum of key and row (u64)
//! a row for each record (f32 each)
//! ```
//!
//! Keys are read when the cache is opened, rows when they are asked for. What is missing is encoded and becomes a new
//! file: written beside its place, then renamed, so that a reader never sees half of one and runs at the same time lose
//! nothing of each other. A file that is damaged or cut off is removed when that is noticed, and its texts are encoded
//! again. Nothing else is ever removed: delete the folder when it is too large.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hexapla_core::encode::Encoder;
use hexapla_core::{Error as CoreError, Language};
use rustc_hash::FxHashMap;

use crate::units::fits;
use crate::{Error, checksum};

const MAGIC: &[u8; 8] = b"HEXAPLAV";
const FORMAT: u32 = 2;
const HEADER: usize = 32;
/// Bytes of a key and its checksum.
const KEY: usize = 24;
const EXTENSION: &str = "vectors";

/// An encoder whose features are looked up in a folder first. What it returns is what the encoder returns.
pub struct Cached {
    encoder: Box<dyn Encoder>,
    folder: PathBuf,
    index: Mutex<Index>,
}

/// What the folder has.
#[derive(Default)]
struct Index {
    files: Vec<PathBuf>,
    places: FxHashMap<u128, Place>,
}

/// Where a row is.
#[derive(Clone, Copy)]
struct Place {
    file: u32,
    /// Offset of the row in the file.
    at: u64,
    sum: u64,
}

impl std::fmt::Debug for Cached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cached").field("encoder", &self.encoder.id()).field("folder", &self.folder).finish()
    }
}

impl Cached {
    /// Keeps the features of `encoder` under `folder`, which is made where it is not there.
    ///
    /// # Errors
    /// [`Error::Cache`] where nothing can be written there.
    pub fn new(encoder: Box<dyn Encoder>, folder: &Path) -> Result<Self, Error> {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
        let name: String = encoder.id().chars().map(plain).collect();
        let cached = Self { folder: folder.join(name), encoder, index: Mutex::default() };
        let failed = |source| Error::Cache { path: folder.into(), source };
        fs::create_dir_all(&cached.folder).map_err(failed)?;
        tempfile::NamedTempFile::new_in(&cached.folder).map_err(failed)?;
        let mut paths = Vec::new();
        for entry in fs::read_dir(&cached.folder).map_err(failed)? {
            paths.push(entry.map_err(failed)?.path());
        }
        paths.retain(|p| p.extension().is_some_and(|e| e == EXTENSION));
        paths.sort();
        for path in paths {
            // What cannot be read is not there.
            if let Ok(keys) = cached.keys(&path) {
                cached.index().add(path, keys);
            }
        }
        Ok(cached)
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn row_len(&self) -> usize {
        4 * self.encoder.feature_dim()
    }

    /// The records of a file; a damaged file is removed, one of another format stays and counts as empty.
    fn keys(&self, path: &Path) -> io::Result<Vec<(u128, Place)>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut header = [0; HEADER];
        let whole = file.read_exact(&mut header).is_ok();
        if whole && (header[..8] != *MAGIC || header[8..12] != FORMAT.to_le_bytes()) {
            return Ok(Vec::new());
        }
        let records = u64::from_le_bytes(part(&header, 16));
        let row = self.row_len() as u64;
        let expected = records.checked_mul(row + KEY as u64).and_then(|n| n.checked_add(HEADER as u64));
        let fits = whole && header[12..16] == (row as u32 / 4).to_le_bytes() && expected == Some(length);
        let mut keys = vec![0; if fits { records as usize * KEY } else { 0 }];
        if !fits
            || file.read_exact(&mut keys).is_err()
            || checksum::words(&keys) != u64::from_le_bytes(part(&header, 24))
        {
            let _ = fs::remove_file(path); // where it stays, it is still not used
            return Ok(Vec::new());
        }
        let first = (HEADER + keys.len()) as u64;
        let records = keys.chunks_exact(KEY).zip(0..).map(|(k, i)| {
            let place = Place { file: 0, at: first + i * row, sum: u64::from_le_bytes(part(k, 16)) };
            (u128::from_le_bytes(part(k, 0)), place)
        });
        Ok(records.collect())
    }

    /// Fills the rows that the folder has; the indices of those that it has not, in ascending order.
    fn look_up(&self, keys: &[u128], out: &mut [f32]) -> Vec<usize> {
        let (mut wanted, mut missing) = (BTreeMap::<u32, Vec<(usize, Place)>>::new(), Vec::new());
        {
            let index = self.index();
            for (i, key) in keys.iter().enumerate() {
                match index.places.get(key) {
                    Some(place) => wanted.entry(place.file).or_default().push((i, *place)),
                    None => missing.push(i),
                }
            }
        }
        let dim = self.encoder.feature_dim();
        for (number, mut rows) in wanted {
            rows.sort_by_key(|(_, place)| place.at);
            let path = self.index().files[number as usize].clone();
            let mut file = File::open(&path);
            let mut row = vec![0; self.row_len()];
            let sound = rows.iter().all(|&(i, place)| {
                let sound = file.as_mut().is_ok_and(|f| read_row(f, keys[i], place, &mut row).is_ok());
                let values = row.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b));
                out[i * dim..][..dim].iter_mut().zip(values).for_each(|(o, v)| *o = v);
                sound
            });
            if !sound {
                // All of it is made anew: with one bad row removed the others would be gone in the next run.
                missing.extend(rows.iter().map(|(i, _)| *i));
                self.index().places.retain(|_, place| place.file != number);
                let _ = fs::remove_file(&path); // where it stays, what is wrong in it is found again
            }
        }
        missing.sort_unstable();
        missing
    }

    /// Writes new records as a file.
    fn keep(&self, records: &BTreeMap<u128, &[f32]>) -> io::Result<()> {
        let (mut keys, mut rows) = (Vec::new(), Vec::new());
        for (key, row) in records {
            let from = rows.len();
            rows.extend(row.iter().flat_map(|v| v.to_le_bytes()));
            keys.extend(key.to_le_bytes());
            keys.extend(sum(*key, &rows[from..]).to_le_bytes());
        }
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(MAGIC)?;
        file.write_all(&FORMAT.to_le_bytes())?;
        file.write_all(&(self.encoder.feature_dim() as u32).to_le_bytes())?;
        file.write_all(&(records.len() as u64).to_le_bytes())?;
        file.write_all(&checksum::words(&keys).to_le_bytes())?;
        file.write_all(&keys)?;
        file.write_all(&rows)?;
        // Named after its keys: the same texts encoded twice at a time are one file.
        let path = self.folder.join(format!("{:016x}.{EXTENSION}", checksum::words(&keys)));
        file.persist(&path)?;
        let found = self.keys(&path)?;
        self.index().add(path, found);
        Ok(())
    }
}

impl Index {
    fn add(&mut self, path: PathBuf, keys: Vec<(u128, Place)>) {
        let Ok(file) = u32::try_from(self.files.len()) else { return };
        self.files.push(path);
        self.places.extend(keys.into_iter().map(|(key, place)| (key, Place { file, ..place })));
    }
}

fn part<const N: usize>(data: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| data[at + i])
}

fn sum(key: u128, row: &[u8]) -> u64 {
    checksum::words(&[&key.to_le_bytes()[..], row].concat())
}

fn read_row(file: &mut File, key: u128, place: Place, row: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(place.at))?;
    file.read_exact(row)?;
    if sum(key, row) == place.sum { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
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

    fn encodes_parts(&self) -> bool {
        self.encoder.encodes_parts()
    }

    fn adds(&self) -> bool {
        self.encoder.adds()
    }

    fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), CoreError> {
        let dim = self.feature_dim();
        fits(self.id(), out.len(), segments.len() * dim)?;
        let keys: Vec<u128> = segments.iter().map(|text| checksum::key(&[self.id(), text])).collect();
        let missing = self.look_up(&keys, out);
        if missing.is_empty() {
            return Ok(());
        }
        let texts: Vec<&str> = missing.iter().map(|&i| segments[i]).collect();
        let mut rows = vec![0.0; texts.len() * dim];
        self.encoder.features(&texts, &mut rows)?;
        let mut records = BTreeMap::new();
        for (&i, row) in missing.iter().zip(rows.chunks_exact(dim)) {
            out[i * dim..][..dim].copy_from_slice(row);
            records.insert(keys[i], row);
        }
        self.keep(&records).map_err(|e| CoreError::Encoder {
            id: self.id().into(),
            reason: format!("its vectors cannot be kept in {}: {e}", self.folder.display()),
        })
    }

    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
        self.encoder.project(features, out)
    }

    fn keeps(&self) -> u64 {
        self.encoder.keeps()
    }

    fn keep(&self, bytes: u64) {
        self.encoder.keep(bytes);
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
        fn dim(&self) -> usize {
            2
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

    fn files(folder: &Path) -> Vec<PathBuf> {
        fs::read_dir(folder.join("counting_1")).unwrap().map(|f| f.unwrap().path()).collect()
    }

    #[test]
    fn texts_are_encoded_once_and_damage_only_costs_time() {
        let folder = tempfile::tempdir().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let texts = ["one", "two words", "", "three little words", "one"];
        let run = |texts: &[&str]| {
            let cached = Cached::new(Box::new(Counting(asked.clone())), folder.path()).unwrap();
            let mut out = vec![f32::NAN; texts.len() * 2];
            cached.features(texts, &mut out).unwrap();
            (out, asked.swap(0, Ordering::Relaxed))
        };
        let (first, n) = run(&texts);
        assert_eq!((&first[..4], n), (&[3.0, 0.0, 9.0, 1.0][..], 5));
        assert_eq!(run(&texts), (first.clone(), 0));
        assert_eq!(run(&["one", "new"]).1, 1);
        assert_eq!(run(&["new", "two words"]), (vec![3.0, 0.0, 9.0, 1.0], 0), "from two files");

        for file in files(folder.path()) {
            let whole = fs::read(&file).unwrap();
            let flipped = |at: usize| {
                let mut bytes = whole.clone();
                bytes[at] ^= 1;
                bytes
            };
            // A bit of the length of rows, of the number of records, of a key, of a checksum, of the last row; the end
            // cut off, or longer than it says; nothing at all.
            let bits = [12, 16, HEADER, HEADER + 16, whole.len() - 1].map(flipped);
            let others = [whole[..whole.len() - 3].to_vec(), [&whole[..], b"x"].concat(), Vec::new()];
            for damaged in bits.into_iter().chain(others) {
                fs::write(&file, damaged).unwrap();
                let (again, asked) = run(&texts);
                assert_eq!(again, first, "{}", file.display());
                assert!(asked > 0 || whole.len() < 80, "damage is noticed");
                assert_eq!(run(&texts), (first.clone(), 0), "what was damaged is whole again");
            }
        }
    }

    #[test]
    fn what_is_none_of_ours_stays() {
        let folder = tempfile::tempdir().unwrap();
        let others = folder.path().join("counting_1");
        fs::create_dir(&others).unwrap();
        let newer = [&MAGIC[..], &99u32.to_le_bytes(), &[7; 20]].concat();
        fs::write(others.join("newer.vectors"), &newer).unwrap();
        fs::write(others.join("notes.txt"), "mine").unwrap();
        let cached = Cached::new(Box::new(Counting(Arc::default())), folder.path()).unwrap();
        cached.features(&["one"], &mut [0.0; 2]).unwrap();
        assert_eq!(fs::read(others.join("newer.vectors")).unwrap(), newer);
        assert_eq!(files(folder.path()).len(), 3);
    }

    #[test]
    fn runs_at_the_same_time_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let texts: Vec<String> = (0..64).map(|i| "x".repeat(i)).collect();
        let open = || Cached::new(Box::new(Counting(asked.clone())), folder.path()).unwrap();
        let (a, b) = (open(), open());
        std::thread::scope(|s| {
            for (cached, texts) in [(&a, &texts[..16]), (&a, &texts[16..32]), (&b, &texts[32..48]), (&b, &texts[48..])]
            {
                s.spawn(move || {
                    let texts: Vec<&str> = texts.iter().map(|t| &**t).collect();
                    cached.features(&texts, &mut vec![0.0; texts.len() * 2]).unwrap();
                });
            }
        });
        assert_eq!(asked.swap(0, Ordering::Relaxed), 64);
        let texts: Vec<&str> = texts.iter().map(|t| &**t).collect();
        open().features(&texts, &mut [0.0; 128]).unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_named_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let said = Cached::new(Box::new(Counting(Arc::default())), &file).unwrap_err().to_string();
        assert!(said.contains("vectors cannot be kept in") && said.contains("file: "), "{said}");
    }
}
