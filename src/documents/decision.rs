//! Decision: the answer of `validateRedemption`, and why an order is rejected.

use serde::Serialize;

use crate::base::money::Integer;
use crate::documents::op::Op;
use crate::documents::order::Order;
use crate::documents::passed_over::PassedOver;
use crate::documents::qualify::{ToQualify, keep_what_helps};
use crate::documents::quote::Quote;
use crate::documents::redemption::Applied;

/// Whether the order is accepted, at what price, and what the host commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// Whether the order is accepted.
    pub status: Status,
    /// Whether the order was accepted before, and is answered from its record.
    pub replayed: bool,
    /// The price with every code applied. If the order is rejected: the price without any code.
    pub quote: Quote,
    /// What each code did, in the order of application. Empty if the order is rejected.
    pub applied: Vec<Applied>,
    /// The codes that were typed and the automatic promotions that take no part in the accepted order, each with the
    /// first reason. It is for the host, and never for a buyer. Empty if the order is rejected or was accepted before.
    pub passed_over: Vec<PassedOver>,
    /// Everything that speaks against the order. Empty if it is accepted.
    pub violations: Vec<Violation>,
    /// The plan: what the host commits with its own rows. Empty if the order is rejected, for a preview, and for a
    /// replay unless the hold is extended.
    pub ops: Vec<Op>,
}

impl Decision {
    /// A rejection, with the price of the order without any code.
    pub(crate) fn rejected(order: &Order, mut violations: Vec<Violation>) -> Self {
        hide_secrets(&mut violations);
        keep_what_helps(&mut violations);
        Self {
            status: Status::Rejected,
            replayed: false,
            quote: Quote::new(&order.currency, &order.tickets()),
            applied: Vec::new(),
            passed_over: Vec::new(),
            violations,
            ops: Vec::new(),
        }
    }
}

/// Whether an order is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The order is accepted.
    Accepted,
    /// The order is rejected, and the host commits nothing.
    Rejected,
}

/// One thing that speaks against an order, for one code or for the policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Violation {
    /// The canonical code that the violation is about. Null if it is about the whole order, whatever the codes.
    pub code: Option<String>,
    /// What speaks against the order, for the organiser.
    pub reason: Reason,
    /// What an anonymous buyer may be told.
    pub public_reason: PublicReason,
    /// The key of the counter that leaves too little; of several, the one that leaves least. Null if no counter is
    /// involved.
    pub counter: Option<String>,
    /// The counter's limit, or the bound that the order breaks (such as `min_tickets`), in uses, tickets or minor
    /// units. Null if there is neither.
    pub limit: Option<Integer>,
    /// What was used of the counter before this code, or what the order has (such as its number of tickets), in
    /// uses, tickets or minor units. Null if there is neither.
    pub used: Option<Integer>,
    /// What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if no
    /// counter is involved.
    pub remaining: Option<Integer>,
    /// A sentence in plain English for the organiser.
    pub message: String,
    /// The least change of the order that mends all that speaks against the code. Null if no single change does, or
    /// if a buyer may not know it.
    pub to_qualify: Option<ToQualify>,
    /// What the order needs of the counter, for `explainRedemption`; no answer has it.
    #[serde(skip)]
    pub(crate) need: Option<Integer>,
}

/// What speaks against an order. A code's violations are in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The order's id was confirmed before, with other contents.
    AlreadyConfirmed,
    /// No promotion has the code.
    UnknownCode,
    /// The code cannot be used together with the other codes.
    CannotCombine,
    /// The organiser switched the code off.
    Inactive,
    /// The code may not be used yet.
    NotStarted,
    /// The code may no longer be used.
    Ended,
    /// It is none of the code's hours, or the policy has no zone.
    OutsideHours,
    /// The code is for other events.
    WrongEvent,
    /// The code is for orders in another currency.
    WrongCurrency,
    /// The code is for listed buyers, and the order names none of them.
    NotEligible,
    /// The order has fewer tickets of the code's types than it asks for.
    BelowMinTickets,
    /// The order has more tickets of the code's types than it allows.
    AboveMaxTickets,
    /// The order costs less before any discount than the code asks for.
    BelowMinSubtotal,
    /// The order costs more before any discount than the code allows.
    AboveMaxSubtotal,
    /// The order has too few tickets of types that the code requires.
    MissingTickets,
    /// The order has too many tickets of types that the code bounds.
    SurplusTickets,
    /// The order's tickets of types that the code requires cost too little before any discount.
    MissingSubtotal,
    /// None of the order's tickets is of a type that the code is for.
    WrongTicketType,
    /// The code would take nothing off.
    NothingToDiscount,
    /// There is a limit per person, and the order names nobody.
    IdentityRequired,
    /// Too few uses of the code are left.
    UsesExhausted,
    /// Too few uses of the code are left for this person.
    IdentityUsesExhausted,
    /// Too few uses of the code are left in this day, week or month.
    PeriodUsesExhausted,
    /// Too few uses of the code are left in this day, week or month for this person.
    PeriodIdentityUsesExhausted,
    /// Too few uses of one of the code's pools are left.
    PoolExhausted,
    /// Too few uses of one of the code's pools are left for this person.
    PoolIdentityUsesExhausted,
    /// Too little of the code's budget is left.
    BudgetExhausted,
    /// Too little of the budget of one of the code's pools is left.
    PoolBudgetExhausted,
    /// The order has tickets of types that need a code, and no code that is applied unlocks them.
    LockedTicketType,
    /// Too few free tickets are left for this person at the event.
    FreeTicketsExhausted,
    /// Too few tickets are left for this person at the event.
    TicketsExhausted,
    /// The order would cost more than the buyer has agreed to pay.
    PriceChanged,
}

