//! The account: what is used of each counter while one order is decided.

use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::money::Integer;
use crate::documents::redemption::Redemption;

/// What is used of each counter while one order is decided.
#[derive(Clone)]
pub(crate) struct Account<'a> {
    counters: &'a BTreeMap<String, Integer>,
    given_back: BTreeMap<String, Integer>,
    charged: BTreeMap<String, Integer>,
}

impl<'a> Account<'a> {
    pub(crate) fn new(counters: &'a BTreeMap<String, Integer>) -> Self {
        Self { counters, given_back: BTreeMap::new(), charged: BTreeMap::new() }
    }

    /// What is used now: what the host read, less what was given back, plus what this order was charged so far.
    pub(crate) fn used(&self, key: &str) -> Integer {
        let amount = |of: &BTreeMap<String, Integer>| of.get(key).copied().unwrap_or_default();
        let before = amount(self.counters).minus(amount(&self.given_back));
        // The sum is in range: `charge` has checked it.
        before.plus(amount(&self.charged)).unwrap_or(before)
    }

    /// Gives back everything that the redemption holds, because this order replaces it.
    pub(crate) fn give_back(&mut self, redemption: &Redemption) -> Result<(), Error> {
        redemption.held().try_for_each(|(charge, amount)| add(&mut self.given_back, &charge.key, amount))
    }

    /// Gives back what the lapsed hold no longer holds once it is released.
    pub(crate) fn reclaim(&mut self, hold: &Redemption, released: &Redemption) -> Result<(), Error> {
        hold.held().zip(released.held()).try_for_each(|((charge, before), (_, after))| {
            add(&mut self.given_back, &charge.key, before.minus(after))
        })
    }

    /// Adds the amount to what is used of the counter; an error if the sum is larger than an integer may be.
    pub(crate) fn charge(&mut self, key: &str, amount: Integer) -> Result<(), Error> {
        if self.used(key).plus(amount).is_none() {
            return Err(out_of_range(key));
        }
        add(&mut self.charged, key, amount)
    }
}

fn add(amounts: &mut BTreeMap<String, Integer>, key: &str, amount: Integer) -> Result<(), Error> {
    let entry = amounts.entry(key.to_owned()).or_default();
    *entry = entry.plus(amount).ok_or_else(|| out_of_range(key))?;
    Ok(())
}

/// The error of a counter whose sum leaves the range of an integer.
pub(crate) fn out_of_range(key: &str) -> Error {
    let error = Error::out_of_range("").in_field(key);
    error.in_field("counters").in_field("usage")
}
