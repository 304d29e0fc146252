//! `hexapla align`, end to end: the main job, the names of outputs, languages, what is said, exit codes.

mod common;

use std::process::{Command, Stdio};

use common::{Ran, Room, hostile, segs};

const EN_RU: [&str; 2] = ["talks.en.txt", "talks.ru.txt"];
const ALL: [&str; 4] = ["talks.en.txt", "talks.ru.txt", "talks.zh.txt", "talks.retranslated.en.txt"];

fn with<'a>(inputs: &[&'a str], options: &[&'a str]) -> Vec<&'a str> {
    [inputs, options].concat()
}

#[test]
fn the_sample_becomes_a_memory_and_data() {
    let room = Room::new().with_talks();
    let ran = room.align(&with(&EN_RU, &["-o", "o.tmx", "-o", "o.tsv", "-o", "o.jsonl", "-o", "o.beads"])).done();
    assert_eq!(ran.out, "");
    for part in ["talks.en.txt  en (by file name)", "segments", "beads: ", "doubtful", "quality", "wrote o.tmx ("] {
        assert!(ran.err.contains(part), "{part}: {}", ran.err);
    }
    let memory = segs(&room.read("o.tmx"));
    assert!(memory.len() > 50 && memory.iter().all(|u| u.len() == 2), "{}", memory.len());
    assert_eq!(memory[0][0], "Russia and China Take Stock in Beijing");
    // The same rows everywhere, but that a memory has every unit once.
    let rows = room.read("o.jsonl").lines().count();
    assert_eq!(room.read("o.tsv").lines().count(), rows + 1);
    assert!(room.read("o.beads").lines().count() >= rows && memory.len() <= rows);
    // Every segment stands in exactly one bead.
    for side in 0..2 {
        let beads = room.read("o.beads");
        let numbers = beads.lines().flat_map(|l| l.split(':').nth(side).unwrap().trim_matches(['[', ']']).split(", "));
        let mut numbers: Vec<usize> = numbers.filter(|n| !n.is_empty()).map(|n| n.parse().unwrap()).collect();
        numbers.sort_unstable();
        assert!(numbers.iter().enumerate().all(|(k, n)| k == *n), "{numbers:?}");
    }
    assert_eq!(room.files().len(), 4 + 4);
}

#[test]
fn a_file_for_each_version() {
    let room = Room::new().with_talks();
    room.align(&with(&ALL, &["-o", "out.tmx", "-o", "out.beads"])).done();
    for name in ["out.en-ru", "out.en-zh", "out.en-en.retranslated"] {
        assert!(segs(&room.read(format!("{name}.tmx"))).iter().all(|u| u.len() == 2), "{name}");
        assert!(room.read(format!("{name}.beads")).starts_with('['), "{name}");
    }
    assert_eq!(room.files().len(), 4 + 6);
    // Two languages are two codes, also where they are one language.
    let same = room.read("out.en-en.retranslated.tmx");
    assert!(same.contains("<tuv xml:lang=\"en\">") && same.contains("<tuv xml:lang=\"en-x-retransl\">"));
    assert!(same.contains("<prop type=\"x-version\" xml:lang=\"en-x-retransl\">en:retranslated</prop>"));
}

#[test]
fn one_multilingual_file() {
    let room = Room::new().with_talks();
    room.align(&with(&ALL, &["-o", "out.tmx", "-o", "out.tsv", "--multi"])).done();
    let memory = room.read("out.tmx");
    for code in ["en", "ru", "zh"] {
        assert!(memory.contains(&format!("<tuv xml:lang=\"{code}\">")), "{code}");
    }
    // A second English would hide the first from CAT tools.
    assert!(!memory.contains("en-x-"));
    assert!(room.read("out.en-en.retranslated.tmx").contains("en-x-retransl"));
    let table = room.read("out.tsv");
    assert!(table.starts_with("en\tru\tzh\ten:retranslated\ten.segments\t"), "{}", &table[..80]);
    let width = |l: &str| l.split('\t').count();
    assert!(table.lines().all(|l| width(l) == 4 + 4 + 2));
}

#[test]
fn languages_are_told_by_flag_name_folder_or_text() {
    let (en, ru) = (std::fs::read(common::talks(EN_RU[0])).unwrap(), std::fs::read(common::talks(EN_RU[1])).unwrap());
    let room = Room::new();
    room.write("en/talks.txt", &en);
    room.write("talks_ru.txt", &ru);
    room.write("a.txt", &en);
    room.write("b.txt", &ru);
    let told = room.align(&["en/talks.txt", "talks_ru.txt", "-o", "o.beads"]).done().err;
    assert!(told.contains("en (by folder)") && told.contains("ru (by file name)"), "{told}");
    let told = room.align(&["a.txt", "b.txt", "-o", "o.beads"]).done().err;
    assert!(told.contains("en (detected)") && told.contains("ru (detected)"), "{told}");
    let told = room.align(&["a.txt", "b.txt", "--langs", "en-GB,rus", "-o", "o.tmx"]).done().err;
    assert!(told.contains("en-GB (given)") && told.contains("ru (given)") && !told.contains("warning"), "{told}");
    assert!(room.read("o.tmx").contains("srclang=\"en-GB\""));
    // The wrong way round: the flag is obeyed, and the person warned.
    let told = room.align(&["a.txt", "b.txt", "--langs", "ru,en", "-o", "o.beads"]).done().err;
    assert!(told.contains("a.txt: --langs says ru, but the text looks like en; ru is used"), "{told}");
}

#[test]
fn machines_get_json_and_quiet_is_quiet() {
    let room = Room::new().with_talks();
    let ran = room.align(&with(&EN_RU, &["-o", "o.tmx", "--json"])).done();
    assert_eq!(ran.err, "");
    let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["texts"][1]["language"], "ru");
    assert_eq!(json["texts"][1]["language_found"], "file-name");
    assert_eq!(json["texts"][0]["encoding"], "UTF-8");
    assert_eq!(json["alignments"][0]["languages"], "en-ru");
    let types = json["alignments"][0]["types"].as_object().unwrap();
    let beads: u64 = types.values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(json["alignments"][0]["beads"], beads);
    assert_eq!(json["outputs"][0]["paths"][0], "o.tmx");
    assert_eq!(json["outputs"][0]["written"], segs(&room.read("o.tmx")).len());
    let ran = room.align(&with(&EN_RU, &["-o", "o.tmx", "--quiet"])).done();
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[test]
fn a_gate_that_fails_is_exit_status_1_and_the_files_are_there() {
    let room = Room::new().with_talks();
    assert_eq!(room.align(&with(&EN_RU, &["-o", "o.beads", "--min-quality", "0.9"])).code, Some(0));
    // A recipe is no translation of the news.
    let recipe = "Нарежьте лук и обжарьте его в масле.\nДобавьте морковь и немного соли.\nВлейте стакан воды.\n\
        Накройте крышкой.\nТушите на слабом огне, пока овощи не станут мягкими.\nПодавайте горячим с хлебом.\n";
    std::fs::write(room.path("recipe.ru.txt"), recipe).unwrap();
    let unrelated = ["talks.en.txt", "recipe.ru.txt"];
    let ran = room.align(&with(&unrelated, &["-o", "p.beads", "--min-quality", "0.5"]));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("hardly look like translations of each other"), "{}", ran.err);
    assert!(ran.err.contains("under --min-quality 0.5"), "{}", ran.err);
    let without = room.align(&with(&unrelated, &["-o", "q.beads"]));
    assert_eq!(without.code, Some(0), "{without:?}");
    assert_eq!(room.read("p.beads"), room.read("q.beads"));
}

