//! SRX, clause by clause: a conformance suite of our own.
//!
//! Files of others (LanguageTool's, OmegaT's) are looked for where `HEXAPLA_SRX` says, a list of paths separated by
//! colons; the test that needs them says so when it is not set.

use hexapla_core::Language;
use hexapla_core::segment::srx::{Profile, SrxError, SrxRules};
use hexapla_core::segment::{Newlines, SegmentOptions, Segmenter};

const ALL: [Profile; 3] = [Profile::LanguageTool, Profile::Okapi, Profile::OmegaT];

/// A file with one list, named after the language it is for.
fn file(rules: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<srx xmlns="http://www.lisa.org/srx20" version="2.0"><header segmentsubflows="yes" cascade="no">
<formathandle type="start" include="no"/></header><body><languagerules>
<languagerule languagerulename="L">{rules}</languagerule></languagerules>
<maprules><languagemap languagepattern="[Ee][Nn].*" languagerulename="L"/></maprules></body></srx>"#
    )
}

fn rule(breaks: &str, before: &str, after: &str) -> String {
    let xml = |s: &str| s.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<rule break=\"{breaks}\"><beforebreak>{}</beforebreak><afterbreak>{}</afterbreak></rule>\n",
        xml(before),
        xml(after)
    )
}

fn segments(srx: &str, profile: Profile, language: &str, text: &str) -> Result<Vec<String>, SrxError> {
    let rules = SrxRules::parse(srx)?;
    let mut options = SegmentOptions::default();
    options.newlines = Newlines::Paragraph;
    let segmenter = Segmenter::from_srx(&rules, Some(profile), &Language::parse(language).unwrap(), options)?;
    Ok(segmenter.segment(text).iter().map(|s| s.content.of(text).to_owned()).collect())
}

/// Checks that rules cut `marked` at its bars in all of `profiles`.
#[track_caller]
fn cuts(rules: &[String], profiles: &[Profile], marked: &str) {
    let text = marked.replace('|', "");
    let wanted: Vec<String> = marked.split('|').map(|s| s.trim().to_owned()).collect();
    for &profile in profiles {
        assert_eq!(segments(&file(&rules.concat()), profile, "en", &text).unwrap(), wanted, "{profile:?}");
    }
}

#[test]
fn a_rule_applies_where_before_ends_and_after_begins() {
    cuts(&[rule("yes", r"\.", r"\s")], &ALL, "One. |Two.Three. |Four");
}

#[test]
fn an_exception_shields_only_from_rules_after_it() {
    let exception = rule("no", r"Dr\.", r"\s");
    let breaks = rule("yes", r"\.", r"\s");
    cuts(&[exception.clone(), breaks.clone()], &ALL, "Dr. Gray left. |So did I.");
    cuts(&[breaks, exception], &ALL, "Dr. |Gray left. |So did I.");
}

#[test]
fn either_part_may_be_empty() {
    cuts(&[rule("yes", r"\.\s", "")], &ALL, "One. |Two.");
    cuts(&[rule("yes", "", "#")], &ALL, "One |#two |#three");
    cuts(&[rule("no", "", r"\sp\."), rule("yes", r"\.", r"\s")], &ALL, "One. p. |Two.");
}

#[test]
fn break_is_yes_where_it_is_not_said() {
    let rules = r"<rule><beforebreak>\.</beforebreak><afterbreak>\s</afterbreak></rule>";
    for profile in ALL {
        assert_eq!(segments(&file(rules), profile, "en", "One. Two.").unwrap(), ["One.", "Two."]);
    }
}

#[test]
fn look_around_and_possessives() {
    let breaks = rule("yes", r"[.?!]+", r"\s");
    cuts(&[rule("no", r"(?<=\bMr)\.", r"\s"), breaks.clone()], &ALL, "Mr. Gray. |Ms. |Gray.");
    cuts(&[rule("no", r"\.", r"\s(?!The\b)\p{Lu}"), breaks.clone()], &ALL, "A. B. |The end.");
    cuts(&[rule("no", r"\d++\.", r"\s"), breaks], &ALL, "No 12. x. |End.");
}

#[test]
fn groups_that_capture_do_not_move_the_break() {
    cuts(&[rule("yes", r"(\.)(\s)", "(B)(C)?")], &ALL, "A. |BC. C. |B");
}

