//! Properties of confirmations and releases.

use redeemable::{
    ConfirmRequest, ConfirmStatus, Confirmation, Money, NotedPayment, NotedRelease, Op, PaymentReport,
    Redemption, ReleaseAnswer, ReleaseReason, ReleaseRequest, ReleaseStatus, Released, State, Ticket,
};
use std::collections::BTreeMap;

use crate::Check;
use crate::naive;
use crate::plan;

fn has_expired(ticket: &Ticket) -> bool {
    ticket.released.is_some_and(|released| released.reason == ReleaseReason::HoldExpired)
}

/// The record as a payment would leave it, if it may still be paid.
pub fn paid(record: &Redemption) -> Option<Redemption> {
    if record.confirmed_at_ms.is_some() {
        return None;
    }
    let mut after = naive::renewed(record);
    for ticket in after.tickets.iter_mut().filter(|_| record.state == State::Released) {
        if has_expired(ticket) {
            ticket.released = None;
        }
    }
    after.tickets.iter().any(|ticket| ticket.released.is_none()).then_some(after)
}

/// The amount that a payment for this record must have.
pub fn price(record: &Redemption) -> u64 {
    let left = record.tickets.iter().filter(|ticket| ticket.released.is_none());
    left.map(|ticket| ticket.price.get()).sum()
}

/// The counters in which the record's charges do not fit any more.
fn unfit<'a>(request: &'a ConfirmRequest, after: &Redemption) -> Vec<&'a str> {
    let record = &request.redemption;
    let mut more: BTreeMap<&str, u64> = BTreeMap::new();
    let mut unfit = Vec::new();
    for ((charge, held), wanted) in record.charges.iter().zip(naive::held(record)).zip(naive::held(after)) {
        let more = more.entry(&charge.key).or_default();
        *more += wanted - held;
        let used = request.usage.counters.get(&charge.key).map_or(0, |used| used.get());
        if wanted > held && charge.limit.is_some_and(|most| used + *more > most.get()) {
            unfit.push(charge.key.as_str());
        }
    }
    unfit
}

/// Whether the payment is of this price in this currency; a total or currency that is not given always fits.
fn fits(payment: &PaymentReport, price: u64, currency: &str) -> bool {
    let same = |given: &str| given.eq_ignore_ascii_case(currency);
    payment.total.is_none_or(|total| total.get() == price) && payment.currency.as_deref().is_none_or(same)
}

/// The price of an order that was confirmed under schema 1, until its own payment is reported.
pub fn owed_since_schema_1(record: &Redemption) -> Option<u64> {
    let confirmed_at = record.confirmed_at_ms?;
    let given_back_before = |ticket: &Ticket| ticket.released.is_some_and(|r| r.at_ms < confirmed_at);
    let bought = record.tickets.iter().filter(|ticket| !given_back_before(ticket));
    let price = bought.map(|ticket| ticket.price.get()).sum();
    let remembers = record.payments.iter().any(|payment| payment.outcome == Money::Kept);
    // What was exchanged was paid with other tickets, and waits for no payment.
    (price > 0 && !remembers && record.exchanged.is_none()).then_some(price)
}

/// The status of a payment before the limits are looked at, in the order of the specification's steps.
pub fn meets(record: &Redemption, payment: &PaymentReport) -> ConfirmStatus {
    if let Some(known) = record.payments.iter().find(|known| known.id == payment.id) {
        return match known.outcome {
            Money::Kept => ConfirmStatus::AlreadyConfirmed,
            Money::Returned => ConfirmStatus::AlreadyReturned,
        };
    }
    if record.payments.len() == 100 {
        return ConfirmStatus::TooManyPayments;
    }
    if owed_since_schema_1(record).is_some_and(|price| fits(payment, price, &record.currency)) {
        return ConfirmStatus::AlreadyConfirmed;
    }
    match (record.state, paid(record)) {
        (State::Confirmed, _) => ConfirmStatus::PaidTwice,
        (_, None) => ConfirmStatus::Released,
        (_, Some(after)) if !fits(payment, price(&after), &record.currency) => ConfirmStatus::StalePayment,
        (_, Some(_)) => ConfirmStatus::Confirmed,
    }
}

/// Who has the money of a payment with this status.
fn money(status: ConfirmStatus) -> Money {
    match status {
        ConfirmStatus::Confirmed | ConfirmStatus::AlreadyConfirmed => Money::Kept,
        ConfirmStatus::AlreadyReturned
        | ConfirmStatus::PaidTwice
        | ConfirmStatus::StalePayment
        | ConfirmStatus::LatePaymentConflict
        | ConfirmStatus::Released
        | ConfirmStatus::TooManyPayments => Money::Returned,
    }
}

fn conflicts_are_true(answer: &Confirmation, unfit: &[&str]) -> Check {
    for violation in &answer.violations {
        let (Some(key), Some(limit), Some(used)) = (&violation.counter, violation.limit, violation.used)
        else {
            return Err(format!("a conflict without its figures: {violation:?}"));
        };
        ensure!(unfit.contains(&key.as_str()), "a conflict that is none: {violation:?}");
        let remaining = violation.remaining.map(|remaining| remaining.get());
        ensure!(
            remaining == Some(limit.get().saturating_sub(used.get())),
            "remaining is wrong: {violation:?}"
        );
    }
    ensure!(
        answer.violations.is_empty() == unfit.is_empty(),
        "found {:?}, expected {unfit:?}",
        answer.violations
    );
    Ok(())
}

