//! The BERT network (Devlin et al. 2019), which XLM-R shares: post-norm layers of attention and feed-forward.

use candle_core::{DType, Result, Tensor};
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, layer_norm, linear, ops};
use serde_json::Value;

/// Why a network could not be made.
pub(super) enum Error {
    /// config.json says something that is not supported.
    Config(String),
    /// Tensors are missing or have other dimensions.
    Weights(candle_core::Error),
}

impl From<candle_core::Error> for Error {
    fn from(e: candle_core::Error) -> Self {
        Self::Weights(e)
    }
}

/// The network.
pub(super) struct Bert {
    words: Embedding,
    positions: Embedding,
    types: Tensor,
    norm: LayerNorm,
    layers: Vec<Layer>,
    /// Position of the first token: XLM-R counts from the padding's id + 1.
    first_position: usize,
    limit: usize,
    padding: u32,
    vocabulary: usize,
    width: usize,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    mix: Linear,
    mix_norm: LayerNorm,
    up: Linear,
    down: Linear,
    down_norm: LayerNorm,
    heads: usize,
}

impl Bert {
    pub(super) fn load(weights: VarBuilder<'_>, config: &Value) -> std::result::Result<Self, Error> {
        let number = |name: &str| {
            let n = config[name].as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
            n.ok_or_else(|| Error::Config(format!("{name} is missing or no number")))
        };
        let (width, heads, depth) =
            (number("hidden_size")?, number("num_attention_heads")?, number("num_hidden_layers")?);
        let (inner, vocabulary) = (number("intermediate_size")?, number("vocab_size")?);
        let (limit, types) = (number("max_position_embeddings")?, number("type_vocab_size")?);
        if !width.is_multiple_of(heads) {
            return Err(Error::Config(format!("hidden_size {width} is no multiple of {heads} heads")));
        }
        match (config["hidden_act"].as_str(), config["position_embedding_type"].as_str()) {
            (Some("gelu"), None | Some("absolute")) => {}
            (Some("gelu"), Some(other)) => {
                return Err(Error::Config(format!("position_embedding_type {other} is not supported")));
            }
            (other, _) => return Err(Error::Config(format!("hidden_act {other:?} is not supported: gelu"))),
        }
        let eps = config["layer_norm_eps"].as_f64().unwrap_or(1e-12);
        let padding = config["pad_token_id"].as_u64().and_then(|p| u32::try_from(p).ok()).unwrap_or(0);
        let first_position = if config["model_type"] == "xlm-roberta" { padding as usize + 1 } else { 0 };
        // With a task's head around it, the network's tensors have its name in front.
        let prefixes = ["bert", "roberta"].into_iter();
        let prefix = prefixes.map(|p| weights.pp(p)).find(|w| w.contains_tensor("embeddings.word_embeddings.weight"));
        let root = prefix.unwrap_or(weights);
        let e = root.pp("embeddings");
        let layers = (0..depth).map(|k| Layer::load(&root.pp("encoder.layer").pp(k), width, inner, heads, eps));
        Ok(Self {
            words: embedding(vocabulary, width, e.pp("word_embeddings"))?,
            positions: embedding(limit, width, e.pp("position_embeddings"))?,
            types: embedding(types, width, e.pp("token_type_embeddings"))?.embeddings().narrow(0, 0, 1)?,
            norm: layer_norm(width, eps, e.pp("LayerNorm"))?,
            layers: layers.collect::<Result<_>>()?,
            first_position,
            limit,
            padding,
            vocabulary,
            width,
        })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    pub(super) fn padding(&self) -> u32 {
        self.padding
    }

    /// Tokens of the longest text.
    pub(super) fn positions(&self) -> usize {
        self.limit.saturating_sub(self.first_position)
    }

    /// Token vectors, `texts × tokens × width`, of ids and a mask (1 token, 0 padding), both `texts × tokens`.
    pub(super) fn forward(&self, ids: &Tensor, mask: &Tensor) -> Result<Tensor> {
        let (_, tokens) = ids.dims2()?;
        let first = self.first_position as u32;
        let positions = Tensor::arange(first, first + tokens as u32, ids.device())?;
        let mut x = self.words.forward(ids)?;
        x = x.broadcast_add(&self.positions.forward(&positions)?)?.broadcast_add(&self.types)?;
        x = self.norm.forward(&x)?;
        // 0 for tokens, the lowest number for padding, over heads and queries.
        let hidden = ((1.0 - mask)? * f64::from(f32::MIN))?.unsqueeze(1)?.unsqueeze(1)?;
        for layer in &self.layers {
            x = layer.forward(&x, &hidden)?;
        }
        Ok(x)
    }
}

impl Layer {
    fn load(w: &VarBuilder<'_>, width: usize, inner: usize, heads: usize, eps: f64) -> Result<Self> {
        let attention = w.pp("attention");
        let own = attention.pp("self");
        Ok(Self {
            query: linear(width, width, own.pp("query"))?,
            key: linear(width, width, own.pp("key"))?,
            value: linear(width, width, own.pp("value"))?,
            mix: linear(width, width, attention.pp("output.dense"))?,
            mix_norm: layer_norm(width, eps, attention.pp("output.LayerNorm"))?,
            up: linear(width, inner, w.pp("intermediate.dense"))?,
            down: linear(inner, width, w.pp("output.dense"))?,
            down_norm: layer_norm(width, eps, w.pp("output.LayerNorm"))?,
            heads,
        })
    }

    fn forward(&self, x: &Tensor, hidden: &Tensor) -> Result<Tensor> {
        let (texts, tokens, width) = x.dims3()?;
        let head = width / self.heads;
        let split = |y: Tensor| y.reshape((texts, tokens, self.heads, head))?.transpose(1, 2)?.contiguous();
        let query = (split(self.query.forward(x)?)? / (head as f64).sqrt())?;
        let key = split(self.key.forward(x)?)?.transpose(2, 3)?.contiguous()?;
        let weights = ops::softmax_last_dim(&query.matmul(&key)?.broadcast_add(hidden)?)?;
        let mixed = weights.matmul(&split(self.value.forward(x)?)?)?;
        let mixed = mixed.transpose(1, 2)?.contiguous()?.reshape((texts, tokens, width))?;
        let x = self.mix_norm.forward(&(self.mix.forward(&mixed)? + x)?)?;
        let inner = self.up.forward(&x)?.gelu_erf()?;
        self.down_norm.forward(&(self.down.forward(&inner)? + x)?)
    }
}

/// A dense layer behind the pooling, as LaBSE has one.
pub(super) struct Dense {
    linear: Linear,
    tanh: bool,
    width: usize,
}

impl Dense {
    pub(super) fn load(weights: VarBuilder<'_>, config: &Value) -> Result<Self> {
        let number = |name: &str| match config[name].as_u64() {
            Some(n) => Ok(n as usize),
            None => candle_core::bail!("config.json: {name} is missing"),
        };
        let (from, width) = (number("in_features")?, number("out_features")?);
        let bias = config["bias"].as_bool().unwrap_or(true);
        let linear = candle_nn::linear_b(from, width, bias, weights.pp("linear"))?;
        let tanh = match config["activation_function"].as_str().and_then(|a| a.rsplit('.').next()) {
            Some("Tanh") => true,
            Some("Identity") => false,
            other => candle_core::bail!("config.json: activation_function {other:?} is not supported"),
        };
        Ok(Self { linear, tanh, width })
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.linear.forward(&x.to_dtype(DType::F32)?)?;
        if self.tanh { y.tanh() } else { Ok(y) }
    }
}
