//! The rules of one language, made ready, and the three ways to apply them.
//!
//! Exceptions are many (hundreds), candidates few (one a sentence). So break rules are searched for, and what their
//! finds are held against is one automaton over the `beforebreak` of all exceptions, with look-around left out, walked
//! *backwards* from the candidate: it names the exceptions that may apply and where they would begin. The few it names
//! are verified exactly. Exceptions that run on through anything (`wide`) stay out of the automaton.

use std::sync::Mutex;

use regex_automata::hybrid::BuildError;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::{Anchored, Input, MatchKind};
use unicode_segmentation::UnicodeSegmentation;

use super::compiled::{Compiled, FARTHEST_BACK, compile};
use super::places::{Finder, okapi_places, omegat_places};
use super::regex::{Dialect, End, Node, Program, over_approximation, runs_on};
use super::wide::Wide;
use super::{Profile, SrxError, SrxRules};
use crate::Language;

/// Memory of the lazy automaton, in bytes.
const AUTOMATON_MEMORY: usize = 32 << 20;

/// The rules of one language.
#[derive(Debug)]
pub(in crate::segment) struct Engine {
    profile: Profile,
    rules: Vec<Compiled>,
    /// All exceptions with a `beforebreak`, reversed; pattern k is the exception `ids[k]`.
    automaton: Option<(DFA, Mutex<Cache>)>,
    ids: Vec<usize>,
    /// Exceptions without `beforebreak`.
    bare: Vec<usize>,
    /// Exceptions that run on through anything: in the automaton they would be candidates nearly everywhere.
    wide: Vec<Wide>,
    icu_breaks: bool,
}

impl Engine {
    /// Makes the rules for `language` ready.
    ///
    /// # Errors
    /// [`SrxError::NoRules`], [`SrxError::Pattern`], [`SrxError::Map`].
    pub(in crate::segment) fn new(rules: &SrxRules, profile: Profile, language: &Language) -> Result<Self, SrxError> {
        let mut compiled = Vec::new();
        let mut nodes = Vec::new();
        let lists = lists_for(rules, profile, language)?;
        for list in lists {
            let list = &rules.lists[list];
            for (k, rule) in list.rules.iter().enumerate() {
                let (one, node) = compile(rules, profile, rule).map_err(|(part, reason)| SrxError::Pattern {
                    list: list.name.clone(),
                    number: k + 1,
                    part,
                    line: rule.line,
                    reason,
                })?;
                compiled.push(one);
                nodes.push(node);
            }
        }
        let exceptions = || compiled.iter().enumerate().filter(|(_, r)| !r.breaks).map(|(k, _)| k);
        let runs_on = |k: &usize| nodes[*k].as_ref().is_some_and(runs_on);
        let wide = exceptions().filter(runs_on).filter_map(|k| Some(Wide::new(k, nodes[k].as_ref()?))).collect();
        let ids: Vec<usize> = exceptions().filter(|k| nodes[*k].is_some() && !runs_on(k)).collect();
        let bare = exceptions().filter(|&k| nodes[k].is_none()).collect();
        let trees: Vec<&Node> = ids.iter().filter_map(|&k| nodes[k].as_ref()).collect();
        // Too large for an automaton: then every exception is verified, slowly but right.
        let automaton = automaton(&trees).ok().flatten();
        let icu_breaks = profile == Profile::Okapi && rules.okapi.is_some_and(|o| o.icu_breaks);
        Ok(Self { profile, rules: compiled, automaton, ids, bare, wide, icu_breaks })
    }

    /// Where `text` breaks, in bytes: ascending, without its ends.
    pub(in crate::segment) fn breaks(&self, text: &str) -> Vec<usize> {
        match self.profile {
            Profile::LanguageTool => self.loomchild(text),
            Profile::Okapi => self.by_sets(text, okapi_places, true),
            Profile::OmegaT => self.by_sets(text, omegat_places, false),
        }
    }

    /// The loomchild way: the earliest find of any break rule is a break unless an exception before that rule applies;
    /// after a break, finds that began before it are searched again from it.
    fn loomchild(&self, text: &str) -> Vec<usize> {
        let mut finders: Vec<Finder<'_>> =
            self.rules.iter().enumerate().filter(|(_, r)| r.breaks).map(|(k, r)| Finder::new(k, r)).collect();
        finders.retain_mut(|f| f.advance(text));
        let mut held = self.held();
        let mut out = Vec::new();
        let mut start = 0;
        while let Some(first) = finders.iter().min_by_key(|f| (f.place, f.rule)) {
            let (place, rule) = (first.place, first.rule);
            if place > start && !self.is_excepted(text, place, rule, &mut held) {
                out.push(place);
                start = place;
                finders.retain_mut(|f| f.began >= place || f.restart(text, place));
            }
            finders.retain_mut(|f| {
                while f.place <= place {
                    if !f.advance(text) {
                        return false;
                    }
                }
                true
            });
        }
        out.retain(|&p| p < text.len());
        out
    }

