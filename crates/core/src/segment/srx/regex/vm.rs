//! Programs and the walk through them.
//!
//! The walk is a depth-first search over (instruction, place); the order of a program's forks is the order of
//! preference of Perl, Java and ICU. Sub-programs (look-around, atoms) are walks of their own. After
//! [`STEPS_UNREMEMBERED`] steps the walk remembers where it has been: a state that failed once fails again, since
//! nothing but the place decides (back-references are refused), so that time is bounded by program × text, and loops
//! over nothing end.

use std::sync::OnceLock;

use rustc_hash::FxHashSet;

use super::Node;
use super::classes::{self, Set};
use super::shape::{self, commonness};

/// Largest program, in instructions.
const LARGEST: usize = 200_000;
/// Steps before the walk begins to remember.
const STEPS_UNREMEMBERED: u32 = 2_000;
/// How far a look-behind without bound looks back, in characters.
const LOOK_BEHIND: usize = 255;

/// Where a match must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::segment::srx) enum End {
    /// Wherever the first one ends.
    First,
    /// At this byte; other ends are turned down and the walk goes on.
    At(usize),
}

#[derive(Clone, Copy, Debug)]
enum Instruction {
    Set(u32),
    /// First the one, then the other.
    Fork(u32, u32),
    Jump(u32),
    Atomic {
        from: u32,
        then: u32,
    },
    Look {
        from: u32,
        then: u32,
        ahead: bool,
        negative: bool,
    },
    Word {
        inside: bool,
    },
    Start {
        lines: bool,
    },
    End {
        lines: bool,
        last_break: bool,
    },
    Done,
}

/// A set, with its ASCII part as bits.
#[derive(Clone, Debug)]
pub(in crate::segment::srx) struct Table {
    ascii: u128,
    ranges: Box<[(char, char)]>,
}

impl Table {
    pub(in crate::segment::srx) fn new(set: &Set) -> Self {
        let ranges: Box<[_]> = set.ranges().iter().map(|r| (r.start(), r.end())).collect();
        let mut ascii = 0;
        for &(a, b) in &ranges {
            for c in (a as u32)..=(b as u32).min(127) {
                ascii |= 1 << c;
            }
        }
        Self { ascii, ranges }
    }

    pub(in crate::segment::srx) fn has(&self, c: char) -> bool {
        if c.is_ascii() {
            return self.ascii >> (c as u32) & 1 == 1;
        }
        let k = self.ranges.partition_point(|r| r.1 < c);
        self.ranges.get(k).is_some_and(|r| r.0 <= c)
    }
}

/// A compiled pattern.
#[derive(Clone, Debug)]
pub(in crate::segment::srx) struct Program {
    code: Vec<Instruction>,
    sets: Vec<Table>,
    /// Where to look for a match; `None` where it may be empty.
    anchor: Option<Anchor>,
}

/// A character that every match has, and where it then begins.
#[derive(Clone, Debug)]
struct Anchor {
    /// Bytes with which such a character begins.
    leads: Leads,
    begins: Begins,
}

/// Where matches begin that have an [`Anchor`]'s character at a place.
#[derive(Clone, Debug)]
enum Begins {
    /// So many characters before it.
    Fixed(usize),
    /// Between `least` and `most` characters before it, all of them of `before`.
    Within { set: Table, before: Table, least: usize, most: usize },
}

/// Bytes with which the characters of a set begin.
#[derive(Clone, Debug)]
pub(in crate::segment::srx) enum Leads {
    One(u8),
    Two(u8, u8),
    Three(u8, u8, u8),
    Many(Box<[bool; 256]>),
}

impl Leads {
    pub(in crate::segment::srx) fn new(set: &Set) -> Self {
        let table = lead_bytes(set);
        let bytes: Vec<u8> = (0..=255).filter(|&b| table[usize::from(b)]).collect();
        match bytes[..] {
            [a] => Self::One(a),
            [a, b] => Self::Two(a, b),
            [a, b, c] => Self::Three(a, b, c),
            _ => Self::Many(Box::new(table)),
        }
    }

    /// The last of them in `bytes`.
    pub(in crate::segment::srx) fn rfind(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::One(a) => memchr::memrchr(*a, bytes),
            Self::Two(a, b) => memchr::memrchr2(*a, *b, bytes),
            Self::Three(a, b, c) => memchr::memrchr3(*a, *b, *c, bytes),
            Self::Many(table) => bytes.iter().rposition(|&b| table[usize::from(b)]),
        }
    }

    fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::One(a) => memchr::memchr(*a, bytes),
            Self::Two(a, b) => memchr::memchr2(*a, *b, bytes),
            Self::Three(a, b, c) => memchr::memchr3(*a, *b, *c, bytes),
            Self::Many(table) => bytes.iter().position(|&b| table[usize::from(b)]),
        }
    }
}

