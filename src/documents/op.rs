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
    /// Stores a new record. It fails if there is a record with this id.
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
    /// Adds `by` to a counter; a counter that does not exist is 0. If `by` is positive, the operation fails unless
    /// the sum is at most `at_most`. If `by` is negative, the counter stops at 0, and the operation never fails.
    Add {
        /// The counter's key.
        key: String,
        /// How much is added, in uses, tickets or minor units: never 0.
        by: i64,
        /// The limit that guards a positive `by`, in uses, tickets or minor units. Null: the operation never fails.
        at_most: Option<Integer>,
    },
}
