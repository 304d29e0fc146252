//! One rule, made ready for one way to apply it.

use super::regex::{Dialect, End, Node, Program};
use super::{Profile, SrxRule, SrxRules};

/// Bound of repetitions in exceptions of the loomchild library (`maxLookbehindConstructLength`).
const LOOMCHILD_LIMIT: u32 = 100;
/// How far back exceptions are looked for, in bytes; beyond any `beforebreak` that bounded repetitions allow in prose.
pub(super) const FARTHEST_BACK: usize = 4096;

/// One rule, compiled.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) breaks: bool,
    pub(super) before: Option<Program>,
    pub(super) after: Option<Program>,
    /// Both parts as one pattern (Okapi).
    pub(super) whole: Option<Program>,
}

impl Compiled {
    /// Whether `afterbreak` matches at byte `place`.
    pub(super) fn goes_on(&self, text: &str, place: usize) -> bool {
        self.after.as_ref().is_none_or(|p| p.match_at(text, place, End::First).is_some())
    }
}

fn dialect(rules: &SrxRules, profile: Profile) -> Dialect {
    match profile {
        Profile::Okapi if !rules.okapi.is_some_and(|o| o.java) => Dialect::Icu,
        _ => Dialect::Java,
    }
}

/// The part of a rule that is not understood, and why.
pub(super) type Refused = (&'static str, String);

/// Compiles a rule; with the tree of its first part, where it is an exception that has one.
pub(super) fn compile(rules: &SrxRules, profile: Profile, rule: &SrxRule) -> Result<(Compiled, Option<Node>), Refused> {
    let dialect = dialect(rules, profile);
    let read = |part: &'static str, pattern: &str| Node::read(pattern, dialect).map_err(|reason| (part, reason));
    let program = |part: &'static str, node: &Node| Program::new(node).map_err(|reason| (part, reason));
    let mut before = match rule.before.as_str() {
        "" => None,
        pattern => Some(read("beforebreak", pattern)?),
    };
    let after = match rule.after.as_str() {
        "" => None,
        pattern => Some(read("afterbreak", pattern)?),
    };
    if profile == Profile::LanguageTool && !rule.breaks {
        before = before.map(|n| n.bounded(LOOMCHILD_LIMIT));
    }
    let whole = match profile {
        Profile::Okapi => {
            let parts = before.iter().chain(&after).cloned().collect();
            Some(program("beforebreak", &Node::Sequence(parts))?)
        }
        _ => None,
    };
    let compiled = Compiled {
        breaks: rule.breaks,
        before: before.as_ref().map(|n| program("beforebreak", n)).transpose()?,
        after: after.as_ref().map(|n| program("afterbreak", n)).transpose()?,
        whole,
    };
    Ok((compiled, before.filter(|_| !rule.breaks)))
}
