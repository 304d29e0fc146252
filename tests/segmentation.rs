//! Segmentation, rule by rule: each test reads as the documentation of one rule (docs/segmentation.md).
//!
//! `|` stands where a sentence ends. The texts are our own.

use hexapla_core::segment::{Newlines, SegmentOptions, Segmenter};
use hexapla_core::{Language, Segment, SegmentKind};

fn cut_with(language: &str, text: &str, newlines: Newlines) -> Vec<Segment> {
    let mut options = SegmentOptions::default();
    options.newlines = newlines;
    Segmenter::new(&Language::parse(language).unwrap(), options).segment(text)
}

/// Checks that `marked` is cut at its bars and nowhere else.
#[track_caller]
fn cuts(language: &str, marked: &str) {
    let text = marked.replace('|', "");
    let cut = cut_with(language, &text, Newlines::Paragraph);
    let found: Vec<&str> = cut.iter().map(|s| s.content.of(&text)).collect();
    let wanted: Vec<&str> = marked.split('|').map(str::trim).collect();
    assert_eq!(found, wanted, "{language}");
}

#[test]
fn abbreviations_that_never_end_a_sentence() {
    cuts("en", "Mrs. Hill met Dr. Stone. |They talked.");
    cuts("de", "Das kostet z. B. bei Fr. Klein mehr. |Hier nicht.");
    cuts("ru", "Он жил на ул. Мира, т. е. рядом. |Потом уехал.");
    cuts("pl", "Spotkał prof. Zielińską przy ul. Długiej. |Rozmawiali.");
    cuts("cs", "Řekl to např. dr. Malý. |Nikdo nevěřil.");
}

#[test]
fn a_semicolon_before_a_word_that_begins_sentences_ends_one() {
    // Items of laws and lists, run together; in prose lower case follows.
    cuts("es", "El órgano decide; |Los miembros votan después.");
    cuts("fr", "Le conseil décide ; |Il vote ensuite ; puis il part.");
    cuts("it", "Il consiglio decide; Roma attende; |La giunta vota.");
    cuts("es", "El órgano decide; |¿Cómo votan los miembros?");
    cuts("en", "He waited; I left; nobody came (see no. 1); The Times said so.");
}

#[test]
fn a_unit_behind_a_number_goes_on_before_numbers_and_where_it_opens_the_sentence() {
    cuts("ru", "Дом построили в 1998 г. |Потом он сгорел.");
    cuts("ru", "В 1998 г. Иванов уехал. |В 1999 г. 12 мая он вернулся.");
    cuts("uk", "Див. ст. 5 закону. |Місто заснували в XIX ст. |Тут тихо.");
    cuts("pl", "W 2000 r. Jan Nowak wyjechał. |Zmarł tam zimą w 2005 r. |Był sam.");
}

#[test]
fn times_of_day_go_on_with_the_day_and_the_time_zone() {
    cuts("en", "They left at 9 a.m. Tuesday. |They were back at 5 p.m. EST.");
    // A time alone is no sentence.
    cuts("en", "At 6 p.m. Mr. Hill came. |He came at 6 p.m. |Mr. Stone left.");
}

#[test]
fn compounds_may_end_in_an_abbreviation() {
    cuts("de", "Er wohnt in der Goethestr. 12 in Ulm. |Sie wohnt in der Lindenstr. 3.");
}

#[test]
fn joined_capitals_are_initials() {
    cuts("fr", "J.-P. Martin est venu. |Il est parti.");
    cuts("ar", "كتب أ. م. حسن كتابا. |ثم سافر.");
    cuts("en", "The bill, H.R. 1234, passed. |It was short.");
}

#[test]
fn the_words_of_who_speaks_belong_to_the_quotation() {
    cuts("zh", "“回来！”她喊道。|“好。”|他走了。");
    cuts("ko", "\"돌아와!\" 그녀가 외쳤다. |그는 갔다.");
}

#[test]
fn dutch_clitics_leave_the_capital_to_the_next_word() {
    cuts("nl", "Het regende. |’s Avonds was het droog. |'t Was koud.");
}

/// Paragraphs as in newspapers and encyclopaedias, with the usual traps, in many languages.
#[test]
fn whole_paragraphs_of_many_languages() {
    let file = include_str!("segmentation/paragraphs.tsv");
    let lines = file.lines().filter(|l| !l.starts_with('#'));
    let mut count = 0;
    for (language, marked) in lines.filter_map(|l| l.split_once('\t')) {
        cuts(language, marked);
        count += 1;
    }
    assert!(count >= 75, "{count}");
}

