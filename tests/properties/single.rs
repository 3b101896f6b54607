//! Orders with at most one code, judged by the book: which reasons, which tickets, how much.

use redeemable::{Decision, Discount, EmailAliases, Promo, Reason, Request, Status, WhenShort};

use crate::Check;
use crate::checks::used_before;
use crate::naive::{self, Limit};
use crate::scenario::LISTED;

/// What one code alone takes, or why it is refused.
struct Expected {
    reasons: Vec<Reason>,
    /// The tickets that may be discounted, after `max_tickets_per_order` and what `partial` cut.
    tickets: Vec<usize>,
    discount: u64,
    partial: bool,
}

pub fn one_code_is_judged_by_the_book(request: &Request, decision: &Decision) -> Check {
    let codes = naive::entered(&request.codes);
    policy_is_judged_by_the_book(request, decision, codes.is_empty())?;
    let [code] = codes.as_slice() else { return Ok(()) };
    let of_code = decision.violations.iter().filter(|violation| violation.code.as_deref() == Some(*code));
    let reasons: Vec<Reason> = of_code.map(|violation| violation.reason).collect();
    let Some(promo) = naive::promo(request, code) else {
        ensure!(reasons == [Reason::UnknownCode], "an unknown code is refused for {reasons:?}");
        return Ok(());
    };
    let expected = judge(request, code, promo);
    ensure!(reasons == expected.reasons, "refused for {reasons:?}, expected {:?}", expected.reasons);
    if decision.status == Status::Rejected {
        return Ok(()); // by the policy, if by nothing else
    }

    let [applied] = decision.applied.as_slice() else { return Err("applies not just the one code".to_owned()) };
    let Expected { tickets: kept, discount, partial, .. } = expected;
    ensure!(applied.discount.get() == discount, "takes off {applied:?}, expected {discount}");
    ensure!(applied.partial == partial, "partial is {}, expected {partial}", applied.partial);
    let tickets = &decision.quote.tickets;
    let none = naive::takes_nothing(promo);
    for (index, ticket) in tickets.iter().enumerate() {
        let marked = !ticket.codes.is_empty();
        ensure!(kept.contains(&index) || !marked, "discounts ticket {index} and not one of {kept:?}");
        ensure!(!none || marked == kept.contains(&index), "marks ticket {index} and not {kept:?}");
        // Unscaled, each ticket's price is its own.
        let payable = naive::payable(promo, ticket.unit_price.get());
        let whole: Option<u64> =
            kept.iter().map(|&i| Some(tickets[i].unit_price.get() - naive::payable(promo, tickets[i].unit_price.get())?)).sum();
        if let (true, Some(payable), true) = (kept.contains(&index), payable, whole == Some(discount)) {
            ensure!(ticket.price.get() == payable, "ticket {index} is not {payable}: {ticket:?}");
        }
    }
    shares_are_in_proportion(promo, decision, &kept, discount)
}

/// Each share of what was scaled once is within 1 of the exact one; and a dearer ticket gets no less off.
fn shares_are_in_proportion(promo: &Promo, decision: &Decision, kept: &[usize], discount: u64) -> Check {
    let tickets = &decision.quote.tickets;
    let price = |index: usize| tickets[index].unit_price.get();
    let weight = |index: usize| match naive::payable(promo, price(index)) {
        Some(payable) => price(index) - payable,
        None => price(index),
    };
    let whole: u64 = kept.iter().map(|&index| weight(index)).sum();
    for (position, &index) in kept.iter().enumerate() {
        let share = tickets[index].discount.get();
        let scaled_once = match naive::discount(promo) {
            Discount::AmountPerOrder { amount } => discount == amount.get().min(whole),
            _ => true,
        } && (promo.max_discount.is_none() || promo.max_discount.is_some_and(|most| discount == most.get()));
        if !scaled_once {
            continue;
        }
        let off = (share * whole).abs_diff(discount * weight(index));
        ensure!(off == 0 || off < whole, "ticket {index} has not its share of {discount}: {tickets:?}");
        for &later in &kept[position + 1..] {
            let other = tickets[later].discount.get();
            // Ties go by position.
            let fair = if weight(index) < weight(later) { share <= other } else { share >= other };
            ensure!(fair, "tickets {index} and {later} share {discount} unfairly: {tickets:?}");
        }
    }
    Ok(())
}

