use super::{Found, Subject};

/// The code unlocks a ticket type that is not locked, so that everybody can buy it without the code.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    for (index, name) in subject.promo.unlocks.iter().flatten().enumerate() {
        if !subject.policy.locks(Some(name)) {
            let message = "which is not locked: everybody can buy it without a code";
            let message = format!("{} unlocks {}, {message}", subject.code, &**name);
            found.say(subject.at(&format!("unlocks[{index}]")), message);
        }
    }
}

#[test]
fn the_policy_locks_what_a_code_unlocks() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |locked| {
        let promo = fixture::promo(json!({"unlocks": ["vip", "crew"]}));
        let request = json!({"promos": [promo], "policy": {"locked_ticket_types": locked}});
        fixture::found_in(Problem::UnlocksNothing, request)
    };
    assert_eq!(found(json!(null)), ["promos[0].unlocks[0]", "promos[0].unlocks[1]"]);
    assert_eq!(found(json!(["vip", "seat"])), ["promos[0].unlocks[1]"]);
    assert!(found(json!(["crew", "vip"])).is_empty());
}
