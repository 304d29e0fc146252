//! `hexapla segment`: texts become sentences, one a line; or our rules become SRX.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use hexapla_core::language::detect;
use hexapla_core::segment::{Newlines, Segmenter, srx};
use hexapla_core::{Language, Segment};
use hexapla_formats::output::{self, Outputs};
use hexapla_formats::read::text;
use serde_json::{Map, Value};

use crate::args::SegmentArgs;
use crate::cutting::Cutting;
use crate::error::{Error, Outcome};
use crate::job;
use crate::names;
use crate::texts::of_encoding;

/// Runs the command.
pub(crate) fn run(args: SegmentArgs) -> Result<Outcome, Error> {
    if let Some(languages) = &args.export_srx {
        return export(languages, args.output.as_deref());
    }
    let cutting = Cutting::resolve(args.cutting.clone())?;
    if args.cutting.srx_profile.is_some() && !matches!(cutting, Cutting::Srx { .. }) {
        return Err(Error::ProfileWithoutSrx);
    }
    let files = if args.files.is_empty() { vec![PathBuf::from("-")] } else { args.files.clone() };
    if let Some(langs) = args.langs.as_ref().filter(|l| l.len() != 1 && l.len() != files.len()) {
        return Err(Error::LangsCount { langs: langs.len(), files: files.len() });
    }
    let inputs: Vec<PathBuf> = files.iter().filter(|f| f.as_os_str() != "-").cloned().collect();
    job::check_outputs(args.output.iter().map(PathBuf::as_path), &inputs, output::check)?;
    written(args.output.as_deref(), |out| {
        for (k, path) in files.iter().enumerate() {
            let given = args.langs.as_ref().map(|l| &l[k.min(l.len() - 1)]);
            if args.jsonl {
                json_lines(path, given, &cutting, args.newlines.into(), out)?;
            } else {
                plain(path, given, &cutting, &args, files.len() > 1, out)?;
            }
        }
        Ok(())
    })?;
    Ok(Outcome::Done)
}

/// Writes our own rules as SRX, or, into a file `.conf`, as OmegaT 3 wants them; what SRX cannot say is told on standard error and stands in the file.
fn export(languages: &[Language], path: Option<&Path>) -> Result<Outcome, Error> {
    job::check_outputs(path.into_iter(), &[], output::check)?;
    let conf = path.and_then(Path::extension).is_some_and(|e| e.eq_ignore_ascii_case("conf"));
    let exported = srx::export(languages, if conf { srx::Form::OmegaTConf } else { srx::Form::Srx });
    written(path, |out| Ok(out.write_all(exported.xml.as_bytes())?))?;
    let mut told = io::stderr().lock();
    for left_out in &exported.left_out {
        writeln!(told, "not in the SRX: {left_out}")?;
    }
    Ok(Outcome::Done)
}

/// Runs `write` on standard output or on a file that appears when it is whole.
fn written(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> Result<(), Error>) -> Result<(), Error> {
    let Some(path) = path else {
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)?;
        return Ok(out.flush()?);
    };
    output::check(path)?;
    let mut outputs = Outputs::new();
    let mut out = outputs.create(path)?;
    write(&mut out)?;
    let failed = |source| hexapla_formats::Error::Write { path: path.to_owned(), source };
    out.flush().map_err(failed)?;
    Ok(outputs.publish()?)
}

/// A text, sentence by sentence.
fn plain(
    path: &Path,
    given: Option<&Language>,
    cutting: &Cutting,
    args: &SegmentArgs,
    named: bool,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let read = if path.as_os_str() == "-" {
        text::read_from(io::stdin().lock(), 0, Path::new("standard input"))?
    } else {
        text::read(path)?
    };
    let told = || names::read(path).language.map(|(l, _)| l);
    let language = given.cloned().or_else(told).or_else(|| detect(&read.text).map(|d| d.language));
    warn(path, &read, language.as_ref(), cutting)?;
    let segments = cutting.segments(&read.text, &language.unwrap_or_else(Language::und), args.newlines.into())?;
    let mut places = Places::new(&read.text);
    for s in &segments {
        if args.offsets {
            if named {
                write!(out, "{}\t", path.display())?;
            }
            let (a, b) = (places.of(s.content.start as usize), places.of(s.content.end as usize));
            let kind = serde_json::to_value(s.kind).ok();
            let kind = kind.as_ref().and_then(Value::as_str).unwrap_or("sentence");
            write!(out, "{a}\t{b}\t{}\t{kind}\t", s.paragraph)?;
        }
        line(s, &read.text, out)?;
    }
    Ok(())
}

