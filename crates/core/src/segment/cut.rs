//! Where a sentence ends inside a paragraph.
//!
//! One scanner for all languages, after UAX #29 (sentence boundaries): find a mark, take the marks, closing quotation
//! marks and notes that belong to it, look at the word before and at what follows, decide. What differs between
//! languages is data ([`Rules`]). Nothing is allocated a sentence, except for the marker of a list's next item.
//!
//! Not here: full stops and the words before them (`dots`), paragraphs (`paragraphs`), characters (`marks`), scripts that set no marks at all (`spaces`).

mod dots;

use super::context::{Next, char_at, char_before, emoji, emoticon, fold, next, note, skip_spaces, word_at};
use super::lists::{Marker, is_marker};
use super::marks::{Finder, Mark, Pair, is_emoji, is_han_or_kana, is_invisible, is_lower, is_upper, pair};
use super::rules::{Ordinals, Rules};
use super::spaces;

/// A row of marks with what closes behind it.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// First byte of the first mark.
    start: usize,
    /// One past the last byte of what belongs to the sentence: marks, closing signs, notes.
    end: usize,
    kind: Kind,
    /// Whether a closing bracket, or a quotation mark, stands behind the marks.
    bracket: bool,
    quote: bool,
    /// Whether the marks are the bracket's only content: `(?)`, `[…]`.
    remark: bool,
}

/// What a row of marks is worth as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One full stop.
    Dot,
    /// Two and more dots.
    Ellipsis,
    Strong,
    Native,
    Local,
    /// Emoji and emoticons: no marks, but they stand for one.
    Soft,
}

/// Finds the sentences of one paragraph, in order.
#[derive(Debug)]
pub(super) struct Cutter<'r, 't> {
    rules: &'r Rules,
    finder: &'r Finder,
    text: &'t str,
    /// Where the sentence at hand begins, and where the search goes on.
    start: usize,
    at: usize,
    /// Where the next item of a list begins, if the sentence at hand is an item.
    item: Option<usize>,
    /// Where the next sentence begins by no mark at all, and from where that was looked for.
    unmarked: Option<Option<usize>>,
    /// Whether the sentence at hand has a letter or digit, looked for up to this byte.
    worded: (bool, usize),
    /// Straight double quotation marks counted so far, up to this byte.
    quotes: (usize, usize),
}

impl<'r, 't> Cutter<'r, 't> {
    /// A cutter of `text`, one paragraph.
    pub(super) fn new(rules: &'r Rules, text: &'t str) -> Self {
        let mut new = Self {
            rules,
            finder: &rules.finder,
            text,
            start: 0,
            at: 0,
            item: None,
            unmarked: None,
            worded: (false, 0),
            quotes: (0, 0),
        };
        new.begin(skip_spaces(text, 0));
        new
    }

    /// A sentence begins at `start`.
    fn begin(&mut self, start: usize) {
        self.start = start;
        self.at = self.at.max(start);
        self.worded = (false, start);
        // What was found stays found, and nothing stays nothing: looked for once over the paragraph.
        if !matches!(self.unmarked, Some(None)) && self.unmarked.flatten().is_none_or(|u| u <= start) {
            self.unmarked = Some(spaces::next_start(self.rules, self.text, start));
        }
        let marker = Marker::at(self.text, start);
        self.item = marker.and_then(|m| m.next_item(self.text, self.rules.ordinals == Ordinals::Strong));
    }

    /// Where the next sentence begins; `None` when the rest of the paragraph is one.
    pub(super) fn next_start(&mut self) -> Option<usize> {
        loop {
            let found = self.finder.next(self.text, self.at);
            let sooner = self.item.into_iter().chain(self.unmarked.flatten()).min();
            if let Some(start) = sooner
                && found.is_none_or(|(i, _)| i >= start)
            {
                self.begin(start);
                return Some(start);
            }
            let (i, c) = found?;
            let Some(run) = self.run(i, c) else {
                self.at = i + c.len_utf8();
                if c == ';'
                    && let Some(start) = self.behind_semicolon(i)
                    && self.has_word_before(i)
                {
                    self.begin(start);
                    return Some(start);
                }
                continue;
            };
            self.at = run.end;
            if !self.has_word_before(run.start) {
                continue;
            }
            if let Some(start) = self.break_after(&run) {
                self.begin(start);
                return Some(start);
            }
        }
    }

