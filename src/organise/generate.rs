//! `generateCodes`: codes that cannot be guessed, from entropy that the host brings.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::{Bounded, Integer};
use crate::base::text::{Names, canonical_code, is_code};

/// How many codes are wanted, and how hard they must be to guess.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GenerateRequest {
    /// How many codes.
    pub count: Bounded<1, 10_000>,
    /// The least number of bits that somebody who guesses a code must get right; 50 bits are 12 characters.
    #[serde(default = "fifty")]
    pub bits: Bounded<40, 128>,
    /// Random bytes in hexadecimal, never used before: 16 bytes, and 2 more for each random character of each code.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^([0-9a-fA-F]{2})*$")))]
    pub entropy: String,
    /// The text with which each code begins. It adds nothing to the bits.
    #[serde(default)]
    pub prefix: String,
    /// Whether each code ends in a check character, which shows that a code was mistyped.
    #[serde(default)]
    pub check_character: bool,
    /// Codes that exist already, in any spelling.
    #[serde(default)]
    pub existing: Vec<String>,
}

/// New codes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GeneratedCodes {
    /// The codes in canonical form, all different.
    pub codes: Vec<String>,
    /// How many bits somebody who guesses a code must get right: those of the random characters, rounded down.
    pub bits: Integer,
}

fn fifty() -> Bounded<40, 128> {
    Bounded::new(50).unwrap_or(Bounded::LEAST)
}

/// Digits and capitals that nobody mistakes for each other: of 0 O D, of 1 I L, of 2 Z, of 5 S, of 6 G, of 8 B and of
/// U V, at most one is here. There is no A, E, I, O or U, so no code is a word. (Crockford's base 32 leaves out only I,
/// L, O and U.) There are 23 characters, because the check character works only with a prime number.
const ALPHABET: &[u8; 23] = b"23456789CDFHJKMNPQRTWXY";
/// The number of characters in `ALPHABET`.
const SIZE: u8 = 23;
/// The largest multiple of `SIZE` that fits into a byte. Random bytes of this value and above are not used: they would
/// make the first characters of the alphabet likelier.
const FAIR: u8 = 230;
/// The bits of one random character, log2 23, in millionths of a bit, rounded down.
const MICROBITS: u64 = 4_523_561;
/// Bytes that are asked for in addition, because one byte in ten is not used: without them, a request for few codes
/// could fail by chance.
const SPARE: u64 = 16;

/// Makes codes that cannot be guessed. All are different, and none exists already.
///
/// Each random character is one of 23, all equally likely. Each byte of the entropy makes one character, or none if it
/// would make some characters likelier. The engine itself has no randomness: the same entropy makes the same codes.
///
/// To check a code, read the characters after the prefix as a number in base 5, in which each character counts as its
/// position in `23456789CDFHJKMNPQRTWXY`, from 0. The check character makes this number divisible by 23. With one wrong
/// character it is not, nor with two characters swapped that are less than 22 places apart.
///
/// # Errors
/// If the request is malformed, if the entropy is too short, or if a code with this prefix cannot be a promo's code.
///
/// # Example
/// ```
/// use redeemable::{generate_codes, json};
///
/// // 16 bytes, and 2 for each of the 9 characters that 40 bits need; from a generator, not from a program's text.
/// let entropy = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021";
/// let request = format!(r#"{{"count": 1, "bits": 40, "entropy": "{entropy}", "prefix": "gala-"}}"#);
/// let request = json::read(request.as_bytes())?;
/// assert_eq!(generate_codes(&request)?.codes, ["GALA-23456789C"]);
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn generate_codes(request: &GenerateRequest) -> Result<GeneratedCodes, Error> {
    let length = request.bits.get().saturating_mul(1_000_000).div_ceil(MICROBITS);
    let bits = length.saturating_mul(MICROBITS) / 1_000_000;
    let count = Integer::new(request.count.get()).unwrap_or_default().index();
    let bytes = bytes(&request.entropy).map_err(|error| error.in_field("entropy"))?;
    let needed = request.count.get().saturating_mul(length).saturating_mul(2).saturating_add(SPARE);
    let found = bytes.len();
    if Integer::count(found).get() < needed {
        return Err(Error::new("entropy", format!("expected at least {needed} bytes, found {found}")));
    }
    let mut drawn = bytes.into_iter().filter(|byte| *byte < FAIR).map(|byte| byte % SIZE);
    let mut taken: Names =
        request.existing.iter().map(|code| (canonical_code(code), Integer::ZERO)).collect();
    let mut codes = Vec::new();
    while codes.len() < count {
        let mut values: Vec<u8> =
            drawn.by_ref().take(Integer::new(length).unwrap_or_default().index()).collect();
        if Integer::count(values.len()).get() < length {
            // This almost never happens by chance: either the bytes are not random, or nearly all such codes exist.
            let expected =
                format!("expected random bytes, which make {count} new codes, found {}", codes.len());
            return Err(Error::new("entropy", expected));
        }
        if request.check_character {
            values.push(check_character(&values));
        }
        let random =
            values.iter().filter_map(|value| ALPHABET.get(usize::from(*value)).copied().map(char::from));
        let code = canonical_code(&request.prefix.chars().chain(random).collect::<String>());
        if !is_code(&code) {
            let expected =
                "expected a prefix whose codes have at most 64 characters and no control character";
            return Err(Error::new("prefix", expected));
        }
        if taken.insert(code.clone(), Integer::ZERO).is_none() {
            codes.push(code);
        }
    }
    Ok(GeneratedCodes { codes, bits: Integer::new(bits).unwrap_or_default() })
}

