//! Hours and periods of a promotion, in the local time of the event.

use serde::{Deserialize, Serialize};

use crate::base::calendar::LocalTime;
use crate::base::money::{Bounded, Integer};
use crate::documents::counter::Counter;

/// Hours of the week in which a code may be used, in local time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The days of the week on which the hours begin: 1 is Monday, 7 is Sunday.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "days of the week")))]
    pub days: Vec<Bounded<1, 7>>,
    /// The first minute, counted from the beginning of that day: 1320 is 22:00.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "minutes")))]
    pub from_minute: Bounded<0, 1439>,
    /// The first minute after the hours, counted from the beginning of the same day: 1560 is 02:00 on the next day.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "minutes")))]
    pub to_minute: Bounded<1, { Hours::LATEST }>,
}

impl Hours {
    /// The largest minute at which hours may end: 23:59 on the day after they began.
    pub(crate) const LATEST: u64 = 2879;

    /// Whether this local time is within the hours.
    pub(crate) fn contain(&self, local: LocalTime) -> bool {
        let today = local.weekday();
        let yesterday = if today == 1 { 7 } else { today.saturating_sub(1) };
        let begin_on = |day: u64| self.days.iter().any(|listed| listed.get() == day);
        let (from, to) = (self.from_minute.get(), self.to_minute.get());
        let within = |minute: u64| from <= minute && minute < to;
        (begin_on(today) && within(local.minute))
            || (begin_on(yesterday) && within(local.minute.saturating_add(1440)))
    }
}

/// Limits on the uses of a code within one local day, week or month.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PeriodLimit {
    /// The period.
    pub every: Every,
    /// How many uses all buyers have together in one period. Null is no limit.
    #[serde(default)]
    pub max_uses: Option<Integer>,
    /// How many uses each person has in one period. Null is no limit.
    #[serde(default)]
    pub max_uses_per_identity: Option<Integer>,
}

/// A period of the local calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// A local day, from midnight to midnight.
    Day,
    /// A week from Monday to Sunday, as ISO 8601 counts it.
    Week,
    /// A calendar month.
    Month,
}

impl Every {
    /// Every period, the shortest first.
    pub(crate) const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The period of this local time, as counter keys name it.
    pub(crate) fn bucket(self, local: LocalTime) -> String {
        match self {
            Self::Day => local.date(),
            Self::Week => local.week(),
            Self::Month => local.month(),
        }
    }

    /// What counts the uses in a period: of all buyers together, and of one person.
    pub(crate) fn counters(self) -> (Counter, Counter) {
        match self {
            Self::Day => (Counter::CodeDay, Counter::CodeDayBy),
            Self::Week => (Counter::CodeWeek, Counter::CodeWeekBy),
            Self::Month => (Counter::CodeMonth, Counter::CodeMonthBy),
        }
    }

    /// Its name in documents and counter keys.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

#[test]
fn hours_that_begin_on_a_day_may_end_on_the_next() {
    use crate::base::money::Time;
    let hours = |days: &[u64], from, to| Hours {
        days: days.iter().filter_map(|day| Bounded::new(*day)).collect(),
        from_minute: Bounded::new(from).unwrap(),
        to_minute: Bounded::new(to).unwrap(),
    };
    // Monday 2026-11-30 00:00 in UTC, and so many minutes later.
    let at = |minutes: u64| LocalTime::new(Time::new(1_795_996_800_000 + minutes * 60_000).unwrap(), 0);
    let night = hours(&[5], 1320, 1560);
    let friday = 4 * 1440;
    assert!(!night.contain(at(friday + 1319)));
    assert!(night.contain(at(friday + 1320)));
    assert!(night.contain(at(friday + 1440 + 119)));
    assert!(!night.contain(at(friday + 1440 + 120)));
    assert!(!night.contain(at(1320)));
    // Sunday is the day before Monday.
    assert!(hours(&[7], 1439, 1441).contain(at(0)));
    assert!(!hours(&[7], 1439, 1441).contain(at(1)));
    assert!(!hours(&[], 0, 2879).contain(at(0)));
}
