use super::{Found, Subject};
use crate::base::money::Integer;
use crate::base::text::Currency;

/// The currencies without decimals in ISO 4217, and names of bitcoin, of which people do mean small amounts.
const WITHOUT_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF SAT BTC XBT";
const THREE_DECIMALS: &str = "BHD IQD JOD KWD LYD OMR TND";
const FOUR_DECIMALS: &str = "CLF UYW";

/// An amount is less than one unit of its currency: the organiser wrote 15 and may have meant 15.00, which is 1500.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    for (field, amount) in subject.amounts() {
        let of = |currency: Option<&Currency>| currency.or(subject.promo.currency.as_ref()).cloned();
        // 0 makes tickets free, or is the problem `zero_refuses`.
        let below = |(currency, money): (Option<&Currency>, Integer)| {
            let currency = of(currency)?;
            let (unit, money) = (minor_units(&currency)?, money.get());
            (1..unit).contains(&money).then_some((currency, unit, money))
        };
        if let Some((currency, unit, money)) = amount.numbers().find_map(below) {
            let message = format!(
                "{field} of {} is {money}, which is less than one {currency}; {money} {currency} are written {}",
                subject.code,
                money.saturating_mul(unit)
            );
            found.say(subject.at(&field), message);
        }
    }
}

/// How many minor units make one unit of the currency: 100, unless another number is known. `None` for a currency
/// without decimals, and for text that is not the code of a currency.
fn minor_units(currency: &str) -> Option<u64> {
    let code = currency.trim().to_ascii_uppercase();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_in = |codes: &str| codes.split(' ').any(|one| one == code);
    let units = [(WITHOUT_DECIMALS, None), (THREE_DECIMALS, Some(1000)), (FOUR_DECIMALS, Some(10_000))];
    let known = units.into_iter().find(|(codes, _)| is_in(codes)).map(|(_, unit)| unit);
    if is_code { known.unwrap_or(Some(100)) } else { None }
}

#[test]
fn every_amount_of_the_document() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |currency: &str, name: &str, value: Value| {
        fixture::found(Problem::AmountBelowOneUnit, json!({"currency": currency, name: value}))
    };
    let off = |kind: &str, amount: u64| json!({"kind": kind, "amount": amount});
    let price = |price: u64| json!({"kind": "fixed_price", "price": price});
    assert_eq!(found("EUR", "discount", off("amount_per_ticket", 15)), ["promos[0].discount.amount"]);
    assert_eq!(found("EUR", "discount", off("amount_per_order", 99)), ["promos[0].discount.amount"]);
    assert_eq!(found("EUR", "discount", price(1)), ["promos[0].discount.price"]);
    assert!(found("EUR", "discount", off("amount_per_ticket", 100)).is_empty());
    assert!(found("EUR", "discount", price(0)).is_empty());
    for field in ["max_discount", "budget", "min_subtotal", "max_subtotal"] {
        assert_eq!(found("EUR", field, json!(50)), [format!("promos[0].{field}")]);
        assert!(found("EUR", field, json!(5000)).is_empty());
    }
    let pools = json!([{"id": "p", "budget": 500}, {"id": "q", "budget": 50, "max_uses": 5}]);
    assert_eq!(found("EUR", "pools", pools), ["promos[0].pools[1].budget"]);
    let requires = json!([{"ticket_types": ["vip"], "min_subtotal": 50}]);
    assert_eq!(found("EUR", "requires", requires), ["promos[0].requires[0].min_subtotal"]);
    assert!(found("EUR", "max_uses", json!(5)).is_empty());
    let fields = json!({"discount": {"kind": "fixed_price", "price": 15}});
    assert!(fixture::found(Problem::AmountBelowOneUnit, fields).is_empty()); // of whatever currency
}

#[test]
fn one_is_as_many_as_the_currency_has() {
    let units = ["EUR", "eur", "KWD", "CLF", "JPY", "sat", "SAT", "sats", "BTC", "credits", "\u{20AC}"];
    let hundred = Some(100);
    let expected = [hundred, hundred, Some(1000), Some(10_000), None, None, None, None, None, None, None];
    assert_eq!(units.map(minor_units), expected);
}
