//! Documents whose outputs would have the same name: `talks` with two versions writes `talks.en-ru.tmx`, and so would a
//! document that is called `talks.en-ru`. The second one is not aligned, for one of them would be lost.
//!
//! Languages may be known only when the texts are read, so a name is refused that could be one of the other document's.

use std::collections::HashMap;
use std::path::PathBuf;

use hexapla_core::Language;

use super::entry::{Entry, Side, path_of};
use super::reason::{Fault, Reason};
use crate::args::AlignmentArgs;

/// Gives a fault to every entry whose outputs could be taken for another's.
pub(crate) fn mark(entries: &mut [Entry], how: &AlignmentArgs) {
    let sound = |e: &&Entry| e.fault.is_none();
    let by_path: HashMap<PathBuf, &Entry> = entries.iter().filter(sound).map(|e| (path_of(&e.id), e)).collect();
    let clash = |entry: &Entry| -> Option<Fault> {
        let path = path_of(&entry.id);
        let name = path.file_name()?.to_str()?;
        let other = name.match_indices('.').find_map(|(at, _)| {
            let other = by_path.get(&path.with_file_name(&name[..at]))?;
            may_write(other, &name[at + 1..], how).then_some(*other)
        })?;
        let cause = format!("document {:?} writes files of the same name", other.id);
        Some(Fault::new(Reason::DuplicateId, cause, "give it another id"))
    };
    let faults: Vec<Option<Fault>> = entries.iter().map(|e| if sound(&e) { clash(e) } else { None }).collect();
    for (entry, fault) in entries.iter_mut().zip(faults).filter(|(_, f)| f.is_some()) {
        entry.fault = fault;
    }
}

/// Whether `entry` could write a file that is called like itself, a dot, `rest`, and the ending of a format.
fn may_write(entry: &Entry, rest: &str, how: &AlignmentArgs) -> bool {
    let split = entry.own.tmx_split.or(how.tmx.tmx_split).is_some();
    let unaligned = entry.own.keep_unaligned.unwrap_or(how.keep_unaligned);
    if (split && rest.bytes().all(|b| b.is_ascii_digit())) || (unaligned && rest == "unaligned") {
        return true;
    }
    let label = rest.split('.').next().unwrap_or(rest);
    let of = |part: &str, side: &Side| match &side.language {
        Some(language) => language.as_str() == part,
        None => Language::parse(part).is_ok_and(|l| l.as_str() == part),
    };
    entry.sides.len() > 2
        && label.match_indices('-').any(|(at, _)| {
            of(&label[..at], &entry.sides[0]) && entry.sides[1..].iter().any(|v| of(&label[at + 1..], v))
        })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::entry::{Input, Own};
    use super::*;
    use crate::args::{Args, Command};

    fn entry(id: &str, languages: &[&str]) -> Entry {
        let side = |l: &&str| Side { input: Input::Path((*l).into()), language: Language::parse(l).ok() };
        Entry { id: id.into(), sides: languages.iter().map(side).collect(), ..Entry::default() }
    }

    fn clashes(entries: &[Entry], options: &[&str]) -> Vec<String> {
        let Command::Batch(args) = Args::parse_from(["hexapla", "batch", "x"].iter().chain(options)).command else {
            panic!("another command");
        };
        let mut entries = entries.to_vec();
        mark(&mut entries, &args.how);
        entries.into_iter().filter(|e| e.fault.is_some()).map(|e| e.id).collect()
    }

    #[test]
    fn names_of_files_belong_to_one_document() {
        let three = &["en", "ru", "pt-BR"][..];
        let entries = [
            entry("a", three),
            entry("a.en-ru", &["en", "ru"]),
            entry("a.en-pt-BR.old", &["en", "ru"]),
            entry("a.en-zh", &["en", "zh"]),
            entry("b/a.en-ru", &["en", "ru"]),
            entry("c", &["en", "ru"]),
            entry("c.en-ru", &["en", "ru"]),
            entry("c.1", &["en", "ru"]),
            entry("c.unaligned", &["en", "ru"]),
        ];
        assert_eq!(clashes(&entries, &[]), ["a.en-ru", "a.en-pt-BR.old"]);
        assert_eq!(clashes(&entries[5..], &["--tmx-split", "1M"]), ["c.1"]);
        assert_eq!(clashes(&entries[5..], &["--keep-unaligned"]), ["c.unaligned"]);
        let own = Entry { own: Own::of_text("tmx-split=1M").unwrap(), ..entries[5].clone() };
        assert_eq!(clashes(&[own, entries[7].clone()], &[]), ["c.1"]);
        // A language that is not known yet may be any.
        let unknown = entry("a", &["", "", ""]);
        assert_eq!(clashes(&[unknown, entries[3].clone()], &[]), ["a.en-zh"]);
    }
}
