//! Evidence from structure: where paragraphs end, what is a heading, what an item of a list.
//!
//! A segment ends plainly, or with its paragraph, and then it is text, a heading or an item. With a = P(the target's
//! segment copies the source's), the layouts of a bead's two last segments are likelier in a translation than by accident
//! by
//!
//! ```text
//! (a [same] + (1 − a) p(layout)) / p(layout)         p: how common it is in the target
//! ```
//!
//! and an end of a paragraph inside a bead was not copied: 1 − a. The one parameter a is estimated from the documents, so
//! where translators kept their own paragraphs the evidence fades. Texts of which one has only one layout (a line a
//! segment, one long paragraph) say nothing.
//!
//! And a quotation mark, bracket or dash that was cut from its sentence belongs to what stands before it. Not here: how
//! segments begin and end in themselves (`ends`, which goes along), how paragraphs are found (`crate::segment`).

use std::ops::Range;

use super::ends::Ends;
use super::fastmath::ln;
use crate::segment::only_closes;
use crate::{Document, SegmentKind};

/// How a segment ends.
type Layout = u8;

/// Number of layouts: inside a paragraph; with its paragraph, as text, as a heading, as an item.
const LAYOUTS: usize = 4;

/// a before the documents have spoken, and how many beads that is worth.
const AGREEMENT: (f32, f32) = (0.4, 20.0);

/// Most that a may become: people mend paragraphs.
const MOST: f32 = 0.9;

/// Least log-odds of one bead.
const FLOOR: f32 = -5.0;

/// Log-odds of a bead whose one side begins with a mark that closes what stands before it ([`only_closes`]), and whose
/// other side does not: marks do not begin sentences.
const CLOSED: f32 = -4.0;

/// Layouts of both documents, and what they are worth.
#[derive(Clone, Debug)]
pub(crate) struct Structure {
    /// Whether layouts tell something.
    told: bool,
    /// Whether any segment only closes what stands before it.
    closes: bool,
    source: Side,
    target: Side,
    /// ln odds of equal layouts, by layout, and of different ones.
    same: [f32; LAYOUTS],
    differ: f32,
    ends: Ends,
}

#[derive(Clone, Debug)]
struct Side {
    /// Of every segment.
    layouts: Vec<Layout>,
    /// Whether each segment only closes what stands before it.
    closing: Vec<bool>,
    /// How many of the segments before each end with their paragraph.
    ends: Vec<u32>,
    share: [f32; LAYOUTS],
}

impl Side {
    fn of(document: &Document) -> Self {
        let segments = document.segments();
        let layout = |i: usize| match segments.get(i + 1) {
            Some(next) if next.paragraph == segments[i].paragraph => 0,
            _ => match segments[i].kind {
                SegmentKind::Heading => 2,
                SegmentKind::ListItem => 3,
                _ => 1,
            },
        };
        let mut out = Self::with((0..segments.len()).map(layout).collect());
        let mut counts = [0.0f32; LAYOUTS];
        out.layouts.iter().for_each(|&l| counts[usize::from(l)] += 1.0);
        out.share = counts.map(|c| c / (segments.len().max(1) as f32));
        out.closing = (0..segments.len()).map(|i| only_closes(document.segment(i))).collect();
        out
    }

    fn with(layouts: Vec<Layout>) -> Self {
        let mut ends = vec![0];
        ends.extend(layouts.iter().scan(0, |n, &l| {
            *n += u32::from(l > 0);
            Some(*n)
        }));
        Self { closing: vec![false; layouts.len()], layouts, ends, share: [0.0; LAYOUTS] }
    }

    fn select(&self, segments: &[Option<u32>]) -> Self {
        let layouts = segments.iter().map(|i| i.map_or(0, |i| self.layouts[i as usize])).collect();
        let closing = segments.iter().map(|i| i.is_some_and(|i| self.closing[i as usize])).collect();
        Self { share: self.share, closing, ..Self::with(layouts) }
    }

    /// Whether all segments end alike.
    fn plain(&self) -> bool {
        self.share.iter().any(|&s| s >= 1.0)
    }
}

impl Structure {
    /// What two documents look like.
    pub(crate) fn of(source: &Document, target: &Document) -> Self {
        let ends = Ends::of(source, target);
        let (source, target) = (Side::of(source), Side::of(target));
        let filled = !source.layouts.is_empty() && !target.layouts.is_empty();
        let told = filled && !source.plain() && !target.plain();
        let closes = source.closing.iter().chain(&target.closing).any(|c| *c);
        Self { told, closes, source, target, same: [0.0; LAYOUTS], differ: 0.0, ends }.agreeing(AGREEMENT.0)
    }

    fn agreeing(mut self, a: f32) -> Self {
        if !self.told {
            return self;
        }
        self.same = self.target.share.map(|p| ln(1.0 + a * (1.0 - p) / p.max(1e-3)));
        self.differ = ln(1.0 - a);
        self
    }

    /// The same for some segments of both sides; `None` is an empty segment.
    pub(crate) fn select(&self, source: &[Option<u32>], target: &[Option<u32>]) -> Self {
        let ends = self.ends.select(source, target);
        Self { source: self.source.select(source), target: self.target.select(target), ends, ..*self }
    }