    /// Whether the sentence at hand has a letter or digit before byte `at`.
    fn has_word_before(&mut self, at: usize) -> bool {
        let (found, from) = self.worded;
        if !found && from < at {
            self.worded = (self.text[from..at].contains(char::is_alphanumeric), at);
        }
        self.worded.0
    }

    /// Where a sentence begins behind the semicolon at byte `i`: with a word that begins sentences and is capitalised,
    /// as items of laws and lists are (47 of 48 such places in our development sets are ends).
    fn behind_semicolon(&self, i: usize) -> Option<usize> {
        let at = skip_spaces(self.text, i + 1);
        let Next::Upper(k) = next(self.text, at) else { return None };
        let begins = self.is_starter(k) && !self.rules.is_always_capital(word_at(self.text, k));
        // No quotation mark opens there (speech), and no bracket closed before (`see (1); The …`).
        let bare = k == at || self.text[at..k].chars().all(|c| matches!(c, '¿' | '¡'));
        let closed = char_before(self.text, i).is_some_and(|c| pair(c).is_some());
        (at > i + 1 && begins && bare && !closed).then_some(at)
    }

    /// The row of marks that begins at byte `i` with `c`.
    fn run(&mut self, i: usize, c: char) -> Option<Run> {
        let Some(first) = self.finder.mark(c) else { return self.soft_run(i, c) };
        let mut kind = match first {
            Mark::Dot => Kind::Dot,
            Mark::Ellipsis => Kind::Ellipsis,
            Mark::Strong => Kind::Strong,
            Mark::Native => Kind::Native,
            Mark::Local => Kind::Local,
        };
        let mut end = i + c.len_utf8();
        loop {
            // Marks in a row, also with spaces between them: `. . .`, `? !`.
            let spaced = skip_spaces(self.text, end);
            let Some(mark) = char_at(self.text, spaced).and_then(|c| self.finder.mark(c)) else { break };
            let after = spaced + char_at(self.text, spaced).map_or(0, char::len_utf8);
            if spaced > end && !self.is_row_of_marks(spaced) {
                break;
            }
            kind = match (kind, mark) {
                (Kind::Dot | Kind::Ellipsis, Mark::Dot | Mark::Ellipsis) => Kind::Ellipsis,
                (Kind::Dot | Kind::Ellipsis, Mark::Strong) => Kind::Strong,
                (Kind::Dot | Kind::Ellipsis, Mark::Native) => Kind::Native,
                (Kind::Dot | Kind::Ellipsis, Mark::Local) => Kind::Local,
                (kind, _) => kind,
            };
            end = after;
        }
        let remark = matches!(char_before(self.text, i), Some('(' | '['));
        Some(self.close(Run { start: i, end, kind, bracket: false, quote: false, remark }))
    }

    /// Whether the marks from `at` on are followed by white space, a closing sign or nothing, so that they belong to
    /// what precedes them; a mark with a letter behind it begins something (`...and then`, `.com`).
    fn is_row_of_marks(&self, at: usize) -> bool {
        let after = self.text[at..].chars().find(|&c| self.finder.mark(c).is_none());
        after.is_none_or(|c| c.is_whitespace() || matches!(pair(c), Some(Pair::CloseBracket | Pair::CloseQuote)))
    }

    /// Emoji and emoticons in the place of a full stop.
    fn soft_run(&self, i: usize, c: char) -> Option<Run> {
        let end = if is_emoji(c) {
            emoji(self.text, i)?
        } else {
            char_before(self.text, i).filter(|c| c.is_whitespace())?;
            emoticon(self.text, i)?
        };
        Some(Run { start: i, end, kind: Kind::Soft, bracket: false, quote: false, remark: false })
    }

