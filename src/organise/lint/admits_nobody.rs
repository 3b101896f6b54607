use super::{Found, Subject};

/// A list is empty, and so admits nobody. The organiser may have meant null, which admits everybody.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let nobody = promo.only_for.as_ref().is_some_and(|listed| listed.values().all(Vec::is_empty));
    for (field, empty, whom) in [
        ("events", promo.events.as_ref().is_some_and(Vec::is_empty), "no event"),
        ("ticket_types", promo.ticket_types.as_ref().is_some_and(Vec::is_empty), "no ticket type"),
        ("only_for", nobody, "no buyer"),
    ] {
        if empty {
            found.say(
                subject.at(field),
                format!("{} is for {whom}: an empty list admits none, null any", subject.code),
            );
        }
    }
}

#[test]
fn empty_lists() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::AdmitsNobody, fields);
    assert_eq!(
        found(json!({"events": [], "ticket_types": []})),
        ["promos[0].events", "promos[0].ticket_types"]
    );
    assert_eq!(found(json!({"only_for": {}})), ["promos[0].only_for"]);
    assert_eq!(found(json!({"only_for": {"email": [], "npub": null}})), ["promos[0].only_for"]);
    assert!(found(json!({"only_for": {"email": [], "npub": ["npub1x"]}, "events": ["a"]})).is_empty());
}
