use std::collections::BTreeMap;

use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::policy::Policy;

/// A currency is compared as it is written, and orders write this one differently: `eur`, `€`; or `SAT` beside `sat`.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let mut first = BTreeMap::new();
    for (position, subject) in subjects.iter().enumerate() {
        let Some(currency) = subject.promo.currency.as_deref() else { continue };
        if is_misspelt(currency) {
            let message = "but ISO 4217 writes three capitals, and another spelling is another currency";
            let message = format!("the currency of {} is {currency}, {message}", subject.code);
            found.say(subject.at("currency"), message);
            continue;
        }
        let place = *first.entry(unit(currency)).or_insert(Integer::count(position));
        let Some(earlier) = subjects.get(place.index()) else { continue };
        if let Some(other) = earlier.promo.currency.as_deref().filter(|other| *other != currency) {
            let message = format!(
                "{} is in {currency} and {} in {other}: these are two currencies, and no order is in both",
                subject.code, earlier.code
            );
            found.say(subject.at("currency"), message);
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
