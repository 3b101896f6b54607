use super::{Found, Subject};
use crate::base::amount::Amount;
use crate::base::money::Integer;

/// The promotion counts over several events, or has other amounts by currency, and names no currency: its 500 is 500
/// cents in one order and 500 sat in another.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let several = promo.amounts().any(|amount| amount.currencies().next().is_some());
    if promo.currency.is_some() || !(promo.id.is_some() || subject.spans_events() || several) {
        return;
    }
    // An amount by currency names its currencies. A discount of 0 is 0 in every currency.
    let discount = |field: &str| field.starts_with("discount");
    let plain = |(field, amount): (String, Amount)| match amount {
        Amount::Plain(number) => (number > Integer::ZERO || !discount(&field)).then_some(field),
        Amount::ByCurrency(_) => None,
    };
    let mut fields: Vec<_> = subject.amounts().into_iter().filter_map(plain).collect();
    for field in fields.iter_mut().filter(|field| field.starts_with("pools")) {
        *field = "the budget of a pool".to_owned();
    }
    for field in fields.iter_mut().filter(|field| field.starts_with("requires")) {
        *field = "the subtotal that it requires".to_owned();
    }
    fields.dedup();
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
    assert_eq!(found(json!({"max_discount": 5, "budget": {"EUR": 5}})), ["promos[0].currency"]);
    assert!(found(json!({"id": "x", "max_discount": {"EUR": 5}, "budget": {"EUR": 5}})).is_empty());
    assert!(found(json!({"id": "x", "max_uses": 5})).is_empty());
    assert!(
        found(json!({"id": "x", "discount": {"kind": "fixed_price", "price": 0}, "max_uses": 5})).is_empty()
    );
}
