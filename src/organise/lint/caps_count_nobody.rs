use super::{Found, Subject};
use crate::documents::policy::Policy;

/// Something is limited per person, but `identity_kinds` is an empty list, so no person can be counted.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    let nobody = policy.identity_kinds.as_ref().is_some_and(Vec::is_empty);
    if nobody && (policy.caps() || subjects.iter().any(|subject| subject.promo.limits_persons())) {
        let message = "identity_kinds is empty, so nobody can be counted, and what is limited per person is always \
                       refused";
        found.say("policy.identity_kinds".into(), message.into());
    }
}

#[test]
fn only_where_persons_are_limited() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |cap, policy| {
        let promo = json!({"code": "X", "discount_percent": 20, "max_uses_per_identity": cap});
        fixture::found_in(Problem::CapsCountNobody, json!({"promos": [promo], "policy": policy}))
    };
    let path = ["policy.identity_kinds"];
    assert_eq!(found(json!(1), json!({"identity_kinds": []})), path);
    assert_eq!(found(json!(null), json!({"identity_kinds": [], "max_free_tickets_per_identity": 2})), path);
    assert!(found(json!(null), json!({"identity_kinds": []})).is_empty());
    assert!(found(json!(1), json!({"identity_kinds": ["email"]})).is_empty());
}
