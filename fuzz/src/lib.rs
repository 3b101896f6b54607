//! The fuzz targets. Each is a function that takes bytes and panics on a defect.
//!
//! `cargo fuzz` runs them millions of times (README.md). As a test of the root package, this file runs the corpus and a
//! fixed number of mutations of it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    missing_docs,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::float_arithmetic,
    reason = "a defect is reported by panicking; some functions of tests/properties are not used here"
)]

/// Ends a check with this message, unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}

pub mod calls;
pub mod draw;
pub mod mutate;
pub mod records;
pub mod text;

// The naive second implementation of the specification, and the host that plays scenarios, from `tests/properties`.
#[path = "../../tests/properties/book.rs"]
mod book;
#[path = "../../tests/properties/checks.rs"]
mod checks;
#[path = "../../tests/properties/choice.rs"]
mod choice;
#[path = "../../tests/properties/clock.rs"]
mod clock;
#[path = "../../tests/properties/codes.rs"]
mod codes;
#[path = "../../tests/properties/conditions.rs"]
mod conditions;
#[path = "../../tests/properties/coverage.rs"]
mod coverage;
#[path = "../../tests/properties/documents.rs"]
mod documents;
// What must be so of every explanation.
#[path = "../../tests/explain/fixes.rs"]
mod fixes;
#[path = "../../tests/properties/groups.rs"]
mod groups;
#[path = "../../tests/properties/invariance.rs"]
mod invariance;
#[path = "../../tests/properties/keeping.rs"]
mod keeping;
#[path = "../../tests/properties/ledger.rs"]
mod ledger;
#[path = "../../tests/properties/limits.rs"]
mod limits;
#[path = "../../tests/properties/locks.rs"]
mod locks;
#[path = "../../tests/properties/naive.rs"]
mod naive;
#[path = "../../tests/properties/older.rs"]
mod older;
#[path = "../../tests/properties/payments.rs"]
mod payments;
#[path = "../../tests/properties/plan.rs"]
mod plan;
#[path = "../../tests/properties/prices.rs"]
mod prices;
#[path = "../../tests/properties/scenario.rs"]
mod scenario;
#[path = "../../tests/properties/settle.rs"]
mod settle;
#[path = "../../tests/properties/store.rs"]
mod store;
#[path = "../../tests/properties/world.rs"]
mod world;

#[cfg(test)]
mod replay;

/// The outcome of a check. An error begins with the name of the broken property.
pub type Check = Result<(), String>;
