//! Model2Vec folders: one vector a token, no network (Tulkens & van Dongen 2024, *Model2Vec*).
//!
//! A text's vector is the mean of its tokens' vectors; so the sum over tokens is an additive feature, and spans are
//! exact.

use std::path::Path;

use hexapla_core::encode::Encoder;
use hexapla_core::{Error as CoreError, parallel};
use tokenizers::Tokenizer;

use crate::Error;
use crate::folder::{self, file};
use crate::tensors::{self, floats, read, wrong};
use crate::units::{fits, project};

/// A Model2Vec folder: config.json, tokenizer.json, model.safetensors with the tensor `embeddings`, and in newer ones
/// `weights` (a factor a token) and `mapping` (token → row).
#[derive(Debug)]
pub(crate) struct Model2Vec {
    id: String,
    tokenizer: Tokenizer,
    dim: usize,
    vectors: Vec<f32>,
    weights: Option<Vec<f32>>,
    mapping: Option<Vec<f32>>,
    unknown: Option<u32>,
}

impl Model2Vec {
    pub(crate) fn load(path: &Path) -> Result<Self, Error> {
        let tokenizer = folder::tokenizer(path)?;
        let file = file(path, "model.safetensors")?;
        let data = read(&file)?;
        let tensors = tensors::tensors(&file, &data)?;
        let embeddings = tensors.tensor("embeddings").map_err(|_| wrong(&file, "the tensor embeddings is missing"))?;
        let [rows, dim] = *embeddings.shape() else {
            return Err(wrong(&file, "the tensor embeddings is no matrix"));
        };
        let pieces = tokenizer.get_vocab_size(true);
        let optional = |name: &str| match tensors.tensor(name) {
            Ok(tensor) if tensor.shape() == [pieces] => floats(&file, name, &tensor).map(Some),
            Ok(tensor) => {
                Err(wrong(&file, format!("the tensor {name} has the shape {:?}, expected [{pieces}]", tensor.shape())))
            }
            Err(_) => Ok(None),
        };
        let (weights, mapping) = (optional("weights")?, optional("mapping")?);
        let reachable = mapping.as_ref().map_or(pieces, |m| m.iter().fold(0.0, |a: f32, b| a.max(*b)) as usize + 1);
        if rows < reachable || dim == 0 {
            return Err(wrong(&file, format!("embeddings has {rows} rows; tokenizer.json needs {reachable}")));
        }
        let unknown = unknown(&tokenizer);
        Ok(Self {
            id: folder::id(path, &data),
            dim,
            vectors: floats(&file, "embeddings", &embeddings)?,
            weights,
            mapping,
            unknown,
            tokenizer,
        })
    }

    fn add(&self, text: &str, out: &mut [f32]) -> Result<(), String> {
        let tokens = self.tokenizer.encode_fast(text, false).map_err(|e| e.to_string())?;
        for &id in tokens.get_ids().iter().filter(|id| Some(**id) != self.unknown) {
            let row = self.mapping.as_ref().map_or(id as usize, |m| m[id as usize] as usize);
            let weight = self.weights.as_ref().map_or(1.0, |w| w[id as usize]);
            let vector = &self.vectors[row * self.dim..][..self.dim];
            out.iter_mut().zip(vector).for_each(|(o, v)| *o += weight * v);
        }
        Ok(())
    }
}

/// The id of unknown pieces, which Model2Vec leaves out.
fn unknown(tokenizer: &Tokenizer) -> Option<u32> {
    let model = serde_json::to_value(tokenizer.get_model()).ok()?;
    match (&model["unk_id"], &model["unk_token"]) {
        (serde_json::Value::Number(n), _) => n.as_u64().and_then(|n| u32::try_from(n).ok()),
        (_, serde_json::Value::String(piece)) => tokenizer.token_to_id(piece),
        _ => None,
    }
}

impl Encoder for Model2Vec {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), CoreError> {
        fits(&self.id, out.len(), segments.len() * self.dim)?;
        let rows: Vec<(&str, &mut [f32])> = segments.iter().copied().zip(out.chunks_exact_mut(self.dim)).collect();
        let failed = std::sync::Mutex::new(None);
        parallel::for_each(rows, |(text, row)| {
            row.fill(0.0);
            if let Err(reason) = self.add(text, row) {
                *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(reason);
            }
        });
        match failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some(reason) => Err(CoreError::Encoder { id: self.id.clone(), reason }),
            None => Ok(()),
        }
    }

    fn adds(&self) -> bool {
        true
    }

    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
        project(&self.id, self.dim, features, out)
    }
}
