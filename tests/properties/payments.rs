//! What confirmations and releases must be.

use redeemable::{
    ConfirmRequest, ConfirmStatus, Confirmation, Op, Redemption, ReleaseAnswer, ReleaseReason,
    ReleaseRequest, ReleaseStatus, Released, State, Ticket,
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
    if record.state == State::Released && record.confirmed_at_ms.is_some() {
        return None; // it was paid for before: this is the same payment again
    }
    let mut after = record.clone();
    for ticket in after.tickets.iter_mut().filter(|_| record.state == State::Released) {
        if has_expired(ticket) {
            ticket.released = None;
        }
    }
    after.tickets.iter().any(|ticket| ticket.released.is_none()).then_some(after)
}

/// What a payment for this record would be.
pub fn price(record: &Redemption) -> u64 {
    let left = record.tickets.iter().filter(|ticket| ticket.released.is_none());
    left.map(|ticket| ticket.price.get()).sum()
}

/// Which of a record's charges do not fit any more, by counter.
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

pub fn confirmation(request: &ConfirmRequest, answer: &Confirmation) -> Check {
    let record = &request.redemption;
    let nothing = |expected: ConfirmStatus| {
        ensure!(answer.status == expected, "the payment meets {:?}, expected {expected:?}", answer.status);
        ensure!(
            answer.ops.is_empty() && answer.violations.is_empty(),
            "{expected:?} with a plan: {answer:?}"
        );
        Ok(())
    };
    if record.state == State::Confirmed {
        return nothing(ConfirmStatus::AlreadyConfirmed);
    }
    let Some(mut after) = paid(record) else { return nothing(ConfirmStatus::Released) };
    if request.total.is_some_and(|total| total.get() != price(&after)) {
        return nothing(ConfirmStatus::StalePayment);
    }
    let unfit = unfit(request, &after);
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
    if !unfit.is_empty() && !request.over_limit {
        let expected = ConfirmStatus::LatePaymentConflict;
        ensure!(answer.status == expected, "the payment meets {:?}, expected {expected:?}", answer.status);
        ensure!(answer.ops.is_empty(), "a conflict with a plan: {answer:?}");
        return Ok(());
    }

    let expected = ConfirmStatus::Confirmed;
    ensure!(answer.status == expected, "the payment meets {:?}, expected {expected:?}", answer.status);
    after.state = State::Confirmed;
    after.confirmed_at_ms = Some(request.now_ms);
    after.expires_at_ms = None;
    after.revision = redeemable::Positive::new(record.revision.get() + 1).unwrap();
    let Some(Op::Update { redemption, .. }) = answer.ops.first() else {
        return Err(format!("no update: {answer:?}"));
    };
    ensure!(*redemption == after, "confirms another record: {redemption:?}, expected {after:?}");
    plan::operations(&[record], &answer.ops, |key| {
        let charge = record.charges.iter().find(|charge| charge.key == key);
        charge.and_then(|charge| charge.limit).map(|limit| limit.get()).filter(|_| !request.over_limit)
    })
}

pub fn release(request: &ReleaseRequest, answer: &ReleaseAnswer) -> Check {
    let ReleaseRequest { redemption: record, release, now_ms } = request;
    let wanted = |index: u64| release.tickets.as_ref().is_none_or(|t| t.iter().any(|t| t.get() == index));
    let mut after = record.clone();
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
    after.revision = redeemable::Positive::new(record.revision.get() + 1).unwrap();
    let Some(Op::Update { redemption, .. }) = answer.ops.first() else {
        return Err(format!("no update: {answer:?}"));
    };
    ensure!(*redemption == after, "releases another record: {redemption:?}, expected {after:?}");
    let gained = answer.ops.iter().find(|op| matches!(op, Op::Add { by, .. } if *by > 0));
    ensure!(gained.is_none(), "a release charges: {gained:?}");
    plan::operations(&[record], &answer.ops, |_| None)
}
