//! Decision: the answer of `validateRedemption`, and why an order is refused.

use serde::Serialize;

use crate::base::money::{Integer, sum};
use crate::base::text::{Currency, Name};
use crate::documents::op::Op;
use crate::documents::order::Order;
use crate::documents::qualify::{ToQualify, keep_what_helps};
use crate::documents::redemption::Applied;
use crate::documents::ticket::Ticket;

/// Whether the order may be had, at what price, and what the host commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// Whether the order may be had.
    pub status: Status,
    /// Whether this is the answer to an order that was accepted before.
    pub replayed: bool,
    /// The price; on a rejection that of the order without any code.
    pub quote: Quote,
    /// What each code did, in the order of application.
    pub applied: Vec<Applied>,
    /// Everything that speaks against the order; empty if accepted.
    pub violations: Vec<Violation>,
    /// The plan; empty on a rejection and in a preview.
    pub ops: Vec<Op>,
}

impl Decision {
    /// A refusal, with the price of the order without any code.
    pub(crate) fn rejected(order: &Order, mut violations: Vec<Violation>) -> Self {
        hide_secrets(&mut violations);
        keep_what_helps(&mut violations);
        Self {
            status: Status::Rejected,
            replayed: false,
            quote: Quote::new(&order.currency, &order.tickets()),
            applied: Vec::new(),
            violations,
            ops: Vec::new(),
        }
    }
}

/// Whether an order may be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It may.
    Accepted,
    /// It may not.
    Rejected,
}

/// The price of an order; the tickets sum to the totals. Amounts are in minor units.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quote {
    /// The currency of every amount.
    pub currency: Currency,
    /// The sum before any discount.
    pub subtotal: Integer,
    /// What the codes take off.
    pub discount: Integer,
    /// What is payable.
    pub total: Integer,
    /// Whether anything is.
    pub payment: Payment,
    /// Each ticket.
    pub tickets: Vec<QuotedTicket>,
}

/// Whether there is anything to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// The total is above 0.
    Required,
    /// The total is 0.
    None,
}

/// The price of one ticket, in minor units.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotedTicket {
    /// The index of its line in the order.
    pub line: Integer,
    /// Its type.
    pub ticket_type: Option<Name>,
    /// Its price before any discount.
    pub unit_price: Integer,
    /// What the codes take off it.
    pub discount: Integer,
    /// What is payable for it.
    pub price: Integer,
    /// The codes that discount it, in the order of application.
    pub codes: Vec<String>,
}

impl Quote {
    pub(crate) fn new(currency: &Currency, tickets: &[Ticket]) -> Self {
        // In range: `Order::check` and `Redemption::check` added the unit prices up.
        let all = |part: fn(&Ticket) -> Integer| sum(tickets.iter().map(part)).unwrap_or_default();
        let (subtotal, total) = (all(|ticket| ticket.unit_price), all(|ticket| ticket.price));
        Self {
            currency: currency.clone(),
            subtotal,
            discount: subtotal.minus(total),
            total,
            payment: if total == Integer::ZERO { Payment::None } else { Payment::Required },
            tickets: tickets.iter().map(QuotedTicket::new).collect(),
        }
    }
}

impl QuotedTicket {
    fn new(ticket: &Ticket) -> Self {
        Self {
            line: ticket.line,
            ticket_type: ticket.ticket_type.clone(),
            unit_price: ticket.unit_price,
            discount: ticket.unit_price.minus(ticket.price),
            price: ticket.price,
            codes: ticket.codes.clone(),
        }
    }
}

/// One thing that speaks against an order, for one code or for the policy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Violation {
    /// The canonical code; `None` for the policy's and for the order's own.
    pub code: Option<String>,
    /// What speaks against it.
    pub reason: Reason,
    /// What an anonymous buyer may be told.
    pub public_reason: PublicReason,
    /// The counter that leaves least; `None` where no counter is involved.
    pub counter: Option<String>,
    /// The counter's limit, or the bound on the order.
    pub limit: Option<Integer>,
    /// What was used before this code, or the order's own figure.
    pub used: Option<Integer>,
    /// What the counter leaves.
    pub remaining: Option<Integer>,
    /// English for the organiser.
    pub message: String,
    /// What the buyer can change so that the code applies; `None` where no one change does that.
    pub to_qualify: Option<ToQualify>,
}

/// What speaks against an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's; messages say them in full")]
pub enum Reason {
    AlreadyConfirmed,
    UnknownCode,
    CannotCombine,
    Inactive,
    NotStarted,
    Ended,
    WrongEvent,
    WrongCurrency,
    NotEligible,
    BelowMinTickets,
    AboveMaxTickets,
    BelowMinSubtotal,
    WrongTicketType,
    NothingToDiscount,
    IdentityRequired,
    UsesExhausted,
    IdentityUsesExhausted,
    PoolExhausted,
    BudgetExhausted,
    PoolBudgetExhausted,
    FreeTicketsExhausted,
    TicketsExhausted,
}

/// What an anonymous buyer may be told, so that guessing codes teaches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's")]
pub enum PublicReason {
    NotAccepted,
    UsedUp,
    OrderNotEligible,
    IdentityRequired,
}

impl Reason {
    /// What an anonymous buyer may be told.
    pub fn public(self) -> PublicReason {
        match self {
            Self::UnknownCode
            | Self::Inactive
            | Self::NotStarted
            | Self::Ended
            | Self::WrongEvent
            | Self::NotEligible => PublicReason::NotAccepted,
            Self::UsesExhausted
            | Self::IdentityUsesExhausted
            | Self::PoolExhausted
            | Self::BudgetExhausted
            | Self::PoolBudgetExhausted
            | Self::FreeTicketsExhausted
            | Self::TicketsExhausted => PublicReason::UsedUp,
            Self::IdentityRequired => PublicReason::IdentityRequired,
            Self::AlreadyConfirmed
            | Self::CannotCombine
            | Self::WrongCurrency
            | Self::BelowMinTickets
            | Self::AboveMaxTickets
            | Self::BelowMinSubtotal
            | Self::WrongTicketType
            | Self::NothingToDiscount => PublicReason::OrderNotEligible,
        }
    }
}

impl Violation {
    /// One without numbers.
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
        }
    }

    /// One of a bound on the order, with the bound and the order's figure.
    pub(crate) fn bound(self, limit: Integer, used: Integer) -> Self {
        Self { limit: Some(limit), used: Some(used), ..self }
    }

    /// One that the buyer can mend, if the change is possible.
    pub(crate) fn mended_by(self, to_qualify: Option<ToQualify>) -> Self {
        Self { to_qualify, ..self }
    }
}

/// Where one of a code's violations may not be told, none of them is.
fn hide_secrets(violations: &mut [Violation]) {
    let secret = |violation: &&Violation| violation.public_reason == PublicReason::NotAccepted;
    let codes: Vec<_> = violations.iter().filter(secret).map(|v| v.code.clone()).collect();
    for violation in violations.iter_mut().filter(|v| codes.contains(&v.code)) {
        violation.public_reason = PublicReason::NotAccepted;
    }
}
