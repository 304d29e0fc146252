//! Exceptions that run on through anything, told without the automaton.

use super::compiled::{Compiled, FARTHEST_BACK};
use super::regex::{End, Leads, Node, Table, ends_with_sets, first_set, is_rare, shape};

/// An exception whose `beforebreak` runs on through anything (`\([^)]*\.\s`, `.*°C`): looked for by its ends.
#[derive(Debug)]
pub(super) struct Wide {
    pub(super) rule: usize,
    /// Characters that it ends with, the last one first.
    last: Vec<Table>,
    /// Characters that it may begin with; `None` where it may be empty.
    first: Option<Table>,
    /// The bytes of those, where they are rare.
    rare: Option<Leads>,
    /// All its characters.
    all: Table,
    /// Most characters.
    most: usize,
}

impl Wide {
    /// The exception number `rule`, whose first part is `node`.
    pub(super) fn new(rule: usize, node: &Node) -> Self {
        let shape = shape(node);
        let first = first_set(node);
        Self {
            rule,
            rare: first.as_ref().filter(|set| is_rare(set)).map(Leads::new),
            last: ends_with_sets(node).iter().map(Table::new).collect(),
            first: first.as_ref().map(Table::new),
            all: Table::new(&shape.all),
            most: shape.most.unwrap_or(FARTHEST_BACK).min(FARTHEST_BACK),
        }
    }

    /// Whether the characters before byte `place` are such as it ends with.
    pub(super) fn may_end(&self, text: &str, place: usize) -> bool {
        let mut chars = text[..place].chars().rev();
        self.last.iter().all(|set| chars.next().is_some_and(|c| set.has(c)))
    }

    /// Whether it applies at byte `place`.
    pub(super) fn applies(&self, rule: &Compiled, text: &str, place: usize) -> bool {
        let Some(before) = rule.before.as_ref().filter(|_| self.may_end(text, place)) else { return false };
        let matches = |start| before.match_at(text, start, End::At(place)).is_some();
        let goes_on = || rule.goes_on(text, place);
        if let Some(rare) = &self.rare {
            let mut end = place;
            let from = place.saturating_sub(FARTHEST_BACK);
            while let Some(k) = rare.rfind(&text.as_bytes()[from..end]) {
                end = from + k;
                if text.is_char_boundary(end) && matches(end) {
                    return goes_on();
                }
            }
            return false;
        }
        if !goes_on() {
            return false;
        }
        if self.first.is_none() && matches(place) {
            return true;
        }
        for (start, c) in text[..place].char_indices().rev().take(self.most) {
            if !self.all.has(c) || place - start > FARTHEST_BACK {
                return false;
            }
            if self.first.as_ref().is_none_or(|set| set.has(c)) && matches(start) {
                return true;
            }
        }
        false
    }
}
