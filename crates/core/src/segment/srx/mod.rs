//! SRX (Segmentation Rules eXchange) 1.0 and 2.0: the cuts of a CAT tool, read from its own rules.
//!
//! A rule applies where its `beforebreak` ends and its `afterbreak` begins; the first rule in order decides, so that an
//! exception shields only from rules after it. Engines disagree about the rest, hence [`Profile`].
//!
//! | file | holds |
//! | --- | --- |
//! | `read` | the file → [`SrxRules`] |
//! | `regex` | Java's and ICU's regular expressions, exactly |
//! | `engine`, `compiled`, `places`, `wide` | the rules of one language, made ready; the three ways to apply them |
//! | `export` | our own rules as SRX, and as `write` puts them into a file |
//!
//! ```
//! use hexapla_core::segment::srx::SrxRules;
//! use hexapla_core::segment::{SegmentOptions, Segmenter};
//! use hexapla_core::Language;
//!
//! let rules = SrxRules::parse(
//!     r#"<srx version="2.0" xmlns="http://www.lisa.org/srx20"><header segmentsubflows="yes" cascade="yes"/>
//!        <body><languagerules><languagerule languagerulename="English">
//!          <rule break="no"><beforebreak>\bDr\.\s</beforebreak><afterbreak/></rule>
//!          <rule break="yes"><beforebreak>\.\s</beforebreak><afterbreak/></rule>
//!        </languagerule></languagerules><maprules>
//!          <languagemap languagepattern="(EN|en).*" languagerulename="English"/></maprules></body></srx>"#,
//! )?;
//! let english = Language::parse("en")?;
//! let segmenter = Segmenter::from_srx(&rules, None, &english, SegmentOptions::default())?;
//! assert_eq!(segmenter.segment("Ask Dr. Green. He knows.").len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod compiled;
mod engine;
mod export;
mod places;
mod read;
mod regex;
mod wide;
mod write;

use serde::{Deserialize, Serialize};

pub(super) use engine::Engine;
pub use export::{Export, Form, export};

/// Whose understanding of SRX is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Profile {
    /// The loomchild library, which LanguageTool uses: every break rule is searched without overlaps; exceptions are
    /// looked for at every place it finds, their repetitions bounded to 100. Java's regular expressions.
    LanguageTool,
    /// Okapi: every rule is searched as one pattern, from break to break; the first rule at a place decides. Java's or
    /// ICU's regular expressions, as the file says; ICU's own sentence breaks last, where the file asks for them.
    Okapi,
    /// OmegaT: both parts of a rule are searched by themselves; all maps that fit apply, whatever `cascade` says, and
    /// the case of language codes does not matter. Java's regular expressions.
    OmegaT,
}

/// One rule of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrxRule {
    /// Whether it breaks (else it is an exception).
    pub breaks: bool,
    /// Pattern of what stands before; may be empty.
    pub before: String,
    /// Pattern of what stands behind; may be empty.
    pub after: String,
    /// Line of the file, from 1.
    pub line: usize,
}

/// A named list of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrxRuleList {
    /// `languagerulename`.
    pub name: String,
    /// The rules, in order.
    pub rules: Vec<SrxRule>,
}

/// Which languages get which list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SrxMap {
    /// Pattern of the whole language code.
    pub pattern: String,
    /// `languagerulename`.
    pub list: String,
    /// Line of the file, from 1.
    pub line: usize,
}

/// A file of rules, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SrxRules {
    /// Whether every map that fits applies, or only the first. Always `false` for version 1.0, which has no cascade.
    pub cascade: bool,
    /// The lists.
    pub lists: Vec<SrxRuleList>,
    /// The maps, in order.
    pub maps: Vec<SrxMap>,
    /// `useJavaRegex` and `useIcu4JBreakRules` of Okapi's options, if the file has them.
    pub okapi: Option<OkapiOptions>,
}

/// Okapi's extension of the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OkapiOptions {
    /// Patterns are Java's, not ICU's.
    pub java: bool,
    /// ICU's own breaks apply after all rules.
    pub icu_breaks: bool,
}

/// Why a file of rules cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SrxError {
    /// Not XML.
    #[error("line {line}: not well-formed XML: {reason}")]
    Xml {
        /// Line of the file.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// XML, but no SRX.
    #[error("no SRX file: {found}; export the rules from the CAT tool as .srx")]
    NotSrx {
        /// What was found instead.
        found: String,
    },
    /// An element that lacks something or stands in the wrong place.
    #[error("line {line}: {reason}")]
    Element {
        /// Line of the file.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// A pattern that is not understood.
    #[error("line {line}: {part} of rule {number} of '{list}': {reason}")]
    Pattern {
        /// `languagerulename` of the rule's list.
        list: String,
        /// Number of the rule in its list, from 1.
        number: usize,
        /// `beforebreak`, `afterbreak`.
        part: &'static str,
        /// Line of the file.
        line: usize,
        /// What is wrong, and where in the pattern.
        reason: String,
    },
    /// A `languagepattern` that is not understood.
    #[error("line {line}: languagepattern '{pattern}': {reason}")]
    Map {
        /// The pattern.
        pattern: String,
        /// Line of the file.
        line: usize,
        /// What is wrong.
        reason: String,
    },
    /// No map fits the language.
    #[error("no rules for '{language}': its maps are for {known}; add a languagemap for it")]
    NoRules {
        /// The language.
        language: String,
        /// The patterns of the file.
        known: String,
    },
}

impl SrxRules {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`SrxError::Xml`], [`SrxError::NotSrx`], [`SrxError::Element`]. Patterns are looked at when they are used.
    pub fn parse(text: &str) -> Result<Self, SrxError> {
        read::read(text)
    }

    /// The profile that the file was most likely made for: its marks are Okapi's options, the `_one` and `_two` codes
    /// of LanguageTool, and the upper-case codes of OmegaT without format handles. Without any, the loomchild way,
    /// which follows the specification most closely.
    pub fn guess_profile(&self) -> Profile {
        if self.maps.iter().any(|m| m.pattern.ends_with("_two") || m.pattern.ends_with("_one")) {
            return Profile::LanguageTool;
        }
        if self.okapi.is_some() {
            return Profile::Okapi;
        }
        let upper = |m: &SrxMap| {
            let code: String = m.pattern.chars().take_while(char::is_ascii_alphabetic).collect();
            code.len() >= 2 && code.bytes().all(|b| b.is_ascii_uppercase()) && m.pattern.ends_with(".*")
        };
        let named = |l: &SrxRuleList| l.name.starts_with("LanguageCodes.");
        if self.lists.iter().any(named) || self.maps.iter().filter(|m| upper(m)).count() * 2 > self.maps.len() {
            return Profile::OmegaT;
        }
        Profile::LanguageTool
    }

    /// Number of rules in all lists.
    pub fn len(&self) -> usize {
        self.lists.iter().map(|l| l.rules.len()).sum()
    }

    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Checks that every pattern of every list and map is understood.
    ///
    /// # Errors
    /// All that are not.
    pub fn check(&self, profile: Profile) -> Vec<SrxError> {
        engine::check(self, profile)
    }
}
