//! How far a batch is: a bar for people, JSON lines for machines, nothing where nobody looks on.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;

use super::record::{Record, Status};
use crate::args::Show;

/// Progress of one batch.
#[derive(Debug)]
pub(crate) struct BatchProgress {
    bar: Option<ProgressBar>,
    json: bool,
    began: Instant,
    documents: usize,
    /// Bytes of all texts: what the remaining time is reckoned by, for documents differ in size.
    bytes: u64,
    done: usize,
    done_bytes: u64,
    segments: usize,
    rejected: usize,
    failed: usize,
}

impl BatchProgress {
    /// A batch of `documents`, of which `kept` were done before, with `bytes` of text to go.
    pub(crate) fn new(show: Show, quiet: bool, documents: usize, kept: usize, bytes: u64) -> Self {
        let json = show == Show::Json;
        let seen = show == Show::Auto && !quiet && io::stderr().is_terminal();
        let bar = seen.then(|| {
            let bar = ProgressBar::with_draw_target(Some(documents as u64), ProgressDrawTarget::stderr());
            let style = "{spinner} {pos}/{len} documents [{bar:24}] {msg}";
            if let Ok(style) = ProgressStyle::with_template(style) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_position(kept as u64);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let began = Instant::now();
        let new =
            Self { bar, json, began, documents, bytes, done: kept, done_bytes: 0, segments: 0, rejected: 0, failed: 0 };
        new.event(|| json!({"event": "start", "documents": documents, "kept": kept, "bytes": bytes}));
        new
    }

    /// A document of `bytes` is done.
    pub(crate) fn done(&mut self, record: &Record, bytes: u64, seconds: f64) {
        self.done += 1;
        self.done_bytes += bytes;
        self.segments += record.segments();
        self.rejected += usize::from(record.status == Status::Rejected);
        self.failed += usize::from(record.status == Status::Failed);
        let (elapsed, left) = (self.began.elapsed().as_secs_f64(), self.left());
        let speed = self.segments as f64 / elapsed.max(1e-3);
        if let Some(bar) = &self.bar {
            bar.set_position(self.done as u64);
            let bad = match self.rejected + self.failed {
                0 => String::new(),
                _ => format!(", {} rejected, {} failed", self.rejected, self.failed),
            };
            bar.set_message(format!("{speed:.0} segments/s, {} left{bad}", left.map_or("?".into(), clock)));
        }
        self.event(|| {
            json!({
                "event": "document", "id": record.id, "status": record.status, "reason": record.reason(),
                "quality": record.quality, "segments": record.segments(), "seconds": rounded(seconds),
                "done": self.done, "documents": self.documents, "segments_per_second": rounded(speed),
                "seconds_left": left.map(rounded),
            })
        });
    }

    /// Says something beside the bar.
    pub(crate) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            // Where even standard error is closed there is nobody to tell.
            None if self.json => self.event(|| json!({"event": "note", "text": text})),
            None => drop(writeln!(io::stderr(), "{text}")),
        }
    }

    /// The batch is over.
    pub(crate) fn end(self, complete: bool) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.event(|| {
            json!({
                "event": "end", "complete": complete, "done": self.done, "documents": self.documents,
                "rejected": self.rejected, "failed": self.failed, "segments": self.segments,
                "seconds": rounded(self.began.elapsed().as_secs_f64()),
            })
        });
    }

    /// Seconds that the rest will take at the speed so far.
    fn left(&self) -> Option<f64> {
        let share = self.done_bytes as f64 / self.bytes.max(1) as f64;
        (share > 0.0).then(|| self.began.elapsed().as_secs_f64() * (1.0 - share).max(0.0) / share)
    }

    fn event(&self, event: impl FnOnce() -> serde_json::Value) {
        if self.json {
            let _ = writeln!(io::stderr(), "{}", event());
        }
    }
}

fn rounded(x: f64) -> f64 {
    (x * 1e3).round() / 1e3
}

fn clock(seconds: f64) -> String {
    let s = seconds.round() as u64;
    match s {
        0..=59 => format!("{s} s"),
        60..=3599 => format!("{}:{:02} min", s / 60, s % 60),
        _ => format!("{}:{:02} h", s / 3600, s % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        assert_eq!(
            (clock(59.4).as_str(), clock(61.0).as_str(), clock(7325.0).as_str()),
            ("59 s", "1:01 min", "2:02 h")
        );
    }
}
