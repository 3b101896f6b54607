//! Upper and lower case of Unicode 17, in a table of its own.
//!
//! The standard library's grows with the compiler: two builds of the engine could disagree about a code, and a counter
//! key that changes its spelling has forgotten its count. This one is also 12 kB smaller in the compressed wasm.
//! Source: the Unicode Character Database, `UnicodeData.txt` and `SpecialCasing.txt` (unconditional mappings).

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

/// Characters from the first to the second, in steps, that map to the character so far away; sorted, not overlapping.
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

/// Lower-case letters whose upper case has them as its lower case.
#[rustfmt::skip]
const PAIRS: &[Run] = &[
    (0x61, 0x7a, 1, -32), (0xe0, 0xf6, 1, -32), (0xf8, 0xfe, 1, -32), (0xff, 0xff, 1, 121),
    (0x101, 0x12f, 2, -1), (0x133, 0x137, 2, -1), (0x13a, 0x148, 2, -1), (0x14b, 0x177, 2, -1),
    (0x17a, 0x17e, 2, -1), (0x180, 0x180, 1, 195), (0x183, 0x185, 2, -1), (0x188, 0x188, 1, -1),
    (0x18c, 0x18c, 1, -1), (0x192, 0x192, 1, -1), (0x195, 0x195, 1, 97), (0x199, 0x199, 1, -1),
    (0x19a, 0x19a, 1, 163), (0x19b, 0x19b, 1, 42561), (0x19e, 0x19e, 1, 130), (0x1a1, 0x1a5, 2, -1),
    (0x1a8, 0x1a8, 1, -1), (0x1ad, 0x1ad, 1, -1), (0x1b0, 0x1b0, 1, -1), (0x1b4, 0x1b6, 2, -1),
    (0x1b9, 0x1b9, 1, -1), (0x1bd, 0x1bd, 1, -1), (0x1bf, 0x1bf, 1, 56), (0x1c6, 0x1c6, 1, -2),
    (0x1c9, 0x1c9, 1, -2), (0x1cc, 0x1cc, 1, -2), (0x1ce, 0x1dc, 2, -1), (0x1dd, 0x1dd, 1, -79),
    (0x1df, 0x1ef, 2, -1), (0x1f3, 0x1f3, 1, -2), (0x1f5, 0x1f5, 1, -1), (0x1f9, 0x21f, 2, -1),
    (0x223, 0x233, 2, -1), (0x23c, 0x23c, 1, -1), (0x23f, 0x240, 1, 10815), (0x242, 0x242, 1, -1),
    (0x247, 0x24f, 2, -1), (0x250, 0x250, 1, 10783), (0x251, 0x251, 1, 10780), (0x252, 0x252, 1, 10782),
    (0x253, 0x253, 1, -210), (0x254, 0x254, 1, -206), (0x256, 0x257, 1, -205), (0x259, 0x259, 1, -202),
    (0x25b, 0x25b, 1, -203), (0x25c, 0x25c, 1, 42319), (0x260, 0x260, 1, -205), (0x261, 0x261, 1, 42315),
    (0x263, 0x263, 1, -207), (0x264, 0x264, 1, 42343), (0x265, 0x265, 1, 42280), (0x266, 0x266, 1, 42308),
    (0x268, 0x268, 1, -209), (0x269, 0x269, 1, -211), (0x26a, 0x26a, 1, 42308), (0x26b, 0x26b, 1, 10743),
    (0x26c, 0x26c, 1, 42305), (0x26f, 0x26f, 1, -211), (0x271, 0x271, 1, 10749), (0x272, 0x272, 1, -213),
    (0x275, 0x275, 1, -214), (0x27d, 0x27d, 1, 10727), (0x280, 0x280, 1, -218), (0x282, 0x282, 1, 42307),
    (0x283, 0x283, 1, -218), (0x287, 0x287, 1, 42282), (0x288, 0x288, 1, -218), (0x289, 0x289, 1, -69),
    (0x28a, 0x28b, 1, -217), (0x28c, 0x28c, 1, -71), (0x292, 0x292, 1, -219), (0x29d, 0x29d, 1, 42261),
    (0x29e, 0x29e, 1, 42258), (0x371, 0x373, 2, -1), (0x377, 0x377, 1, -1), (0x37b, 0x37d, 1, 130),
    (0x3ac, 0x3ac, 1, -38), (0x3ad, 0x3af, 1, -37), (0x3b1, 0x3c1, 1, -32), (0x3c3, 0x3cb, 1, -32),
    (0x3cc, 0x3cc, 1, -64), (0x3cd, 0x3ce, 1, -63), (0x3d7, 0x3d7, 1, -8), (0x3d9, 0x3ef, 2, -1),
    (0x3f2, 0x3f2, 1, 7), (0x3f3, 0x3f3, 1, -116), (0x3f8, 0x3f8, 1, -1), (0x3fb, 0x3fb, 1, -1),
    (0x430, 0x44f, 1, -32), (0x450, 0x45f, 1, -80), (0x461, 0x481, 2, -1), (0x48b, 0x4bf, 2, -1),
    (0x4c2, 0x4ce, 2, -1), (0x4cf, 0x4cf, 1, -15), (0x4d1, 0x52f, 2, -1), (0x561, 0x586, 1, -48),
    (0x10d0, 0x10fa, 1, 3008), (0x10fd, 0x10ff, 1, 3008), (0x13f8, 0x13fd, 1, -8), (0x1c8a, 0x1c8a, 1, -1),
    (0x1d79, 0x1d79, 1, 35332), (0x1d7d, 0x1d7d, 1, 3814), (0x1d8e, 0x1d8e, 1, 35384),
    (0x1e01, 0x1e95, 2, -1), (0x1ea1, 0x1eff, 2, -1), (0x1f00, 0x1f07, 1, 8), (0x1f10, 0x1f15, 1, 8),
    (0x1f20, 0x1f27, 1, 8), (0x1f30, 0x1f37, 1, 8), (0x1f40, 0x1f45, 1, 8), (0x1f51, 0x1f57, 2, 8),
    (0x1f60, 0x1f67, 1, 8), (0x1f70, 0x1f71, 1, 74), (0x1f72, 0x1f75, 1, 86), (0x1f76, 0x1f77, 1, 100),
    (0x1f78, 0x1f79, 1, 128), (0x1f7a, 0x1f7b, 1, 112), (0x1f7c, 0x1f7d, 1, 126), (0x1fb0, 0x1fb1, 1, 8),
    (0x1fd0, 0x1fd1, 1, 8), (0x1fe0, 0x1fe1, 1, 8), (0x1fe5, 0x1fe5, 1, 7), (0x214e, 0x214e, 1, -28),
    (0x2170, 0x217f, 1, -16), (0x2184, 0x2184, 1, -1), (0x24d0, 0x24e9, 1, -26), (0x2c30, 0x2c5f, 1, -48),
    (0x2c61, 0x2c61, 1, -1), (0x2c65, 0x2c65, 1, -10795), (0x2c66, 0x2c66, 1, -10792),
    (0x2c68, 0x2c6c, 2, -1), (0x2c73, 0x2c73, 1, -1), (0x2c76, 0x2c76, 1, -1), (0x2c81, 0x2ce3, 2, -1),
    (0x2cec, 0x2cee, 2, -1), (0x2cf3, 0x2cf3, 1, -1), (0x2d00, 0x2d25, 1, -7264),
    (0x2d27, 0x2d27, 1, -7264), (0x2d2d, 0x2d2d, 1, -7264), (0xa641, 0xa66d, 2, -1),
    (0xa681, 0xa69b, 2, -1), (0xa723, 0xa72f, 2, -1), (0xa733, 0xa76f, 2, -1), (0xa77a, 0xa77c, 2, -1),
    (0xa77f, 0xa787, 2, -1), (0xa78c, 0xa78c, 1, -1), (0xa791, 0xa793, 2, -1), (0xa794, 0xa794, 1, 48),
    (0xa797, 0xa7a9, 2, -1), (0xa7b5, 0xa7c3, 2, -1), (0xa7c8, 0xa7ca, 2, -1), (0xa7cd, 0xa7db, 2, -1),
    (0xa7f6, 0xa7f6, 1, -1), (0xab53, 0xab53, 1, -928), (0xab70, 0xabbf, 1, -38864),
    (0xff41, 0xff5a, 1, -32), (0x10428, 0x1044f, 1, -40), (0x104d8, 0x104fb, 1, -40),
    (0x10597, 0x105a1, 1, -39), (0x105a3, 0x105b1, 1, -39), (0x105b3, 0x105b9, 1, -39),
    (0x105bb, 0x105bc, 1, -39), (0x10cc0, 0x10cf2, 1, -64), (0x10d70, 0x10d85, 1, -32),
    (0x118c0, 0x118df, 1, -32), (0x16e60, 0x16e7f, 1, -32), (0x16ebb, 0x16ed3, 1, -27),
    (0x1e922, 0x1e943, 1, -34),
];

