use super::{Found, Subject};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::documents::discount::Discount;
use crate::documents::policy::Policy;

/// A limit or an amount is 0. In other programs 0 may mean no limit; here it rejects every order.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    for subject in subjects {
        let promo = subject.promo;
        let mut limit = |field: &str, most: Option<Integer>| {
            if most == Some(Integer::ZERO) {
                let message =
                    format!("{field} is 0, so {} is never accepted; null is no limit", subject.code);
                found.say(subject.at(field), message);
            }
        };
        limit("max_uses", promo.max_uses);
        limit("max_uses_per_identity", promo.max_uses_per_identity);
        limit("max_tickets", promo.max_tickets);
        // A code of kind `none` takes nothing off, so it needs no money.
        let takes = promo.takes();
        let money = !takes.is_none();
        limit("max_discount", promo.max_discount.as_ref().filter(|_| money).and_then(zero));
        limit("budget", promo.budget.as_ref().filter(|_| money).and_then(zero));
        for (index, period) in promo.per_period.iter().enumerate() {
            limit(&format!("per_period[{index}].max_uses"), period.max_uses);
            limit(&format!("per_period[{index}].max_uses_per_identity"), period.max_uses_per_identity);
        }
        limit("max_subtotal", promo.max_subtotal.as_ref().filter(|_| money).and_then(zero));
        for (index, pool) in promo.pools.iter().enumerate() {
            limit(&format!("pools[{index}].max_uses"), pool.max_uses);
            limit(&format!("pools[{index}].max_uses_per_identity"), pool.max_uses_per_identity);
            limit(&format!("pools[{index}].budget"), pool.budget.as_ref().filter(|_| money).and_then(zero));
        }
        // Beside another discount, an amount of 0 takes its tickets out, as the kind `none` does.
        let of_zero = |discount: &Discount| discount.amount().and_then(zero).is_some();
        let nothing = |discount: &Discount| discount.is_none() || of_zero(discount);
        if let Some((field, _)) = subject.discounts().iter().find(|(_, discount)| of_zero(discount))
            && takes.discounts().all(nothing)
        {
            let message =
                "takes 0 off, so it is never accepted; a code that shall take nothing off has the kind none";
            found.say(subject.at(&format!("{field}.amount")), format!("{} {message}", subject.code));
        }
    }
    // A code may lift the limit: then tickets are only for those who have the code.
    let lifted = |subject: &Subject| {
        subject.promo.lifts.is_some_and(|lifts| lifts.max_tickets_per_identity > Some(Integer::ZERO))
    };
    if policy.max_tickets_per_identity == Some(Integer::ZERO) && !subjects.iter().any(lifted) {
        let message = "max_tickets_per_identity is 0, so no order is accepted; null is no limit";
        found.say("policy.max_tickets_per_identity".into(), message.into());
    }
}

/// The amount if it is 0, in some currency.
fn zero(amount: &Amount) -> Option<Integer> {
    amount.numbers().map(|(_, number)| number).find(|number| *number == Integer::ZERO)
}

#[test]
fn every_zero_that_refuses() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::ZeroRefuses, fields);
    for field in
        ["max_uses", "max_uses_per_identity", "max_tickets", "max_discount", "budget", "max_subtotal"]
    {
        assert_eq!(found(json!({field: 0})), [format!("promos[0].{field}")]);
        assert!(found(json!({field: 1})).is_empty());
    }
    let day = |limit: &str| {
        found(json!({"per_period": [{"every": "week", "max_uses": 1}, {"every": "day", limit: 0}]}))
    };
    assert_eq!(day("max_uses"), ["promos[0].per_period[1].max_uses"]);
    assert_eq!(day("max_uses_per_identity"), ["promos[0].per_period[1].max_uses_per_identity"]);
    let person = json!([{"id": "p"}, {"id": "q", "max_uses_per_identity": 0}]);
    assert_eq!(found(json!({"pools": person})), ["promos[0].pools[1].max_uses_per_identity"]);
    let pools = json!([{"id": "p", "max_uses": 0, "budget": 0}]);
    let none = json!({"kind": "none"});
    assert_eq!(found(json!({"pools": pools})), ["promos[0].pools[0].max_uses", "promos[0].pools[0].budget"]);
    assert_eq!(
        found(json!({"pools": pools, "discount": none, "budget": 0})),
        ["promos[0].pools[0].max_uses"]
    );
    assert!(found(json!({"discount": none, "max_discount": 0, "max_subtotal": 0})).is_empty());
    let by_type = |other: serde_json::Value| {
        let zero = json!({"ticket_types": ["seat"], "discount": {"kind": "amount_per_ticket", "amount": 0}});
        let other = json!({"ticket_types": ["vip"], "discount": other});
        let request = json!({"promos": [{"code": "X", "discounts": [zero, other]}]});
        fixture::found_in(Problem::ZeroRefuses, request)
    };
    assert_eq!(by_type(none), ["promos[0].discounts[0].discount.amount"]);
    assert!(by_type(json!({"kind": "free"})).is_empty());
    for kind in ["amount_per_ticket", "amount_per_order"] {
        assert_eq!(found(json!({"discount": {"kind": kind, "amount": 0}})), ["promos[0].discount.amount"]);
    }
    assert!(
        found(json!({"min_tickets": 0, "min_subtotal": 0, "discount": {"kind": "fixed_price", "price": 0}}))
            .is_empty()
    );
    let policy = json!({"max_tickets_per_identity": 0, "max_free_tickets_per_identity": 0});
    let request = json!({"promos": [], "policy": policy});
    assert_eq!(fixture::found_in(Problem::ZeroRefuses, request), ["policy.max_tickets_per_identity"]);
    for (lifted, left) in [(0, 1), (1, 0)] {
        let promo = fixture::promo(json!({"lifts": {"max_tickets_per_identity": lifted}}));
        let request = json!({"promos": [promo], "policy": {"max_tickets_per_identity": 0}});
        assert_eq!(fixture::found_in(Problem::ZeroRefuses, request).len(), left);
    }
}
