//! A tree for `regex-syntax` that matches at least what the pattern matches: look-around and anchors left out, atoms
//! made plain. The reverse automaton is made of such trees; what it lets through is verified by `vm`.

use regex_syntax::hir::{Class, Hir, Repetition};

use super::Node;

/// The tree.
pub(in crate::segment::srx) fn over_approximation(node: &Node) -> Hir {
    match node {
        Node::Set(set) => Hir::class(Class::Unicode(set.clone())),
        Node::Sequence(nodes) => Hir::concat(nodes.iter().map(over_approximation).collect()),
        Node::Alternatives(nodes) => Hir::alternation(nodes.iter().map(over_approximation).collect()),
        Node::Repeat { node, least, most, .. } => {
            let sub = over_approximation(node);
            // Large counts blow up the automaton; without an upper bound it matches more, which is allowed.
            let most = most.filter(|&m| m <= 8);
            Hir::repetition(Repetition { min: (*least).min(8), max: most, greedy: true, sub: Box::new(sub) })
        }
        Node::Atomic(node) => over_approximation(node),
        Node::Look { .. } | Node::Word { .. } | Node::Start { .. } | Node::End { .. } => Hir::empty(),
    }
}
