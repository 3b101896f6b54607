//! Ticket: one ticket of a record, and why it was released.

use serde::{Deserialize, Serialize};

use crate::base::money::{Integer, Time};
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
    pub codes: Vec<String>,
    /// Why and when the ticket was released. Null while the buyer has the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub released: Option<Released>,
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
