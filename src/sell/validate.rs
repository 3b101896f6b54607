//! `validateRedemption`: decides whether an order is accepted, prices it, and plans what the host commits.

use crate::base::error::Error;
use crate::base::money::{Integer, Positive};
use crate::documents::decision::{Decision, PublicReason, Reason, Status, Violation};
use crate::documents::quote::Quote;
use crate::documents::redemption::{Redemption, State};
use crate::documents::request::{Asked, Entered, Index, ValidateRequest};
use crate::judge::account::Account;
use crate::judge::choice::{self, Chosen};
use crate::judge::set::{Court, Sold};
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
    let automatic = choice::automatic(asked, &entered);
    let court = Court { asked, identities: &identities, account };
    let Chosen { sold, passed_over, not_needed } = match choice::choose(&court, &entered, &automatic)? {
        Ok(chosen) => chosen,
        Err(violations) => return Ok(as_typed(Decision::rejected(order, violations), &entered)),
    };
    let Sold { tickets, applied, charges, .. } = sold;

    let quote = Quote { not_needed, ..Quote::new(&order.currency, &tickets) };
    if let Some(agreed) = order.max_total.filter(|agreed| quote.total > *agreed) {
        return Ok(Decision::rejected(order, vec![price_changed(agreed, quote.total)]));
    }
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
            codes: entered.iter().map(|entered| entered.code.clone()).collect(),
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
    let violations = Vec::new();
    Ok(Decision { status: Status::Accepted, replayed: false, quote, applied, passed_over, violations, ops })
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
