//! Vectors that some other program made: a row a segment, in a `.npy` or `.safetensors` file for each text.
//!
//! Where the files are: [`Precomputed::find`]. What is in them: [`features`].

use std::path::{Component, Path, PathBuf};

use hexapla_core::encode::{Encoder, Features};
use hexapla_core::{Document, Error as CoreError};

use crate::tensors::{Matrix, floats, npy, npy_columns, read, tensors, wrong};
use crate::units::{project, scale_to};
use crate::{EncoderChoice, Error};

/// What files of vectors end in.
const EXTENSIONS: [&str; 2] = ["npy", "safetensors"];
/// Deepest folder that is looked into for a first file of vectors.
const DEPTH: usize = 8;
/// Largest file that is read: this much, and as much again for each of [`PER_SEGMENT`] bytes of rows.
const LEAST_LIMIT: u64 = 16 << 20;
/// 16,384 values of 8 bytes.
const PER_SEGMENT: u64 = 1 << 17;

/// The features of `document` out of a file: row `i` belongs to segment `i`. Rows are brought to length 1, then
/// weighted by the segment's characters; an empty segment's row becomes zero.
///
/// A `.safetensors` file holds one tensor, or several of which one is named `embeddings`.
///
/// # Errors
/// [`Error::Io`]; [`Error::Model`] where the file is no such file, holds values that are not finite, or has another
/// number of rows than the document has segments.
pub fn features(path: &Path, document: &Document) -> Result<Features, Error> {
    let size = std::fs::metadata(path).map_err(|source| Error::Io { path: path.into(), source })?.len();
    if size > LEAST_LIMIT + PER_SEGMENT * document.len() as u64 {
        return Err(wrong(path, format!("{size} bytes are too many for vectors of {} segments", document.len())));
    }
    let Matrix { columns, mut data } = matrix(path)?;
    let rows = data.len().checked_div(columns).unwrap_or(0);
    if rows != document.len() {
        let reason = format!(
            "{rows} rows of vectors for a text of {} segments: encode what `hexapla segment` writes for it, a row a line, \
             or align lines as they are (--segmentation line)",
            document.len()
        );
        return Err(wrong(path, reason));
    }
    if let Some(at) = data.iter().position(|x| !x.is_finite()) {
        return Err(wrong(path, format!("row {} (from 0) holds a value that is not finite", at / columns)));
    }
    for (i, row) in data.chunks_exact_mut(columns.max(1)).enumerate() {
        scale_to(row, document.segment(i).chars().count() as f32);
    }
    Ok(Features { dim: columns, data })
}

fn matrix(path: &Path) -> Result<Matrix, Error> {
    let data = read(path)?;
    match path.extension().and_then(|e| e.to_str()) {
        Some("npy") => npy(path, &data),
        Some("safetensors") => safetensors(path, &data),
        _ => Err(wrong(path, "precomputed vectors are read from .npy and .safetensors files")),
    }
}

fn safetensors(path: &Path, data: &[u8]) -> Result<Matrix, Error> {
    let file = tensors(path, data)?;
    let name = match *file.names() {
        [one] => one,
        _ => "embeddings",
    };
    let tensor = file.tensor(name).map_err(|_| wrong(path, "it holds several tensors and none is named embeddings"))?;
    match *tensor.shape() {
        [_, columns] => Ok(Matrix { columns, data: floats(path, name, &tensor)? }),
        ref other => Err(wrong(path, format!("tensor {name} has the shape {other:?}, expected rows × columns"))),
    }
}

/// A folder of such files. As an encoder it stands for the program that made them: spans are sums of rows, brought to
/// length 1.
#[derive(Debug)]
pub struct Precomputed {
    folder: PathBuf,
    dim: usize,
    /// The file that told [`Precomputed::dim`].
    first: PathBuf,
}

impl Precomputed {
    /// A folder that holds at least one file of vectors; the first of them, by path, tells how long all rows are.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Model`] where there is no such file, or the first cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let first = first(folder, DEPTH)?.ok_or_else(|| {
            wrong(
                folder,
                "it is neither a model (config.json, …) nor does it hold vectors (TEXT.npy, TEXT.safetensors)",
            )
        })?;
        let npy = first.extension().is_some_and(|e| e == "npy");
        let dim = if npy { npy_columns(&first)? } else { matrix(&first)?.columns };
        if dim == 0 {
            return Err(wrong(&first, "its rows have no values"));
        }
        Ok(Self { folder: folder.into(), dim, first })
    }

    /// Where the vectors of `text` are: with `.npy` or `.safetensors` behind its name, in the folder or as deep in it as
    /// the text lies. Of `corpus/en/talks.txt` that is `corpus/en/talks.txt.npy`, else `en/talks.txt.npy`, else
    /// `talks.txt.npy`.
    ///
    /// # Errors
    /// [`Error::Model`] where there is none.
    pub fn find(&self, text: &Path) -> Result<PathBuf, Error> {
        let mut parts = Vec::new();
        for part in text.components() {
            match part {
                Component::Normal(name) => parts.push(name),
                Component::CurDir => {}
                _ => parts.clear(),
            }
        }
        for from in 0..parts.len() {
            let place: PathBuf =
                std::iter::once(self.folder.as_os_str()).chain(parts[from..].iter().copied()).collect();
            let named = EXTENSIONS.map(|e| with(&place, e));
            if let Some(found) = named.into_iter().find(|p| p.is_file()) {
                return Ok(found);
            }
        }
        let wanted = with(&self.folder.join(text.file_name().unwrap_or_default()), EXTENSIONS[0]);
        let reason = format!("no vectors for {}: write them to {}, a row a segment", text.display(), wanted.display());
        Err(wrong(&self.folder, reason))
    }

    /// The features of `document`, the text at `text`, from the file that [`Precomputed::find`] names.
    ///
    /// # Errors
    /// [`Error::Io`] and [`Error::Model`], also where its rows are not as long as those of the first file.
    pub fn features(&self, text: &Path, document: &Document) -> Result<Features, Error> {
        let path = self.find(text)?;
        let features = features(&path, document)?;
        if features.dim != self.dim {
            let (first, dim) = (self.first.display(), self.dim);
            let reason = format!("its rows have {} values, those of {first} {dim}: one model for all", features.dim);
            return Err(wrong(&path, reason));
        }
        Ok(features)
    }
}

fn with(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

/// The first file of vectors, those of the folder itself before those of its folders, by name.
fn first(folder: &Path, depth: usize) -> Result<Option<PathBuf>, Error> {
    let unreadable = |source| Error::Io { path: folder.into(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        paths.push(entry.map_err(unreadable)?.path());
    }
    paths.sort();
    let vectors =
        |p: &PathBuf| p.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known)) && p.is_file();
    if let Some(found) = paths.iter().find(|p| vectors(p)) {
        return Ok(Some(found.clone()));
    }
    for path in paths.iter().filter(|p| depth > 0 && p.is_dir()) {
        if let Some(found) = first(path, depth - 1)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

impl Encoder for Precomputed {
    fn id(&self) -> &str {
        "precomputed"
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn features(&self, _: &[&str], _: &mut [f32]) -> Result<(), CoreError> {
        let reason = format!("it has vectors for whole documents only: {:?} encodes any text", EncoderChoice::Builtin);
        Err(CoreError::Encoder { id: self.id().into(), reason })
    }

    fn adds(&self) -> bool {
        true
    }

    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
        project(self.id(), self.dim, features, out)
    }
}
