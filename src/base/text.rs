//! Strings with bounds, canonical codes and canonical identities.

use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::base::case::{lower, upper};
use crate::base::money::Integer;

/// A string of 1 to `MOST` characters (Unicode scalar values). Its copies share it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text<const MOST: usize>(Arc<str>);

/// The name of an order, an event, a ticket type, a promotion or a pool.
pub type Name = Text<256>;
/// A currency, in the host's spelling.
pub type Currency = Text<16>;

impl<const MOST: usize> Text<MOST> {
    /// The string, if its length is within the bounds.
    pub fn new(text: impl Into<Arc<str>>) -> Option<Self> {
        let text = text.into();
        (1..=MOST).contains(&text.chars().count()).then_some(Self(text))
    }
}

impl<const MOST: usize> fmt::Display for Text<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<const MOST: usize> Deref for Text<MOST> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de, const MOST: usize> Deserialize<'de> for Text<MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(TextVisitor)
    }
}

struct TextVisitor<const MOST: usize>;

impl<const MOST: usize> Visitor<'_> for TextVisitor<MOST> {
    type Value = Text<MOST>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a string of 1 to {MOST} characters")
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Text::new(text).ok_or_else(|| match text.chars().count() {
            0 => E::custom(format_args!("expected {self}, found an empty string")),
            count => E::custom(format_args!("expected {self}, found {count} characters")),
        })
    }
}

impl<const MOST: usize> fmt::Display for TextVisitor<MOST> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.expecting(f)
    }
}

/// A kind of identity: `email`, `npub`, `account`, `card` …
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Kind(String);

impl Kind {
    /// The kind, if it has 1 to 32 characters from `a-z`, `0-9` and `_`.
    pub fn new(kind: impl Into<String>) -> Option<Self> {
        let kind = kind.into();
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        ((1..=32).contains(&kind.len()) && kind.bytes().all(allowed)).then_some(Self(kind))
    }
}

impl Borrow<str> for Kind {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Deref for Kind {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).ok_or_else(|| {
            serde::de::Error::custom("expected a kind of 1 to 32 characters from a-z, 0-9 and _")
        })
    }
}

/// A set of names: the keys of this map. It has the type of the map of counters, because each further type of map or
/// set weighs 4 kB in the wasm.
pub(crate) type Names = BTreeMap<String, Integer>;

/// The positions of the names that an earlier entry has, too. `None` is an entry without a name, and is ignored.
pub(crate) fn repeated(names: &mut dyn Iterator<Item = Option<&str>>) -> Vec<usize> {
    let mut seen = Names::new();
    let mut twice = |name: &str| seen.insert(name.to_owned(), Integer::ZERO).is_some();
    (0..).zip(names).filter_map(|(position, name)| name.is_some_and(&mut twice).then_some(position)).collect()
}

/// The form in which a code is looked up, counted and recorded: `ｓｕｍｍｅｒ 20` is `SUMMER 20`.
pub(crate) fn canonical_code(typed: &str) -> String {
    let visible: String = typed.chars().filter(|&c| !is_invisible(c)).map(narrow).collect();
    upper(visible.trim())
}

/// The canonical code without white space, dashes and marks, which people leave out or add when they tell each other a
/// code: `GALA-20` becomes `GALA20`.
pub(crate) fn loose_code(canonical: &str) -> String {
    canonical.chars().filter(|&c| !c.is_whitespace() && !is_dash(c) && !is_mark(c)).collect()
}

/// Whether a promo may have this canonical code: 1 to 64 characters and no control character.
pub(crate) fn is_code(canonical: &str) -> bool {
    (1..=64).contains(&canonical.chars().count()) && !canonical.contains(char::is_control)
}

/// Whether it is a soft hyphen, a zero-width character, a direction mark or the byte-order mark.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}'
    )
}

/// Whether it is a dash of Unicode 17 (general category Pd) or the minus sign.
fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{58A}' | '\u{5BE}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}'
                | '\u{2212}'
                | '\u{2E17}'
                | '\u{2E1A}'
                | '\u{2E3A}'
                | '\u{2E3B}'
                | '\u{2E40}'
                | '\u{2E5D}'
                | '\u{301C}'
                | '\u{3030}'
                | '\u{30A0}'
                | '\u{FE31}'
                | '\u{FE32}'
                | '\u{FE58}'
                | '\u{FE63}'
                | '\u{FF0D}'
                | '\u{10D6E}'
                | '\u{10EAD}'
    )
}