#[test]
fn the_number_of_threads_never_shows() {
    let room = Room::new().with_talks();
    for jobs in ["1", "2", "8"] {
        let names: Vec<String> = ["tmx", "tsv", "jsonl", "beads"].iter().map(|e| format!("j{jobs}.{e}")).collect();
        let mut arguments = with(&ALL, &["--multi", "--keep-unaligned", "--jobs", jobs]);
        for name in &names {
            arguments.extend(["-o", name]);
        }
        room.align(&arguments).done();
    }
    let files = room.files();
    let first: Vec<&String> = files.iter().filter(|f| f.starts_with("j1.")).collect();
    assert!(first.len() > 6, "{files:?}");
    for name in first {
        for other in ["j2.", "j8."] {
            assert_eq!(room.read(name), room.read(name.replacen("j1.", other, 1)), "{name}");
        }
    }
}

#[test]
fn confidence_and_unaligned_segments() {
    let room = Room::new();
    room.write("a.en.txt", "One.\nTwo.\nThree.\n");
    room.write("a.ru.txt", "Раз.\nДва.\nТри.\nЧетыре, и это лишнее предложение.\n");
    let base = ["a.en.txt", "a.ru.txt", "--segmentation", "line"];
    room.align(&with(&base, &["-o", "o.tmx", "-o", "o.tsv", "--keep-unaligned"])).done();
    let (memory, table, alone) = (room.read("o.tmx"), room.read("o.tsv"), room.read("o.unaligned.tsv"));
    let nulls = table.lines().skip(1).filter(|l| l.starts_with('\t') || l.split('\t').nth(1) == Some("")).count();
    assert_eq!(alone.lines().count() - 1, nulls, "{alone}\n{table}");
    assert!(!memory.contains("<seg></seg>"));
    let ran = room.align(&with(&base, &["-o", "p.tmx", "--min-confidence", "1"])).done();
    assert_eq!(segs(&room.read("p.tmx")).len(), 0);
    assert!(ran.err.contains("under --min-confidence"), "{}", ran.err);
}