    /// Adds to `run` what closes behind it: quotation marks, brackets, notes, emoticons, marks behind those.
    fn close(&mut self, run: Run) -> Run {
        let (mut run, mut more) = (run, true);
        while more {
            run = self.close_attached(run);
            (run, more) = self.close_spaced(run);
        }
        run
    }

    /// What closes right behind `run`.
    fn close_attached(&self, mut run: Run) -> Run {
        while let Some(c) = char_at(self.text, run.end) {
            let after = run.end + c.len_utf8();
            if is_invisible(c) {
                run.end = after;
                continue;
            }
            if c == '['
                && let Some(end) = note(self.text, run.end)
            {
                run.end = end;
                continue;
            }
            if c.is_ascii_digit()
                && let Some(end) = self.raised_note(&run)
            {
                run.end = end;
                continue;
            }
            if let Some(end) = emoticon(self.text, run.end).or_else(|| emoji(self.text, run.end)) {
                run.end = end;
                continue;
            }
            if (run.quote || run.bracket)
                && let Some(mark) = self.finder.mark(c)
                && (mark == Mark::Native || self.is_row_of_marks(run.end))
            {
                run.kind = if mark == Mark::Native { Kind::Native } else { Kind::Strong };
                run.remark = false;
                run.end = after;
                continue;
            }
            let attached = char_at(self.text, after).is_some_and(char::is_alphanumeric);
            match pair(c) {
                Some(Pair::CloseBracket) => run.bracket = true,
                Some(Pair::CloseQuote) => run.quote = true,
                Some(Pair::OpenQuote | Pair::Straight) if !attached || self.goes_on(after) => run.quote = true,
                _ => break,
            }
            run.end = after;
        }
        run
    }

    /// Where the numbers of notes end that stood raised behind the full stop before the text lost its type:
    /// `as others found.11 12 Then`. The word before must be a word, and a capital must follow.
    fn raised_note(&self, run: &Run) -> Option<usize> {
        let word = self.word_before(run.start);
        let plain = word.ends_with(')') || word.chars().count() > 3 && word.chars().all(is_lower);
        if !plain || run.kind != Kind::Dot || run.quote || run.bracket {
            return None;
        }
        let rest = &self.text[run.end..];
        let len = rest.find(|c: char| !c.is_ascii_digit() && c != ' ')?;
        let small = rest[..len].split(' ').all(|n| n.len() <= 3);
        (small && rest[..len].ends_with(' ') && rest[len..].starts_with(is_upper))
            .then(|| run.end + rest[..len].trim_end().len())
    }

    /// Closing signs, notes and emoji set off by a space; and whether a mark behind them begins another round: `foo . ”`, `foo. [17]`, `foo. 🙂`.
    fn close_spaced(&mut self, mut run: Run) -> (Run, bool) {
        loop {
            let k = skip_spaces(self.text, run.end);
            let Some(c) = char_at(self.text, k).filter(|_| k > run.end) else { return (run, false) };
            if let Some(end) = note(self.text, k).or_else(|| emoticon(self.text, k)).or_else(|| emoji(self.text, k)) {
                if char_at(self.text, end).is_none_or(char::is_whitespace) {
                    run.end = end;
                    continue;
                }
                return (run, false);
            }
            let mut after = k + c.len_utf8();
            if (run.quote || run.bracket) && self.finder.mark(c).is_some() && self.is_row_of_marks(k) {
                run.kind = Kind::Strong;
                run.remark = false;
                run.end = after;
                return (run, true);
            }
            while char_at(self.text, after) == Some(c) {
                after += c.len_utf8();
            }
            let marked = char_at(self.text, after).is_some_and(|c| self.finder.mark(c).is_some());
            if char_at(self.text, after).is_some_and(|c| !c.is_whitespace() && pair(c).is_none()) && !marked {
                return (run, false);
            }
            match pair(c) {
                Some(Pair::CloseBracket) => run.bracket = true,
                Some(Pair::CloseQuote) => run.quote = true,
                Some(Pair::Straight) if c != '"' || self.is_before_mark(after) || self.quote_is_open(k) => {
                    run.quote = true;
                }
                _ => return (run, false),
            }
            run.end = after;
            if marked {
                return (run, true);
            }
        }
    }

