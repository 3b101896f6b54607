//! Upper and lower case of Unicode 17, from tables of our own.
//!
//! The standard library's tables grow with the compiler, so two builds of the engine could disagree about a code: its
//! counters would have another key, and their count would be lost. Our tables also make the compressed wasm 12 kB
//! smaller. `case/generate.rs` makes the tables, and says how to move to the next Unicode.

mod tables;

#[cfg(test)]
mod generate;

use tables::{LOWER_ONLY, PAIRS, SPECIAL_UPPER, UPPER_ONLY};

/// The text in upper case, full mapping: `ß` becomes `SS`.
pub(crate) fn upper(text: &str) -> String {
    let mut upper = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            upper.push(c.to_ascii_uppercase());
        } else if let Ok(found) = SPECIAL_UPPER.binary_search_by_key(&c, |(special, _)| *special) {
            upper.push_str(SPECIAL_UPPER.get(found).map_or("", |(_, several)| several));
        } else {
            upper.push(shifted(c, UPPER_ONLY).or_else(|| shifted(c, PAIRS)).unwrap_or(c));
        }
    }
    upper
}

/// The text in lower case, each character by itself: Greek sigma is `σ` wherever it stands.
pub(crate) fn lower(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            _ if c.is_ascii() => lower.push(c.to_ascii_lowercase()),
            'ς' => lower.push('σ'),
            'İ' => lower.push_str("i\u{307}"),
            _ => lower.push(shifted(c, LOWER_ONLY).or_else(|| unshifted(c, PAIRS)).unwrap_or(c)),
        }
    }
    lower
}

/// `(first, last, step, distance)`: every `step`-th character from `first` to `last` maps to the character `distance`
/// after it. The runs of a table are sorted and do not overlap.
type Run = (u32, u32, u32, i32);

fn shifted(c: char, runs: &[Run]) -> Option<char> {
    let after = runs.partition_point(|(first, ..)| *first <= u32::from(c));
    let run = runs.get(after.checked_sub(1)?).filter(|run| contains(run, u32::from(c)))?;
    u32::from(c).checked_add_signed(run.3).and_then(char::from_u32)
}

fn unshifted(c: char, runs: &[Run]) -> Option<char> {
    let before = |run: &Run| u32::from(c).checked_add_signed(run.3.checked_neg()?);
    let from = runs.iter().find_map(|run| before(run).filter(|from| contains(run, *from)))?;
    char::from_u32(from)
}

fn contains((first, last, step, _): &Run, c: u32) -> bool {
    (first..=last).contains(&&c) && c.checked_sub(*first).and_then(|n| n.checked_rem(*step)) == Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_mapped_character_by_character() {
        assert_eq!(upper("straße ﬁn ὈΔΥΣΣΕΎς"), "STRASSE FIN ὈΔΥΣΣΕΎΣ");
        assert_eq!(lower("İSTANBUL ΟΔΟΣ οδος"), "i\u{307}stanbul οδοσ οδοσ");
    }
}
