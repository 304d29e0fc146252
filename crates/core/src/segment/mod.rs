//! Cutting a text into segments: total (it cannot fail) and lossless (pieces tile the text).
//!
//! `content` spans carry no white space around them; `end` says where the white space after them ends.

use unicode_segmentation::UnicodeSegmentation;

use crate::{Language, Segment, SegmentKind, Span};

/// What a single line break means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Newlines {
    /// Decided from the text: lines of nearly equal, modest width are wrapped text.
    #[default]
    Auto,
    /// A line is a paragraph.
    Paragraph,
    /// Wrapped text: only a blank line ends a paragraph.
    Wrapped,
}

/// Options of [`Segmenter`].
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SegmentOptions {
    /// What a single line break means.
    pub newlines: Newlines,
}

/// Rules for one language, ready to cut texts.
#[derive(Clone, Debug)]
pub struct Segmenter {
    #[allow(dead_code)]
    options: SegmentOptions,
}

impl Segmenter {
    /// The default rules for `language`.
    pub fn new(_language: &Language, options: SegmentOptions) -> Self {
        Self { options }
    }

    /// Cuts `text`. The segments tile it; blank ones are of kind [`SegmentKind::Blank`] (leading white space and
    /// blank lines).
    pub fn segment(&self, text: &str) -> Vec<Segment> {
        let mut out: Vec<Segment> = Vec::new();
        let mut paragraph = 0;
        for (at, line) in lines_of(text) {
            let mut any = false;
            for (i, piece) in line.split_sentence_bound_indices() {
                let content = piece.trim();
                let start = at + i + (piece.len() - piece.trim_start().len());
                if content.is_empty() {
                    match out.last_mut() {
                        Some(last) => last.end = (at + i + piece.len()) as u32,
                        None => out.push(blank(at + i, at + i + piece.len(), paragraph)),
                    }
                    continue;
                }
                any = true;
                out.push(Segment {
                    content: Span::new(start as u32, (start + content.len()) as u32),
                    end: (at + i + piece.len()) as u32,
                    paragraph,
                    kind: SegmentKind::Sentence,
                });
            }
            paragraph += u32::from(any);
        }
        out
    }
}

fn blank(start: usize, end: usize, paragraph: u32) -> Segment {
    Segment { content: Span::new(start as u32, start as u32), end: end as u32, paragraph, kind: SegmentKind::Blank }
}

/// Lines with their terminators, and where they start (bytes).
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line)
    })
}

/// A segment a line (pre-cut text), empty lines included; `\r\n` and `\n` end a line.
pub fn lines(text: &str) -> Vec<Segment> {
    let cut = lines_of(text).enumerate().map(|(k, (start, line))| {
        let content = line.trim();
        let first = start + (line.len() - line.trim_start().len()).min(line.len());
        let from = if content.is_empty() { start } else { first };
        Segment {
            content: Span::new(from as u32, (from + content.len()) as u32),
            end: (start + line.len()) as u32,
            paragraph: k as u32,
            kind: if content.is_empty() { SegmentKind::Blank } else { SegmentKind::Sentence },
        }
    });
    cut.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_number() {
        let text = "one\r\n\n two \nthree";
        let cut: Vec<_> = lines(text).iter().map(|s| s.content.of(text)).collect();
        assert_eq!(cut, ["one", "", "two", "three"]);
    }
}
