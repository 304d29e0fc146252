//! The stages of [`super::align`] one by one, so that benches can measure each. Only with the feature `bench`, and no
//! interface: it changes with the stages.
//!
//! Not here: fixed beads, dictionaries, meaning.

use super::band::Band;
use super::beads::{COUNT, FEW};
use super::dp;
use super::fixed::Plan;
use super::options::AlignOptions;
use super::sums::{self, Posterior};
use super::table::Table;
use super::words::Words;
use super::world::World;
use crate::Document;
use crate::evidence::pairs::ROUNDS;

/// What is read off the documents once: tokens and look-alikes.
#[derive(Debug)]
pub struct Base<'a> {
    documents: (&'a Document, &'a Document),
    words: Words,
    plan: Plan,
}

impl<'a> Base<'a> {
    /// Looks at both documents.
    pub fn of(source: &'a Document, target: &'a Document) -> Self {
        let words = Words::of((source, target), None, None, &AlignOptions::default()).expect("no encoder can fail");
        let plan = Plan::of(&[], source.len(), target.len()).expect("nothing is fixed");
        Self { documents: (source, target), words, plan }
    }
}

/// What a round scores by, and where.
pub struct Stage<'a> {
    base: &'a Base<'a>,
    world: World<'a>,
    band: Band,
}

impl std::fmt::Debug for Stage<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stage").field("band", &self.band).finish_non_exhaustive()
    }
}

/// Scores of a band.
#[derive(Clone, Debug)]
pub struct Scored(Table);

/// Posteriors of a band.
#[derive(Debug)]
pub struct Passed(Posterior);

impl<'a> Stage<'a> {
    /// Before anything is learned: what look-alikes say, and the band that the coarse path leaves.
    pub fn first(base: &'a Base<'a>) -> Self {
        let options = AlignOptions::default();
        let world = World::new(&base.words, &base.plan, base.documents, None, &options).expect("no encoder can fail");
        let band = world.first_band(&base.plan);
        Self { base, world, band }
    }

    fn scores(&self, types: usize) -> Table {
        self.world.clone().pass(&self.band, types, &self.base.plan).expect("no encoder can fail")
    }

    /// The first pass, which only looks for the path.
    pub fn pass(&self) -> Passed {
        Passed(sums::posterior(&self.band, self.scores(FEW), &self.world.priors))
    }

    /// Learns lengths, priors and lexicon from a pass, and narrows the band.
    pub fn learned(&self, passed: &Passed) -> Self {
        let mut world = self.world.clone();
        let band =
            world.learn(&self.base.words, &self.base.plan, &self.band, &passed.0, ROUNDS).expect("no encoder can fail");
        Self { base: self.base, world, band }
    }

    /// Scores every bead of every type in the band.
    pub fn score(&self) -> Scored {
        Scored(self.scores(COUNT))
    }

    /// Length of the best path, in steps.
    pub fn path(&self, scored: &Scored) -> usize {
        dp::best_path(&self.band, &scored.0, &self.world.priors).steps.len()
    }

    /// Forward and backward sums.
    pub fn posterior(&self, scored: Scored) -> Passed {
        Passed(sums::posterior(&self.band, scored.0, &self.world.priors))
    }
}