    /// Whether a mark or a comma follows byte `at`, white space aside: what stands before it closes.
    fn is_before_mark(&self, at: usize) -> bool {
        let after = char_at(self.text, skip_spaces(self.text, at));
        after.is_some_and(|c| c == ',' || self.finder.mark(c).is_some())
    }

    /// Whether an odd number of straight double quotation marks stands before byte `at`. Counted once over the
    /// paragraph, however often it is asked.
    fn quote_is_open(&mut self, at: usize) -> bool {
        let (upto, count) = self.quotes;
        let from = if at < upto { 0 } else { upto };
        let more = self.text.as_bytes()[from..at].iter().filter(|&&b| b == b'"').count();
        self.quotes = (at, if from == 0 { more } else { count + more });
        self.quotes.1 % 2 == 1
    }

    /// Where the next sentence begins, if one ends with `run`.
    fn break_after(&self, run: &Run) -> Option<usize> {
        let text = self.text;
        let at = skip_spaces(text, run.end);
        if at == text.len() {
            return None;
        }
        let what = next(text, at);
        if matches!(what, Next::Continues | Next::End) {
            return None;
        }
        if let Some(number) = self.list_number(run, what) {
            return Some(number);
        }
        if let Next::Caseless(k) = what
            && run.quote
            && self.is_said(k)
        {
            return None;
        }
        if self.in_title(run.start) {
            return None;
        }
        let ends = if at == run.end { self.ends_unspaced(run, what) } else { self.ends_spaced(run, what) };
        ends.then_some(at)
    }

