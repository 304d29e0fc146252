//! A folder becomes entries: files that differ in their language only belong together.
//!
//! The language stands in the file's name (`x.en.txt`, `x_ru.docx`) or is the name of a folder on the way to it
//! (`en/sub/x.txt`). Taken away, what remains (without the extension) is the document's id. A version of a document in
//! a language that it has already (`x.retranslated.en.txt` beside `x.en.txt`) belongs to it, too.
//!
//! What finds no partner is told with its reason. Hidden files are passed over; links to folders are not followed, so
//! that the walk ends.
//!
//! Not here: what is in the files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use hexapla_core::Language;
use serde::{Deserialize, Serialize};

use super::entry::{Entry, Input, Side};
use super::reason::{Fault, Reason};
use crate::error::Error;
use crate::names::{self, Told};

/// A file that is in no document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alone {
    /// Its path below the folder.
    pub(crate) path: String,
    /// Why it is in no document.
    pub(crate) why: String,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    pub(crate) entries: Vec<Entry>,
    pub(crate) alone: Vec<Alone>,
}

/// A file with what its path tells.
struct Found {
    path: PathBuf,
    relative: PathBuf,
    language: Language,
    /// Folders without the one that names the language, then the parts of the name.
    folders: Vec<String>,
    parts: Vec<String>,
}

type Key = (Vec<String>, Vec<String>);

/// Pairs the files in `folder`; `langs` names the source's language and those of the versions, where given.
///
/// # Errors
/// A folder that cannot be read; fewer than two languages in `langs`.
pub(crate) fn find(folder: &Path, langs: Option<&[Language]>, except: Option<&Path>) -> Result<Pairs, Error> {
    if langs.is_some_and(|l| l.len() < 2) {
        return Err(Error::BatchLangs);
    }
    let mut pairs = Pairs::default();
    let mut paths = Vec::new();
    let skipped = except.map(hexapla_formats::output::real);
    walk(folder, skipped.as_deref(), &mut paths, &mut pairs.alone, folder)?;
    let mut groups: BTreeMap<Key, Vec<Found>> = BTreeMap::new();
    for path in paths {
        let relative = path.strip_prefix(folder).unwrap_or(&path).to_owned();
        match understand(&path, &relative) {
            Ok(found) => groups.entry((found.folders.clone(), found.parts.clone())).or_default().push(found),
            Err(Unnamed::Alone(why)) => pairs.alone.push(Alone { path: shown(&relative), why: why.into() }),
            Err(Unnamed::Bad(cause)) => {
                let fault = Fault::new(Reason::BadPath, cause, "rename the file");
                let side = Side { input: Input::Path(path), language: None };
                let id = relative.with_extension("").to_string_lossy().into_owned();
                pairs.entries.push(Entry { id, sides: vec![side], fault: Some(fault), ..Entry::default() });
            }
        }
    }
    adopt(&mut groups);
    let source = langs.map(|l| l[0].clone()).or_else(|| most_common(&groups));
    for ((folders, parts), files) in groups {
        document(&folders, &parts, files, source.as_ref(), langs, &mut pairs);
    }
    pairs.entries.sort_by(|a, b| a.id.cmp(&b.id));
    pairs.alone.sort_by(|a, b| a.path.cmp(&b.path));
    super::manifest::unique(&mut pairs.entries);
    Ok(pairs)
}

fn walk(
    folder: &Path,
    skipped: Option<&Path>,
    out: &mut Vec<PathBuf>,
    alone: &mut Vec<Alone>,
    root: &Path,
) -> Result<(), Error> {
    let unreadable = |source: io::Error| Error::File(hexapla_formats::Error::Read { path: folder.to_owned(), source });
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        // Only the folder that was asked for must be readable.
        Err(e) if folder != root => {
            let relative = folder.strip_prefix(root).unwrap_or(folder);
            alone.push(Alone { path: shown(relative), why: format!("the folder cannot be read: {e}") });
            return Ok(());
        }
        Err(e) => return Err(unreadable(e)),
    };
    let mut here = entries.map(|e| Ok(e?.path())).collect::<io::Result<Vec<_>>>().map_err(unreadable)?;
    here.sort();
    for path in here {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden || skipped.is_some_and(|s| hexapla_formats::output::real(&path) == s) {
            continue;
        }
        let link = fs::symlink_metadata(&path).is_ok_and(|m| m.file_type().is_symlink());
        if link && fs::metadata(&path).is_ok_and(|m| m.is_dir()) {
            let relative = path.strip_prefix(root).unwrap_or(&path);
            alone.push(Alone {
                path: shown(relative),
                why: "a link to a folder; links to folders are not followed".into(),
            });
        } else if !link && path.is_dir() {
            walk(&path, skipped, out, alone, root)?;
        } else {
            out.push(path);
        }
    }
    Ok(())
}

