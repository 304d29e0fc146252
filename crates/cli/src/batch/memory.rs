//! How much memory a document needs, and how much there is.

use std::fs;

/// Memory that aligning takes for a byte of text, all texts of the document together: 45 to 84 were measured as the
/// growth of the process's peak with single documents (docs/batch.md has the figures); a third is added to the most.
const PER_BYTE: u64 = 110;

/// The same for what an encoder adds; up to 47 were measured.
const PER_BYTE_ENCODED: u64 = 65;

/// What every document takes, however small: tables of languages, buffers.
const PER_DOCUMENT: u64 = 4 << 20;

/// What the process takes where the operating system does not tell.
const PROCESS: u64 = 64 << 20;

/// The part of the budget that an encoder may keep between documents.
pub(crate) const KEPT: u64 = 4;

/// The budget where nothing tells the size of the machine.
const UNKNOWN: u64 = 4 << 30;

/// An estimate, from above, of the memory that a document with texts of `bytes` in all takes.
pub(crate) fn estimate(bytes: u64, encoded: bool) -> u64 {
    let per_byte = PER_BYTE + if encoded { PER_BYTE_ENCODED } else { 0 };
    bytes.saturating_mul(per_byte).saturating_add(PER_DOCUMENT)
}

/// The most bytes of text that `budget` is enough for.
pub(crate) fn largest(budget: u64, encoded: bool) -> u64 {
    budget.saturating_sub(PER_DOCUMENT) / (estimate(1, encoded) - PER_DOCUMENT)
}

/// The budget of a run that was given none: half of what the machine, or the container, has.
pub(crate) fn default_budget() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| field(&text, "MemTotal:"));
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| text.trim().parse().ok());
    match [machine, group].into_iter().flatten().min() {
        Some(bytes) => bytes / 2,
        None => UNKNOWN,
    }
}

/// What the process takes now.
pub(crate) fn resident() -> u64 {
    fs::read_to_string("/proc/self/status").ok().and_then(|text| field(&text, "VmRSS:")).unwrap_or(PROCESS)
}

/// A line `NAME   123 kB`, in bytes.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|l| l.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// Bytes as people read them.
pub(crate) fn shown(bytes: u64) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    if mib >= 1024.0 { format!("{:.1} GiB", mib / 1024.0) } else { format!("{mib:.0} MiB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_understood() {
        assert_eq!(field("MemTotal:       24000000 kB\nMemFree: 1 kB\n", "MemTotal:"), Some(24_576_000_000));
        assert_eq!(field("x", "MemTotal:"), None);
        assert!(default_budget() > 1 << 20 && resident() > 1 << 20);
        assert_eq!((shown(3 << 30).as_str(), shown(5 << 20).as_str()), ("3.0 GiB", "5 MiB"));
        assert_eq!(estimate(u64::MAX, true), u64::MAX);
        let most = largest(1 << 30, false);
        assert!(estimate(most, false) <= 1 << 30 && estimate(most + 1, false) > 1 << 30);
        assert_eq!(largest(1, false), 0);
    }
}
