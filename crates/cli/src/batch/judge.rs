//! Is this pair what it is said to be? Texts in a wrong language, swapped sides, the same text twice, texts that are no
//! translations of each other. All thresholds stand here, but for [`LOW_QUALITY`], which `align` warns by, too.
//!
//! Not here: how quality is computed (`hexapla_core::align`), and how a language is detected (`language`).

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use hexapla_core::encode::Encoder;
use hexapla_core::language::detectable;
use hexapla_core::{Alignment, Document, Language};

use super::reason::{Fault, Reason};
use crate::report::LOW_QUALITY;
use crate::texts::{LanguageFound, Version};

/// How sure the detector must be of another language before a text is set apart. Its confidence says how far the best
/// language is ahead of the second. Of the 137 gold documents, in some 25 languages, none is set apart by it; of the 43
/// pairs in two languages, 42 are found when their languages are exchanged, and the last by both sides together.
const SURE: f64 = 0.9;

/// Letters that a text must have for its language to be judged.
const LETTERS: usize = 120;

/// Share of a text's letters, in segments that the other text has as well, from which on two texts that are said to be
/// in different languages count as one text: names, numbers and quotations stay well below.
const SAME: f64 = 0.8;

/// Languages that are not held against each other: the detector, or usage, confuses them.
const NEAR: &[&[&str]] = &[
    &["da", "nb", "no", "nn", "sv", "fo", "is"],
    &["hr", "sr", "bs", "sl", "sh", "mk"],
    &["cs", "sk", "pl"],
    &["es", "pt", "gl", "ca", "oc", "it", "fr", "ro", "la", "eu", "eo"],
    &["ru", "uk", "be", "bg", "mk", "sr"],
    &["id", "ms", "jv", "su", "tl", "ceb"],
    &["hi", "mr", "ne", "sa"],
    &["de", "nl", "af", "lb", "fy", "yi"],
    &["tr", "az", "tk", "uz", "kk", "ky", "tt"],
    &["ar", "fa", "ur", "ps"],
    &["en", "sco"],
    &["he", "yi"],
    &["et", "fi"],
    &["lt", "lv"],
    &["zu", "xh", "sn", "sw", "rw", "rn"],
];

fn near(a: &Language, b: &Language) -> bool {
    a.primary() == b.primary() || NEAR.iter().any(|n| n.contains(&a.primary()) && n.contains(&b.primary()))
}

/// Judges texts before they are aligned; texts that are wrong by themselves need no alignment to be told.
pub(crate) fn texts(texts: &[Version]) -> Option<Fault> {
    let source = &texts[0];
    for version in &texts[1..] {
        if let Some(fault) = same(source, version) {
            return Some(fault);
        }
    }
    for version in &texts[1..] {
        if let Some(fault) = swapped(source, version) {
            return Some(fault);
        }
    }
    texts.iter().find_map(wrong_language)
}

/// Segments that the shorter text must have to be judged unrelated where no encoder knows both languages: the order of
/// so few lengths and names shows little. Of 1,940 good pairs (docs/batch.md, without an encoder) four that are shorter
/// would be set apart otherwise, beside one that is longer.
const SHORT: usize = 20;

/// Judges alignments; `asked` is the quality that was asked for, which counts for short texts, too; `encoder` gave
/// evidence of meaning, if it knows the languages.
pub(crate) fn alignments(
    texts: &[Version],
    alignments: &[Alignment],
    asked: Option<f32>,
    encoder: Option<&dyn Encoder>,
) -> Option<Fault> {
    let least = asked.unwrap_or(LOW_QUALITY);
    let source = texts[0].document.language();
    let encoded = |v: &Version| encoder.is_some_and(|e| e.knows_both(source, v.document.language()) != Some(false));
    let enough = |v: &Version| texts[0].document.len().min(v.document.len()) >= SHORT;
    let pairs = alignments.iter().zip(&texts[1..]);
    let worst = pairs.filter(|(a, v)| a.quality < least && (encoded(v) || asked.is_some() || enough(v)));
    let (alignment, version) = worst.min_by(|a, b| a.0.quality.total_cmp(&b.0.quality))?;
    let [one, other] = names(&texts[0], version);
    let cause = format!(
        "{one} and {other} hardly look like translations of each other (quality {:.2}, wanted {least})",
        alignment.quality
    );
    Some(Fault::new(Reason::Unrelated, cause, "check that these are the right files"))
}

