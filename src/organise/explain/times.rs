//! The first later moment at which a code that was refused for its time may be used.

use crate::base::money::Time;
use crate::documents::counter::Counter;
use crate::documents::decision::{Reason, Violation};
use crate::documents::period::Every;
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440;

/// The first moment after `now` at which this violation may be gone. `None` if it does not go by itself.
pub(super) fn next(violation: &Violation, promo: &Promo, policy: &Policy, now: Time) -> Option<Time> {
    let is = |reason| violation.reason == reason;
    if is(Reason::NotStarted) {
        promo.starts_at_ms
    } else if is(Reason::OutsideHours) {
        let hours = promo.weekly.as_ref()?;
        let within =
            |at| policy.local(at).is_some_and(|local| hours.iter().any(|hours| hours.contain(local)));
        // The hours of each weekday begin once within the next eight days.
        let begin: Vec<i64> =
            hours.iter().filter_map(|span| span.from_minute.get().try_into().ok()).collect();
        let minutes = (0..=8).flat_map(|day| begin.iter().map(move |minute| (day, *minute)));
        moments(policy, now, minutes).filter(|at| within(*at)).min()
    } else if is(Reason::PeriodUsesExhausted) || is(Reason::PeriodIdentityUsesExhausted) {
        let every = period(violation)?;
        let bucket = every.bucket(policy.local(now)?);
        let other = |at: &Time| policy.local(*at).is_some_and(|local| every.bucket(local) != bucket);
        moments(policy, now, (1..=32).map(|day| (day, 0))).filter(other).min()
    } else {
        None
    }
}

/// The period that the violation's counter counts in.
fn period(violation: &Violation) -> Option<Every> {
    let counter = Counter::of(violation.counter.as_ref()?)?;
    Every::ALL.into_iter().find(|every| <[Counter; 2]>::from(every.counters()).contains(&counter))
}

/// These minutes of these local days (0 is today) in UTC, and the moments at which the offset changes, if they are
/// after `now`. Each minute is given for every offset of the zone, because nobody knows yet which one holds then.
fn moments<'a>(
    policy: &'a Policy,
    now: Time,
    minutes: impl Iterator<Item = (i64, i64)> + Clone + 'a,
) -> impl Iterator<Item = Time> + 'a {
    let zone = || policy.zone.iter().flatten();
    let mut offsets: Vec<i64> = zone().map(|entry| entry.offset_minutes.get().into()).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let at = move |offset: i64, (day, minute): (i64, i64)| {
        let local = i64::try_from(now.get()).ok()?.checked_div(MINUTE)?.checked_add(offset)?;
        let today = local.checked_div(DAY)?.checked_add(day)?.checked_mul(DAY)?;
        let utc = today.checked_add(minute)?.checked_sub(offset)?.checked_mul(MINUTE)?;
        u64::try_from(utc).ok().and_then(Time::new)
    };
    let minutes = offsets
        .into_iter()
        .flat_map(move |offset| minutes.clone().filter_map(move |minute| at(offset, minute)));
    minutes.chain(zone().map(|entry| entry.from_ms)).filter(move |at| *at > now)
}
