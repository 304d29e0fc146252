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
    let project = folder.path().join("project");
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
    fs::copy(memory, project.join("tm/auto/memory.tmx")).unwrap();
    let ran = Command::new("java")
        .args(["-Djava.awt.headless=true", "-Dfile.encoding=UTF-8", "-Duser.language=en", "-jar"])
        .arg(jar())
        .arg(&project)
        .args(["--mode=console-translate", "--disable-project-locking", "--no-team"])
        .arg(format!("--config-dir={}", folder.path().join("config").display()))
        .output()
        .expect("java runs");
    let log = [ran.stdout, ran.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).concat();
    assert!(ran.status.success(), "{log}");
    assert!(!log.contains("TF_TM_LOAD_ERROR"), "the memory does not load:\n{log}");
    assert!(log.contains("TMXR_INFO_READING_COMPLETE"), "the memory was not read:\n{log}");
    let statistics = fs::read_to_string(project.join("omegat/project_stats.txt")).unwrap();
    let number = |name: &str| {
        let line = statistics.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{statistics}"));
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let translated = fs::read_to_string(project.join("target/doc.txt")).unwrap();
    Project { translated, total: number("Total:"), remaining: number("Remaining:") }
}