/// The language that a text surely is in, where one was said.
fn surely(text: &Version) -> Option<&Language> {
    // What was detected cannot contradict itself.
    if matches!(text.language_found, LanguageFound::Detected | LanguageFound::Unknown) {
        return None;
    }
    let detected = text.detected.as_ref().filter(|d| d.confidence >= SURE)?;
    let count = |of: fn(char) -> bool, most| text.document.text().chars().filter(|c| of(*c)).take(most).count();
    let enough = count(char::is_alphabetic, LETTERS) >= LETTERS || count(is_wide, LETTERS / 4) >= LETTERS / 4;
    enough.then_some(&detected.language)
}

/// The same, where it is not the language that it is said to be in, nor near to it.
fn other_language(text: &Version) -> Option<&Language> {
    surely(text).filter(|found| !near(text.document.language(), found))
}

/// Characters that say as much as several letters.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

fn wrong_language(text: &Version) -> Option<Fault> {
    let other = other_language(text)?;
    let said = text.document.language();
    // In a language that the detector does not know it sees another one that is alike; only a clear case counts.
    if !detectable(said) && !LARGE.contains(&other.primary()) {
        return None;
    }
    let cause = format!("{} is said to be in {said}, but it is in {other}", name(text));
    Some(Fault::new(Reason::WrongLanguage, cause, "check the file, or correct its language (in its name, or in langs)"))
}

/// Languages that another one is hardly ever taken for with certainty.
const LARGE: &[&str] = &["en", "ru", "zh", "ja", "ko", "ar", "de", "fr", "el", "he", "th"];

fn swapped(source: &Version, version: &Version) -> Option<Fault> {
    let (s, v) = (source.document.language(), version.document.language());
    let is = |found: Option<&Language>, said: &Language| found.is_some_and(|f| f.primary() == said.primary());
    let (ds, dv) = (other_language(source), other_language(version));
    // Both sides at once are hardly mistaken crosswise, even between languages that are near.
    let both = is(surely(source), v) && is(surely(version), s);
    // The other side speaks for itself where the detector does not know its language.
    let crossed = |one: Option<&Language>, other: Option<&Language>, a: &Language, b: &Language| {
        is(one, a) && (is(other, b) || !detectable(b))
    };
    let unlike = |text: &Version| {
        text.detected.as_ref().is_none_or(|d| d.language.primary() != text.document.language().primary())
    };
    if s.primary() == v.primary() || !unlike(source) || !unlike(version) {
        return None;
    }
    if !both && !crossed(dv, ds, s, v) && !crossed(ds, dv, v, s) {
        return None;
    }
    let [one, other] = names(source, version);
    let cause = format!("{one} is not in {s} but in {v}, and {other} the other way round");
    Some(Fault::new(Reason::Swapped, cause, "exchange source and version, or correct their languages"))
}

fn same(source: &Version, version: &Version) -> Option<Fault> {
    let (s, v) = (&source.document, &version.document);
    let equal = s.text().split_whitespace().eq(v.text().split_whitespace());
    let copied = s.language().primary() != v.language().primary() && shared(s, v) >= SAME;
    let how = match (equal, copied) {
        (true, _) => "the same text",
        (_, true) => "nearly the same text",
        _ => return None,
    };
    let [one, other] = names(source, version);
    let cause = format!("{one} and {other} are {how}");
    Some(Fault::new(Reason::SameText, cause, "put the translation in place of the copy"))
}

