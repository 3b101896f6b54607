use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::policy::Policy;

/// A limit is never reached because another one is lower: one of the two is not what was meant.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    for subject in subjects {
        let promo = subject.promo;
        let mut above = |field: &str, limit: Option<Integer>, other: &str, least: Option<Integer>| {
            if let Some((limit, least)) = limit.zip(least).filter(|(limit, least)| limit > least) {
                let message = format!(
                    "{field} of {} is {}, which is never reached, because {other} is {}",
                    subject.code,
                    limit.get(),
                    least.get()
                );
                found.say(subject.at(field), message);
            }
        };
        for (counter, most) in promo.caps() {
            above(counter.facts().limit, most, "max_uses", promo.max_uses());
        }
        above("max_discount", promo.max_discount, "budget", promo.budget);
        for pool in &promo.pools {
            let (uses, budget) =
                (format!("max_uses of its pool {}", pool.id), format!("budget of its pool {}", pool.id));
            for (counter, most) in promo.caps() {
                above(counter.facts().limit, most, &uses, pool.max_uses);
            }
            above("max_uses", promo.max_uses, &uses, pool.max_uses);
            above("max_discount", promo.max_discount, &budget, pool.budget);
            above("budget", promo.budget, &budget, pool.budget);
        }
    }
    let caps = policy.max_free_tickets_per_identity.zip(policy.max_tickets_per_identity);
    if let Some((free, all)) = caps.filter(|(free, all)| free > all) {
        let message = format!(
            "a person may have {} free tickets, which is never reached, because a person may have only {} tickets",
            free.get(),
            all.get()
        );
        found.say("policy.max_free_tickets_per_identity".into(), message);
    }
}

#[test]
fn the_larger_one_is_never_reached() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::LimitNeverReached, fields);
    assert_eq!(
        found(json!({"max_uses_per_identity": 6, "max_uses": 5})),
        ["promos[0].max_uses_per_identity"]
    );
    assert!(found(json!({"max_uses_per_identity": 5, "max_uses": 5})).is_empty());
    assert_eq!(
        found(json!({"max_uses_per_identity": 2, "single_use": true})),
        ["promos[0].max_uses_per_identity"]
    );
    assert_eq!(found(json!({"max_discount": 6, "budget": 5})), ["promos[0].max_discount"]);
    let pools = json!([{"id": "p", "max_uses": 5, "budget": 50}]);
    let all =
        json!({"max_uses": 6, "max_uses_per_identity": 6, "budget": 51, "max_discount": 51, "pools": pools});
    let fields = ["max_discount", "max_uses_per_identity", "max_uses", "max_discount", "budget"];
    // `max_discount` and `budget` are both 51, so the first of these fields is not found.
    assert_eq!(found(all), fields[1..].iter().map(|field| format!("promos[0].{field}")).collect::<Vec<_>>());
    let found = |free| {
        let policy = json!({"max_free_tickets_per_identity": free, "max_tickets_per_identity": 2});
        fixture::found_in(Problem::LimitNeverReached, json!({"promos": [], "policy": policy}))
    };
    assert_eq!(found(3), ["policy.max_free_tickets_per_identity"]);
    assert!(found(2).is_empty());
}
