//! Two documents and all that was learned of them: any choice of their segments can be scored.
//!
//! Not here: the order in which is learned and searched (`super`), which segments are looked at again and why (`moves`,
//! `overrun`).

use std::borrow::Cow;
use std::sync::Arc;

use super::MARGIN;
use super::band::Band;
use super::beads::{Base, COUNT, Counts, MOST, Priors, TYPES};
use super::coarse::Coarse;
use super::decode::Decoding;
use super::fixed::{self, Plan};
use super::options::{AlignOptions, Kind};
use super::sums::Posterior;
use super::table::{self, Table};
use super::words::Words;
use crate::encode::{Features, Meaning};
use crate::evidence::length::{LengthModel, Lengths};
use crate::evidence::lexical::Lexical;
use crate::evidence::lexicon::Lexicon;
use crate::evidence::pairs::{Example, ROUNDS, ROUNDS_AT_LAST};
use crate::evidence::semantic::Spans;
use crate::evidence::structure::Structure;
use crate::evidence::tokens::Tokens;
use crate::evidence::trust::{self, Seen, Trust};
use crate::evidence::{Evidence, SEMANTIC_WEIGHT, SEMANTIC_WEIGHT_WITHIN, Use};
use crate::{Bead, Document, Error};

/// Documents with all that was learned. Segments are those that the plan leaves.
#[derive(Clone)]
pub(crate) struct World<'a> {
    pub(super) documents: (&'a Document, &'a Document),
    pub(super) tokens: (Cow<'a, Tokens>, Cow<'a, Tokens>),
    pub(super) lengths: (Lengths, Lengths),
    backgrounds: Vec<Vec<f32>>,
    pub(super) meaning: Option<Meaning<'a>>,
    spans: Option<Spans<'a>>,
    /// Whether the encoder knows both languages.
    known: Option<bool>,
    pub(super) structure: Option<Structure>,
    pub(super) usage: Use,
    /// How beads are chosen.
    pub(super) decoding: Decoding,
    /// What similarities are worth; only where there are any.
    pub(super) trust: Option<Trust>,
    /// Before any bead was known.
    prior_length: LengthModel,
    /// Bead types before the documents spoke.
    base: Base,
    pub(super) length: LengthModel,
    pub(super) lexicon: Arc<Lexicon>,
    /// What look-alikes alone say.
    unlearned: Arc<Lexicon>,
    pub(super) priors: Priors,
}

/// Some segments of both documents, in the order chosen.
pub(super) struct Part {
    pub(super) tokens: (Tokens, Tokens),
    pub(super) lengths: (Lengths, Lengths),
    structure: Option<Structure>,
    features: Option<(Features, Features)>,
}

