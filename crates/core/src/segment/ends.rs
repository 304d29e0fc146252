//! How a segment begins and ends, as far as its marks tell, whatever the script.

use super::marks::{Mark, Pair, fold_punct, is_dash, mark, pair};

/// What stands before a segment's first letter or digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    Nothing,
    /// A quotation mark or a bracket.
    Quote,
    /// A dash, with which a speaker's turn begins.
    Dash,
}

/// How a segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beginning {
    lead: Lead,
    /// Whether a small letter is first: the sentence goes on.
    small: bool,
}

impl Beginning {
    /// How many there are.
    pub(crate) const COUNT: usize = 6;

    /// That of `text`.
    pub(crate) fn of(text: &str) -> Self {
        let mut lead = Lead::Nothing;
        for c in text.chars().filter(|c| !c.is_whitespace()) {
            let this = match () {
                () if is_dash(c) => Lead::Dash,
                () if pair(c).is_some() => Lead::Quote,
                () => return Self { lead, small: c.is_lowercase() },
            };
            if lead == Lead::Nothing {
                lead = this;
            }
        }
        Self { lead, small: false }
    }

    /// Its number, less than [`Self::COUNT`].
    pub(crate) fn number(self) -> usize {
        self.lead as usize * 2 + usize::from(self.small)
    }
}

/// The last mark of a segment that is no quotation mark and no bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Nothing,
    Stop,
    Question,
    Exclamation,
    /// A colon or a semicolon.
    Colon,
    Comma,
    /// Dots or a dash.
    Open,
}

/// How a segment ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    last: Last,
    /// Whether a quotation mark or a bracket stands behind it.
    quoted: bool,
}

impl Ending {
    /// How many there are.
    pub(crate) const COUNT: usize = 14;

    /// That of `text`.
    pub(crate) fn of(text: &str) -> Self {
        let mut quoted = false;
        for c in text.chars().rev().filter(|c| !c.is_whitespace()) {
            if matches!(pair(c), None | Some(Pair::OpenBracket)) {
                return Self { last: last(c), quoted };
            }
            quoted = true;
        }
        Self { last: Last::Nothing, quoted }
    }

    /// Its number, less than [`Self::COUNT`].
    pub(crate) fn number(self) -> usize {
        self.last as usize * 2 + usize::from(self.quoted)
    }
}

fn last(c: char) -> Last {
    match fold_punct(c) {
        Some("?") => Last::Question,
        Some("!") => Last::Exclamation,
        Some(":" | ";") => Last::Colon,
        Some(",") => Last::Comma,
        _ if c == '·' => Last::Colon,
        _ if is_dash(c) => Last::Open,
        _ => match mark(c) {
            Some(Mark::Ellipsis) => Last::Open,
            Some(_) => Last::Stop,
            None => Last::Nothing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings() {
        let begin = |lead, small| Beginning { lead, small };
        for (text, want) in [
            ("And then", begin(Lead::Nothing, false)),
            (" and then", begin(Lead::Nothing, true)),
            ("« Où ?", begin(Lead::Quote, false)),
            ("(siehe oben)", begin(Lead::Quote, true)),
            ("— «Где?»", begin(Lead::Dash, false)),
            ("」だ", begin(Lead::Quote, false)),
            ("8 or 9", begin(Lead::Nothing, false)),
            ("—", begin(Lead::Dash, false)),
            ("", begin(Lead::Nothing, false)),
        ] {
            assert_eq!(Beginning::of(text), want, "{text}");
            assert!(want.number() < Beginning::COUNT);
        }
    }

    #[test]
    fn endings() {
        let end = |last, quoted| Ending { last, quoted };
        for (text, want) in [
            ("So it was.", end(Last::Stop, false)),
            ("So it was.\" ", end(Last::Stop, true)),
            ("是吗？」", end(Last::Question, true)),
            ("Oui ! »)", end(Last::Exclamation, true)),
            ("he said:", end(Last::Colon, false)),
            ("said he,", end(Last::Comma, false)),
            ("and so …", end(Last::Open, false)),
            ("and so —", end(Last::Open, false)),
            ("हाँ।", end(Last::Stop, false)),
            ("\"word\"", end(Last::Nothing, true)),
            ("word", end(Last::Nothing, false)),
            ("»", end(Last::Nothing, true)),
            ("", end(Last::Nothing, false)),
        ] {
            assert_eq!(Ending::of(text), want, "{text}");
            assert!(want.number() < Ending::COUNT);
        }
    }
}
