//! Aligning two documents.

pub(crate) mod band;
pub(crate) mod beads;
mod coarse;
pub(crate) mod dp;
mod fixed;
mod moves;
#[cfg(test)]
mod oracle;
mod overrun;
mod quality;
#[cfg(feature = "bench")]
pub(crate) mod stages;
mod world;

use serde::{Deserialize, Serialize};

use crate::encode::Meaning;
use crate::evidence::Evidence;
use crate::evidence::cognate::Cognates;
use crate::evidence::dictionary;
use crate::evidence::length::{LengthModel, Lengths};
use crate::evidence::lexical::Lexical;
use crate::evidence::lexicon::{Example, Lexicon};
use crate::evidence::semantic;
use crate::evidence::synonym;
use crate::evidence::tokens::Tokens;
use crate::evidence::trust::{self, Trust};
use crate::knowledge::{Dictionary, Knowledge};
use crate::{Alignment, Bead, Document, Error, Mark};
use band::Band;
use beads::{COUNT, Counts, FEW, MOST, Priors, TYPES};
use coarse::Coarse;
use dp::{Posterior, Step};
use fixed::{Plan, Reduced};
use world::World;

/// Options of [`align`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct AlignOptions {
    /// Rounds of learning from the documents after the first path.
    pub rounds: u8,
    /// Whether passages are searched that stand elsewhere in the other version; they come out with [`Mark::Moved`].
    /// Without it, they have no partner.
    pub moved: bool,
}

impl Default for AlignOptions {
    fn default() -> Self {
        Self { rounds: 2, moved: true }
    }
}

/// Nodes that the band keeps on both sides of what the pass before left possible, and of its neighbours' so many rows
/// away. With three, of the four hand-made sets only transread has another F1 (0.9219 instead of 0.9215).
const MARGIN: usize = 2;

/// What posteriors are softened by before they are called confidences (Guo et al. 2017): kinds of evidence look at the
/// same words, so their sum is too sure of itself. Measured (docs/accuracy.md, calibration).
const TEMPERATURE: f32 = 1.6;

/// Aligns `source` with `target`, respecting what the user knows.
///
/// # Errors
/// [`Error::VectorRows`] where the vectors of `meaning` do not belong to the documents; [`Error::BadAnchor`] where the
/// fixed beads of `knowledge` do not fit the documents or each other.
pub fn align(
    source: &Document,
    target: &Document,
    meaning: Option<Meaning<'_>>,
    knowledge: Knowledge<'_>,
    options: &AlignOptions,
) -> Result<Alignment, Error> {
    if let Some(m) = meaning {
        for (vectors, document) in [(m.source, source), (m.target, target)] {
            if vectors.rows() != document.len() {
                return Err(Error::VectorRows { rows: vectors.rows(), segments: document.len() });
            }
        }
    }
    let plan = Plan::of(knowledge.fixed, source.len(), target.len())?;
    let (beads, quality) = path(source, target, meaning, knowledge.dictionary, &plan, options)?;
    Ok(Alignment { beads: plan.lift(beads), quality })
}

