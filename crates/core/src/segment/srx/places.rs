//! Where a rule applies in a text, in the three ways of the profiles. Not here: which rule decides (`engine`).

use super::compiled::{Compiled, FARTHEST_BACK};
use super::regex::End;

/// Successive finds of one break rule, after `java.util.regex.Matcher.find`.
pub(super) struct Finder<'r> {
    pub(super) rule: usize,
    compiled: &'r Compiled,
    /// Where the search goes on.
    at: usize,
    /// Where the find begins, and the break it gives.
    pub(super) began: usize,
    pub(super) place: usize,
}

impl<'r> Finder<'r> {
    pub(super) fn new(rule: usize, compiled: &'r Compiled) -> Self {
        Self { rule, compiled, at: 0, began: 0, place: 0 }
    }

    /// Goes to the next find; `false` where there is none.
    pub(super) fn advance(&mut self, text: &str) -> bool {
        while self.at <= text.len() {
            let found = match (&self.compiled.before, &self.compiled.after) {
                (Some(before), _) => before.find(text, self.at),
                // Nothing stands before every place: look for the second part at once.
                (None, Some(after)) => after.find(text, self.at).map(|(start, _)| (start, start)),
                (None, None) => Some((self.at, self.at)),
            };
            let Some((start, end)) = found else { return false };
            // An empty match moves on by a character.
            self.at = if end > start { end } else { end + text[end..].chars().next().map_or(1, char::len_utf8) };
            if self.compiled.goes_on(text, end) {
                (self.began, self.place) = (start, end);
                return true;
            }
        }
        false
    }

    pub(super) fn restart(&mut self, text: &str, at: usize) -> bool {
        self.at = at;
        self.advance(text)
    }
}

/// Okapi's places of a rule: `(before)(after)` searched for, going on from every break.
pub(super) fn okapi_places(rule: &Compiled, text: &str) -> Vec<usize> {
    let mut out = Vec::new();
    let Some(whole) = &rule.whole else { return out };
    let mut at = 0;
    while at <= text.len() {
        let Some((start, _)) = whole.find(text, at) else { break };
        // Where the first part ends: its first way to end from which the second goes on.
        let Some(place) = split(rule, text, start) else { break };
        out.push(place);
        at = if place > at { place } else { place + text[place..].chars().next().map_or(1, char::len_utf8) };
    }
    out
}

/// Where `before` ends in a match of both parts that begins at `start`.
fn split(rule: &Compiled, text: &str, start: usize) -> Option<usize> {
    let Some(before) = &rule.before else { return Some(start) };
    let first = before.match_at(text, start, End::First)?;
    if rule.goes_on(text, first) {
        return Some(first);
    }
    // Backtracking into the first part: other ends, the longest first.
    let ends = (start..=text.len()).rev().filter(|&e| text.is_char_boundary(e) && e <= start + FARTHEST_BACK);
    ends.filter(|&e| before.match_at(text, start, End::At(e)).is_some()).find(|&e| rule.goes_on(text, e))
}

/// OmegaT's places of a rule: both parts are searched for by themselves, without overlaps; a place is where a find of
/// the one ends and a find of the other begins.
pub(super) fn omegat_places(rule: &Compiled, text: &str) -> Vec<usize> {
    let mut begins: Option<Vec<usize>> = None;
    if let Some(after) = &rule.after {
        let mut all = Vec::new();
        let mut at = 0;
        while let Some((start, end)) = (at <= text.len()).then(|| after.find(text, at)).flatten() {
            all.push(start);
            at = if end > start { end } else { end + text[end..].chars().next().map_or(1, char::len_utf8) };
        }
        begins = Some(all);
    }
    let Some(before) = &rule.before else {
        // Without a first part, any character may precede.
        return begins.map(|b| b.into_iter().filter(|&p| p > 0).collect()).unwrap_or_default();
    };
    let mut out = Vec::new();
    let mut at = 0;
    while let Some((start, end)) = (at <= text.len()).then(|| before.find(text, at)).flatten() {
        if begins.as_ref().is_none_or(|b| b.binary_search(&end).is_ok()) {
            out.push(end);
        }
        at = if end > start { end } else { end + text[end..].chars().next().map_or(1, char::len_utf8) };
    }
    out
}
