use super::looks::disguised;
use super::{Found, Subject};

/// A Cyrillic or Greek letter that is read, and typed, as a Latin one.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    if let Some((letter, latin)) = disguised(&subject.code) {
        let number = u32::from(letter);
        let message = format!(
            "the {letter} in {} is U+{number:04X} and not the {latin} that buyers will type",
            subject.code
        );
        found.say(subject.at("code"), message);
    }
}

#[test]
fn among_latin_letters_or_with_none_that_gives_it_away() {
    use super::{Problem, fixture};
    let found =
        |code: &str| fixture::found(Problem::LookAlikeCharacters, serde_json::json!({"code": code})).len();
    assert_eq!(found("\u{441}rew"), 1); // a Cyrillic es
    assert_eq!(found("\u{391}LPHA"), 1); // a Greek alpha
    assert_eq!(found("\u{412}\u{410}\u{422}20"), 1); // Cyrillic that reads BAT20
    assert_eq!(found("\u{41B}\u{415}\u{422}\u{41E}"), 0); // Cyrillic for summer, with a letter of its own
    assert_eq!(found("CREW"), 0);
}
