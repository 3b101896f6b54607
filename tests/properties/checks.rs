//! Properties of a decision. Each is one function, whose error begins with its name.

use redeemable::{
    Decision, Op, Payment, PublicReason, Reason, Redemption, State, Status, Time, ValidateRequest,
};

use crate::Check;
use crate::book;
use crate::choice;
use crate::codes::{self, canonical, meant};
use crate::groups;
use crate::locks;
use crate::naive::{self, Limit, by_key};
use crate::plan;
use crate::prices;

/// What the stored record means for an order with the same id.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// The order is judged as if its own charges did not exist.
    Judged,
    /// The order is answered as before.
    Replayed,
    /// The order is answered as before, and held for longer.
    Extended,
    AlreadyConfirmed,
}

pub fn fate(request: &ValidateRequest) -> Fate {
    let Some(record) = &request.usage.existing else { return Fate::Judged };
    let same = naive::is_same(record, request);
    let untouched = record.tickets.iter().all(|ticket| ticket.released.is_none());
    match record.state {
        State::Confirmed if same => Fate::Replayed,
        _ if record.confirmed_at_ms.is_some() => Fate::AlreadyConfirmed,
        State::Held if same && untouched && record.expires_at_ms > Some(request.now_ms) => {
            if lasts_until(request, record) > record.expires_at_ms { Fate::Extended } else { Fate::Replayed }
        }
        _ => Fate::Judged,
    }
}

/// The end of the hold: as the order asks, but no later than the policy allows, counted from the record's creation.
pub fn lasts_until(request: &ValidateRequest, record: &Redemption) -> Option<Time> {
    let most = naive::held_at_most(record.created_at_ms, &request.policy);
    let until = request.order.hold_until_ms?.get().min(most);
    Time::new(until)
}

/// What was used before this order: as read, without the charges of its own record and of the holds that it reclaims.
pub fn used_before(request: &ValidateRequest, key: &str) -> u64 {
    let read = request.usage.counters.get(key).map_or(0, |used| used.get());
    let of =
        |record: &Redemption| by_key(keys(record).zip(naive::held(record))).get(key).copied().unwrap_or(0);
    let own = request.usage.existing.as_ref().map_or(0, of);
    let lapsed: u64 = reclaimed(request).map(|hold| of(hold) - of(&expired(hold, request))).sum();
    read.saturating_sub(own + lapsed)
}

fn keys(record: &Redemption) -> impl Iterator<Item = &str> {
    record.charges.iter().map(|charge| charge.key.as_str())
}

/// Those of the passed holds that have really lapsed; the engine must leave others alone.
pub fn reclaimed(request: &ValidateRequest) -> impl Iterator<Item = &Redemption> {
    request.usage.lapsed.iter().filter(|hold| {
        hold.state == State::Held
            && hold.expires_at_ms <= Some(request.now_ms)
            && request.order.id.as_ref() != Some(&hold.id)
    })
}

/// The record of a hold after its release as expired.
pub fn expired(hold: &Redemption, request: &ValidateRequest) -> Redemption {
    let mut after = naive::next(hold);
    let reason = redeemable::ReleaseReason::HoldExpired;
    let released = redeemable::Released { reason, at_ms: request.now_ms };
    for ticket in &mut after.tickets {
        ticket.released = ticket.released.or(Some(released));
    }
    after.state = State::Released;
    after.expires_at_ms = None;
    naive::said(after)
}

/// Checks everything that must hold for one decision by itself.
pub fn decision(request: &ValidateRequest, decision: &Decision) -> Check {
    quote_adds_up(request, decision)?;
    status_agrees(request, decision)?;
    marks_are_counted(request, decision)?;
    record_decides(request, decision)?;
    if fate(request) == Fate::Judged {
        let kept = book::order_is_judged_by_the_book(request, decision)?;
        violations_are_true(request, decision, &naive::limits_kept(request, &kept))?;
        plan::plan_is_the_order(request, decision, &choice::limits(request, decision, &kept))?;
    }
    Ok(())
}

fn quote_adds_up(request: &ValidateRequest, decision: &Decision) -> Check {
    let quote = &decision.quote;
    let ordered = prices::ordered(&request.order);
    let quoted = quote.tickets.iter().map(|t| (t.line.get(), t.ticket_type.as_deref(), t.unit_price.get()));
    ensure!(quoted.eq(ordered), "the tickets are not those of the order: {quote:?}");
    let (mut subtotal, mut total, mut discount) = (0, 0, 0);
    for ticket in &quote.tickets {
        ensure!(ticket.price <= ticket.unit_price, "a price is not in [0, unit price]: {ticket:?}");
        let difference = ticket.unit_price.get() - ticket.price.get();
        ensure!(
            ticket.discount.get() == difference,
            "a discount is not the unit price less the price: {ticket:?}"
        );
        subtotal += ticket.unit_price.get();
        total += ticket.price.get();
        discount += ticket.discount.get();
    }
    let totals = (quote.subtotal.get(), quote.discount.get(), quote.total.get());
    ensure!(totals == (subtotal, discount, total), "the tickets do not sum to the totals: {quote:?}");
    ensure!(
        (quote.payment == Payment::None) == (total == 0),
        "payment is not none iff total is 0: {quote:?}"
    );
    Ok(())
}