/// Share of the shorter text's letters that stand in segments which the other text has as well.
fn shared(a: &Document, b: &Document) -> f64 {
    let (short, long) = if a.text().len() <= b.text().len() { (a, b) } else { (b, a) };
    let letters = |s: &str| s.chars().filter(|c| c.is_alphabetic()).count();
    let others: HashSet<&str> = (0..long.len()).map(|i| long.segment(i)).collect();
    let (mut all, mut common) = (0, 0);
    for i in 0..short.len() {
        let text = short.segment(i);
        let n = letters(text);
        all += n;
        common += if others.contains(text) { n } else { 0 };
    }
    if all == 0 { 0.0 } else { common as f64 / all as f64 }
}

fn name(text: &Version) -> String {
    end(&text.path, 1)
}

/// What two texts are called: where folders tell their languages, files may have one name.
fn names(one: &Version, other: &Version) -> [String; 2] {
    let parts = if one.path.file_name() == other.path.file_name() { 2 } else { 1 };
    [end(&one.path, parts), end(&other.path, parts)]
}

/// The last `parts` parts of a path.
fn end(path: &Path, parts: usize) -> String {
    let from = path.components().count().saturating_sub(parts);
    path.components().skip(from).collect::<PathBuf>().display().to_string()
}

#[cfg(test)]
mod tests {
    use hexapla_formats::read::text::{EncodingFound, Text};

    use super::*;
    use crate::cutting::Cutting;

    /// An encoder that was trained on English and Russian.
    struct Two;

    impl Encoder for Two {
        fn id(&self) -> &str {
            "two"
        }

        fn feature_dim(&self) -> usize {
            1
        }

        fn dim(&self) -> usize {
            1
        }

        fn knows(&self, language: &Language) -> Option<bool> {
            Some(["en", "ru"].contains(&language.primary()))
        }

        fn features(&self, _: &[&str], _: &mut [f32]) -> Result<(), hexapla_core::Error> {
            Ok(())
        }

        fn project(&self, _: &[f32], _: &mut [f32]) -> Result<(), hexapla_core::Error> {
            Ok(())
        }
    }

    fn version(language: &str, segments: usize) -> Version {
        let text = "word\n".repeat(segments);
        let read = Text { text, encoding: "UTF-8", found: EncodingFound::Valid, undecodable: 0 };
        let language = Language::parse(language).unwrap();
        crate::texts::cut(Path::new("x"), read, Some(&language), &Cutting::Line).unwrap()
    }

    #[test]
    fn short_texts_are_judged_only_where_their_meaning_was_seen() {
        let low = [Alignment { beads: Vec::new(), quality: 0.01 }];
        let set_apart = |version: Version, asked, encoder: Option<&dyn Encoder>| {
            alignments(&[self::version("en", 50), version], &low, asked, encoder).is_some()
        };
        assert!(set_apart(version("ru", 10), None, Some(&Two)));
        assert!(!set_apart(version("hu", 10), None, Some(&Two)), "an encoder that does not know the language");
        assert!(!set_apart(version("ru", 10), None, None), "no encoder");
        for encoder in [Some(&Two as &dyn Encoder), None] {
            assert!(set_apart(version("hu", SHORT), None, encoder), "long enough");
            assert!(set_apart(version("hu", 10), Some(0.5), encoder), "asked for");
            assert!(!set_apart(version("hu", SHORT), Some(0.001), encoder), "good enough for what was asked");
        }
    }

    #[test]
    fn texts_of_one_name_are_called_by_their_folders_too() {
        let text = |path: &str| Version { path: Path::new(path).to_path_buf(), ..version("en", 1) };
        assert_eq!(names(&text("in/en/x.txt"), &text("in/ru/x.txt")), ["en/x.txt", "ru/x.txt"]);
        assert_eq!(names(&text("in/en/x.en.txt"), &text("in/ru/x.ru.txt")), ["x.en.txt", "x.ru.txt"]);
        assert_eq!(names(&text("x.txt"), &text("x.txt")), ["x.txt", "x.txt"]);
    }
}
