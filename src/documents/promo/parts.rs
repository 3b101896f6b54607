//! What a use is, which tickets are picked, what happens when uses are short, and the pools of a promotion.

use serde::{Deserialize, Serialize};

use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::base::text::Name;

/// What one use of a code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CountBy {
    /// Each discounted ticket is a use: three tickets are three uses.
    Ticket,
    /// Each order is a use: three tickets are one use.
    Order,
    /// Each group of the kind `per_group` is a use.
    Group,
}

/// Which tickets of an order get the discount if not all of them may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// Those that cost most; of two that cost the same, the first.
    #[default]
    Dearest,
    /// Those that cost least; of two that cost the same, the first.
    Cheapest,
}

/// What happens when fewer uses or less budget is left than an order needs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WhenShort {
    /// The order is rejected.
    #[default]
    Reject,
    /// The order gets what is left.
    Partial,
}

/// A limit that several codes share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The pool's name, compared as spelt.
    pub id: Name,
    /// How many uses all its codes and buyers have together. Null is no limit.
    #[serde(default)]
    pub max_uses: Option<Integer>,
    /// How many uses of all its codes each person has. Null is no limit.
    #[serde(default)]
    pub max_uses_per_identity: Option<Integer>,
    /// The most that its codes take off all orders together, in minor units, counted for each currency. Null is
    /// no limit.
    #[serde(default)]
    pub budget: Option<Amount>,
}