#[test]
fn memories_are_split_by_size() {
    let room = Room::new().with_talks();
    room.align(&with(&EN_RU, &["-o", "o.tmx", "-o", "whole.tmx"])).done();
    let ran = room.align(&with(&EN_RU, &["-o", "part.tmx", "--tmx-split", "8K"])).done();
    let parts: Vec<String> = room.files().into_iter().filter(|f| f.starts_with("part.")).collect();
    assert!(parts.len() > 2 && parts[0] == "part.1.tmx", "{parts:?}");
    let all: usize = parts.iter().map(|p| segs(&room.read(p)).len()).sum();
    assert_eq!(all, segs(&room.read("whole.tmx")).len());
    assert!(ran.err.contains("part.2.tmx"), "{}", ran.err);
}

#[test]
fn hostile_segments_survive() {
    let room = Room::new();
    let lines = hostile();
    let file: Vec<u8> = lines.iter().flat_map(|(bytes, _)| [bytes.as_slice(), b"\r\n"].concat()).collect();
    room.write("h.en.txt", &file);
    room.write("h.de.txt", &file);
    let base = ["h.en.txt", "h.de.txt", "--segmentation", "line", "--langs", "en,de"];
    let ran = room.align(&with(&base, &["-o", "o.tmx", "-o", "o.jsonl", "-o", "o.tsv"])).done();
    assert!(ran.err.contains("byte sequences that are not UTF-8"), "{}", ran.err);
    assert!(ran.err.contains("which XML forbids, replaced by spaces (14 times)"), "{}", ran.err);
    let known: Vec<&str> = lines.iter().map(|l| l.1.as_str()).collect();
    let units = segs(&room.read("o.tmx"));
    // Whatever the beads are: every text is made of the lines, verbatim.
    let all: String = units.iter().map(|u| u[0].clone()).collect::<Vec<_>>().join(" ");
    let missing: Vec<_> = known.iter().filter(|k| !all.contains(**k)).collect();
    assert!(missing.len() <= 2, "{missing:?}");
    let table = room.read("o.tsv");
    assert!(table.lines().all(|l| l.split('\t').count() == 6));
    assert!(room.read("o.jsonl").lines().all(|l| serde_json::from_str::<serde_json::Value>(l).is_ok()));
}