/// Lower- and title-case letters whose upper case belongs to another one.
#[rustfmt::skip]
const UPPER_ONLY: &[Run] = &[
    (0xb5, 0xb5, 1, 743), (0x131, 0x131, 1, -232), (0x17f, 0x17f, 1, -300), (0x1c5, 0x1c5, 1, -1),
    (0x1c8, 0x1c8, 1, -1), (0x1cb, 0x1cb, 1, -1), (0x1f2, 0x1f2, 1, -1), (0x345, 0x345, 1, 84),
    (0x3c2, 0x3c2, 1, -31), (0x3d0, 0x3d0, 1, -62), (0x3d1, 0x3d1, 1, -57), (0x3d5, 0x3d5, 1, -47),
    (0x3d6, 0x3d6, 1, -54), (0x3f0, 0x3f0, 1, -86), (0x3f1, 0x3f1, 1, -80), (0x3f5, 0x3f5, 1, -96),
    (0x1c80, 0x1c80, 1, -6254), (0x1c81, 0x1c81, 1, -6253), (0x1c82, 0x1c82, 1, -6244),
    (0x1c83, 0x1c84, 1, -6242), (0x1c85, 0x1c85, 1, -6243), (0x1c86, 0x1c86, 1, -6236),
    (0x1c87, 0x1c87, 1, -6181), (0x1c88, 0x1c88, 1, 35266), (0x1e9b, 0x1e9b, 1, -59),
    (0x1fbe, 0x1fbe, 1, -7205),
];