pub fn confirmation(request: &ConfirmRequest, answer: &Confirmation) -> Check {
    let ConfirmRequest { redemption: record, payment, now_ms, over_limit, dry, .. } = request;
    let knows = |id: &str| record.payments.iter().any(|known| *known.id == *id);
    let mut expected = meets(record, payment);
    let mut after = naive::renewed(record);
    let mut unfit = Vec::new();
    if let (ConfirmStatus::Confirmed, Some(paid)) = (expected, paid(record)) {
        unfit = self::unfit(request, &paid);
        if unfit.is_empty() || *over_limit {
            after = paid;
            after.state = State::Confirmed;
            after.confirmed_at_ms = Some(*now_ms);
            after.expires_at_ms = None;
        } else {
            expected = ConfirmStatus::LatePaymentConflict;
        }
    }
    ensure!(answer.status == expected, "the payment meets {:?}, expected {expected:?}", answer.status);
    let money = money(expected);
    ensure!(answer.money == money, "the money is {:?} at {expected:?}", answer.money);
    conflicts_are_true(answer, &unfit)?;
    if *dry || knows(&payment.id) || expected == ConfirmStatus::TooManyPayments {
        ensure!(answer.ops.is_empty(), "{expected:?} with a plan: {answer:?}");
        return Ok(());
    }

    let PaymentReport { id, total, currency } = payment.clone();
    after.payments.push(NotedPayment { id, total, currency, outcome: money, at_ms: *now_ms });
    after.revision = naive::next(record).revision;
    let Some(Op::Update { redemption, .. }) = answer.ops.first() else {
        return Err(format!("notes nothing: {answer:?}"));
    };
    let after = naive::said(after);
    ensure!(*redemption == after, "leaves another record: {redemption:?}, expected {after:?}");
    plan::operations(&[record], &answer.ops, |key| {
        let charge = record.charges.iter().find(|charge| charge.key == key);
        charge.and_then(|charge| charge.limit).map(|limit| limit.get()).filter(|_| !over_limit)
    })
}

pub fn release(request: &ReleaseRequest, answer: &ReleaseAnswer) -> Check {
    let ReleaseRequest { redemption: record, release, now_ms } = request;
    if let Some(known) = record.releases.iter().find(|known| Some(&known.id) == release.id.as_ref()) {
        let (status, ops) = (ReleaseStatus::AlreadyReleased, Vec::new());
        let (tickets, refundable) = (known.tickets.clone(), known.refundable);
        let expected = ReleaseAnswer { status, tickets, refundable, ops };
        ensure!(*answer == expected, "a release that was answered is answered {answer:?}, not {expected:?}");
        return Ok(());
    }
    let wanted = |index: u64| release.tickets.as_ref().is_none_or(|t| t.iter().any(|t| t.get() == index));
    let mut after = naive::renewed(record);
    let (mut released, mut prices) = (Vec::new(), 0);
    for (index, ticket) in (0..).zip(&mut after.tickets) {
        if ticket.released.is_none() && wanted(index) {
            ticket.released = Some(Released { reason: release.reason, at_ms: *now_ms });
            released.push(index);
            prices += ticket.price.get();
        }
    }
    let ends_holds = matches!(release.reason, ReleaseReason::HoldExpired | ReleaseReason::PaymentFailed);
    let expected = match record.state {
        State::Confirmed if ends_holds => ReleaseStatus::AlreadyConfirmed,
        _ if released.is_empty() => ReleaseStatus::AlreadyReleased,
        _ => ReleaseStatus::Released,
    };
    ensure!(answer.status == expected, "the release is {:?}, expected {expected:?}", answer.status);
    if expected != ReleaseStatus::Released {
        let nothing = answer.tickets.is_empty() && answer.refundable.get() == 0 && answer.ops.is_empty();
        ensure!(nothing, "{expected:?}, and changes something: {answer:?}");
        return Ok(());
    }
    let answered: Vec<u64> = answer.tickets.iter().map(|index| index.get()).collect();
    ensure!(answered == released, "releases other tickets than {released:?}: {answer:?}");
    let refundable = if record.state == State::Confirmed { prices } else { 0 };
    ensure!(answer.refundable.get() == refundable, "{refundable} is refundable: {answer:?}");
    if after.tickets.iter().all(|ticket| ticket.released.is_some()) {
        after.state = State::Released;
        after.expires_at_ms = None;
    }
    after.revision = naive::next(record).revision;
    if let Some(id) = release.id.clone() {
        let (tickets, refundable) = (answer.tickets.clone(), answer.refundable);
        after.releases.push(NotedRelease { id, reason: release.reason, tickets, refundable, at_ms: *now_ms });
    }
    let Some(Op::Update { redemption, .. }) = answer.ops.first() else {
        return Err(format!("no update: {answer:?}"));
    };
    let after = naive::said(after);
    ensure!(*redemption == after, "releases another record: {redemption:?}, expected {after:?}");
    let gained = answer.ops.iter().find(|op| matches!(op, Op::Add { by, .. } if *by > 0));
    ensure!(gained.is_none(), "a release charges: {gained:?}");
    plan::operations(&[record], &answer.ops, |_| None)
}
