//! Which characters look like others. The problems about codes share this.

/// Capital letters of other scripts, in the order of the Latin ones that they look like.
const LATIN: [(&str, char); 20] = [
    ("\u{410}\u{391}", 'A'),
    ("\u{412}\u{392}", 'B'),
    ("\u{421}\u{3F9}", 'C'),
    ("\u{415}\u{395}", 'E'),
    ("\u{41D}\u{397}", 'H'),
    ("\u{406}\u{399}\u{4C0}", 'I'),
    ("\u{408}\u{37F}", 'J'),
    ("\u{41A}\u{39A}", 'K'),
    ("\u{41C}\u{39C}", 'M'),
    ("\u{39D}", 'N'),
    ("\u{41E}\u{39F}", 'O'),
    ("\u{420}\u{3A1}", 'P'),
    ("\u{51A}", 'Q'),
    ("\u{405}", 'S'),
    ("\u{422}\u{3A4}", 'T'),
    ("\u{474}", 'V'),
    ("\u{51C}", 'W'),
    ("\u{425}\u{3A7}", 'X'),
    ("\u{423}\u{3A5}\u{4AE}", 'Y'),
    ("\u{396}", 'Z'),
];

/// The Latin capital that a Cyrillic or Greek one looks like.
pub(super) fn latin(character: char) -> Option<char> {
    LATIN.iter().find(|(others, _)| others.contains(character)).map(|(_, latin)| *latin)
}

/// The first letter that only looks like a Latin one, and that Latin one. `None` if the code has no such letter, or if
/// readers can tell: all its letters are of another script, and one of them looks like no Latin one.
pub(super) fn disguised(code: &str) -> Option<(char, char)> {
    let found = code.chars().find_map(|c| latin(c).map(|latin| (c, latin)))?;
    let mixed = code.chars().any(|c| c.is_ascii_alphabetic());
    let readable = code.chars().all(|c| c.is_ascii() || latin(c).is_some());
    (mixed || readable).then_some(found)
}

/// The code with one character in place of all that look alike, in capitals or in small letters: `I` for 1, L and `|`.
pub(super) fn skeleton(code: &str) -> String {
    let plain = |c| match latin(c).unwrap_or(c) {
        '0' => 'O',
        '1' | 'L' | '|' => 'I',
        '5' => 'S',
        '8' => 'B',
        other => other,
    };
    code.chars().map(plain).collect()
}