/// Upper- and title-case letters whose lower case belongs to another one.
#[rustfmt::skip]
const LOWER_ONLY: &[Run] = &[
    (0x1c5, 0x1c5, 1, 1), (0x1c8, 0x1c8, 1, 1), (0x1cb, 0x1cb, 1, 1), (0x1f2, 0x1f2, 1, 1),
    (0x3f4, 0x3f4, 1, -60), (0x1e9e, 0x1e9e, 1, -7615), (0x1f88, 0x1f8f, 1, -8), (0x1f98, 0x1f9f, 1, -8),
    (0x1fa8, 0x1faf, 1, -8), (0x1fbc, 0x1fbc, 1, -9), (0x1fcc, 0x1fcc, 1, -9), (0x1ffc, 0x1ffc, 1, -9),
    (0x2126, 0x2126, 1, -7517), (0x212a, 0x212a, 1, -8383), (0x212b, 0x212b, 1, -8262),
];

/// Characters whose upper case is several.
#[rustfmt::skip]
const SPECIAL_UPPER: &[(char, &str)] = &[
    ('ß', "SS"), ('ŉ', "ʼN"), ('ǰ', "J\u{30c}"), ('ΐ', "Ι\u{308}\u{301}"), ('ΰ', "Υ\u{308}\u{301}"),
    ('և', "ԵՒ"), ('ẖ', "H\u{331}"), ('ẗ', "T\u{308}"), ('ẘ', "W\u{30a}"), ('ẙ', "Y\u{30a}"),
    ('ẚ', "Aʾ"), ('ὐ', "Υ\u{313}"), ('ὒ', "Υ\u{313}\u{300}"), ('ὔ', "Υ\u{313}\u{301}"),
    ('ὖ', "Υ\u{313}\u{342}"), ('ᾀ', "ἈΙ"), ('ᾁ', "ἉΙ"), ('ᾂ', "ἊΙ"), ('ᾃ', "ἋΙ"), ('ᾄ', "ἌΙ"),
    ('ᾅ', "ἍΙ"), ('ᾆ', "ἎΙ"), ('ᾇ', "ἏΙ"), ('ᾈ', "ἈΙ"), ('ᾉ', "ἉΙ"), ('ᾊ', "ἊΙ"), ('ᾋ', "ἋΙ"),
    ('ᾌ', "ἌΙ"), ('ᾍ', "ἍΙ"), ('ᾎ', "ἎΙ"), ('ᾏ', "ἏΙ"), ('ᾐ', "ἨΙ"), ('ᾑ', "ἩΙ"), ('ᾒ', "ἪΙ"),
    ('ᾓ', "ἫΙ"), ('ᾔ', "ἬΙ"), ('ᾕ', "ἭΙ"), ('ᾖ', "ἮΙ"), ('ᾗ', "ἯΙ"), ('ᾘ', "ἨΙ"), ('ᾙ', "ἩΙ"),
    ('ᾚ', "ἪΙ"), ('ᾛ', "ἫΙ"), ('ᾜ', "ἬΙ"), ('ᾝ', "ἭΙ"), ('ᾞ', "ἮΙ"), ('ᾟ', "ἯΙ"), ('ᾠ', "ὨΙ"),
    ('ᾡ', "ὩΙ"), ('ᾢ', "ὪΙ"), ('ᾣ', "ὫΙ"), ('ᾤ', "ὬΙ"), ('ᾥ', "ὭΙ"), ('ᾦ', "ὮΙ"), ('ᾧ', "ὯΙ"),
    ('ᾨ', "ὨΙ"), ('ᾩ', "ὩΙ"), ('ᾪ', "ὪΙ"), ('ᾫ', "ὫΙ"), ('ᾬ', "ὬΙ"), ('ᾭ', "ὭΙ"), ('ᾮ', "ὮΙ"),
    ('ᾯ', "ὯΙ"), ('ᾲ', "ᾺΙ"), ('ᾳ', "ΑΙ"), ('ᾴ', "ΆΙ"), ('ᾶ', "Α\u{342}"), ('ᾷ', "Α\u{342}Ι"),
    ('ᾼ', "ΑΙ"), ('ῂ', "ῊΙ"), ('ῃ', "ΗΙ"), ('ῄ', "ΉΙ"), ('ῆ', "Η\u{342}"), ('ῇ', "Η\u{342}Ι"),
    ('ῌ', "ΗΙ"), ('ῒ', "Ι\u{308}\u{300}"), ('ΐ', "Ι\u{308}\u{301}"), ('ῖ', "Ι\u{342}"),
    ('ῗ', "Ι\u{308}\u{342}"), ('ῢ', "Υ\u{308}\u{300}"), ('ΰ', "Υ\u{308}\u{301}"), ('ῤ', "Ρ\u{313}"),
    ('ῦ', "Υ\u{342}"), ('ῧ', "Υ\u{308}\u{342}"), ('ῲ', "ῺΙ"), ('ῳ', "ΩΙ"), ('ῴ', "ΏΙ"),
    ('ῶ', "Ω\u{342}"), ('ῷ', "Ω\u{342}Ι"), ('ῼ', "ΩΙ"), ('ﬀ', "FF"), ('ﬁ', "FI"), ('ﬂ', "FL"),
    ('ﬃ', "FFI"), ('ﬄ', "FFL"), ('ﬅ', "ST"), ('ﬆ', "ST"), ('ﬓ', "ՄՆ"), ('ﬔ', "ՄԵ"), ('ﬕ', "ՄԻ"),
    ('ﬖ', "ՎՆ"), ('ﬗ', "ՄԽ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library of a later Unicode maps more characters, never one of these differently.
    #[test]
    fn every_character_is_mapped_as_the_standard_library_does() {
        let exact = char::UNICODE_VERSION == (17, 0, 0);
        const CASELESS: char = '\u{20000}'; // and above: ideographs, tags, private use
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

    #[test]
    fn text_is_mapped_character_by_character() {
        assert_eq!(upper("straße ﬁn ὈΔΥΣΣΕΎς"), "STRASSE FIN ὈΔΥΣΣΕΎΣ");
        assert_eq!(lower("İSTANBUL ΟΔΟΣ οδος"), "i\u{307}stanbul οδοσ οδοσ");
    }
}
