use super::bound::{Bound, bound};
use super::{Found, Subject};

/// Tickets are free, and nothing limits how many: not uses, money, pools, persons or a list.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    if let Some(path) = subject.at_free().filter(|_| bound(subject, true) == Bound::Nobody) {
        let leak = "makes tickets free without any limit: whoever learns the code can take every seat";
        found.say(path, format!("{} {leak}", subject.code));
    }
}

#[test]
fn free_in_every_spelling_and_limited_in_every_way() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |fields| fixture::found(Problem::FreeWithoutLimit, fields);
    for free in [
        json!({"kind": "free"}),
        json!({"kind": "percent", "percent": 100}),
        json!({"kind": "fixed_price", "price": 0}),
    ] {
        assert_eq!(found(json!({ "discount": free })), ["promos[0].discount"]);
    }
    assert_eq!(found(json!({"discount_percent": 100})), ["promos[0].discount_percent"]);
    assert!(found(json!({"discount_percent": 99.9999})).is_empty());
    assert!(found(json!({"discount": {"kind": "fixed_price", "price": 1}})).is_empty());
    let with = |name: &str, value: Value| found(json!({"discount_percent": 100, name: value}));
    for (name, value) in [
        ("max_discount", json!(5000)),
        ("max_tickets_per_order", json!(1)),
        ("max_tickets", json!(2)),
        ("ends_at_ms", json!(1_900_000_000_000_u64)),
        ("events", json!(["gala"])),
        ("pools", json!([{"id": "p"}])),
    ] {
        assert_eq!(with(name, value).len(), 1, "{name} limits one order, or nothing");
    }
    for (name, value) in [
        ("max_uses", json!(20)),
        ("single_use", json!(true)),
        ("max_uses_per_identity", json!(1)),
        ("budget", json!(5000)),
        ("pools", json!([{"id": "p", "max_uses": 5}])),
        ("pools", json!([{"id": "p", "budget": 5}])),
        ("only_for", json!({"email": ["ann@example.org"]})),
    ] {
        assert!(with(name, value).is_empty(), "{name}");
    }
    // So many uses a day are a limit if there is a last day.
    for limit in ["max_uses", "max_uses_per_identity"] {
        let day = json!([{"every": "day", limit: 5}]);
        let daily = |end| json!({"discount_percent": 100, "per_period": day, "ends_at_ms": end});
        assert_eq!(found(daily(json!(null))).len(), 1, "{limit}");
        assert!(found(daily(json!(1_900_000_000_000_u64))).is_empty(), "{limit}");
    }
    let day = json!([{"every": "day", "max_uses": 5}]);
    assert!(
        found(json!({"discount_percent": 100, "max_uses_per_identity": 1, "per_period": day})).is_empty()
    );
    for policy in ["max_free_tickets_per_identity", "max_tickets_per_identity"] {
        let request = json!({"promos": [{"code": "X", "discount_percent": 100}], "policy": {policy: 2}});
        assert!(fixture::found_in(Problem::FreeWithoutLimit, request).is_empty());
    }
}
