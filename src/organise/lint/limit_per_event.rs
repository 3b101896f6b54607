use super::{Found, Subject};

/// The promotion names several events and has no id: what reads like one limit holds for each event by itself.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let of_pools = promo.pools.iter().filter_map(|pool| pool.max_uses_per_identity).count();
    let persons = promo.caps().count() > of_pools;
    let limited =
        promo.max_uses().is_some() || persons || promo.budget.is_some() || !promo.per_period.is_empty();
    if promo.id.is_none() && limited && subject.spans_events() {
        let message = format!(
            "{} has no id, so its limits hold for each of its events, and not for all together",
            subject.code
        );
        found.say(subject.at("id"), message);
    }
}

#[test]
fn only_limits_of_its_own() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::LimitPerEvent, fields);
    assert_eq!(found(json!({"events": ["a", "b"], "max_uses": 5})), ["promos[0].id"]);
    assert_eq!(found(json!({"events": ["a", "b"], "budget": 5})), ["promos[0].id"]);
    assert!(found(json!({"events": ["a", "a"], "max_uses": 5})).is_empty());
    assert!(found(json!({"events": ["a", "b"], "max_uses": 5, "id": "x"})).is_empty());
    assert!(found(json!({"events": ["a", "b"], "pools": [{"id": "p", "max_uses": 5}]})).is_empty());
    let pool = json!([{"id": "p", "max_uses_per_identity": 5}]);
    assert!(found(json!({"events": ["a", "b"], "pools": pool})).is_empty());
    let day = json!([{"every": "day", "max_uses": 5}]);
    assert_eq!(found(json!({"events": ["a", "b"], "per_period": day})), ["promos[0].id"]);
    assert!(found(json!({"max_uses": 5})).is_empty());
}
