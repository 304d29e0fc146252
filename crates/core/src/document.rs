//! A text and its segments, as byte spans into one owned string.
//!
//! Not here: how segments are found (`segment`), what they contain as evidence (`evidence`).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Error, Language};

/// A half-open range of bytes in a [`Document`]'s text; both ends lie on character boundaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span `start..end`, in bytes.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The part of `text` that the span covers.
    pub fn of(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// What a segment is in its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SegmentKind {
    /// A sentence (or what stands for one).
    #[default]
    Sentence,
    /// A heading: a short line by itself without final punctuation.
    Heading,
    /// An item of a list.
    ListItem,
    /// White space only: blank lines, or an empty line of a pre-cut text.
    Blank,
}

/// One segment: its content without white space around it, and where its trailing white space ends.
///
/// Segments are lossless: `content.start .. end` of consecutive segments tile the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The segment's text, without white space around it.
    pub content: Span,
    /// Where the white space after the content ends (bytes); the next segment begins here.
    pub end: u32,
    /// Number of the paragraph, from 0.
    pub paragraph: u32,
    /// What it is.
    pub kind: SegmentKind,
}

/// A text, its language, and its segments.
#[derive(Clone, Debug)]
pub struct Document {
    text: String,
    language: Language,
    segments: Vec<Segment>,
}

impl Document {
    /// Largest text in bytes: spans are `u32`, and one value is kept free.
    pub const MAX_BYTES: usize = u32::MAX as usize - 1;

    /// A document of `text` cut into `segments` (in order, without overlap).
    ///
    /// Segments of kind [`SegmentKind::Blank`] are kept: whoever cut the text decides whether they count.
    ///
    /// # Errors
    /// [`Error::TextTooLarge`] beyond [`Self::MAX_BYTES`]; [`Error::BadSegment`] for a segment that is out of order,
    /// outside the text or not on a character boundary.
    pub fn new(text: String, language: Language, segments: Vec<Segment>) -> Result<Self, Error> {
        if text.len() > Self::MAX_BYTES {
            return Err(Error::TextTooLarge { bytes: text.len(), limit: Self::MAX_BYTES });
        }
        let mut at = 0;
        for (index, s) in segments.iter().enumerate() {
            let (a, b) = (s.content.start as usize, s.content.end as usize);
            let sound =
                a >= at && a <= b && b <= s.end as usize && text.is_char_boundary(a) && text.is_char_boundary(b);
            if !sound || s.end as usize > text.len() {
                return Err(Error::BadSegment { index });
            }
            at = s.end as usize;
        }
        Ok(Self { text, language, segments })
    }

    /// A document of pre-cut lines, one segment a line, empty lines included.
    ///
    /// # Errors
    /// [`Error::TextTooLarge`].
    pub fn from_lines<S: AsRef<str>>(lines: &[S], language: Language) -> Result<Self, Error> {
        let mut text = String::new();
        for line in lines {
            text.push_str(line.as_ref());
            text.push('\n');
        }
        let segments = crate::segment::lines(&text);
        Self::new(text, language, segments)
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text's language.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// All segments, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Number of segments.
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether there is no segment.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Content of segment `index` (0-based).
    pub fn segment(&self, index: usize) -> &str {
        self.segments[index].content.of(&self.text)
    }

    /// The text of several segments (ascending indices) as one string, on one line.
    ///
    /// Neighbours keep the white space that stands between them in the text, except that white space with a line
    /// break in it becomes one space; parts that are not neighbours are joined by ` … `.
    pub fn joined(&self, indices: &[u32]) -> Cow<'_, str> {
        match indices {
            [] => return Cow::Borrowed(""),
            [one] => return Cow::Borrowed(self.segment(*one as usize)),
            _ => {}
        }
        let mut out = String::new();
        for (k, &i) in indices.iter().enumerate() {
            if k > 0 {
                let before = self.segments[indices[k - 1] as usize];
                let gap = &self.text[before.content.end as usize..self.segments[i as usize].content.start as usize];
                if indices[k - 1] + 1 != i {
                    out.push_str(" … ");
                } else if gap.contains(['\n', '\r', '\u{2028}', '\u{2029}', '\u{85}']) {
                    out.push(' ');
                } else {
                    out.push_str(gap);
                }
            }
            out.push_str(self.segment(i as usize));
        }
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_keeps_gaps_and_unfolds_lines() {
        let doc = Document::from_lines(&["Eins.", "Zwei.", "Drei."], Language::parse("de").unwrap()).unwrap();
        assert_eq!(doc.joined(&[0]), "Eins.");
        assert_eq!(doc.joined(&[0, 1]), "Eins. Zwei.");
        assert_eq!(doc.joined(&[0, 2]), "Eins. … Drei.");
        assert_eq!(doc.joined(&[]), "");
    }

    #[test]
    fn segments_outside_the_text_are_refused() {
        let wrong = Segment { content: Span::new(0, 9), end: 9, ..Segment::default() };
        let made = Document::new("short".into(), Language::und(), vec![wrong]);
        assert!(matches!(made, Err(Error::BadSegment { index: 0 })));
    }
}
