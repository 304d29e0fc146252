//! Interruptions: the first SIGINT or SIGTERM lets the documents in hand be finished, the second stops at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether the run is to end, and why.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    /// By a signal; a second one finds it up, and ends the process.
    asked: Arc<AtomicBool>,
    /// By the run itself.
    over: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn listen() -> io::Result<Self> {
        let stop = Self::default();
        for signal in [SIGINT, SIGTERM] {
            // In this order: the first signal finds the flag down, and puts it up.
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&stop.asked))?;
            flag::register_usize(signal, Arc::clone(&stop.signal), signal as usize)?;
            flag::register(signal, Arc::clone(&stop.asked))?;
        }
        Ok(stop)
    }

    /// Asks for the end, without a signal.
    pub(crate) fn ask(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Whether the run is to end.
    pub(crate) fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst) || self.over.load(Ordering::SeqCst)
    }

    /// The exit status of a run that a signal ended.
    pub(crate) fn status(&self) -> Option<u8> {
        match self.signal.load(Ordering::SeqCst) {
            0 => None,
            signal => Some(128 + signal as u8),
        }
    }
}
