//! The local time of the event by a naive reading: it counts years, months and days one by one.

use redeemable::{Every, Policy, Promo, ValidateRequest};

/// The days since 1970-01-01 and the minute of the day on local clocks; `None` without a zone.
fn local(policy: &Policy, now: u64) -> Option<(u64, u64)> {
    let zone = policy.zone.as_ref()?;
    let begun = zone.iter().rev().find(|offset| offset.from_ms.get() <= now).unwrap_or(&zone[0]);
    let ms = i64::try_from(now).unwrap() + i64::from(begun.offset_minutes.get()) * 60_000;
    let minutes = u64::try_from(ms).unwrap() / 60_000;
    Some((minutes / 1440, minutes % 1440))
}

/// Year, month, day of the month and day of the year, all from 1 but the year.
fn date(mut days: u64) -> (u64, u64, u64, u64) {
    let leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let of_year = days + 1;
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, u64::try_from(month).unwrap() + 1, days + 1, of_year)
}

/// The day of the week: 0 is Monday. The first day of 1970 was a Thursday.
fn weekday(days: u64) -> u64 {
    (days + 3) % 7
}

/// The name of the day, week or month of the decision.
pub fn bucket(request: &ValidateRequest, every: Every) -> Option<String> {
    let (days, _) = local(&request.policy, request.now_ms.get())?;
    let (year, month, day, _) = date(days);
    Some(match every {
        Every::Day => format!("{year:04}-{month:02}-{day:02}"),
        Every::Month => format!("{year:04}-{month:02}"),
        Every::Week => {
            // The week is the year's first that has a Thursday of the year, or a later one.
            let (year, _, _, thursday) = date(days - weekday(days) + 3);
            format!("{year:04}-W{:02}", (thursday - 1) / 7 + 1)
        }
    })
}

/// Whether the code is refused because of the hour, or because nobody knows the local time.
pub fn outside_hours(promo: &Promo, request: &ValidateRequest) -> bool {
    if promo.weekly.is_none() && promo.per_period.is_empty() {
        return false;
    }
    let Some((days, minute)) = local(&request.policy, request.now_ms.get()) else { return true };
    let Some(weekly) = &promo.weekly else { return false };
    // Minutes of the week, which is a circle of 7 days.
    let now = weekday(days) * 1440 + minute;
    !weekly.iter().any(|hours| {
        let length = hours.to_minute.get() - hours.from_minute.get();
        let starts = hours.days.iter().map(|day| (day.get() - 1) * 1440 + hours.from_minute.get());
        starts.into_iter().any(|start| (now + 7 * 1440 - start % 10_080) % 10_080 < length)
    })
}
