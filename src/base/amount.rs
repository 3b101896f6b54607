//! Amount: so much money, in the currency of each order or for each currency by itself.

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

use crate::base::given::Given;
use crate::base::money::Integer;
use crate::base::text::Currency;

/// The most currencies of one amount.
pub(crate) const MAX_CURRENCIES: usize = 32;

/// So much money, in the minor units of a currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// In whichever currency the order is.
    Plain(Integer),
    /// For each currency by itself: orders in other currencies are refused.
    ByCurrency(BTreeMap<Currency, Integer>),
}

impl From<Integer> for Amount {
    fn from(amount: Integer) -> Self {
        Self::Plain(amount)
    }
}

impl Amount {
    /// The amount for orders in this currency; `None` if it has none.
    pub fn of(&self, currency: &Currency) -> Option<Integer> {
        match self {
            Self::Plain(amount) => Some(*amount),
            Self::ByCurrency(amounts) => amounts.get(currency).copied(),
        }
    }

    /// Each number in it, with its currency.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = (Option<&Currency>, Integer)> {
        let (plain, amounts) = match self {
            Self::Plain(amount) => (Some((None, *amount)), None),
            Self::ByCurrency(amounts) => (None, Some(amounts)),
        };
        let by_currency = amounts.into_iter().flatten().map(|(currency, amount)| (Some(currency), *amount));
        plain.into_iter().chain(by_currency)
    }

    /// The currencies that it names. A plain amount names none.
    pub(crate) fn currencies(&self) -> impl Iterator<Item = &Currency> {
        self.numbers().filter_map(|(currency, _)| currency)
    }

    /// The numbers of both for one currency, where the pair is such. A plain amount is of every currency.
    pub(crate) fn beside<'a>(
        &'a self,
        other: &'a Self,
        is: impl Fn(Integer, Integer) -> bool,
    ) -> Option<(Option<&'a Currency>, Integer, Integer)> {
        let pairs = self.numbers().flat_map(move |(currency, number)| {
            let beside =
                other.numbers().filter(move |(at, _)| at.is_none() || currency.is_none() || *at == currency);
            beside.map(move |(at, beside)| (currency.or(at), number, beside))
        });
        pairs.into_iter().find(|(_, number, beside)| is(*number, *beside))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl<'de> Visitor<'de> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an integer or an object of integers by currency")
    }
    /// A stand-in, which `crossing/draft.rs` explains.
    fn visit_unit<E>(self) -> Result<Amount, E> {
        Ok(Amount::Plain(Integer::ZERO))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Amount, E> {
        Integer::deserialize(serde::de::value::U64Deserializer::new(value)).map(Amount::Plain)
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Amount, E> {
        Integer::deserialize(serde::de::value::F64Deserializer::new(value)).map(Amount::Plain)
    }
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Amount, A::Error> {
        let Given(amounts) = Given::deserialize(serde::de::value::MapAccessDeserializer::new(entries))?;
        match amounts.len() {
            0 => return Err(A::Error::custom("expected at least one currency")),
            1..=MAX_CURRENCIES => {}
            found => {
                let expected = format!("expected at most {MAX_CURRENCIES} currencies, found {found}");
                return Err(A::Error::custom(expected));
            }
        }
        Ok(Amount::ByCurrency(amounts))
    }
}

#[test]
fn plain_numbers_stand_beside_every_currency() {
    let integer = |number| Integer::new(number).unwrap();
    let map = |amounts: &[(&str, u64)]| {
        let amounts = amounts.iter().map(|(name, number)| (Currency::new(*name).unwrap(), integer(*number)));
        Amount::ByCurrency(amounts.collect())
    };
    let above = |one: &Amount, other: &Amount| {
        let found = one.beside(other, |number, beside| number > beside);
        found.map(|(currency, number, beside)| {
            (currency.map(|name| name.to_string()), number.get(), beside.get())
        })
    };
    let (plain, both) = (Amount::Plain(integer(500)), map(&[("EUR", 500), ("USD", 400)]));
    assert_eq!(above(&plain, &Amount::Plain(integer(499))), Some((None, 500, 499)));
    assert_eq!(above(&plain, &both), Some((Some("USD".into()), 500, 400)));
    assert_eq!(above(&both, &plain), None);
    assert_eq!(above(&map(&[("EUR", 501)]), &plain), Some((Some("EUR".into()), 501, 500)));
    assert_eq!(above(&both, &map(&[("GBP", 1), ("EUR", 500)])), None);
    assert_eq!(above(&both, &map(&[("GBP", 1), ("USD", 399)])), Some((Some("USD".into()), 400, 399)));
}
