//! What is common to model folders: their files, and how they are named where they are missing.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::Error;
use crate::tensors::{read, wrong};

/// A file of the folder; where it is missing, an error that names it and what often stands there instead.
#[cfg_attr(not(any(feature = "model2vec", feature = "transformers")), allow(dead_code))]
pub(crate) fn file(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    let path = folder.join(name);
    if path.is_file() {
        return Ok(path);
    }
    let instead = match name {
        "model.safetensors" => "pytorch_model.bin",
        "tokenizer.json" => "sentencepiece.bpe.model",
        _ => "",
    };
    let hint = if !instead.is_empty() && folder.join(instead).exists() {
        format!("; {instead} is there, but only {name} is read: save the model with a recent transformers")
    } else {
        String::new()
    };
    Err(wrong(folder, format!("{name} is missing{hint}")))
}

/// A JSON file of the folder.
pub(crate) fn json(folder: &Path, name: &str) -> Result<Value, Error> {
    let path = folder.join(name);
    if !path.is_file() {
        return Err(wrong(folder, format!("{name} is missing")));
    }
    serde_json::from_slice(&read(&path)?).map_err(|e| wrong(&path, e.to_string()))
}

/// A stable name: the folder's, and a checksum of the weights, for two folders may have one name.
#[cfg_attr(not(any(feature = "model2vec", feature = "transformers")), allow(dead_code))]
pub(crate) fn id(folder: &Path, weights: &[u8]) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
    let name = folder.file_name().map_or("model".into(), |n| n.to_string_lossy().into_owned());
    format!("{name}-{:08x}", crate::checksum::words(weights) >> 32)
}

/// The tokeniser of the folder, without truncation and padding.
#[cfg(any(feature = "model2vec", feature = "transformers"))]
pub(crate) fn tokenizer(folder: &Path) -> Result<tokenizers::Tokenizer, Error> {
    let path = file(folder, "tokenizer.json")?;
    let mut tokenizer = tokenizers::Tokenizer::from_file(&path).map_err(|e| wrong(&path, e.to_string()))?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|e| wrong(&path, e.to_string()))?;
    Ok(tokenizer)
}
