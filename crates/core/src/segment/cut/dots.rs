//! Whether a full stop ends the sentence: the word before it, and what follows.

use super::super::context::{Next, fold, is_one_letter, is_roman, skip_spaces, word_at, word_before};
use super::super::lists::is_marker;
use super::super::marks::{is_han_or_kana, is_invisible, is_lower, is_upper};
use super::super::rules::{Class, Ordinals};
use super::{Cutter, Run};

impl<'t> Cutter<'_, 't> {
    /// Whether a full stop ends the sentence, given that no lower case follows.
    pub(super) fn dot_ends(&self, run: &Run, what: Next) -> bool {
        let text = self.text;
        let word = self.word_before(run.start);
        if word.is_empty() {
            return true;
        }
        if is_marker(&text[self.start..run.start]) {
            return false;
        }
        let upper = match what {
            Next::Upper(k) => Some(k),
            _ => None,
        };
        let starter = upper.is_some_and(|k| self.is_starter(k));
        if word.chars().all(char::is_numeric) {
            return self.number_ends(word, what, starter);
        }
        // An abbreviation inside brackets or quotation marks is not what the sentence ends with.
        if let Some(class) = self.class(word, run.start) {
            // `10 a.m. (local time)`: a remark on what was abbreviated.
            if self.text[skip_spaces(text, run.end)..].starts_with(['(', '[']) {
                return false;
            }
            return match class {
                Class::Never => false,
                Class::Name => upper.is_some() && starter || what == Next::Other,
                Class::Number => {
                    let number = matches!(what, Next::Digit(_)) || upper.is_some_and(|k| is_roman(word_at(text, k)));
                    !number && (!run.bracket || starter)
                }
                Class::End => {
                    // `At 5 a.m. Mr. Hill`: a time alone is no sentence.
                    let time = !starter && upper.is_some() && self.opens(run.start, 3);
                    !time && (!run.bracket || starter) && !upper.is_some_and(|k| self.rules.follows(word_at(text, k)))
                }
                Class::Unit => {
                    // `1998 г. 12 мая`: dates and sums go on with their next number.
                    let digit = matches!(what, Next::Digit(_));
                    // `В 1998 г. Иванов`: a date alone is no sentence.
                    let date = !starter && self.opens(run.start, 4);
                    !digit && !date && self.follows_number(run.start - word.len()) && (!run.bracket || starter)
                }
            };
        }
        if is_roman(word) && word.len() > 1 && self.rules.ordinals != Ordinals::None {
            return starter;
        }
        let initial = is_one_letter(word) && !word.chars().any(is_unspaced_script);
        let longest = if word.starts_with(|c| is_upper(c) || is_lower(c)) { 2 } else { 4 };
        let acronym = || {
            let short = |p: &str| p.chars().count() <= longest && !p.chars().any(char::is_numeric);
            word.contains('.') && word.split(['.', '-']).all(short)
        };
        if initial || acronym() {
            return match what {
                Next::Upper(_) => starter,
                // `A. P. 7`, `H.R. 1234`: what is numbered.
                Next::Caseless(_) | Next::Digit(_) => false,
                _ => true,
            };
        }
        true
    }

    /// Whether no more than `words` words of the sentence stand before byte `at`.
    fn opens(&self, at: usize, words: usize) -> bool {
        self.text[self.start..at].split_whitespace().nth(words).is_none()
    }

    /// Whether a number, Arabic or Roman, stands before byte `at`.
    fn follows_number(&self, at: usize) -> bool {
        let word = self.word_before(self.text[..at].trim_end().len());
        word.ends_with(char::is_numeric) || is_roman(word)
    }

    /// Whether a number with a full stop behind it ends the sentence.
    fn number_ends(&self, word: &str, what: Next, starter: bool) -> bool {
        let month = || match what {
            Next::Upper(k) => fold(word_at(self.text, k), &mut [0; 64]).is_some_and(|w| self.rules.is_month(w)),
            _ => false,
        };
        match self.rules.ordinals {
            Ordinals::None => !month(),
            Ordinals::Plain => {
                let roman = matches!(what, Next::Upper(k) if is_roman(word_at(self.text, k)) && !starter);
                let date = matches!(what, Next::Digit(_)) && word.chars().count() <= 2;
                !(month() || roman || date)
            }
            Ordinals::Strong => {
                let ordinal = word.chars().count() <= 2;
                !(ordinal && !starter && matches!(what, Next::Upper(_) | Next::Digit(_)) || month())
            }
        }
    }

    /// The class of `word`, which ends at byte `at`: as it stands, joined with the dotted letters before it (`z. B`),
    /// or its part behind a hyphen or an apostrophe.
    pub(super) fn class(&self, word: &str, at: usize) -> Option<Class> {
        let longest = self.rules.longest();
        let capitalised = word.chars().next().is_some_and(is_upper);
        // A capital alone is an initial, whatever the small letter abbreviates (`S. Peltola`, `s. 12`).
        let initial = capitalised && is_one_letter(word);
        let mut buffer = [0; 96];
        // Joined: at most four more short words, each with its full stop and a space.
        let mut from = at - word.len();
        let mut initials = false;
        let mut joined = None;
        for _ in 0..4 {
            let gap = self.text[..from].trim_end();
            let Some(bare) = gap.strip_suffix('.').filter(|_| gap.len() < from) else { break };
            let part = self.word_before(bare.len());
            if part.is_empty() || part.chars().count() > 4 {
                break;
            }
            initials |= is_one_letter(part) && is_one_letter(word);
            from = bare.len() - part.len();
            if at - from > 2 * longest {
                break;
            }
            let mut len = 0;
            let pieces = self.text[from..at].chars().filter(|c| !c.is_whitespace() && !is_invisible(*c));
            for c in pieces.flat_map(char::to_lowercase) {
                let Some(slot) = buffer.get_mut(len..len + c.len_utf8()) else { break };
                len += c.encode_utf8(slot).len();
            }
            let key = std::str::from_utf8(&buffer[..len]).unwrap_or("");
            joined = self.rules.abbreviation(key, true).or(joined);
        }
        if joined.is_some() {
            return joined;
        }
        if initial || initials {
            return None;
        }
        if word.len() <= 2 * longest
            && let Some(key) = fold(word, &mut buffer)
            && let Some(class) = self.rules.abbreviation(key, capitalised)
        {
            return Some(class);
        }
        // Compounds: German `Bahnhofstr.`
        if self.rules.tails.iter().any(|t| word.ends_with(&**t)) {
            return Some(Class::Number);
        }
        let k = word.rfind(['-', '\'', '’', '/', '+', ')', '=', ':', '.'])?;
        let part = &word[k + word[k..].chars().next().map_or(1, char::len_utf8)..];
        // `J.-P.`: initials, whatever the small letter abbreviates.
        if is_one_letter(part) && part.starts_with(is_upper) {
            return None;
        }
        let least = if word[k..].starts_with('.') { 3 } else { 1 };
        let key = fold(part, &mut buffer).filter(|k| k.chars().count() >= least)?;
        self.rules.abbreviation(key, part.chars().next().is_some_and(is_upper))
    }

    /// The word that ends at byte `at`, not beyond the sentence at hand.
    pub(super) fn word_before(&self, at: usize) -> &'t str {
        let from = self.start.min(at);
        word_before(&self.text[from..], at - from)
    }

    /// Whether what begins at byte `k`, with no space before it, is surely a sentence: a word that begins sentences, a
    /// title before a name, the number of a century.
    pub(super) fn is_sure_start(&self, k: usize) -> bool {
        let word = word_at(self.text, k);
        let after = &self.text[k + word.len()..];
        let title = || {
            let class = fold(word, &mut [0; 64]).and_then(|w| self.rules.abbreviation(w, true));
            after.starts_with(". ") && class == Some(Class::Never)
        };
        let century = word.len() > 1 && is_roman(word) && after.starts_with(' ');
        self.is_starter(k) && !self.is_all_caps(k) || title() || century
    }

    /// Whether the capitalised word at byte `k` begins sentences rather than names.
    pub(super) fn is_starter(&self, k: usize) -> bool {
        let word = word_at(self.text, k);
        let initial = self.text[k + word.len()..].starts_with('.') && is_one_letter(word);
        !initial && fold(word, &mut [0; 64]).is_some_and(|w| self.rules.starts(w))
    }

    pub(super) fn is_all_caps(&self, k: usize) -> bool {
        let word = word_at(self.text, k);
        word.chars().nth(1).is_none_or(|c| !is_lower(c)) && !word.chars().all(|c| is_upper(c) && word.len() == 1)
    }

    /// Whether the word before byte `at` is plain: no address, no file name.
    pub(super) fn is_plain_word(&self, at: usize) -> bool {
        let word = self.word_before(at);
        let mut end = word.chars().rev();
        let solid = |c: char| is_lower(c) || c.is_numeric() || c == ')';
        end.next().is_some_and(solid)
            && end.next().is_some_and(|c| solid(c) || c == ',')
            && !word.contains(['/', '@', '.', '_', '\\', ':'])
    }

    /// Whether the word before byte `at` is a name that ends in a mark.
    pub(super) fn is_bang(&self, at: usize) -> bool {
        let word = self.word_before(at);
        // Scripts without spaces write the name right behind their own words.
        let own = word.rfind(is_han_or_kana).map_or(0, |k| k + word[k..].chars().next().map_or(1, char::len_utf8));
        let word = &word[own..];
        word.len() < 32 && fold(word, &mut [0; 64]).is_some_and(|w| self.rules.is_bang(w))
    }
}

/// Scripts in which one letter is a whole word or syllable, never an initial.
fn is_unspaced_script(c: char) -> bool {
    is_han_or_kana(c) || matches!(c, '\u{AC00}'..='\u{D7A3}' | '\u{E00}'..='\u{EFF}' | '\u{1000}'..='\u{109F}')
}
