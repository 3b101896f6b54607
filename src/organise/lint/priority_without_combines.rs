use super::{Found, Subject};

/// A priority says which code of an order is applied first. This code does not combine, so it is always the only one.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    // Automatic promotions are tried in the order of their priorities.
    if promo.priority.get() > 0 && !promo.automatic && !promo.combines.with_others() {
        found.say(
            subject.at("priority"),
            format!("{} does not combine, so its priority does nothing", subject.code),
        );
    }
}

#[test]
fn only_combining_codes_have_an_order() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::PriorityWithoutCombines, fields);
    assert_eq!(found(json!({"priority": 1})), ["promos[0].priority"]);
    assert!(found(json!({"priority": 1, "combines": true})).is_empty());
    assert!(found(json!({"priority": 1, "automatic": true})).is_empty());
    assert!(found(json!({"priority": 0})).is_empty());
}
