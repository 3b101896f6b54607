use super::{Found, Subject};
use crate::documents::policy::Policy;

/// A ticket type is locked, and no code unlocks it, so nobody can buy it.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    for (index, name) in policy.locked_ticket_types.iter().flatten().enumerate() {
        if !subjects.iter().any(|subject| subject.promo.opens(Some(name))) {
            let message = format!("{} is locked, and no code unlocks it, so nobody can buy it", &**name);
            found.say(format!("policy.locked_ticket_types[{index}]"), message);
        }
    }
}

#[test]
fn each_locked_type_needs_a_code() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |unlocks| {
        let promos =
            [fixture::promo(json!({"code": "A"})), fixture::promo(json!({"code": "B", "unlocks": unlocks}))];
        let policy = json!({"locked_ticket_types": ["vip", "crew"]});
        fixture::found_in(Problem::LockedWithoutCode, json!({"promos": promos, "policy": policy}))
    };
    assert_eq!(found(json!(null)), ["policy.locked_ticket_types[0]", "policy.locked_ticket_types[1]"]);
    assert_eq!(found(json!(["vip", "seat"])), ["policy.locked_ticket_types[1]"]);
    assert!(found(json!(["crew", "vip"])).is_empty());
}
