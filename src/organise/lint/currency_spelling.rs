use std::collections::BTreeMap;

use super::{Found, Subject};
use crate::base::money::Integer;
use crate::base::text::Currency;
use crate::documents::policy::Policy;

/// A currency is compared as it is written, and orders write this one differently: `eur`, `€`; or `SAT` beside `sat`.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let mut named = Vec::new();
    for subject in subjects {
        let own = subject.promo.currency.iter().map(|currency| ("currency".to_owned(), currency.clone()));
        let amounts = subject.amounts().into_iter();
        let of_amounts = amounts.flat_map(|(field, amount)| {
            let currencies: Vec<Currency> = amount.currencies().cloned().collect();
            currencies.into_iter().map(move |currency| (field.clone(), currency))
        });
        let mut seen: Vec<Currency> = Vec::new();
        for (field, currency) in own.chain(of_amounts) {
            if !seen.contains(&currency) {
                seen.push(currency.clone());
                named.push((subject, field, currency));
            }
        }
    }
    let mut first = BTreeMap::new();
    for (position, (subject, field, currency)) in named.iter().enumerate() {
        if is_misspelt(currency) {
            let message = "but ISO 4217 writes three capitals, and another spelling is another currency";
            let message = format!("the currency of {} is {currency}, {message}", subject.code);
            found.say(subject.at(field), message);
            continue;
        }
        let place = *first.entry(unit(currency)).or_insert(Integer::count(position));
        let Some((earlier, _, other)) = named.get(place.index()) else { continue };
        if other != currency {
            let message = format!(
                "{} is in {currency} and {} in {other}: these are two currencies, and no order is in both",
                subject.code, earlier.code
            );
            found.say(subject.at(field), message);
        }
    }
}

/// Whether the currency has three letters that are not all capitals (`sat` may be small), is a sign, or has blanks
/// around it.
fn is_misspelt(currency: &str) -> bool {
    let letters = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_alphabetic());
    let capitals = currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let sign = currency.chars().count() == 1 || currency.contains('$');
    (letters && !capitals && currency != "sat") || sign || currency.trim() != currency
}

/// One name for the spellings of one currency.
fn unit(currency: &str) -> String {
    match currency.to_ascii_lowercase().as_str() {
        "sats" => "sat".into(),
        "msats" => "msat".into(),
        other => other.into(),
    }
}

#[test]
fn each_by_itself() {
    use super::{Problem, fixture};
    let found =
        |currency: &str| fixture::found(Problem::CurrencySpelling, serde_json::json!({"currency": currency}));
    for currency in ["eur", "Eur", "EUr", "Sat", "\u{20AC}", "$", "US$", "EUR ", " sat"] {
        assert_eq!(found(currency), ["promos[0].currency"], "{currency}");
    }
    for currency in ["EUR", "SAT", "sat", "sats", "msat", "BTC", "credits", "Z\u{142}oty", "USDC", "kr"] {
        assert!(found(currency).is_empty(), "{currency}");
    }
}

#[test]
fn in_each_amount() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::CurrencySpelling, fields);
    assert_eq!(
        found(json!({"max_discount": {"EUR": 5}, "budget": {"EUR": 5, "eur": 6}})),
        ["promos[0].budget"]
    );
    let pools = json!([{"id": "p", "budget": {"SAT": 5}}]);
    assert_eq!(found(json!({"currency": "sat", "pools": pools})), ["promos[0].pools[0].budget"]);
    assert!(found(json!({"currency": "EUR", "budget": {"EUR": 5, "USD": 6}})).is_empty());
}

#[test]
fn each_beside_the_first_of_its_kind() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |currencies: &[Option<&str>]| {
        let promos: Vec<_> = (0..)
            .zip(currencies)
            .map(|(index, currency)| json!({"code": format!("X{index}"), "discount_percent": 20, "currency": currency}))
            .collect();
        fixture::found_in(Problem::CurrencySpelling, json!({ "promos": promos }))
    };
    assert_eq!(
        found(&[None, Some("sat"), Some("EUR"), Some("SAT"), Some("sats"), Some("sat")]),
        ["promos[3].currency", "promos[4].currency"]
    );
    // A currency that is misspelt by itself is reported once, and not compared with the others.
    assert_eq!(found(&[Some("eur"), Some("EUR"), Some("EUR")]), ["promos[0].currency"]);
    assert!(found(&[Some("EUR"), Some("USD"), None]).is_empty());
}
