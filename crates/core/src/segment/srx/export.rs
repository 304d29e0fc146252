//! Our own rules as SRX 2.0: lists become alternations, decisions become rules in an order that means the same.
//!
//! Patterns keep to what Java, ICU and .NET share: Unicode categories, sets, look-around of fixed length. A break
//! stands behind the marks and before the white space, as in the rules that CAT tools bring along, so that tools that
//! trim segments and tools that do not see the same sentences. What SRX cannot say is listed, in the file, too.
//!
//! Not here: how the rules are written down (`write`).

use std::fmt::Write;

use super::super::rules::{Class, Ordinals, Rules};
use super::write::{self, Line, List};
use crate::Language;

/// In which form rules are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// SRX 2.0.
    #[default]
    Srx,
    /// `segmentation.conf`, a Java bean: the only form that OmegaT reads that came before `segmentation.srx` (3.6).
    OmegaTConf,
}

/// A file of our rules.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Export {
    /// The file's text.
    pub xml: String,
    /// What our rules do and SRX cannot say.
    pub left_out: Vec<String>,
}

/// White space, with the no-break spaces that `\s` leaves out in Java.
const SPACE: &str = r"[\s\u00A0\u202F]";
/// Nothing of a word stands before.
const WORD_BEGINS: &str = r"(?<![\p{L}\p{M}\p{N}])";
/// Marks that abbreviate and end.
const MARKS: &str = r".!?\u2026\u203C\u2047-\u2049";
/// Full stops of other scripts, with or without white space behind them: the danda and its kin, Urdu, Armenian,
/// Ethiopic, Khmer, Burmese, Tibetan, Mongolian, and the wide marks of East Asia.
const NATIVE: &str = concat!(
    r"\u0589\u061F\u06D4\u0964\u0965\u0DF4\u0F0D-\u0F11\u104B\u1362\u1367\u1368\u17D4\u17D5\u1803\u1809\u3002",
    r"\uFF01\uFF1F\uFF61"
);
/// What closes behind a mark.
const CLOSING: &str = r#"["'\u00BB\u201C\u201D\u2018\u2019\u203A\u300D\u300F\u3011\uFF09)\]}]"#;
/// What may open before the first word of a sentence.
const OPENING: &str = r#"[\s\u00A0"'\u00AB\u201E\u201C\u2018\u201A\u2039\u00BB(\[{\p{Pd}\u00BF\u00A1*\u2022]"#;

/// What our rules do that no pattern over two places can say.
const LEFT_OUT: [&str; 7] = [
    "dates and times that open a sentence, which they alone are not (В 1998 г. Иванов …, At 5 a.m. Mr. …)",
    "straight quotation marks set off by spaces on both sides: whether they open or close is told by counting",
    "items that follow each other on one line (1) … 2) …), and numbers of items behind a colon",
    "emoji and emoticons in the place of a full stop",
    "numbers of notes that lost their raised type (found.11 Then)",
    "lower case behind ? and ! where the sentence itself began in lower case",
    "white space inside a row of marks (. . .)",
];

/// Our rules for `languages`, a list of rules a language, without cascade.
///
/// Languages that share a file of ours get a map each; a language that none of our files knows gets the common rules.
pub fn export(languages: &[Language], form: Form) -> Export {
    let mut left_out: Vec<String> = LEFT_OUT.iter().map(|s| (*s).to_owned()).collect();
    let mut lists = Vec::new();
    for language in languages {
        let rules = Rules::of(language.primary());
        if rules.by_spaces {
            left_out.push(format!("{language}: sentences told by spaces alone; only its marks are exported"));
        }
        if !rules.sayers.is_empty() {
            left_out.push(format!("{language}: verbs of saying behind a quotation"));
        }
        if !rules.endings.is_empty() {
            left_out.push(format!("{language}: endings of words that close a sentence without a mark"));
        }
        let mut writer = Writer::default();
        write_rules(rules, &mut writer);
        lists.push(List { name: language.to_string(), pattern: map_pattern(language), lines: writer.lines });
    }
    let xml = match form {
        Form::Srx => write::srx(&lists, &left_out),
        Form::OmegaTConf => write::omegat_conf(&lists, &left_out),
    };
    Export { xml, left_out }
}

