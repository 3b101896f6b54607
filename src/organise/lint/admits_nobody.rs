use super::{Found, Subject};
use crate::base::text::Name;

/// A list is empty, and so admits nobody. The organiser may have meant null, which admits everybody. Or all that a list
/// admits is excluded again.
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
    for (index, entry) in promo.requires.iter().flatten().enumerate() {
        if entry.asks_for_tickets() && entry.ticket_types.as_ref().is_some_and(Vec::is_empty) {
            let message = format!("{} requires tickets of no type, so it is never accepted", subject.code);
            found.say(subject.at(&format!("requires[{index}].ticket_types")), message);
        }
    }
    for (field, listed, exclude, what) in [
        ("exclude_events", &promo.events, &promo.exclude_events, "event"),
        ("exclude_ticket_types", &promo.ticket_types, &promo.exclude_ticket_types, "ticket type"),
    ] {
        if excluded(listed.as_ref(), exclude.as_ref()) {
            found.say(subject.at(field), format!("{} excludes every {what} that it lists", subject.code));
        }
    }
}

#[test]
fn tickets_of_no_type_are_required() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |types: &[&str], bound: &str| {
        let requires =
            json!([{"ticket_types": ["vip"], "min_tickets": 1}, {"ticket_types": types, bound: 1}]);
        fixture::found(Problem::AdmitsNobody, json!({ "requires": requires }))
    };
    assert_eq!(found(&[], "min_tickets"), ["promos[0].requires[1].ticket_types"]);
    assert_eq!(found(&[], "min_subtotal"), ["promos[0].requires[1].ticket_types"]);
    assert!(found(&[], "max_tickets").is_empty());
    assert!(found(&["vip"], "min_tickets").is_empty());
}

/// Whether the list has entries, and all of them are excluded.
fn excluded(listed: Option<&Vec<Name>>, excluded: Option<&Vec<Name>>) -> bool {
    listed.zip(excluded).is_some_and(|(listed, excluded)| {
        !listed.is_empty() && listed.iter().all(|name| excluded.contains(name))
    })
}

#[test]
fn lists_that_are_excluded_as_a_whole() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::AdmitsNobody, fields);
    for field in ["events", "ticket_types"] {
        let exclude = format!("exclude_{field}");
        assert_eq!(
            found(json!({field: ["a", "b"], &exclude: ["b", "c", "a"]})),
            [format!("promos[0].{exclude}")]
        );
        assert!(found(json!({field: ["a", "b"], &exclude: ["b"]})).is_empty());
        assert!(found(json!({&exclude: ["b"]})).is_empty());
        assert_eq!(found(json!({field: [], &exclude: ["b"]})), [format!("promos[0].{field}")]);
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
