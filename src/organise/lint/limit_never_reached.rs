use super::{Found, Subject, written};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::documents::lifts::Lifts;
use crate::documents::period::Every;
use crate::documents::policy::Policy;
use crate::documents::promo::CountBy;

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
        // Persons may have more tickets than there are uses, if a use is an order.
        let comparable = promo.count_by() == promo.count_by_identity() || promo.count_by() == CountBy::Ticket;
        let own = ("max_uses_per_identity", promo.max_uses_per_identity);
        above("max_discount", max_discount, "budget", budget);
        let mut fewer = |field: &str, limit: Option<Integer>, other: &str, most: Option<Integer>| {
            above(field, uses(limit).as_ref(), other, uses(most).as_ref());
        };
        fewer(own.0, own.1.filter(|_| comparable), "max_uses", promo.max_uses());
        for (index, period) in promo.per_period.iter().enumerate() {
            let at = |field: &str| format!("per_period[{index}].{field}");
            let (all, person) = (period.max_uses, period.max_uses_per_identity);
            fewer(&at("max_uses"), all, "max_uses", promo.max_uses());
            fewer(&at(own.0), person, own.0, own.1);
            fewer(&at(own.0), person.filter(|_| comparable), "its max_uses", all);
            // A day is within one week and one month. A week may be within two months, so those are not compared.
            let longer = promo.per_period.iter().filter(|_| period.every == Every::Day);
            for longer in longer.filter(|longer| longer.every != Every::Day) {
                let of_longer = |field: &str| format!("{field} per {}", longer.every.name());
                fewer(&at("max_uses"), all, &of_longer("max_uses"), longer.max_uses);
                fewer(&at(own.0), person, &of_longer(own.0), longer.max_uses_per_identity);
            }
        }
        for (index, pool) in promo.pools.iter().enumerate() {
            let of_pool = |field: &str| format!("{field} of its pool {}", pool.id);
            let [most, person] = ["max_uses", own.0].map(of_pool);
            fewer(own.0, own.1.filter(|_| comparable), &most, pool.max_uses);
            fewer(own.0, own.1, &person, pool.max_uses_per_identity);
            let (at, cap) = (format!("pools[{index}].{}", own.0), pool.max_uses_per_identity);
            fewer(&at, cap.filter(|_| comparable), "its max_uses", pool.max_uses);
            fewer("max_uses", promo.max_uses, &most, pool.max_uses);
        }
        for pool in &promo.pools {
            let of_pool = format!("budget of its pool {}", pool.id);
            above("max_discount", max_discount, &of_pool, pool.budget.as_ref());
            above("budget", budget, &of_pool, pool.budget.as_ref());
        }
    }
    // Of all codes' lifts, the one that allows most tickets.
    let lifts = subjects.iter().filter_map(|subject| subject.promo.lifts).fold(Lifts::default(), Lifts::and);
    let [_, tickets] = policy.lifted(Lifts { max_free_tickets_per_identity: None, ..lifts });
    let caps = policy.max_free_tickets_per_identity.zip(tickets);
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
    let periods = |every: &str, all: u64, own: u64| {
        let week = json!({"every": "week", "max_uses": 50, "max_uses_per_identity": 4});
        let period = json!({"every": every, "max_uses": all, "max_uses_per_identity": own});
        found(json!({"max_uses": 60, "max_uses_per_identity": 5, "per_period": [week, period]}))
    };
    assert!(periods("day", 50, 4).is_empty());
    assert_eq!(periods("day", 51, 4), ["promos[0].per_period[1].max_uses"]);
    assert_eq!(periods("day", 50, 5), ["promos[0].per_period[1].max_uses_per_identity"]);
    assert!(periods("month", 40, 5).is_empty());
    assert_eq!(periods("month", 61, 5), ["promos[0].per_period[1].max_uses"]);
    assert_eq!(periods("month", 50, 6), ["promos[0].per_period[1].max_uses_per_identity"]);
    assert_eq!(periods("month", 3, 4), ["promos[0].per_period[1].max_uses_per_identity"]);
    let orders = json!({"max_uses_per_identity": 6, "max_uses": 5, "count_by": "order", "count_by_identity": "ticket"});
    assert!(found(orders).is_empty());
    // A person's tickets beside the orders of all are not compared, of a period and of a pool either.
    for (name, limited) in [
        ("per_period", json!([{"every": "day", "max_uses": 5, "max_uses_per_identity": 6}])),
        ("pools", json!([{"id": "p", "max_uses": 5, "max_uses_per_identity": 7}])),
    ] {
        let counted = json!({
            "count_by": "order", "count_by_identity": "ticket", "max_uses_per_identity": 6, name: limited,
        });
        assert!(found(counted).is_empty(), "{name}");
    }
    for (name, count_by) in [("count_by", "order"), ("count_by_identity", "order")] {
        let counted = json!({"max_uses_per_identity": 6, "max_uses": 5, name: count_by});
        assert_eq!(found(counted).len(), 1, "{name}");
    }
    let of_pool = |own: u64, cap: u64| {
        found(
            json!({"max_uses_per_identity": own, "pools": [{"id": "p", "max_uses": 5, "max_uses_per_identity": cap}]}),
        )
    };
    assert_eq!(of_pool(3, 2), ["promos[0].max_uses_per_identity"]);
    assert_eq!(of_pool(2, 6), ["promos[0].pools[0].max_uses_per_identity"]);
    assert!(of_pool(5, 5).is_empty());
    let found = |free| {
        let policy = json!({"max_free_tickets_per_identity": free, "max_tickets_per_identity": 2});
        fixture::found_in(Problem::LimitNeverReached, json!({"promos": [], "policy": policy}))
    };
    assert_eq!(found(3), ["policy.max_free_tickets_per_identity"]);
    assert!(found(2).is_empty());
    let policy = json!({"max_free_tickets_per_identity": 3, "max_tickets_per_identity": 2});
    let promo = fixture::promo(json!({"lifts": {"max_tickets_per_identity": 3}}));
    assert!(
        fixture::found_in(Problem::LimitNeverReached, json!({"promos": [promo], "policy": policy}))
            .is_empty()
    );
}
