//! One module a command. `run` of each is read top-down: resolve, work, write, tell.

pub(crate) mod align;
mod batch;
mod eval;
mod eval_segmentation;
mod segment;

use crate::args::Command;
use crate::error::{Error, Outcome};

/// Runs a command.
pub(crate) fn run(command: Command) -> Result<Outcome, Error> {
    match command {
        Command::Align(args) => align::run(*args),
        Command::Batch(args) => batch::run(*args),
        Command::Eval(args) => eval::run(args),
        Command::Segment(args) => segment::run(args),
    }
}