    /// Fits to beads: (source segments, target segments, weight).
    pub(crate) fn fit(mut self, beads: impl Iterator<Item = ((u32, u32), (u32, u32), f32)> + Clone) -> Self {
        self.ends = self.ends.fit(beads.clone());
        let (mut same, mut n) = (0.0, 0.0);
        for (s, t, weight) in beads {
            let equal = self.source.layouts[s.1 as usize - 1] == self.target.layouts[t.1 as usize - 1];
            same += weight * f32::from(equal);
            n += weight;
        }
        let chance: f32 = self.source.share.iter().zip(&self.target.share).map(|(s, t)| s * t).sum();
        let seen = ((same - n * chance) / (1.0 - chance).max(1e-3)).max(0.0);
        self.agreeing(((seen + AGREEMENT.0 * AGREEMENT.1) / (n + AGREEMENT.1)).min(MOST))
    }

    /// Adds to `out` the bounded log-odds of the beads of source segments `i..i + n` with `m` target segments from each of
    /// `columns` on.
    pub(crate) fn add(&self, i: usize, (n, m): (usize, usize), columns: &Range<usize>, out: &mut [f32]) {
        if self.told || self.closes {
            out.iter_mut().zip(columns.clone()).for_each(|(x, j)| *x += self.layout((i, j), (n, m)));
        }
        self.ends.add(i, (n, m), columns, out);
    }

    /// What layouts and closing marks say of source segments `i..i + n` with target segments `j..j + m`.
    #[inline]
    fn layout(&self, (i, j): (usize, usize), (n, m): (usize, usize)) -> f32 {
        let (s, t) = (i + n - 1, j + m - 1);
        let equal = self.source.layouts[s] == self.target.layouts[t];
        let end = if equal { self.same[usize::from(self.target.layouts[t])] } else { self.differ };
        let inside = self.source.ends[s] - self.source.ends[i] + self.target.ends[t] - self.target.ends[j];
        let closed = if self.source.closing[i] == self.target.closing[j] { 0.0 } else { CLOSED };
        (end + inside as f32 * self.differ + closed).max(FLOOR)
    }

    /// Whether a paragraph ends on either side before the node (`i`, `j`).
    pub(crate) fn parts(&self, i: u32, j: u32) -> bool {
        self.told && (self.source.layouts[i as usize - 1] > 0 || self.target.layouts[j as usize - 1] > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Language;
    use crate::segment::{SegmentOptions, Segmenter};

    fn document(text: &str) -> Document {
        let english = Language::parse("en").unwrap();
        let segments = Segmenter::new(&english, SegmentOptions::default()).segment(text);
        Document::new(text.to_owned(), english, segments).unwrap()
    }

    #[test]
    fn equal_ends_speak_for_a_bead_and_swallowed_ones_against() {
        let one = document("One is here. Two is there.\n\nThree comes now. Four goes away.\n\nFive stays.\n");
        let two = document("Eins ist hier. Zwei ist da.\n\nDrei kommt jetzt. Vier geht weg.\n\nFünf bleibt.\n");
        let s = Structure::of(&one, &two);
        assert!(s.layout((1, 1), (1, 1)) > 0.2 && s.layout((0, 0), (1, 1)) > 0.2, "{s:?}");
        assert!(s.layout((1, 0), (1, 1)) < -0.3);
        assert!(s.layout((1, 1), (2, 2)) < s.layout((1, 1), (1, 1)));
        assert!(s.parts(2, 2) && !s.parts(1, 1));
    }

    #[test]
    fn a_line_a_segment_tells_nothing() {
        let lines = Document::from_lines(&["One.", "Two.", "Three."], Language::und()).unwrap();
        let s = Structure::of(&lines, &document("One. Two.\n\nThree. Four.\n"));
        assert!(!s.told && !s.closes && !s.parts(1, 2));
    }

    #[test]
    fn a_closing_mark_begins_no_bead() {
        let lines = |lines: &[&str]| Document::from_lines(lines, Language::und()).unwrap();
        for mark in ["\"", "»)", "—", "--"] {
            let s = Structure::of(&lines(&["\"One.", mark, "Two."]), &lines(&["Eins.", "Zwei."]));
            assert_eq!(
                (s.layout((1, 1), (2, 1)), s.layout((0, 0), (2, 1)), s.layout((2, 1), (1, 1))),
                (CLOSED, 0.0, 0.0)
            );
            assert!(!s.parts(1, 1));
        }
        for other in ["* * *", "---", "(a)", "\"!\" x", "…"] {
            assert!(!Structure::of(&lines(&["One.", other]), &lines(&["Eins.", "Zwei."])).closes, "{other}");
        }
    }

    #[test]
    fn own_paragraphs_are_not_believed() {
        let one = document(&"One is here. Two is there.\n\n".repeat(50));
        let two = document(&"One is here.\n\nTwo is there. ".repeat(50));
        let beads = (0..100u32).map(|i| ((i, i + 1), (i, i + 1), 1.0));
        let s = Structure::of(&one, &two).fit(beads);
        assert!(s.differ > -0.1, "{}", s.differ);
    }
}
