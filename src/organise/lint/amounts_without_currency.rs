use super::{Found, Subject};
use crate::base::money::Integer;

/// The promotion counts over several events and names no currency: its 500 is 500 cents in one order and 500 sat in
/// another.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    if promo.currency.is_some() || !(promo.id.is_some() || subject.spans_events()) {
        return;
    }
    let above_zero = |money: Option<Integer>| money.is_some_and(|money| money > Integer::ZERO);
    let mut fields = Vec::new();
    for (field, discount) in subject.discounts() {
        let moneys = [("amount", discount.amount()), ("price", discount.price())];
        let above_zero = moneys.into_iter().filter(|(_, money)| above_zero(*money));
        fields.extend(above_zero.map(|(name, _)| format!("{field}.{name}")));
    }
    let others = [
        promo.max_discount.map(|_| "max_discount"),
        promo.budget.map(|_| "budget"),
        promo.pools.iter().find_map(|pool| pool.budget).map(|_| "the budget of a pool"),
        promo.min_subtotal.map(|_| "min_subtotal"),
    ];
    fields.extend(others.into_iter().flatten().map(str::to_owned));
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
