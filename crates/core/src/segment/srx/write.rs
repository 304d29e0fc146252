//! Rules of ours as files: SRX 2.0, and the form of OmegaT before it read SRX.
//!
//! Not here: what the rules are (`export`).

use std::fmt::Write;

/// The rules of one language.
pub(super) struct List {
    /// The language.
    pub(super) name: String,
    /// Which codes of languages get the list.
    pub(super) pattern: String,
    /// In order.
    pub(super) lines: Vec<Line>,
}

/// A rule, or what the next ones are about.
pub(super) enum Line {
    Comment(&'static str),
    Rule { breaks: bool, before: String, after: String },
}

/// An SRX 2.0 file.
pub(super) fn srx(lists: &[List], left_out: &[String]) -> String {
    let mut out = head(left_out);
    out.push_str(
        "<srx xmlns=\"http://www.lisa.org/srx20\" version=\"2.0\">\n\
         <header segmentsubflows=\"yes\" cascade=\"no\">\n\
         <formathandle type=\"start\" include=\"no\"/>\n<formathandle type=\"end\" include=\"yes\"/>\n\
         <formathandle type=\"isolated\" include=\"no\"/>\n</header>\n<body>\n<languagerules>\n",
    );
    let mut maps = String::new();
    for list in lists {
        let (name, pattern) = (xml(&list.name), xml(&list.pattern));
        let _ = writeln!(out, "<languagerule languagerulename=\"{name}\">");
        for line in &list.lines {
            let _ = match line {
                Line::Comment(text) => writeln!(out, "<!-- {text} -->"),
                Line::Rule { breaks, before, after } => {
                    let (breaks, before, after) = (if *breaks { "yes" } else { "no" }, xml(before), xml(after));
                    writeln!(
                        out,
                        "<rule break=\"{breaks}\"><beforebreak>{before}</beforebreak>\
                         <afterbreak>{after}</afterbreak></rule>"
                    )
                }
            };
        }
        out.push_str("</languagerule>\n");
        let _ = writeln!(maps, "<languagemap languagepattern=\"{pattern}\" languagerulename=\"{name}\"/>");
    }
    let _ = write!(out, "</languagerules>\n<maprules>\n{maps}</maprules>\n</body>\n</srx>\n");
    out
}

/// The version of OmegaT's form that it takes as it is; to any older one it adds its own rules.
const OMEGAT_VERSION: &str = "0.2.2";

/// `segmentation.conf`: OmegaT's rules as a Java bean, as `java.beans.XMLEncoder` writes it.
pub(super) fn omegat_conf(lists: &[List], left_out: &[String]) -> String {
    let mut out = head(left_out);
    out.push_str(
        "<java class=\"java.beans.XMLDecoder\">\n<object class=\"org.omegat.core.segmentation.SRX\">\n\
         <void property=\"mappingRules\">\n",
    );
    let property = |out: &mut String, name: &str, value: &str| {
        let _ = writeln!(out, "<void property=\"{name}\"><string>{}</string></void>", xml(value));
    };
    for list in lists {
        out.push_str("<void method=\"add\"><object class=\"org.omegat.core.segmentation.MapRule\">\n");
        property(&mut out, "language", &list.name);
        property(&mut out, "pattern", &list.pattern);
        out.push_str("<void property=\"rules\"><object class=\"java.util.ArrayList\">\n");
        for line in &list.lines {
            match line {
                Line::Comment(text) => {
                    let _ = writeln!(out, "<!-- {text} -->");
                }
                Line::Rule { breaks, before, after } => {
                    out.push_str("<void method=\"add\"><object class=\"org.omegat.core.segmentation.Rule\">\n");
                    property(&mut out, "afterbreak", after);
                    property(&mut out, "beforebreak", before);
                    let _ = writeln!(out, "<void property=\"breakRule\"><boolean>{breaks}</boolean></void>");
                    out.push_str("</object></void>\n");
                }
            }
        }
        out.push_str("</object></void>\n</object></void>\n");
    }
    out.push_str("</void>\n");
    property(&mut out, "version", OMEGAT_VERSION);
    out.push_str("</object>\n</java>\n");
    out
}

/// What every file begins with.
fn head(left_out: &[String]) -> String {
    let told: String = left_out.iter().map(|l| format!("  - {}\n", xml(l).replace("--", "- -"))).collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Sentence rules of Hexapla. SRX cannot say:\n{told}-->\n")
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
