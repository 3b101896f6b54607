//! `applyRelease`: takes tickets back for a reason, and gives back what they hold. Only the record is needed.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::{Integer, Time, sum};
use crate::base::text::Name;
use crate::documents::charge::MAX_REFERENCES;
use crate::documents::op::Op;
use crate::documents::payment::{MAX_RELEASES, NotedRelease};
use crate::documents::policy::ReleaseReason;
use crate::documents::redemption::{Redemption, State};
use crate::documents::ticket::Released;
use crate::sell::plan::{Guard, Plan};

/// What a host asks when tickets come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseRequest {
    /// The record, as it is stored.
    pub redemption: Redemption,
    /// Which tickets come back, and why.
    pub release: Release,
    /// When the tickets came back.
    pub now_ms: Time,
}

/// Which tickets come back, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The release's own id. A host that has lost the answer asks again with this id. Null: it cannot ask again.
    #[serde(default)]
    pub id: Option<Name>,
    /// Why the tickets come back.
    pub reason: ReleaseReason,
    /// The tickets, by their index in the record. Null is all that are left.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tickets: Option<Vec<Integer>>,
}

/// Which tickets were released, what was paid for them, and what the host commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseAnswer {
    /// Whether anything was released.
    pub status: ReleaseStatus,
    /// The tickets that this release released, by index.
    pub tickets: Vec<Integer>,
    /// What was paid for these tickets, in minor units. Whether the shop owes it depends on the reason: after a
    /// dispute, the bank has paid it back already.
    pub refundable: Integer,
    /// The plan: what the host commits.
    pub ops: Vec<Op>,
}

/// Whether anything was released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseStatus {
    /// At least one ticket was released.
    Released,
    /// Nothing is released now: none of the named tickets was left, or a release with this id was answered
    /// before, and has the same tickets and the same `refundable` as then.
    AlreadyReleased,
    /// The reason (`hold_expired` or `payment_failed`) ends holds only, and this order is confirmed.
    AlreadyConfirmed,
}

/// Releases tickets, and gives back what the terms in the record say for the reason.
///
/// # Errors
/// If the request is malformed, or the record's fields contradict each other.
///
/// # Example
/// ```
/// use redeemable::{ReleaseStatus, apply_release, json};
///
/// let request = json::read(br#"{
///     "redemption": {
///         "schema": 2, "id": "o-1", "revision": 1, "state": "held", "event_id": "gala", "currency": "EUR",
///         "codes": [], "identities": [],
///         "tickets": [{"line": 0, "unit_price": 4500, "price": 4500, "codes": []}],
///         "applied": [], "charges": [], "created_at_ms": 1799999000000, "expires_at_ms": 1800000900000
///     },
///     "release": {"reason": "buyer_released"}, "now_ms": 1800000000000
/// }"#)?;
/// let answer = apply_release(&request)?;
/// assert_eq!((answer.status, answer.refundable.get()), (ReleaseStatus::Released, 0));
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn apply_release(request: &ReleaseRequest) -> Result<ReleaseAnswer, Error> {
    let ReleaseRequest { redemption, release, now_ms } = request;
    redemption.verify().map_err(|error| error.in_field("redemption"))?;
    let known = redemption.releases.iter().find(|known| release.id.as_ref() == Some(&known.id));
    if let Some(NotedRelease { tickets, refundable, .. }) = known.cloned() {
        return Ok(ReleaseAnswer {
            status: ReleaseStatus::AlreadyReleased,
            tickets,
            refundable,
            ops: Vec::new(),
        });
    }
    let wanted = wanted(release.tickets.as_deref(), redemption.tickets.len())
        .map_err(|error| error.in_field("release"))?;
    let nothing =
        |status| ReleaseAnswer { status, tickets: Vec::new(), refundable: Integer::ZERO, ops: Vec::new() };
    if redemption.state == State::Confirmed && release.reason.ends_holds_only() {
        return Ok(nothing(ReleaseStatus::AlreadyConfirmed));
    }

    let mut after = redemption.clone();
    let released = Released { reason: release.reason, at_ms: *now_ms };
    let indexes = after.release(released, |index| wanted.get(index) == Some(&true));
    if indexes.is_empty() {
        return Ok(nothing(ReleaseStatus::AlreadyReleased));
    }
    after.revision = redemption.next_revision().map_err(|error| error.in_field("redemption"))?;
    let paid = redemption.state == State::Confirmed;
    let prices = indexes.iter().filter_map(|&index| redemption.tickets.get(index));
    // The sum is in range: no price is above its unit price, and `verify` has added the unit prices up.
    let refundable = sum(prices.filter(|_| paid).map(|ticket| ticket.price)).unwrap_or_default();
    let tickets: Vec<_> = indexes.iter().map(|&index| Integer::count(index)).collect();
    if let Some(id) = &release.id {
        if after.releases.len() >= MAX_RELEASES {
            let expected = format!("expected no id, because the record has {MAX_RELEASES} releases with one");
            return Err(Error::new("id", expected).in_field("release"));
        }
        // One hold may be released and placed again any number of times. Without this bound, its record could grow
        // until no host can read it.
        let named = named(&after.releases);
        if named.saturating_add(tickets.len()) > MAX_REFERENCES {
            let expected =
                format!("expected no id, because the releases with one name {named} tickets already");
            return Err(Error::new("id", expected).in_field("release"));
        }
        let (id, tickets) = (id.clone(), tickets.clone());
        after.releases.push(NotedRelease { id, reason: release.reason, tickets, refundable, at_ms: *now_ms });
    }
    let mut plan = Plan::default();
    plan.put(Some(redemption), after, Guard::Nothing)?;
    Ok(ReleaseAnswer { status: ReleaseStatus::Released, tickets, refundable, ops: plan.ops() })
}

/// How many tickets these releases name together.
pub(crate) fn named(releases: &[NotedRelease]) -> usize {
    releases.iter().fold(0_usize, |named, known| named.saturating_add(known.tickets.len()))
}

/// For each ticket of the record, whether it is named. Paths of errors start at what has the field `tickets`.
pub(crate) fn wanted(named: Option<&[Integer]>, tickets: usize) -> Result<Vec<bool>, Error> {
    let Some(named) = named else { return Ok(vec![true; tickets]) };
    if named.is_empty() {
        return Err(Error::new("tickets", "expected at least one index, or null for all tickets"));
    }
    let mut wanted = vec![false; tickets];
    for (position, index) in named.iter().enumerate() {
        let Some(wanted) = wanted.get_mut(index.index()) else {
            let (last, found) = (tickets.saturating_sub(1), index.get());
            let expected = format!("expected the index of a ticket, at most {last}, found {found}");
            return Err(Error::new("", expected).in_element(position).in_field("tickets"));
        };
        *wanted = true;
    }
    Ok(wanted)
}
