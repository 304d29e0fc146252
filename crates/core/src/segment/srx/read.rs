//! SRX files of versions 1.0 and 2.0, with or without namespace.
//!
//! Not here: what patterns mean (`regex`), which rules a language gets (`engine`).

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::{OkapiOptions, SrxError, SrxMap, SrxRule, SrxRuleList, SrxRules};

/// Reads the text of a file.
pub(super) fn read(text: &str) -> Result<SrxRules, SrxError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut state = State::default();
    let mut lines = Lines { text, at: 0, line: 1 };
    loop {
        let line = lines.upto(reader.buffer_position() as usize);
        let event = reader.read_event();
        match event {
            Err(e) => return Err(SrxError::Xml { line, reason: e.to_string() }),
            Ok(Event::Eof) => break,
            Ok(Event::Start(e)) => {
                let local = local_name(e.name().as_ref());
                // Text before the element was counted with the event before it.
                state.start(&local, &e, lines.upto(reader.buffer_position() as usize))?;
            }
            Ok(Event::End(e)) => state.end(&local_name(e.name().as_ref()), line)?,
            Ok(Event::Text(e)) => {
                state.text(&e);
            }
            Ok(Event::CData(e)) => {
                state.text(&e);
            }
            Ok(Event::GeneralRef(e)) => {
                let name = e.to_string();
                let c = match e.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    Ok(None) => quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned),
                    Err(e) => return Err(SrxError::Xml { line, reason: e.to_string() }),
                };
                let c = c.ok_or_else(|| SrxError::Xml { line, reason: format!("unknown entity '&{name};'") })?;
                state.text(&c);
            }
            Ok(_) => {}
        }
    }
    state.finish()
}

/// Line numbers of ascending offsets.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn upto(&mut self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        if offset > self.at {
            self.line += self.text.as_bytes()[self.at..offset].iter().filter(|&&b| b == b'\n').count();
            self.at = offset;
        }
        self.line
    }
}

fn local_name(name: &str) -> String {
    name.rsplit(':').next().unwrap_or_default().to_ascii_lowercase()
}

/// What was read so far.
#[derive(Default)]
struct State {
    rules: SrxRules,
    root: Option<String>,
    version_one: bool,
    list: Option<SrxRuleList>,
    rule: Option<SrxRule>,
    /// Which part of the rule the text belongs to.
    part: Option<Part>,
    /// Number of `maprule` elements of version 1.0 seen so far.
    map_rules: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Before,
    After,
}

impl State {
    fn start(&mut self, name: &str, element: &BytesStart<'_>, line: usize) -> Result<(), SrxError> {
        let attributes = attributes(element, line)?;
        let value = |wanted: &str| attributes.iter().find(|(k, _)| k == wanted).map(|(_, v)| v.as_str());
        let needed = |wanted: &str| {
            let reason = format!("<{name}> without {wanted}");
            value(wanted).map(str::to_owned).ok_or(SrxError::Element { line, reason })
        };
        if self.root.is_none() {
            self.root = Some(name.to_owned());
            self.version_one = value("version").is_some_and(|v| v.starts_with('1'));
        }
        match name {
            "header" => self.rules.cascade = value("cascade").is_some_and(|v| v.eq_ignore_ascii_case("yes")),
            "options" => {
                let yes = |wanted: &str| value(wanted).is_some_and(|v| v.eq_ignore_ascii_case("yes"));
                self.rules.okapi =
                    Some(OkapiOptions { java: yes("usejavaregex"), icu_breaks: yes("useicu4jbreakrules") });
            }
            "languagerule" => {
                self.list = Some(SrxRuleList { name: needed("languagerulename")?, rules: Vec::new() });
            }
            "rule" if self.list.is_some() => {
                let breaks = !value("break").is_some_and(|v| v.eq_ignore_ascii_case("no"));
                self.rule = Some(SrxRule { breaks, before: String::new(), after: String::new(), line });
            }
            "beforebreak" => self.part = Some(Part::Before),
            "afterbreak" => self.part = Some(Part::After),
            // Version 1.0 groups maps; only the first group applies, the others are alternatives for the user.
            "maprule" => self.map_rules += 1,
            "languagemap" if self.map_rules < 2 => {
                let (pattern, list) = (needed("languagepattern")?, needed("languagerulename")?);
                self.rules.maps.push(SrxMap { pattern, list, line });
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        match (self.part, &mut self.rule) {
            (Some(Part::Before), Some(rule)) => rule.before.push_str(text),
            (Some(Part::After), Some(rule)) => rule.after.push_str(text),
            _ => {}
        }
    }

    fn end(&mut self, name: &str, line: usize) -> Result<(), SrxError> {
        match name {
            "beforebreak" | "afterbreak" => self.part = None,
            "rule" => {
                if let (Some(list), Some(rule)) = (&mut self.list, self.rule.take()) {
                    list.rules.push(rule);
                }
            }
            "languagerule" => {
                let Some(list) = self.list.take() else { return Ok(()) };
                if self.rules.lists.iter().any(|l| l.name == list.name) {
                    let reason = format!("a second languagerule named '{}'", list.name);
                    return Err(SrxError::Element { line, reason });
                }
                self.rules.lists.push(list);
            }
            _ => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<SrxRules, SrxError> {
        match self.root.as_deref() {
            Some("srx") => {}
            Some(other) => return Err(SrxError::NotSrx { found: format!("its root is <{other}>, not <srx>") }),
            None => return Err(SrxError::NotSrx { found: "it has no element".into() }),
        }
        if self.rules.lists.is_empty() {
            return Err(SrxError::NotSrx { found: "it has no <languagerule>".into() });
        }
        if self.version_one {
            self.rules.cascade = false;
        }
        for map in &self.rules.maps {
            if !self.rules.lists.iter().any(|l| l.name == map.list) {
                let reason = format!("a languagemap names '{}', but there is no languagerule of that name", map.list);
                return Err(SrxError::Element { line: map.line, reason });
            }
        }
        Ok(self.rules)
    }
}

/// Attributes by their local names in lower case (Okapi and OmegaT write some of them differently).
fn attributes(element: &BytesStart<'_>, line: usize) -> Result<Vec<(String, String)>, SrxError> {
    let mut out = Vec::new();
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|e| SrxError::Xml { line, reason: e.to_string() })?;
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_err(|e| SrxError::Xml { line, reason: e.to_string() })?
            .into_owned();
        out.push((local_name(attribute.key.as_ref()), value));
    }
    Ok(out)
}
