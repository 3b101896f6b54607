//! `validateRedemption`: decides whether an order is accepted, prices it, and plans what the host commits.

use crate::base::error::Error;
use crate::base::money::Integer;
use crate::documents::decision::Decision;
use crate::documents::request::{Asked, Index, ValidateRequest};
use crate::sell::plan::Guard;
use crate::sell::replay;
use crate::sell::sale::{self, Replaced};

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
    let Asked { order, usage, now_ms: now, .. } = *asked;
    usage.verify(order.id.as_deref()).map_err(|error| error.in_field("usage"))?;

    let existing = match &usage.existing {
        None => None,
        Some(existing) => {
            let read = replay::read(existing, asked, now);
            match read.map_err(|error| error.in_field("existing").in_field("usage"))? {
                Some(decision) => return Ok(decision),
                None => Some(existing),
            }
        }
    };
    let replaced = Replaced { existing, exchanged: None };
    let mut sold = match sale::judge(asked, replaced)? {
        Ok(sold) => sold,
        Err(rejection) => return Ok(rejection),
    };
    let Some(id) = &order.id else { return Ok(sold.accepted(Vec::new())) };
    let free = sold.quote.total == Integer::ZERO;
    if !free && order.hold_until_ms.is_none() {
        let expected = "expected a time, because the order has an id and a total above 0";
        return Err(Error::new("hold_until_ms", expected).in_field("order"));
    }
    let record = sold.record(asked, id, replaced, free)?;
    sold.plan.put(existing, record, Guard::Limits)?;
    let ops = std::mem::take(&mut sold.plan).ops();
    Ok(sold.accepted(ops))
}
