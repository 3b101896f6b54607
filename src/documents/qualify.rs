//! What the buyer can change so that a code applies: one change of the order, which is part of the violation.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::money::Integer;
use crate::base::text::Name;
use crate::documents::decision::{PublicReason, Violation};

/// A change of the order, such as `{"add_tickets": 2}`; `{"of": ["vip"], "add_tickets": 2}` if only some types count.
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
    /// Tickets are added.
    AddTickets,
    /// Tickets are removed; the buyer may choose which.
    RemoveTickets,
    /// Tickets are added that cost at least so much before any discount.
    AddSubtotal,
    /// Tickets are removed that cost at least so much before any discount; the buyer may choose which.
    RemoveSubtotal,
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Self::AddTickets => "add_tickets",
            Self::RemoveTickets => "remove_tickets",
            Self::AddSubtotal => "add_subtotal",
            Self::RemoveSubtotal => "remove_subtotal",
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
    /// Whether this change also mends the other violation: its own change is of the same kind, and is not larger.
    fn mends(&self, other: &Violation) -> bool {
        let same = |other: &Self| self.of == other.of && self.change == other.change && self.by >= other.by;
        other.to_qualify.as_ref().is_some_and(same)
    }
}

/// Removes each change that does not mend all violations of its code, and each of a violation that is `not_accepted` in
/// public: it would tell a buyer that the code exists.
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
