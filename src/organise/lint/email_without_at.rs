use super::{Found, Subject};

/// A listed e-mail has no `@`. Most often a domain is meant, which is written `@example.org`.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let emails = subject.promo.only_for.as_ref().and_then(|listed| listed.get("email"));
    for (index, _) in emails.into_iter().flatten().enumerate().filter(|(_, email)| !email.contains('@')) {
        let message = "lists an e-mail without an @, which no buyer has; a domain is written @example.org";
        found.say(subject.at(&format!("only_for.email[{index}]")), format!("{} {message}", subject.code));
    }
}

#[test]
fn a_domain_has_an_at() {
    use super::{Problem, fixture};
    let listed =
        serde_json::json!({"email": ["ann@example.org", "example.org", "@example.org"], "account": ["ann"]});
    let found = fixture::found(Problem::EmailWithoutAt, serde_json::json!({"only_for": listed}));
    assert_eq!(found, ["promos[0].only_for.email[1]"]);
}
