//! Promo-code redemption that cannot be raced.
//!
//! The engine decides and prices; it does no I/O, knows no clock, draws no randomness and keeps no state.
//! The same request has the same answer, byte for byte, natively, in Node and in a browser.
//! No request makes the engine panic: the answer to a malformed request is an [`Error`] that names the caller's
//! field, and a code that is not accepted is a [`Violation`] in the answer.
//!
//! The host keeps the storage. An answer carries a *plan*: a short list of guarded operations ([`Op`]) on two
//! tables, redemptions and counters. The host executes the plan in one transaction with its own writes, and asks
//! again if an operation fails. So no limit is exceeded, even if several replicas of the host sell at once.
//!
//! # The order of calls
//!
//! 1. [`usage_keys`] says which counters to read; the host reads them, and the redemption stored under the
//!    order's id if there is one.
//! 2. [`validate_redemption`] answers. Accepted: the host commits the plan with its ticket rows; if an operation
//!    fails, it rolls back and goes to 1. Rejected because too little is left: the host may pass lapsed holds in
//!    `usage.lapsed` and ask again; the plan then releases them.
//! 3. Payment arrives, in time or late: [`confirm_redemption`].
//! 4. A ticket comes back, or a hold lapses: [`apply_release`]. A paid ticket is exchanged for another one:
//!    [`exchange_redemption`].
//!
//! [`audit_usage`] says what the counters must be, for a host that wants to check them. [`public_view`] says what a
//! browser may know of a code so that it can preview orders by itself.
//!
//! [`validate_promos`] says everything that is wrong with an organiser's documents at once. [`check_promo`] says what
//! an organiser may not have meant, before a buyer finds out, and [`simulate`] what a change would mean from then on.
//! [`explain_redemption`] says what each rule says of one order, and what would get it accepted, and
//! [`report_usage`] what each code was used for.
//!
//! # Words
//!
//! A *promotion* ([`Promo`]) is what the organiser wrote, and its *code* is what the buyer types. A *limit* is how
//! much may be used, a *counter* is how much is used, and a *charge* is what one order added to a counter. The
//! *record*, a [`Redemption`], is what the host stores of an accepted order. A *hold* is a record that is not paid
//! yet; a payment *confirms* it, and tickets are *released* for a *reason*. A *quote* is the price, a *decision* is
//! the answer, a *violation* is one thing that speaks against an order, and the *plan* is what the host commits.
//!
//! Read documents with [`json::read`]: its errors name the field with the mistake, and those of serde alone do not.
//! Amounts are in the currency's minor unit, times in milliseconds since the Unix epoch.
//! JavaScript and Python have the same comments on fields. Where a comment says *null*, it is `None` in Rust.

#![deny(clippy::wildcard_enum_match_arm)] // so a new kind, reason or counter only compiles once each match names it

/// The list of all functions of the engine. `verbs!(face)` calls the macro `face` with these lines, and each face makes
/// something of them: the functions on JSON text ([`json`]), the exports for JavaScript and of the component, the
/// runners of the vectors, and `contract/functions.json`, from which the entries of both packages are made.
///
/// Each line says how the function's answer crosses to JavaScript (`hot`, for each order: packed; `cold`: as JSON
/// text), which wasm file has the function, its name in Rust, in JavaScript and in the component, `?` if it may fail,
/// and the types of its request and its answer.
#[doc(hidden)]
#[macro_export]
macro_rules! verbs {
    ($face:ident) => { $face! {
        /// The keys of the counters to read before the order is decided, sorted. `usage` and `now_ms` play no part.
        hot "engine" usage_keys("usageKeys", "usage-keys")[?]: UsageKeysRequest => Vec<String>;
        /// Decides whether the order is accepted with these codes, at what price, and what the host commits.
        hot "engine" validate_redemption("validateRedemption", "validate-redemption")[?]: ValidateRequest => Decision;
        /// Says what a payment means for its order, whose the money is, and what the host commits.
        hot "engine" confirm_redemption("confirmRedemption", "confirm-redemption")[?]: ConfirmRequest => Confirmation;
        /// Releases tickets, and gives back what the terms in the record say for the reason.
        hot "engine" apply_release("applyRelease", "apply-release")[?]: ReleaseRequest => ReleaseAnswer;
        /// Exchanges tickets of a paid order for other ones, and says what is due or left over.
        hot "engine" exchange_redemption("exchangeRedemption", "exchange-redemption")[?]:
            ExchangeRequest => ExchangeAnswer;
        /// Says what each counter must be, from the records alone. A counter with another value has drifted.
        cold "engine" audit_usage("auditUsage", "audit-usage")[?]: AuditRequest => Audit;
        /// The forms in which a typed code is looked up, for a host that keeps its promotions in a table of its own.
        hot "engine" canonical_code("canonicalCode", "canonical-code")[]: CodeRequest => CodeForms;
        /// What a browser may know of one code, so that it can preview orders by itself.
        cold "organiser" public_view("publicView", "public-view")[?]: ViewRequest => PublicView;
        /// Everything that is wrong with an organiser's documents, at once, and which promotions are sound.
        cold "organiser" validate_promos("validatePromos", "validate-promos")[]: PromosRequest => PromosAnswer;
        /// What an organiser may not have meant, the worst first.
        cold "organiser" check_promo("checkPromo", "check-promo")[?]: CheckRequest => Vec<Finding>;
        /// What each rule says of an order, and which single changes would get it accepted. Never for a buyer.
        cold "organiser" explain_redemption("explainRedemption", "explain-redemption")[?]:
            ValidateRequest => Explanation;
        /// What each code was used for and what came in, from the records alone: orders, tickets, uses and money.
        cold "organiser" report_usage("reportUsage", "report-usage")[?]: ReportRequest => Report;
        /// What a change of a promotion would mean for the next buyers, before it is stored.
        cold "organiser" simulate("simulate", "simulate")[?]: SimulateRequest => Simulation;
        /// New codes that cannot be guessed. The engine draws nothing itself: the same entropy makes the same codes.
        cold "organiser" generate_codes("generateCodes", "generate-codes")[?]: GenerateRequest => GeneratedCodes;
    }};
}

