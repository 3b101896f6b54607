use super::{Found, Subject};
use crate::base::money::Integer;

/// The code raises a limit that the policy does not have, or that is as high already.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let Some(lifts) = subject.promo.lifts else { return };
    let policy = subject.policy;
    let mut lift = |field: &str, lift: Option<Integer>, cap: Option<Integer>| {
        if let Some(lift) = lift.filter(|lift| cap.is_none_or(|cap| *lift <= cap)) {
            let has = cap.map_or("has no such limit".into(), |cap| format!("allows {}", cap.get()));
            let message = format!("{} lifts {field} to {}, but the policy {has}", subject.code, lift.get());
            found.say(subject.at(&format!("lifts.{field}")), message);
        }
    };
    let (all, free) = (lifts.max_tickets_per_identity, lifts.max_free_tickets_per_identity);
    lift("max_tickets_per_identity", all, policy.max_tickets_per_identity);
    lift("max_free_tickets_per_identity", free, policy.max_free_tickets_per_identity);
}

#[test]
fn a_lift_is_above_the_limit() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |lifts, policy| {
        let promo = fixture::promo(json!({"lifts": lifts}));
        fixture::found_in(Problem::LiftsNothing, json!({"promos": [promo], "policy": policy}))
    };
    for field in ["max_tickets_per_identity", "max_free_tickets_per_identity"] {
        let path = [format!("promos[0].lifts.{field}")];
        assert_eq!(found(json!({field: 4}), json!({})), path);
        assert_eq!(found(json!({field: 4}), json!({field: 4})), path);
        assert!(found(json!({field: 5}), json!({field: 4})).is_empty());
        assert!(found(json!({}), json!({field: 4})).is_empty());
    }
}
