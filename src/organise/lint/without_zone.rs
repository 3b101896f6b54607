use super::{Found, Subject};

/// The promotion asks for the local time, and the policy does not say it.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let field = if subject.promo.weekly.is_some() { "weekly" } else { "per_period" };
    if subject.promo.needs_zone() && subject.policy.zone.is_none() {
        let message = format!(
            "{} depends on the local time, and the policy has no zone, so it is never accepted",
            subject.code
        );
        found.say(subject.at(field), message);
    }
}

#[test]
fn hours_and_periods_need_a_zone() {
    use super::{Problem, fixture};
    use serde_json::json;
    let (day, hours) =
        (json!([{"every": "day", "max_uses": 3}]), json!([{"days": [1], "from_minute": 0, "to_minute": 9}]));
    let found = |fields, zone| {
        let request = json!({"promos": [fixture::promo(fields)], "policy": {"zone": zone}});
        fixture::found_in(Problem::WithoutZone, request)
    };
    let none = || json!(null);
    assert_eq!(found(json!({"per_period": day}), none()), ["promos[0].per_period"]);
    assert_eq!(found(json!({"per_period": day, "weekly": hours}), none()), ["promos[0].weekly"]);
    assert!(found(json!({}), none()).is_empty());
    assert!(
        found(json!({"per_period": day}), json!([{"from_ms": 1_800_000_000_000_u64, "offset_minutes": 60}]))
            .is_empty()
    );
}