/// Why a path is in no group.
enum Unnamed {
    Alone(&'static str),
    Bad(String),
}

fn understand(path: &Path, relative: &Path) -> Result<Found, Unnamed> {
    if let Err(cause) = super::work::sound_path(relative) {
        return Err(Unnamed::Bad(cause));
    }
    let name = names::read(relative);
    let mut folders: Vec<String> = relative
        .parent()
        .into_iter()
        .flat_map(Path::components)
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    let language = match name.language {
        Some((language, Told::FileName)) => language,
        // The folder nearest to the file that names a language.
        _ => match folders.iter().rposition(|f| names::known(f).is_some()) {
            Some(at) => names::known(&folders.remove(at)).unwrap_or_else(Language::und),
            None => {
                return Err(Unnamed::Alone(
                    "neither its name nor a folder tells its language (x.en.txt, x_en.txt, en/x.txt)",
                ));
            }
        },
    };
    Ok(Found { path: path.to_owned(), relative: relative.to_owned(), language, folders, parts: name.parts })
}

/// Files that are alone join the document whose name theirs adds a part to: `x.retranslated` joins `x`.
fn adopt(groups: &mut BTreeMap<Key, Vec<Found>>) {
    let alone: Vec<Key> =
        groups.iter().filter(|(k, files)| files.len() == 1 && k.1.len() > 1).map(|(k, _)| k.clone()).collect();
    for key in alone {
        let parents = (0..key.1.len()).map(|out| {
            let mut parts = key.1.clone();
            parts.remove(out);
            (key.0.clone(), parts)
        });
        let parent = parents.into_iter().find(|p| groups.contains_key(p));
        if let (Some(parent), Some(file)) = (parent, groups.remove(&key)) {
            groups.entry(parent).or_default().extend(file);
        }
    }
}

/// The language that most documents have; of several, the first in the alphabet.
fn most_common(groups: &BTreeMap<Key, Vec<Found>>) -> Option<Language> {
    let mut counts: BTreeMap<&Language, usize> = BTreeMap::new();
    for files in groups.values().filter(|f| f.len() > 1) {
        let mut seen: Vec<&Language> = files.iter().map(|f| &f.language).collect();
        seen.sort();
        seen.dedup();
        for language in seen {
            *counts.entry(language).or_default() += 1;
        }
    }
    let most = counts.values().copied().max()?;
    counts.into_iter().find(|(_, n)| *n == most).map(|(l, _)| l.clone())
}

fn document(
    folders: &[String],
    parts: &[String],
    mut files: Vec<Found>,
    source: Option<&Language>,
    langs: Option<&[Language]>,
    pairs: &mut Pairs,
) {
    let alone = |file: &Found, why: String, pairs: &mut Pairs| {
        pairs.alone.push(Alone { path: shown(&file.relative), why });
    };
    if let Some(langs) = langs {
        let (wanted, other): (Vec<_>, Vec<_>) = files.into_iter().partition(|f| langs.contains(&f.language));
        for file in other {
            alone(&file, format!("{} is not among --langs", file.language), pairs);
        }
        files = wanted;
    }
    // In the order of --langs, else by language; the shorter name first, so that `x.en` leads `x.retranslated.en`.
    let rank = |l: &Language| match langs {
        Some(langs) => langs.iter().position(|x| x == l).unwrap_or(usize::MAX),
        None => usize::from(Some(l) != source),
    };
    files.sort_by(|a, b| {
        let key = |f: &Found| (rank(&f.language), f.language.clone(), f.parts.len(), f.relative.clone());
        key(a).cmp(&key(b))
    });
    // Two files of one name and language (x.en.txt, x.en.docx): nobody knows which is meant.
    let twice = |k: usize, files: &[Found]| {
        (0..files.len()).find(|&o| o != k && files[o].language == files[k].language && files[o].parts == files[k].parts)
    };
    let doubles: Vec<(usize, usize)> = (0..files.len()).filter_map(|k| Some((k, twice(k, &files)?))).collect();
    for &(k, other) in &doubles {
        let why = format!("{} is in the same language and has the same name", shown(&files[other].relative));
        alone(&files[k], why, pairs);
    }
    let mut keep = (0..files.len()).map(|k| !doubles.iter().any(|d| d.0 == k));
    files.retain(|_| keep.next().unwrap_or(true));
    if files.len() < 2 {
        for file in &files {
            alone(file, format!("there is no file of this name in another language than {}", file.language), pairs);
        }
        return;
    }
    if langs.is_some() && Some(&files[0].language) != source {
        let wanted = source.map(Language::as_str).unwrap_or_default();
        for file in &files {
            alone(file, format!("there is no source in {wanted}, the first of --langs"), pairs);
        }
        return;
    }
    let mut id = folders.to_vec();
    id.push(parts.join("."));
    let id = id.iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join("/");
    let side = |f: Found| Side { input: Input::Path(f.path), language: Some(f.language) };
    let sides = files.into_iter().map(side).collect();
    pairs.entries.push(Entry { id, sides, ..Entry::default() });
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Pair = (String, String);

    fn found(files: &[&str], langs: Option<&str>) -> (Vec<Pair>, Vec<Pair>) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        let langs: Option<Vec<Language>> = langs.map(|l| l.split(',').map(|t| Language::parse(t).unwrap()).collect());
        let pairs = find(folder.path(), langs.as_deref(), None).unwrap();
        let sides = |e: &Entry| {
            let path = |s: &Side| shown(s.input.path().strip_prefix(folder.path()).unwrap());
            e.sides.iter().map(path).collect::<Vec<_>>().join(" ")
        };
        let entries = pairs.entries.iter().map(|e| (e.id.clone(), sides(e))).collect();
        (entries, pairs.alone.into_iter().map(|a| (a.path, a.why)).collect())
    }

