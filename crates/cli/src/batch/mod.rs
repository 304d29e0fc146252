//! Many documents: what they are, in which order they run, what is remembered, what is told at the end.
//!
//! | module | does |
//! | --- | --- |
//! | `settings` | what holds for all documents |
//! | `entry`, `manifest`, `pairing`, `clash` | a document as it was asked for; where entries come from |
//! | `work`, `judge`, `reason` | one document: aligned, judged, or why not |
//! | `record`, `journal`, `hash` | what became of it, and that it is remembered |
//! | `schedule`, `memory`, `drive`, `signals` | which document runs when, and when the run ends |
//! | `merge` | one memory a pair of languages |
//! | `report`, `html`, `publish`, `progress` | what the person sees |
//! | `stream` | JSON lines in, JSON lines out |
//!
//! The command itself, read top-down, is `commands::batch`.

pub(crate) mod clash;
pub(crate) mod drive;
pub(crate) mod entry;
pub(crate) mod hash;
mod html;
pub(crate) mod journal;
mod judge;
pub(crate) mod manifest;
pub(crate) mod memory;
pub(crate) mod merge;
pub(crate) mod pairing;
pub(crate) mod progress;
pub(crate) mod publish;
pub(crate) mod reason;
pub(crate) mod record;
pub(crate) mod report;
pub(crate) mod schedule;
pub(crate) mod settings;
pub(crate) mod signals;
pub(crate) mod stream;
mod work;