impl<'a> World<'a> {
    /// What is known before any path: look-alikes, and the ratio of the texts' lengths.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn new(
        words: &'a Words,
        plan: &Plan,
        documents: (&'a Document, &'a Document),
        meaning: Option<Meaning<'a>>,
        options: &AlignOptions,
    ) -> Result<Self, Error> {
        let meaning = meaning.filter(|_| options.with(Kind::Meaning));
        let lengths = (Lengths::of(documents.0), Lengths::of(documents.1));
        let length = LengthModel::priors(&lengths.0, &lengths.1)[0];
        let structure = options.with(Kind::Structure).then(|| Structure::of(documents.0, documents.1));
        let within = documents.0.language().primary() == documents.1.language().primary();
        let usage = Use {
            length: options.with(Kind::Length),
            gain: options.with(Kind::Gain),
            semantic_weight: if within { SEMANTIC_WEIGHT_WITHIN } else { SEMANTIC_WEIGHT },
        };
        let lexicon = Arc::new(words.learn(plan, &[], ROUNDS));
        Ok(Self {
            documents,
            tokens: (fixed::tokens(&words.source, &plan.source), fixed::tokens(&words.target, &plan.target)),
            backgrounds: lengths.1.backgrounds(MOST),
            lengths,
            meaning,
            spans: meaning.map(Spans::new),
            known: meaning.and_then(|m| m.encoder.knows_both(documents.0.language(), documents.1.language())),
            structure,
            usage,
            decoding: Decoding::of(options),
            trust: None,
            prior_length: length,
            base: Base::usual(),
            length,
            unlearned: lexicon.clone(),
            lexicon,
            priors: Priors::base(),
        })
    }

    /// Whether meaning counts, with what is known by now.
    pub(super) fn means(&self) -> bool {
        self.trust.is_some_and(|t| t.tells())
    }

    /// The band that the first pass starts with.
    pub(super) fn first_band(&self, plan: &Plan) -> Band {
        let coarse = Coarse { tokens: (&self.tokens.0, &self.tokens.1), lengths: (&self.lengths.0, &self.lengths.1) };
        fixed::first_band(&coarse, &self.lexicon, &plan.gates)
    }

    /// The same documents, with another relation of lengths and other bead types to start from.
    pub(super) fn starting(self, length: LengthModel, base: Base) -> Self {
        let priors = Priors::fit(&base, &Counts::default());
        Self { prior_length: length, length, base, priors, ..self }
    }

    /// For beads of the first `types` types.
    fn evidence<'b>(&'b self, spans: Option<&'b Spans<'b>>, types: usize) -> Evidence<'b> {
        let lexical = Lexical::new(&self.tokens.0, &self.tokens.1, &self.lexicon, true, table::most(types));
        let (lengths, structure) = ((&self.lengths.0, &self.lengths.1), self.structure.as_ref());
        self.evidence_of(lengths, &self.backgrounds, lexical, structure, spans)
    }

    fn evidence_of<'b>(
        &self,
        (source, target): (&'b Lengths, &'b Lengths),
        backgrounds: &'b [Vec<f32>],
        lexical: Lexical<'b>,
        structure: Option<&'b Structure>,
        spans: Option<&'b Spans<'b>>,
    ) -> Evidence<'b> {
        // Vectors that tell nothing are not compared.
        let semantic = spans.zip(self.trust.filter(Trust::tells));
        let (length, usage) = (self.length, self.usage);
        Evidence { source, target, length, backgrounds, lexical, structure, semantic, usage }
    }

    /// Log-odds of every bead of the first `types` types in `band`.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn pass(&mut self, band: &Band, types: usize, plan: &Plan) -> Result<Table, Error> {
        // While nothing is known of an encoder, nothing is believed.
        if self.trust.is_none() && self.known == Some(true) && self.spans.is_some() {
            self.trust = Some(Trust::prior(&self.seen(&trust::accidents(band, None))?));
        }
        let means = self.means();
        if let Some(spans) = self.spans.as_mut().filter(|_| means) {
            spans.prepare(band, types)?;
        }
        let mut scores = self.evidence(self.spans.as_ref(), types).score(band, types)?;
        fixed::forbid(&plan.gates, band, &mut scores);
        Ok(scores)
    }

    /// Similarities of 1-1 pairs.
    fn seen(&mut self, pairs: &[trust::Pair]) -> Result<Vec<Seen>, Error> {
        let x = self.spans.as_mut().map_or_else(|| Ok(Vec::new()), |spans| spans.pairs(pairs))?;
        Ok(pairs.iter().zip(x).map(|(&(i, j, w), x)| (x, trust::pair_length(&self.lengths, i, j), w)).collect())
    }

    /// Learns from a pass, words in `rounds` rounds, and narrows the band to what it left possible.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(crate) fn learn(
        &mut self,
        words: &Words,
        plan: &Plan,
        band: &Band,
        posterior: &Posterior,
        rounds: usize,
    ) -> Result<Band, Error> {
        let examples = examples(band, posterior);
        self.length = self.prior_length.fit(examples.iter().map(|e| {
            let s = self.lengths.0.span(e.source.0 as usize, e.source.1 as usize);
            (s, self.lengths.1.span(e.target.0 as usize, e.target.1 as usize), e.weight)
        }));
        self.priors = Priors::fit(&self.base, &counts(band, posterior));
        self.lexicon = Arc::new(words.learn(plan, &examples, rounds));
        self.structure = self.structure.take().map(|s| s.fit(examples.iter().map(|e| (e.source, e.target, e.weight))));
        if self.spans.is_some() {
            let same = self.seen(&trust::confident(band, posterior))?;
            let other = self.seen(&trust::accidents(band, Some(posterior)))?;
            self.trust = Some(Trust::fit(&same, &other, self.known != Some(false)));
        }
        let band = Band::around(&posterior.limits, &posterior.middle, MARGIN, self.lengths.1.len());
        Ok(band.through(&plan.gates).stopping(&posterior.firm, MARGIN))
    }

    /// Learns words from beads: what a path has and what moved. Returns those known before.
    pub(super) fn relearn<'b>(
        &mut self,
        words: &Words,
        plan: &Plan,
        beads: impl Iterator<Item = &'b Bead>,
    ) -> Arc<Lexicon> {
        let range = |x: &[u32]| (x[0], x[x.len() - 1] + 1);
        let worth = beads.filter(|b| !b.is_null() && b.confidence >= WORTH);
        let mut examples: Vec<Example> = worth
            .map(|b| Example { source: range(&b.source), target: range(&b.target), weight: b.confidence })
            .collect();
        examples.sort_by_key(|e| e.source);
        std::mem::replace(&mut self.lexicon, Arc::new(words.learn(plan, &examples, ROUNDS_AT_LAST)))
    }

    /// The segments `source` and `target`; `None` is an empty segment.
    pub(super) fn part(&self, source: &[Option<u32>], target: &[Option<u32>]) -> Part {
        let (s, t) = (|| source.iter().copied(), || target.iter().copied());
        let features = self.meaning.filter(|_| self.trust.is_some());
        let features = features.map(|m| (rows(m.source, source), rows(m.target, target)));
        Part {
            tokens: (self.tokens.0.select(s()), self.tokens.1.select(t())),
            lengths: (self.lengths.0.select(s()), self.lengths.1.select(t())),
            structure: self.structure.as_ref().map(|x| x.select(source, target)),
            features,
        }
    }

    /// The same documents without the words that were learned from a path, and with meaning only where the encoder
    /// knows both languages: elsewhere, what it is worth was read off that path as well.
    pub(super) fn unlearned(&self) -> Self {
        let trust = self.trust.filter(|_| self.known == Some(true));
        Self { lexicon: self.unlearned.clone(), trust, ..self.clone() }
    }

    /// Log-odds of every bead in `band`, whose coordinates are those of `part`.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn score(&self, part: &Part, band: &Band) -> Result<Table, Error> {
        self.score_few(part, band, COUNT)
    }

    /// Those of the first `types` types.
    ///
    /// # Errors
    /// [`Error::Encoder`].
    pub(super) fn score_few(&self, part: &Part, band: &Band, types: usize) -> Result<Table, Error> {
        let meaning = self.meaning.zip(part.features.as_ref());
        let meaning = meaning.map(|(m, (source, target))| Meaning { source, target, ..m });
        let mut spans = meaning.filter(|_| self.means()).map(Spans::new);
        if let Some(spans) = &mut spans {
            spans.prepare(band, types)?;
        }
        let most = table::most(types);
        let lexical = Lexical::new(&part.tokens.0, &part.tokens.1, &self.lexicon, false, most);
        let (lengths, structure) = ((&part.lengths.0, &part.lengths.1), part.structure.as_ref());
        let backgrounds = part.lengths.1.backgrounds(most);
        self.evidence_of(lengths, &backgrounds, lexical, structure, spans.as_ref()).score(band, types)
    }
}

