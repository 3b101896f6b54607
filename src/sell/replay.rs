//! Replay: what a record that is already stored under an order's id means for the order.

use crate::base::error::Error;
use crate::base::money::Time;
use crate::base::text::{canonical_code, loose_code};
use crate::documents::decision::{Decision, Reason, Status, Violation};
use crate::documents::policy::{EmailAliases, Policy};
use crate::documents::quote::Quote;
use crate::documents::redemption::{Redemption, State};
use crate::documents::request::Asked;
use crate::sell::plan::{Guard, Plan};

/// The answer if the record decides: the same order was accepted before, or an order under this id was confirmed
/// before. `None` if the order is judged anew and replaces the record. Paths of errors start at the record.
pub(crate) fn read(existing: &Redemption, asked: &Asked, now: Time) -> Result<Option<Decision>, Error> {
    let Asked { order, policy, .. } = *asked;
    let same = is_same(existing, asked);
    let untouched = existing.left().count() == existing.tickets.len();
    match existing.state {
        State::Confirmed if same => Ok(Some(again(existing))),
        _ if existing.confirmed_at_ms.is_some() => {
            let message = format!("the order {} is already confirmed", &*existing.id);
            let violation = Violation::new(None, Reason::AlreadyConfirmed, message);
            Ok(Some(Decision::rejected(order, vec![violation])))
        }
        State::Held if same && untouched && !existing.has_lapsed(now) => {
            let mut decision = again(existing);
            let until = order.hold_until_ms.map(|wanted| policy.hold_until(existing.created_at_ms, wanted));
            if until > existing.expires_at_ms {
                let mut extended = existing.clone();
                extended.expires_at_ms = until;
                extended.revision = existing.next_revision()?;
                let mut plan = Plan::default();
                plan.put(Some(existing), extended, Guard::Limits)?;
                decision.ops = plan.ops();
            }
            Ok(Some(decision))
        }
        State::Held | State::Confirmed | State::Released => Ok(None),
    }
}

/// Whether it is the same order: event, currency, codes, identities and tickets.
pub(crate) fn is_same(existing: &Redemption, asked: &Asked) -> bool {
    let Asked { order, policy, .. } = *asked;
    // The policy's `email_aliases` may have changed since the order was accepted. The order is the same if its
    // identities are the same in one of the two readings.
    let same_identities = [EmailAliases::Fold, EmailAliases::Exact].into_iter().any(|email_aliases| {
        let identities = order.canonical_identities(&Policy { email_aliases, ..policy.clone() });
        identities.iter().map(|identity| &identity.canonical).eq(&existing.identities)
    });
    let tickets = order.tickets();
    let ordered = tickets.iter().map(|t| (t.line, &t.ticket_type, t.unit_price));
    existing.event_id == order.event_id
        && existing.currency == order.currency
        && entered_before(asked.codes, &existing.codes) == existing.codes
        && same_identities
        && ordered.eq(existing.tickets.iter().map(|t| (t.line, &t.ticket_type, t.unit_price)))
}

/// The typed codes as the record has them, each once: a code of the record, or the only one that has the loose form of
/// what was typed. The promotions play no part, because they may have changed since.
fn entered_before(codes: &[String], recorded: &[String]) -> Vec<String> {
    let mut entered: Vec<String> = Vec::with_capacity(codes.len());
    for typed in codes.iter().map(|typed| canonical_code(typed)).filter(|typed| !typed.is_empty()) {
        let loose = if recorded.contains(&typed) { String::new() } else { loose_code(&typed) };
        let mut alike = recorded.iter().filter(|code| !loose.is_empty() && loose_code(code) == loose);
        let code = match (alike.next(), alike.next()) {
            (Some(only), None) => only.clone(),
            (None, _) | (Some(_), Some(_)) => typed,
        };
        if !entered.contains(&code) {
            entered.push(code);
        }
    }
    entered
}

/// The answer that the order had before, from its record.
pub(crate) fn again(existing: &Redemption) -> Decision {
    Decision {
        status: Status::Accepted,
        replayed: true,
        quote: Quote::new(&existing.currency, &existing.tickets),
        applied: existing.applied.clone(),
        passed_over: Vec::new(),
        violations: Vec::new(),
        ops: Vec::new(),
    }
}
