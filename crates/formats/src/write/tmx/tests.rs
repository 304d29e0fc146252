//! What a memory looks like, byte by byte where it matters.

use hexapla_core::{Bead, Document, Mark, Multitext};

use super::super::tests::{alignment, columns, document};
use super::*;

/// Writes `multitext` into as many buffers as it takes.
fn parts(multitext: &Multitext<'_>, labels: &[&str], options: &TmxOptions) -> (Vec<String>, Report) {
    let buffers = std::cell::RefCell::new(Vec::<Vec<u8>>::new());
    struct Part<'a>(&'a std::cell::RefCell<Vec<Vec<u8>>>);
    impl Write for Part<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().last_mut().unwrap().extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let table = Table { multitext, columns: &columns(labels) };
    let report = write::<_, io::Error>(table, options, |part| {
        assert_eq!(part, buffers.borrow().len());
        buffers.borrow_mut().push(Vec::new());
        Ok(Part(&buffers))
    });
    let parts = buffers.take().into_iter().map(|b| String::from_utf8(b).unwrap()).collect();
    (parts, report.unwrap())
}

fn whole(multitext: &Multitext<'_>, labels: &[&str], options: &TmxOptions) -> (String, Report) {
    let (mut all, report) = parts(multitext, labels, options);
    assert_eq!(all.len(), 1);
    (all.remove(0), report)
}

fn dated() -> TmxOptions {
    TmxOptions { created: stamp(Some(1_756_771_200)).unwrap(), ..TmxOptions::default() }
}

/// One-to-one beads of equal confidence.
fn diagonal<'a>(s: &'a Document, t: &'a Document) -> Multitext<'a> {
    let mut a = alignment(&[]);
    a.beads = (0..s.len() as u32)
        .map(|k| Bead { source: vec![k], target: vec![k], confidence: 0.5, mark: Mark::Path })
        .collect();
    Multitext::from_bitext(s, t, &a)
}

#[test]
fn a_memory_looks_like_this() {
    let (s, t) = (document("en", &["Talks & tea.", "Alone."]), document("pt-BR", &["Conversas <e> chá."]));
    let mut beads = alignment(&[(&[0], &[0], 0.97), (&[1], &[], 0.9)]);
    beads.beads[0].mark = Mark::Moved;
    let (text, report) = whole(&Multitext::from_bitext(&s, &t, &beads), &["en", "pt-BR"], &dated());
    let want = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
<header creationtool="hexapla" creationtoolversion="VERSION" segtype="paragraph" o-tmf="hexapla" adminlang="en" srclang="en" datatype="plaintext" creationdate="20250902T000000Z">
<prop type="x-file" xml:lang="en">en.txt</prop>
<prop type="x-file" xml:lang="pt-BR">pt-BR.txt</prop>
</header>
<body>
<tu tuid="1" creationdate="20250902T000000Z">
<prop type="x-confidence">0.97</prop>
<prop type="x-mark">moved</prop>
<tuv xml:lang="en"><seg>Talks &amp; tea.</seg></tuv>
<tuv xml:lang="pt-BR"><seg>Conversas &lt;e&gt; chá.</seg></tuv>
</tu>
</body>
</tmx>
"#;
    assert_eq!(text, want.replace("VERSION", env!("CARGO_PKG_VERSION")));
    assert_eq!((report.written, report.unaligned, report.files), (1, 1, 1));
}

#[test]
fn a_seg_is_never_empty_and_forbidden_characters_are_counted() {
    let s = document("en", &["\u{1}\u{2}", "b\u{B}c\u{1}", "", "d"]);
    let t = document("ru", &["а", "б", "в", "\u{FFFF}"]);
    let (text, report) = whole(&diagonal(&s, &t), &["en", "ru"], &dated());
    assert_eq!((report.written, report.emptied, report.forbidden), (1, 3, 2));
    assert!(text.contains("<seg>b c</seg>"), "{text}");
    assert!(!text.contains("<seg></seg>") && !text.contains("<seg/>"), "{text}");
}

#[test]
fn bead_types_and_confidence_choose_the_units() {
    let (s, t) = (document("en", &["a", "b", "c", "d"]), document("ru", &["а", "б", "в", "г"]));
    let beads = alignment(&[(&[0, 1], &[0], 0.9), (&[2], &[1, 2], 0.9), (&[3], &[3], 0.2)]);
    let m = Multitext::from_bitext(&s, &t, &beads);
    let count = |beads, min_confidence| {
        let rows = Options { min_confidence, ..Options::default() };
        let (_, r) = whole(&m, &["en", "ru"], &TmxOptions { beads, rows, ..dated() });
        (r.written, r.unwanted, r.below)
    };
    assert_eq!(count(Beads::All, 0.0), (3, 0, 0));
    assert_eq!(count(Beads::OneSource, 0.0), (2, 1, 0));
    assert_eq!(count(Beads::OneToOne, 0.0), (1, 2, 0));
    assert_eq!(count(Beads::All, 0.5), (2, 0, 1));
}

