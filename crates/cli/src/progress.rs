//! A progress bar on standard error: only where a person looks on, and only when the work takes long.

use std::io::{self, IsTerminal};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner shows no bar.
const LONG: Duration = Duration::from_millis(700);

/// A bar over the steps of a command; dropping it removes it.
pub(crate) struct Progress {
    bar: ProgressBar,
    _finished: Sender<()>,
}

impl Progress {
    /// A bar of `steps` steps; hidden for ever where `silent` or standard error is no terminal.
    pub(crate) fn new(steps: usize, silent: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} [{bar:24}] {pos}/{len} {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        let (sender, finished) = channel();
        if !silent && io::stderr().is_terminal() {
            let shown = bar.clone();
            thread::spawn(move || {
                if finished.recv_timeout(LONG) == Err(RecvTimeoutError::Timeout) {
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    shown.enable_steady_tick(Duration::from_millis(100));
                }
            });
        }
        Self { bar, _finished: sender }
    }

    /// Says what is being done.
    pub(crate) fn doing(&self, what: String) {
        self.bar.set_message(what);
    }

    /// A step is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
