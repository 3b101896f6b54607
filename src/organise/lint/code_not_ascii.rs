use super::looks::disguised;
use super::{Found, Subject};

/// The code has a character that some keyboards lack, or that can be typed in more than one way, such as `é`.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let plain = subject.code.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    // A letter that looks like a Latin one is worse: it is the problem `look_alike_characters`.
    if !plain && disguised(&subject.code).is_none() {
        let message = "has characters that not every keyboard has; \
                       an accented letter may be typed in two ways, which make two codes";
        found.say(subject.at("code"), format!("{} {message}", subject.code));
    }
}

#[test]
fn in_canonical_form() {
    use super::{Problem, fixture};
    let found = |code: &str| fixture::found(Problem::CodeNotAscii, serde_json::json!({"code": code})).len();
    assert_eq!(found("ÄPFEL"), 1);
    assert_eq!(found("\u{41B}\u{415}\u{422}\u{41E}"), 1);
    assert_eq!(found("\u{441}rew"), 0);
    assert_eq!(found(" ＳＵＭＭＥＲ straße\u{AD} "), 0); // plain in canonical form
}
