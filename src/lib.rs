//! Promo-code redemption that cannot be raced.
//!
//! The engine decides and prices; it does no I/O, knows no clock, draws no randomness and keeps no state.
//! The same request has the same answer, byte for byte, natively, in Node and in a browser.
//! Nothing it is given makes it panic: a malformed request is an [`Error`] that names the caller's field,
//! and a code that is not accepted is a [`Violation`] in the answer.
//!
//! The host keeps the storage. An answer carries a *plan*: a short list of guarded operations ([`Op`]) on two
//! tables, redemptions and counters. A host that executes the plan in one transaction with its own writes, and
//! asks again when an operation fails, cannot exceed a limit, whatever its replicas do meanwhile.
//!
//! # The order of calls
//!
//! 1. [`usage_keys`] says which counters to read; the host reads them, and the redemption stored under the
//!    order's id if there is one.
//! 2. [`validate_redemption`] answers. Accepted: the host commits the plan with its ticket rows; if an operation
//!    fails, it rolls back and goes to 1. Rejected for want of uses: it may pass the lapsed holds and ask again.
//! 3. Payment arrives, in time or late: [`confirm_redemption`].
//! 4. A ticket comes back, or a hold lapses: [`apply_release`].
//!
//! [`audit_usage`] says what the counters must be, whenever somebody doubts them, and [`public_view`] what a browser
//! may know of a code so that it can preview by itself.
//!
//! [`validate_promos`] says everything that is wrong with an organiser's documents at once. [`check_promo`] says what an
//! organiser may not have meant, before a buyer finds out, and [`simulate`] what a change would mean for the next ones.
//!
//! # Words
//!
//! A *code* is what the organiser wrote and the buyer types. A *limit* is how many may be used, a *counter* how
//! many are, a *charge* what one redemption added to a counter. A *hold* is an unpaid redemption; it is
//! *confirmed* by payment and *released* for a *reason*. A *quote* is the price, a *decision* the answer, a
//! *violation* what speaks against an order, the *plan* what the host commits.
//!
//! Documents are read with [`json::read`], which names the field of a mistake; serde's derived reading alone does not.
//! Amounts are in the currency's minor unit, times in milliseconds since the Unix epoch.

#![deny(clippy::wildcard_enum_match_arm)] // a new kind, reason or counter shall not pass in silence

// In reading order: what goes in, how it is judged, what comes out.
mod discount;
mod draft;
mod order;
mod policy;
mod promo;
mod request;
mod usage;

mod audit;
mod check;
mod code_forms;
mod confirm;
mod generate;
mod prepared;
mod public_view;
mod release;
mod simulate;
mod usage_keys;
mod validate;
mod validate_promos;

mod account;
mod basket;
mod limits;
mod pricing;
mod replay;
mod rules;

mod charge;
mod decision;
mod payment;
mod plan;
mod qualify;
mod redemption;
mod ticket;

mod case;
mod error;
mod given;
mod key;
mod money;
mod step;
mod text;

#[cfg(all(any(feature = "engine", feature = "organiser"), target_arch = "wasm32", target_os = "unknown"))]
mod answer;
#[cfg(all(any(feature = "engine", feature = "organiser"), target_arch = "wasm32", target_os = "unknown"))]
#[doc(hidden)] // public for the tests in browsers; hosts of this module are not written in Rust
pub mod js;
pub mod json;
mod read;
mod wire;

pub use audit::{Audit, AuditRequest, audit_usage};
pub use charge::{Charge, Each};
pub use check::{CheckRequest, Finding, Problem, Severity, check_promo};
pub use code_forms::{CodeForms, CodeRequest, canonical_code};
pub use confirm::{ConfirmRequest, ConfirmStatus, Confirmation, confirm_redemption};
pub use decision::{Decision, Payment, PublicReason, Quote, QuotedTicket, Reason, Status, Violation};
pub use discount::Discount;
pub use draft::Draft;
pub use error::{Error, ErrorCode};
pub use generate::{GenerateRequest, Generated, generate_codes};
pub use money::{Bounded, Integer, MAX_INTEGER, Percent, Positive, Rounding, Time};
pub use order::{Line, Order};
pub use payment::{Money, NotedPayment, NotedRelease, PaymentReport};
pub use plan::Op;
pub use policy::{Back, EmailAliases, GiveBack, HoldTime, Policy, ReleaseReason, ReleaseRule, ReleaseRules};
pub use prepared::{Rules, RulesDocument, RulesRequest, Unsound};
pub use promo::{CountBy, Pool, Promo, WhenShort};
pub use public_view::{PublicView, ViewRequest, public_view};
pub use qualify::{Change, ToQualify};
pub use redemption::{Applied, MAX_TICKETS, Redemption, Schema, State};
pub use release::{Release, ReleaseAnswer, ReleaseRequest, ReleaseStatus, apply_release};
pub use request::Request;
pub use simulate::{FieldChange, LimitChange, LimitName, SimulateRequest, Simulation, Standing, simulate};
pub use step::Step;
pub use text::{Currency, Kind, Name, Text};
pub use ticket::{Released, Ticket};
pub use usage::Usage;
pub use usage_keys::usage_keys;
pub use validate::validate_redemption;
pub use validate_promos::{Fault, PromosAnswer, PromosRequest, validate_promos};

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
