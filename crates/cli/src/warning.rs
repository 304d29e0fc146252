//! What was noticed on the way, for the person to know.

use serde::Serialize;

/// Something the person should know; told once, with how often it happened.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Warning {
    /// A stable name of the kind of warning.
    pub(crate) kind: &'static str,
    /// How often.
    pub(crate) count: usize,
    /// In words.
    pub(crate) text: String,
}

impl Warning {
    pub(crate) fn new(kind: &'static str, count: usize, text: String) -> Self {
        Self { kind, count, text }
    }
}