    /// Where a number begins that `run` ends and that begins an item: `as follows: 1. Mix the flour`.
    fn list_number(&self, run: &Run, what: Next) -> Option<usize> {
        let word = self.word_before(run.start);
        let small = (1..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
        if run.kind != Kind::Dot
            || !small
            || !char_at(self.text, run.end).is_some_and(char::is_whitespace)
            || !matches!(what, Next::Upper(_))
            || self.rules.ordinals == Ordinals::Strong
        {
            return None;
        }
        let at = run.start - word.len();
        let gap = self.text[self.start..at].trim_end();
        let before = gap.strip_suffix([':', ';'])?;
        // `3: 0.` is a score.
        (!before.ends_with(char::is_numeric) && self.start + gap.len() < at).then_some(at)
    }

    /// Whether byte `at` lies inside the title marks of Chinese: 《摔跤吧！爸爸》.
    fn in_title(&self, at: usize) -> bool {
        let mut before = self.text[self.start..at].chars().rev().take(40);
        before.find(|c| matches!(c, '《' | '》')) == Some('《') && self.text[at..].chars().take(40).any(|c| c == '》')
    }

    /// Whether the clause from byte `at` on names who says the quotation before it: it ends with a verb of saying, as
    /// languages with the verb at the end have it.
    fn is_said(&self, at: usize) -> bool {
        if self.rules.sayers.is_empty() {
            return false;
        }
        let rest = &self.text[at..];
        let ends = |c| self.finder.mark(c).is_some() || matches!(c, ',' | '，') || pair(c).is_some();
        let end = rest.char_indices().take(80).find(|&(_, c)| ends(c) || matches!(c, ':' | '：'));
        let clause = rest[..end.map_or(0, |(k, _)| k)].trim_end();
        let Some(last) = clause.rsplit(char::is_whitespace).next() else { return false };
        // Scripts without spaces write who says it and the verb in one.
        let solid = last.ends_with(is_han_or_kana);
        self.rules.sayers.iter().any(|s| **s == *last || solid && last.ends_with(&**s))
    }

    /// Whether a sentence ends with `run`, white space behind it.
    fn ends_spaced(&self, run: &Run, what: Next) -> bool {
        match run.kind {
            Kind::Native => true,
            Kind::Strong | Kind::Local => {
                !run.remark && !self.is_bang(run.start) && (what != Next::Lower || self.is_lower_case_habit(run))
            }
            Kind::Ellipsis => {
                let one = self.text[run.start..].strip_prefix('…').is_some_and(|r| !r.starts_with('.'));
                let two = run.end - run.start == 2 && self.rules.lower_starts;
                // English `I` is a capital anywhere: behind an ellipsis it tells nothing.
                let pronoun = matches!(what, Next::Upper(k) if self.rules.is_always_capital(word_at(self.text, k)));
                (what != Next::Lower || two) && !pronoun && !run.remark && !(one && matches!(what, Next::Caseless(_)))
            }
            Kind::Soft => matches!(what, Next::Upper(_)),
            Kind::Dot if what == Next::Lower => self.ends_before_lower(run),
            Kind::Dot => !self.rules.by_spaces && self.dot_ends(run, what),
        }
    }

    /// Whether a full stop ends the sentence although lower case follows: the word before it is whole, long and no
    /// abbreviation, so that whoever wrote this begins sentences in lower case (215 of 225 such places in our
    /// development sets are ends).
    fn ends_before_lower(&self, run: &Run) -> bool {
        if run.quote || run.bracket || self.rules.weak_dot {
            return false;
        }
        let word = self.word_before(run.start);
        // What closes, and long numbers where ordinals take no full stop, abbreviate nothing.
        let last = char_before(self.text, run.start).unwrap_or(' ');
        if matches!(pair(last), Some(Pair::CloseBracket | Pair::CloseQuote)) || last == '"' {
            return true;
        }
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if last.is_numeric() && word.chars().all(|c| !c.is_alphabetic()) {
            return digits >= 4 && self.rules.ordinals == Ordinals::None;
        }
        let shortest = if self.rules.lower_starts {
            3
        } else if self.rules.own {
            4
        } else {
            6
        };
        let whole = word.chars().all(char::is_alphabetic) && word.chars().skip(1).all(is_lower);
        let long = word.chars().count() >= shortest && self.class(word, run.start).is_none();
        whole && (long || word.chars().count() > 1 && fold(word, &mut [0; 64]).is_some_and(|w| self.rules.starts(w)))
    }

    /// Whether this sentence began in lower case, so that the next one may as well: `are you sure? i think so`.
    /// A quotation, or a dash behind the mark, is followed by the words of who says it.
    fn is_lower_case_habit(&self, run: &Run) -> bool {
        let after = &self.text[skip_spaces(self.text, run.end)..];
        let words = self.text[self.start..run.start].split_whitespace().nth(2).is_some();
        let habit = self.text[self.start..].starts_with(is_lower) || self.rules.lower_starts && words;
        !run.quote && after.starts_with(is_lower) && habit
    }

    /// Whether byte `at` begins a word with which the sentence goes on behind a quotation.
    fn goes_on(&self, at: usize) -> bool {
        self.rules.continuers.iter().any(|w| self.text[at..].starts_with(&**w))
    }

    /// Whether a sentence ends with `run`, nothing but the next letter behind it.
    fn ends_unspaced(&self, run: &Run, what: Next) -> bool {
        let text = self.text;
        let first = char_at(text, run.end).unwrap_or(' ');
        let goes_on = || (run.quote || run.bracket) && self.goes_on(run.end);
        let before = char_before(text, run.start).unwrap_or(' ');
        if is_marker(&text[self.start..run.start]) || run.kind == Kind::Strong && self.is_bang(run.start) {
            return false;
        }
        match run.kind {
            Kind::Native => !goes_on() && !matches!(what, Next::Lower),
            Kind::Ellipsis | Kind::Soft => false,
            Kind::Strong | Kind::Local if is_han_or_kana(first) || is_han_or_kana(before) => !goes_on(),
            Kind::Strong | Kind::Local => match what {
                Next::Caseless(_) => !(run.quote || run.bracket),
                Next::Upper(k) => is_lower(before) && self.is_plain_word(run.start) && !self.is_all_caps(k),
                _ => false,
            },
            Kind::Dot => {
                let wide = text[run.start..].starts_with('．') && !before.is_numeric() && !first.is_numeric();
                let Next::Upper(k) = what else { return wide };
                let closed = run.quote && is_lower(before);
                wide || closed || self.is_plain_word(run.start) && self.is_sure_start(k)
            }
        }
    }
}
