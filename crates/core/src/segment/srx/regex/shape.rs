//! What can be told of a pattern without matching it: lengths, characters, where to look for it.
//!
//! Look-around takes no characters and is left out, so everything here says what *may* match.

use super::Node;
use super::classes::Set;

/// Lengths and characters of what a pattern matches.
#[derive(Clone, Debug)]
pub(in crate::segment::srx) struct Shape {
    /// Fewest characters.
    pub(in crate::segment::srx) least: usize,
    /// Most characters; `None` without bound.
    pub(in crate::segment::srx) most: Option<usize>,
    /// All characters that may occur.
    pub(in crate::segment::srx) all: Set,
}

/// The shape of `node`.
pub(in crate::segment::srx) fn shape(node: &Node) -> Shape {
    match node {
        Node::Set(set) => Shape { least: 1, most: Some(1), all: set.clone() },
        Node::Sequence(nodes) => sequence(nodes),
        Node::Alternatives(nodes) => {
            let mut out = Shape { least: usize::MAX, most: Some(0), all: Set::empty() };
            for one in nodes.iter().map(shape) {
                out.least = out.least.min(one.least);
                out.most = out.most.zip(one.most).map(|(a, b)| a.max(b));
                out.all.union(&one.all);
            }
            out.least = if nodes.is_empty() { 0 } else { out.least };
            out
        }
        Node::Repeat { node, least, most, .. } => {
            let one = shape(node);
            let most = one.most.zip(*most).map(|(a, b)| a.saturating_mul(b as usize));
            Shape { least: one.least.saturating_mul(*least as usize), most, all: one.all }
        }
        Node::Atomic(node) => shape(node),
        Node::Look { .. } | Node::Word { .. } | Node::Start { .. } | Node::End { .. } => {
            Shape { least: 0, most: Some(0), all: Set::empty() }
        }
    }
}

/// The shape of `nodes`, one behind the other.
fn sequence(nodes: &[Node]) -> Shape {
    let mut out = Shape { least: 0, most: Some(0), all: Set::empty() };
    for one in nodes.iter().map(shape) {
        out.add(&one);
    }
    out
}

impl Shape {
    fn add(&mut self, next: &Self) {
        self.least = self.least.saturating_add(next.least);
        self.most = self.most.zip(next.most).map(|(a, b)| a.saturating_add(b));
        self.all.union(&next.all);
    }
}

/// A set that every match passes: what stands before it has none of its characters, so that the first of them at or
/// behind a match's beginning is the one.
#[derive(Clone, Debug)]
pub(super) struct Inner {
    /// The set.
    pub(super) set: Set,
    /// What stands before it in a match.
    pub(super) before: Shape,
}

/// The rarest inner set of `node`, if there is any that is rare enough to be looked for.
pub(super) fn inner(node: &Node) -> Option<Inner> {
    let Node::Sequence(nodes) = node else { return None };
    let mut rare: Vec<_> = nodes.iter().enumerate().filter_map(|(k, one)| Some((k, required(one)?))).collect();
    rare.retain(|(_, set)| is_rare(set));
    rare.sort_by_key(|(_, set)| commonness(set));
    let (k, set) = rare.into_iter().find(|(k, set)| {
        let mut both = sequence(&nodes[..*k]).all;
        both.intersect(set);
        both.ranges().is_empty()
    })?;
    Some(Inner { set: set.clone(), before: sequence(&nodes[..k]) })
}

/// Commonness up to which a set is worth looking for.
const RARE: u32 = 60;

/// Whether the characters of `set` are worth looking for.
pub(in crate::segment::srx) fn is_rare(set: &Set) -> bool {
    commonness(set) <= RARE
}

/// The set with which every match of `node` begins and of which alone it is made.
fn required(node: &Node) -> Option<&Set> {
    match node {
        Node::Set(set) => Some(set),
        Node::Repeat { node, least: 1.., .. } | Node::Atomic(node) => required(node),
        Node::Sequence(nodes) if nodes.len() == 1 => required(&nodes[0]),
        _ => None,
    }
}

/// Whether `node` may run on through anything: a long repetition of a set that has most of what prose is made of.
pub(in crate::segment::srx) fn runs_on(node: &Node) -> bool {
    match node {
        Node::Set(_) | Node::Look { .. } | Node::Word { .. } | Node::Start { .. } | Node::End { .. } => false,
        Node::Sequence(nodes) | Node::Alternatives(nodes) => nodes.iter().any(runs_on),
        Node::Repeat { node, most, .. } => {
            most.is_none_or(|m| m > 20) && commonness(&shape(node).all) >= ANYTHING || runs_on(node)
        }
        Node::Atomic(node) => runs_on(node),
    }
}

/// Commonness of a set that has the letters and the space.
const ANYTHING: u32 = 300;

/// How common the characters of `set` are in prose, roughly, in thousandths.
pub(super) fn commonness(set: &Set) -> u32 {
    let has = |c: char| set.ranges().iter().any(|r| r.start() <= c && c <= r.end());
    let samples = [(' ', 150), ('e', 100), ('a', 80), ('z', 5), ('E', 10), ('.', 10), (',', 10), ('1', 10), ('-', 5)];
    let letters = [('я', 300), ('の', 200), ('的', 300), ('ع', 300), ('क', 300), ('é', 20), ('\u{A0}', 1)];
    samples.iter().chain(&letters).filter(|(c, _)| has(*c)).map(|(_, weight)| weight).sum()
}
