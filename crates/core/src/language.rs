//! Language tags (BCP-47) and detection from text.
//!
//! Not here: guessing a language from a file's name, which is the command line's business.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;

/// A BCP-47 tag in its usual case: `en`, `pt-BR`, `zh-Hant`; two letters where ISO 639-1 has them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// Reads a tag: `en_US` and `EN-us` become `en-US`, `deu` and `ger` become `de`.
    ///
    /// # Errors
    /// [`Error::BadLanguage`] for anything that is not made of BCP-47 subtags (RFC 5646, section 2.1).
    pub fn parse(tag: &str) -> Result<Self, Error> {
        let bad = || Error::BadLanguage { tag: tag.to_owned() };
        let mut out = String::new();
        for (k, part) in tag.trim().split(['-', '_']).enumerate() {
            let alpha = part.bytes().all(|b| b.is_ascii_alphabetic());
            if part.is_empty() || part.len() > 8 || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return Err(bad());
            }
            if k == 0 {
                if !alpha || !(2..=3).contains(&part.len()) {
                    return Err(bad());
                }
                let lower = part.to_ascii_lowercase();
                out.push_str(two_letters(&lower).unwrap_or(&lower));
                continue;
            }
            out.push('-');
            match (part.len(), alpha) {
                (2, true) => out.push_str(&part.to_ascii_uppercase()),
                (4, true) => {
                    out.push_str(&part[..1].to_ascii_uppercase());
                    out.push_str(&part[1..].to_ascii_lowercase());
                }
                _ => out.push_str(&part.to_ascii_lowercase()),
            }
        }
        Ok(Self(out))
    }

    /// The undetermined language, `und`.
    pub fn und() -> Self {
        Self("und".into())
    }

    /// The whole tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language subtag alone: `zh` of `zh-Hant`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or("und")
    }

    /// Whether the language is undetermined.
    pub fn is_und(&self) -> bool {
        self.primary() == "und"
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Language {
    type Error = Error;

    fn try_from(tag: String) -> Result<Self, Error> {
        Self::parse(&tag)
    }
}

impl From<Language> for String {
    fn from(l: Language) -> Self {
        l.0
    }
}

/// A detected language and how sure the detector is, from 0 to 1.
#[derive(Clone, Debug)]
pub struct Detected {
    /// The language.
    pub language: Language,
    /// The detector's own confidence, 0 to 1.
    pub confidence: f64,
}

/// How many characters of a text are looked at; a language shows in less.
const DETECTION_CHARS: usize = 20_000;

/// Detects the language of `text`; `None` where no letters tell.
pub fn detect(text: &str) -> Option<Detected> {
    let end = text.char_indices().nth(DETECTION_CHARS).map_or(text.len(), |(i, _)| i);
    let info = whatlang::detect(&text[..end])?;
    let language = Language::parse(info.lang().code()).ok()?;
    Some(Detected { language, confidence: info.confidence() })
}

/// Whether [`detect`] can find `language` at all.
pub fn detectable(language: &Language) -> bool {
    whatlang::Lang::all().iter().any(|l| Language::parse(l.code()).is_ok_and(|d| d.primary() == language.primary()))
}

/// ISO 639-2 and 639-3 codes of languages that have a two-letter code (ISO 639-1); sorted.
const THREE_TO_TWO: &[(&str, &str)] = &[
    ("afr", "af"),
    ("aka", "ak"),
    ("alb", "sq"),
    ("amh", "am"),
    ("ara", "ar"),
    ("arm", "hy"),
    ("asm", "as"),
    ("aze", "az"),
    ("azj", "az"),
    ("baq", "eu"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bod", "bo"),
    ("bos", "bs"),
    ("bre", "br"),
    ("bul", "bg"),
    ("bur", "my"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("chi", "zh"),
    ("cmn", "zh"),
    ("cym", "cy"),
    ("cze", "cs"),
    ("dan", "da"),
    ("deu", "de"),
    ("dut", "nl"),
    ("ell", "el"),
    ("eng", "en"),
    ("epo", "eo"),
    ("est", "et"),
    ("eus", "eu"),
    ("fao", "fo"),
    ("fas", "fa"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("fre", "fr"),
    ("fry", "fy"),
    ("geo", "ka"),
    ("ger", "de"),
    ("gla", "gd"),
    ("gle", "ga"),
    ("glg", "gl"),
    ("gre", "el"),
    ("guj", "gu"),
    ("hau", "ha"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ice", "is"),
    ("ind", "id"),
    ("isl", "is"),
    ("ita", "it"),
    ("jav", "jv"),
    ("jpn", "ja"),
    ("kan", "kn"),
    ("kat", "ka"),
    ("kaz", "kk"),
    ("khm", "km"),
    ("kin", "rw"),
    ("kir", "ky"),
    ("kor", "ko"),
    ("kur", "ku"),
    ("lao", "lo"),
    ("lat", "la"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("ltz", "lb"),
    ("mac", "mk"),
    ("mal", "ml"),
    ("mar", "mr"),
    ("may", "ms"),
    ("mkd", "mk"),
    ("mlt", "mt"),
    ("mon", "mn"),
    ("mri", "mi"),
    ("msa", "ms"),
    ("mya", "my"),
    ("nep", "ne"),
    ("nld", "nl"),
    ("nno", "nn"),
    ("nob", "nb"),
    ("nor", "no"),
    ("oci", "oc"),
    ("ori", "or"),
    ("pan", "pa"),
    ("per", "fa"),
    ("pes", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("pus", "ps"),
    ("ron", "ro"),
    ("rum", "ro"),
    ("run", "rn"),
    ("rus", "ru"),
    ("sin", "si"),
    ("slk", "sk"),
    ("slo", "sk"),
    ("slv", "sl"),
    ("sna", "sn"),
    ("som", "so"),
    ("spa", "es"),
    ("sqi", "sq"),
    ("srp", "sr"),
    ("sun", "su"),
    ("swa", "sw"),
    ("swe", "sv"),
    ("tam", "ta"),
    ("tat", "tt"),
    ("tel", "te"),
    ("tgk", "tg"),
    ("tgl", "tl"),
    ("tha", "th"),
    ("tib", "bo"),
    ("tuk", "tk"),
    ("tur", "tr"),
    ("uig", "ug"),
    ("ukr", "uk"),
    ("urd", "ur"),
    ("uzb", "uz"),
    ("vie", "vi"),
    ("wel", "cy"),
    ("xho", "xh"),
    ("ydd", "yi"),
    ("yid", "yi"),
    ("yor", "yo"),
    ("zho", "zh"),
    ("zul", "zu"),
];

fn two_letters(code: &str) -> Option<&'static str> {
    THREE_TO_TWO.binary_search_by_key(&code, |e| e.0).ok().map(|k| THREE_TO_TWO[k].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_take_their_usual_case() {
        for (given, want) in [
            ("EN", "en"),
            ("en_us", "en-US"),
            ("ZH-hant-tw", "zh-Hant-TW"),
            ("deu", "de"),
            ("ger", "de"),
            ("grc", "grc"),
        ] {
            assert_eq!(Language::parse(given).unwrap().as_str(), want, "{given}");
        }
        for wrong in ["", "e", "english", "en--US", "12", "en-toolongsubtag"] {
            assert!(Language::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(THREE_TO_TWO.windows(2).all(|w| w[0].0 < w[1].0));
    }

    #[test]
    fn detection_tells_scripts_and_languages() {
        assert_eq!(detect("Переговоры прошли в Пекине, в большом зале.").unwrap().language.as_str(), "ru");
        assert!(detect("12 34 …").is_none());
        let knows = |tag: &str| detectable(&Language::parse(tag).unwrap());
        assert!(knows("ru") && knows("zh-Hant") && !knows("is") && !knows("und"));
    }
}
