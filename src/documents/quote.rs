//! Quote: the price of an order, ticket by ticket.

use serde::Serialize;
use std::sync::Arc;

use crate::base::money::{Integer, sum};
use crate::base::text::{Currency, Name};
use crate::documents::ticket::Ticket;

/// The price of an order. The amounts of its tickets add up to those of the order.
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
    /// The codes that were typed and take no part, because there was nothing left for them or a better offer made them
    /// unnecessary. The buyer may be told. Empty if the order is rejected or was accepted before.
    pub not_needed: Vec<String>,
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
    /// The index of the order's line that the ticket belongs to.
    pub line: Integer,
    /// The ticket's type. Null: no list of ticket types includes the ticket.
    pub ticket_type: Option<Name>,
    /// The ticket's price before any discount, in minor units.
    pub unit_price: Integer,
    /// What the codes take off the ticket, in minor units.
    pub discount: Integer,
    /// What is payable for the ticket, in minor units.
    pub price: Integer,
    /// The codes that discount, count or unlock the ticket, in the order of application.
    pub codes: Arc<[String]>,
    /// What each of `codes` takes off the ticket, in minor units and in the same order.
    pub off: Arc<[Integer]>,
}

impl Quote {
    pub(crate) fn new(currency: &Currency, tickets: &[Ticket]) -> Self {
        // The sums are in range: `Order::verify` or `Redemption::verify` has added the unit prices up.
        let all = |part: fn(&Ticket) -> Integer| sum(tickets.iter().map(part)).unwrap_or_default();
        let (subtotal, total) = (all(|ticket| ticket.unit_price), all(|ticket| ticket.price));
        Self {
            currency: currency.clone(),
            subtotal,
            discount: subtotal.minus(total),
            total,
            payment: if total == Integer::ZERO { Payment::None } else { Payment::Required },
            tickets: tickets.iter().map(QuotedTicket::new).collect(),
            not_needed: Vec::new(),
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
            off: ticket.off(),
        }
    }
}
