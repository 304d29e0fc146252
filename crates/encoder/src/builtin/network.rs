//! The network: n-gram convolutions over token vectors, and the dense head.
//!
//! For a sentence of tokens with vectors e (512 values), as the reference computes it:
//!
//! ```text
//! x = layernorm(e · P + b)                    3 × 256: one third for each n-gram order 2, 3, 5
//! h = max(0, window(x) · W1 + b1) + x         window: 2 (from t), 3 (from t−1), 5 (from t−2) neighbours, zeros outside
//! c = max(0, window(h) · W2 + b2) + h
//! f = layernorm([e | c2 | c3 | c5])           1280 values
//! m = Σ (f · C + b) / √tokens                 512 values
//! head(m): y1 = max(0, m·p1 + max(0, m·d0)·d1);  z = tanh(y1·p3 + max(0, y1·d2)·d3), to length 1
//! ```
//!
//! What depends on one token alone (e, x and the products of x with each row of the window of W1) is computed once for
//! each *distinct* token and added up: of 1.7 million multiply-adds a token only W2's 0.66 million are left. And because
//! the sum over tokens stands before everything that is not linear, the features of a span are the sum over its
//! segments; the number of tokens goes along as one more column, for the square root.

use super::file::ModelFile;
use super::kernels::{AddNormalized, AddParts, LayerNorm, Rectify, Relu, TanhUnit};
use super::table::{Table, WIDTH};
use crate::Error;
use crate::matmul::{Packed, Quantized};

/// Channels of one n-gram order.
const C: usize = 256;
/// Pairs of a block of the convolutions' activations: a token's channels.
const WIDE: usize = C / 2;
/// Pairs of a block of the head's: the largest that divide both of its widths.
const NARROW: usize = 32;
/// Zero rows between sentences: as far as the widest window reaches.
const REACH: usize = 2;
/// Length of a token's features before they are summed.
const TOKEN: usize = WIDTH + 3 * C;
/// Length of a row of features: the sum, and the number of tokens.
pub(super) const FEATURES: usize = WIDTH + 1;
/// Length of an embedding.
pub(super) const DIM: usize = WIDTH;
/// Tokens that go through the convolutions together.
const BATCH: usize = 256;
/// Width of the head's first layer.
const HEAD: usize = 320;
/// What is kept for a distinct token: e, x, and for each order x's products with the rows of W1's window.
pub(super) const STATIC: usize = WIDTH + 3 * C + (2 + 3 + 5) * C;

/// One n-gram order.
struct Order {
    /// Neighbours in the window.
    size: usize,
    /// How many of them stand before the token.
    before: usize,
    /// W1, the rows of the window side by side: `256 × (size · 256)`.
    first: Packed<WIDE>,
    first_bias: Vec<f32>,
    second: Packed<WIDE>,
    second_bias: Vec<f32>,
    /// Where this order's products begin in a token's static row.
    products: usize,
}

/// The weights.
pub(super) struct Network {
    table: Table,
    projections: [Packed<WIDE>; 3],
    projection_bias: Vec<f32>,
    gain: Vec<f32>,
    shift: Vec<f32>,
    orders: [Order; 3],
    token_gain: Vec<f32>,
    token_shift: Vec<f32>,
    sum: Packed<WIDE>,
    sum_bias: Vec<f32>,
    d0: Packed<NARROW>,
    p1_d1: Packed<NARROW>,
    d2: Packed<NARROW>,
    p3_d3: Packed<NARROW>,
    eps: f32,
}

