use super::{Found, Subject};
use crate::base::text::is_invisible;

/// A listed e-mail has an `@` and is no address all the same: `*@example.org`, `Ann <ann@example.org>`.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let emails = subject.promo.only_for.as_ref().and_then(|listed| listed.get("email"));
    for (index, email) in emails.into_iter().flatten().enumerate().filter(|(_, email)| is_malformed(email)) {
        let message = "which no buyer has; an address is written ann@example.org, a domain @example.org";
        let message = format!("{} lists the e-mail {email}, {message}", subject.code);
        found.say(subject.at(&format!("only_for.email[{index}]")), message);
    }
}

/// Whether it has a domain that cannot be one, or a character that no address has without quotation marks.
fn is_malformed(email: &str) -> bool {
    let Some((local, domain)) = email.trim().rsplit_once('@') else { return false };
    let strange =
        |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || "*<>()[]{}:;,\"\\@".contains(c);
    let in_label = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let label = |label: &str| !label.is_empty() && label.chars().all(in_label);
    [local, domain].iter().any(|part| part.contains(strange)) || !domain.split('.').all(label)
}

#[test]
fn addresses_and_domains() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |email: &str| {
        let listed = json!({"email": [" @example.com", email], "account": ["*@<>"]});
        fixture::found(Problem::EmailMalformed, json!({"only_for": listed}))
    };
    for email in [
        "*@example.org",
        "ann*@example.org",
        "@*.example.org",
        "@.example.org",
        "@example..org",
        "@example.org.",
        "@%.example.org",
        "@",
        "ann@",
        "Ann <ann@example.org>",
        "<ann@example.org>",
        "mailto:ann@example.org",
        "ann @example.org",
        "ann@example.org bob@example.org",
        "ann@example.org,bob@example.org",
        "ann@example.org; bob",
        "ann@@example.org",
        "@ann@example.org",
        "ann@exa\u{200B}mple.org",
        "ann\u{A0}b@example.org",
    ] {
        assert_eq!(found(email), ["promos[0].only_for.email[1]"], "{email}");
    }
    for email in [
        "  Ann.B+tag@Example.org ",
        "o'neil_%!#$&/=?^|~-1@sub.example.org",
        "@sub.example.org",
        "ann@localhost",
        "\u{FC}nal@b\u{FC}cher.example",
        "@xn--bcher-kva.example",
        "example.org", // without an @: the problem `email_without_at`
    ] {
        assert!(found(email).is_empty(), "{email}");
    }
}
