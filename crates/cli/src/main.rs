//! The `hexapla` binary: arguments → resolved job → core → files and a summary.
//!
//! | module | does |
//! | --- | --- |
//! | `args` | what can be typed; no files, no work |
//! | `commands` | one module a command, `run` read top-down |
//! | `job` | arguments of `align` resolved and checked before expensive work |
//! | `names` | what a file's name tells: language, version |
//! | `cutting` | how texts are cut: our rules, lines, or an SRX file read once |
//! | `texts` | files become documents: decoded, language found, cut |
//! | `known` | dictionaries and fixed beads, read from files |
//! | `alignments` | documents become alignments |
//! | `encoder` | the seam to `hexapla-encoder` |
//! | `outputs` | which files are written, and writing them |
//! | `report`, `warning`, `progress` | what the person sees |
//! | `batch` | many documents: manifest, pairing, schedule, journal, report, stream |
//! | `eval` | gold sets and the table of scores |
//! | `error` | what can go wrong; exit codes |

mod alignments;
mod args;
mod batch;
mod commands;
mod cutting;
mod encoder;
mod error;
mod eval;
mod job;
mod known;
mod names;
mod outputs;
mod progress;
mod report;
mod texts;
mod warning;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match commands::run(args.command) {
        Ok(outcome) => outcome.into(),
        Err(error) => error::exit(&error),
    }
}
