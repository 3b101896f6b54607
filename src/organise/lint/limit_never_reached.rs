use super::{Found, Subject, written};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::documents::policy::Policy;

/// A limit is never reached because another one is lower: one of the two is not what was meant.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    for subject in subjects {
        let promo = subject.promo;
        let mut above = |field: &str, limit: Option<&Amount>, other: &str, least: Option<&Amount>| {
            let both = limit.zip(least);
            let is_above = both.and_then(|(limit, least)| limit.beside(least, |limit, least| limit > least));
            if let Some((currency, limit, least)) = is_above {
                let (limit, least) = (written(limit, currency), written(least, currency));
                let message = format!(
                    "{field} of {} is {limit}, which is never reached, because {other} is {least}",
                    subject.code
                );
                found.say(subject.at(field), message);
            }
        };
        // A number of uses is compared like an amount.
        let uses = |limit: Option<Integer>| limit.map(Amount::from);
        let (max_discount, budget) = (promo.max_discount.as_ref(), promo.budget.as_ref());
        for (counter, most) in promo.caps() {
            above(counter.facts().limit, uses(most).as_ref(), "max_uses", uses(promo.max_uses()).as_ref());
        }
        above("max_discount", max_discount, "budget", budget);
        for pool in &promo.pools {
            let (of_pool, most) = (format!("max_uses of its pool {}", pool.id), uses(pool.max_uses));
            for (counter, cap) in promo.caps() {
                above(counter.facts().limit, uses(cap).as_ref(), &of_pool, most.as_ref());
            }
            above("max_uses", uses(promo.max_uses).as_ref(), &of_pool, most.as_ref());
            let (of_pool, most) = (format!("budget of its pool {}", pool.id), pool.budget.as_ref());
            above("max_discount", max_discount, &of_pool, most);
            above("budget", budget, &of_pool, most);
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
