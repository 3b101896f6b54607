use super::{Found, Subject};
use crate::base::money::Integer;

/// The promotion counts over several events and names no currency: its 500 is 500 cents in one order and 500 sat in
/// another.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    if promo.currency.is_some() || !(promo.id.is_some() || subject.spans_events()) {
        return;
    }
    let (amount, price) = (promo.discount().amount(), promo.discount().price());
    let above_zero = |money: Option<Integer>| money.filter(|money| *money > Integer::ZERO);
    let required = promo.requires.iter().flatten().find_map(|entry| entry.min_subtotal);
    let fields = [
        above_zero(amount).map(|_| "discount.amount"),
        above_zero(price).map(|_| "discount.price"),
        promo.max_discount.map(|_| "max_discount"),
        promo.budget.map(|_| "budget"),
        promo.pools.iter().find_map(|pool| pool.budget).map(|_| "the budget of a pool"),
        promo.min_subtotal.map(|_| "min_subtotal"),
        promo.max_subtotal.map(|_| "max_subtotal"),
        required.map(|_| "the subtotal that it requires"),
    ];
    let fields: Vec<_> = fields.into_iter().flatten().collect();
    if !fields.is_empty() {
        let message = "has no currency, so these amounts are in the currency of each order";
        let message = format!("{} {message}: {}", subject.code, fields.join(", "));
        found.say(subject.at("currency"), message);
    }
}

#[test]
fn every_amount_where_events_may_differ() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::AmountsWithoutCurrency, fields);
    for (name, value) in [
        ("discount", json!({"kind": "amount_per_ticket", "amount": 5})),
        ("discount", json!({"kind": "amount_per_order", "amount": 5})),
        ("discount", json!({"kind": "fixed_price", "price": 5})),
        ("max_discount", json!(5)),
        ("budget", json!(5)),
        ("min_subtotal", json!(5)),
        ("max_subtotal", json!(5)),
        ("requires", json!([{"ticket_types": ["vip"], "min_subtotal": 5}])),
        ("pools", json!([{"id": "p"}, {"id": "q", "budget": 5}])),
    ] {
        assert_eq!(found(json!({"id": "x", name: value.clone()})), ["promos[0].currency"], "{name}");
        assert_eq!(
            found(json!({"events": ["a", "b"], name: value.clone()})),
            ["promos[0].currency"],
            "{name}"
        );
        assert!(found(json!({"id": "x", "currency": "EUR", name: value.clone()})).is_empty(), "{name}");
        assert!(found(json!({"events": ["a"], name: value})).is_empty(), "{name}");
    }
    assert!(found(json!({"id": "x", "max_uses": 5})).is_empty());
    assert!(
        found(json!({"id": "x", "discount": {"kind": "fixed_price", "price": 0}, "max_uses": 5})).is_empty()
    );
}