fn judge(request: &Request, code: &str, promo: &Promo) -> Expected {
    let order = &request.order;
    let all = naive::tickets(order);
    let covered = |ticket_type: Option<&str>| match &promo.ticket_types {
        None => true,
        Some(listed) => listed.iter().any(|listed| Some(&**listed) == ticket_type),
    };
    let in_scope = u64::try_from(all.iter().filter(|ticket| covered(ticket.1)).count()).unwrap();
    let mut reasons = standing(request, promo, in_scope);
    let mut tickets = naive::candidates(promo, order);
    let mut expected = Expected { reasons: Vec::new(), tickets: Vec::new(), discount: 0, partial: false };
    if in_scope == 0 || tickets.is_empty() {
        reasons.push(if in_scope == 0 { Reason::WrongTicketType } else { Reason::NothingToDiscount });
        return Expected { reasons, ..expected };
    }

    let limits = naive::limits(request);
    let limits: Vec<&Limit> = limits.iter().filter(|limit| limit.code == Some(code)).collect();
    let persons = limits.iter().filter(|limit| limit.key.contains("/by/")).count();
    if promo.max_uses_per_identity.is_some() && persons == 0 {
        reasons.push(Reason::IdentityRequired);
    }
    let may_cut = promo.when_short == WhenShort::Partial;
    let left = |limit: &Limit| limit.most.map(|most| most.saturating_sub(used_before(request, &limit.key)));
    let short = |what: fn(&str) -> bool, money: bool, need: u64| {
        let mut limits = limits.iter().filter(|limit| limit.money == money && what(&limit.key));
        limits.any(|limit| left(limit).is_some_and(|left| if may_cut { left == 0 && need > 0 } else { left < need }))
    };
    let least = |money: bool| limits.iter().filter(|limit| limit.money == money).filter_map(|limit| left(limit)).min();

    let need = if naive::counts_orders(promo) { 1 } else { u64::try_from(tickets.len()).unwrap() };
    let before = reasons.len();
    let kinds: [(fn(&str) -> bool, Reason); 3] = [
        (|key| key.starts_with("code/") && key.ends_with("/uses"), Reason::UsesExhausted),
        (|key| key.contains("/by/"), Reason::IdentityUsesExhausted),
        (|key| key.starts_with("pool/"), Reason::PoolExhausted),
    ];
    reasons.extend(kinds.into_iter().filter(|(what, _)| short(*what, false, need)).map(|(_, reason)| reason));
    if let Some(left) = least(false).filter(|left| *left < need && reasons.len() == before) {
        naive::dearest(&all, &mut tickets, left);
        expected.partial = true;
    }

    let off = |index: &usize| all[*index].2 - naive::payable(promo, all[*index].2).unwrap_or(0);
    let sum: u64 = tickets.iter().map(off).sum();
    let whole = match naive::discount(promo) {
        Discount::AmountPerOrder { amount } => sum.min(amount.get()),
        _ => sum,
    };
    let whole = promo.max_discount.map_or(whole, |most| whole.min(most.get()));
    let kinds: [(fn(&str) -> bool, Reason); 2] = [
        (|key| key.starts_with("code/"), Reason::BudgetExhausted),
        (|key| key.starts_with("pool/"), Reason::PoolBudgetExhausted),
    ];
    let before = reasons.len();
    reasons.extend(kinds.into_iter().filter(|(what, _)| short(*what, true, whole)).map(|(_, reason)| reason));
    expected.discount = whole;
    if let Some(left) = least(true).filter(|left| *left < whole && reasons.len() == before) {
        expected.discount = left;
        expected.partial = true;
    }
    if whole == 0 && !naive::takes_nothing(promo) {
        reasons.push(Reason::NothingToDiscount);
    }
    Expected { reasons, tickets, ..expected }
}

