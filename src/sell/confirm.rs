//! `confirmRedemption`: what a payment that has arrived, in time or late, means for its order.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::money::{Integer, Time, sum};
use crate::documents::counter::Counter;
use crate::documents::decision::Violation;
use crate::documents::op::Op;
use crate::documents::payment::{MAX_PAYMENTS, Money, PaymentReport};
use crate::documents::policy::ReleaseReason;
use crate::documents::redemption::{Redemption, State};
use crate::documents::ticket::Ticket;
use crate::documents::usage::Usage;
use crate::judge::account::Account;
use crate::judge::limits::{Shortage, push_least};
use crate::sell::plan::{Guard, Plan};

/// What a host asks when a payment arrives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmRequest {
    /// The record, as it is stored.
    pub redemption: Redemption,
    /// What was paid.
    pub payment: PaymentReport,
    /// The counters of the record's charges. They are needed only if the record was released as `hold_expired`.
    #[serde(default)]
    pub usage: Usage,
    /// When the payment arrived.
    pub now_ms: Time,
    /// Whether a late payment is confirmed although a limit is exceeded.
    #[serde(default)]
    pub over_limit: bool,
    /// Whether the host only asks what the answer would be: nothing is noted, and the plan is empty.
    #[serde(default)]
    pub dry: bool,
}

/// What the payment means for its order, whose the money is, and what the host commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Confirmation {
    /// What the payment means for its order.
    pub status: ConfirmStatus,
    /// Whose the money is. This is final, unless the request was `dry`.
    pub money: Money,
    /// The limits that a late payment exceeds.
    pub violations: Vec<Violation>,
    /// The plan: what the host commits. Empty if the request was `dry`.
    pub ops: Vec<Op>,
}

/// What a payment means for its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConfirmStatus {
    /// The payment pays for the order, which is now confirmed.
    Confirmed,
    /// The payment was reported before, and its money was kept.
    AlreadyConfirmed,
    /// The payment was reported before, and its money went back.
    AlreadyReturned,
    /// The order was paid by another payment, or is free.
    PaidTwice,
    /// The payment's total or currency is not the order's, for example because the order was amended since.
    StalePayment,
    /// The hold had lapsed, and others have taken what it held: with this order, a limit would be exceeded.
    LatePaymentConflict,
    /// The tickets were released for another reason than a lapsed hold, or after they were paid.
    Released,
    /// The record remembers 100 payments already, and takes no more.
    TooManyPayments,
}

impl ConfirmStatus {
    /// Whose the money is.
    fn money(self) -> Money {
        match self {
            Self::Confirmed | Self::AlreadyConfirmed => Money::Kept,
            Self::AlreadyReturned | Self::PaidTwice | Self::StalePayment => Money::Returned,
            Self::LatePaymentConflict | Self::Released | Self::TooManyPayments => Money::Returned,
        }
    }
}

/// Says what a payment means for its order, whose the money is, and what the host commits.
///
/// A hold that was not released is confirmed, even past its expiry. A hold that was released as `hold_expired` is
/// confirmed if its charges still fit. The record remembers the payment: however often the payment is reported, its
/// money stays where it went.
///
/// # Errors
/// If the request is malformed, or the record's fields contradict each other.
///
/// # Example
/// ```
/// use redeemable::{ConfirmStatus, Money, confirm_redemption, json};
///
/// let request = json::read(br#"{
///     "redemption": {
///         "schema": 2, "id": "o-1", "revision": 1, "state": "held", "event_id": "gala", "currency": "EUR",
///         "codes": [], "identities": [],
///         "tickets": [{"line": 0, "unit_price": 4500, "price": 4500, "codes": []}],
///         "applied": [], "charges": [], "created_at_ms": 1799999000000, "expires_at_ms": 1800000900000
///     },
///     "payment": {"id": "hash-1", "total": 4400, "currency": "EUR"}, "now_ms": 1800000000000
/// }"#)?;
/// let answer = confirm_redemption(&request)?;
/// assert_eq!((answer.status, answer.money), (ConfirmStatus::StalePayment, Money::Returned));
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn confirm_redemption(request: &ConfirmRequest) -> Result<Confirmation, Error> {
    let ConfirmRequest { redemption, payment, now_ms, dry, .. } = request;
    redemption.verify().map_err(|error| error.in_field("redemption"))?;
    payment.verify().map_err(|error| error.in_field("payment"))?;
    let nothing_new = |status: ConfirmStatus| Confirmation {
        status,
        money: status.money(),
        violations: Vec::new(),
        ops: Vec::new(),
    };
    if let Some(known) = redemption.payments.iter().find(|known| known.id == payment.id) {
        return Ok(nothing_new(match known.outcome {
            Money::Kept => ConfirmStatus::AlreadyConfirmed,
            Money::Returned => ConfirmStatus::AlreadyReturned,
        }));
    }
    if redemption.payments.len() >= MAX_PAYMENTS {
        return Ok(nothing_new(ConfirmStatus::TooManyPayments));
    }

    let Met { status, violations, mut after, guard } = meet(request)?;
    let mut ops = Vec::new();
    if !dry {
        after.payments.push(payment.noted(status.money(), *now_ms));
        after.revision = redemption.next_revision().map_err(|error| error.in_field("redemption"))?;
        let mut plan = Plan::default();
        plan.put(Some(redemption), after, guard)?;
        ops = plan.ops();
    }
    Ok(Confirmation { status, money: status.money(), violations, ops })
}

