//! Patterns of Java and ICU become a tree. Everything is understood or refused with a reason; nothing is dropped.

use super::classes::{self, Set};
use super::{Dialect, Node};

/// Most copies that counted repetitions may make of a pattern's parts.
const MOST_COPIES: u32 = 1000;
/// Deepest nesting of groups.
const DEEPEST: u32 = 100;

/// Flags of a pattern at some place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    /// `i`: both cases.
    insensitive: bool,
    /// `u`: both cases of all letters, not of ASCII alone.
    unicode_case: bool,
    /// `U`: `\s`, `\d`, `\w` mean Unicode's.
    unicode_class: bool,
    /// `m`: `^` and `$` at every line.
    multiline: bool,
    /// `s`: `.` takes line breaks.
    dot_all: bool,
    /// `x`: white space and comments are nothing.
    comments: bool,
}

/// A pattern that is being read.
pub(super) struct Parser {
    chars: Vec<char>,
    at: usize,
    flags: Flags,
    dialect: Dialect,
    depth: u32,
}

type Read<T> = Result<T, String>;

impl Parser {
    /// Reads `pattern`.
    ///
    /// # Errors
    /// The reason, with its place in the pattern.
    pub(super) fn read(pattern: &str, dialect: Dialect) -> Read<Node> {
        let mut parser = Parser {
            chars: unquoted(pattern),
            at: 0,
            // ICU always folds by Unicode; Java only where it is told to.
            flags: Flags { unicode_case: dialect == Dialect::Icu, ..Flags::default() },
            dialect,
            depth: 0,
        };
        let node = parser.alternatives()?;
        match parser.peek() {
            None => Ok(node),
            Some(c) => Err(format!("'{c}' at character {} closes nothing", parser.at + 1)),
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn eat(&mut self, text: &str) -> bool {
        let found = text.chars().enumerate().all(|(k, c)| self.chars.get(self.at + k) == Some(&c));
        self.at += if found { text.chars().count() } else { 0 };
        found
    }

    fn here<T>(&self, what: &str) -> Read<T> {
        Err(format!("{what} at character {}", self.at + 1))
    }

    fn alternatives(&mut self) -> Read<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.here(&format!("groups nested deeper than {DEEPEST}"));
        }
        let flags = self.flags;
        let mut all = vec![self.sequence()?];
        while self.eat("|") {
            all.push(self.sequence()?);
        }
        self.flags = flags;
        self.depth -= 1;
        Ok(if all.len() == 1 { all.remove(0) } else { Node::Alternatives(all) })
    }