/// The list of the methods of [`PreparedRules`]: the method's name, then the names in Rust, in JavaScript and in the
/// component of the function that does the same and takes the rules, too.
#[doc(hidden)]
#[macro_export]
macro_rules! prepared_verbs {
    ($face:ident) => { $face! {
        /// The same as `usageKeys`, under prepared rules.
        usage_keys prepared_usage_keys("preparedUsageKeys", "prepared-usage-keys"):
            PreparedKeysRequest => Vec<String>;
        /// The same as `validateRedemption`, under prepared rules.
        validate_redemption prepared_validate_redemption("preparedValidateRedemption", "prepared-validate-redemption"):
            PreparedRequest => Decision;
        /// The same as `exchangeRedemption`, under prepared rules.
        exchange_redemption prepared_exchange_redemption("preparedExchangeRedemption", "prepared-exchange-redemption"):
            PreparedExchangeRequest => ExchangeAnswer;
    }};
}

// The rooms, which DESIGN.md describes, in reading order. A room imports from rooms above it in this list, never from
// one below; `tests/rooms.rs` checks that.

/// Integers, money, text, counter keys and errors.
mod base {
    pub(crate) mod amount;
    pub(crate) mod calendar;
    pub(crate) mod case;
    pub(crate) mod error;
    pub(crate) mod given;
    pub(crate) mod key;
    pub(crate) mod money;
    pub(crate) mod step;
    pub(crate) mod text;
}

/// What comes in, what is answered and what is stored.
mod documents {
    pub(crate) mod charge;
    pub(crate) mod choose;
    pub(crate) mod counter;
    pub(crate) mod decision;
    pub(crate) mod discount;
    pub(crate) mod draft;
    pub(crate) mod exchange;
    pub(crate) mod fact;
    pub(crate) mod group;
    pub(crate) mod lifts;
    pub(crate) mod op;
    pub(crate) mod order;
    pub(crate) mod passed_over;
    pub(crate) mod payment;
    pub(crate) mod period;
    pub(crate) mod policy;
    pub(crate) mod prepared;
    pub(crate) mod promo;
    pub(crate) mod qualify;
    pub(crate) mod quote;
    pub(crate) mod redemption;
    pub(crate) mod request;
    pub(crate) mod ticket;
    pub(crate) mod tiers;
    pub(crate) mod usage;
    pub(crate) mod zone;
}

/// Conditions, limits and prices.
mod judge {
    pub(crate) mod account;
    pub(crate) mod basket;
    pub(crate) mod best;
    pub(crate) mod choice;
    pub(crate) mod groups;
    pub(crate) mod keep;
    pub(crate) mod limits;
    pub(crate) mod locks;
    pub(crate) mod mend;
    pub(crate) mod pricing;
    pub(crate) mod rules;
    pub(crate) mod set;
    pub(crate) mod tiers;
}

/// What a host asks when it sells.
mod sell {
    pub(crate) mod audit;
    pub(crate) mod code_forms;
    pub(crate) mod confirm;
    pub(crate) mod exchange;
    pub(crate) mod plan;
    mod prepared;
    pub(crate) mod release;
    pub(crate) mod replay;
    pub(crate) mod sale;
    pub(crate) mod usage_keys;
    pub(crate) mod validate;
}

