use super::{Found, Subject};
use crate::base::text::Currency;

/// An amount has no number for a currency that another amount, or the promotion's `currency`, names: orders in it are
/// refused.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let amounts = subject.amounts();
    let mut named: Vec<&Currency> = subject.promo.currency.iter().collect();
    // With a `currency`, other currencies are refused, whatever the amounts.
    if named.is_empty() {
        named = amounts.iter().flat_map(|(_, amount)| amount.currencies()).collect();
        named.sort_unstable();
        named.dedup();
    }
    for (field, amount) in &amounts {
        let lacking = named.iter().filter(|currency| amount.of(currency).is_none());
        let lacking: Vec<&str> = lacking.map(|currency| &***currency).collect();
        if !lacking.is_empty() {
            let (code, lacking) = (&subject.code, lacking.join(", "));
            let message =
                format!("{field} of {code} has no amount in {lacking}, so orders in {lacking} are refused");
            found.say(subject.at(field), message);
        }
    }
}

#[test]
fn in_one_of_several_amounts() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |fields: Value| fixture::found(Problem::CurrencyMissing, fields);
    let (both, euros) = (json!({"EUR": 5, "USD": 6}), json!({"EUR": 5}));
    assert!(found(json!({"budget": both, "max_discount": both, "min_subtotal": 5})).is_empty());
    assert_eq!(found(json!({"budget": both, "max_discount": euros})), ["promos[0].max_discount"]);
    let pools = json!([{"id": "p", "budget": {"GBP": 5}}]);
    let all = ["promos[0].budget", "promos[0].pools[0].budget"];
    assert_eq!(found(json!({"budget": both, "pools": pools})), all);
    // Only the promotion's own currency counts.
    assert!(found(json!({"currency": "EUR", "budget": both, "max_discount": euros})).is_empty());
    let usd = json!({"currency": "USD", "budget": both, "discount": {"kind": "order_price", "price": euros}});
    assert_eq!(found(usd), ["promos[0].discount.price"]);
}