impl Program {
    /// Compiles a tree.
    ///
    /// # Errors
    /// The reason, where the program would be too large.
    pub(in crate::segment::srx) fn new(node: &Node) -> Result<Self, String> {
        let mut made = Self { code: Vec::new(), sets: Vec::new(), anchor: None };
        made.compile(node)?;
        made.push(Instruction::Done)?;
        let mut fixed = Vec::new();
        fixed_prefix(node, &mut fixed);
        let mut first = Set::empty();
        if fixed.is_empty() && !first_of(node, &mut first) {
            fixed.push(first);
        }
        let rarest = fixed.iter().enumerate().min_by_key(|(_, set)| commonness(set));
        let rarest = rarest.map(|(distance, set)| (commonness(set), distance, set));
        made.anchor = match shape::inner(node) {
            Some(inner) if rarest.as_ref().is_none_or(|(common, ..)| commonness(&inner.set) < *common) => {
                let (least, most) = (inner.before.least, inner.before.most.unwrap_or(usize::MAX));
                let (set, before) = (Table::new(&inner.set), Table::new(&inner.before.all));
                Some(Anchor { leads: Leads::new(&inner.set), begins: Begins::Within { set, before, least, most } })
            }
            _ => rarest.map(|(_, k, set)| Anchor { leads: Leads::new(set), begins: Begins::Fixed(k) }),
        };
        Ok(made)
    }

    fn push(&mut self, instruction: Instruction) -> Result<u32, String> {
        if self.code.len() >= LARGEST {
            return Err(format!("the pattern needs more than {LARGEST} steps; make its counts smaller"));
        }
        self.code.push(instruction);
        Ok(self.code.len() as u32 - 1)
    }

    fn here(&self) -> u32 {
        self.code.len() as u32
    }

