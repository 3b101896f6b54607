//! Decision: the answer of `validateRedemption`, and why an order is refused.

use serde::Serialize;

use crate::base::money::{Integer, sum};
use crate::base::text::{Currency, Name};
use crate::documents::op::Op;
use crate::documents::order::Order;
use crate::documents::qualify::{ToQualify, keep_what_helps};
use crate::documents::redemption::Applied;
use crate::documents::ticket::Ticket;

/// Whether the order is accepted, at what price, and what the host commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// Whether the order is accepted.
    pub status: Status,
    /// Whether the order was accepted before, and is answered from its record.
    pub replayed: bool,
    /// The price with every code applied; of a refused order, the price without any code.
    pub quote: Quote,
    /// What each code did, in the order of application. Empty if the order is refused.
    pub applied: Vec<Applied>,
    /// Everything that speaks against the order. Empty if it is accepted.
    pub violations: Vec<Violation>,
    /// The plan: what the host commits with its own rows. Empty for a refusal, a preview and mostly for a
    /// replay.
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

/// Whether an order is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The order is accepted.
    Accepted,
    /// The order is refused, and the host commits nothing.
    Rejected,
}

/// The price of an order. The amounts of its tickets add up to its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quote {
    /// The order's currency, in whose minor units every amount is.
    pub currency: Currency,
    /// The sum before any discount, in minor units.
    pub subtotal: Integer,
    /// What all codes take off together, in minor units.
    pub discount: Integer,
    /// What is to be paid, in minor units: `subtotal` less `discount`.
    pub total: Integer,
    /// Whether there is anything to pay.
    pub payment: Payment,
    /// Each ticket, in the order of the lines.
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

/// The price of one ticket of the order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuotedTicket {
    /// The index of its line in the order.
    pub line: Integer,
    /// Its type. Null is a type in no list.
    pub ticket_type: Option<Name>,
    /// Its price before any discount, in minor units.
    pub unit_price: Integer,
    /// What the codes take off it, in minor units.
    pub discount: Integer,
    /// What is payable for it, in minor units.
    pub price: Integer,
    /// The codes that discount it, in the order of application.
    pub codes: Vec<String>,
}

impl Quote {
    pub(crate) fn new(currency: &Currency, tickets: &[Ticket]) -> Self {
        // In range: `Order::verify` and `Redemption::verify` added the unit prices up.
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
    /// The canonical code. Null for what speaks against the order whatever the code.
    pub code: Option<String>,
    /// What speaks against it, for the organiser.
    pub reason: Reason,
    /// What an anonymous buyer may be told.
    pub public_reason: PublicReason,
    /// The key of the counter that leaves least. Null where no counter is involved.
    pub counter: Option<String>,
    /// The counter's limit or the bound on the order, in uses, tickets or minor units. Null where there is
    /// neither.
    pub limit: Option<Integer>,
    /// What was used before this code or the order's own figure, in uses, tickets or minor units. Null where
    /// there is neither.
    pub used: Option<Integer>,
    /// What the counter leaves, in uses, tickets or minor units: `limit` less `used`, at least 0. Null where no
    /// counter is involved.
    pub remaining: Option<Integer>,
    /// A sentence in plain English for the organiser.
    pub message: String,
    /// The least change of the order that makes the code apply. Null where no one change does, or a buyer may
    /// not know it.
    pub to_qualify: Option<ToQualify>,
}

/// What speaks against an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// Too few uses of one of the code's pools are left.
    PoolExhausted,
    /// Too little of the code's budget is left.
    BudgetExhausted,
    /// Too little of the budget of one of the code's pools is left.
    PoolBudgetExhausted,
    /// Too few free tickets are left for this person at the event.
    FreeTicketsExhausted,
    /// Too few tickets are left for this person at the event.
    TicketsExhausted,
}

/// What an anonymous buyer may be told, so that guessing codes teaches nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PublicReason {
    /// The code is not accepted: it does not exist, or it is not for this buyer, event or time.
    NotAccepted,
    /// Too little is left, of the code or for this person.
    UsedUp,
    /// The code does not apply to this order, or this order can no longer be changed.
    OrderNotEligible,
    /// There is a limit per person, and the buyer has to say who buys.
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

/// If a buyer may not be told one violation of a code, no violation of that code is told: each would show that there is
/// such a code.
fn hide_secrets(violations: &mut [Violation]) {
    let secret = |violation: &&Violation| violation.public_reason == PublicReason::NotAccepted;
    let codes: Vec<_> = violations.iter().filter(secret).map(|v| v.code.clone()).collect();
    for violation in violations.iter_mut().filter(|v| codes.contains(&v.code)) {
        violation.public_reason = PublicReason::NotAccepted;
    }
}
