//! What the name of a file tells: its language (`talks.ru.txt`, `talks_ru.txt`, `ru/talks.txt`) and which version it
//! is (`retranslated` in `talks.retranslated.en.txt`).
//!
//! Not here: detection from text (`hexapla_core::language`).

use std::path::Path;

use hexapla_core::Language;

/// Where a name tells the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The file's name.
    FileName,
    /// The folder's name.
    Folder,
}

/// What a path tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Name {
    /// The language, and what told it.
    pub(crate) language: Option<(Language, Told)>,
    /// The parts of the name without extension and language: `talks`, `retranslated`.
    pub(crate) parts: Vec<String>,
}

/// Reads the name of `path`.
pub(crate) fn read(path: &Path) -> Name {
    let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut parts: Vec<String> = file.split('.').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    // The last part is the extension, unless it is itself a language, as in `corpus.de`.
    if parts.len() > 1 && parts.last().and_then(|p| known(p)).is_none() {
        parts.pop();
    }
    for k in (0..parts.len()).rev() {
        if let Some(language) = known(&parts[k]) {
            parts.remove(k);
            return Name { language: Some((language, Told::FileName)), parts };
        }
    }
    if let Some((rest, language)) = parts.last().and_then(|p| at_end(p)) {
        parts.pop();
        parts.extend((!rest.is_empty()).then_some(rest));
        return Name { language: Some((language, Told::FileName)), parts };
    }
    let folder = path.parent().and_then(Path::file_name).map(|f| f.to_string_lossy().into_owned());
    let language = folder.and_then(|f| known(&f)).map(|l| (l, Told::Folder));
    Name { language, parts }
}

/// The language at the end of a part, after `_` or `-`, and what stands before it: `talks`, `pt-BR` of `talks_pt_BR`.
fn at_end(part: &str) -> Option<(String, Language)> {
    let cuts = part.char_indices().filter(|(_, c)| matches!(c, '_' | '-')).map(|(i, _)| i);
    cuts.filter_map(|i| Some((part[..i].to_owned(), known(&part[i + 1..])?))).next()
}

/// The language of a name's part, where the part is a code in use: not every word of two letters is one.
pub(crate) fn known(part: &str) -> Option<Language> {
    let language = Language::parse(part).ok()?;
    let listed = TWO_LETTERS.split(' ').any(|c| c == language.primary());
    // `en-final` is well-formed BCP-47, but `final` is no script or region.
    let regular = language.as_str().split('-').skip(1).all(|s| match s.len() {
        2 => s.bytes().all(|b| b.is_ascii_uppercase()),
        3 => s.bytes().all(|b| b.is_ascii_digit()),
        4 => SCRIPTS.contains(&s),
        _ => false,
    });
    // Words of three letters abound (`may`, `new`); as a code they are taken in lower case and without an English
    // meaning only.
    let word = part.len() == 3 && (WORDS.contains(&part) || part.bytes().any(|b| b.is_ascii_uppercase()));
    (listed && regular && !word).then_some(language)
}

/// The codes of ISO 639-1.
const TWO_LETTERS: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy \
    da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii \
    ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr \
    ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl \
    sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh \
    zu";

/// Scripts that stand in language tags (ISO 15924).
const SCRIPTS: &[&str] =
    &["Arab", "Armn", "Beng", "Cyrl", "Deva", "Geor", "Grek", "Guru", "Hans", "Hant", "Hebr", "Latn", "Mong", "Tfng"];

/// Three-letter codes of languages that are also words in file names.
const WORDS: &[&str] = &[
    "arm", "cat", "dan", "fin", "fry", "ice", "kin", "lit", "mac", "mar", "may", "mon", "pan", "per", "run", "sin",
    "sun",
];

/// A short name for a version, different from all in `taken`: what its name has beyond the source's, else its number.
pub(crate) fn version(source: &Name, version: &Name, number: usize, taken: &[String]) -> String {
    let own: Vec<&str> = version.parts.iter().filter(|p| !source.parts.contains(p)).map(String::as_str).collect();
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let name: String = own.join("-").chars().map(plain).collect();
    if name.is_empty() || taken.contains(&name) { number.to_string() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(path: &str) -> Option<(String, Told)> {
        read(Path::new(path)).language.map(|(l, t)| (l.as_str().to_owned(), t))
    }

    #[test]
    fn languages_are_read_from_names_and_folders() {
        for (path, language, by) in [
            ("talks.ru.txt", "ru", Told::FileName),
            ("a b/talks_ru.txt", "ru", Told::FileName),
            ("talks-ru.txt", "ru", Told::FileName),
            ("talks.retranslated.en.txt", "en", Told::FileName),
            ("talks.en.retranslated.txt", "en", Told::FileName),
            ("talks_pt_BR.txt", "pt-BR", Told::FileName),
            ("talks.zh-Hant.txt", "zh-Hant", Told::FileName),
            ("talks.deu.txt", "de", Told::FileName),
            ("corpus.de", "de", Told::FileName),
            ("en.txt", "en", Told::FileName),
            ("ru/talks.txt", "ru", Told::Folder),
            ("/x/pt-BR/talks", "pt-BR", Told::Folder),
            ("de/talks.fr.txt", "fr", Told::FileName),
        ] {
            assert_eq!(told(path), Some((language.to_owned(), by)), "{path}");
        }
    }

    #[test]
    fn words_are_no_languages() {
        for path in
            ["talks.txt", "report_may.txt", "the.new.txt", "src.txt", "talks.xx.txt", "x.en-final.txt", "txt", ""]
        {
            assert_eq!(told(path), None, "{path}");
        }
    }

    #[test]
    fn versions_are_named_by_what_is_their_own() {
        let name = |p: &str| read(Path::new(p));
        let source = name("talks.en.txt");
        assert_eq!(version(&source, &name("talks.retranslated.en.txt"), 1, &[]), "retranslated");
        assert_eq!(version(&source, &name("x/talks.en.txt"), 2, &[]), "2");
        assert_eq!(version(&source, &name("talks.old ed.en.txt"), 2, &[]), "old-ed");
        assert_eq!(version(&source, &name("b.en.txt"), 3, &["b".into()]), "3");
    }
}
