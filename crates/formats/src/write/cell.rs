//! The text of a cell as every format has it.

use std::borrow::Cow;

use hexapla_core::Document;

/// Text of the segments `indices` of `document`: on one line, without white space around it.
///
/// White space with a line feed in it (a sentence of wrapped text) becomes one space; everything else, no-break and
/// double spaces included, stays as it is: CAT tools compare verbatim.
pub(super) fn text<'a>(document: &'a Document, indices: &[u32]) -> Cow<'a, str> {
    match document.joined(indices) {
        Cow::Borrowed(s) if !s.contains('\n') => Cow::Borrowed(s.trim()),
        Cow::Owned(s) if !s.contains('\n') && s.trim().len() == s.len() => Cow::Owned(s),
        s => Cow::Owned(unfold(&s)),
    }
}

fn unfold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.trim().split('\n');
    out.push_str(lines.next().unwrap_or_default());
    for line in lines {
        out.truncate(out.trim_end().len());
        if !line.trim().is_empty() {
            out.push(' ');
            out.push_str(line.trim_start());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use hexapla_core::{Language, Segment, Span};

    use super::*;

    #[test]
    fn wrapped_text_is_unfolded_and_nothing_else_changes() {
        let text = "A sentence\r\n  that is\nwrapped\u{a0}twice  here.";
        let whole = Segment { content: Span::new(0, text.len() as u32), end: text.len() as u32, ..Segment::default() };
        let doc = Document::new(text.into(), Language::und(), vec![whole]).unwrap();
        assert_eq!(super::text(&doc, &[0]), "A sentence that is wrapped\u{a0}twice  here.");
    }

    #[test]
    fn empty_lines_leave_no_space_behind() {
        let doc = Document::from_lines(&["", "Two.", ""], Language::und()).unwrap();
        assert_eq!(text(&doc, &[0, 1, 2]), "Two.");
        assert_eq!(text(&doc, &[0]), "");
    }
}
