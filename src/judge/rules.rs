//! Standing conditions: what a code asks of an order, no matter how much was used so far.
//!
//! A rule is one plain function in one file, named after its reason, and one line in [`STANDING`].

mod above_max_subtotal;
mod above_max_tickets;
mod below_min_subtotal;
mod below_min_tickets;
mod ended;
mod inactive;
mod missing_subtotal;
mod missing_tickets;
mod not_eligible;
mod not_started;
mod outside_hours;
mod surplus_tickets;
mod wrong_currency;
mod wrong_event;

use crate::base::amount::Amount;
use crate::base::calendar::LocalTime;
use crate::base::money::{Integer, Time};
use crate::documents::decision::{Reason, Violation};
use crate::documents::order::{Identity, Order};
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;
use crate::judge::keep::Keeper;

/// One code and one order: what a rule looks at.
pub(crate) struct Case<'a> {
    pub promo: &'a Promo,
    /// The code in canonical form.
    pub code: &'a str,
    pub order: &'a Order,
    pub identities: &'a [Identity],
    pub policy: &'a Policy,
    /// How many tickets of the order are in the promo's scope.
    pub in_scope: Integer,
    pub now: Time,
    /// The same time on local clocks, if the policy has a zone.
    pub local: Option<LocalTime>,
    /// The record with which the code keeps its time; `None` if the code is judged now.
    pub kept: Option<&'a Keeper<'a>>,
}

impl Case<'_> {
    fn refuse(&self, reason: Reason, rest: impl std::fmt::Display) -> Option<Violation> {
        Some(Violation::new(Some(self.code), reason, format!("{} {rest}", self.code)))
    }

    /// The amount in the order's currency, if there is one.
    pub(crate) fn money(&self, amount: &Option<Amount>) -> Option<Integer> {
        amount.as_ref()?.of(&self.order.currency)
    }
}

/// A standing condition: returns a violation if it is not met.
type Rule = fn(&Case) -> Option<Violation>;

/// Every standing condition and its reason, in the order in which violations are listed.
const STANDING: &[(Reason, Rule)] = &[
    (Reason::Inactive, inactive::condition),
    (Reason::NotStarted, not_started::condition),
    (Reason::Ended, ended::condition),
    (Reason::OutsideHours, outside_hours::condition),
    (Reason::WrongEvent, wrong_event::condition),
    (Reason::WrongCurrency, wrong_currency::condition),
    (Reason::NotEligible, not_eligible::condition),
    (Reason::BelowMinTickets, below_min_tickets::condition),
    (Reason::AboveMaxTickets, above_max_tickets::condition),
    (Reason::BelowMinSubtotal, below_min_subtotal::condition),
    (Reason::AboveMaxSubtotal, above_max_subtotal::condition),
    (Reason::MissingTickets, missing_tickets::condition),
    (Reason::SurplusTickets, surplus_tickets::condition),
    (Reason::MissingSubtotal, missing_subtotal::condition),
];

/// The reasons of all standing conditions, in the order in which violations are listed.
pub(crate) fn reasons() -> impl Iterator<Item = Reason> {
    STANDING.iter().map(|(reason, _)| *reason)
}

/// The violations of all standing conditions that are not met.
pub(crate) fn violations(case: &Case) -> Vec<Violation> {
    STANDING.iter().filter_map(|(_, rule)| rule(case)).collect()
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;
    use crate::crossing::json::read;
    use serde_json::{Value, json};

    /// Whether `rule` refuses a promo with these fields for an order of two tickets of 500 EUR cents
    /// for ann@example.org at the event `gala`, asked at 1 800 000 000 000 ms: a Friday, 08:00 in UTC, 09:00 there.
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
            policy: &Policy::default(),
            in_scope: Integer::new(2).unwrap(),
            now: Time::new(1_800_000_000_000).unwrap(),
            local: Some(LocalTime::new(Time::new(1_800_000_000_000).unwrap(), 60)),
            kept: None,
        })
        .is_some()
    }
}