/// Whether it is a dot, an underscore, an apostrophe or a quotation mark.
fn is_mark(character: char) -> bool {
    matches!(
        character,
        '.' | '_' | '"' | '\'' | '`' | '\u{AB}' | '\u{B4}' | '\u{BB}' | '\u{2BC}' | '\u{2018}'
            ..='\u{201F}' | '\u{2032}' | '\u{2033}' | '\u{2039}' | '\u{203A}'
    )
}

/// A full-width ASCII character as plain ASCII; any other as it is.
fn narrow(character: char) -> char {
    const OFFSET: u32 = 0xFF01 - 0x21;
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character).saturating_sub(OFFSET)).unwrap_or(character)
        }
        other => other,
    }
}

/// The value under which a person is counted. With `fold`, all aliases of a mailbox are one person.
pub(crate) fn canonical_identity(kind: &str, value: &str, fold: bool) -> String {
    let trimmed = value.trim();
    match kind {
        "email" if fold => folded_email(&lower(trimmed)),
        "email" | "npub" => lower(trimmed),
        _ => trimmed.to_owned(),
    }
}

/// The address without `+tag`; at Gmail also without dots, and with gmail.com as its domain. Nothing is removed where
/// that would leave nothing before the `@`.
fn folded_email(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else {
        return address.to_owned();
    };
    let untagged = match local.split_once('+') {
        Some((name, _)) if !name.is_empty() => name,
        _ => local,
    };
    if domain != "gmail.com" && domain != "googlemail.com" {
        return [untagged, "@", domain].concat();
    }
    let undotted = untagged.replace('.', "");
    let local = if undotted.is_empty() { untagged } else { &undotted };
    [local, "@gmail.com"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_the_buyer_meant() {
        assert_eq!(canonical_code("\u{FEFF}\u{3000} ｓｕｍｍｅｒ\u{AD}２０ \t"), "SUMMER20");
        assert_eq!(canonical_code("stra\u{200B}ße"), "STRASSE");
        assert_eq!(canonical_code(" \u{200F} "), "");
        assert!(is_code(&"A".repeat(64)) && !is_code(&"A".repeat(65)));
        assert!(!is_code("") && !is_code("A\tB"));
    }

    #[test]
    fn signs_play_no_part_in_the_loose_form() {
        assert_eq!(loose_code("GALA\u{2013}2026"), "GALA2026");
        assert_eq!(loose_code(" G-A\u{A0}L.A_2'0\u{201D}2\u{3000}6\u{2212}"), "GALA2026");
        for sign in
            "\t -\u{58A}\u{5BE}\u{2010}\u{2015}\u{2212}\u{2E3B}\u{30A0}\u{FE63}\u{FF0D}\u{10D6E}\u{10EAD}._"
                .chars()
        {
            assert_eq!(loose_code(&format!("A{sign}B")), "AB", "{sign}");
        }
        for mark in
            "\"'`\u{AB}\u{B4}\u{BB}\u{2BC}\u{2018}\u{201B}\u{201F}\u{2032}\u{2033}\u{2039}\u{203A}".chars()
        {
            assert_eq!(loose_code(&format!("A{mark}B")), "AB", "{mark}");
        }
        let others = "A+B/C,D:E;F!G~H\u{B7}I\u{2016}J\u{2017}K\u{2020}L\u{2034}M";
        assert_eq!(loose_code(others), others);
        assert_eq!(loose_code("-._"), "");
    }

    #[test]
    fn aliases_of_one_mailbox_fold() {
        let fold = |value| canonical_identity("email", value, true);
        assert_eq!(fold(" Ann+a+b@Example.org "), "ann@example.org");
        assert_eq!(fold("A.n.n+x@GoogleMail.com"), "ann@gmail.com");
        assert_eq!(fold("+tag@example.org"), "+tag@example.org");
        assert_eq!(fold("..+x@gmail.com"), "..@gmail.com");
        assert_eq!(fold("ann+tag"), "ann+tag");
        assert_eq!(fold("ann@home+x"), "ann@home+x");
        assert_eq!(fold("@googlemail.com"), "@gmail.com");
        let exact = canonical_identity("email", "A.nn+x@googlemail.com", false);
        assert_eq!(exact, "a.nn+x@googlemail.com");
        assert_eq!(canonical_identity("npub", " NPUB1 ", true), "npub1");
        assert_eq!(canonical_identity("account", " A ", true), "A");
    }
}