/// The whole code of a language, in any case, alone or with region and script.
fn map_pattern(language: &Language) -> String {
    let mut out = String::new();
    for c in language.as_str().chars() {
        match c {
            '-' => out.push_str("[-_]"),
            c => {
                let _ = write!(out, "[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase());
            }
        }
    }
    out + "(?:[-_].*)?"
}

/// The rules of one language, in the order in which they decide.
fn write_rules(rules: &Rules, out: &mut Writer) {
    let words = |class| alternatives(rules, class);
    let starters: Vec<String> = rules.all_starters().into_iter().map(capitalised).collect();
    let starter =
        (!starters.is_empty()).then(|| format!("{SPACE}+{OPENING}*(?:{})(?![\\p{{L}}.])", starters.join("|")));
    out.comment("marks in brackets are remarks");
    out.rule(false, &format!(r"[(\[][{MARKS}]+[)\]]"), SPACE);
    out.comment("a number or letter at the beginning counts items");
    out.rule(false, r"^\s*(?:\p{Nd}{1,4}|\p{L})\.", SPACE);
    if let Some(list) = words(Class::Never) {
        out.comment("never the end of a sentence");
        out.rule(false, &list, SPACE);
    }
    if let Some(list) = words(Class::Number) {
        out.comment("before a number");
        out.rule(false, &list, &format!(r"{SPACE}+(?:[\p{{Nd}}\u2116\u00A7$\u20AC\u00A3]|[IVXLCDM]+(?!\p{{L}}))"));
        // No initial, whatever its length.
        out.rule(true, &list, &format!(r"{SPACE}+{OPENING}*\p{{Lu}}"));
    }
    if !rules.tails.is_empty() {
        let tails: Vec<String> = rules.tails.iter().map(|t| escaped(t)).collect();
        out.comment("compounds before a number");
        out.rule(false, &format!(r"\p{{L}}(?:{})\.", tails.join("|")), &format!(r"{SPACE}+\p{{Nd}}"));
    }
    if let Some(list) = words(Class::Unit) {
        out.rule(false, &list, &format!(r"{SPACE}+\p{{Nd}}"));
        out.comment("goes on, unless a number stands before");
        let before = format!(r"(?<![\p{{Nd}}IVXLCDM]{SPACE})(?<![\p{{Nd}}IVXLCDM]){list}");
        out.rule(false, &before, SPACE);
    }
    if let Some(list) = words(Class::End) {
        let followers = rules.all_followers();
        if !followers.is_empty() {
            out.comment("goes on with these");
            out.rule(false, &list, &format!(r"{SPACE}+(?:{})(?!\p{{L}})", followers.join("|")));
        }
        out.comment("may end, although it looks like an acronym");
        out.rule(true, &list, &format!(r"{SPACE}+{OPENING}*[\p{{Lu}}\p{{Nd}}]"));
    }
    out.comment("initials, acronyms and what stands before names: the end only before a word that begins sentences");
    let initial = format!(r"{WORD_BEGINS}\p{{L}}\.");
    let acronym = format!(r"{WORD_BEGINS}(?:\p{{L}}{{1,2}}\.)+\p{{L}}{{1,2}}\.");
    let names = words(Class::Name);
    for before in [Some(initial), Some(acronym), names].into_iter().flatten() {
        if let Some(starter) = &starter {
            out.rule(true, &before, starter);
        }
        out.rule(false, &before, &format!(r"{SPACE}+{OPENING}*[\p{{Lu}}\p{{Lo}}]"));
    }
    ordinals(rules, starter.as_deref(), out);
    if rules.weak_dot {
        out.comment("the full stop only parts the sentence");
        out.rule(false, r"\.", &format!(r"{SPACE}+{OPENING}*\p{{Ll}}"));
    } else {
        out.comment("a whole word before the full stop: the next sentence begins in lower case");
        let least = if rules.lower_starts { 2 } else { 3 };
        let whole = format!(r"(?<![\p{{L}}\p{{M}}\p{{N}}.'\u2019-])\p{{L}}\p{{Ll}}{{{least},}}\.");
        if let Some(list) = words(Class::End) {
            out.rule(false, &list, &format!(r"{SPACE}+{OPENING}*\p{{Ll}}"));
        }
        for class in [Class::Name, Class::Number, Class::Unit] {
            if let Some(list) = words(class) {
                out.rule(false, &list, &format!(r"{SPACE}+{OPENING}*\p{{Ll}}"));
            }
        }
        out.rule(true, &whole, &format!(r"{SPACE}+{OPENING}*\p{{Ll}}"));
    }
    let local: String = rules.local.iter().map(|&c| set_member(c)).collect();
    out.comment("lower case and commas go on");
    out.rule(false, &format!("[{MARKS}{local}]+{CLOSING}*"), &format!(r"{SPACE}+{OPENING}*\p{{Ll}}"));
    out.rule(false, &format!("[{MARKS}{local}{NATIVE}]+{CLOSING}*"), &format!(r"{SPACE}*[,;:\u060C\u3001\uFF0C](?!,)"));
    if !rules.continuers.is_empty() {
        let list: Vec<String> = rules.continuers.iter().map(|c| escaped(c)).collect();
        out.comment("a quotation goes on with these");
        out.rule(false, &format!("[{MARKS}{NATIVE}]+{CLOSING}+"), &format!("(?:{})", list.join("|")));
    }
    if !starters.is_empty() {
        let plain: Vec<&str> = starters.iter().map(String::as_str).filter(|s| !rules.is_always_capital(s)).collect();
        out.comment("a semicolon between items");
        out.rule(
            true,
            r#"[^)\]}"'\u00BB\u201C\u201D\u2018\u2019]\s?;"#,
            &format!(r"{SPACE}+[\u00BF\u00A1]*(?:{})(?![\p{{L}}.])", plain.join("|")),
        );
    }
    out.comment("ends");
    out.rule(true, &format!("[{NATIVE}]+{CLOSING}*"), &format!("[^{NATIVE}]"));
    out.rule(true, &format!("[{MARKS}{local}]+{CLOSING}*"), SPACE);
}

/// Ordinal numbers with a full stop.
fn ordinals(rules: &Rules, starter: Option<&str>, out: &mut Writer) {
    let months: Vec<String> = rules.all_months().into_iter().map(any_case).collect();
    let number = |most| format!(r"(?<![\p{{L}}\p{{N}}.,])\p{{Nd}}{{1,{most}}}\.");
    if !months.is_empty() {
        out.comment("a day before its month");
        out.rule(false, &number(4), &format!(r"{SPACE}+(?:{})(?!\p{{L}})", months.join("|")));
    }
    if rules.ordinals == Ordinals::None {
        return;
    }
    out.comment("ordinal numbers");
    let roman = format!(r"{WORD_BEGINS}[IVXLCDM]{{2,}}\.");
    for before in [Some(roman), (rules.ordinals == Ordinals::Strong).then(|| number(2))].into_iter().flatten() {
        if let Some(starter) = starter {
            out.rule(true, &before, starter);
        }
        out.rule(false, &before, &format!(r"{SPACE}+[\p{{Lu}}\p{{Nd}}]"));
    }
    out.rule(false, &number(2), &format!(r"{SPACE}+\p{{Nd}}"));
}

/// All abbreviations of a class with their full stop, as one alternation; `None` where there are none.
fn alternatives(rules: &Rules, class: Class) -> Option<String> {
    let all = rules.all_abbreviations();
    // Longer ones first: engines take the first alternative that fits.
    let mut words: Vec<_> = all.into_iter().filter(|(_, c, _)| *c == class).collect();
    words.sort_by_key(|(w, _, _)| std::cmp::Reverse(w.len()));
    let list: Vec<String> = words.into_iter().map(|(w, _, capital)| abbreviation(w, capital)).collect();
    (!list.is_empty()).then(|| format!(r"{WORD_BEGINS}(?:{})\.", list.join("|")))
}

/// An abbreviation as a pattern: its first letter in both cases, or in capitals only; letters behind an inner full stop
/// in both; a space may follow that full stop.
fn abbreviation(word: &str, capital_only: bool) -> String {
    let mut out = String::new();
    // One letter: its capital is an initial, treated elsewhere.
    let single = word.chars().count() == 1;
    let mut begins = true;
    for c in word.chars() {
        match c {
            '.' => {
                out.push_str(&format!(r"\.{SPACE}?"));
                begins = true;
                continue;
            }
            c if begins && !single => out.push_str(&cased(c, capital_only && out.is_empty())),
            c => out.push_str(&escaped(c.encode_utf8(&mut [0; 4]))),
        }
        begins = c == '-';
    }
    out
}

/// Both cases of a letter, or its capital.
fn cased(c: char, capital_only: bool) -> String {
    let upper: String = c.to_uppercase().collect();
    let mut buffer = [0; 4];
    let lower = c.encode_utf8(&mut buffer);
    match (upper == *lower, capital_only) {
        (true, _) => escaped(lower),
        (false, true) => escaped(&upper),
        (false, false) if upper.chars().count() == 1 => format!("[{upper}{lower}]"),
        (false, false) => format!("(?:{upper}|{lower})"),
    }
}

/// A word with a capital at its head, escaped.
fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| cased(c, true)).unwrap_or_default();
    first + &escaped(chars.as_str())
}

