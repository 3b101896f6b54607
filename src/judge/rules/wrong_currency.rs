use super::{Case, Reason, Violation};

/// The promo is for orders in one currency, and the order is in another; or an amount of the promo has none for the
/// order's currency.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let (order, promo) = (&case.order.currency, case.promo);
    let wanted = match promo.currency.as_ref().filter(|wanted| *wanted != order) {
        Some(wanted) => wanted.to_string(),
        None => promo.lacks(order)?.currencies().map(|name| name.to_string()).collect::<Vec<_>>().join(", "),
    };
    case.refuse(Reason::WrongCurrency, format_args!("is for orders in {wanted}, not {order}"))
}

#[test]
fn currencies_are_compared_as_spelt() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"currency": "eur"})));
    assert!(!refuses(condition, serde_json::json!({"currency": "EUR"})));
    assert!(!refuses(condition, serde_json::json!({})));
}

#[test]
fn every_amount_needs_the_orders_currency() {
    use super::fixture::refuses;
    use serde_json::json;
    assert!(!refuses(condition, json!({"budget": {"EUR": 5, "USD": 6}, "max_discount": {"EUR": 5}})));
    for amount in [
        json!({"budget": {"USD": 6}}),
        json!({"max_discount": {"USD": 6}}),
        json!({"min_subtotal": {"eur": 6}}),
        json!({"pools": [{"id": "p"}, {"id": "q", "budget": {"USD": 6}}]}),
        json!({"discount": {"kind": "amount_per_ticket", "amount": {"USD": 6}}}),
        json!({"discount": {"kind": "order_price", "price": {"USD": 6}}}),
    ] {
        assert!(refuses(condition, amount));
    }
}
