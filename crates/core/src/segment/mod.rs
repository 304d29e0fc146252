//! Cutting a text into segments: total (it cannot fail) and lossless (pieces tile the text).
//!
//! `content` spans carry no white space around them; `end` says where the white space after them ends.
//!
//! | file | holds |
//! | --- | --- |
//! | `paragraphs` | which line breaks end a paragraph; headings and items |
//! | `cut` | where a sentence ends: one scanner for every language |
//! | `context`, `lists`, `marks` | what it looks at |
//! | `spaces` | Thai, Lao, and endings that close a sentence without a mark |
//! | `srx` | the rules of CAT tools, and ours for them |
//! | `rules`, `table` | what a language says: data/segmentation |
//!
//! How to add or mend a language: docs/segmentation.md.

mod context;
mod cut;
mod ends;
mod lists;
mod marks;
mod paragraphs;
mod rules;
mod score;
mod spaces;
pub mod srx;
mod table;

pub(crate) use ends::{Beginning, Ending};
pub(crate) use marks::{ends_clause, fold_punct, only_closes};
pub use score::BoundaryCounts;

use std::sync::Arc;

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
    options: SegmentOptions,
    by: By,
}

/// Whose rules cut.
#[derive(Clone, Debug)]
enum By {
    /// Ours.
    Ours(&'static rules::Rules),
    /// A CAT tool's.
    Srx(Arc<srx::Engine>),
}

impl Segmenter {
    /// The default rules for `language`.
    pub fn new(language: &Language, options: SegmentOptions) -> Self {
        Self { options, by: By::Ours(rules::Rules::of(language.primary())) }
    }

    /// Whether there are rules of its own for `language`; without, it gets those common to all.
    pub fn knows(language: &Language) -> bool {
        rules::Rules::of(language.primary()).own
    }

    /// The rules of an SRX file for `language`, as `profile` understands them; guessed from the file where it is not
    /// given. Paragraphs are told as with our own rules.
    ///
    /// # Errors
    /// [`srx::SrxError`]: no rules for the language, or a pattern that is not understood.
    pub fn from_srx(
        rules: &srx::SrxRules,
        profile: Option<srx::Profile>,
        language: &Language,
        options: SegmentOptions,
    ) -> Result<Self, srx::SrxError> {
        let profile = profile.unwrap_or_else(|| rules.guess_profile());
        Ok(Self { options, by: By::Srx(Arc::new(srx::Engine::new(rules, profile, language)?)) })
    }

    /// Cuts `text`. The segments tile it; white space at its very beginning, and a text of white space only, make one
    /// segment of kind [`SegmentKind::Blank`]; all other white space trails the segment before it.
    ///
    /// A text beyond [`crate::Document::MAX_BYTES`] is cut up to that limit only.
    pub fn segment(&self, text: &str) -> Vec<Segment> {
        let text = within_limit(text);
        let mut out: Vec<Segment> = Vec::new();
        let mut number = 0;
        for (start, end) in paragraphs::paragraphs(text, self.options.newlines) {
            let content = text[start..end].trim();
            if content.is_empty() {
                match out.last_mut() {
                    Some(last) => last.end = end as u32,
                    None => out.push(blank(end)),
                }
                continue;
            }
            let first = start + (text[start..end].len() - text[start..end].trim_start().len());
            match out.last_mut() {
                Some(last) => last.end = first as u32,
                None if first > 0 => out.push(blank(first)),
                None => {}
            }
            let from = out.len();
            self.cut_paragraph(content, first, end, number, &mut out);
            let alone = out.len() == from + 1;
            for (k, s) in out[from..].iter_mut().enumerate() {
                s.kind = paragraphs::kind_of(s.content.of(text), alone, k == 0);
            }
            number += 1;
        }
        out
    }

    /// Adds the sentences of `content`, which begins at byte `first` of the text; the paragraph ends at byte `end`.
    fn cut_paragraph(&self, content: &str, first: usize, end: usize, paragraph: u32, out: &mut Vec<Segment>) {
        let mut push = |a: usize, b: usize, end: usize| {
            let len = content[a..b].trim_end().len();
            let span = Span::new((first + a) as u32, (first + a + len) as u32);
            out.push(Segment { content: span, end: end as u32, paragraph, kind: SegmentKind::Sentence });
        };
        let mut at = 0;
        match &self.by {
            By::Ours(rules) => {
                let mut cutter = cut::Cutter::new(rules, content);
                while let Some(next) = cutter.next_start() {
                    push(at, next, first + next);
                    at = next;
                }
            }
            By::Srx(engine) => {
                for place in engine.breaks(content) {
                    // White space behind a break trails the segment before it.
                    let next = context::skip_spaces(content, place);
                    if next > at && next < content.len() && !content[at..next].trim().is_empty() {
                        push(at, next, first + next);
                        at = next;
                    }
                }
            }
        }
        push(at, content.len(), end);
    }
}

/// A segment of white space at the beginning of a text, up to byte `end`.
fn blank(end: usize) -> Segment {
    Segment { content: Span::new(0, 0), end: end as u32, paragraph: 0, kind: SegmentKind::Blank }
}

/// As much of `text` as spans can name.
fn within_limit(text: &str) -> &str {
    let mut end = text.len().min(crate::Document::MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A segment a line (pre-cut text), empty lines included; `\r\n` and `\n` end a line.
pub fn lines(text: &str) -> Vec<Segment> {
    let mut at = 0;
    let cut = text.split_inclusive('\n').enumerate().map(|(k, line)| {
        let start = at;
        at += line.len();
        let content = line.trim();
        let first = if content.is_empty() { start } else { start + line.len() - line.trim_start().len() };
        Segment {
            content: Span::new(first as u32, (first + content.len()) as u32),
            end: at as u32,
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
