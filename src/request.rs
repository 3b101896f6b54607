//! The request of `validateRedemption` and `usageKeys`, and what the buyer's codes stand for in it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::error::Error;
use crate::money::{Integer, Time};
use crate::order::Order;
use crate::policy::Policy;
use crate::promo::Promo;
use crate::text::{canonical_code, repeated};
use crate::usage::Usage;

const MAX_CODES: usize = 16;

/// What a host asks: may this order be had with these codes, and at what price?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// What the buyer typed: 0 to 16 codes.
    pub codes: Vec<String>,
    /// The organiser's documents; unmatched ones are ignored once they are well-formed.
    pub promos: Vec<Promo>,
    /// What the event says, whatever the code.
    #[serde(default)]
    pub policy: Policy,
    /// What the buyer wants.
    pub order: Order,
    /// What the host read of its tables.
    #[serde(default)]
    pub usage: Usage,
    /// The present instant; `usageKeys` does without.
    #[serde(default)]
    pub now_ms: Option<Time>,
}

/// The positions of promos that are sold together, by canonical code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Index(BTreeMap<String, Integer>);

impl Index {
    /// The index, if the promos are what the types cannot say.
    pub(crate) fn new(promos: &[Promo]) -> Result<Self, Error> {
        let in_promo = |index, error: Error| error.in_element(index).in_field("promos");
        let mut positions = BTreeMap::new();
        for (position, promo) in promos.iter().enumerate() {
            let code = promo.canonical_code();
            promo.check(&code).map_err(|error| in_promo(position, error))?;
            if positions.insert(code, Integer::count(position)).is_some() {
                let twice = Error::duplicate("code", "expected a code that no other promo has");
                return Err(in_promo(position, twice));
            }
        }
        if let Some(position) = repeated(&mut promos.iter().map(|promo| promo.id.as_deref())) {
            let twice = Error::duplicate("id", "expected an id that no other promo has");
            return Err(in_promo(position, twice));
        }
        Ok(Self(positions))
    }
}

/// What a host asks, beside promos and a policy that were checked.
pub(crate) struct Asked<'a> {
    pub codes: &'a [String],
    pub promos: &'a [Promo],
    pub index: &'a Index,
    pub policy: &'a Policy,
    pub order: &'a Order,
    pub usage: &'a Usage,
    pub now_ms: Option<Time>,
}

/// A code that the buyer entered, canonical, and the promo it stands for.
pub(crate) struct Entered<'a> {
    pub code: String,
    pub promo: Option<&'a Promo>,
}

impl Request {
    /// The same with its promos indexed.
    pub(crate) fn asked<'a>(&'a self, index: &'a Index) -> Asked<'a> {
        let Self { codes, promos, policy, order, usage, now_ms } = self;
        Asked { codes, promos, index, policy, order, usage, now_ms: *now_ms }
    }
}

impl<'a> Asked<'a> {
    /// What the types cannot say of codes and order.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let codes = self.codes.len();
        if codes > MAX_CODES {
            let expected = format!("expected at most {MAX_CODES} codes, found {codes}");
            return Err(Error::new("codes", expected));
        }
        self.order.check().map_err(|error| error.in_field("order"))
    }

    /// The codes that the buyer entered, each once, in the order of entry.
    pub(crate) fn entered(&self) -> Vec<Entered<'a>> {
        let mut entered: Vec<Entered> = Vec::new();
        for code in self.codes.iter().map(|typed| canonical_code(typed)) {
            if !code.is_empty() && !entered.iter().any(|earlier| earlier.code == code) {
                let position = self.index.0.get(&code).map(|position| position.index());
                entered
                    .push(Entered { promo: position.and_then(|position| self.promos.get(position)), code });
            }
        }
        entered
    }
}
