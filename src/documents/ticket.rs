//! Ticket: one ticket of a record, and why it was released.

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::base::error::Error;
use crate::base::money::{Integer, Time, sum};
use crate::base::text::Name;
use crate::documents::policy::ReleaseReason;

/// One ticket of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// The index of the order's line that the ticket belongs to.
    pub line: Integer,
    /// The ticket's type. Null: no list of ticket types includes the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_type: Option<Name>,
    /// The ticket's price before any discount, in minor units.
    pub unit_price: Integer,
    /// What is payable for the ticket, in minor units.
    pub price: Integer,
    /// The codes that discount, count or unlock the ticket, in the order of application.
    pub codes: Arc<[String]>,
    /// What each of `codes` takes off the ticket, in minor units and in the same order. If it is missing, the first of
    /// them takes off everything.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub off: Arc<[Integer]>,
    /// Why and when the ticket was released. Null while the buyer has the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Released>,
}

impl Ticket {
    /// What each of its codes takes off. A record of an older version does not say it; there it is all of the first.
    pub(crate) fn off(&self) -> Arc<[Integer]> {
        if !self.off.is_empty() {
            return self.off.clone();
        }
        let mut off = vec![Integer::ZERO; self.codes.len()];
        if let Some(first) = off.first_mut() {
            *first = self.unit_price.minus(self.price);
        }
        off.into()
    }

    /// Checks that the fields agree with each other. Paths start at the ticket.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        if self.price > self.unit_price {
            return Err(Error::new("price", "expected at most the unit price"));
        }
        if self.off.is_empty() {
            return Ok(());
        }
        if self.off.len() != self.codes.len() {
            return Err(Error::new("off", "expected one amount per code"));
        }
        if sum(self.off.iter().copied()) != Some(self.unit_price.minus(self.price)) {
            return Err(Error::new("off", "expected amounts that add up to what is off the unit price"));
        }
        Ok(())
    }
}

/// Why and when a ticket was released.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// Why it was released.
    pub reason: ReleaseReason,
    /// When it was released.
    pub at_ms: Time,
}
