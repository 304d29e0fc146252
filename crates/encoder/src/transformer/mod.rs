//! Transformer folders as Hugging Face lays them out: the BERT and XLM-R families (LaBSE, multilingual-e5,
//! paraphrase-multilingual-MiniLM, bge-m3), with candle.
//!
//! What stands around the network is read from the folder as sentence-transformers writes it: `modules.json`,
//! `1_Pooling/config.json` (mean where it is missing), a dense layer as LaBSE has one, and the prompt (see [`prompt`]).
//! A text that is longer than the model's window is cut into windows, whose vectors are averaged by their tokens.

mod bert;

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use hexapla_core::Error as CoreError;
use hexapla_core::encode::Encoder;
use serde_json::Value;
use tokenizers::Tokenizer;

use crate::Error;
use crate::folder::{self, file, json};
use crate::tensors::{WHOLE, read, wrong};
use crate::units::{fits, project, scale_to};
use bert::Bert;

/// Padded tokens of a batch on a processor: longer batches gain nothing there.
const BATCH_CPU: usize = 2048;
/// Padded tokens of a batch on a GPU.
const BATCH_GPU: usize = 32_768;
/// Bytes of a segment that are read, as for the built-in encoder.
const LIMIT: usize = 1 << 15;

/// How token vectors become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pooling {
    Mean,
    First,
}

/// A transformer folder.
pub(crate) struct Transformer {
    id: String,
    tokenizer: Tokenizer,
    prompt: String,
    network: Bert,
    pooling: Pooling,
    dense: Option<bert::Dense>,
    dim: usize,
    /// Tokens of a window, its two marks included.
    window: usize,
    /// Marks of begin and end.
    marks: (u32, u32),
    padding: u32,
    device: Device,
}

impl Transformer {
    pub(crate) fn load(path: &Path, config: &Value) -> Result<Self, Error> {
        let tokenizer = folder::tokenizer(path)?;
        let weights = file(path, "model.safetensors")?;
        let data = read(&weights)?;
        let id = folder::id(path, &data);
        let device = device(path)?;
        let tensors = |data: Vec<u8>, file: &Path| {
            VarBuilder::from_buffered_safetensors(data, DType::F32, &device).map_err(|e| wrong(file, line(&e)))
        };
        let config_file = path.join("config.json");
        let network = Bert::load(tensors(data, &weights)?, config).map_err(|e| match e {
            bert::Error::Config(reason) => wrong(&config_file, reason),
            bert::Error::Weights(e) => wrong(&weights, line(&e)),
        })?;
        if tokenizer.get_vocab_size(true) > network.vocabulary() {
            let (pieces, rows) = (tokenizer.get_vocab_size(true), network.vocabulary());
            return Err(wrong(&path.join("tokenizer.json"), format!("{pieces} pieces; the model has {rows}")));
        }
        let modules = modules(path)?;
        let pooling = match modules.pooling {
            Some(folder) => pooling(&path.join(folder))?,
            None => Pooling::Mean,
        };
        let dense = match modules.dense {
            Some(folder) => {
                let folder = path.join(folder);
                let weights = file(&folder, "model.safetensors")?;
                let layer = bert::Dense::load(tensors(read(&weights)?, &weights)?, &json(&folder, "config.json")?);
                Some(layer.map_err(|e| wrong(&folder, line(&e)))?)
            }
            None => None,
        };
        let dim = dense.as_ref().map_or(network.width(), bert::Dense::width);
        // The marks are what the tokeniser puts around nothing.
        let around = tokenizer.encode_fast("", true).map_err(|e| wrong(path, e.to_string()))?;
        let [begin, end] = *around.get_ids() else {
            let reason = "it does not put one mark before and one behind a text, as BERT and XLM-R have it";
            return Err(wrong(&path.join("tokenizer.json"), reason));
        };
        let limit = json(path, "sentence_bert_config.json").ok().and_then(|c| c["max_seq_length"].as_u64());
        let window = limit.map_or(usize::MAX, |l| l as usize).min(network.positions());
        if window < 3 {
            return Err(wrong(&config_file, format!("a window of {window} tokens holds no text")));
        }
        let (prompt, padding) = (prompt(path, config), network.padding());
        let marks = (begin, end);
        Ok(Self { id, tokenizer, prompt, network, pooling, dense, dim, window, marks, padding, device })
    }

    /// One vector a window: `windows` are runs of content tokens.
    fn vectors(&self, windows: &[&[u32]]) -> candle_core::Result<Vec<f32>> {
        let longest = windows.iter().map(|w| w.len()).max().unwrap_or(0) + 2;
        let (mut ids, mut mask) = (Vec::new(), Vec::new());
        for window in windows {
            ids.push(self.marks.0);
            ids.extend_from_slice(window);
            ids.push(self.marks.1);
            mask.extend(std::iter::repeat_n(1.0f32, window.len() + 2));
            ids.resize(ids.len().next_multiple_of(longest), self.padding);
            mask.resize(ids.len(), 0.0);
        }
        let shape = (windows.len(), longest);
        let ids = Tensor::from_vec(ids, shape, &self.device)?;
        let mask = Tensor::from_vec(mask, shape, &self.device)?;
        let tokens = self.network.forward(&ids, &mask)?;
        let mut pooled = match self.pooling {
            Pooling::First => tokens.narrow(1, 0, 1)?.squeeze(1)?,
            Pooling::Mean => {
                let sum = tokens.broadcast_mul(&mask.unsqueeze(2)?)?.sum(1)?;
                sum.broadcast_div(&mask.sum_keepdim(1)?)?
            }
        };
        if let Some(dense) = &self.dense {
            pooled = dense.forward(&pooled)?;
        }
        pooled.flatten_all()?.to_vec1()
    }