fn standing(request: &Request, promo: &Promo, in_scope: u64) -> Vec<Reason> {
    let order = &request.order;
    let now = request.now_ms.unwrap();
    let subtotal: u64 = naive::tickets(order).iter().map(|ticket| ticket.2).sum();
    let aliases = request.policy.email_aliases;
    let listed = |kind: &str, typed: &str| {
        let (.., fold, exact) = LISTED.into_iter().find(|l| (l.0, l.1) == (kind, typed)).unwrap();
        let listed = if aliases == EmailAliases::Fold { fold } else { exact };
        naive::identities(order, aliases).iter().any(|(has, value)| {
            has == kind && (value == listed || (listed.starts_with('@') && value.ends_with(listed)))
        })
    };
    let conditions = [
        (!promo.active, Reason::Inactive),
        (promo.starts_at_ms.is_some_and(|starts| now < starts), Reason::NotStarted),
        (promo.ends_at_ms.is_some_and(|ends| now >= ends), Reason::Ended),
        (promo.events.as_ref().is_some_and(|events| !events.contains(&order.event_id)), Reason::WrongEvent),
        (promo.currency.as_ref().is_some_and(|currency| *currency != order.currency), Reason::WrongCurrency),
        (
            promo.only_for.as_ref().is_some_and(|only| {
                !only.iter().any(|(kind, values)| values.iter().any(|value| listed(kind, value)))
            }),
            Reason::NotEligible,
        ),
        (promo.min_tickets.is_some_and(|least| in_scope < least.get()), Reason::BelowMinTickets),
        (promo.max_tickets.is_some_and(|most| in_scope > most.get()), Reason::AboveMaxTickets),
        (promo.min_subtotal.is_some_and(|least| subtotal < least.get()), Reason::BelowMinSubtotal),
    ];
    conditions.into_iter().filter(|(refuses, _)| *refuses).map(|(_, reason)| reason).collect()
}

/// The cap on tickets is judged whatever the codes; the one on free tickets is foreseen where no code changes prices.
fn policy_is_judged_by_the_book(request: &Request, decision: &Decision, no_code: bool) -> Check {
    let all = naive::tickets(&request.order);
    let free = all.iter().filter(|ticket| ticket.2 == 0).count();
    let limits = naive::limits(request);
    for (wanted, tickets, reason) in
        [(false, all.len(), Reason::TicketsExhausted), (true, free, Reason::FreeTicketsExhausted)]
    {
        if wanted && !no_code {
            continue;
        }
        let need = u64::try_from(tickets).unwrap();
        let short = limits.iter().filter(|limit| limit.code.is_none() && limit.free == wanted).any(|limit| {
            limit.most.is_some_and(|most| most.saturating_sub(used_before(request, &limit.key)) < need)
        });
        let refused = decision.violations.iter().any(|violation| violation.reason == reason);
        ensure!(short == refused, "{reason:?} is {refused}, expected {short}: {:?}", decision.violations);
    }
    let capped = |cap: Option<redeemable::Integer>, tickets: usize| cap.is_some() && tickets > 0;
    let policy = &request.policy;
    if no_code {
        let anonymous = limits.iter().all(|limit| limit.code.is_some());
        let needed = capped(policy.max_free_tickets_per_identity, free)
            || capped(policy.max_tickets_per_identity, all.len());
        let required = decision.violations.iter().any(|violation| violation.reason == Reason::IdentityRequired);
        ensure!(required == (anonymous && needed), "identity_required is {required}: {:?}", decision.violations);
    }
    Ok(())
}
