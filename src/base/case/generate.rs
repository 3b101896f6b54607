//! Makes `tables.rs` from the standard library, which maps case as `UnicodeData.txt` and the unconditional part of
//! `SpecialCasing.txt` say.
//!
//! To move to the next Unicode, take a compiler that knows it (`char::UNICODE_VERSION`) and run
//! `WRITE_CASE_TABLES=1 cargo test --lib base::case`. Change the number of Unicode in `case.rs` and in DESIGN.md, and
//! write a ★ into CHANGELOG.md: the canonical form of a code with letters that Unicode adds may change.
#![allow(clippy::arithmetic_side_effects, reason = "a failure is a failed test")]

use super::tables::UNICODE;
use super::{lower, upper};

/// A character, and how far after it the character of the other case is.
type Mapping = (u32, i32);

/// The upper case of a character, if it is one other character.
fn single_upper(c: char) -> Option<char> {
    single(c, c.to_uppercase())
}

/// The lower case of a character, if it is one other character.
fn single_lower(c: char) -> Option<char> {
    single(c, c.to_lowercase())
}

fn single(c: char, mut mapped: impl ExactSizeIterator<Item = char>) -> Option<char> {
    mapped.next().filter(|to| mapped.len() == 0 && *to != c)
}

/// The source text of one table: all characters that `to` maps, grouped into runs.
fn table(name: &str, doc: &str, to: impl Fn(char) -> Option<char>) -> String {
    let distance = |c: char| {
        Some((u32::from(c), i32::try_from(i64::from(u32::from(to(c)?)) - i64::from(u32::from(c))).unwrap()))
    };
    let runs = runs(&('\0'..=char::MAX).filter_map(distance).collect::<Vec<_>>());
    let entries: Vec<_> =
        runs.iter().map(|(first, last, step, to)| format!("({first:#x}, {last:#x}, {step}, {to})")).collect();
    constant(doc, "rustfmt::skip", &format!("{name}: &[Run]"), &lines(&entries))
}

fn constant(doc: &str, attribute: &str, name_and_type: &str, value: &str) -> String {
    format!("/// {doc}\n#[{attribute}]\npub(super) const {name_and_type} = {value};\n")
}

/// Groups mappings of the same distance into runs. A run has every character from its first to its last, or every
/// second one.
fn runs(mappings: &[Mapping]) -> Vec<(u32, u32, u32, i32)> {
    let mut runs: Vec<(u32, u32, u32, i32)> = Vec::new();
    for &(c, to) in mappings {
        if let Some(run) = runs.last_mut() {
            let gap = c - run.1;
            let is_alone = run.0 == run.1;
            if run.3 == to && (if is_alone { gap <= 2 } else { gap == run.2 }) {
                (run.1, run.2) = (c, gap);
                continue;
            }
        }
        runs.push((c, c, 1, to));
    }
    runs
}

/// The source text of a list, with as many entries in each line as fit into 110 columns.
fn lines(entries: &[String]) -> String {
    let mut lines = String::from("&[");
    let mut width = 0;
    for entry in entries {
        let added = entry.chars().count() + 2;
        if width == 0 || width + added > 110 {
            lines += "\n    ";
            width = 3;
        } else {
            lines.push(' ');
        }
        lines += &format!("{entry},");
        width += added;
    }
    lines + "\n]"
}

/// The source text of a string. Combining characters are written by number: an editor would put them on the character
/// before, which may be the quotation mark.
fn literal(text: impl Iterator<Item = char>) -> String {
    let combines = |c: &char| ('\u{300}'..='\u{36f}').contains(c);
    let escaped: String =
        text.map(|c| if combines(&c) { c.escape_unicode().to_string() } else { c.into() }).collect();
    format!("\"{escaped}\"")
}

fn generate() -> String {
    let paired = |c: char| single_upper(c).filter(|upper| single_lower(*upper) == Some(c));
    let is_upper_of_a_pair = |c: char| single_lower(c).is_some_and(|lower| single_upper(lower) == Some(c));
    let upper_only = |c: char| single_upper(c).filter(|_| paired(c).is_none());
    let lower_only = |c: char| single_lower(c).filter(|_| !is_upper_of_a_pair(c));
    let specials: Vec<_> = ('\0'..=char::MAX)
        .filter(|c| c.to_uppercase().len() > 1)
        .map(|c| format!("('{c}', {})", literal(c.to_uppercase())))
        .collect();
    [
        "//! Made by `generate.rs`; do not edit.\n\nuse super::Run;\n".to_owned(),
        constant(
            "The Unicode of these tables.",
            "cfg(test)",
            "UNICODE: (u8, u8, u8)",
            &format!("{:?}", char::UNICODE_VERSION),
        ),
        table(
            "PAIRS",
            "Pairs of a lower-case and an upper-case letter, each of which maps to the other.",
            paired,
        ),
        table(
            "UPPER_ONLY",
            "Lower- and title-case letters whose upper case maps back to another letter.",
            upper_only,
        ),
        table(
            "LOWER_ONLY",
            "Upper- and title-case letters whose lower case maps back to another letter.",
            lower_only,
        ),
        constant(
            "Characters whose upper case is several characters.",
            "rustfmt::skip",
            "SPECIAL_UPPER: &[(char, &str)]",
            &lines(&specials),
        ),
    ]
    .join("\n")
}

/// A compiler with another Unicode would make other tables, so this test compares only if the Unicode is the same. The
/// next test also checks under a later Unicode.
#[test]
fn the_tables_are_what_the_standard_library_makes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/base/case/tables.rs");
    if std::env::var_os("WRITE_CASE_TABLES").is_some() {
        std::fs::write(path, generate()).unwrap();
    } else if char::UNICODE_VERSION == UNICODE {
        assert!(
            generate() == include_str!("tables.rs"),
            "make src/base/case/tables.rs anew: WRITE_CASE_TABLES=1 cargo test --lib base::case"
        );
    } else {
        assert!(char::UNICODE_VERSION > UNICODE, "a compiler older than the tables");
    }
}

/// A later Unicode maps more characters than our tables do, but none of theirs differently.
#[test]
fn every_character_is_mapped_as_the_standard_library_does() {
    let exact = char::UNICODE_VERSION == UNICODE;
    const CASELESS: char = '\u{20000}'; // from here on: ideographs, tags and private use, which have no case
    assert!((CASELESS..=char::MAX).all(|c| c.to_uppercase().eq([c]) && c.to_lowercase().eq([c])));
    for c in '\0'..CASELESS {
        let (text, upper, lower) = (c.to_string(), upper(&c.to_string()), lower(&c.to_string()));
        if exact || upper != text {
            assert_eq!(upper, c.to_uppercase().to_string(), "{c:?}");
        }
        if c == 'ς' {
            assert_eq!(lower, "σ");
        } else if exact || lower != text {
            assert_eq!(lower, c.to_lowercase().to_string(), "{c:?}");
        }
    }
}
