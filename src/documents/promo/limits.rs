//! The limits of a promotion per person and per period.

use super::Promo;
use crate::base::money::Integer;
use crate::documents::period::{Every, PeriodLimit};

impl Promo {
    /// The limits on the uses of one person: its own, those of its periods, and those of its pools.
    pub(crate) fn caps(&self) -> impl Iterator<Item = Integer> {
        let of_periods = self.per_period.iter().filter_map(|period| period.max_uses_per_identity);
        let of_pools = self.pools.iter().filter_map(|pool| pool.max_uses_per_identity);
        self.max_uses_per_identity.into_iter().chain(of_periods).chain(of_pools)
    }

    /// Its limits per period, the shortest period first.
    pub(crate) fn periods(&self) -> impl Iterator<Item = &PeriodLimit> {
        Every::ALL
            .into_iter()
            .flat_map(|every| self.per_period.iter().filter(move |period| period.every == every))
    }

    /// Whether it asks for the event's local time.
    pub(crate) fn needs_zone(&self) -> bool {
        self.weekly.is_some() || !self.per_period.is_empty()
    }

    /// The least of its limits per person. `None` if it limits no person.
    pub(crate) fn per_person(&self) -> Option<Integer> {
        self.caps().min()
    }

    /// Whether it limits the uses of one person.
    pub(crate) fn limits_persons(&self) -> bool {
        self.per_person().is_some()
    }
}
