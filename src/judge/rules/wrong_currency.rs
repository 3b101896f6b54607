use super::{Case, Reason, Violation};

/// The promo is for orders in one currency, and the order is in another.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let order = &case.order.currency;
    let promo = case.promo.currency.as_ref().filter(|promo| *promo != order)?;
    case.refuse(Reason::WrongCurrency, format_args!("is for orders in {promo}, not {order}"))
}

#[test]
fn currencies_are_compared_as_spelt() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"currency": "eur"})));
    assert!(!refuses(condition, serde_json::json!({"currency": "EUR"})));
    assert!(!refuses(condition, serde_json::json!({})));
}
