//! How texts are cut, resolved once: our own rules, a line a segment, or the rules of an SRX file.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use hexapla_core::segment::srx::{Profile, SrxRules};
use hexapla_core::segment::{self, Newlines, SegmentOptions, Segmenter};
use hexapla_core::{Language, Segment, SegmentKind};
use hexapla_formats::read::text;

use crate::args::{CuttingArgs, Segmentation};
use crate::error::Error;

/// How texts are cut.
#[derive(Clone, Debug)]
pub(crate) enum Cutting {
    /// By our own rules.
    Default,
    /// A line is a segment.
    Line,
    /// By the rules of this file, as this profile understands them.
    Srx { path: PathBuf, rules: Arc<SrxRules>, profile: Option<Profile> },
}

impl Cutting {
    /// Reads the rules' file, if there is one.
    ///
    /// # Errors
    /// A file that cannot be read or is no SRX.
    pub(crate) fn resolve(args: CuttingArgs) -> Result<Self, Error> {
        Ok(match args.segmentation {
            Segmentation::Default => Self::Default,
            Segmentation::Line => Self::Line,
            Segmentation::Srx(path) => {
                let file = text::read_markup(&path)?;
                let rules = SrxRules::parse(&file.text).map_err(|source| Error::Srx { path: path.clone(), source })?;
                Self::Srx { path, rules: Arc::new(rules), profile: args.srx_profile.map(Into::into) }
            }
        })
    }

    /// This, or what a single document has of its own.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub(crate) fn or(&self, own: Option<&Segmentation>) -> Result<Self, Error> {
        match own {
            None => Ok(self.clone()),
            Some(own) => Self::resolve(CuttingArgs { segmentation: own.clone(), srx_profile: None }),
        }
    }

    /// The segmenter for a language; `None` where lines are the segments.
    ///
    /// # Errors
    /// Rules of the language that cannot be honoured.
    pub(crate) fn segmenter(&self, language: &Language, newlines: Newlines) -> Result<Option<Segmenter>, Error> {
        let mut options = SegmentOptions::default();
        options.newlines = newlines;
        match self {
            Self::Line => Ok(None),
            Self::Default => Ok(Some(Segmenter::new(language, options))),
            Self::Srx { path, rules, profile } => {
                let made = Segmenter::from_srx(rules, *profile, language, options);
                made.map(Some).map_err(|source| Error::Srx { path: path.clone(), source })
            }
        }
    }

    /// Cuts `text`; segments of white space are left out, except for the empty lines of pre-cut text.
    ///
    /// # Errors
    /// As [`Self::segmenter`].
    pub(crate) fn segments(&self, text: &str, language: &Language, newlines: Newlines) -> Result<Vec<Segment>, Error> {
        let Some(segmenter) = self.segmenter(language, newlines)? else { return Ok(segment::lines(text)) };
        let mut cut = segmenter.segment(text);
        cut.retain(|s| s.kind != SegmentKind::Blank);
        Ok(cut)
    }
}

/// What shapes the cuts, as a journal tells it: of an SRX file its name, its content as a number, the profile.
impl fmt::Display for Cutting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Line => f.write_str("line"),
            Self::Srx { path, rules, profile } => {
                let content = crate::batch::hash::of_bytes(format!("{rules:?}").as_bytes());
                let profile = profile.unwrap_or_else(|| rules.guess_profile());
                write!(f, "{} {content} {profile:?}", path.display())
            }
        }
    }
}