    /// Whether an exception before rule `before` applies at byte `place`.
    fn is_excepted(&self, text: &str, place: usize, before: usize, held: &mut Held<'_>) -> bool {
        let mut found = false;
        let mut candidates = std::mem::take(&mut held.candidates);
        self.candidates(text, place, held, &mut candidates);
        for &(rule, start) in &candidates {
            let r = &self.rules[rule];
            // The second part does not depend on where the first begins: looked at once a place.
            let goes_on = match held.goes_on[rule] {
                (p, known) if p == place => known,
                _ => rule < before && r.goes_on(text, place),
            };
            held.goes_on[rule] = (place, goes_on);
            let ends = |p: &Program| p.match_at(text, start, End::At(place)).is_some();
            found = rule < before && goes_on && r.before.as_ref().is_none_or(ends);
            if found {
                break;
            }
        }
        held.candidates = candidates;
        found || self.wide.iter().any(|w| w.rule < before && w.applies(&self.rules[w.rule], text, place))
    }

    /// Exceptions that may apply at `place`, and where their `beforebreak` would begin.
    fn candidates(&self, text: &str, place: usize, held: &mut Held<'_>, out: &mut Vec<(usize, usize)>) {
        out.clear();
        out.extend(self.bare.iter().map(|&k| (k, place)));
        let mut from = place.saturating_sub(FARTHEST_BACK);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let walked =
            held.cache.as_deref_mut().is_some_and(|cache| self.walk_back(text, from, place, cache, out).is_some());
        if !walked {
            let starts: Vec<usize> = (from..=place).filter(|&s| text.is_char_boundary(s)).collect();
            out.truncate(self.bare.len());
            for &k in &self.ids {
                out.extend(starts.iter().rev().map(|&s| (k, s)));
            }
        }
    }

    /// Walks the automaton back from `place`; `None` where it gives up (its memory is full too often).
    fn walk_back(
        &self,
        text: &str,
        from: usize,
        place: usize,
        cache: &mut Cache,
        out: &mut Vec<(usize, usize)>,
    ) -> Option<()> {
        let (dfa, _) = self.automaton.as_ref()?;
        let input = Input::new(text).range(from..place).anchored(Anchored::Yes);
        let mut state = dfa.start_state_reverse(cache, &input).ok()?;
        // A match state is entered one byte late: it tells of the place behind that byte.
        let mut tell = |state, cache: &Cache, at: usize| {
            for k in 0..dfa.match_len(cache, state) {
                out.push((self.ids[dfa.match_pattern(cache, state, k).as_usize()], at));
            }
        };
        for at in (from..place).rev() {
            state = dfa.next_state(cache, state, text.as_bytes()[at]).ok()?;
            if state.is_tagged() {
                if state.is_match() {
                    tell(state, cache, at + 1);
                } else if state.is_dead() {
                    return Some(());
                } else if state.is_quit() {
                    return None;
                }
            }
        }
        state = dfa.next_eoi_state(cache, state).ok()?;
        if state.is_match() {
            tell(state, cache, from);
        }
        Some(())
    }

    /// The ways of Okapi and OmegaT: every rule has its set of places in the whole text; at a place, the first rule
    /// that has it decides. Sets of exceptions are made only when the automaton names them.
    fn by_sets(&self, text: &str, places: fn(&Compiled, &str) -> Vec<usize>, inner: bool) -> Vec<usize> {
        let mut sets: Vec<Option<Vec<usize>>> = vec![None; self.rules.len()];
        let mut all: Vec<(usize, usize)> = Vec::new();
        for (k, rule) in self.rules.iter().enumerate().filter(|(_, r)| r.breaks) {
            all.extend(places(rule, text).into_iter().map(|p| (p, k)));
        }
        all.sort_unstable();
        all.dedup_by_key(|(p, _)| *p);
        if self.icu_breaks {
            let last = self.rules.len();
            let more = text.split_sentence_bound_indices().map(|(p, _)| (p, last));
            all.extend(more.filter(|(p, _)| *p > 0));
            all.sort_unstable();
            all.dedup_by_key(|(p, _)| *p);
        }
        let mut held = self.held();
        let mut candidates = Vec::new();
        all.retain(|&(place, rule)| {
            self.candidates(text, place, &mut held, &mut candidates);
            candidates.extend(self.wide.iter().filter(|w| w.may_end(text, place)).map(|w| (w.rule, place)));
            candidates.sort_unstable();
            candidates.dedup_by_key(|(k, _)| *k);
            !candidates.iter().take_while(|(k, _)| *k < rule).any(|&(k, _)| {
                let set = sets[k].get_or_insert_with(|| places(&self.rules[k], text));
                set.binary_search(&place).is_ok()
            })
        });
        let end = if inner { text.len() } else { text.trim_end().len() };
        all.into_iter().map(|(p, _)| p).filter(|&p| p > 0 && p < end).collect()
    }

