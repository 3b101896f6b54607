//! `confirmRedemption`: payment arrived, in time or late.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::account::Account;
use crate::decision::Violation;
use crate::error::Error;
use crate::key::Counter;
use crate::limits::{push_least, shortage};
use crate::money::{Integer, Time, sum};
use crate::plan::{Guard, Op, Plan};
use crate::policy::ReleaseReason;
use crate::redemption::{Redemption, State, Ticket};
use crate::usage::Usage;

/// What a host asks when a payment arrives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRequest {
    /// The stored record.
    pub redemption: Redemption,
    /// What was paid, in minor units; `None` skips the check.
    #[serde(default)]
    pub total: Option<Integer>,
    /// The counters of the record's charges, for a payment after the hold was reclaimed.
    #[serde(default)]
    pub usage: Usage,
    /// The present instant.
    pub now_ms: Time,
    /// Whether a late payment is accepted above the limits.
    #[serde(default)]
    pub over_limit: bool,
}

/// What the payment meets, and what the host commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Confirmation {
    /// What the payment meets.
    pub status: ConfirmStatus,
    /// The limits that a late payment does not fit any more.
    pub violations: Vec<Violation>,
    /// The plan.
    pub ops: Vec<Op>,
}

/// What a payment meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmStatus {
    /// It is for this order, which is now the buyer's.
    Confirmed,
    /// The order was paid before.
    AlreadyConfirmed,
    /// It is for an order that was amended since.
    StalePayment,
    /// The hold was reclaimed, and what it held is used by others.
    LatePaymentConflict,
    /// The tickets were released for another reason than lapsing.
    Released,
}

/// Confirms what was paid for: a hold even past its expiry, and one that lapsed if its charges still fit.
///
/// # Errors
/// If the request is malformed, or the record's fields contradict each other.
///
/// # Example
/// ```
/// use redeemable::{ConfirmStatus, confirm_redemption, json};
///
/// let request = json::read(br#"{
///     "redemption": {
///         "schema": 1, "id": "o-1", "revision": 1, "state": "held", "event_id": "gala", "currency": "EUR",
///         "codes": [], "identities": [],
///         "tickets": [{"line": 0, "unit_price": 4500, "price": 4500, "codes": []}],
///         "applied": [], "charges": [], "created_at_ms": 1799999000000, "expires_at_ms": 1800000900000
///     },
///     "total": 4400, "now_ms": 1800000000000
/// }"#)?;
/// assert_eq!(confirm_redemption(&request)?.status, ConfirmStatus::StalePayment);
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn confirm_redemption(request: &ConfirmRequest) -> Result<Confirmation, Error> {
    let ConfirmRequest { redemption, total, usage, now_ms, over_limit } = request;
    redemption.check().map_err(|error| error.in_field("redemption"))?;
    let only = |status| Ok(Confirmation { status, violations: Vec::new(), ops: Vec::new() });
    if redemption.state == State::Confirmed {
        return only(ConfirmStatus::AlreadyConfirmed);
    }

    let mut after = redemption.clone();
    if redemption.state == State::Released {
        // What was paid for before and then released is over: this is the same payment, reported twice.
        if redemption.confirmed_at_ms.is_some() {
            return only(ConfirmStatus::Released);
        }
        for ticket in after.tickets.iter_mut().filter(|ticket| has_expired(ticket)) {
            ticket.released = None;
        }
        if after.left().next().is_none() {
            return only(ConfirmStatus::Released);
        }
    }
    // In range: `check` added the unit prices up.
    let price = sum(after.left().map(|ticket| ticket.price)).unwrap_or_default();
    if total.is_some_and(|total| total != price) {
        return only(ConfirmStatus::StalePayment);
    }

    after.state = State::Confirmed;
    after.confirmed_at_ms = Some(*now_ms);
    after.expires_at_ms = None;
    after.revision = redemption.next_revision().map_err(|error| error.in_field("redemption"))?;
    let violations = conflicts(redemption, &after, usage)?;
    if !violations.is_empty() && !over_limit {
        return Ok(Confirmation { status: ConfirmStatus::LatePaymentConflict, violations, ops: Vec::new() });
    }
    let guard = if *over_limit { Guard::Nothing } else { Guard::Limits };
    let mut plan = Plan::default();
    plan.put(Some(redemption), after, guard)?;
    Ok(Confirmation { status: ConfirmStatus::Confirmed, violations, ops: plan.ops() })
}

fn has_expired(ticket: &Ticket) -> bool {
    ticket.released.is_some_and(|released| released.reason == ReleaseReason::HoldExpired)
}

/// The limits in the record that what it takes back does not fit any more.
fn conflicts(before: &Redemption, after: &Redemption, usage: &Usage) -> Result<Vec<Violation>, Error> {
    // The plan guards what all charges add to a counter with the least of their limits, so each is judged by that.
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
            let code = charge.code.as_deref();
            push_least(&mut violations, shortage(counter, code, &charge.key, most, used, need));
        }
        account.charge(&charge.key, need)?;
    }
    Ok(violations)
}