fn status_agrees(request: &ValidateRequest, decision: &Decision) -> Check {
    let Decision { status, replayed, quote, applied, passed_over, violations, ops } = decision;
    if *status == Status::Accepted {
        ensure!(violations.is_empty(), "accepted with violations: {violations:?}");
        let mut codes = match &request.usage.existing {
            Some(record) if *replayed => naive::entered_again(request, record),
            _ => naive::entered(request),
        };
        let mut took: Vec<&str> = applied.iter().map(|applied| applied.code.as_str()).collect();
        took.extend(passed_over.iter().map(|passed| passed.code.as_str()));
        codes.sort_unstable();
        took.sort_unstable();
        if *replayed {
            // The answer from a record does not say which codes took no part.
            codes.retain(|code| took.contains(code));
        }
        ensure!(codes == took, "a code was dropped silently: {codes:?} entered, {took:?} applied");
        ensure!(request.order.id.is_some() || ops.is_empty(), "a preview has a plan: {ops:?}");
    } else {
        ensure!(!violations.is_empty(), "rejected without a violation");
        ensure!(passed_over.is_empty(), "rejected, and passed over: {passed_over:?}");
        ensure!(ops.is_empty(), "rejected with operations: {ops:?}");
        ensure!(applied.is_empty(), "rejected with codes applied: {applied:?}");
        ensure!(!replayed, "rejected and replayed");
        let full = quote.tickets.iter().all(|t| t.price == t.unit_price && t.codes.is_empty());
        ensure!(full, "rejected, and not quoted at full price: {quote:?}");
    }
    Ok(())
}

/// Checks that a code discounts, is noted on, and is charged for the same tickets, and that the sums match.
fn marks_are_counted(request: &ValidateRequest, decision: &Decision) -> Check {
    if decision.replayed {
        return Ok(()); // the answer comes from the record, so it does not matter what the codes say now
    }
    let tickets = &decision.quote.tickets;
    let mut discount = 0;
    for applied in &decision.applied {
        discount += applied.discount.get();
        let promo = naive::promo(request, &applied.code).unwrap();
        let marked: Vec<_> = tickets.iter().filter(|ticket| ticket.codes.contains(&applied.code)).collect();
        let count = u64::try_from(marked.len()).unwrap();
        ensure!(
            applied.tickets.get() == count && count > 0,
            "marks {count} tickets, counts others: {applied:?}"
        );
        let uses = if prices::counts_orders(promo) { 1 } else { count };
        // The book has counted the groups.
        let grouped = groups::has_groups(promo);
        ensure!(grouped || applied.uses.get() == uses, "counts other uses than {uses}: {applied:?}");
        let none = prices::takes_nothing(promo);
        // What the code unlocks is marked at any price.
        let unlocked = |t: &&redeemable::QuotedTicket| locks::unlocks(promo, t.ticket_type.as_deref());
        let beside = u64::try_from(marked.iter().copied().filter(unlocked).count()).unwrap();
        ensure!(
            none || grouped || marked.iter().all(|t| t.discount.get() > 0 || unlocked(t)),
            "marks a ticket at full price: {applied:?}"
        );
        let least = if none || grouped { 0 } else { count - beside };
        ensure!(!none || applied.discount.get() == 0, "takes off what it should not: {applied:?}");
        ensure!(applied.discount.get() >= least, "marks more tickets than it discounts: {applied:?}");
        let most = prices::money(&promo.max_discount, &decision.quote.currency).unwrap_or(u64::MAX);
        ensure!(applied.discount.get() <= most, "takes off more than {most}: {applied:?}");
        let most = promo.max_tickets_per_order.map_or(u64::MAX, |most| most.get());
        ensure!(grouped || count - beside <= most, "discounts more tickets than {most}: {applied:?}");
        let partial = promo.when_short == redeemable::WhenShort::Partial;
        ensure!(partial || !applied.partial, "cuts a code that is not partial: {applied:?}");
    }
    ensure!(
        discount == decision.quote.discount.get(),
        "the codes take off {discount}, the quote other: {decision:?}"
    );
    let unmarked = tickets.iter().filter(|ticket| ticket.codes.is_empty());
    ensure!(
        unmarked.clone().all(|t| t.discount.get() == 0),
        "discounts a ticket without a mark: {decision:?}"
    );
    Ok(())
}

