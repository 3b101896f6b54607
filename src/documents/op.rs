//! Op: one operation of a plan, which the host commits.

use serde::Serialize;

use crate::base::money::{Integer, Positive};
use crate::base::text::Name;
use crate::documents::redemption::Redemption;

/// One guarded operation. If one fails, the host rolls all of them back, reads again and asks again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Stores a new record; fails if the id exists.
    Insert {
        /// The record.
        redemption: Redemption,
    },
    /// Replaces a record; fails unless its revision is still `revision`.
    Update {
        /// The record's id.
        id: Name,
        /// The revision that was read.
        revision: Positive,
        /// The record that replaces it.
        redemption: Redemption,
    },
    /// Adds to a counter, of which a missing one is 0.
    /// A positive `by` fails unless the result is at most `at_most`; a negative one stops at 0 and never fails.
    Add {
        /// The counter.
        key: String,
        /// How much: never 0.
        by: i64,
        /// The limit that guards a positive `by`; `None` is unguarded.
        at_most: Option<Integer>,
    },
}