/// Rows of features; zero for an empty segment.
fn rows(features: &Features, keep: &[Option<u32>]) -> Features {
    let mut data = vec![0.0; keep.len() * features.dim];
    for (row, i) in data.chunks_exact_mut(features.dim.max(1)).zip(keep) {
        if let Some(i) = i {
            row.copy_from_slice(features.row(*i as usize));
        }
    }
    Features { dim: features.dim, data }
}

/// Least probability of a bead that is learned from.
const WORTH: f32 = 0.3;

/// Beads worth learning from, each with its probability as weight: also those that are open between a few readings.
fn examples(band: &Band, posterior: &Posterior) -> Vec<Example> {
    let likely = posterior.bead.beads(band).filter(|(_, _, p)| *p >= WORTH);
    let of = |((i, j), k, weight): ((usize, usize), usize, f32)| {
        let (n, m) = TYPES[k];
        let (i, j) = (i as u32, j as u32);
        Example { source: (i, i + u32::from(n)), target: (j, j + u32::from(m)), weight }
    };
    likely.map(of).collect()
}

fn counts(band: &Band, posterior: &Posterior) -> Counts {
    let mut counts = Counts { opened: posterior.opened, ..Counts::default() };
    for (_, k, p) in posterior.bead.beads(band) {
        counts.bead[k] += f64::from(p);
    }
    counts.nulls[0] = posterior.source_null.iter().map(|&p| f64::from(p)).sum();
    counts.nulls[1] = posterior.target_null.iter().map(|&p| f64::from(p)).sum();
    counts
}