    fn encode(&self, segments: &[&str], out: &mut [f32]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let texts: Vec<String> = segments.iter().map(|s| format!("{}{}", self.prompt, beginning(s))).collect();
        let tokens = self.tokenizer.encode_batch_fast(texts, false)?;
        let empty = |s: usize| segments[s].trim().is_empty();
        let mut windows: Vec<(usize, &[u32])> = Vec::new();
        for (s, t) in tokens.iter().enumerate().filter(|(s, _)| !empty(*s)) {
            windows.extend(t.get_ids().chunks(self.window - 2).map(|w| (s, w)));
        }
        // Neighbours of one length share a batch; ties stay in order.
        windows.sort_by_key(|(s, w)| (w.len(), *s));
        let budget = if self.device.is_cpu() { BATCH_CPU } else { BATCH_GPU };
        out.fill(0.0);
        let mut rest = &windows[..];
        while !rest.is_empty() {
            let mut n = 1;
            while n < rest.len() && (n + 1) * (rest[n].1.len() + 2) <= budget {
                n += 1;
            }
            let (batch, tail) = rest.split_at(n);
            rest = tail;
            let rows: Vec<&[u32]> = batch.iter().map(|(_, w)| *w).collect();
            for ((s, w), vector) in batch.iter().zip(self.vectors(&rows)?.chunks_exact(self.dim)) {
                for (o, v) in out[s * self.dim..][..self.dim].iter_mut().zip(vector) {
                    *o += v * w.len() as f32;
                }
            }
        }
        for (s, row) in out.chunks_exact_mut(self.dim).enumerate() {
            scale_to(row, segments[s].chars().count() as f32);
        }
        Ok(())
    }
}

impl Encoder for Transformer {
    fn id(&self) -> &str {
        &self.id
    }

    fn dim(&self) -> usize {
        self.dim
    }

    fn features(&self, segments: &[&str], out: &mut [f32]) -> Result<(), CoreError> {
        fits(&self.id, out.len(), segments.len() * self.dim)?;
        self.encode(segments, out).map_err(|e| CoreError::Encoder { id: self.id.clone(), reason: line(&e) })
    }

    fn adds(&self) -> bool {
        true
    }

    fn project(&self, features: &[f32], out: &mut [f32]) -> Result<(), CoreError> {
        project(&self.id, self.dim, features, out)
    }
}

/// An error's message without the backtrace that candle puts behind it. What is wrong with a tensor's file often is that
/// it was not downloaded to its end, which safetensors says in its own words.
fn line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    let hint = if first.contains("not fully covered") || first.contains("invalid header") { WHOLE } else { "" };
    format!("{first}{hint}")
}

/// The GPU where this build can use one and there is one, else the processor.
fn device(path: &Path) -> Result<Device, Error> {
    if cfg!(feature = "cuda") {
        return Device::cuda_if_available(0).map_err(|e| wrong(path, format!("the GPU cannot be used: {}", line(&e))));
    }
    Ok(Device::Cpu)
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What is put before every text. Bitext mining compares like with like, so both sides get the same prompt:
/// `default_prompt_name` of config_sentence_transformers.json where it is set, else `query: ` for models of the e5
/// family (their cards say so for symmetric tasks), known by the name of the folder or in config.json; else nothing.
fn prompt(path: &Path, config: &Value) -> String {
    if let Ok(prompts) = json(path, "config_sentence_transformers.json")
        && let Some(name) = prompts["default_prompt_name"].as_str()
        && let Some(prompt) = prompts["prompts"][name].as_str()
    {
        return prompt.to_owned();
    }
    let folder = path.canonicalize().unwrap_or_else(|_| path.into());
    let names = [folder.file_name().and_then(|n| n.to_str()), config["_name_or_path"].as_str()];
    let e5 = names.into_iter().flatten().any(|n| n.contains("e5-") && !n.contains("instruct"));
    if e5 { "query: ".into() } else { String::new() }
}

#[derive(Default)]
struct Modules {
    pooling: Option<String>,
    dense: Option<String>,
}

/// The modules behind the transformer, in the order sentence-transformers knows: pooling, dense, normalisation.
fn modules(path: &Path) -> Result<Modules, Error> {
    let mut modules = Modules::default();
    if !path.join("modules.json").is_file() {
        modules.pooling = path.join("1_Pooling").is_dir().then(|| "1_Pooling".into());
        return Ok(modules);
    }
    let list = json(path, "modules.json")?;
    for module in list.as_array().into_iter().flatten() {
        let folder = module["path"].as_str().map(str::to_owned);
        match module["type"].as_str().and_then(|t| t.rsplit('.').next()) {
            Some("Transformer" | "Normalize") => {}
            Some("Pooling") => modules.pooling = folder,
            Some("Dense") => modules.dense = folder,
            other => {
                let reason = format!("the module {} is not supported", other.unwrap_or("without a type"));
                return Err(wrong(&path.join("modules.json"), reason));
            }
        }
    }
    Ok(modules)
}

/// `pooling_mode_mean_tokens` or `pooling_mode_cls_token`, one of them.
fn pooling(folder: &Path) -> Result<Pooling, Error> {
    let config = json(folder, "config.json")?;
    let on: Vec<&str> = config
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| name.starts_with("pooling_mode_") && **value == Value::Bool(true))
        .map(|(name, _)| name.as_str())
        .collect();
    match on[..] {
        ["pooling_mode_mean_tokens"] => Ok(Pooling::Mean),
        ["pooling_mode_cls_token"] => Ok(Pooling::First),
        _ => Err(wrong(
            &folder.join("config.json"),
            format!("the pooling [{}] is not supported: mean_tokens or cls_token, one of them", on.join(", ")),
        )),
    }
}