#[test]
fn java_and_icu_disagree_about_white_space() {
    // In Java `\s` is ASCII; ICU's takes the no-break space.
    let java = [rule("yes", r"\.", r"\s")];
    cuts(&java, &[Profile::LanguageTool, Profile::OmegaT], "One.\u{A0}Two. |Three.");
    cuts(&java, &[Profile::Okapi], "One.|\u{A0}Two. |Three.");
    cuts(&[rule("yes", r"(?U)\.", r"(?U)\s")], &[Profile::LanguageTool], "One.|\u{A0}Two.");
}

#[test]
fn cascade_takes_every_map_in_order_and_no_cascade_the_first() {
    let two = |version: &str, cascade: &str| {
        format!(
            r#"<srx version="{version}"><header segmentsubflows="yes" {cascade}/><body><languagerules>
<languagerule languagerulename="A"><rule break="no"><beforebreak>No\.</beforebreak><afterbreak>\s</afterbreak></rule>
</languagerule><languagerule languagerulename="B"><rule break="yes"><beforebreak>\.</beforebreak>
<afterbreak>\s</afterbreak></rule></languagerule></languagerules><maprules>
<languagemap languagepattern="(EN|en).*" languagerulename="A"/><languagemap languagepattern=".*" languagerulename="B"/>
</maprules></body></srx>"#
        )
    };
    let text = "No. 5. Six.";
    let cut = |srx: &str, profile| segments(srx, profile, "en", text).unwrap();
    assert_eq!(cut(&two("2.0", r#"cascade="yes""#), Profile::LanguageTool), ["No. 5.", "Six."]);
    assert_eq!(cut(&two("2.0", r#"cascade="no""#), Profile::LanguageTool), [text]);
    // OmegaT takes all maps whatever the header says.
    assert_eq!(cut(&two("2.0", r#"cascade="no""#), Profile::OmegaT), ["No. 5.", "Six."]);
    assert_eq!(segments(&two("2.0", r#"cascade="no""#), Profile::LanguageTool, "de", text).unwrap().len(), 3);
}

#[test]
fn a_language_pattern_is_for_the_whole_code() {
    let with = |pattern: &str| file(&rule("yes", r"\.", r"\s")).replace("[Ee][Nn].*", pattern);
    for (pattern, language, profile, fits) in [
        ("en", "en-GB", Profile::LanguageTool, false),
        ("en.*", "en-GB", Profile::LanguageTool, true),
        ("en_GB", "en-GB", Profile::LanguageTool, true),
        ("EN.*", "en", Profile::LanguageTool, false),
        ("EN.*", "en", Profile::OmegaT, true),
    ] {
        let cut = segments(&with(pattern), profile, language, "One. Two.");
        assert_eq!(cut.is_ok(), fits, "{pattern} {language} {profile:?}");
        if let Err(error) = cut {
            assert!(matches!(error, SrxError::NoRules { .. }), "{error}");
        }
    }
}

#[test]
fn version_one_groups_its_maps_and_has_no_cascade() {
    let srx = r#"<srx version="1.0"><header segmentsubflows="yes"><formathandle type="start" include="no"/></header>
<body><languagerules><languagerule languagerulename="L">
<rule break="no"><beforebreak>etc\.</beforebreak><afterbreak>\s</afterbreak></rule>
<rule break="yes"><beforebreak>\.</beforebreak><afterbreak>\s</afterbreak></rule></languagerule></languagerules>
<maprules><maprule maprulename="Default"><languagemap languagepattern="[Ee][Nn].*" languagerulename="L"/></maprule>
</maprules></body></srx>"#;
    assert_eq!(segments(srx, Profile::LanguageTool, "en", "A etc. B. C.").unwrap(), ["A etc. B.", "C."]);
}

#[test]
fn the_profile_is_guessed_from_the_file() {
    let guess = |srx: &str| SrxRules::parse(srx).unwrap().guess_profile();
    let plain = file(&rule("yes", r"\.", r"\s"));
    assert_eq!(guess(&plain), Profile::LanguageTool);
    assert_eq!(guess(&plain.replace("[Ee][Nn].*", "[a-z]{2,3}_two")), Profile::LanguageTool);
    assert_eq!(guess(&plain.replace("[Ee][Nn].*", "EN.*")), Profile::OmegaT);
    let okapi = r#"<okpsrx:options xmlns:okpsrx="http://okapi.sf.net/srx-extensions" useJavaRegex="no"/></header>"#;
    assert_eq!(guess(&plain.replace("</header>", okapi)), Profile::Okapi);
}

#[test]
fn okapi_may_ask_for_java_and_for_icu_s_own_breaks() {
    let options = |java: &str, icu: &str| {
        let extension = format!(
            r#"<okpsrx:options xmlns:okpsrx="http://okapi.sf.net/srx-extensions" useJavaRegex="{java}"
useIcu4JBreakRules="{icu}"/></header>"#
        );
        file(&rule("no", r"Dr\.\s", "")).replace("</header>", &extension)
    };
    let text = "Ask Dr. Gray. He knows.";
    assert_eq!(segments(&options("no", "no"), Profile::Okapi, "en", text).unwrap(), [text]);
    assert_eq!(segments(&options("no", "yes"), Profile::Okapi, "en", text).unwrap().len(), 2);
    let space = file(&rule("yes", r"\.", r"\s"));
    let java = options("yes", "no").replace(r"Dr\.", r"\.").replace("break=\"no\"", "break=\"yes\"");
    assert_eq!(segments(&java, Profile::Okapi, "en", "A.\u{A0}B").unwrap().len(), 1);
    assert_eq!(segments(&space, Profile::Okapi, "en", "A.\u{A0}B").unwrap().len(), 2);
}

#[test]
fn what_cannot_be_honoured_is_refused_by_name_and_line() {
    let refused = |srx: &str| segments(srx, Profile::LanguageTool, "en", "A. B.").unwrap_err().to_string();
    let error = refused(&file(&[rule("yes", r"\.", r"\s"), rule("no", r"(a)\1", "")].concat()));
    assert!(error.contains("line 5") && error.contains("beforebreak of rule 2 of 'L'"), "{error}");
    assert!(error.contains("back-reference"), "{error}");
    let error = refused(&file(&rule("no", "a", "[b")));
    assert!(error.contains("afterbreak of rule 1 of 'L'") && error.contains("'[' without ']'"), "{error}");
    let error = refused("<html><body/></html>");
    assert!(error.contains("its root is <html>"), "{error}");
    let error = refused("<srx version=\"2.0\"><body><languagerules></srx>");
    assert!(error.contains("not well-formed XML"), "{error}");
    let unknown = file("").replace("languagerulename=\"L\"/>", "languagerulename=\"M\"/>");
    let error = refused(&unknown);
    assert!(error.contains("names 'M', but there is no languagerule"), "{error}");
    let other = file("").replace("[Ee][Nn].*", "de");
    assert!(refused(&other).contains("no rules for 'en': its maps are for de"), "{}", refused(&other));
}

#[test]
fn entities_and_character_data_are_read() {
    let rules =
        "<rule break=\"yes\"><beforebreak><![CDATA[[<.]]]></beforebreak><afterbreak>&#x20;&amp;</afterbreak></rule>";
    assert_eq!(segments(&file(rules), Profile::LanguageTool, "en", "A< &B. &C").unwrap(), ["A<", "&B.", "&C"]);
}

#[test]
fn rule_files_of_others_load_without_a_dropped_rule() {
    let Some(paths) = std::env::var_os("HEXAPLA_SRX") else {
        eprintln!("skipped: HEXAPLA_SRX names no rule files");
        return;
    };
    for path in std::env::split_paths(&paths) {
        let text = std::fs::read_to_string(&path).unwrap();
        let rules = SrxRules::parse(&text).unwrap();
        let profile = rules.guess_profile();
        let refused = rules.check(profile);
        let shown = path.display();
        assert!(refused.is_empty(), "{shown} as {profile:?}: {refused:?}");
        // Rules in comments are none.
        let live: String = text.split("<!--").map(|p| p.split_once("-->").map_or(p, |(_, rest)| rest)).collect();
        let written = live.matches("<rule ").count() + live.matches("<rule>").count();
        assert_eq!(rules.len(), written, "{shown}");
        eprintln!("{shown}: all {written} rules of {} lists, as {profile:?}", rules.lists.len());
    }
}
