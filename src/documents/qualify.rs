//! What the buyer can change so that a code applies: one change of the order, told with the violation that it mends.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::money::Integer;
use crate::base::text::Name;
use crate::documents::decision::{PublicReason, Violation};

/// A change of the order: `{"add_tickets": 2}`, with `of` before it where only some ticket types count.
#[derive(Clone, Debug, PartialEq)]
pub struct ToQualify {
    /// The ticket types that count; `None` is any.
    pub of: Option<Vec<Name>>,
    /// What is added or removed.
    pub change: Change,
    /// How many tickets, or how much in minor units, at least.
    pub by: Integer,
}

/// What a buyer adds to an order or takes out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Tickets.
    AddTickets,
    /// Tickets, whichever of them the buyer likes.
    RemoveTickets,
    /// Tickets of so much, before any discount.
    AddSubtotal,
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Self::AddTickets => "add_tickets",
            Self::RemoveTickets => "remove_tickets",
            Self::AddSubtotal => "add_subtotal",
        }
    }
}

impl Serialize for ToQualify {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(if self.of.is_some() { 2 } else { 1 }))?;
        if let Some(of) = &self.of {
            map.serialize_entry("of", of)?;
        }
        map.serialize_entry(self.change.name(), &self.by)?;
        map.end()
    }
}

impl ToQualify {
    /// Whether this change mends the other violation, too: that one asks for the same, and for no more of it.
    fn mends(&self, other: &Violation) -> bool {
        let same = |other: &Self| self.of == other.of && self.change == other.change && self.by >= other.by;
        other.to_qualify.as_ref().is_some_and(same)
    }
}

/// Leaves a change only where it mends all that speaks against its code, and where a buyer may know why.
pub(crate) fn keep_what_helps(violations: &mut [Violation]) {
    let helps = |violation: &Violation| {
        let mut of_code = violations.iter().filter(|other| other.code == violation.code);
        violation.public_reason != PublicReason::NotAccepted
            && of_code.all(|other| violation.to_qualify.as_ref().is_some_and(|change| change.mends(other)))
    };
    let helps: Vec<bool> = violations.iter().map(helps).collect();
    for (violation, _) in violations.iter_mut().zip(helps).filter(|(_, helps)| !helps) {
        violation.to_qualify = None;
    }
}
