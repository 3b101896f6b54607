use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::promo::{CountBy, WhenShort};

/// The smallest order that the code is for needs more uses than a limit allows, and `when_short` is `reject`.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let Some(least) = promo.min_tickets else { return };
    if promo.count_by() != CountBy::Ticket || promo.when_short == WhenShort::Partial {
        return;
    }
    let need = promo.max_tickets_per_order.map_or(least, |most| least.min(most.into()));
    // A person's uses may be counted by order; then one use is enough.
    let per_person = promo.per_person().filter(|_| promo.count_by_identity() == CountBy::Ticket);
    let own = [promo.max_uses(), per_person];
    let of_periods = promo.per_period.iter().map(|period| period.max_uses);
    let own = own.into_iter().chain(of_periods);
    let uses = own.into_iter().chain(promo.pools.iter().map(|pool| pool.max_uses)).flatten().min();
    // A limit of 0 refuses everything: that is the problem `zero_refuses`.
    if let Some(uses) = uses.filter(|uses| *uses > Integer::ZERO && *uses < need) {
        let message = format!(
            "{} needs at least {} uses at once, and may have at most {}",
            subject.code,
            need.get(),
            uses.get()
        );
        found.say(subject.at("min_tickets"), message);
    }
}

#[test]
fn every_ticket_is_a_use() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |name: &str, value: Value| {
        let fields = json!({"min_tickets": 4, "single_use": true, name: value});
        fixture::found(Problem::MinAboveLimit, fields)
    };
    assert_eq!(found("active", json!(true)), ["promos[0].min_tickets"]);
    assert!(found("max_uses_per_identity", json!(0)).is_empty());
    assert!(found("count_by", json!("order")).is_empty());
    assert!(found("when_short", json!("partial")).is_empty());
    let person = json!({"min_tickets": 4, "max_uses_per_identity": 3, "count_by_identity": "order"});
    assert!(fixture::found(Problem::MinAboveLimit, person).is_empty());
    assert!(found("max_tickets_per_order", json!(1)).is_empty());
    for (name, value) in [
        ("max_uses", json!(3)),
        ("per_period", json!([{"every": "week", "max_uses": 4}, {"every": "day", "max_uses": 3}])),
        ("max_uses_per_identity", json!(3)),
        ("pools", json!([{"id": "p"}, {"id": "q", "max_uses": 3}])),
        ("pools", json!([{"id": "p", "max_uses": 4, "max_uses_per_identity": 3}])),
    ] {
        assert_eq!(
            fixture::found(Problem::MinAboveLimit, json!({"min_tickets": 4, name: value.clone()})).len(),
            1
        );
        assert!(fixture::found(Problem::MinAboveLimit, json!({"min_tickets": 3, name: value})).is_empty());
    }
}
