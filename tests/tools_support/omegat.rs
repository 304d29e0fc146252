//! OmegaT without a screen: a project with one source text and one memory is made, translated and looked at.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What OmegaT made of a project.
pub(crate) struct Project {
    /// The translated text.
    pub(crate) translated: String,
    /// Segments of the source, by OmegaT's own count.
    pub(crate) total: usize,
    /// Those that no unit of the memory answers.
    pub(crate) remaining: usize,
}

fn jar() -> PathBuf {
    std::env::var_os("HEXAPLA_OMEGAT").map_or_else(|| "/usr/share/omegat/OmegaT.jar".into(), PathBuf::from)
}

pub(crate) fn is_there() -> bool {
    jar().exists() && Command::new("java").arg("-version").output().is_ok()
}

/// Translates `source` with the units of `memory` (OmegaT's `tm/auto`: exact matches are taken).
///
/// OmegaT's exit status says nothing of a memory that failed to load, so its log is read as well.
#[track_caller]
pub(crate) fn translate(memory: &Path, source: &Path, from: &str, to: &str) -> Project {
    let folder = tempfile::tempdir().unwrap();
    let project = make(folder.path(), source, from, to);
    fs::copy(memory, project.join("tm/auto/memory.tmx")).unwrap();
    let log = run(folder.path(), &["--mode=console-translate"]);
    loaded(&log);
    let statistics = fs::read_to_string(project.join("omegat/project_stats.txt")).unwrap();
    let number = |name: &str| {
        let line = statistics.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{statistics}"));
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let translated = fs::read_to_string(project.join("target/doc.txt")).unwrap();
    Project { translated, total: number("Total:"), remaining: number("Remaining:") }
}

/// The different segments of `source` as OmegaT cuts it by `rules` (`segmentation.conf`; its own without), each with
/// whether a unit of `memory` matches it exactly.
#[track_caller]
pub(crate) fn matches(memory: &Path, source: &Path, from: &str, to: &str, rules: Option<&Path>) -> Vec<(String, bool)> {
    let folder = tempfile::tempdir().unwrap();
    let project = make(folder.path(), source, from, to);
    if let Some(rules) = rules {
        fs::copy(rules, project.join("omegat/segmentation.conf")).unwrap();
    }
    // A memory in which every segment is its own translation: the list of segments.
    let list = folder.path().join("all.tmx");
    let written = format!("--pseudotranslatetmx={}", list.display());
    let mode = "--mode=console-createpseudotranslatetmx";
    let log = run(folder.path(), &[mode, "--pseudotranslatetype=equal", &written]);
    assert!(!log.contains("CORE_SRX_EXC_LOADING_SEG_RULES"), "the rules do not load:\n{log}");
    fs::copy(memory, project.join("tm/auto/memory.tmx")).unwrap();
    loaded(&run(folder.path(), &["--mode=console-translate"]));
    let found = first_segs(&fs::read_to_string(project.join("project-omegat.tmx")).unwrap());
    let all = first_segs(&fs::read_to_string(list).unwrap());
    all.into_iter().map(|s| (s.clone(), found.contains(&s))).collect()
}

/// The source texts of a memory that OmegaT wrote, as they stand in its XML; white space as one space.
fn first_segs(tmx: &str) -> Vec<String> {
    let units = tmx.split("<tu>").skip(1);
    let segs = units.map(|u| u.split("<seg>").nth(1).unwrap().split("</seg>").next().unwrap());
    segs.map(|s| s.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Makes the folder of a project with one text and without a memory.
fn make(folder: &Path, source: &Path, from: &str, to: &str) -> PathBuf {
    let project = folder.join("project");
    for name in ["source", "target", "tm/auto", "glossary", "dictionary", "omegat"] {
        fs::create_dir_all(project.join(name)).unwrap();
    }
    let folders: String = ["source_dir", "target_dir", "tm_dir", "glossary_dir", "glossary_file", "dictionary_dir"]
        .map(|name| format!("<{name}>__DEFAULT__</{name}>"))
        .concat();
    let tokenizer = "org.omegat.tokenizer.DefaultTokenizer";
    let settings = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<omegat><project version=\"1.0\">{folders}\
         <source_lang>{from}</source_lang><target_lang>{to}</target_lang>\
         <source_tok>{tokenizer}</source_tok><target_tok>{tokenizer}</target_tok>\
         <sentence_seg>true</sentence_seg><support_default_translations>true</support_default_translations>\
         <remove_tags>false</remove_tags></project></omegat>\n"
    );
    fs::write(project.join("omegat.project"), settings).unwrap();
    fs::copy(source, project.join("source/doc.txt")).unwrap();
    project
}

/// Runs OmegaT on the project in `folder`; its log.
#[track_caller]
fn run(folder: &Path, arguments: &[&str]) -> String {
    let ran = Command::new("java")
        .args(["-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-Duser.language=en", "-jar"])
        .arg(jar())
        .arg(folder.join("project"))
        .args(arguments)
        .args(["--disable-project-locking", "--no-team"])
        .arg(format!("--config-dir={}", folder.join("config").display()))
        .output()
        .expect("java runs");
    let log = [ran.stdout, ran.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
    assert!(ran.status.success(), "{log}");
    log
}

#[track_caller]
fn loaded(log: &str) {
    assert!(!log.contains("TF_TM_LOAD_ERROR"), "the memory does not load:\n{log}");
    assert!(log.contains("TMXR_INFO_READING_COMPLETE"), "the memory was not read:\n{log}");
}
