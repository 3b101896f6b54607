//! `usageKeys`: which counters a host reads before it asks for a decision.

use crate::base::error::Error;
use crate::base::money::{Integer, sum};
use crate::base::text::Names;
use crate::documents::decision::Reason;
use crate::documents::lifts::Lifts;
use crate::documents::order::{Identity, Line};
use crate::documents::promo::Promo;
use crate::documents::redemption::Redemption;
use crate::documents::request::{Asked, Entered, Index, UsageKeysRequest};
use crate::judge::choice;
use crate::judge::keep::Keeper;
use crate::judge::limits::{Scene, of_code, of_policy};
use crate::judge::rules::{self, Case};

/// The keys of the counters that the plan for this request may charge, sorted.
///
/// Every code that has a promotion adds its keys, even if the promotion's conditions are not met; an unknown code adds
/// none. `usage` plays no part. `now_ms` is that of the decision: codes with limits per period have counters of its
/// day, week or month. With the record that the order is exchanged for, also those of its days, weeks and months.
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
pub fn usage_keys(request: &UsageKeysRequest) -> Result<Vec<String>, Error> {
    request.policy.verify()?;
    let index = Index::new(&request.promos)?;
    keys(&request.asked(&index), request.redemption.as_ref())
}

pub(crate) fn keys(asked: &Asked, exchanged: Option<&Redemption>) -> Result<Vec<String>, Error> {
    asked.verify()?;
    if let Some(redemption) = exchanged {
        redemption.verify().map_err(|error| error.in_field("redemption"))?;
    }
    let entered = asked.entered();
    let identities = asked.order.canonical_identities(asked.policy);
    let typed = || entered.iter().filter_map(|entered| entered.promo);
    let mut automatic = choice::automatic(asked, &entered);
    automatic.retain(|(code, member)| may_apply(asked, code, member.promo, &identities));
    let scene =
        Scene::new(asked, &mut typed().chain(automatic.iter().map(|(_, own)| own.promo)), &identities);
    let mut limits = of_policy(&scene, Lifts::default());
    let keeper = exchanged.and_then(|record| Keeper::new(record, None, asked.order));
    for Entered { code, promo, .. } in &entered {
        limits.extend(promo.iter().flat_map(|promo| of_code(promo, code, &scene, None)));
        if let Some(keeper) = &keeper {
            limits.extend(promo.iter().flat_map(|promo| of_code(promo, code, &scene, Some(keeper))));
        }
    }
    for (code, member) in &automatic {
        for kept in [None, keeper.as_ref()] {
            let own = of_code(member.promo, code, &scene, kept).into_iter();
            limits.extend(own.filter(|limit| limit.most.is_some()));
        }
    }
    let mut keys = Names::new();
    let of_periods =
        exchanged.iter().flat_map(|record| &record.charges).filter(|charge| charge.is_of_period());
    keys.extend(of_periods.map(|charge| (charge.key.clone(), Integer::ZERO)));
    keys.extend(limits.into_iter().map(|limit| (limit.key, Integer::ZERO)));
    Ok(keys.into_keys().collect())
}

/// Whether an automatic promotion may apply to the order, now or at another time.
fn may_apply(asked: &Asked, code: &str, promo: &Promo, identities: &[Identity]) -> bool {
    let Asked { order, policy, now_ms: now, .. } = *asked;
    let quantity = |line: &Line| Integer::new(line.quantity.get()).unwrap_or_default();
    let in_scope = order.lines.iter().filter(|line| promo.covers(line.ticket_type.as_ref()));
    let in_scope = sum(in_scope.map(quantity)).unwrap_or_default();
    let local = policy.local(now);
    let violations =
        rules::violations(&Case { promo, code, order, identities, policy, in_scope, now, local, kept: None });
    violations.iter().all(|violation| {
        matches!(violation.reason, Reason::NotStarted | Reason::Ended | Reason::OutsideHours)
    })
}
