//! The names of a promotion's limits, and what each of them counts.

use serde::Serialize;

use crate::documents::counter::{Breadth, Counter};
use crate::documents::period::Every;

/// A limit of a promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitName {
    /// The uses of all buyers.
    MaxUses,
    /// The uses of each person.
    MaxUsesPerIdentity,
    /// The uses of all buyers in one day.
    MaxUsesPerDay,
    /// The uses of each person in one day.
    MaxUsesPerIdentityPerDay,
    /// The uses of all buyers in one week.
    MaxUsesPerWeek,
    /// The uses of each person in one week.
    MaxUsesPerIdentityPerWeek,
    /// The uses of all buyers in one month.
    MaxUsesPerMonth,
    /// The uses of each person in one month.
    MaxUsesPerIdentityPerMonth,
    /// The money that the code takes off.
    Budget,
    /// The uses of a pool.
    PoolMaxUses,
    /// The uses of a pool by each person.
    PoolMaxUsesPerIdentity,
    /// The money that the codes of a pool take off.
    PoolBudget,
}

/// The limits of each period: on the uses of all buyers, and on those of one person.
pub(super) const PERIODS: [(Every, LimitName, LimitName); 3] = [
    (Every::Day, LimitName::MaxUsesPerDay, LimitName::MaxUsesPerIdentityPerDay),
    (Every::Week, LimitName::MaxUsesPerWeek, LimitName::MaxUsesPerIdentityPerWeek),
    (Every::Month, LimitName::MaxUsesPerMonth, LimitName::MaxUsesPerIdentityPerMonth),
];

impl LimitName {
    /// What it limits.
    pub(super) fn counter(self) -> Counter {
        match self {
            Self::MaxUses => Counter::CodeUses,
            Self::MaxUsesPerIdentity => Counter::CodeBy,
            Self::MaxUsesPerDay => Counter::CodeDay,
            Self::MaxUsesPerIdentityPerDay => Counter::CodeDayBy,
            Self::MaxUsesPerWeek => Counter::CodeWeek,
            Self::MaxUsesPerIdentityPerWeek => Counter::CodeWeekBy,
            Self::MaxUsesPerMonth => Counter::CodeMonth,
            Self::MaxUsesPerIdentityPerMonth => Counter::CodeMonthBy,
            Self::Budget => Counter::CodeSpend,
            Self::PoolMaxUses => Counter::PoolUses,
            Self::PoolMaxUsesPerIdentity => Counter::PoolBy,
            Self::PoolBudget => Counter::PoolSpend,
        }
    }

    /// The period in which it limits the uses, if it does not limit those of all time.
    pub(super) fn period(self) -> Option<Every> {
        PERIODS.into_iter().find(|(_, all, person)| [all, person].contains(&&self)).map(|(every, ..)| every)
    }

    /// What has a counter each: one of them, and several. Only for limits per person or per period.
    pub(super) fn things(self) -> (String, String) {
        let each_person = self.counter().facts().breadth == Breadth::Identity;
        match self.period().map(Every::name) {
            None => ("person".into(), "persons".into()),
            Some(period) if each_person => (format!("{period} of a person"), format!("{period}s of persons")),
            Some(period) => (period.into(), format!("{period}s")),
        }
    }
}
