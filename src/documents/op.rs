//! Op: one operation of a plan, which the host commits.

use serde::Serialize;

use crate::base::money::{Integer, Positive};
use crate::base::text::Name;
use crate::documents::redemption::Redemption;

/// One guarded operation of the plan. If one fails, the host rolls all of them back, reads again and asks
/// again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Stores a new record. It fails if the id exists.
    Insert {
        /// The record.
        redemption: Redemption,
    },
    /// Replaces a record. It fails unless the stored revision is still `revision`.
    Update {
        /// The record's id.
        id: Name,
        /// The revision that was read.
        revision: Positive,
        /// The record that replaces it.
        redemption: Redemption,
    },
    /// Adds to a counter; a counter that is not there is 0. A positive `by` fails unless the result is at most
    /// `at_most`. A negative `by` stops at 0 and never fails.
    Add {
        /// The counter's key.
        key: String,
        /// How much, in uses, tickets or minor units: never 0.
        by: i64,
        /// The limit that guards a positive `by`, in uses, tickets or minor units. Null is unguarded.
        at_most: Option<Integer>,
    },
}