    fn pair(a: &str, b: &str) -> Pair {
        (a.to_owned(), b.to_owned())
    }

    #[test]
    fn names_and_folders_pair() {
        let (entries, alone) = found(
            &[
                "en/x.txt",
                "ru/x.txt",
                "en/sub/y.txt",
                "ru/sub/y.txt",
                "book/en/z.txt",
                "book/zh/z.txt",
                "a.en.txt",
                "a.ru.txt",
                "a.retranslated.en.txt",
                "b_en.docx",
                "b_ru.txt",
                "c.en.txt",
                "README.txt",
                ".git/x.en.txt",
                "d.en.txt",
                "d.en.docx",
                "d.ru.txt",
            ],
            None,
        );
        assert_eq!(
            entries,
            [
                pair("a", "a.en.txt a.retranslated.en.txt a.ru.txt"),
                pair("b", "b_en.docx b_ru.txt"),
                pair("book/z", "book/en/z.txt book/zh/z.txt"),
                pair("sub/y", "en/sub/y.txt ru/sub/y.txt"),
                pair("x", "en/x.txt ru/x.txt"),
            ]
        );
        let names: Vec<&str> = alone.iter().map(|a| a.0.as_str()).collect();
        assert_eq!(names, ["README.txt", "c.en.txt", "d.en.docx", "d.en.txt", "d.ru.txt"]);
        assert!(alone[0].1.contains("neither its name nor a folder tells its language"));
        assert!(alone[1].1.contains("no file of this name in another language than en"));
        assert!(alone[2].1.contains("d.en.txt is in the same language"));
    }

    #[test]
    fn langs_choose_source_and_versions() {
        let files = ["a.en.txt", "a.ru.txt", "a.zh.txt", "b.ru.txt", "b.zh.txt", "c.en.txt", "c.zh.txt"];
        let (entries, _) = found(&files, None);
        assert_eq!(entries[0].1, "a.zh.txt a.en.txt a.ru.txt", "three documents have Chinese");
        let (entries, alone) = found(&files, Some("ru,zh"));
        assert_eq!(entries, [pair("a", "a.ru.txt a.zh.txt"), pair("b", "b.ru.txt b.zh.txt")]);
        assert_eq!(alone.len(), 3);
        assert!(alone[0].1.contains("en is not among --langs"), "{alone:?}");
    }

    #[cfg(unix)]
    #[test]
    fn loops_end_and_bad_paths_are_faults() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a\nb.en.txt"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        let pairs = find(folder.path(), None, None).unwrap();
        assert_eq!(pairs.entries.len(), 1);
        assert_eq!(pairs.entries[0].fault.as_ref().unwrap().reason, Reason::BadPath);
        assert_eq!(pairs.alone.len(), 1);
    }
}
