//! When promotions begin and end on the event's local clocks.

use crate::base::money::Time;
use crate::documents::period::{Every, Hours};
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;

const MINUTE: i64 = 60_000;
const DAY: i64 = 1440;

/// The first moment after `now` at which the promotion, its hours or a period of its limits end. `None` if none ends.
pub(crate) fn until(promo: &Promo, policy: &Policy, now: Time) -> Option<Time> {
    let hours = promo.weekly.as_deref().and_then(|hours| end_of_hours(hours, policy, now));
    let periods = promo.periods().filter_map(|period| end_of_period(period.every, policy, now));
    promo.ends_at_ms.into_iter().chain(hours).chain(periods).min()
}

/// The first moment after `now` that is within the hours.
pub(crate) fn begin_of_hours(hours: &[Hours], policy: &Policy, now: Time) -> Option<Time> {
    // The hours of each weekday begin once within the next eight days.
    let begin = hours.iter().map(|span| span.from_minute.get());
    let moments = moments(policy, now, on_days(0..=8, begin));
    moments.filter(|at| are_within(hours, policy, *at)).min()
}

/// The first moment after `now` that is not within the hours.
fn end_of_hours(hours: &[Hours], policy: &Policy, now: Time) -> Option<Time> {
    // Hours that began yesterday may end today.
    let end = hours.iter().map(|span| span.to_minute.get());
    let moments = moments(policy, now, on_days(-1..=8, end));
    moments.filter(|at| !are_within(hours, policy, *at)).min()
}

/// The first moment after `now` of another day, week or month.
pub(crate) fn end_of_period(every: Every, policy: &Policy, now: Time) -> Option<Time> {
    let bucket = every.bucket(policy.local(now)?);
    let other = |at: &Time| policy.local(*at).is_some_and(|local| every.bucket(local) != bucket);
    moments(policy, now, on_days(1..=32, [0])).filter(other).min()
}

fn are_within(hours: &[Hours], policy: &Policy, at: Time) -> bool {
    policy.local(at).is_some_and(|local| hours.iter().any(|hours| hours.contain(local)))
}

/// Each of the minutes on each of the days.
fn on_days(
    days: std::ops::RangeInclusive<i64>,
    minutes: impl IntoIterator<Item = u64>,
) -> impl Iterator<Item = (i64, i64)> + Clone {
    let minutes: Vec<i64> = minutes.into_iter().filter_map(|minute| i64::try_from(minute).ok()).collect();
    days.flat_map(move |day| minutes.clone().into_iter().map(move |minute| (day, minute)))
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