/// What an anonymous buyer may be told, so that guessing codes teaches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PublicReason {
    /// The code is not accepted: it does not exist, or it is not for this buyer, event or time. Without a code: the
    /// order has tickets that are sold only with one.
    NotAccepted,
    /// Too little is left, of the code or for this person.
    UsedUp,
    /// The code does not apply to this order, or this order can no longer be changed.
    OrderNotEligible,
    /// There is a limit per person, and the buyer has to say who buys.
    IdentityRequired,
    /// The order would cost more than the buyer has agreed to pay.
    PriceChanged,
}

impl Reason {
    /// What an anonymous buyer may be told.
    pub fn public(self) -> PublicReason {
        match self {
            Self::UnknownCode
            | Self::Inactive
            | Self::NotStarted
            | Self::Ended
            | Self::OutsideHours
            | Self::WrongEvent
            | Self::NotEligible
            | Self::LockedTicketType => PublicReason::NotAccepted,
            Self::UsesExhausted
            | Self::IdentityUsesExhausted
            | Self::PeriodUsesExhausted
            | Self::PeriodIdentityUsesExhausted
            | Self::PoolExhausted
            | Self::PoolIdentityUsesExhausted
            | Self::BudgetExhausted
            | Self::PoolBudgetExhausted
            | Self::FreeTicketsExhausted
            | Self::TicketsExhausted => PublicReason::UsedUp,
            Self::IdentityRequired => PublicReason::IdentityRequired,
            Self::PriceChanged => PublicReason::PriceChanged,
            Self::AlreadyConfirmed
            | Self::CannotCombine
            | Self::WrongCurrency
            | Self::BelowMinTickets
            | Self::AboveMaxTickets
            | Self::BelowMinSubtotal
            | Self::AboveMaxSubtotal
            | Self::MissingTickets
            | Self::SurplusTickets
            | Self::MissingSubtotal
            | Self::WrongTicketType
            | Self::NothingToDiscount => PublicReason::OrderNotEligible,
        }
    }
}

impl Violation {
    /// A violation without numbers.
    pub(crate) fn new(code: Option<&str>, reason: Reason, message: String) -> Self {
        Self {
            code: code.map(str::to_owned),
            reason,
            public_reason: reason.public(),
            counter: None,
            limit: None,
            used: None,
            remaining: None,
            message,
            to_qualify: None,
            need: None,
        }
    }

    /// The violation with the bound that the order breaks (`limit`), and what the order has (`used`).
    pub(crate) fn bound(self, limit: Integer, used: Integer) -> Self {
        Self { limit: Some(limit), used: Some(used), ..self }
    }

    /// The violation with the change that mends it; `None` if there is no such change.
    pub(crate) fn mended_by(self, to_qualify: Option<ToQualify>) -> Self {
        Self { to_qualify, ..self }
    }
}

/// If one violation of a code is `not_accepted` in public, all of that code become so: any other public reason would
/// show that the code exists.
fn hide_secrets(violations: &mut [Violation]) {
    let secret = |violation: &&Violation| violation.public_reason == PublicReason::NotAccepted;
    let codes: Vec<_> = violations.iter().filter(secret).filter_map(|v| v.code.clone()).collect();
    for violation in
        violations.iter_mut().filter(|v| v.code.as_ref().is_some_and(|code| codes.contains(code)))
    {
        violation.public_reason = PublicReason::NotAccepted;
    }
}
