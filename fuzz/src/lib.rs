//! What is fuzzed: each target is one function of bytes that panics on a defect.
//!
//! `cargo fuzz` runs them by the million (README.md); as a test of the root package, this file replays
//! the corpus and a fixed number of mutations of it.
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
    reason = "a defect is reported by panicking; of the properties not everything is used here"
)]

/// Ends a check with what it found, unless the condition holds.
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

// The contract read a second time, and the host that plays scenarios: the properties' own.
#[path = "../../tests/properties/book.rs"]
mod book;
#[path = "../../tests/properties/checks.rs"]
mod checks;
#[path = "../../tests/properties/coverage.rs"]
mod coverage;
#[path = "../../tests/properties/documents.rs"]
mod documents;
#[path = "../../tests/properties/invariance.rs"]
mod invariance;
#[path = "../../tests/properties/ledger.rs"]
mod ledger;
#[path = "../../tests/properties/limits.rs"]
mod limits;
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

/// The outcome of a check: what it found is named first, then shown.
pub type Check = Result<(), String>;