#[test]
fn abbreviations_before_a_name_end_a_sentence_before_a_word_that_begins_sentences() {
    cuts("en", "She left Mills Inc. Friday night.");
    cuts("en", "She left Mills Inc. |The others stayed.");
    cuts("en", "He moved to the U.S. Senate. |He likes the U.S. |It is large.");
}

#[test]
fn abbreviations_before_a_number() {
    cuts("en", "See Fig. 3 and No. 12. |Answer no. |Then stop.");
    cuts("de", "Siehe S. 4 und Abb. 2. |Danach Kap. 7.");
}

#[test]
fn units_may_end_a_sentence_behind_a_number_only() {
    cuts("ru", "Дом построен в 1912 г. |Он цел.");
    cuts("ru", "Поезд идёт в г. Орёл.");
}

#[test]
fn initials_and_acronyms() {
    cuts("en", "The letter of J. R. Marsh arrived. |H. Dean read it.");
    cuts("uk", "Книга Т. Г. Петренка вийшла. |Її купили.");
    cuts("ta", "எம்.ஜி.ஆர். வந்தார். |அவர் பேசினார்.");
}

#[test]
fn ordinals_dates_and_decimals() {
    cuts("de", "Am 3. Oktober begann der 2. Versuch. |Er gelang.");
    cuts("da", "Den 4. maj kom 3.500 gæster. |De blev.");
    cuts("sk", "Prišiel 7. Apríla. |Odišiel.");
    cuts("en", "It rose by 3.14 points in 1998. |Then it fell.");
    cuts("hr", "Karlo XII. Veliki vladao je dugo. |Umro je.");
}

#[test]
fn items_of_lists() {
    cuts("en", "1. Mix the flour.");
    cuts("en", "1) Mix the flour |2) Add the milk |3) Bake it");
    cuts("en", "• flour |• milk |• salt");
    cuts("fi", "Tee näin: |1. Sekoita jauhot. |Odota hetki.");
}

#[test]
fn lower_case_goes_on_after_a_question_an_exclamation_or_an_ellipsis() {
    cuts("en", "“Stay!” she cried. |He left.");
    cuts("cs", "„Kam jdeš?“ zeptala se. |Mlčel.");
    cuts("ru", "— Стой! — крикнул он. |Я встал.");
    cuts("es", "Quería... no sé. |Nada.");
}

#[test]
fn lower_case_begins_a_sentence_behind_a_whole_word() {
    cuts("en", "we went there yesterday. |nobody was home. |are you sure? |i think so");
    cuts("pl", "Nie było go wczoraj. |a dzisiaj przyszedł. |Dobrze?");
}

#[test]
fn closing_marks_stay_with_their_sentence() {
    cuts("en", "He said “Go.” |She went. |(Nobody saw it.) |It rained.");
    cuts("fr", "« Partez ! » |Elle partit.");
    cuts("zh", "他说：“走吧。”|她走了。");
    cuts("ja", "「行こう。」と彼は言った。|彼女は行った。");
    cuts("nl", "Hij zei het. |,,Dat klopt.'' |Zij knikte.");
    cuts("en", "It was found there.[3] |Others doubt it.[4][5] |They may be right.");
}

#[test]
fn addresses_and_file_names_are_one_word() {
    cuts("en", "Write to ann.lee@post.example.org or see www.example.org/a.html. |Thanks.");
    cuts("en", "Open notes.txt with Node.js 2.0. |Done.");
}

#[test]
fn the_marks_of_other_scripts() {
    cuts("hi", "वह आया।|सब चले गए।");
    cuts("ur", "وہ آیا۔ |سب چلے گئے۔");
    cuts("ar", "من جاء؟ |لا أحد يعرف. |ذهبوا جميعا!");
    cuts("hy", "Նա եկավ։ |Բոլորը գնացին: |Վերջ։");
    cuts("am", "እሱ መጣ። |ሁሉም ሄዱ።");
    cuts("km", "គាត់មក។ |ពួកគេទៅ។");
    cuts("my", "သူလာသည်။ |သူတို့သွားကြသည်။");
    cuts("bo", "ཁོང་ཕེབས་སོང་། |ཚང་མ་ཕྱིན་སོང་།");
    cuts("el", "Ποιος ήρθε; |Κανείς δεν ξέρει. |Έφυγαν.");
    cuts("ka", "ის მოვიდა. |ყველა წავიდა.");
    cuts("he", "הוא בא. |כולם הלכו!");
}

#[test]
fn sentences_without_a_mark() {
    cuts("ko", "어제 갔습니다 |아무도 없었어요 |그래서 돌아왔다.");
    cuts("ko", "“안 갑니다.”라고 말했다. |모두 떠났다.");
    let thai = "เมื่อวานนี้เราเดินทางไปตลาดน้ำกับเพื่อนหลายคนตั้งแต่เช้า เขาซื้อผลไม้และขนมกลับบ้านไปฝากแม่กับน้องสาวด้วย";
    assert_eq!(cut_with("th", thai, Newlines::Paragraph).len(), 2);
}