/// Checks that the answers to a replay, to an extension and to a confirmed order come from the record alone.
fn record_decides(request: &ValidateRequest, decision: &Decision) -> Check {
    let fate = fate(request);
    let again = matches!(fate, Fate::Replayed | Fate::Extended);
    ensure!(decision.replayed == again, "replayed is {}, expected {fate:?}", decision.replayed);
    let reasons: Vec<Reason> = decision.violations.iter().map(|violation| violation.reason).collect();
    let confirmed = reasons.contains(&Reason::AlreadyConfirmed);
    ensure!(confirmed == (fate == Fate::AlreadyConfirmed), "expected {fate:?}, found {reasons:?}");
    ensure!(!confirmed || reasons.len() == 1, "already_confirmed is not alone: {reasons:?}");
    let Some(record) = request.usage.existing.as_ref().filter(|_| again) else { return Ok(()) };
    ensure!(decision.applied == record.applied, "a replay applies other codes: {decision:?}");
    let quoted = decision.quote.tickets.iter().map(|ticket| (ticket.price, &ticket.codes));
    let recorded = record.tickets.iter().map(|ticket| (ticket.price, &ticket.codes));
    ensure!(quoted.eq(recorded), "a replay quotes another price: {decision:?}");
    if fate == Fate::Replayed {
        ensure!(decision.ops.is_empty(), "a replay changes something: {:?}", decision.ops);
        return Ok(());
    }
    let mut longer = naive::next(record);
    longer.expires_at_ms = lasts_until(request, record);
    let update =
        Op::Update { id: record.id.clone(), revision: record.revision, redemption: naive::said(longer) };
    ensure!(decision.ops == [update], "an extension is not one update: {:?}", decision.ops);
    Ok(())
}

/// Checks that violations have the figures of their counters, and tell a buyer no more than allowed.
fn violations_are_true(request: &ValidateRequest, decision: &Decision, limits: &[Limit]) -> Check {
    let codes = naive::entered(request);
    for violation in &decision.violations {
        let of_code = |v: &redeemable::Violation| v.code == violation.code;
        let hidden = |v: &redeemable::Violation| v.reason.public() == PublicReason::NotAccepted;
        let hides = violation.code.is_some() && decision.violations.iter().any(|v| of_code(v) && hidden(v));
        let public = if hides { PublicReason::NotAccepted } else { violation.reason.public() };
        ensure!(violation.public_reason == public, "tells the buyer too much or too little: {violation:?}");
        // A code that is not accepted has the name that was typed: another spelling would tell that it exists.
        let known = codes::of(&request.promos);
        let code = violation.code.as_deref().map(|code| meant(code, &known));
        let typed = request.codes.iter().filter_map(|typed| canonical(typed));
        let typed = typed.clone().find(|typed| Some(meant(typed, &known)) == code);
        ensure!(
            violation.code.as_deref() == if hides { typed } else { code },
            "names another code than {typed:?}: {violation:?}"
        );

        let mut named = violation.to_qualify.iter().flat_map(|change| change.of.iter().flatten());
        ensure!(named.all(|name| locks::may_name(request, name)), "names a locked type: {violation:?}");

        let Some(key) = &violation.counter else { continue };
        let limit = limits.iter().find(|limit| limit.key == *key && code == limit.code);
        let mut most = limit.and_then(|limit| limit.most);
        let says = violation.limit.map(|most| most.get());
        if violation.code.is_none() {
            // Of a rejected order, some codes may be refused: only the others lift a cap of the policy.
            let applied = naive::by_priority(request).into_iter().map(|(_, promo)| promo);
            let lifted = |promo| naive::lifted(&request.policy, std::iter::once(promo));
            let free = violation.reason == Reason::FreeTicketsExhausted;
            let caps =
                [naive::lifted(&request.policy, std::iter::empty())].into_iter().chain(applied.map(lifted));
            let mut caps = caps.map(|[of_free, of_all]| if free { of_free } else { of_all });
            most = caps.find(|cap| *cap == violation.limit).flatten().map(|most| most.get());
        }
        ensure!(says == most, "the limit in force is {most:?}: {violation:?}");
        let (used, before) = (violation.used.unwrap().get(), used_before(request, key));
        // If an earlier code of the same order has charged the pool, that counts as used, too.
        let fits = if key.starts_with("pool/") && codes.len() > 1 { used >= before } else { used == before };
        ensure!(fits, "{before} were used before: {violation:?}");
        let remaining = most.unwrap().saturating_sub(used);
        ensure!(violation.remaining.map(|r| r.get()) == Some(remaining), "{remaining} remain: {violation:?}");
    }
    Ok(())
}