    fn compile(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Set(set) => {
                self.sets.push(Table::new(set));
                self.push(Instruction::Set(self.sets.len() as u32 - 1))?;
            }
            Node::Sequence(nodes) => nodes.iter().try_for_each(|n| self.compile(n))?,
            Node::Alternatives(nodes) => {
                let mut jumps = Vec::new();
                for (k, n) in nodes.iter().enumerate() {
                    if k + 1 == nodes.len() {
                        self.compile(n)?;
                        continue;
                    }
                    let fork = self.push(Instruction::Fork(0, 0))?;
                    self.compile(n)?;
                    jumps.push(self.push(Instruction::Jump(0))?);
                    self.code[fork as usize] = Instruction::Fork(fork + 1, self.here());
                }
                let end = self.here();
                for j in jumps {
                    self.code[j as usize] = Instruction::Jump(end);
                }
            }
            Node::Repeat { node, least, most, greedy } => {
                // Copies share their set.
                for _ in 0..*least {
                    self.compile(node)?;
                }
                let order = |a, b| if *greedy { Instruction::Fork(a, b) } else { Instruction::Fork(b, a) };
                match most {
                    None => {
                        let fork = self.push(Instruction::Jump(0))?;
                        self.compile(node)?;
                        self.push(Instruction::Jump(fork))?;
                        self.code[fork as usize] = order(fork + 1, self.here());
                    }
                    Some(most) => {
                        let mut forks = Vec::new();
                        for _ in *least..*most {
                            forks.push(self.push(Instruction::Jump(0))?);
                            self.compile(node)?;
                        }
                        let end = self.here();
                        for f in forks {
                            self.code[f as usize] = order(f + 1, end);
                        }
                    }
                }
            }
            Node::Atomic(inner) => {
                let at = self.push(Instruction::Jump(0))?;
                self.compile(inner)?;
                self.push(Instruction::Done)?;
                self.code[at as usize] = Instruction::Atomic { from: at + 1, then: self.here() };
            }
            Node::Look { ahead, negative, node } => {
                let at = self.push(Instruction::Jump(0))?;
                self.compile(node)?;
                self.push(Instruction::Done)?;
                let (ahead, negative) = (*ahead, *negative);
                self.code[at as usize] = Instruction::Look { from: at + 1, then: self.here(), ahead, negative };
            }
            Node::Word { inside } => drop(self.push(Instruction::Word { inside: *inside })?),
            Node::Start { lines } => drop(self.push(Instruction::Start { lines: *lines })?),
            Node::End { lines, last_break } => {
                self.push(Instruction::End { lines: *lines, last_break: *last_break })?;
            }
        }
        Ok(())
    }

    /// Where a match that begins at byte `at` ends.
    pub(in crate::segment::srx) fn match_at(&self, text: &str, at: usize, end: End) -> Option<usize> {
        self.walk(text, 0, at, end)
    }

    /// The first match that begins at or behind byte `from`: its start and end.
    pub(in crate::segment::srx) fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let Some(Anchor { leads, begins }) = &self.anchor else {
            let mut at = from;
            while at <= text.len() {
                if let Some(end) = self.match_at(text, at, End::First) {
                    return Some((at, end));
                }
                at += text[at..].chars().next().map_or(1, char::len_utf8);
            }
            return None;
        };
        let mut at = from;
        loop {
            at += leads.find(&text.as_bytes()[at.min(text.len())..])?;
            // Back to where a match with this character would begin.
            let found = match begins {
                Begins::Fixed(0) => self.first_of(text, at, at),
                Begins::Fixed(distance) => {
                    let start = text[from..at].char_indices().rev().nth(distance - 1);
                    start.and_then(|(k, _)| self.first_of(text, from + k, from + k))
                }
                Begins::Within { set, before, least, most } => {
                    text[at..].starts_with(|c| set.has(c)).then(|| {
                        let (mut earliest, mut latest) = (at, (*least == 0).then_some(at));
                        for (k, (i, c)) in text[from..at].char_indices().rev().enumerate().take(*most) {
                            if !before.has(c) {
                                break;
                            }
                            earliest = from + i;
                            if k + 1 == *least {
                                latest = Some(earliest);
                            }
                        }
                        latest.and_then(|latest| self.first_of(text, earliest, latest))
                    })
                }
                .flatten(),
            };
            if found.is_some() {
                return found;
            }
            at += 1;
        }
    }

    /// The first match that begins at one of the places from `earliest` to `latest`.
    fn first_of(&self, text: &str, earliest: usize, latest: usize) -> Option<(usize, usize)> {
        let mut start = earliest;
        loop {
            if let Some(end) = self.match_at(text, start, End::First) {
                return Some((start, end));
            }
            if start >= latest {
                return None;
            }
            start += text[start..].chars().next().map_or(1, char::len_utf8);
        }
    }

    fn walk(&self, text: &str, from: u32, at: usize, end: End) -> Option<usize> {
        let mut stack = Stack::new();
        let mut been: FxHashSet<(u32, usize)> = FxHashSet::default();
        let mut steps = 0;
        let (mut pc, mut at) = (from, at);
        loop {
            steps += 1;
            let known = steps > STEPS_UNREMEMBERED && !been.insert((pc, at));
            let next = if known {
                None
            } else {
                match self.code[pc as usize] {
                    Instruction::Set(k) => match text[at..].chars().next() {
                        Some(c) if self.sets[k as usize].has(c) => Some((pc + 1, at + c.len_utf8())),
                        _ => None,
                    },
                    Instruction::Jump(to) => Some((to, at)),
                    Instruction::Fork(a, b) => {
                        stack.push((b, at));
                        Some((a, at))
                    }
                    Instruction::Atomic { from, then } => self.walk(text, from, at, End::First).map(|e| (then, e)),
                    Instruction::Look { from, then, ahead, negative } => {
                        let found = if ahead {
                            self.walk(text, from, at, End::First).is_some()
                        } else {
                            self.looks_back(text, from, at)
                        };
                        (found != negative).then_some((then, at))
                    }
                    Instruction::Word { inside } => (Self::at_word_edge(text, at) != inside).then_some((pc + 1, at)),
                    Instruction::Start { lines } => {
                        let begins = at == 0 || lines && text[..at].ends_with(is_line_break) && at < text.len();
                        begins.then_some((pc + 1, at))
                    }
                    Instruction::End { lines, last_break } => {
                        let rest = &text[at..];
                        let ends = rest.is_empty()
                            || last_break
                                && (rest == "\r\n" || rest.chars().count() == 1 && rest.starts_with(is_line_break))
                            || lines && rest.starts_with(is_line_break);
                        ends.then_some((pc + 1, at))
                    }
                    Instruction::Done if end == End::First || end == End::At(at) => return Some(at),
                    Instruction::Done => None,
                }
            };
            // Whoever must end at a place need not walk beyond it.
            let next = next.filter(|&(_, a)| !matches!(end, End::At(e) if a > e));
            match next.or_else(|| stack.pop()) {
                Some((p, a)) => (pc, at) = (p, a),
                None => return None,
            }
        }
    }

    /// Whether the sub-program matches some text that ends at byte `at`.
    fn looks_back(&self, text: &str, from: u32, at: usize) -> bool {
        let starts = std::iter::once(at).chain(text[..at].char_indices().rev().map(|(k, _)| k)).take(LOOK_BEHIND + 1);
        for start in starts {
            if self.walk(text, from, start, End::At(at)).is_some() {
                return true;
            }
        }
        false
    }

    fn at_word_edge(text: &str, at: usize) -> bool {
        static WORD: OnceLock<Table> = OnceLock::new();
        let table = WORD.get_or_init(|| Table::new(&classes::word()));
        let word = |c: Option<char>| c.is_some_and(|c| table.has(c));
        word(text[..at].chars().next_back()) != word(text[at..].chars().next())
    }
}

