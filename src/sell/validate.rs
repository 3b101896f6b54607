//! `validateRedemption`: decides whether an order is accepted, prices it, and plans what the host commits.

use crate::base::error::Error;
use crate::base::money::{Integer, Positive, descending};
use crate::documents::decision::{Decision, PublicReason, Reason, Status, Violation};
use crate::documents::promo::Promo;
use crate::documents::quote::Quote;
use crate::documents::redemption::{Redemption, State};
use crate::documents::request::{Asked, Entered, Index, ValidateRequest};
use crate::judge::account::Account;
use crate::judge::basket::Basket;
use crate::judge::limits::Scene;
use crate::sell::plan::{Guard, Plan};
use crate::sell::replay;

/// Decides whether the order is accepted with these codes, at what price, and what the host commits.
///
/// The same request always has the same answer: the engine has no clock, no state and no randomness.
/// An order without an id is a preview: its answer has no plan.
///
/// # Errors
/// If the request is malformed, or a sum is above the largest integer, 9 007 199 254 740 991. A code that is not
/// accepted is a violation, not an error.
///
/// # Example
/// ```
/// use redeemable::{Reason, json, validate_redemption};
///
/// let request = json::read(br#"{
///     "codes": ["crew"],
///     "promos": [{"code": "CREW", "discount": {"kind": "free"}, "max_uses": 20}],
///     "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 1}]},
///     "usage": {"counters": {"code/event:gala:CREW/uses": 20}}, "now_ms": 1800000000000
/// }"#)?;
/// let decision = validate_redemption(&request)?;
/// assert_eq!(decision.violations[0].reason, Reason::UsesExhausted);
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn validate_redemption(request: &ValidateRequest) -> Result<Decision, Error> {
    request.policy.verify()?;
    decide(&request.asked(&Index::new(&request.promos)?))
}

pub(crate) fn decide(asked: &Asked) -> Result<Decision, Error> {
    asked.verify()?;
    let Asked { order, policy, usage, now_ms: now, .. } = *asked;
    usage.verify(order.id.as_deref()).map_err(|error| error.in_field("usage"))?;

    let in_existing = |error: Error| error.in_field("existing").in_field("usage");
    let entered = asked.entered();
    let replaced = match &usage.existing {
        None => None,
        Some(existing) => match replay::read(existing, asked, now).map_err(in_existing)? {
            Some(decision) => return Ok(decision),
            None => Some(existing),
        },
    };

    let mut account = Account::new(&usage.counters);
    let mut plan = Plan::default();
    if let Some(existing) = replaced {
        account.give_back(existing)?;
    }
    for (index, hold) in usage.lapsed.iter().enumerate() {
        if hold.has_lapsed(now) && order.id.as_ref() != Some(&hold.id) {
            let in_hold = |error: Error| error.in_element(index).in_field("lapsed").in_field("usage");
            let released = hold.lapsed(now).map_err(in_hold)?;
            account.reclaim(hold, &released)?;
            plan.put(Some(hold), released, Guard::Nothing)?;
        }
    }

    let identities = order.canonical_identities(policy);
    let scene = Scene::new(asked, &entered, &identities);
    let mut basket = Basket::new(&scene, account, now);
    let mut violations = look_up(&entered);
    for (code, promo) in by_priority(&entered) {
        match basket.judge(code, promo) {
            // `look_up` has rejected this code: it was judged for its other violations only, and takes nothing.
            Ok(_) if violations.iter().any(|v| v.code.as_deref() == Some(code)) => {}
            Ok(take) => basket.apply(code, take)?,
            Err(found) => violations.extend(found),
        }
    }
    let (caps, policy_charges) = basket.judge_policy()?;
    violations.extend(caps);
    if !violations.is_empty() {
        return Ok(as_typed(Decision::rejected(order, violations), &entered));
    }

    let quote = Quote::new(&order.currency, &basket.tickets);
    if let Some(agreed) = order.max_total.filter(|agreed| quote.total > *agreed) {
        return Ok(Decision::rejected(order, vec![price_changed(agreed, quote.total)]));
    }
    let (tickets, applied, mut charges) = basket.close();
    charges.extend(policy_charges);
    let mut ops = Vec::new();
    if let Some(id) = &order.id {
        let free = quote.total == Integer::ZERO;
        if !free && order.hold_until_ms.is_none() {
            let expected = "expected a time, because the order has an id and a total above 0";
            return Err(Error::new("hold_until_ms", expected).in_field("order"));
        }
        // Only a live hold is amended. One that was released unpaid, or has lapsed, is over: the order is a new one.
        let amended = replaced.filter(|existing| existing.state == State::Held && !existing.has_lapsed(now));
        let created_at_ms = amended.map_or(now, |existing| existing.created_at_ms);
        let redemption = Redemption {
            schema: Redemption::SCHEMA,
            id: id.clone(),
            revision: replaced.map_or(Ok(Positive::LEAST), Redemption::next_revision).map_err(in_existing)?,
            state: if free { State::Confirmed } else { State::Held },
            event_id: order.event_id.clone(),
            currency: order.currency.clone(),
            codes: entered.into_iter().map(|entered| entered.code).collect(),
            identities: identities.iter().map(|identity| identity.canonical.clone()).collect(),
            tickets,
            applied: applied.clone(),
            charges,
            created_at_ms,
            // An amendment never makes the hold end earlier than before.
            expires_at_ms: order
                .hold_until_ms
                .filter(|_| !free)
                .map(|wanted| policy.hold_until(created_at_ms, wanted))
                .max(amended.and_then(|existing| existing.expires_at_ms).filter(|_| !free)),
            confirmed_at_ms: free.then_some(now),
            payments: replaced.map(|existing| existing.payments.clone()).unwrap_or_default(),
            releases: replaced.map(|existing| existing.releases.clone()).unwrap_or_default(),
        };
        plan.put(replaced, redemption, Guard::Limits)?;
        ops = plan.ops();
    }
    let (passed_over, violations) = (Vec::new(), Vec::new());
    Ok(Decision { status: Status::Accepted, replayed: false, quote, applied, passed_over, violations, ops })
}

