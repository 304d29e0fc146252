//! Vectors that some other program made: a row a segment, in a `.npy` or `.safetensors` file for each document.

use std::path::Path;

use hexapla_core::encode::{Encoder, Features};
use hexapla_core::{Document, Error as CoreError, Language};
use safetensors::SafeTensors;

use crate::tensors::{Matrix, floats, npy, read, wrong};
use crate::units::{project, scale_to};
use crate::{EncoderChoice, Error};

/// The features of `document` out of a file: row `i` belongs to segment `i`. Rows are brought to length 1, then
/// weighted by the segment's characters; an empty segment's row becomes zero.
///
/// A `.safetensors` file holds one tensor, or several of which one is named `embeddings`.
///
/// # Errors
/// [`Error::Io`]; [`Error::Model`] where the file is no such file, holds values that are not finite, or has another
/// number of rows than the document has segments.
pub fn features(path: &Path, document: &Document) -> Result<Features, Error> {
    let data = read(path)?;
    let Matrix { columns, mut data } = match path.extension().and_then(|e| e.to_str()) {
        Some("npy") => npy(path, &data)?,
        Some("safetensors") => safetensors(path, &data)?,
        _ => return Err(wrong(path, "precomputed vectors are read from .npy and .safetensors files")),
    };
    let rows = data.len().checked_div(columns).unwrap_or(0);
    if rows != document.len() {
        let reason = format!("{rows} rows of vectors for {} segments: cut and encode the same text", document.len());
        return Err(wrong(path, reason));
    }
    if let Some(at) = data.iter().position(|x| !x.is_finite()) {
        return Err(wrong(path, format!("row {} holds a value that is not finite", at / columns)));
    }
    for (i, row) in data.chunks_exact_mut(columns.max(1)).enumerate() {
        scale_to(row, document.segment(i).chars().count() as f32);
    }
    Ok(Features { dim: columns, data })
}

fn safetensors(path: &Path, data: &[u8]) -> Result<Matrix, Error> {
    let file = SafeTensors::deserialize(data).map_err(|e| wrong(path, e.to_string()))?;
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

/// Stands for the program that made the vectors: spans are sums of them, brought to length 1.
#[derive(Debug)]
pub struct Precomputed {
    dim: usize,
}

impl Precomputed {
    /// For vectors of `dim` values.
    pub fn new(dim: usize) -> Self {
        Self { dim }
    }
}

impl Encoder for Precomputed {
    fn id(&self) -> &str {
        "precomputed"
    }

    fn feature_dim(&self) -> usize {
        self.dim
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn knows(&self, _: &Language) -> Option<bool> {
        None
    }

    fn features(&self, _: &[&str], _: &mut [f32]) -> Result<(), CoreError> {
        let reason = format!("it has vectors for whole documents only: {:?} encodes any text", EncoderChoice::Builtin);
        Err(CoreError::Encoder { id: self.id().into(), reason })
    }

    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
        project(self.id(), self.dim, features, out)
    }
}