/// A stack whose first places need no allocation: most walks are short.
struct Stack {
    few: [(u32, usize); 12],
    len: usize,
    more: Vec<(u32, usize)>,
}

impl Stack {
    fn new() -> Self {
        Self { few: [(0, 0); 12], len: 0, more: Vec::new() }
    }

    fn push(&mut self, item: (u32, usize)) {
        match self.few.get_mut(self.len) {
            Some(slot) => *slot = item,
            None => self.more.push(item),
        }
        self.len += 1;
    }

    fn pop(&mut self) -> Option<(u32, usize)> {
        self.len = self.len.checked_sub(1)?;
        if self.len < self.few.len() { Some(self.few[self.len]) } else { self.more.pop() }
    }
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Sets of the single characters that every match of `node` begins with, one by one; says whether all of `node` is so.
fn fixed_prefix(node: &Node, into: &mut Vec<Set>) -> bool {
    match node {
        Node::Set(set) => {
            into.push(set.clone());
            true
        }
        Node::Sequence(nodes) => nodes.iter().all(|n| fixed_prefix(n, into)),
        Node::Repeat { node, least, most, .. } => {
            let whole = (0..*least).all(|_| fixed_prefix(node, into));
            whole && *most == Some(*least)
        }
        Node::Look { .. } | Node::Word { .. } | Node::Start { .. } | Node::End { .. } => true,
        Node::Alternatives(_) | Node::Atomic(_) => false,
    }
}

/// Adds the characters that a match of `node` can begin with; says whether it may be empty.
fn first_of(node: &Node, into: &mut Set) -> bool {
    match node {
        Node::Set(set) => {
            into.union(set);
            false
        }
        Node::Sequence(nodes) => nodes.iter().all(|n| first_of(n, into)),
        // Every alternative must be looked at: no short cut.
        Node::Alternatives(nodes) => nodes.iter().fold(false, |empty, n| first_of(n, into) | empty),
        Node::Repeat { node, least, .. } => first_of(node, into) || *least == 0,
        Node::Atomic(node) => first_of(node, into),
        Node::Look { .. } | Node::Word { .. } | Node::Start { .. } | Node::End { .. } => true,
    }
}

/// The first bytes of the characters of `set` in UTF-8.
fn lead_bytes(set: &Set) -> [bool; 256] {
    let mut out = [false; 256];
    for range in set.ranges() {
        let lead = |c: char| {
            let mut buffer = [0; 4];
            c.encode_utf8(&mut buffer).as_bytes()[0]
        };
        for byte in lead(range.start())..=lead(range.end()) {
            // Bytes inside a character begin none.
            out[usize::from(byte)] = !(0x80..0xC0).contains(&byte);
        }
    }
    out
}

/// The characters that a match of `node` can begin with; `None` where it may be empty.
pub(in crate::segment::srx) fn first_set(node: &Node) -> Option<Set> {
    let mut out = Set::empty();
    (!first_of(node, &mut out)).then_some(out)
}

/// Sets of the single characters that every match of `node` ends with, the last one first.
pub(in crate::segment::srx) fn ends_with_sets(node: &Node) -> Vec<Set> {
    fn collect(node: &Node, into: &mut Vec<Set>) -> bool {
        match node {
            Node::Set(set) => {
                into.push(set.clone());
                true
            }
            Node::Sequence(nodes) => nodes.iter().rev().all(|n| collect(n, into)),
            Node::Look { .. } | Node::Word { .. } | Node::Start { .. } | Node::End { .. } => true,
            _ => false,
        }
    }
    let mut out = Vec::new();
    collect(node, &mut out);
    out
}