/// The violations that no order could mend, in the order in which the codes were entered: a code is unknown, or does
/// not combine with the others.
fn look_up(entered: &[Entered]) -> Vec<Violation> {
    let several = entered.len() > 1;
    let violation = |entered: &Entered| {
        let code = entered.code.as_str();
        let (reason, message) = match entered.promo {
            None if entered.left_out => {
                (Reason::UnknownCode, format!("{code} is left out, because its document has faults"))
            }
            None => (Reason::UnknownCode, format!("no promotion has the code {code}")),
            Some(promo) if several && !promo.combines.with_others() => {
                (Reason::CannotCombine, format!("{code} cannot be combined with other codes"))
            }
            Some(_) => return None,
        };
        Some(Violation::new(Some(code), reason, message))
    };
    entered.iter().filter_map(violation).collect()
}

/// The violation of an order that costs more than the buyer has agreed to pay.
fn price_changed(agreed: Integer, total: Integer) -> Violation {
    let message =
        format!("the order costs {}, and the buyer has agreed to pay {}", total.get(), agreed.get());
    Violation::new(None, Reason::PriceChanged, message).bound(agreed, total)
}

/// The rejection, in which a code that is not accepted bears the name that was typed: the promotion's own spelling
/// would show that it exists.
fn as_typed(mut decision: Decision, entered: &[Entered]) -> Decision {
    for violation in decision.violations.iter_mut().filter(|v| v.public_reason == PublicReason::NotAccepted) {
        let meant = entered.iter().find(|entered| violation.code.as_ref() == Some(&entered.code));
        if let Some(Entered { code, loosely: Some(typed), .. }) = meant {
            violation.code = Some(typed.clone());
            if let Some(rest) = violation.message.strip_prefix(code.as_str()) {
                violation.message = [typed, rest].concat();
            }
        }
    }
    decision
}

/// The codes that have a promotion, those of higher priority first. Codes of one priority stay as they were entered.
fn by_priority<'a>(entered: &'a [Entered]) -> impl Iterator<Item = (&'a str, &'a Promo)> {
    let priorities = entered.iter().map(|entered| entered.promo.map_or(0, |promo| promo.priority.get()));
    let in_order = descending(priorities).filter_map(|position| entered.get(position));
    in_order.filter_map(|entered| Some((entered.code.as_str(), entered.promo?)))
}
