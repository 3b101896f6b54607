//! Properties of a plan: the order's record, the charges that the specification names, and additions in a fixed order.

use redeemable::{
    AuditRequest, CountBy, Decision, Each, Op, Redemption, State, Status, Ticket, ValidateRequest,
    audit_usage, json,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use crate::Check;
use crate::checks::{expired, reclaimed, used_before};
use crate::choice;
use crate::naive::{self, Limit, by_key};
use crate::prices;

/// Checks the plan of an accepted order: its record, the holds that it reclaims, and every charge in the specification.
pub fn plan_is_the_order(request: &ValidateRequest, decision: &Decision) -> Check {
    let (Some(id), Status::Accepted) = (&request.order.id, decision.status) else { return Ok(()) };
    let limits = choice::limits(request, decision);
    let existing = request.usage.existing.as_ref();
    let mut records = reclaimed(request).map(|hold| (&hold.id, expired(hold, request))).collect::<Vec<_>>();
    let (mut own, mut others) = (None, Vec::new());
    for op in &decision.ops {
        match op {
            Op::Insert { redemption } if redemption.id == *id && existing.is_none() => own = Some(redemption),
            Op::Update { id: of, revision, redemption } if of == id && redemption.id == *id => {
                let read = existing.map(|existing| existing.revision);
                ensure!(read == Some(*revision), "replaces a revision that was not read: {op:?}");
                own = Some(redemption);
            }
            Op::Insert { .. } => return Err(format!("inserts another record than the order's own: {op:?}")),
            Op::Update { id, redemption, .. } => others.push((id, redemption.clone())),
            Op::Add { .. } => {}
        }
    }
    records.sort_by(|a, b| a.0.cmp(b.0));
    ensure!(others == records, "reclaims other holds than those lapsed: {others:?}, expected {records:?}");
    let Some(own) = own else { return Err(format!("has no record of the order: {:?}", decision.ops)) };
    record_is_the_order(request, decision, own)?;
    charges_are_the_contracts(request, own, &limits)?;

    for applied in &decision.applied {
        let least = limits
            .iter()
            .filter(|limit| limit.code == Some(&applied.code) && !limit.money)
            .filter_map(|limit| {
                let own = by_key(own.charges.iter().map(|charge| (charge.key.as_str(), charge.amount.get())));
                let own = own.get(limit.key.as_str()).copied().unwrap_or(0);
                Some(limit.most?.saturating_sub(used_before(request, &limit.key) + own))
            })
            .min();
        ensure!(applied.remaining.map(|r| r.get()) == least, "{least:?} uses remain: {applied:?}");
    }

    let befores: Vec<&Redemption> = existing.into_iter().chain(&request.usage.lapsed).collect();
    operations(&befores, &decision.ops, |key| {
        limits.iter().find(|limit| limit.key == key).and_then(|limit| limit.most)
    })
}

fn record_is_the_order(request: &ValidateRequest, decision: &Decision, own: &Redemption) -> Check {
    let order = &request.order;
    let now = request.now_ms;
    let existing = request.usage.existing.as_ref();
    let free = decision.quote.total.get() == 0;
    // A lapsed hold is over: the order starts anew, and the record remembers only payments and releases.
    let amended =
        existing.filter(|existing| existing.state == State::Held && existing.expires_at_ms > Some(now));
    ensure!(
        own.event_id == order.event_id && own.currency == order.currency,
        "records another order: {own:?}"
    );
    ensure!(naive::is_same(own, request), "records another order: {own:?}");
    ensure!(own.applied == decision.applied, "records other codes than it applied: {own:?}");
    let recorded = own.tickets.iter().map(|ticket| (ticket.price, &ticket.codes));
    let quoted = decision.quote.tickets.iter().map(|ticket| (ticket.price, &ticket.codes));
    ensure!(recorded.eq(quoted), "records other tickets than it quoted: {own:?}");
    ensure!(own.tickets.iter().all(|ticket| ticket.released.is_none()), "records a released ticket: {own:?}");
    let state = if free { State::Confirmed } else { State::Held };
    ensure!(own.state == state, "is not {state:?}: {own:?}");
    let times = (own.created_at_ms, own.expires_at_ms, own.confirmed_at_ms);
    let created = amended.map_or(now, |existing| existing.created_at_ms);
    let most = naive::held_at_most(created, &request.policy);
    let wanted = order.hold_until_ms.map_or(0, |until| until.get().min(most));
    let promised = amended.and_then(|existing| existing.expires_at_ms).map_or(0, |until| until.get());
    let until = redeemable::Time::new(wanted.max(promised));
    let expected = (created, until.filter(|_| !free), free.then_some(now));
    ensure!(times == expected, "created, expires and confirmed are not {expected:?}: {own:?}");
    let (payments, releases) =
        existing.map_or_else(Default::default, |e| (e.payments.clone(), e.releases.clone()));
    ensure!(own.payments == payments, "does not remember the payments {payments:?}: {own:?}");
    ensure!(own.releases == releases, "does not remember the releases {releases:?}: {own:?}");
    ensure!(own.schema.get() == 2, "is not of schema 2: {own:?}");
    let revision = existing.map_or(1, |existing| existing.revision.get() + 1);
    ensure!(own.revision.get() == revision, "the revision is not {revision}: {own:?}");
    Ok(())
}

/// Checks that a new record charges exactly the counters that the specification names, in the same order.
fn charges_are_the_contracts(request: &ValidateRequest, record: &Redemption, limits: &[Limit]) -> Check {
    let mut charges = record.charges.iter();
    for limit in limits {
        let (tickets, amount, once) = match limit.code {
            Some(code) => {
                let applied = record.applied.iter().find(|applied| applied.code == code).unwrap();
                let promo = naive::promo(request, code).unwrap();
                let unit = prices::unit(promo, limit.person);
                let tickets = indexes(record, |ticket| ticket.codes.iter().any(|has| has == code));
                // Which groups these are is compared with the naive implementation's in `book.rs`.
                let uses = if unit == CountBy::Group {
                    applied.uses.get()
                } else {
                    prices::uses(promo, limit.person, tickets.len(), 0)
                };
                let once = !limit.money && unit != CountBy::Ticket;
                (tickets, if limit.money { applied.discount.get() } else { uses }, once)
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
        let Some(charge) = charges.next() else {
            return Err(format!("does not charge {}: {record:?}", limit.key));
        };
        ensure!(charge.key == limit.key, "charges {} where {} is due: {record:?}", charge.key, limit.key);
        ensure!(
            charge.code.as_deref() == limit.code,
            "charges for another code than {:?}: {charge:?}",
            limit.code
        );
        ensure!(charge.limit.map(|l| l.get()) == limit.most, "the limit is not {:?}: {charge:?}", limit.most);
        ensure!(charge.amount.get() == amount, "charges other than {amount}: {charge:?}");
        let charged: Vec<u64> = charge.tickets.iter().map(|index| index.get()).collect();
        ensure!(charged == tickets, "charges for other tickets than {tickets:?}: {charge:?}");
        let each = match &charge.each {
            None => once,
            Some(Each::Uses(each)) => !once && !limit.money && each.get() == 1,
            Some(Each::Money(each)) => {
                limit.money
                    && each.len() == tickets.len()
                    && each.iter().map(|e| e.get()).sum::<u64>() == amount
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

/// How widely a counter is shared: 1 by one person, 2 in one period of a code, 3 by one code, 4 by a pool.
fn breadth(key: &str) -> u8 {
    match key.split('/').collect::<Vec<_>>().as_slice() {
        ["event", ..] => 1,
        [_, _, between @ .., _] if between.contains(&"by") => 1,
        ["code", _, "day" | "week" | "month", ..] => 2,
        ["code", ..] => 3,
        _ => 4,
    }
}

/// Checks that a record has no null, that its charges say what the audit counts, and that it is read as it is written.
fn says_what_it_holds(record: &Redemption) -> Check {
    let said = naive::said(record.clone());
    ensure!(*record == said, "says that other amounts are held: {record:?}, expected {said:?}");
    let mut sums = BTreeMap::new();
    for charge in &record.charges {
        *sums.entry(charge.key.clone()).or_insert(0) += charge.held.unwrap_or(charge.amount).get();
    }
    let audited = audit_usage(&AuditRequest { redemptions: vec![record.clone()] });
    let audited = audited.map_err(|error| format!("is not audited: {error}: {record:?}"))?.counters;
    let audited: BTreeMap<_, _> = audited.into_iter().map(|(key, must)| (key, must.get())).collect();
    ensure!(audited == sums, "the audit counts {audited:?}, the record says {sums:?}: {record:?}");
    let text = serde_json::to_string(record).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    ensure!(!has_default(&written), "has a field that is null or an empty list by default: {text}");
    let read: Redemption = json::read(text.as_bytes()).map_err(|error| format!("is not read: {error}"))?;
    let again = serde_json::to_string(&read).unwrap();
    ensure!(read == *record && again == text, "is read as another record: {text}, then {again}");
    Ok(())
}

fn has_default(value: &Value) -> bool {
    let no_list = |name: &str, field: &Value| ["payments", "releases"].contains(&name) && *field == json!([]);
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(name, field)| no_list(name, field) || has_default(field))
        }
        Value::Array(items) => items.iter().any(has_default),
        other => other.is_null(),
    }
}

/// Checks that a plan's operations are in the fixed order, and that its additions are the differences in what the
/// records hold.
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
                    let agrees = charge.held.is_none_or(|said| said.get() == held);
                    ensure!(
                        agrees,
                        "believes what a charge says, and not its tickets, which hold {held}: {charge:?}"
                    );
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
        says_what_it_holds(after)?;
        for (charge, held) in after.charges.iter().zip(naive::held(after)) {
            *change.entry(&charge.key).or_default() += i64::try_from(held).unwrap();
        }
    }
    ensure!(places.is_sorted_by(|a, b| a < b), "operations out of order, or two for one key: {places:?}");
    change.retain(|_, by| *by != 0);
    adds.sort_unstable();
    let change: Vec<_> = change.into_iter().collect();
    ensure!(
        adds == change,
        "additions are not what the records hold more or less: {adds:?}, expected {change:?}"
    );
    Ok(())
}
