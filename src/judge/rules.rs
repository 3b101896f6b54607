//! Standing conditions: what a code asks of an order, no matter how much was used so far.
//!
//! A rule is one plain function in one file, named after its reason, and one line in [`STANDING`].

mod above_max_tickets;
mod below_min_subtotal;
mod below_min_tickets;
mod ended;
mod inactive;
mod not_eligible;
mod not_started;
mod wrong_currency;
mod wrong_event;

use crate::base::money::{Integer, Time, descending, sum};
use crate::base::text::Name;
use crate::documents::decision::{Reason, Violation};
use crate::documents::group::Buy;
use crate::documents::order::{Identity, MAX_TICKETS, Order};
use crate::documents::policy::EmailAliases;
use crate::documents::promo::Promo;
use crate::documents::qualify::{Change, ToQualify};

/// One code and one order: what a rule looks at.
pub(crate) struct Case<'a> {
    pub promo: &'a Promo,
    /// The code in canonical form.
    pub code: &'a str,
    pub order: &'a Order,
    pub identities: &'a [Identity],
    pub email_aliases: EmailAliases,
    /// How many tickets of the order are in the promo's scope.
    pub in_scope: Integer,
    /// The subtotal of the whole order before any discount.
    pub subtotal: Integer,
    pub now: Time,
}

impl Case<'_> {
    fn refuse(&self, reason: Reason, rest: impl std::fmt::Display) -> Option<Violation> {
        Some(Violation::new(Some(self.code), reason, format!("{} {rest}", self.code)))
    }

    /// The change "add so many tickets that the code is for". `None` if another bound forbids it.
    pub(crate) fn more_tickets(&self, by: Integer) -> Option<ToQualify> {
        let (types, max_tickets) = (self.promo.types(), self.promo.max_tickets);
        let of = types.map(|types| -> Vec<Name> {
            types.iter().filter(|name| !self.promo.is_bought(Some(name))).cloned().collect()
        });
        let tickets = self.order.lines.iter().fold(by.get(), |n, line| n.saturating_add(line.quantity.get()));
        let in_scope = self.in_scope.plus(by)?;
        let possible = tickets <= MAX_TICKETS
            && max_tickets.is_none_or(|most| in_scope <= most)
            && of.as_ref().is_none_or(|types| !types.is_empty())
            // No change can say "of any type but those that must be bought".
            && (of.is_some() || self.promo.buy().is_none());
        possible.then_some(ToQualify { of, change: Change::AddTickets, by })
    }

    /// The change "add so many tickets of the types that must be bought". `None` if the order would be too large.
    pub(crate) fn more_bought(&self, buy: &Buy, by: Integer) -> Option<ToQualify> {
        let tickets = self.order.lines.iter().fold(by.get(), |n, line| n.saturating_add(line.quantity.get()));
        let possible = tickets <= MAX_TICKETS && !buy.ticket_types.is_empty();
        possible.then(|| ToQualify { of: Some(buy.ticket_types.clone()), change: Change::AddTickets, by })
    }

    /// The change "remove so many tickets that the code is for". `None` if another bound forbids it, whichever tickets
    /// the buyer removes.
    pub(crate) fn fewer_tickets(&self, by: Integer) -> Option<ToQualify> {
        let Promo { min_tickets, min_subtotal, .. } = self.promo;
        let min_subtotal = min_subtotal.as_ref().and_then(|least| least.of(&self.order.currency));
        let mut tickets = self.order.tickets();
        let ordered = tickets.len();
        tickets.retain(|ticket| self.promo.covers(ticket.ticket_type.as_ref()));
        let dearest = descending(tickets.iter().map(|ticket| ticket.price.get())).take(by.index());
        let removed = sum(dearest.filter_map(|index| Some(tickets.get(index)?.price)))?;
        let (left, subtotal) = (self.in_scope.minus(by), self.subtotal.minus(removed));
        let possible = left > Integer::ZERO
            && min_tickets.is_none_or(|least| left >= least)
            && min_subtotal.is_none_or(|least| subtotal >= least);
        let has = |name: &&Name| tickets.iter().any(|ticket| ticket.ticket_type.as_ref() == Some(name));
        let of = self.promo.types().filter(|_| tickets.len() < ordered);
        let of = of.map(|types| types.iter().filter(has).cloned().collect());
        possible.then_some(ToQualify { of, change: Change::RemoveTickets, by })
    }
}

/// A standing condition: returns a violation if it is not met.
type Rule = fn(&Case) -> Option<Violation>;

/// Every standing condition, in the order in which violations are listed.
const STANDING: &[Rule] = &[
    inactive::condition,
    not_started::condition,
    ended::condition,
    wrong_event::condition,
    wrong_currency::condition,
    not_eligible::condition,
    below_min_tickets::condition,
    above_max_tickets::condition,
    below_min_subtotal::condition,
];

/// The violations of all standing conditions that are not met.
pub(crate) fn violations(case: &Case) -> Vec<Violation> {
    STANDING.iter().filter_map(|rule| rule(case)).collect()
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use crate::crossing::json::read;
    use crate::documents::policy::Policy;
    use serde_json::{Value, json};

    /// Whether `rule` refuses a promo with these fields for an order of two tickets of 500 EUR cents
    /// for ann@example.org at the event `gala`, asked at 1 800 000 000 000 ms.
    pub(crate) fn refuses(rule: Rule, fields: Value) -> bool {
        let mut promo = json!({"code": "SUMMER", "discount": {"kind": "free"}});
        promo.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let promo: Promo = read(promo.to_string().as_bytes()).unwrap();
        let order = json!({
            "event_id": "gala", "currency": "EUR", "identities": {"email": "Ann+x@Example.org"},
            "lines": [{"ticket_type": "seat", "unit_price": 500, "quantity": 2}],
        });
        let order: Order = read(order.to_string().as_bytes()).unwrap();
        rule(&Case {
            promo: &promo,
            code: "SUMMER",
            order: &order,
            identities: &order.canonical_identities(&Policy::default()),
            email_aliases: EmailAliases::Fold,
            in_scope: Integer::new(2).unwrap(),
            subtotal: Integer::new(1000).unwrap(),
            now: Time::new(1_800_000_000_000).unwrap(),
        })
        .is_some()
    }
}