impl Network {
    pub(super) fn new(file: &ModelFile) -> Result<Self, Error> {
        let three = |name: &str| -> Result<Vec<f32>, Error> {
            let parts = [2, 3, 5].map(|n| file.floats(&format!("{name}{n}"), C));
            Ok(parts.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
        };
        let projection = |name: &str| file.matrix(name, WIDTH, C).map(|m| m.pack());
        let mut products = WIDTH + 3 * C;
        let mut order = |size: usize, before: usize| -> Result<Order, Error> {
            let first = file.matrix(&format!("w1_{size}"), size * C, C)?;
            let order = Order {
                size,
                before,
                first: Packed::new(vec![first.step()], size * C, |i, j| first.integer(j / C * C + i, j % C)),
                first_bias: file.floats(&format!("b1_{size}"), C)?,
                second: file.matrix(&format!("w2_{size}"), size * C, C)?.pack(),
                second_bias: file.floats(&format!("b2_{size}"), C)?,
                products,
            };
            products += size * C;
            Ok(order)
        };
        Ok(Self {
            table: Table::new(file)?,
            projections: [projection("proj2")?, projection("proj3")?, projection("proj5")?],
            projection_bias: three("proj_b")?,
            gain: three("ln_g")?,
            shift: three("ln_b")?,
            orders: [order(2, 0)?, order(3, 1)?, order(5, 2)?],
            token_gain: file.floats("ln_g", TOKEN)?,
            token_shift: file.floats("ln_b", TOKEN)?,
            sum: file.matrix("cnn_W", TOKEN, WIDTH)?.pack(),
            sum_bias: file.floats("cnn_b", WIDTH)?,
            d0: file.matrix("d0", WIDTH, HEAD)?.pack(),
            p1_d1: file.matrix("p1", WIDTH, HEAD)?.pack_above(file.matrix("d1", HEAD, HEAD)?),
            d2: file.matrix("d2", HEAD, WIDTH)?.pack(),
            p3_d3: file.matrix("p3", HEAD, DIM)?.pack_above(file.matrix("d3", WIDTH, DIM)?),
            eps: file.meta("eps")?.parse().map_err(|_| Error::Damaged { reason: "eps is no number".into() })?,
        })
    }

    /// Number of token vectors.
    pub(super) fn vocabulary(&self) -> usize {
        self.table.rows()
    }

    /// What depends on a token alone, for each of `ids`: rows of [`STATIC`] values.
    pub(super) fn tokens(&self, ids: &[u32], out: &mut [f32]) {
        if ids.is_empty() {
            return;
        }
        for (id, row) in ids.iter().zip(out.chunks_exact_mut(STATIC)) {
            self.table.row(*id, &mut row[..WIDTH]);
        }
        let n = ids.len();
        let (mut e, mut x) = (Quantized::default(), vec![0.0; n * 3 * C]);
        e.resize(n * 2);
        for (r, row) in out.chunks_exact(STATIC).enumerate() {
            e.set(r * 2, &row[..WIDTH]);
        }
        for (k, projection) in self.projections.iter().enumerate() {
            projection.mul(&e, n, |r| r * 2, &mut x[k * C..], 3 * C);
        }
        LayerNorm { rows: &mut x, bias: &self.projection_bias, gain: &self.gain, shift: &self.shift, eps: self.eps }
            .apply();
        for (row, x) in out.chunks_exact_mut(STATIC).zip(x.chunks_exact(3 * C)) {
            row[WIDTH..WIDTH + 3 * C].copy_from_slice(x);
        }
        let mut integers = Quantized::default();
        integers.resize(n * 3);
        integers.set(0, &x);
        for (k, order) in self.orders.iter().enumerate() {
            order.first.mul(&integers, n, |r| r * 3 + k, &mut out[order.products..], STATIC);
        }
    }

    /// Features of sentences: `out` takes a row of [`FEATURES`] values for each; `row(token)` is a token's static row,
    /// whatever numbers stand for tokens.
    ///
    /// A sentence without tokens gets zeros.
    pub(super) fn features<'a>(&self, sentences: &[&[u32]], row: impl Fn(u32) -> &'a [f32], out: &mut [f32]) {
        let mut totals = vec![0.0; sentences.len() * TOKEN];
        let mut work = Work::default();
        // Windows: (sentence, its tokens from–to); a long sentence has several, a batch several sentences.
        let mut batch: Vec<(usize, usize, usize)> = Vec::new();
        let mut filled = 0;
        for (s, ids) in sentences.iter().enumerate() {
            let mut from = 0;
            while from < ids.len() {
                let to = ids.len().min(from + BATCH - filled);
                batch.push((s, from, to));
                filled += to - from;
                from = to;
                if filled == BATCH {
                    self.convolve(sentences, &batch, &row, &mut work, &mut totals);
                    batch.clear();
                    filled = 0;
                }
            }
        }
        self.convolve(sentences, &batch, &row, &mut work, &mut totals);

        for (total, ids) in totals.chunks_exact_mut(TOKEN).zip(sentences) {
            let n = ids.len() as f32;
            for ((t, g), s) in total.iter_mut().zip(&self.token_gain).zip(&self.token_shift) {
                *t = *t * g + n * s;
            }
        }
        let Work { integers, .. } = &mut work;
        integers.resize(totals.len() / C);
        integers.set(0, &totals);
        self.sum.mul(integers, sentences.len(), |r| r * (TOKEN / C), out, FEATURES);
        for (out, ids) in out.chunks_exact_mut(FEATURES).zip(sentences) {
            let n = ids.len() as f32;
            for (o, b) in out.iter_mut().zip(&self.sum_bias) {
                *o += n * b;
            }
            out[WIDTH] = n;
        }
    }