#[test]
fn quotations_and_who_says_them_where_the_verb_comes_last() {
    cuts("mr", "\"तू कुठे होतास?\" आई म्हणाली. |तो गप्प बसला.");
}

#[test]
fn paragraphs_kinds_and_line_breaks() {
    let text = "  Chapter One\r\n\r\nIt was late. Nobody\ncame.\n\n- bread\n- salt\n";
    let cut = cut_with("en", text, Newlines::Wrapped);
    let found: Vec<_> = cut.iter().map(|s| (s.content.of(text), s.paragraph, s.kind)).collect();
    assert_eq!(found[0], ("", 0, SegmentKind::Blank));
    assert_eq!(found[1], ("Chapter One", 0, SegmentKind::Heading));
    assert_eq!(found[2], ("It was late.", 1, SegmentKind::Sentence));
    assert_eq!(found[3], ("Nobody\ncame.", 1, SegmentKind::Sentence));
    assert_eq!(found[4].2, SegmentKind::ListItem);
    let lines = cut_with("en", "One line\nanother. And more\u{2029}third", Newlines::Paragraph);
    assert_eq!(lines.iter().map(|s| s.paragraph).collect::<Vec<_>>(), [0, 1, 1, 2]);
}

#[test]
fn a_language_without_a_file_gets_the_common_rules() {
    cuts("xal", "Dr. Ivanov came. |J. Smith went. |Why?");
    cuts("und", "One. |Two! |Three?");
}

/// A seeded generator (splitmix64), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    /// A text of what matters to segmentation, and of any characters at all.
    fn text(&mut self) -> String {
        const MATTERS: &[char] = &[
            '.', '.', '.', ' ', ' ', ' ', '\n', '\r', '\t', '!', '?', '…', '"', '\'', '“', '”', '«', '»', '(', ')',
            '[', ']', '。', '！', '」', '।', '۔', '։', ':', ';', ',', '-', '—', '•', '1', '2', 'a', 'b', 'Z', 'я', 'Ж',
            '的', 'の', '가', '다', '요', 'ก', 'ว', 'م', 'क', '्', '😀', '\u{200D}', '\u{FE0F}', '\u{2028}', '\u{2029}',
            '\u{85}', '\u{A0}', '\u{FEFF}', '\u{202A}', '\u{301}', '《', '》', ')', '=', 'D',
        ];
        let length = self.below(80);
        (0..length)
            .map(|_| match self.below(8) {
                0 => char::from_u32(self.below(0x11_0000) as u32).unwrap_or('\u{FFFD}'),
                _ => MATTERS[self.below(MATTERS.len() as u64) as usize],
            })
            .collect()
    }
}

#[test]
fn pieces_tile_any_text_byte_for_byte() {
    let languages = ["en", "de", "ru", "zh", "ja", "ko", "th", "ar", "hy", "el", "hi", "pl", "und"];
    let mut random = Random(20260922);
    for round in 0..20_000 {
        let text = random.text();
        let language = languages[round % languages.len()];
        for newlines in [Newlines::Paragraph, Newlines::Wrapped, Newlines::Auto] {
            let cut = cut_with(language, &text, newlines);
            let mut at = 0;
            let mut rebuilt = String::new();
            for s in &cut {
                let (a, b, end) = (s.content.start as usize, s.content.end as usize, s.end as usize);
                assert_eq!(a, at, "{language} {text:?}: a gap before byte {a}");
                let content = &text[a..b];
                assert!(text[b..end].trim().is_empty(), "{language} {text:?}: text behind byte {b} is lost");
                assert_eq!(content, content.trim(), "{language} {text:?}: white space around {content:?}");
                assert_eq!(content.is_empty(), s.kind == SegmentKind::Blank, "{language} {text:?}");
                rebuilt.push_str(&text[a..end]);
                at = end;
            }
            assert_eq!(rebuilt, text, "{language}");
        }
    }
}

#[test]
fn a_long_paragraph_takes_linear_time() {
    // Each of these asked for a look back or ahead that must not grow with the paragraph.
    for piece in ["\" . ", "1. a ", "《!", "[1] ", ". . . ", "(a. ", "요 ", "• x ", "aaaaaaaaaa"] {
        let text = piece.repeat(200_000 / piece.len());
        for language in ["en", "zh", "ko", "th"] {
            let start = std::time::Instant::now();
            cut_with(language, &text, Newlines::Paragraph);
            let took = start.elapsed();
            assert!(took.as_secs() < 20, "{language} {piece:?}: {took:?}");
        }
    }
}
