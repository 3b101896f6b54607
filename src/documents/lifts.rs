//! Lifts: higher caps of the policy for orders with a certain code.

use serde::{Deserialize, Serialize};

use crate::base::money::Integer;
use crate::documents::policy::Policy;

/// Caps of the policy that a code raises in the orders to which it is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Lifts {
    /// How many tickets one person may have at the event, if the policy allows fewer. Null: as many as the policy
    /// allows.
    pub max_tickets_per_identity: Option<Integer>,
    /// How many free tickets one person may have at the event, if the policy allows fewer. Null: as many as the policy
    /// allows.
    pub max_free_tickets_per_identity: Option<Integer>,
}

impl Lifts {
    /// The greatest that these and the others allow.
    pub(crate) fn and(self, others: Self) -> Self {
        Self {
            max_tickets_per_identity: self.max_tickets_per_identity.max(others.max_tickets_per_identity),
            max_free_tickets_per_identity: self
                .max_free_tickets_per_identity
                .max(others.max_free_tickets_per_identity),
        }
    }
}

impl Policy {
    /// The limits on the free tickets and on all tickets of one person. A code may raise a limit, but makes none.
    pub(crate) fn lifted(&self, lifts: Lifts) -> [Option<Integer>; 2] {
        let greatest = |cap: Option<Integer>, lift: Option<Integer>| {
            cap.map(|cap| lift.map_or(cap, |lift| lift.max(cap)))
        };
        [
            greatest(self.max_free_tickets_per_identity, lifts.max_free_tickets_per_identity),
            greatest(self.max_tickets_per_identity, lifts.max_tickets_per_identity),
        ]
    }
}
