//! Ticket: one of a redemption's, and why it came back.

use serde::{Deserialize, Serialize};

use crate::base::money::{Integer, Time};
use crate::base::text::Name;
use crate::documents::policy::ReleaseReason;

/// One ticket of a redemption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// The index of its line in the order.
    pub line: Integer,
    /// Its type. Null is a type in no list.
    #[serde(default)]
    pub ticket_type: Option<Name>,
    /// Its price before any discount, in minor units.
    pub unit_price: Integer,
    /// Its payable price, in minor units.
    pub price: Integer,
    /// The codes that discount it, in the order of application.
    pub codes: Vec<String>,
    /// Why and when it was released. Null while the buyer has it.
    #[serde(default)]
    pub released: Option<Released>,
}

/// Why and when a ticket was released.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// Why.
    pub reason: ReleaseReason,
    /// When.
    pub at_ms: Time,
}