/// A word with its first letter in both cases, escaped.
fn any_case(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| cased(c, false)).unwrap_or_default();
    first + &escaped(chars.as_str())
}

/// Text as a pattern for itself.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn set_member(c: char) -> String {
    if c.is_ascii_punctuation() { format!("\\{c}") } else { c.to_string() }
}

/// Collects the rules of a list.
#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
}

impl Writer {
    fn comment(&mut self, text: &'static str) {
        self.lines.push(Line::Comment(text));
    }

    fn rule(&mut self, breaks: bool, before: &str, after: &str) {
        self.lines.push(Line::Rule { breaks, before: before.to_owned(), after: after.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Profile, SrxRules};
    use super::*;
    use crate::segment::{SegmentOptions, Segmenter};

    /// Texts whose sentences stand between bars; our rules and their export must cut them alike.
    const SAMPLES: &[(&str, &str)] = &[
        (
            "en",
            "Dr. Green came at 5 p.m. to see J. R. Brown. |At 6 p.m. Tuesday he left; nobody came; |The door stood open. |He said: \"Stay!\" |The U.S. Army knew No. 5. |Why? |Yes.",
        ),
        (
            "de",
            "Am 3. Oktober kam Prof. Klein, z. B. mit Nr. 7. |Die Tür blieb zu! |Warum? |Es war der 2. Versuch. |Er wohnt in der Lindenstr. 5 in Ulm.",
        ),
        ("ru", "Он жил в г. Орле, на ул. Мира, т. е. в центре. |В 1996 г. они уехали. |Почему? |Так вышло."),
        ("zh", "他走了。|她说：“别去！”|为什么？|没人知道。"),
        ("cs", "Dne 12. května přišel p. Novák. |Neřekl nic! |Proč?"),
    ];

    #[test]
    fn the_export_cuts_as_we_do_in_every_profile() {
        for (tag, marked) in SAMPLES {
            let language = Language::parse(tag).unwrap();
            let text = marked.replace('|', "");
            let want: Vec<String> = marked.split('|').map(|s| s.trim().to_owned()).collect();
            let cut = |s: &Segmenter| -> Vec<String> {
                s.segment(&text).iter().map(|s| s.content.of(&text).to_owned()).collect()
            };
            assert_eq!(cut(&Segmenter::new(&language, SegmentOptions::default())), want, "{tag}: our rules");
            let rules = SrxRules::parse(&export(std::slice::from_ref(&language), Form::Srx).xml).unwrap();
            for profile in [Profile::LanguageTool, Profile::Okapi, Profile::OmegaT] {
                assert_eq!(rules.check(profile), [], "{tag}: {profile:?}");
                let options = SegmentOptions::default();
                let segmenter = Segmenter::from_srx(&rules, Some(profile), &language, options).unwrap();
                assert_eq!(cut(&segmenter), want, "{tag}: {profile:?}");
            }
        }
    }

    #[test]
    fn every_language_can_be_exported() {
        let tags = super::super::super::table::LANGUAGES.iter().flat_map(|(tags, _)| tags.split(' '));
        let languages: Vec<Language> = tags.map(|t| Language::parse(t).unwrap()).collect();
        let exported = export(&languages, Form::Srx);
        let rules = SrxRules::parse(&exported.xml).unwrap();
        for profile in [Profile::LanguageTool, Profile::Okapi, Profile::OmegaT] {
            assert_eq!(rules.check(profile), []);
        }
        assert!(exported.left_out.iter().any(|l| l.starts_with("th:")));
    }
}
