//! Development only: scores and times other segmenters beside ours on the same files.
//!
//! usage: segcompare [--errors N] [--half odd|even] [--speed LANG] FILE…
//!
//!        segcompare --srx RULES.srx LANG TEXT    cuts of every line, in characters; time on standard error
//!
//! FILE is JSON Lines of {"text", "lang", "starts"} (starts in characters); with --speed, plain text, timed as one string.

use hexapla_core::segment::{Newlines, SegmentOptions, Segmenter};
use hexapla_core::{Language, SegmentKind};

/// CPU seconds of this process so far (Linux), so that a busy machine tells no lies.
fn cpu() -> f64 {
    let told = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    told.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}

fn ours(lang: &str, text: &str) -> Vec<usize> {
    let mut options = SegmentOptions::default();
    options.newlines = Newlines::Auto;
    let segmenter = Segmenter::new(&Language::parse(lang).unwrap(), options);
    let cut = segmenter.segment(text);
    cut.iter().filter(|s| s.kind != SegmentKind::Blank).map(|s| s.content.start as usize).collect()
}

fn icu(_: &str, text: &str) -> Vec<usize> {
    let s = icu_segmenter::SentenceSegmenter::new(Default::default());
    s.segment_str(text).collect()
}

fn sentencex_(lang: &str, text: &str) -> Vec<usize> {
    sentencex::get_sentence_boundaries(lang, text).iter().map(|b| b.start_byte).collect()
}