    /// Runs one batch of windows and adds its normalised token features to the sentences' totals.
    fn convolve<'a>(
        &self,
        sentences: &[&[u32]],
        batch: &[(usize, usize, usize)],
        row: &impl Fn(u32) -> &'a [f32],
        work: &mut Work,
        totals: &mut [f32],
    ) {
        if batch.is_empty() {
            return;
        }
        let Work { hidden, integers, tokens, places } = work;
        // Every window stands between REACH rows of its neighbours in the sentence, or zeros where there are none.
        places.clear();
        let mut next = 0;
        for &(_, from, to) in batch {
            places.extend((from..to).map(|t| next + REACH + t - from));
            next += to - from + 2 * REACH;
        }
        hidden.resize(hidden.len().max(next * C), 0.0);
        integers.resize(hidden.len() / C);
        tokens.resize(tokens.len().max(places.len() * TOKEN), 0.0);
        let mut t = 0;
        for &(s, from, to) in batch {
            for &id in &sentences[s][from..to] {
                tokens[t * TOKEN..][..WIDTH].copy_from_slice(&row(id)[..WIDTH]);
                t += 1;
            }
        }
        for (k, order) in self.orders.iter().enumerate() {
            let mut place = 0;
            for &(s, from, to) in batch {
                for t in from..to + 2 * REACH {
                    let out = &mut hidden[place * C..][..C];
                    place += 1;
                    match t.checked_sub(REACH) {
                        Some(t) if t < sentences[s].len() => match order.size {
                            2 => order.hidden::<2>(sentences[s], t, k, row, out),
                            3 => order.hidden::<3>(sentences[s], t, k, row, out),
                            _ => order.hidden::<5>(sentences[s], t, k, row, out),
                        },
                        _ => out.fill(0.0),
                    }
                }
            }
            integers.set(0, &hidden[..next * C]);
            let at = WIDTH + k * C;
            let used = &mut tokens[..places.len() * TOKEN];
            order.second.mul(integers, places.len(), |r| places[r] - order.before, &mut used[at..], TOKEN);
            let residual = |r: usize| &hidden[places[r] * C..][..C];
            Rectify { rows: &mut used[at..], stride: TOKEN, bias: &order.second_bias, residual }.apply();
        }
        let mut rest = &tokens[..places.len() * TOKEN];
        for &(s, from, to) in batch {
            let rows = rest.split_off(..(to - from) * TOKEN).unwrap_or_default();
            AddNormalized { rows, total: &mut totals[s * TOKEN..][..TOKEN], eps: self.eps }.apply();
        }
    }

    /// Embeddings of rows of features, to length 1; a row without tokens gives zeros.
    pub(super) fn project(&self, features: &[f32], out: &mut [f32]) {
        let n = out.len() / DIM;
        let blocks = |width: usize| width / Quantized::<NARROW>::BLOCK;
        let row = |r: usize| r * blocks(WIDTH + HEAD);
        // [m | max(0, m·d0)], then [y1 | max(0, y1·d2)], so that sums of two products are one product.
        let (mut a, mut b) = (Quantized::default(), Quantized::default());
        a.resize(row(n));
        b.resize(row(n));
        let mut m = [0.0; WIDTH];
        for (r, f) in features.chunks_exact(FEATURES).enumerate() {
            let scale = if f[WIDTH] > 0.0 { 1.0 / f[WIDTH].sqrt() } else { 0.0 };
            m.iter_mut().zip(f).for_each(|(m, f)| *m = f * scale);
            a.set(row(r), &m);
        }
        let mut narrow = vec![0.0; n * HEAD];
        let keep = |into: &mut Quantized<NARROW>, from: usize, values: &mut [f32], width: usize| {
            Relu(values).apply();
            values.chunks_exact(width).enumerate().for_each(|(r, x)| into.set(row(r) + blocks(from), x));
        };
        self.d0.mul(&a, n, row, &mut narrow, HEAD);
        keep(&mut a, WIDTH, &mut narrow, HEAD);
        self.p1_d1.mul(&a, n, row, &mut narrow, HEAD);
        keep(&mut b, 0, &mut narrow, HEAD);
        self.d2.mul(&b, n, row, out, WIDTH);
        keep(&mut b, HEAD, out, WIDTH);
        self.p3_d3.mul(&b, n, row, out, DIM);
        TanhUnit { rows: out, width: DIM, eps: self.eps }.apply();
    }
}

impl Order {
    /// h of token `t`: the products of its window's tokens, rectified, plus x.
    #[inline]
    fn hidden<'a, const N: usize>(
        &self,
        ids: &[u32],
        t: usize,
        k: usize,
        row: &impl Fn(u32) -> &'a [f32],
        out: &mut [f32],
    ) {
        const NOTHING: &[f32] = &[0.0; C];
        let parts: [&[f32]; N] = std::array::from_fn(|i| match (t + i).checked_sub(self.before) {
            Some(t) if t < ids.len() => &row(ids[t])[self.products + i * C..][..C],
            _ => NOTHING,
        });
        let residual = &row(ids[t])[WIDTH + k * C..][..C];
        AddParts { out, bias: &self.first_bias, parts, residual }.apply();
    }
}

/// Buffers of [`Network::features`], used again from batch to batch.
#[derive(Default)]
struct Work {
    hidden: Vec<f32>,
    /// `hidden` in 16-bit integers.
    integers: Quantized<WIDE>,
    tokens: Vec<f32>,
    /// Of each token of the batch: its row in `hidden`.
    places: Vec<usize>,
}
