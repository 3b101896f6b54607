//! What buyers type, in which canonical form it is read, and which code is meant: from tables, not by the engine.

use redeemable::Promo;

/// Canonical codes, and three ways to type each.
pub const CODES: [(&str, [&str; 3]); 8] = [
    ("SUMMER", ["summer", " Summer\u{200B}", "SUMMER"]),
    ("ÄPFEL/2", ["Äpfel/2", "äpfel/２", "ÄPFEL/2 "]),
    ("COMP", ["COMP", "ｃｏｍｐ", "co\u{AD}mp"]),
    ("STRASSE", ["straße", "STRASSE", "\tStrasse"]),
    ("SUM-MER", ["sum-mer", "SUM-MER", "\u{FEFF}Sum-mer"]),
    ("NOPE", ["nope", "NOPE", "Nope"]),
    ("S.UM MER", ["s.um mer", " S.UM MER", "S.Um mer"]),
    ("CO—MP", ["co—mp", "CO—MP", "Co—mp "]),
];
/// Promotions have the first so many codes. Nobody has the others, but some of these are another spelling.
pub const PROMOTED: usize = 5;
/// Codes that differ only by a dash, a blank or a dot.
const ALIKE: [&[&str]; 2] = [&["SUMMER", "SUM-MER", "S.UM MER"], &["COMP", "CO—MP"]];
/// A code that is blank: only white space and an invisible character.
pub const BLANK: &str = " \u{200F} ";

/// The canonical form of a typed code.
pub fn canonical(typed: &str) -> Option<&'static str> {
    CODES.iter().find(|(_, ways)| ways.contains(&typed)).map(|(code, _)| *code)
}

/// Whether the two canonical codes are one code that is typed in two ways.
pub fn alike(one: &str, other: &str) -> bool {
    one == other || ALIKE.iter().any(|codes| codes.contains(&one) && codes.contains(&other))
}

/// Which of the known codes is meant: the canonical one, else the only one that is alike.
pub fn meant<'a>(typed: &'a str, known: &[&'a str]) -> &'a str {
    let mut near: Vec<_> = known.iter().filter(|code| alike(code, typed)).collect();
    near.dedup();
    match near[..] {
        [only] if !known.contains(&typed) => only,
        _ => typed,
    }
}

/// The canonical codes of the promotions.
pub fn of(promos: &[Promo]) -> Vec<&'static str> {
    promos.iter().filter_map(|promo| canonical(&promo.code)).collect()
}
