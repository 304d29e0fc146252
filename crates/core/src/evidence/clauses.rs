//! Where a segment may be cut into clauses: behind punctuation.
//!
//! Not here: what a cut is worth (`border`), segments themselves (`crate::segment`).

use super::tokens::tokenize;

/// A place inside a segment, and what of the segment lies before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// Bytes.
    pub(crate) byte: usize,
    /// Tokens.
    pub(crate) tokens: usize,
    /// Characters, white space apart.
    pub(crate) chars: f32,
}

/// Least characters on either side of a cut: less is no clause.
const LEAST: usize = 3;

/// Whether a clause may end behind `c`; in scripts with spaces only where one follows.
fn ends_clause(c: char) -> bool {
    matches!(c, ',' | ';' | ':' | '.' | '!' | '?' | ')' | ']' | '»' | '"' | '”' | '’' | '\'' | '–' | '—' | '-' | '…')
        || matches!(
            c,
            '،' | '؛'
                | '؟'
                | '۔'
                | '।'
                | '॥'
                | '։'
                | '՝'
                | '՜'
                | '՞'
                | '·'
                | '፣'
                | '፤'
                | '።'
                | '၊'
                | '။'
                | '។'
        )
}

/// The same where no space follows.
fn ends_clause_by_itself(c: char) -> bool {
    matches!(c, '，' | '、' | '；' | '：' | '。' | '！' | '？' | '」' | '』' | '）' | '》' | '”')
}

/// Whether `c` is of a script that sets spaces between clauses and not between words.
fn spaces_part_clauses(c: char) -> bool {
    matches!(c, '\u{0e01}'..='\u{0e5b}' | '\u{0e81}'..='\u{0edf}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

/// The cuts of a segment of `tokens` tokens, in order; none where its parts do not have the tokens of the whole.
pub(crate) fn cuts(text: &str, tokens: usize) -> Vec<Cut> {
    let mut out: Vec<Cut> = Vec::new();
    let (mut before, mut chars) = (' ', 0usize);
    for (byte, c) in text.char_indices() {
        let clause = if c.is_whitespace() {
            ends_clause(before) || ends_clause_by_itself(before) || spaces_part_clauses(before)
        } else {
            ends_clause_by_itself(before) && !ends_clause_by_itself(c)
        };
        if clause && chars - out.last().map_or(0, |x| x.chars as usize) >= LEAST {
            out.push(Cut { byte, tokens: 0, chars: chars as f32 });
        }
        chars += usize::from(!c.is_whitespace());
        before = c;
    }
    while out.pop_if(|last| chars - (last.chars as usize) < LEAST).is_some() {}
    if out.is_empty() {
        return out;
    }
    let (mut word, mut from, mut count) = (String::new(), 0, 0);
    for cut in &mut out {
        tokenize(&text[from..cut.byte], &mut word, |_, _| count += 1);
        (cut.tokens, from) = (count, cut.byte);
    }
    tokenize(&text[from..], &mut word, |_, _| count += 1);
    if count == tokens { out } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        let mut tokens = 0;
        tokenize(text, &mut String::new(), |_, _| tokens += 1);
        let cuts = cuts(text, tokens);
        let mut ends: Vec<usize> = cuts.iter().map(|c| c.byte).collect();
        ends.push(text.len());
        let mut from = 0;
        ends.into_iter().map(|to| text[std::mem::replace(&mut from, to)..to].trim()).collect()
    }

    #[test]
    fn clauses_of_several_scripts() {
        assert_eq!(parts("It rained, so we stayed: all of us."), ["It rained,", "so we stayed:", "all of us."]);
        assert_eq!(parts("On 3,500 m. a. s."), ["On 3,500 m.", "a. s."]);
        assert_eq!(parts("下雨了，我们留下。大家都留下"), ["下雨了，", "我们留下。", "大家都留下"]);
        assert_eq!(parts("ฝนตก เราอยู่บ้าน"), ["ฝนตก", "เราอยู่บ้าน"]);
        assert_eq!(parts("No cut"), ["No cut"]);
    }
}