/// What an organiser asks.
mod organise {
    pub(crate) mod explain;
    pub(crate) mod generate;
    pub(crate) mod lint;
    pub(crate) mod problem;
    pub(crate) mod public_view;
    pub(crate) mod report;
    pub(crate) mod simulate;
    pub(crate) mod times;
    pub(crate) mod validate_promos;
}

/// Reads requests and writes answers, as JSON text and for JavaScript. No other room knows of either.
mod crossing {
    pub mod answer;
    pub(crate) mod contents;
    pub(crate) mod draft;
    #[cfg(all(
        any(feature = "engine", feature = "organiser"),
        target_arch = "wasm32",
        target_os = "unknown"
    ))]
    pub mod js;
    pub mod json;
    pub(crate) mod read;
    pub mod room;
    #[cfg(feature = "schema")]
    pub(crate) mod schema;
    pub(crate) mod wire;
}

#[cfg(all(
    any(feature = "engine", feature = "organiser"),
    target_arch = "wasm32",
    target_os = "unknown"
))]
#[doc(hidden)] // public for the tests in browsers; hosts of this module are not written in Rust
pub use crossing::js;
pub use crossing::json;
#[doc(hidden)] // for the component
pub use crossing::room;

pub use base::amount::Amount;
pub use base::error::{Error, ErrorCode};
pub use base::money::{Bounded, Integer, MAX_INTEGER, Percent, Positive, Rounding, Time};
pub use base::step::Step;
pub use base::text::{Currency, Kind, Name, Text};
pub use documents::charge::{Charge, Each};
pub use documents::choose::Choose;
pub use documents::decision::{Decision, PublicReason, Reason, Status, Violation};
pub use documents::discount::{Discount, PercentAt, PercentOf};
pub use documents::draft::Draft;
pub use documents::exchange::{ExchangeAnswer, ExchangeOrder, ExchangeRequest, ExchangeStatus, Exchanged};
pub use documents::fact::{Condition, Fact, FactCondition, Facts, Operand};
pub use documents::group::{Buy, GroupSize, Spread};
pub use documents::lifts::Lifts;
pub use documents::op::Op;
pub use documents::order::{Line, MAX_TICKETS, Order};
pub use documents::passed_over::{PassedOver, PassedOverReason, Spared};
pub use documents::payment::{Money, NotedPayment, NotedRelease, PaymentReport};
pub use documents::period::{Every, Hours, PeriodLimit};
pub use documents::policy::{
    Back, EmailAliases, Give, HoldTime, Policy, ReleaseReason, ReleaseRule, ReleaseRules,
};
pub use documents::prepared::{
    PrepareRequest, PreparedExchangeOrder, PreparedExchangeRequest, PreparedKeysRequest, PreparedRequest,
    PreparedRules, Unsound,
};
pub use documents::promo::{
    Combines, CountBy, DiscountEntry, Pick, Pool, Promo, Requirement, SubtotalOf, WhenShort,
};
pub use documents::qualify::{Change, ToQualify};
pub use documents::quote::{Payment, Quote, QuotedTicket};
pub use documents::redemption::{Applied, Redemption, Schema, State};
pub use documents::request::{UsageKeysRequest, ValidateRequest};
pub use documents::ticket::{Released, Ticket};
pub use documents::tiers::{Tier, TiersBy, TiersMode};
pub use documents::usage::Usage;
pub use documents::zone::{OffsetMinutes, ZoneOffset};
pub use organise::explain::{
    ExplainedPromo, ExplainedRule, Explanation, Fix, OrderChange, Outcome, Unfixed, explain_redemption,
};
pub use organise::generate::{GenerateRequest, GeneratedCodes, generate_codes};
pub use organise::lint::{CheckRequest, check_promo};
pub use organise::problem::{Finding, Problem, Severity};
pub use organise::public_view::{PublicView, ViewRequest, public_view};
pub use organise::report::{Figures, Report, ReportRequest, ReportRow, report_usage};
pub use organise::simulate::{
    FieldChange, LimitChange, LimitName, SimulateRequest, Simulation, Standing, simulate,
};
pub use organise::validate_promos::{Fault, PromosAnswer, PromosRequest, validate_promos};
pub use sell::audit::{Audit, AuditRequest, audit_usage};
pub use sell::code_forms::{CodeForms, CodeRequest, canonical_code};
pub use sell::confirm::{ConfirmRequest, ConfirmStatus, Confirmation, confirm_redemption};
pub use sell::exchange::exchange_redemption;
pub use sell::release::{Release, ReleaseAnswer, ReleaseRequest, ReleaseStatus, apply_release};
pub use sell::usage_keys::usage_keys;
pub use sell::validate::validate_redemption;

/// The README's examples are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