#[test]
fn encodings_and_line_ends_do_not_matter() {
    let room = Room::new();
    let texts = EN_RU.map(|n| std::fs::read_to_string(common::talks(n)).unwrap());
    let write = |name: &str, encode: &dyn Fn(&str) -> Vec<u8>| {
        for (text, language) in texts.iter().zip(["en", "ru"]) {
            room.write(format!("{name}.{language}.txt"), encode(text));
        }
    };
    let utf16 = |text: &str, little: bool| -> Vec<u8> {
        text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
    };
    write("utf8", &|t| t.as_bytes().to_vec());
    write("crlf", &|t| t.replace('\n', "\r\n").into_bytes());
    write("bom", &|t| [b"\xEF\xBB\xBF", t.as_bytes()].concat());
    write("le", &|t| utf16(t, true));
    write("be", &|t| utf16(t, false));
    write("lemark", &|t| [b"\xFF\xFE".to_vec(), utf16(t, true)].concat());
    write("bemark", &|t| [b"\xFE\xFF".to_vec(), utf16(t, false)].concat());
    let rows = |name: &str| {
        let (s, t, o) = (format!("{name}.en.txt"), format!("{name}.ru.txt"), format!("{name}.tsv"));
        room.align(&[&s, &t, "-o", &o]).done();
        room.read(&o)
    };
    let plain = rows("utf8");
    for name in ["crlf", "bom", "le", "be", "lemark", "bemark"] {
        assert_eq!(rows(name), plain, "{name}");
    }
    assert!(!plain.contains("\\r"), "a line end stands in a segment");
}

#[test]
fn names_with_spaces_and_any_letters() {
    let room = Room::new().with_talks();
    let odd = "Беседы und ümläute 会谈";
    let (s, t) = (format!("{odd}/die talks.en.txt"), format!("{odd}/die talks.ru.txt"));
    room.write(&s, room.read(EN_RU[0]));
    room.write(&t, room.read(EN_RU[1]));
    let ran = room.align(&[s.as_str(), t.as_str(), "-o", &format!("{odd}/das ergebnis.tmx")]).done();
    assert!(ran.err.contains("die talks.en.txt"), "{}", ran.err);
    assert!(!segs(&room.read(format!("{odd}/das ergebnis.tmx"))).is_empty());
}

#[cfg(unix)]
#[test]
fn names_that_are_no_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let room = Room::new().with_talks();
    let name = OsStr::from_bytes(b"talks\xFF.ru.txt");
    room.write(name, room.read(EN_RU[1]));
    room.align(&[OsStr::new(EN_RU[0]), name, OsStr::new("-o"), OsStr::from_bytes(b"o\xFE.tmx")]).done();
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let room = Room::new().with_talks();
    let mut child = room
        .hexapla()
        .args(with(&["align"], &EN_RU))
        .args(["-o", "o.tmx", "--json"])
        .args(common::DEFAULT)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(ended.stderr, b"");
    assert!(!segs(&room.read("o.tmx")).is_empty());
}

#[cfg(unix)]
#[test]
fn pipes_are_read_and_written() {
    let room = Room::new().with_talks();
    let binary = env!("CARGO_BIN_EXE_hexapla");
    let script = format!(
        "ln -s /dev/stdout o.beads && '{binary}' align <(cat talks.en.txt) <(cat talks.ru.txt) --langs en,ru -q -o o.beads {} | cat > kept",
        common::DEFAULT.join(" ")
    );
    let ran = Ran::of(Command::new("bash").args(["-c", &script]).current_dir(room.path("")));
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    assert!(room.read("kept").starts_with('['), "{}", room.read("kept"));
}

#[test]
fn dates_can_be_fixed() {
    let room = Room::new().with_talks();
    room.align(&with(&EN_RU, &["-o", "o.tmx"])).done();
    assert!(room.read("o.tmx").contains("creationdate=\"20250902T000000Z\""));
    let mut command = room.hexapla();
    command.env_remove("SOURCE_DATE_EPOCH").arg("align").args(EN_RU).args(["-o", "p.tmx"]).args(common::DEFAULT);
    Ran::of(&mut command).done();
    assert!(!room.read("p.tmx").contains("creationdate=\"20250902T000000Z\""));
}

#[test]
fn help_and_version() {
    let room = Room::new();
    let help = Ran::of(room.hexapla().args(["align", "--help"])).done().out;
    for flag in ["--langs", "--segmentation", "--encoder", "--min-confidence", "--keep-unaligned", "--multi", "--jobs"]
    {
        assert!(help.contains(flag), "{flag}");
    }
    assert!(Ran::of(room.hexapla().arg("--version")).done().out.starts_with("hexapla "));
    assert_eq!(Ran::of(&mut room.hexapla()).code, Some(2));
}
