//! The request of `validateRedemption` and `usageKeys`, and what the buyer's codes stand for in it.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::money::Time;
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

/// What the types cannot say of promos that are sold together; answers their codes, canonical.
pub(crate) fn check_promos(promos: &[Promo]) -> Result<Vec<String>, Error> {
    let in_promo = |index, error: Error| error.in_element(index).in_field("promos");
    let codes: Vec<String> = promos.iter().map(Promo::canonical_code).collect();
    for (index, (promo, code)) in promos.iter().zip(&codes).enumerate() {
        promo.check(code).map_err(|error| in_promo(index, error))?;
    }
    if let Some(index) = repeated(&mut codes.iter().map(|code| Some(code.as_str()))) {
        let twice = Error::duplicate("code", "expected a code that no other promo has");
        return Err(in_promo(index, twice));
    }
    if let Some(index) = repeated(&mut promos.iter().map(|promo| promo.id.as_deref())) {
        let twice = Error::duplicate("id", "expected an id that no other promo has");
        return Err(in_promo(index, twice));
    }
    Ok(codes)
}

/// A code that the buyer entered, canonical, and the promo it stands for.
pub(crate) struct Entered<'a> {
    pub code: String,
    pub promo: Option<&'a Promo>,
}

impl Request {
    /// What the types cannot say, of everything but the usage.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let codes = self.codes.len();
        if codes > MAX_CODES {
            let expected = format!("expected at most {MAX_CODES} codes, found {codes}");
            return Err(Error::new("codes", expected));
        }
        check_promos(&self.promos)?;
        self.order.check().map_err(|error| error.in_field("order"))
    }

    /// The codes that the buyer entered, each once, in the order of entry.
    pub(crate) fn entered(&self) -> Vec<Entered<'_>> {
        let mut entered: Vec<Entered> = Vec::new();
        for code in self.codes.iter().map(|typed| canonical_code(typed)) {
            if !code.is_empty() && !entered.iter().any(|earlier| earlier.code == code) {
                entered.push(Entered { code, promo: None });
            }
        }
        for promo in &self.promos {
            let code = promo.canonical_code();
            if let Some(entry) = entered.iter_mut().find(|entry| entry.code == code) {
                entry.promo = Some(promo);
            }
        }
        entered
    }
}