#[test]
fn a_multilingual_unit_has_what_its_row_has() {
    let (s, a, b) = (document("en", &["a", "b"]), document("ru", &["а", "б"]), document("zh", &["一"]));
    let (to_a, to_b) = (alignment(&[(&[0], &[0], 0.9), (&[1], &[1], 0.8)]), alignment(&[(&[0], &[0], 0.25)]));
    let m = Multitext::join(&s, &[(&a, &to_a), (&b, &to_b)]);
    let (text, report) = whole(&m, &["en", "ru", "zh"], &dated());
    assert_eq!(report.written, 2);
    assert!(text.contains("<tuv xml:lang=\"zh\"><prop type=\"x-confidence\">0.25</prop><seg>一</seg></tuv>"), "{text}");
    let (text, _) = whole(
        &m,
        &["en", "ru", "zh"],
        &TmxOptions { rows: Options { min_confidence: 0.5, ..Options::default() }, ..dated() },
    );
    assert!(!text.contains("<tuv xml:lang=\"zh\">"), "{text}");
}

#[test]
fn repeated_units_are_merged_and_the_best_comes_last() {
    let s = document("en", &["Yes.", "Yes.", "Yes.", "No."]);
    let t = document("ru", &["Конечно.", "Да.", "Да.", "Нет."]);
    let (text, report) = whole(&diagonal(&s, &t), &["en", "ru"], &dated());
    assert_eq!((report.written, report.repeated, report.conflicts), (3, 1, 1));
    assert!(text.find("Конечно").unwrap() < text.find("Да").unwrap());
    let (_, report) = whole(&diagonal(&s, &t), &["en", "ru"], &TmxOptions { duplicates: Duplicates::Keep, ..dated() });
    assert_eq!((report.written, report.repeated, report.conflicts), (4, 0, 0));
}

#[test]
fn large_memories_are_split_and_every_part_is_whole() {
    let lines: Vec<String> = (0..100).map(|k| format!("Sentence number {k}, of middling length.")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (s, t) = (document("en", &lines), document("ru", &lines));
    let m = diagonal(&s, &t);
    let (all, report) = parts(&m, &["en", "ru"], &TmxOptions { split: Some(4000), ..dated() });
    assert!(all.len() > 3 && report.files == all.len() && report.written == 100, "{report:?}");
    assert!(all.iter().all(|p| p.len() <= 4000 && p.starts_with("<?xml") && p.ends_with("</tmx>\n")));
    assert_eq!(all.iter().map(|p| p.matches("<tu ").count()).sum::<usize>(), 100);
    // A limit that no unit meets: one unit a part.
    let (all, _) = parts(&m, &["en", "ru"], &TmxOptions { split: Some(1), ..dated() });
    assert_eq!(all.len(), 100);
}

#[test]
fn dates_are_written_as_tmx_wants_them() {
    assert_eq!(stamp(Some(0)).unwrap(), "19700101T000000Z");
    assert_eq!(stamp(None).unwrap().len(), "19700101T000000Z".len());
    assert!(matches!(stamp(Some(i64::MAX)), Err(Error::BadDate { .. })));
    assert!(matches!(stamp(Some(-99_999_999_999)), Err(Error::BadDate { .. })));
}

#[test]
fn a_failing_writer_is_reported() {
    let (s, t) = (document("en", &["a"]), document("ru", &["а"]));
    let m = diagonal(&s, &t);
    let table = Table { multitext: &m, columns: &columns(&["en", "ru"]) };
    let refused = write::<Vec<u8>, io::Error>(table, &dated(), |_| Err(io::ErrorKind::StorageFull.into()));
    assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::StorageFull);
}

/// Texts of all `seg` elements, by quick-xml's reader.
fn read_back(tmx: &str) -> Vec<String> {
    use quick_xml::Reader;
    use quick_xml::events::Event;
    let mut reader = Reader::from_str(tmx);
    let mut segs: Vec<String> = Vec::new();
    let mut inside = false;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(e) if e.name().as_ref() == "seg" => {
                segs.push(String::new());
                inside = true;
            }
            Event::End(e) if e.name().as_ref() == "seg" => inside = false,
            Event::Text(t) if inside => segs.last_mut().unwrap().push_str(&t),
            Event::GeneralRef(r) if inside => {
                let name = r.to_string();
                let found = match r.resolve_char_ref().unwrap() {
                    Some(c) => c.to_string(),
                    None => quick_xml::escape::resolve_predefined_entity(&name).unwrap().to_owned(),
                };
                segs.last_mut().unwrap().push_str(&found);
            }
            Event::Eof => return segs,
            _ => {}
        }
    }
}

#[test]
fn any_text_is_read_back() {
    let mut state = 1u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    // Every plane, and often what is special to XML.
    let mut character = || match next(4) {
        0 => ['&', '<', '>', '"', '\'', ']', '\r', '\t', ' ', '\0', '\u{FFFE}', '\u{85}'][next(12) as usize],
        1 => char::from_u32(next(0x100) as u32).filter(|c| *c != '\n').unwrap_or('x'),
        _ => char::from_u32(next(0x11_0000) as u32).filter(|c| *c != '\n').unwrap_or('x'),
    };
    let lines: Vec<String> = (0..2000).map(|k| (0..k % 40).map(|_| character()).collect()).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let (s, t) = (document("en", &lines), document("ru", &lines));
    let (text, report) =
        whole(&diagonal(&s, &t), &["en", "ru"], &TmxOptions { duplicates: Duplicates::Keep, ..dated() });
    let want: Vec<String> = (0..s.len())
        .map(|k| clean(s.segment(k).into()).0.into_owned())
        .filter(|c| !c.is_empty())
        .flat_map(|c| [c.clone(), c])
        .collect();
    assert_eq!(report.written * 2, want.len());
    for (k, (read, want)) in read_back(&text).iter().zip(&want).enumerate() {
        assert_eq!(read, want, "seg {k}");
    }
}
