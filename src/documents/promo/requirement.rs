//! Requirement: what an order must hold, or must not hold, so that a code applies.

use serde::{Deserialize, Serialize};

use crate::base::amount::Amount;
use crate::base::error::Error;
use crate::base::money::{Integer, Positive};
use crate::base::text::Name;

/// What the whole order must hold of some ticket types, also of types that the code is not for. At least one of the
/// bounds is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The ticket types whose tickets count together. Null is any type; an empty list names none.
    #[serde(default)]
    pub ticket_types: Option<Vec<Name>>,
    /// The least number of such tickets. Null is no limit.
    #[serde(default)]
    pub min_tickets: Option<Positive>,
    /// The largest number of such tickets; at 0 the order may have none. Null is no limit.
    #[serde(default)]
    pub max_tickets: Option<Integer>,
    /// The least that such tickets cost together before any discount, in minor units. Null is no limit.
    #[serde(default)]
    pub min_subtotal: Option<Amount>,
}

/// Which tickets a subtotal adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubtotalOf {
    /// All tickets of the order.
    #[default]
    Order,
    /// The tickets that the code is for.
    Scope,
}

impl Requirement {
    /// Whether it bounds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.min_tickets.is_none() && self.max_tickets.is_none() && self.min_subtotal.is_none()
    }

    /// Whether it asks for tickets that the order must have.
    pub(crate) fn asks_for_tickets(&self) -> bool {
        self.min_tickets.is_some()
            || self.min_subtotal.iter().flat_map(Amount::numbers).any(|(_, least)| least > Integer::ZERO)
    }

    /// Checks what the Rust types do not ensure.
    pub(super) fn verify(&self) -> Result<(), Error> {
        if self.is_empty() {
            let expected = "expected at least one of min_tickets, max_tickets and min_subtotal, found none";
            return Err(Error::new("", expected));
        }
        Ok(())
    }
}