    fn sequence(&mut self) -> Read<Node> {
        let mut all = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            if self.flags.comments && (c.is_whitespace() || c == '#') {
                self.at += 1;
                while c == '#' && self.peek().is_some_and(|d| d != '\n') {
                    self.at += 1;
                }
                continue;
            }
            let Some(atom) = self.atom()? else { continue };
            all.push(self.repeated(atom)?);
        }
        Ok(Node::Sequence(all))
    }

    fn repeated(&mut self, mut atom: Node) -> Read<Node> {
        loop {
            let (least, most) = match self.peek() {
                Some('*') => (0, None),
                Some('+') => (1, None),
                Some('?') => (0, Some(1)),
                Some('{') => self.counts()?,
                _ => return Ok(atom),
            };
            self.at += 1;
            if least.max(most.unwrap_or(0)) > MOST_COPIES {
                return self.here(&format!("a repetition of more than {MOST_COPIES}"));
            }
            let (greedy, possessive) = (!self.eat("?"), self.peek() == Some('+'));
            let node = Node::Repeat { node: Box::new(atom), least, most, greedy };
            atom = if possessive && greedy {
                self.at += 1;
                Node::Atomic(Box::new(node))
            } else {
                node
            };
        }
    }

    /// The counts in braces, up to before the closing one. A brace that counts nothing is refused, as by Java and ICU.
    fn counts(&mut self) -> Read<(u32, Option<u32>)> {
        let close = self.chars[self.at..].iter().position(|&c| c == '}');
        let Some(close) = close else { return self.here("'{' without '}'") };
        let inner: String = self.chars[self.at + 1..self.at + close].iter().filter(|c| !c.is_whitespace()).collect();
        let (least, most) = match inner.split_once(',') {
            None => (inner.as_str(), Some(inner.as_str())),
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most)),
        };
        let number = |s: &str| s.parse::<u32>().ok();
        let (Some(least), Some(most)) = (number(least), most.map(number).map_or(Some(None), |m| m.map(Some))) else {
            return self.here(&format!("'{{{inner}}}' is no count of repetitions"));
        };
        if most.is_some_and(|m| m < least) {
            return self.here(&format!("'{{{inner}}}' counts down"));
        }
        self.at += close;
        Ok((least, most))
    }

    fn atom(&mut self) -> Read<Option<Node>> {
        let Some(c) = self.take() else { return self.here("the pattern ends too early") };
        Ok(Some(match c {
            '(' => return self.group(),
            '[' => Node::Set(self.set()?),
            '.' => Node::Set(if self.flags.dot_all {
                classes::ranges(&[('\0', char::MAX)])
            } else {
                classes::negated(classes::ranges(&[
                    ('\n', '\n'),
                    ('\r', '\r'),
                    ('\u{85}', '\u{85}'),
                    ('\u{2028}', '\u{2029}'),
                ]))
            }),
            '^' => Node::Start { lines: self.flags.multiline },
            '$' => Node::End { lines: self.flags.multiline, last_break: true },
            '\\' => self.escape()?,
            '*' | '+' | '?' => return Err(format!("'{c}' at character {} repeats nothing", self.at)),
            c => self.plain(c),
        }))
    }

    fn plain(&self, c: char) -> Node {
        Node::Set(self.cased(classes::single(c)))
    }

    fn cased(&self, set: Set) -> Set {
        if self.flags.insensitive { classes::folded(set, self.flags.unicode_case) } else { set }
    }

    fn group(&mut self) -> Read<Option<Node>> {
        let outer = self.flags;
        let node = if self.eat("?:") {
            self.alternatives()?
        } else if self.eat("?=") {
            Node::Look { ahead: true, negative: false, node: Box::new(self.alternatives()?) }
        } else if self.eat("?!") {
            Node::Look { ahead: true, negative: true, node: Box::new(self.alternatives()?) }
        } else if self.eat("?<=") {
            Node::Look { ahead: false, negative: false, node: Box::new(self.alternatives()?) }
        } else if self.eat("?<!") {
            Node::Look { ahead: false, negative: true, node: Box::new(self.alternatives()?) }
        } else if self.eat("?>") {
            Node::Atomic(Box::new(self.alternatives()?))
        } else if self.eat("?#") {
            while self.peek().is_some_and(|c| c != ')') {
                self.at += 1;
            }
            if !self.eat(")") {
                return self.here("a comment without its ')'");
            }
            return Ok(None);
        } else if self.eat("?<") {
            while self.take().is_some_and(|c| c != '>') {}
            self.alternatives()?
        } else if self.eat("?") {
            let mut on = true;
            loop {
                match self.take() {
                    Some('-') => on = false,
                    Some('i') => self.flags.insensitive = on,
                    Some('u') if self.dialect == Dialect::Java => self.flags.unicode_case = on,
                    // Unicode classes bring Unicode case with them.
                    Some('U') if self.dialect == Dialect::Java => {
                        self.flags.unicode_class = on;
                        self.flags.unicode_case |= on;
                    }
                    Some('m') => self.flags.multiline = on,
                    Some('s') => self.flags.dot_all = on,
                    Some('x') => self.flags.comments = on,
                    Some('d' | 'w') => {}
                    // Flags for the rest of the group they stand in.
                    Some(')') => return Ok(None),
                    Some(':') => break,
                    Some(c) => return Err(format!("unknown flag '{c}' at character {}", self.at)),
                    None => return self.here("'(?' without ')'"),
                }
            }
            let node = self.alternatives()?;
            self.flags = outer;
            node
        } else {
            self.alternatives()?
        };
        if !self.eat(")") {
            return self.here("'(' without ')'");
        }
        Ok(Some(node))
    }

    fn escape(&mut self) -> Read<Node> {
        let Some(c) = self.take() else { return self.here("a backslash at the end") };
        Ok(match c {
            'b' | 'B' => Node::Word { inside: c == 'B' },
            'A' => Node::Start { lines: false },
            'z' => Node::End { lines: false, last_break: false },
            'Z' => Node::End { lines: false, last_break: true },
            'R' => Node::Alternatives(vec![
                Node::Sequence(vec![Node::Set(classes::single('\r')), Node::Set(classes::single('\n'))]),
                Node::Set(classes::letter('v', self.dialect, true).unwrap_or_else(Set::empty)),
            ]),
            'X' => return self.here("\\X (a grapheme cluster) is not supported"),
            'G' => return self.here("\\G is not supported: an SRX rule has no previous match"),
            '1'..='9' | 'k' => return self.here("a back-reference is not supported"),
            _ => {
                self.at -= 1;
                Node::Set(self.escaped_set()?)
            }
        })
    }

    /// What stands behind a backslash, as a set: a class, or a character.
    fn escaped_set(&mut self) -> Read<Set> {
        let Some(c) = self.take() else { return self.here("a backslash at the end") };
        if let Some(set) = classes::letter(c, self.dialect, self.flags.unicode_class) {
            return Ok(set);
        }
        if c == 'p' || c == 'P' {
            let name: String = if self.eat("{") {
                let rest = &self.chars[self.at..];
                let Some(len) = rest.iter().position(|&c| c == '}') else { return self.here("'\\p{' without '}'") };
                let name = rest[..len].iter().collect();
                self.at += len + 1;
                name
            } else {
                self.take().map(String::from).unwrap_or_default()
            };
            let set = classes::named(&name, self.dialect, self.flags.unicode_class);
            let set = set.ok_or_else(|| format!("unknown property '{name}' before character {}", self.at + 1))?;
            let set = self.cased(set);
            return Ok(if c == 'P' { classes::negated(set) } else { set });
        }
        let value = match c {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{C}',
            'a' => '\u{7}',
            'e' => '\u{1B}',
            '0' => self.number(8, 1, 3)?,
            'x' if self.eat("{") => {
                let value = self.number(16, 1, 6)?;
                if !self.eat("}") {
                    return self.here("'\\x{' without '}'");
                }
                value
            }
            'x' => self.number(16, 2, 2)?,
            'u' => self.unit()?,
            'U' if self.dialect == Dialect::Icu => self.number(16, 8, 8)?,
            'c' => {
                let c = self.take().unwrap_or('@');
                char::from_u32(u32::from(c) ^ 64).unwrap_or(c)
            }
            // Java refuses unknown letters; rules in the wild carry letters of other scripts, which mean themselves.
            c if c.is_ascii_alphabetic() => {
                return Err(format!("unknown escape '\\{c}' before character {}", self.at + 1));
            }
            c => c,
        };
        Ok(self.cased(classes::single(value)))
    }

    /// `\uXXXX`, two of them where they are a pair of surrogates.
    fn unit(&mut self) -> Read<char> {
        let high = self.digits(16, 4, 4)?;
        if (0xD800..0xDC00).contains(&high) && self.eat("\\u") {
            let low = self.digits(16, 4, 4)?;
            let value = 0x10000 + ((high - 0xD800) << 10) + low.wrapping_sub(0xDC00);
            return char::from_u32(value).ok_or_else(|| format!("half a surrogate before character {}", self.at + 1));
        }
        char::from_u32(high).ok_or_else(|| format!("half a surrogate before character {}", self.at + 1))
    }

    fn number(&mut self, base: u32, least: usize, most: usize) -> Read<char> {
        let value = self.digits(base, least, most)?;
        char::from_u32(value).ok_or_else(|| format!("no character has the number before character {}", self.at + 1))
    }

    fn digits(&mut self, base: u32, least: usize, most: usize) -> Read<u32> {
        let mut value = 0;
        for k in 0..most {
            match self.peek().and_then(|c| c.to_digit(base)) {
                Some(d) => value = value * base + d,
                None if k >= least => break,
                None => return self.here("digits expected"),
            }
            self.at += 1;
        }
        Ok(value)
    }

    /// A set behind its `[`, with nested sets and `&&`; ICU's `&`, `-` and `--` between sets, too.
    fn set(&mut self) -> Read<Set> {
        let negate = self.eat("^");
        let mut whole: Option<Set> = None;
        let mut part = Set::empty();
        let mut first = true;
        loop {
            let Some(c) = self.take() else { return self.here("'[' without ']'") };
            match c {
                // Java and ICU both want the first ']' escaped; a set that begins with one is read as Perl would.
                ']' if !first => break,
                '[' if self.eat(":") => {
                    let rest = &self.chars[self.at..];
                    let Some(len) = rest.windows(2).position(|w| w == [':', ']']) else {
                        return self.here("'[:' without ':]'");
                    };
                    let name: String = rest[..len].iter().collect();
                    self.at += len + 2;
                    let set = classes::named(&name, self.dialect, self.flags.unicode_class);
                    part.union(&set.ok_or_else(|| format!("unknown class '[:{name}:]'"))?);
                }
                '[' => part.union(&self.nested()?),
                '&' if self.eat("&") || self.dialect == Dialect::Icu && self.peek() == Some('[') => {
                    let left = std::mem::replace(&mut part, Set::empty());
                    whole = Some(match whole {
                        None => left,
                        Some(mut w) => {
                            w.intersect(&left);
                            w
                        }
                    });
                }
                '-' if self.dialect == Dialect::Icu && (self.peek() == Some('[') || self.eat("-")) => {
                    if !self.eat("[") {
                        return self.here("a set expected behind '-'");
                    }
                    part.difference(&self.nested()?);
                }
                c if self.flags.comments && c.is_whitespace() => {}
                c => {
                    self.at -= 1;
                    self.range(c, &mut part)?;
                }
            }
            first = false;
        }
        if let Some(whole) = whole {
            part.intersect(&whole);
        }
        Ok(if negate { classes::negated(part) } else { part })
    }

    fn nested(&mut self) -> Read<Set> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return self.here(&format!("sets nested deeper than {DEEPEST}"));
        }
        let set = self.set();
        self.depth -= 1;
        set
    }

    /// A character, a class or a range inside a set.
    fn range(&mut self, c: char, into: &mut Set) -> Read<()> {
        let start = self.member(c)?;
        let is_range = self.peek() == Some('-')
            && self.chars.get(self.at + 1).is_some_and(|&d| d != ']' && d != '[')
            && single_of(&start).is_some();
        if !is_range {
            into.union(&self.cased(start));
            return Ok(());
        }
        self.at += 1;
        let Some(d) = self.peek() else { return self.here("'[' without ']'") };
        let end = self.member(d)?;
        match (single_of(&start), single_of(&end)) {
            (Some(a), Some(b)) if a <= b => into.union(&self.cased(classes::ranges(&[(a, b)]))),
            (Some(a), Some(b)) => return Err(format!("the range '{a}-{b}' counts down")),
            _ => {
                into.union(&self.cased(start));
                into.union(&classes::single('-'));
                into.union(&self.cased(end));
            }
        }
        Ok(())
    }

    /// One character or class inside a set, case not yet folded.
    fn member(&mut self, c: char) -> Read<Set> {
        self.at += 1;
        if c != '\\' {
            return Ok(classes::single(c));
        }
        let insensitive = std::mem::replace(&mut self.flags.insensitive, false);
        let set = self.escaped_set();
        self.flags.insensitive = insensitive;
        set
    }
}

/// The one character of a set of one.
fn single_of(set: &Set) -> Option<char> {
    match set.ranges() {
        [r] if r.start() == r.end() => Some(r.start()),
        _ => None,
    }
}

/// The characters of `pattern` with `\Q…\E` written as escapes.
fn unquoted(pattern: &str) -> Vec<char> {
    let mut out = Vec::new();
    let mut rest = pattern;
    while let Some(k) = rest.find('\\') {
        out.extend(rest[..k].chars());
        rest = &rest[k..];
        if let Some(quoted) = rest.strip_prefix("\\Q") {
            let end = quoted.find("\\E").unwrap_or(quoted.len());
            for c in quoted[..end].chars() {
                if !c.is_alphanumeric() {
                    out.push('\\');
                }
                out.push(c);
            }
            rest = quoted.get(end + 2..).unwrap_or("");
        } else {
            let pair: Vec<char> = rest.chars().take(2).collect();
            rest = &rest[pair.iter().map(|c| c.len_utf8()).sum()..];
            out.extend(pair);
        }
    }
    out.extend(rest.chars());
    out
}