    fn held(&self) -> Held<'_> {
        Held {
            cache: self.automaton.as_ref().and_then(|(_, c)| c.lock().ok()),
            candidates: Vec::new(),
            goes_on: vec![(usize::MAX, false); self.rules.len()],
        }
    }
}

/// What a run over a text holds on to: the automaton's memory, and a buffer.
struct Held<'e> {
    cache: Option<std::sync::MutexGuard<'e, Cache>>,
    candidates: Vec<(usize, usize)>,
    /// Of every rule: the place last asked about, and whether its second part matches there.
    goes_on: Vec<(usize, bool)>,
}

/// The lists that a language gets.
fn lists_for(rules: &SrxRules, profile: Profile, language: &Language) -> Result<Vec<usize>, SrxError> {
    let cascade = rules.cascade || profile == Profile::OmegaT;
    // The forms that tools pass: BCP-47, with an underscore as Java's locales, and OmegaT's capitals.
    let tag = language.as_str();
    let forms = [tag.to_owned(), tag.replace('-', "_"), tag.to_ascii_lowercase(), tag.to_ascii_uppercase()];
    let forms = if profile == Profile::OmegaT { &forms[..] } else { &forms[..3] };
    let mut out = Vec::new();
    for map in &rules.maps {
        let wrong = |reason| SrxError::Map { pattern: map.pattern.clone(), line: map.line, reason };
        let prefix = if profile == Profile::OmegaT { "(?iu)" } else { "" };
        let node = Node::read(&format!("{prefix}{}", map.pattern), Dialect::Java).map_err(wrong)?;
        let program = Program::new(&node).map_err(wrong)?;
        let fits = |form: &String| program.match_at(form, 0, End::At(form.len())).is_some();
        if !forms.iter().any(fits) {
            continue;
        }
        let list = rules.lists.iter().position(|l| l.name == map.list);
        out.extend(list.filter(|l| !out.contains(l)));
        if !cascade {
            break;
        }
    }
    if out.is_empty() {
        let known = rules.maps.iter().map(|m| m.pattern.as_str()).collect::<Vec<_>>().join(" ");
        return Err(SrxError::NoRules { language: tag.to_owned(), known });
    }
    Ok(out)
}

/// The reverse automaton over the first parts of exceptions.
fn automaton(trees: &[&Node]) -> Result<Option<(DFA, Mutex<Cache>)>, Box<BuildError>> {
    if trees.is_empty() {
        return Ok(None);
    }
    let hirs: Vec<_> = trees.iter().map(|n| over_approximation(n)).collect();
    let config = thompson::Config::new().reverse(true).utf8(true).which_captures(thompson::WhichCaptures::None);
    let nfa = thompson::Compiler::new().configure(config).build_many_from_hir(&hirs);
    let Ok(nfa) = nfa else { return Ok(None) };
    let config = DFA::config()
        .match_kind(MatchKind::All)
        .cache_capacity(AUTOMATON_MEMORY)
        .skip_cache_capacity_check(true)
        .unicode_word_boundary(false);
    let dfa = DFA::builder().configure(config).build_from_nfa(nfa).map_err(Box::new)?;
    let cache = Mutex::new(dfa.create_cache());
    Ok(Some((dfa, cache)))
}

/// All patterns of a file that are not understood.
pub(super) fn check(rules: &SrxRules, profile: Profile) -> Vec<SrxError> {
    let mut out = Vec::new();
    for list in &rules.lists {
        for (k, rule) in list.rules.iter().enumerate() {
            if let Err((part, reason)) = compile(rules, profile, rule) {
                let list = list.name.clone();
                out.push(SrxError::Pattern { list, number: k + 1, part, line: rule.line, reason });
            }
        }
    }
    for map in &rules.maps {
        if let Err(reason) = Node::read(&map.pattern, Dialect::Java) {
            out.push(SrxError::Map { pattern: map.pattern.clone(), line: map.line, reason });
        }
    }
    out
}
