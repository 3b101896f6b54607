//! The calendar of a place: which day, week and month a moment falls into there.

use crate::base::money::Time;

/// A moment as the clocks of a place show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LocalTime {
    /// How many local days have passed since 1970-01-01.
    day: u64,
    /// The minute of the day, from 0 to 1439.
    pub minute: u64,
}

const MINUTES: u64 = 1440;

// Days are counted with saturating operations. Nothing saturates: the largest time is in the year 287396.
impl LocalTime {
    /// The moment `at`, where clocks show so many minutes more than UTC.
    pub(crate) fn new(at: Time, offset_minutes: i16) -> Self {
        let minutes = (at.get() / 60_000).saturating_add_signed(offset_minutes.into());
        Self { day: minutes / MINUTES, minute: minutes % MINUTES }
    }

    /// The day of the week: 1 is Monday, 7 is Sunday. The first day of 1970 was a Thursday.
    pub(crate) fn weekday(self) -> u64 {
        (self.day.saturating_add(3) % 7).saturating_add(1)
    }

    /// The day, such as `2026-11-29`.
    pub(crate) fn date(self) -> String {
        let (year, month, day) = civil(self.day);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The month, such as `2026-11`.
    pub(crate) fn month(self) -> String {
        let (year, month, _) = civil(self.day);
        format!("{year:04}-{month:02}")
    }

    /// The week as ISO 8601 counts it, such as `2026-W48`. A week belongs to the year of its Thursday.
    pub(crate) fn week(self) -> String {
        let thursday = self.day.saturating_add(4).saturating_sub(self.weekday());
        let (year, ..) = civil(thursday);
        let week = (thursday.saturating_sub(new_year(year)) / 7).saturating_add(1);
        format!("{year:04}-W{week:02}")
    }
}

/// The days from 1970-01-01 to the first day of the year.
fn new_year(year: u64) -> u64 {
    let before = year.saturating_sub(1);
    let leap_years = (before / 4).saturating_sub(before / 100).saturating_add(before / 400);
    // 477 leap years had passed before 1970.
    year.saturating_sub(1970).saturating_mul(365).saturating_add(leap_years).saturating_sub(477)
}

/// Year, month and day of the month, after so many days since 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    // If no year had more than 365 days: in our time the true year is this one, or the one before.
    let guess = (days / 365).saturating_add(1970);
    let year =
        (0..).map(|back| guess.saturating_sub(back)).find(|year| new_year(*year) <= days).unwrap_or(guess);
    let leap = new_year(year.saturating_add(1)).saturating_sub(new_year(year)) == 366;
    let mut left = days.saturating_sub(new_year(year));
    let february = if leap { 29 } else { 28 };
    let mut month = 1_u64;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if left < length {
            break;
        }
        left = left.saturating_sub(length);
        month = month.saturating_add(1);
    }
    (year, month, left.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(ms: u64) -> LocalTime {
        LocalTime::new(Time::new(ms).unwrap(), 0)
    }

    #[test]
    fn days_weeks_and_months_are_those_of_iso_8601() {
        // The dates and weeks are those of a printed calendar.
        for (ms, date, weekday, week) in [
            (1_795_910_400_000, "2026-11-29", 7, "2026-W48"),    // Sunday
            (1_795_996_800_000, "2026-11-30", 1, "2026-W49"),    // Monday
            (1_609_459_200_000, "2021-01-01", 5, "2020-W53"),    // Friday
            (1_609_718_400_000, "2021-01-04", 1, "2021-W01"),    // Monday
            (1_735_516_800_000, "2024-12-30", 1, "2025-W01"),    // Monday
            (1_709_164_800_000, "2024-02-29", 4, "2024-W09"),    // Thursday
            (1_735_603_200_000, "2024-12-31", 2, "2025-W01"),    // Tuesday
            (4_107_542_400_000, "2100-03-01", 1, "2100-W09"),    // Monday: 2100 is no leap year
            (100_000_000_000, "1973-03-03", 6, "1973-W09"),      // Saturday, the earliest time
            (253_402_300_800_000, "10000-01-01", 6, "9999-W52"), // Saturday
        ] {
            let time = utc(ms);
            assert_eq!((&*time.date(), time.weekday(), &*time.week()), (date, weekday, week));
            assert_eq!(time.month(), date[..date.len() - 3]);
        }
        assert_eq!(utc(9_007_199_254_740_991).date(), "287396-10-12");
    }

    #[test]
    fn a_day_ends_at_local_midnight() {
        let at = |ms, offset| {
            let time = LocalTime::new(Time::new(ms).unwrap(), offset);
            (time.date(), time.minute)
        };
        // 2026-11-29 23:59:59.999 in UTC.
        let late = 1_795_996_799_999;
        assert_eq!(at(late, 0), ("2026-11-29".to_owned(), 1439));
        assert_eq!(at(late + 1, 0), ("2026-11-30".to_owned(), 0));
        assert_eq!(at(late, 60), ("2026-11-30".to_owned(), 59));
        assert_eq!(at(late, -840), ("2026-11-29".to_owned(), 599));
        assert_eq!(at(late, 840), ("2026-11-30".to_owned(), 839));
    }
}