/// The answer to a payment that the record does not have yet, and the record after that payment.
struct Met {
    status: ConfirmStatus,
    violations: Vec<Violation>,
    after: Redemption,
    guard: Guard,
}

fn meet(request: &ConfirmRequest) -> Result<Met, Error> {
    let ConfirmRequest { redemption, payment, usage, now_ms, over_limit, .. } = request;
    let unchanged =
        |status, violations| Ok(Met { status, violations, after: redemption.clone(), guard: Guard::Nothing });
    if let Some(confirmed_at_ms) = redemption.confirmed_at_ms {
        let status = match redemption.state {
            State::Released => ConfirmStatus::Released,
            State::Confirmed | State::Held => ConfirmStatus::PaidTwice,
        };
        let is_first = is_first_of_schema_1(redemption, confirmed_at_ms, payment);
        return unchanged(if is_first { ConfirmStatus::AlreadyConfirmed } else { status }, Vec::new());
    }

    let mut after = redemption.clone();
    if redemption.state == State::Released {
        for ticket in after.tickets.iter_mut().filter(|ticket| has_expired(ticket)) {
            ticket.released = None;
        }
        if after.left().next().is_none() {
            return unchanged(ConfirmStatus::Released, Vec::new());
        }
    }
    if !payment.is(total(after.left()), &redemption.currency) {
        return unchanged(ConfirmStatus::StalePayment, Vec::new());
    }
    after.state = State::Confirmed;
    after.confirmed_at_ms = Some(*now_ms);
    after.expires_at_ms = None;
    let violations = conflicts(redemption, &after, usage)?;
    if !violations.is_empty() && !over_limit {
        return unchanged(ConfirmStatus::LatePaymentConflict, violations);
    }
    let guard = if *over_limit { Guard::Nothing } else { Guard::Limits };
    Ok(Met { status: ConfirmStatus::Confirmed, violations, after, guard })
}

/// Whether this payment counts as the one that confirmed a record of schema 1, which remembered no payment. The first
/// payment of the right price does.
fn is_first_of_schema_1(redemption: &Redemption, confirmed_at: Time, payment: &PaymentReport) -> bool {
    let bought = |ticket: &&Ticket| ticket.released.is_none_or(|released| released.at_ms >= confirmed_at);
    let price = total(redemption.tickets.iter().filter(bought));
    price > Integer::ZERO
        && redemption.exchanged.is_none()
        && redemption.payments.iter().all(|known| known.outcome == Money::Returned)
        && payment.is(price, &redemption.currency)
}

/// What these tickets cost. The sum is in range: no price is above its unit price, and `verify` has added those up.
fn total<'a>(tickets: impl Iterator<Item = &'a Ticket>) -> Integer {
    sum(tickets.map(|ticket| ticket.price)).unwrap_or_default()
}

fn has_expired(ticket: &Ticket) -> bool {
    ticket.released.is_some_and(|released| released.reason == ReleaseReason::HoldExpired)
}

/// The violations of a late payment: limits, as the record has them, under which its charges no longer fit.
fn conflicts(before: &Redemption, after: &Redemption, usage: &Usage) -> Result<Vec<Violation>, Error> {
    // Several charges may add to one counter. The plan guards their sum with the least of their limits, so each charge
    // is judged by that limit.
    let mut least: BTreeMap<String, Integer> = BTreeMap::new();
    for charge in &after.charges {
        if let Some(limit) = charge.limit {
            let entry = least.entry(charge.key.clone()).or_insert(limit);
            *entry = limit.min(*entry);
        }
    }
    let mut account = Account::new(&usage.counters);
    let mut violations = Vec::new();
    for ((charge, held), (_, wanted)) in before.held().zip(after.held()) {
        let need = wanted.minus(held);
        if need == Integer::ZERO {
            continue;
        }
        let used = account.used(&charge.key);
        let most = least.get(&charge.key).copied().filter(|most| most.minus(used) < need);
        if let Some((most, counter)) = most.zip(Counter::of(&charge.key)) {
            let (key, code) = (&*charge.key, charge.code.as_deref());
            push_least(&mut violations, Shortage { counter, key, code, most, used, need }.violation());
        }
        account.charge(&charge.key, need)?;
    }
    Ok(violations)
}