/// Marks in non-space characters, as the reference scorer counts them.
fn marks(text: &str, starts: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut before = vec![0; text.len() + 1];
    let mut seen = 0;
    for (i, c) in text.char_indices() {
        for slot in &mut before[i..i + c.len_utf8()] {
            *slot = seen;
        }
        seen += usize::from(!c.is_whitespace());
    }
    before[text.len()] = seen;
    let mut out: Vec<_> = starts.map(|s| before[s]).filter(|&k| k != 0 && k != seen).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn byte_of(text: &str, mark: usize) -> usize {
    let mut seen = 0;
    for (i, c) in text.char_indices() {
        if !c.is_whitespace() {
            if seen == mark {
                return i;
            }
            seen += 1;
        }
    }
    text.len()
}

#[derive(Default, Clone, Copy)]
struct Count(usize, usize, usize, usize, usize);

impl Count {
    fn f1(self) -> f64 {
        let p = if self.0 + self.1 > 0 { self.0 as f64 / (self.0 + self.1) as f64 } else { 1.0 };
        let r = if self.0 + self.2 > 0 { self.0 as f64 / (self.0 + self.2) as f64 } else { 1.0 };
        if p + r > 0.0 { 100.0 * 2.0 * p * r / (p + r) } else { 0.0 }
    }
}

fn main() {
    let all: Vec<String> = std::env::args().collect();
    if all.get(1).is_some_and(|a| a == "--srx") {
        return srx(&all[2], &all[3], &all[4]);
    }
    let mut args = std::env::args().skip(1);
    let (mut errors, mut half, mut files, mut speed) = (0, None, Vec::new(), None);
    while let Some(a) = args.next() {
        match a.as_str() {
            "--errors" => errors = args.next().unwrap().parse().unwrap(),
            "--half" => half = args.next(),
            "--speed" => speed = args.next(),
            _ => files.push(a),
        }
    }
    if let Some(lang) = speed {
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap();
            for (name, f) in [("ours", ours as fn(&str, &str) -> Vec<usize>), ("icu", icu), ("sentencex", sentencex_)] {
                let best = (0..3)
                    .map(|_| {
                        let t = cpu();
                        std::hint::black_box(f(&lang, &text));
                        cpu() - t
                    })
                    .fold(f64::MAX, f64::min);
                println!("{file} {name} {:.0} MB/s", text.len() as f64 / 1e6 / best);
            }
        }
        return;
    }
    let mut macro_ = [0.0; 4];
    let mut sets = 0;
    for file in &files {
        let data = std::fs::read_to_string(file).unwrap();
        let mut counts = [Count::default(); 3];
        let mut shown = 0;
        for (n, line) in data.lines().enumerate() {
            match half.as_deref() {
                Some("odd") if n % 2 == 0 => continue,
                Some("even") if n % 2 == 1 => continue,
                _ => {}
            }
            let v: serde_json::Value = serde_json::from_str(line).unwrap();
            let (text, lang) = (v["text"].as_str().unwrap(), v["lang"].as_str().unwrap());
            let offsets: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
            let want = marks(text, v["starts"].as_array().unwrap().iter().map(|s| offsets[s.as_u64().unwrap() as usize]));
            for (k, f) in [ours as fn(&str, &str) -> Vec<usize>, icu, sentencex_].iter().enumerate() {
                let got = marks(text, f(lang, text).into_iter());
                let c = &mut counts[k];
                c.0 += got.iter().filter(|g| want.contains(g)).count();
                c.1 += got.iter().filter(|g| !want.contains(g)).count();
                c.2 += want.iter().filter(|w| !got.contains(w)).count();
                c.3 += usize::from(got == want);
                c.4 += 1;
                if k == 0 {
                    let wrong = got.iter().filter(|g| !want.contains(g)).map(|&m| ("FALSE ", m));
                    let missed = want.iter().filter(|w| !got.contains(w)).map(|&m| ("MISSED", m));
                    for (what, m) in wrong.chain(missed) {
                        if shown < errors {
                            shown += 1;
                            let b = byte_of(text, m);
                            let a: String = text[..b].chars().rev().take(45).collect::<Vec<_>>().into_iter().rev().collect();
                            let z: String = text[b..].chars().take(35).collect();
                            println!("  {lang} {what} {a}⏐{z}");
                        }
                    }
                }
            }
        }
        let f: Vec<f64> = counts.iter().map(|c| c.f1()).collect();
        let best = f[1].max(f[2]);
        let name = file.rsplit('/').next().unwrap();
        let c = counts[0];
        println!(
            "{name:24} ours {:6.2} icu {:6.2} sentencex {:6.2} {:+6.2} {} exact {}/{} fp {} fn {}",
            f[0], f[1], f[2], f[0] - best, if f[0] + 1e-9 < best { "BELOW" } else { "     " }, c.3, c.4, c.1, c.2
        );
        for k in 0..3 {
            macro_[k] += f[k];
        }
        macro_[3] += best;
        sets += 1;
    }
    let n = sets as f64;
    println!("macro of {sets}: ours {:.2} icu {:.2} sentencex {:.2} better of the two {:.2}", macro_[0] / n, macro_[1] / n, macro_[2] / n, macro_[3] / n);
}

/// Cuts every line of a text by SRX rules.
fn srx(rules: &str, lang: &str, text: &str) {
    let rules = hexapla_core::segment::srx::SrxRules::parse(&std::fs::read_to_string(rules).unwrap()).unwrap();
    let lang = Language::parse(lang).unwrap();
    let mut options = SegmentOptions::default();
    options.newlines = Newlines::Paragraph;
    let t = cpu();
    let segmenter = Segmenter::from_srx(&rules, None, &lang, options).unwrap();
    eprintln!("made ready in {:.1} ms", (cpu() - t) * 1e3);
    let text = std::fs::read_to_string(text).unwrap();
    for _ in 0..3 {
        let t = cpu();
        std::hint::black_box(segmenter.segment(&text));
        eprintln!("{:.2} MB/s", text.len() as f64 / 1e6 / (cpu() - t));
    }
    for line in text.lines() {
        let starts: Vec<String> = segmenter.segment(line).iter().map(|s| line[..s.content.start as usize].chars().count().to_string()).collect();
        println!("{}", starts.join(" "));
    }
}
