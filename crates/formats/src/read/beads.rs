//! Beads as text: `[0, 1]:[2]`, a bead a line, 0-based, `[]` for an empty side; whatever follows a second colon
//! (a confidence) is ignored, and so is a line that does not begin with `[`.
//!
//! Not here: whether the segments exist (`hexapla_core` knows the documents).

use std::path::Path;

use hexapla_core::evaluate::Links;

use crate::Error;

/// Reads a file of beads.
///
/// # Errors
/// A file that cannot be read; a line that begins like a bead and is none, with its number.
pub fn read(path: &Path) -> Result<Vec<Links>, Error> {
    let text = super::text::read(path)?.text;
    parse(&text).map_err(|(line, found)| Error::BadBead { path: path.to_owned(), line, found })
}

/// Reads beads from `text`.
///
/// # Errors
/// The number (from 1) and the text of the first line that begins like a bead and is none.
pub fn parse(text: &str) -> Result<Vec<Links>, (usize, String)> {
    let mut out = Vec::new();
    for (k, line) in text.lines().enumerate() {
        let line = line.trim();
        if !line.starts_with('[') {
            continue;
        }
        let bead = bead(line).ok_or_else(|| (k + 1, line.chars().take(60).collect()))?;
        if !bead.0.is_empty() || !bead.1.is_empty() {
            out.push(bead);
        }
    }
    Ok(out)
}

/// Fixed beads as a person writes them, each with its line (from 1).
///
/// # Errors
/// A file that cannot be read; a line that is neither a bead nor blank nor a note (`#`), with its number: an anchor
/// that is passed over in silence would be a wrong alignment.
pub fn read_anchors(path: &Path) -> Result<Vec<(usize, Links)>, Error> {
    let text = super::text::read(path)?.text;
    anchors(&text).map_err(|(line, found)| Error::BadBead { path: path.to_owned(), line, found })
}

fn anchors(text: &str) -> Result<Vec<(usize, Links)>, (usize, String)> {
    let lines = text.lines().map(str::trim).enumerate().filter(|(_, l)| !l.is_empty() && !l.starts_with('#'));
    lines.map(|(k, l)| Ok((k + 1, bead(l).ok_or_else(|| (k + 1, l.chars().take(60).collect()))?))).collect()
}

fn bead(line: &str) -> Option<Links> {
    let mut sides = line.split(':');
    Some((side(sides.next()?)?, side(sides.next()?)?))
}

fn side(text: &str) -> Option<Vec<u32>> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    let numbers = inner.split(',').map(str::trim).filter(|n| !n.is_empty());
    numbers.map(|n| n.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beads_with_and_without_confidence() {
        let text = "# a note\n[0, 1]:[2]:0.97\n[]:[3]\n\n[4]:[]\n[]:[]\n";
        let want = vec![(vec![0, 1], vec![2]), (vec![], vec![3]), (vec![4], vec![])];
        assert_eq!(parse(text), Ok(want));
    }

    #[test]
    fn anchors_have_lines_and_nothing_is_passed_over() {
        let text = "# confirmed on Tuesday\n\n[3, 4]:[5]\n[5]:[]:1.00\n";
        assert_eq!(anchors(text), Ok(vec![(3, (vec![3, 4], vec![5])), (4, (vec![5], vec![]))]));
        assert_eq!(anchors("[0]:[0]\nchapter 2\n"), Err((2, "chapter 2".to_owned())));
    }

    #[test]
    fn a_bad_line_is_named() {
        assert_eq!(parse("[0]:[0]\n[1]:[x]"), Err((2, "[1]:[x]".to_owned())));
        assert_eq!(parse("[0]"), Err((1, "[0]".to_owned())));
    }
}