/// Says on standard error what is doubtful about a text.
fn warn(path: &Path, read: &text::Text, language: Option<&Language>, cutting: &Cutting) -> io::Result<()> {
    let mut told = io::stderr().lock();
    let shown = path.display();
    if read.text.trim().is_empty() {
        return writeln!(told, "warning: {shown}: there is no text in it");
    }
    for w in of_encoding(path, read) {
        let times = if w.count > 1 { format!(" ({} times)", w.count) } else { String::new() };
        writeln!(told, "warning: {}{times}", w.text)?;
    }
    match language {
        _ if !matches!(cutting, Cutting::Default) => Ok(()),
        None => writeln!(told, "warning: {shown}: its language is not clear; name it with --langs"),
        Some(l) if !Segmenter::knows(l) => {
            writeln!(told, "warning: {shown}: no rules of our own for '{l}'; cut by those common to all languages")
        }
        Some(_) => Ok(()),
    }
}

/// A segment on one line: line breaks and tabs inside it become spaces.
fn line(segment: &Segment, text: &str, out: &mut dyn Write) -> io::Result<()> {
    let content = segment.content.of(text);
    if content.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        let breaks = |c: char| matches!(c, '\n' | '\r' | '\t' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}');
        let mut rest = content.split(breaks).map(str::trim).filter(|p| !p.is_empty());
        out.write_all(rest.next().unwrap_or("").as_bytes())?;
        for part in rest {
            write!(out, " {part}")?;
        }
        return writeln!(out);
    }
    writeln!(out, "{content}")
}

/// Places in characters of ascending byte offsets; linear over all.
struct Places<'t> {
    text: &'t str,
    byte: usize,
    chars: usize,
}

impl<'t> Places<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, byte: 0, chars: 0 }
    }

    /// The place of `byte`, which is not smaller than the last one asked for.
    fn of(&mut self, byte: usize) -> usize {
        self.chars += self.text[self.byte..byte].chars().count();
        self.byte = byte;
        self.chars
    }
}

/// Paragraphs as JSON Lines: `starts` is added to each.
fn json_lines(
    path: &Path,
    given: Option<&Language>,
    cutting: &Cutting,
    newlines: Newlines,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let mut cutter = Paragraphs::new(cutting, newlines);
    for (number, line) in lines(path)?.enumerate() {
        let wrong = |reason: String| Error::JsonLine { path: path.to_owned(), line: number + 1, reason };
        let line = line.map_err(|source| hexapla_formats::Error::Read { path: path.to_owned(), source })?;
        if line.trim().is_empty() {
            continue;
        }
        let mut object: Map<String, Value> = serde_json::from_str(&line)
            .map_err(|e| wrong(format!("not a JSON object ({e}); expected {{\"text\": …, \"lang\": …}}")))?;
        let text =
            object.get("text").and_then(Value::as_str).ok_or_else(|| wrong("no \"text\" that is a string".into()))?;
        let language = match object.get("lang").and_then(Value::as_str) {
            Some(tag) => Some(Language::parse(tag).map_err(|e| wrong(e.to_string()))?),
            None => given.cloned(),
        };
        let starts = cutter.starts(text, language)?;
        object.insert("starts".into(), starts.into());
        serde_json::to_writer(&mut *out, &object).map_err(io::Error::from)?;
        writeln!(out)?;
    }
    Ok(())
}

/// Lines of a file, or of standard input.
pub(crate) fn lines(path: &Path) -> Result<Box<dyn Iterator<Item = io::Result<String>>>, Error> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(io::stdin().lock().lines()));
    }
    let file = File::open(path).map_err(|source| hexapla_formats::Error::Read { path: path.to_owned(), source })?;
    Ok(Box::new(BufReader::new(file).lines()))
}

/// Cuts paragraphs of many languages; a segmenter a language.
pub(crate) struct Paragraphs<'c> {
    cutting: &'c Cutting,
    newlines: Newlines,
    segmenters: HashMap<Language, Option<Segmenter>>,
}

impl<'c> Paragraphs<'c> {
    /// A cutter of paragraphs.
    pub(crate) fn new(cutting: &'c Cutting, newlines: Newlines) -> Self {
        Self { cutting, newlines, segmenters: HashMap::new() }
    }

    /// Where sentences begin, in characters.
    ///
    /// # Errors
    /// Rules of the language that cannot be honoured.
    pub(crate) fn starts(&mut self, text: &str, language: Option<Language>) -> Result<Vec<usize>, Error> {
        let language = language.or_else(|| detect(text).map(|d| d.language)).unwrap_or_else(Language::und);
        if !self.segmenters.contains_key(&language) {
            let made = self.cutting.segmenter(&language, self.newlines)?;
            self.segmenters.insert(language.clone(), made);
        }
        let mut segments = match self.segmenters.get(&language).and_then(Option::as_ref) {
            Some(segmenter) => segmenter.segment(text),
            None => hexapla_core::segment::lines(text),
        };
        segments.retain(|s| !s.content.is_empty());
        let mut places = Places::new(text);
        Ok(segments.iter().map(|s| places.of(s.content.start as usize)).collect())
    }
}
