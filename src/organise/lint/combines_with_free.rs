use super::{Found, Subject};
use crate::documents::policy::Policy;

/// A free code combines with others. A code that is applied after it finds nothing left to take off, and is not used.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let combining: Vec<_> = subjects.iter().filter(|subject| subject.promo.combines.with_others()).collect();
    for subject in combining.iter().filter(|subject| subject.promo.takes().makes_free()) {
        let after = |other: &&&Subject| {
            other.code != subject.code
                && !other.promo.takes().is_none()
                && other.promo.priority <= subject.promo.priority
        };
        if let Some(other) = combining.iter().find(after) {
            let message = format!(
                "{} leaves nothing for {} to take off, which is then not used; \
                 give {} the lower priority",
                subject.code, other.code, subject.code
            );
            found.say(subject.at("combines"), message);
        }
    }
}

/// One code at two events is never entered twice in one order.
#[test]
fn unless_they_have_one_code() {
    use super::{Problem, fixture};
    use serde_json::json;
    let free =
        json!({"code": "X", "discount_percent": 100, "max_uses": 5, "combines": true, "events": ["gala"]});
    let ten = json!({"code": "X", "discount_percent": 10, "combines": true, "events": ["ball"]});
    assert!(fixture::found_in(Problem::CombinesWithFree, json!({"promos": [free, ten]})).is_empty());
}

#[test]
fn unless_the_free_code_comes_last() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |free_priority: u64, other: serde_json::Value| {
        let free = json!({
            "code": "FREE", "discount_percent": 100, "max_uses": 5, "combines": true, "priority": free_priority
        });
        let mut promo = json!({"code": "OTHER", "combines": true, "priority": 2});
        promo.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        fixture::found_in(Problem::CombinesWithFree, json!({"promos": [free, promo]}))
    };
    let ten = json!({"discount_percent": 10});
    assert_eq!(found(2, ten.clone()), ["promos[0].combines"]);
    assert_eq!(found(3, ten.clone()), ["promos[0].combines"]);
    assert!(found(1, ten).is_empty());
    assert!(found(3, json!({"discount": {"kind": "none"}})).is_empty());
    assert!(found(3, json!({"discount_percent": 10, "combines": false})).is_empty());
}
