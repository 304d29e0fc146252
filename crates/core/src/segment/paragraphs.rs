//! Paragraphs: which line breaks end one, and what kind of text a paragraph is.
//!
//! Not here: sentences inside a paragraph (`cut`).

use super::Newlines;
use super::lists::Marker;
use super::marks::{Pair, is_line_break, is_lower, is_upper, mark, pair};
use crate::SegmentKind;

/// Lines that [`is_wrapped`] looks at: a text shows its habit in fewer.
const LINES_LOOKED_AT: usize = 2000;
/// Widest line, in characters, that a person or program wraps at.
const WIDEST_WRAP: usize = 130;

/// Paragraphs of `text` as byte ranges, line breaks at their ends included; the ranges tile the text.
///
/// A paragraph ends at a blank line, at a form feed, at U+2029, and with [`Newlines::Paragraph`] at every line break.
pub(super) fn paragraphs(text: &str, newlines: Newlines) -> Paragraphs<'_> {
    let wrapped = match newlines {
        Newlines::Paragraph => false,
        Newlines::Wrapped => true,
        Newlines::Auto => is_wrapped(text),
    };
    Paragraphs { text, at: 0, wrapped }
}

/// Iterator of [`paragraphs`].
pub(super) struct Paragraphs<'t> {
    text: &'t str,
    at: usize,
    wrapped: bool,
}

impl Iterator for Paragraphs<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        if start == self.text.len() {
            return None;
        }
        let mut end = line_end(self.text, start);
        while self.wrapped && end < self.text.len() && !ends_paragraph(&self.text[start..end]) {
            let next = line_end(self.text, end);
            if self.text[end..next].trim().is_empty() {
                end = next;
                break;
            }
            end = next;
        }
        self.at = end;
        Some((start, end))
    }
}

/// Whether the last character of `line` ends a paragraph even in wrapped text.
fn ends_paragraph(line: &str) -> bool {
    line.ends_with(['\u{C}', '\u{2029}'])
}

/// One past the line break that ends the line at `from`; the text's end for its last line.
fn line_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let Some(k) = memchr_breaks(&bytes[at..]) else { return text.len() };
        at += k;
        let Some(c) = text[at..].chars().next() else { return text.len() };
        if !is_line_break(c) {
            at += c.len_utf8();
            continue;
        }
        at += c.len_utf8();
        return if c == '\r' && bytes.get(at) == Some(&b'\n') { at + 1 } else { at };
    }
}

/// The next byte at which a line break may begin.
fn memchr_breaks(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&b| matches!(b, b'\n'..=b'\r' | 0xC2 | 0xE2))
}

/// Whether `text` looks wrapped: most lines inside its blocks break off before a sentence is over and go on in lower
/// case (or, in scripts without case, near the width of the block). Verse and lists of titles begin lines with
/// capitals, a paragraph a line ends lines with a mark: both are not wrapped.
fn is_wrapped(text: &str) -> bool {
    let mut at = 0;
    let mut lines: Vec<&str> = Vec::new();
    while at < text.len() && lines.len() < LINES_LOOKED_AT {
        let end = line_end(text, at);
        lines.push(text[at..end].trim());
        at = end;
    }
    let width = lines.iter().map(|l| l.chars().take(WIDEST_WRAP + 1).count()).max().unwrap_or(0);
    if width > WIDEST_WRAP {
        return false;
    }
    let (mut inner, mut broken) = (0, 0);
    for pair in lines.windows(2).filter(|w| !w[0].is_empty() && !w[1].is_empty()) {
        inner += 1;
        let first = pair[1].chars().find(|c| c.is_alphanumeric());
        let goes_on = match first {
            Some(c) if is_lower(c) => true,
            Some(c) if is_upper(c) => false,
            Some(c) if c.is_alphabetic() => 4 * pair[0].chars().count() >= 3 * width,
            _ => false,
        };
        broken += usize::from(goes_on && !ends_with_mark(pair[0]));
    }
    // Half of the lines in running prose break off before a capital or a mark by chance; verse and lists stay far below.
    inner > 0 && 5 * broken >= 2 * inner
}

/// Whether `text` ends with a mark that may end a sentence, closing signs aside.
pub(super) fn ends_with_mark(text: &str) -> bool {
    let closes =
        |c: char| matches!(pair(c), Some(Pair::CloseBracket | Pair::CloseQuote | Pair::OpenQuote | Pair::Straight));
    let core = text.trim_end_matches(|c: char| c.is_whitespace() || closes(c));
    core.chars().next_back().is_some_and(|c| mark(c).is_some() || matches!(c, ':' | ';' | '：' | '；'))
}

/// Longest heading, in characters.
const LONGEST_HEADING: usize = 100;

/// The kind of a paragraph that is one segment of text: `content` without white space around it. Other paragraphs hold
/// sentences; an item of a list is one by its marker.
pub(super) fn kind_of(content: &str, alone: bool, first: bool) -> SegmentKind {
    if content.is_empty() {
        return SegmentKind::Blank;
    }
    if !alone && !first {
        return SegmentKind::Sentence;
    }
    let dashed = content.strip_prefix(['-', '–', '*', '+']).is_some_and(|r| r.starts_with([' ', '\t']));
    let item =
        Marker::at(content, 0).is_some_and(|m| m.bullet.is_some() || content[m.end..].starts_with(char::is_whitespace));
    let item = item || dashed;
    if first && item {
        return SegmentKind::ListItem;
    }
    if !alone {
        return SegmentKind::Sentence;
    }
    let short = content.chars().take(LONGEST_HEADING + 1).count() <= LONGEST_HEADING;
    let worded = content.contains(char::is_alphabetic);
    if short && worded && !ends_with_mark(content) && !content.ends_with([',', '،', '，', '、', '-', '—', '–']) {
        return SegmentKind::Heading;
    }
    SegmentKind::Sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str, newlines: Newlines) -> Vec<&str> {
        paragraphs(text, newlines).map(|(a, b)| &text[a..b]).collect()
    }

    #[test]
    fn carriage_return_and_line_feed_are_one_break() {
        assert_eq!(cut("a\r\nb\rc\u{2029}d", Newlines::Paragraph), ["a\r\n", "b\r", "c\u{2029}", "d"]);
    }

    #[test]
    fn wrapped_paragraphs_end_at_blank_lines() {
        assert_eq!(cut("a\nb\n\nc\n", Newlines::Wrapped), ["a\nb\n\n", "c\n"]);
    }

    #[test]
    fn prose_that_goes_on_in_lower_case_is_wrapped_and_verse_is_not() {
        let prose = "The boat left the harbour before\ndawn, and nobody saw it go. Later that\nday the fog came in.\n";
        let verse = "The boat went out at dawn,\nThe fog came in at noon,\nAnd nobody was gone\n";
        let lines = "The boat left.\nNobody saw it.\nThe fog came in.\n";
        assert!(is_wrapped(prose));
        assert!(!is_wrapped(verse));
        assert!(!is_wrapped(lines));
    }

    #[test]
    fn kinds() {
        assert_eq!(kind_of("Chapter One", true, true), SegmentKind::Heading);
        assert_eq!(kind_of("He left.", true, true), SegmentKind::Sentence);
        assert_eq!(kind_of("• milk", true, true), SegmentKind::ListItem);
        assert_eq!(kind_of("2) flour", true, true), SegmentKind::ListItem);
        assert_eq!(kind_of("", true, true), SegmentKind::Blank);
    }
}
