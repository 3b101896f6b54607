//! What charges, plans, confirmations and releases must be.

use redeemable::{
    Confirmation, ConfirmRequest, ConfirmStatus, Each, Op, Redemption, ReleaseAnswer, ReleaseReason,
    ReleaseRequest, ReleaseStatus, Released, Request, State, Ticket,
};
use std::collections::BTreeMap;

use crate::Check;
use crate::naive::{self, Limit};

/// A new record is charged for what it takes: every counter that the contract names, in its order, and no other.
pub fn charges_are_the_contracts(request: &Request, record: &Redemption, limits: &[Limit]) -> Check {
    let mut charges = record.charges.iter();
    for limit in limits {
        let (tickets, amount, once) = match limit.code {
            Some(code) => {
                let applied = record.applied.iter().find(|applied| applied.code == code).unwrap();
                let amount = if limit.money { applied.discount } else { applied.uses };
                let once = !limit.money && naive::counts_orders(naive::promo(request, code).unwrap());
                (indexes(record, |ticket| ticket.codes.iter().any(|has| has == code)), amount.get(), once)
            }
            None => {
                let tickets = indexes(record, |ticket| !limit.free || ticket.price.get() == 0);
                let amount = u64::try_from(tickets.len()).unwrap();
                (tickets, amount, false)
            }
        };
        if amount == 0 {
            continue;
        }
        let Some(charge) = charges.next() else { return Err(format!("does not charge {}: {record:?}", limit.key)) };
        ensure!(charge.key == limit.key, "charges {} where {} is due: {record:?}", charge.key, limit.key);
        ensure!(charge.code.as_deref() == limit.code, "charges for another code than {:?}: {charge:?}", limit.code);
        ensure!(charge.limit.map(|l| l.get()) == limit.most, "the limit is not {:?}: {charge:?}", limit.most);
        ensure!(charge.amount.get() == amount, "charges other than {amount}: {charge:?}");
        let charged: Vec<u64> = charge.tickets.iter().map(|index| index.get()).collect();
        ensure!(charged == tickets, "charges for other tickets than {tickets:?}: {charge:?}");
        let each = match &charge.each {
            None => once,
            Some(Each::Uses(each)) => !once && !limit.money && each.get() == 1,
            Some(Each::Money(each)) => {
                limit.money && each.len() == tickets.len() && each.iter().map(|e| e.get()).sum::<u64>() == amount
            }
        };
        ensure!(each, "what each ticket stands for is wrong: {charge:?}");
        ensure!(charge.back == limit.back, "the terms are not {:?}: {charge:?}", limit.back);
    }
    let more: Vec<_> = charges.collect();
    ensure!(more.is_empty(), "charges more than the contract names: {more:?}");
    Ok(())
}

fn indexes(record: &Redemption, of: impl Fn(&Ticket) -> bool) -> Vec<u64> {
    (0..).zip(&record.tickets).filter(|(_, ticket)| of(ticket)).map(|(index, _)| index).collect()
}

/// How widely a counter is shared.
fn breadth(key: &str) -> u8 {
    match key.split('/').collect::<Vec<_>>().as_slice() {
        ["event", ..] | ["code", _, "by", ..] => 1,
        ["code", ..] => 2,
        _ => 3,
    }
}

/// A plan is in the one global order, and its additions are what the records hold more or less than before.
pub fn operations(befores: &[&Redemption], ops: &[Op], most: impl Fn(&str) -> Option<u64>) -> Check {
    let mut places = Vec::new();
    let mut change: BTreeMap<&str, i64> = BTreeMap::new();
    let mut adds = Vec::new();
    for op in ops {
        let after = match op {
            Op::Insert { redemption } => redemption,
            Op::Update { id, revision, redemption } => {
                let before = befores.iter().find(|before| before.id == *id);
                let Some(before) = before else { return Err(format!("updates what was not read: {op:?}")) };
                ensure!(before.revision == *revision, "guards another revision: {op:?}");
                ensure!(redemption.revision.get() == revision.get() + 1, "skips a revision: {op:?}");
                ensure!(redemption.id == *id, "replaces a record by one of another id: {op:?}");
                for (charge, held) in before.charges.iter().zip(naive::held(before)) {
                    *change.entry(&charge.key).or_default() -= i64::try_from(held).unwrap();
                }
                redemption
            }
            Op::Add { key, by, at_most } => {
                places.push((breadth(key), key.as_str()));
                adds.push((key.as_str(), *by));
                let expected = most(key).filter(|_| *by > 0);
                ensure!(at_most.map(|most| most.get()) == expected, "the guard is not {expected:?}: {op:?}");
                continue;
            }
        };
        places.push((0, &after.id));
        for (charge, held) in after.charges.iter().zip(naive::held(after)) {
            *change.entry(&charge.key).or_default() += i64::try_from(held).unwrap();
        }
    }
    ensure!(places.is_sorted_by(|a, b| a < b), "operations out of order, or two for one key: {places:?}");
    change.retain(|_, by| *by != 0);
    adds.sort_unstable();
    let change: Vec<_> = change.into_iter().collect();
    ensure!(adds == change, "additions are not what the records hold more or less: {adds:?}, expected {change:?}");
    Ok(())
}

fn has_expired(ticket: &Ticket) -> bool {
    ticket.released.is_some_and(|released| released.reason == ReleaseReason::HoldExpired)
}

/// The record as a payment would leave it, if it may still be paid.
pub fn paid(record: &Redemption) -> Option<Redemption> {
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
        ensure!(answer.ops.is_empty() && answer.violations.is_empty(), "{expected:?} with a plan: {answer:?}");
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
        let (Some(key), Some(limit), Some(used)) = (&violation.counter, violation.limit, violation.used) else {
            return Err(format!("a conflict without its figures: {violation:?}"));
        };
        ensure!(unfit.contains(&key.as_str()), "a conflict that is none: {violation:?}");
        let remaining = violation.remaining.map(|remaining| remaining.get());
        ensure!(remaining == Some(limit.get().saturating_sub(used.get())), "remaining is wrong: {violation:?}");
    }
    ensure!(answer.violations.is_empty() == unfit.is_empty(), "found {:?}, expected {unfit:?}", answer.violations);
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
    let Some(Op::Update { redemption, .. }) = answer.ops.first() else { return Err(format!("no update: {answer:?}")) };
    ensure!(*redemption == after, "confirms another record: {redemption:?}, expected {after:?}");
    operations(&[record], &answer.ops, |key| {
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
    let Some(Op::Update { redemption, .. }) = answer.ops.first() else { return Err(format!("no update: {answer:?}")) };
    ensure!(*redemption == after, "releases another record: {redemption:?}, expected {after:?}");
    let gained = answer.ops.iter().find(|op| matches!(op, Op::Add { by, .. } if *by > 0));
    ensure!(gained.is_none(), "a release charges: {gained:?}");
    operations(&[record], &answer.ops, |_| None)
}