/// The monotone path through what `plan` leaves of the documents, in its coordinates.
fn path(
    source: &Document,
    target: &Document,
    meaning: Option<Meaning<'_>>,
    dictionary: Option<&Dictionary>,
    plan: &Plan,
    options: &AlignOptions,
) -> Result<(Vec<Bead>, f32), Error> {
    // What is learned is learned from all segments, also from those that are taken out.
    let all = (Tokens::of(source), Tokens::of(target));
    let mut cognates = Cognates::find(&all.0, &all.1);
    if let Some(dictionary) = dictionary {
        cognates.add(&dictionary::pairs(dictionary, &all.0, &all.1));
    }
    if let Some(m) = meaning
        && synonym::apply(m.encoder, source.language(), target.language())
    {
        cognates.add(&synonym::pairs(m.encoder, &all.0, &all.1)?);
    }
    let (a, b) = (fixed::tokens(&all.0, &plan.source), fixed::tokens(&all.1, &plan.target));
    let (source, target) = (fixed::reduce(source, &plan.source)?, fixed::reduce(target, &plan.target)?);
    let reduced = meaning.map(|m| Reduced::new(m, plan));
    let meaning = reduced.as_ref().map(Reduced::meaning);
    let lengths = (Lengths::of(&source), Lengths::of(&target));
    let mut lexicon = Lexicon::learn(&all.0, &all.1, &cognates, &plan.examples(&[]));
    let backgrounds = lengths.1.backgrounds(MOST);
    let mut priors = Priors::base();
    let coarse = Coarse { tokens: (&a, &b), lengths: (&lengths.0, &lengths.1) };
    let mut band = fixed::first_band(&coarse, &lexicon, &plan.gates);
    let first = |length| {
        let lexical = Lexical::new(&a, &b, &lexicon);
        let (source, target, backgrounds) = (&lengths.0, &lengths.1, &backgrounds[..]);
        let evidence = Evidence { source, target, length, backgrounds, lexical, semantic: None };
        dp::best_path(&band, &evidence.score(&band, FEW), &priors).total
    };
    let prior_length = likeliest(LengthModel::priors(&lengths.0, &lengths.1), first);
    let mut length = prior_length;
    let spans = meaning.map(semantic::Spans::new).transpose()?;
    let known = meaning.and_then(|m| m.encoder.knows_both(source.language(), target.language()));
    let mut trust = None;
    let mut round = 0;
    loop {
        let last = round == options.rounds;
        let types = if round + 1 >= options.rounds { COUNT } else { FEW };
        let similarities = spans.as_ref().map(|s| s.similarities(&band, types)).transpose()?;
        if let (0, Some(x), Some(true)) = (round, &similarities, known) {
            trust = Some(Trust::prior(&trust::accidents(&band, x, types, None, &lengths)));
        }
        let evidence = Evidence {
            source: &lengths.0,
            target: &lengths.1,
            length,
            backgrounds: &backgrounds,
            lexical: Lexical::new(&a, &b, &lexicon),
            semantic: similarities.as_deref().zip(trust),
        };
        let mut scores = evidence.score(&band, types);
        fixed::forbid(&plan.gates, &band, &mut scores);
        if last {
            let path = dp::best_path(&band, &scores, &priors);
            let quality = quality::quality(path.total, source.len() + target.len());
            let posterior = dp::posterior(&band, scores.tempered(TEMPERATURE), &priors.tempered(TEMPERATURE));
            let beads = beads_of(&path.steps, &band, &posterior);
            let (tokens, lengths) = ((&*a, &*b), (&lengths.0, &lengths.1));
            let world = World { tokens, lengths, meaning, trust, length, lexicon: &lexicon, priors: &priors };
            let with_moved =
                if options.moved { moves::search(&world, &beads, &posterior, &plan.gates)? } else { None };
            let beads = with_moved.unwrap_or(beads);
            if std::env::var("HX_OFF").is_ok() {
                return Ok((beads, quality));
            }
            return Ok((overrun::join(&world, (&source, &target), beads, &plan.gates)?, quality));
        }
        let posterior = dp::posterior(&band, scores, &priors);
        let examples = examples(&band, &posterior);
        length = prior_length.fit(examples.iter().map(|e| {
            let s = lengths.0.span(e.source.0 as usize, e.source.1 as usize);
            (s, lengths.1.span(e.target.0 as usize, e.target.1 as usize), e.weight)
        }));
        priors = Priors::fit(&counts(&posterior));
        lexicon = Lexicon::learn(&all.0, &all.1, &cognates, &plan.examples(&examples));
        if let Some(x) = &similarities {
            let same = trust::confident(&band, x, &posterior, &lengths);
            let other = trust::accidents(&band, x, types, Some(&posterior), &lengths);
            trust = Some(Trust::fit(&same, &other, known != Some(false)));
        }
        band = Band::around(&posterior.limits, &posterior.middle, MARGIN, target.len()).through(&plan.gates);
        round += 1;
    }
}

/// The guess whose path has the highest total; the first of equals.
fn likeliest(guesses: Vec<LengthModel>, total: impl Fn(LengthModel) -> f64) -> LengthModel {
    let [one] = guesses[..] else {
        let scored = guesses.iter().map(|&g| (total(g), g));
        return scored.reduce(|best, x| if x.0 > best.0 { x } else { best }).expect("there is a guess").1;
    };
    one
}

/// Beads worth learning from, each with its probability as weight: also those that are open between a few readings.
fn examples(band: &Band, posterior: &Posterior) -> Vec<Example> {
    let mut out = Vec::new();
    for i in 0..band.rows() {
        let (low, high) = band.row(i);
        for j in low..=high {
            let at = (band.first(i) + j - low) * posterior.types;
            for (k, &(n, m)) in TYPES[..posterior.types].iter().enumerate() {
                let p = posterior.bead[at + k];
                if p >= 0.3 {
                    let (i, j) = (i as u32, j as u32);
                    out.push(Example { source: (i, i + u32::from(n)), target: (j, j + u32::from(m)), weight: p });
                }
            }
        }
    }
    out
}

fn counts(posterior: &Posterior) -> Counts {
    let mut counts = Counts { opened: posterior.opened, ..Counts::default() };
    for node in posterior.bead.chunks_exact(posterior.types) {
        for (c, &p) in counts.bead.iter_mut().zip(node) {
            *c += f64::from(p);
        }
    }
    counts.nulls[0] = posterior.source_null.iter().map(|&p| f64::from(p)).sum();
    counts.nulls[1] = posterior.target_null.iter().map(|&p| f64::from(p)).sum();
    counts
}

fn beads_of(steps: &[Step], band: &Band, posterior: &Posterior) -> Vec<Bead> {
    let (mut i, mut j) = (0u32, 0u32);
    let mut out = Vec::with_capacity(steps.len());
    for &step in steps {
        let (n, m, confidence) = match step {
            Step::Bead(k) => {
                let (n, m) = TYPES[usize::from(k)];
                let at = band.node(i as usize, j as usize).expect("a path stays in its band");
                (u32::from(n), u32::from(m), posterior.bead[at * posterior.types + usize::from(k)])
            }
            Step::SourceNull => (1, 0, posterior.source_null[i as usize]),
            Step::TargetNull => (0, 1, posterior.target_null[j as usize]),
        };
        out.push(Bead { source: (i..i + n).collect(), target: (j..j + m).collect(), confidence, mark: Mark::Path });
        i += n;
        j += m;
    }
    out
}
