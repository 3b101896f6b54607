//! Passed over: the promotions that take no part in an accepted order, and why.

use serde::Serialize;

use crate::documents::decision::Reason;

/// A promotion that takes no part in an accepted order: it uses nothing and takes nothing off.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PassedOver {
    /// The canonical code.
    pub code: String,
    /// The first reason.
    pub reason: PassedOverReason,
    /// The key of the counter that leaves too little. Null if no counter is involved.
    pub counter: Option<String>,
}

/// Why a promotion takes no part in an accepted order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum PassedOverReason {
    /// It would be a violation, if the order depended on the promotion.
    Violation(Reason),
    /// The promotion would apply, and is not needed or was not tried.
    Spared(Spared),
}

/// Why a promotion that would apply takes no part in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Spared {
    /// The codes before it have left nothing for it to take off.
    NothingLeft,
    /// The order costs less without it.
    BetterOffer,
    /// There were too many promotions to try them all.
    NotWeighed,
}
