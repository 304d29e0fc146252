//! Programs and the walk through them.
//!
//! The walk is a depth-first search over (instruction, place); the order of a program's forks is the order of
//! preference of Perl, Java and ICU. Sub-programs (look-around, atoms) are walks of their own. After
//! [`STEPS_UNREMEMBERED`] steps the walk remembers where it has been: a state that failed once fails again, since
//! nothing but the place decides (back-references are refused), so that time is bounded by program × text, and loops
//! over nothing end.

use rustc_hash::FxHashSet;

use super::Node;
use super::classes::{self, Set};

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
struct Table {
    ascii: u128,
    ranges: Box<[(char, char)]>,
}

impl Table {
    fn new(set: &Set) -> Self {
        let ranges: Box<[_]> = set.ranges().iter().map(|r| (r.start(), r.end())).collect();
        let mut ascii = 0;
        for &(a, b) in &ranges {
            for c in (a as u32)..=(b as u32).min(127) {
                ascii |= 1 << c;
            }
        }
        Self { ascii, ranges }
    }

    fn has(&self, c: char) -> bool {
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
    word: Table,
    /// Where to look for a match; `None` where it may be empty.
    anchor: Option<Anchor>,
}

/// The rarest of the characters that a match must have at a fixed distance from its beginning.
#[derive(Clone, Debug)]
struct Anchor {
    /// Distance in characters.
    distance: usize,
    /// Bytes with which such a character begins.
    leads: Box<[bool; 256]>,
}

impl Program {
    /// Compiles a tree.
    ///
    /// # Errors
    /// The reason, where the program would be too large.
    pub(in crate::segment::srx) fn new(node: &Node) -> Result<Self, String> {
        let mut made = Self { code: Vec::new(), sets: Vec::new(), word: Table::new(&classes::word()), anchor: None };
        made.compile(node)?;
        made.push(Instruction::Done)?;
        let mut fixed = Vec::new();
        fixed_prefix(node, &mut fixed);
        let mut first = Set::empty();
        if fixed.is_empty() && !first_of(node, &mut first) {
            fixed.push(first);
        }
        let rarest = fixed.iter().enumerate().min_by_key(|(_, set)| commonness(set));
        made.anchor = rarest.map(|(distance, set)| Anchor { distance, leads: Box::new(lead_bytes(set)) });
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
        let Some(Anchor { distance, leads }) = &self.anchor else {
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
            let bytes = &text.as_bytes()[at.min(text.len())..];
            at += bytes.iter().position(|&b| leads[usize::from(b)])?;
            // Back to where a match with this character would begin.
            let start = match distance {
                0 => Some(at),
                _ => text[from..at].char_indices().rev().nth(distance - 1).map(|(k, _)| from + k),
            };
            if let Some(start) = start
                && let Some(end) = self.match_at(text, start, End::First)
            {
                return Some((start, end));
            }
            at += 1;
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
                    Instruction::Word { inside } => (self.at_word_edge(text, at) != inside).then_some((pc + 1, at)),
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

    fn at_word_edge(&self, text: &str, at: usize) -> bool {
        let word = |c: Option<char>| c.is_some_and(|c| self.word.has(c));
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

/// How common the characters of `set` are in prose, roughly, in thousandths.
fn commonness(set: &Set) -> u32 {
    let has = |c: char| set.ranges().iter().any(|r| r.start() <= c && c <= r.end());
    let samples = [(' ', 150), ('e', 100), ('a', 80), ('z', 5), ('E', 10), ('.', 10), (',', 10), ('1', 10), ('-', 5)];
    let letters = [('я', 300), ('の', 200), ('的', 300), ('ع', 300), ('क', 300), ('é', 20), ('\u{A0}', 1)];
    samples.iter().chain(&letters).filter(|(c, _)| has(*c)).map(|(_, weight)| weight).sum()
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
