//! Dictionaries with a pair a line.

use hexapla_core::Dictionary;

use super::{Format, Read};

/// Reads pairs from lines, in the format that most of them have.
pub(super) fn parse(text: &str) -> Read {
    let lines = || {
        let numbered = text.lines().enumerate().map(|(k, l)| (k + 1, l.trim_end_matches('\r')));
        numbered.filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'))
    };
    let count = |f: fn(&str) -> Option<(&str, &str)>| lines().filter(|(_, l)| f(l).is_some()).count();
    let format = if count(hunalign) > count(tsv) { Format::Hunalign } else { Format::Tsv };
    let pair = if format == Format::Hunalign { hunalign } else { tsv };
    let mut read = Read { dictionary: Dictionary::default(), format, skipped: 0, first_skipped: None };
    for (number, line) in lines() {
        let Some((source, target)) = pair(line) else {
            read.skipped += 1;
            read.first_skipped.get_or_insert(number);
            continue;
        };
        for s in source.split(';') {
            for t in target.split(';') {
                read.dictionary.push(s, t);
            }
        }
    }
    read
}

fn tsv(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.split('\t').map(str::trim);
    filled(cells.next()?, cells.next()?)
}

/// hunalign has the target first.
fn hunalign(line: &str) -> Option<(&str, &str)> {
    let (target, source) = line.split_once(" @ ")?;
    filled(source.trim(), target.trim())
}

fn filled<'a>(source: &'a str, target: &'a str) -> Option<(&'a str, &'a str)> {
    (!source.is_empty() && !target.is_empty()).then_some((source, target))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(read: &Read) -> Vec<(&str, &str)> {
        read.dictionary.pairs().collect()
    }

    #[test]
    fn tabs_and_alternatives() {
        let read = parse("# en-hu\r\nhouse\tház; épület\tnoun\r\n\r\nnothing here\nhouse\t \nred\tpiros\n");
        assert_eq!(read.format, Format::Tsv);
        assert_eq!(pairs(&read), [("house", "ház"), ("house", "épület"), ("red", "piros")]);
        assert_eq!((read.skipped, read.first_skipped), (2, Some(4)));
    }

    #[test]
    fn hunalign_has_the_target_first() {
        let read = parse("house @ ház\nrailway station @ pályaudvar\nbroken\n");
        assert_eq!(read.format, Format::Hunalign);
        assert_eq!(pairs(&read), [("ház", "house"), ("pályaudvar", "railway station")]);
        assert_eq!((read.skipped, read.first_skipped), (1, Some(3)));
    }
}
