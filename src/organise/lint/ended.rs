use super::{Found, Subject};

/// The time window has passed. `ends_at_ms` itself is outside the window.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let passed = promo.ends_at_ms.zip(subject.now).filter(|(end, now)| end <= now);
    // A window that never opens is the problem `empty_window`.
    let opened = |end| promo.starts_at_ms.is_none_or(|start| start < end);
    if let Some((end, _)) = passed.filter(|(end, _)| opened(*end)) {
        found.say(subject.at("ends_at_ms"), format!("{} ended at {} ms", subject.code, end.get()));
    }
}

#[test]
fn only_when_the_time_is_known() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |start, now| {
        let promo = json!({
            "code": "X", "discount_percent": 20, "starts_at_ms": start, "ends_at_ms": 1_800_000_000_000_u64
        });
        fixture::found_in(Problem::Ended, json!({"promos": [promo], "now_ms": now}))
    };
    let (none, end) = (json!(null), json!(1_800_000_000_000_u64));
    assert_eq!(found(none.clone(), end.clone()), ["promos[0].ends_at_ms"]);
    assert_eq!(found(json!(1_799_999_999_999_u64), end.clone()), ["promos[0].ends_at_ms"]);
    assert!(found(none.clone(), json!(1_799_999_999_999_u64)).is_empty());
    assert!(found(none.clone(), none).is_empty());
    assert!(found(end.clone(), end).is_empty());
}
