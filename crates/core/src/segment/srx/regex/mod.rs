//! Regular expressions of Java and ICU, as SRX files use them: read, and matched at a place.
//!
//! Why not an engine from a crate: SRX needs matches that *end* at a place, look-around of any length, possessive
//! quantifiers and two dialects' classes, exactly; `regex` has none of these, and translating between dialects loses
//! rules in silence. A match here is a walk through a small program with backtracking; places that cannot match are
//! left out before (`engine`), so that the walk is short. A walk that grows long remembers where it has been, which
//! bounds it by program × text.
//!
//! | file | holds |
//! | --- | --- |
//! | `classes` | sets of characters of both dialects |
//! | `parse` | pattern → tree |
//! | `vm` | tree → program; the walk |
//! | `shape` | lengths and characters of a pattern: where to look for it |
//! | `hir` | tree → `regex-syntax`'s tree, without look-around: what may match, for the automaton |

mod classes;
mod hir;
mod parse;
mod shape;
mod vm;

pub(super) use classes::Set;
pub(super) use hir::over_approximation;
pub(super) use shape::{is_rare, runs_on, shape};
pub(super) use vm::{End, Leads, Program, Table, ends_with_sets, first_set};

/// Whose regular expressions a pattern is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// `java.util.regex`: `\s`, `\d`, `\w` are ASCII unless `(?U)`; `\b` looks at all letters, as up to Java 18.
    Java,
    /// ICU: all classes are Unicode's.
    Icu,
}

/// A pattern as a tree.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// One character of a set.
    Set(Set),
    Sequence(Vec<Node>),
    /// In order of preference.
    Alternatives(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: Option<u32>,
        greedy: bool,
    },
    /// The first way to match, never another.
    Atomic(Box<Node>),
    Look {
        ahead: bool,
        negative: bool,
        node: Box<Node>,
    },
    /// `\b`, or `\B` where `inside`.
    Word {
        inside: bool,
    },
    /// `^`: the text's beginning, or any line's.
    Start {
        lines: bool,
    },
    /// `$`: the text's end (also before its last line break), or any line's.
    End {
        lines: bool,
        last_break: bool,
    },
}

impl Node {
    /// Reads `pattern`.
    ///
    /// # Errors
    /// The reason, with its place in the pattern.
    pub(super) fn read(pattern: &str, dialect: Dialect) -> Result<Self, String> {
        parse::Parser::read(pattern, dialect)
    }

    /// Every unbounded repetition bounded by `most`, as the loomchild library does it for look-behind.
    pub(super) fn bounded(self, limit: u32) -> Self {
        let each = |nodes: Vec<Self>| nodes.into_iter().map(|n| n.bounded(limit)).collect();
        match self {
            Self::Sequence(nodes) => Self::Sequence(each(nodes)),
            Self::Alternatives(nodes) => Self::Alternatives(each(nodes)),
            Self::Repeat { node, least, most, greedy } => {
                let most = Some(most.unwrap_or(limit.max(least)));
                Self::Repeat { node: Box::new(node.bounded(limit)), least, most, greedy }
            }
            Self::Atomic(node) => Self::Atomic(Box::new(node.bounded(limit))),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(pattern: &str, dialect: Dialect, text: &str, at: usize) -> Option<usize> {
        Program::new(&Node::read(pattern, dialect).unwrap()).unwrap().match_at(text, at, End::First)
    }

    #[test]
    fn dialects_differ_in_their_classes() {
        for (pattern, text, java, icu) in [
            (r"\s", "\u{A0}", None, Some(2)),
            (r"\d", "٣", None, Some(2)),
            (r"\w", "é", None, Some(2)),
            (r"(?U)\w", "é", Some(2), None),
            (r"\h", "\u{A0}", Some(2), Some(2)),
            (r"(?i)é", "É", None, Some(2)),
            (r"(?iu)é", "É", Some(2), None),
            (r"\bé\b", "é", Some(2), Some(2)),
        ] {
            assert_eq!(end(pattern, Dialect::Java, text, 0), java, "Java {pattern}");
            if !pattern.contains("U)") && !pattern.contains("u)") {
                assert_eq!(end(pattern, Dialect::Icu, text, 0), icu, "ICU {pattern}");
            }
        }
    }

    #[test]
    fn sets_nest_intersect_and_subtract() {
        let java = |p, t| end(p, Dialect::Java, t, 0).is_some();
        assert!(java(r"[\p{L}&&[^rwn]]", "x") && !java(r"[\p{L}&&[^rwn]]", "r") && !java(r"[\p{L}&&[^rwn]]", "1"));
        assert!(java("[a-c[x-z]]", "y") && !java("[a-c[x-z]]", "d"));
        assert!(java(r"[\.\]\-]", "]") && java("[a-]", "-"));
        let icu = |p, t| end(p, Dialect::Icu, t, 0).is_some();
        assert!(icu("[[a-z]-[aeiou]]", "b") && !icu("[[a-z]-[aeiou]]", "a") && icu("[[:Lu:]]", "Ж"));
    }

    #[test]
    fn possessives_and_atoms_give_nothing_back() {
        assert_eq!(end("a++a", Dialect::Java, "aaa", 0), None);
        assert_eq!(end("a+a", Dialect::Java, "aaa", 0), Some(3));
        assert_eq!(end("(?>a|ab)c", Dialect::Java, "abc", 0), None);
        assert_eq!(end("a+?", Dialect::Java, "aaa", 0), Some(1));
        assert_eq!(end("a{2,3}+", Dialect::Java, "aaaa", 0), Some(3));
    }

    #[test]
    fn look_around_of_any_length() {
        assert_eq!(end(r"(?<=x\d*)y", Dialect::Java, "x123y", 4), Some(5));
        assert_eq!(end(r"(?<!x\d*)y", Dialect::Java, "x123y", 4), None);
        assert_eq!(end(r"y(?!z)", Dialect::Java, "yz", 0), None);
        assert_eq!(end(r"y(?=z)", Dialect::Java, "yz", 0), Some(1));
    }

    #[test]
    fn quoted_characters_and_code_points() {
        assert_eq!(end(r"\Qa.b\E", Dialect::Java, "a.b", 0), Some(3));
        assert_eq!(end(r"\u00ab\x{1F600}", Dialect::Java, "«😀", 0), Some(6));
        assert_eq!(end(r"\uD83D\uDE00", Dialect::Java, "😀", 0), Some(4));
        assert_eq!(end(r"\R", Dialect::Java, "\r\n", 0), Some(2));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_its_place() {
        for (pattern, reason) in [
            (r"(a)\1", "back-reference"),
            (r"(a", "'(' without ')'"),
            (r"a)", "closes nothing"),
            (r"[a", "'[' without ']'"),
            (r"\p{Foo}", "unknown property 'Foo'"),
            (r"*a", "repeats nothing"),
            (r"\y", r"unknown escape '\y'"),
            (r"a{3,1}", "counts down"),
        ] {
            let error = Node::read(pattern, Dialect::Java).unwrap_err();
            assert!(error.contains(reason), "{pattern}: {error}");
        }
    }

    #[test]
    fn a_long_walk_ends() {
        let text = "a".repeat(200);
        assert_eq!(end("(a*)*(a*)*(a|aa)*b", Dialect::Java, &text, 0), None);
        assert_eq!(end("(|a)*b", Dialect::Java, "aab", 0), Some(3));
    }
}