/// The character that makes the number in base 5 divisible by 23. 5 is a primitive root of 23: its powers at places
/// less than 22 apart differ, so a swap of two characters changes the remainder, as one wrong character does.
fn check_character(values: &[u8]) -> u8 {
    let shift = |number: u8, digit: u8| number.saturating_mul(5).saturating_add(digit) % SIZE;
    let number = shift(values.iter().fold(0, |number, digit| shift(number, *digit)), 0);
    SIZE.saturating_sub(number) % SIZE
}

/// Converts pairs of hexadecimal digits to bytes.
fn bytes(digits: &str) -> Result<Vec<u8>, Error> {
    let expected = || Error::new("", "expected pairs of hexadecimal digits");
    let digit = |character: char| character.to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let digits: Vec<u8> = digits.chars().map(digit).collect::<Option<_>>().ok_or_else(expected)?;
    if digits.len() % 2 == 1 {
        return Err(expected());
    }
    Ok(digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10 codes of 9 random characters and the check character, from bytes that a small generator makes.
    fn checked(seed: u64) -> Vec<String> {
        let mut state = seed;
        let mut byte = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:02x}", state >> 56)
        };
        let request = GenerateRequest {
            count: Bounded::new(10).unwrap(),
            bits: Bounded::LEAST,
            entropy: (0..16 + 180).map(|_| byte()).collect(),
            prefix: "x-".to_owned(),
            check_character: true,
            existing: Vec::new(),
        };
        generate_codes(&request).unwrap().codes
    }

    /// Whether the check character is right, worked out from its description.
    fn holds(code: &str) -> bool {
        let value = |c| "23456789CDFHJKMNPQRTWXY".find(c).and_then(|n| u64::try_from(n).ok()).unwrap();
        let number = code
            .strip_prefix("X-")
            .unwrap()
            .chars()
            .fold(0_u64, |number, c| number.checked_mul(5).unwrap().checked_add(value(c)).unwrap());
        number.is_multiple_of(23)
    }

    #[test]
    fn the_check_character_shows_every_wrong_character_and_every_swap() {
        let mut spoilt = 0;
        for code in (1..=20).flat_map(checked) {
            assert!(holds(&code) && canonical_code(&code) == code && code.len() == 12, "{code}");
            let mut characters: Vec<char> = code.chars().collect();
            for place in 2..12 {
                let right = characters.get(place).copied().unwrap();
                for wrong in ALPHABET.iter().copied().map(char::from).filter(|wrong| *wrong != right) {
                    *characters.get_mut(place).unwrap() = wrong;
                    assert!(!holds(&characters.iter().collect::<String>()), "{code} at {place}");
                    spoilt += 1;
                }
                *characters.get_mut(place).unwrap() = right;
                for other in (place + 1)..12 {
                    characters.swap(place, other);
                    let swapped: String = characters.iter().collect();
                    assert!(swapped == code || !holds(&swapped), "{code}, {place} and {other}");
                    characters.swap(place, other);
                }
            }
        }
        assert_eq!(spoilt, 20 * 10 * 10 * 22);
    }

    #[test]
    fn every_character_has_the_same_chance() {
        // Each byte once, and once more: 23 codes of 9 characters are the alphabet nine times.
        let bytes = (0..=255_u8).chain(0..=255);
        let entropy: String = bytes.map(|byte| format!("{byte:02x}")).collect();
        let request = GenerateRequest {
            count: Bounded::new(23).unwrap(),
            bits: Bounded::LEAST,
            entropy,
            prefix: String::new(),
            check_character: false,
            existing: Vec::new(),
        };
        let codes = generate_codes(&request).unwrap().codes;
        let drawn: String = codes.concat();
        for character in ALPHABET.iter().copied().map(char::from) {
            assert_eq!(drawn.matches(character).count(), 9, "{character}");
        }
    }
}
