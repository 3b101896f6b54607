//! `usageKeys`: which counters a host reads before it asks.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::limits::{Limit, Scene, of_code, of_policy};
use crate::request::{Request, pools_of};

/// The keys of the counters that the plan for this request may charge, sorted.
///
/// Every known code adds its keys whatever its conditions; an unknown one adds none.
/// `usage` and `now_ms` play no part.
///
/// # Errors
/// If the request is malformed.
pub fn usage_keys(request: &Request) -> Result<Vec<String>, Error> {
    request.check()?;
    let entered = request.entered();
    let people = request.order.people(&request.policy);
    let pools = pools_of(&entered);
    let scene = Scene { order: &request.order, policy: &request.policy, people: &people, pools };
    let of_codes =
        entered.iter().filter_map(|entered| Some(of_code(entered.promo?, &entered.code, &scene))).flatten();
    let keys: BTreeSet<String> = of_codes.chain(of_policy(&scene)).map(|Limit { key, .. }| key).collect();
    Ok(keys.into_iter().collect())
}
