//! The elements of a memory, as bytes: the header and the units.

use std::io;

use quick_xml::Writer;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::name::QName;

use super::super::xml::{clean, escape};
use super::super::{Report, Table, mark, shown};
use super::{TmxOptions, Unit};

/// The writer of quick-xml over a buffer, with text that is escaped by our own rule.
struct Xml<'a>(Writer<&'a mut Vec<u8>>);

impl Xml<'_> {
    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        for (key, value) in attributes {
            // Already escaped: quick-xml must not do it again.
            start.push_attribute(Attribute { key: QName(key), value: escape(value) });
        }
        self.0.write_event(Event::Start(start))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    fn raw(&mut self, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::from_escaped(text)))
    }

    /// An element that holds nothing but text, on one line.
    fn element(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.raw(&escape(text))?;
        self.close(name)
    }
}

/// All that stands before the first unit.
pub(super) fn head(table: Table<'_>, options: &TmxOptions) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut xml = Xml(Writer::new(&mut bytes));
    xml.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.raw("\n")?;
    xml.0.write_event(Event::DocType(BytesText::from_escaped("tmx SYSTEM \"tmx14.dtd\"")))?;
    xml.raw("\n")?;
    xml.open("tmx", &[("version", "1.4")])?;
    xml.raw("\n")?;
    let mut attributes = vec![
        ("creationtool", "hexapla"),
        ("creationtoolversion", env!("CARGO_PKG_VERSION")),
        ("segtype", options.segtype.name()),
        ("o-tmf", "hexapla"),
        ("adminlang", "en"),
        ("srclang", table.columns[0].code.as_str()),
        ("datatype", "plaintext"),
    ];
    if !options.created.is_empty() {
        attributes.push(("creationdate", options.created.as_str()));
    }
    xml.open("header", &attributes)?;
    xml.raw("\n")?;
    for column in table.columns {
        let named = |kind| [("type", kind), ("xml:lang", column.code.as_str())];
        if column.label != column.code {
            xml.element("prop", &named("x-version"), &clean(column.label.as_str().into()).0)?;
            xml.raw("\n")?;
        }
        let (file, _) = clean(column.file.as_str().into());
        if !file.is_empty() {
            xml.element("prop", &named("x-file"), &file)?;
            xml.raw("\n")?;
        }
    }
    xml.close("header")?;
    xml.raw("\n")?;
    xml.open("body", &[])?;
    xml.raw("\n")?;
    Ok(bytes)
}

/// Appends one unit to `out`, and counts what had to be changed.
pub(super) fn unit(
    table: Table<'_>,
    options: &TmxOptions,
    unit: &Unit<'_>,
    out: &mut Vec<u8>,
    report: &mut Report,
) -> io::Result<()> {
    let mut xml = Xml(Writer::new(out));
    let id = (unit.number + 1).to_string();
    let mut attributes = vec![("tuid", id.as_str())];
    if !options.created.is_empty() {
        attributes.push(("creationdate", options.created.as_str()));
    }
    xml.open("tu", &attributes)?;
    xml.raw("\n")?;
    xml.element("prop", &[("type", "x-confidence")], &shown(unit.confidence()))?;
    xml.raw("\n")?;
    let (document, _) = clean(unit.document.into());
    if !document.is_empty() {
        xml.element("prop", &[("type", "x-document")], &document)?;
        xml.raw("\n")?;
    }
    if unit.row.mark != hexapla_core::Mark::Path {
        xml.element("prop", &[("type", "x-mark")], mark(unit.row))?;
        xml.raw("\n")?;
    }
    for &column in std::iter::once(&0).chain(&unit.versions) {
        let (text, removed) = clean(table.cell(unit.row, column));
        report.forbidden += removed;
        xml.open("tuv", &[("xml:lang", &table.columns[column].code)])?;
        if column > 0 && unit.versions.len() > 1 {
            xml.element("prop", &[("type", "x-confidence")], &shown(unit.row.confidence[column]))?;
        }
        xml.element("seg", &[], &text)?;
        xml.close("tuv")?;
        xml.raw("\n")?;
    }
    xml.close("tu")?;
    xml.raw("\n")
}
