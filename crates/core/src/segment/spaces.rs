//! Sentences that no mark ends: Thai and Lao, which part sentences by the same space as phrases, and endings of words
//! that close a sentence by themselves (Korean 습니다 without a full stop).
//!
//! The scorer is a logistic regression with eight inputs, fitted once on Thai text by penalised likelihood and rounded
//! (docs/segmentation.md tells how); it looks no farther than the phrases on both sides of a space.

use super::rules::Rules;

/// Where the next sentence begins at or behind byte `from`, told without marks; `None` where none does.
pub(super) fn next_start(rules: &Rules, text: &str, from: usize) -> Option<usize> {
    if rules.by_spaces {
        let mut gap = next_gap(text, from)?;
        let mut left = from;
        loop {
            let after = next_gap(text, gap.1).unwrap_or((text.len(), text.len()));
            if gap.1 < text.len() && score(rules, &text[left..gap.0], &text[gap.1..after.0]) > 0.0 {
                return Some(gap.1);
            }
            if after.0 == text.len() {
                return None;
            }
            left = gap.1;
            gap = after;
        }
    }
    if rules.endings.is_empty() {
        return None;
    }
    let mut at = from;
    while let Some(gap) = next_gap(text, at) {
        let word = text[at..gap.0].trim_end_matches(['~', '^', ';', 'ㅎ', 'ㅋ', 'ㅠ', 'ㅜ', '*']);
        // What follows may be the writer's laughter or tears.
        let next = text[gap.1..].chars().next();
        let aside = next.is_none_or(|c| matches!(c, ',' | ')' | 'ㄱ'..='ㅣ' | '^' | ':' | ';'));
        if !aside && rules.endings.iter().any(|e| ends_with(word, e)) {
            return Some(gap.1);
        }
        at = gap.1;
    }
    None
}

/// The next run of spaces at or behind `from`, as a byte range.
fn next_gap(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + text[from..].find(char::is_whitespace)?;
    Some((start, super::context::skip_spaces(text, start)))
}

/// Whether `word` ends with `ending`. A Korean consonant at its head stands for any syllable that closes with it: `ㅂ니다`
/// is 습니다, 합니다, 입니다.
fn ends_with(word: &str, ending: &str) -> bool {
    let Some(rest) = ending.strip_prefix('ㅂ') else { return word.ends_with(ending) };
    let before = word.strip_suffix(rest).and_then(|w| w.chars().next_back());
    // Hangul syllables are laid out by vowel and final consonant: the 17th of 28 finals is ㅂ.
    before.is_some_and(|c| matches!(c, '가'..='힣') && (c as u32 - 0xAC00) % 28 == 17)
}

/// How likely a sentence ends between the phrases `left` and `right`, as a log-odds over its threshold.
fn score(rules: &Rules, left: &str, right: &str) -> f32 {
    let begins = |words: &[Box<str>]| words.iter().any(|w| right.starts_with(&**w));
    let ends = |words: &[Box<str>]| words.iter().any(|w| left.ends_with(&**w));
    let length = |s: &str| (1.0 + s.chars().count() as f32).ln();
    let first = right.chars().next().unwrap_or(' ');
    let last = left.chars().next_back().unwrap_or(' ');
    let native = |c: char| matches!(c, '\u{E00}'..='\u{EFF}');
    let mut total = -3.5;
    // Long phrases on both sides: sentences are longer than the parts of a list.
    total += 0.6 * length(left) + 0.6 * length(right);
    if right.chars().count() < 10 {
        total -= 0.7;
    }
    if begins(&rules.openers) {
        total += 0.45;
    }
    if begins(&rules.joiners) {
        total -= 0.8;
    }
    if ends(&rules.leaders) {
        total -= 0.7;
    }
    // Numbers and foreign names are set off by spaces inside a sentence.
    if first.is_numeric() {
        total -= 0.6;
    } else if first.is_alphabetic() && !native(first) {
        total -= 0.4;
    }
    if last.is_alphabetic() && !native(last) {
        total -= 0.2;
    }
    if left.contains('(') && !left.contains(')') {
        total -= 1.0;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_final_consonant_stands_for_its_syllables() {
        assert!(ends_with("갔습니다", "ㅂ니다") && ends_with("합니다", "ㅂ니다"));
        assert!(!ends_with("아니다", "ㅂ니다"));
        assert!(ends_with("좋아요", "아요"));
    }
}
