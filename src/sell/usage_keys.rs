//! `usageKeys`: which counters a host reads before it asks for a decision.

use crate::base::error::Error;
use crate::base::money::Integer;
use crate::base::text::Names;
use crate::documents::lifts::Lifts;
use crate::documents::request::{Asked, Entered, Index, ValidateRequest};
use crate::judge::limits::{Scene, of_code, of_policy};

/// The keys of the counters that the plan for this request may charge, sorted.
///
/// Every code that has a promotion adds its keys, even if the promotion's conditions are not met; an unknown code adds
/// none. `usage` plays no part. `now_ms` is that of the decision: codes with limits per period have counters of its
/// day, week or month.
///
/// # Errors
/// If the request is malformed.
///
/// # Example
/// ```
/// use redeemable::{json, usage_keys};
///
/// let request = json::read(br#"{
///     "codes": ["crew"],
///     "promos": [{"code": "CREW", "discount": {"kind": "free"}, "max_uses": 20}],
///     "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 1}]},
///     "usage": {"counters": {"code/event:gala:CREW/uses": 20}}, "now_ms": 1800000000000
/// }"#)?;
/// let keys = usage_keys(&request)?;
/// assert_eq!(keys, ["code/event:gala:CREW/spend/EUR", "code/event:gala:CREW/uses"]);
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn usage_keys(request: &ValidateRequest) -> Result<Vec<String>, Error> {
    request.policy.verify()?;
    keys(&request.asked(&Index::new(&request.promos)?))
}

pub(crate) fn keys(asked: &Asked) -> Result<Vec<String>, Error> {
    asked.verify()?;
    let entered = asked.entered();
    let identities = asked.order.canonical_identities(asked.policy);
    let scene = Scene::new(asked, &entered, &identities);
    let mut limits = of_policy(&scene, Lifts::default());
    for Entered { code, promo, .. } in &entered {
        limits.extend(promo.iter().flat_map(|promo| of_code(promo, code, &scene)));
    }
    let mut keys = Names::new();
    keys.extend(limits.into_iter().map(|limit| (limit.key, Integer::ZERO)));
    Ok(keys.into_keys().collect())
}
