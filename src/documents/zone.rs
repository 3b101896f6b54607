//! The local time of an event, as a list of its offsets from UTC: data, and so the same on every host.

use serde::de::{Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::base::calendar::LocalTime;
use crate::base::error::Error;
use crate::base::money::Time;
use crate::documents::policy::Policy;

pub(crate) const MAX_OFFSETS: usize = 400;

/// From when on local clocks differ so much from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ZoneOffset {
    /// The first moment at which the offset holds.
    pub from_ms: Time,
    /// How much local clocks are ahead of UTC, in minutes: 60 in Berlin in winter, -300 in New York.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "minutes")))]
    pub offset_minutes: OffsetMinutes,
}

/// An offset from UTC in minutes: a multiple of 15 from -840 to 840.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct OffsetMinutes(i16);

impl OffsetMinutes {
    /// The largest offset, in minutes. The least is the same below 0.
    pub const MOST: i16 = 840;

    /// The offset, if it is a multiple of 15 from -840 to 840.
    pub fn new(minutes: i16) -> Option<Self> {
        let steps = minutes.checked_rem(15) == Some(0);
        (steps && (-Self::MOST..=Self::MOST).contains(&minutes)).then_some(Self(minutes))
    }

    /// The minutes.
    pub fn get(self) -> i16 {
        self.0
    }
}

impl<'de> Deserialize<'de> for OffsetMinutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(OffsetVisitor)
    }
}

struct OffsetVisitor;

impl Visitor<'_> for OffsetVisitor {
    type Value = OffsetMinutes;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a multiple of 15 from -840 to 840")
    }
    fn visit_unit<E>(self) -> Result<OffsetMinutes, E> {
        Ok(OffsetMinutes::default())
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<OffsetMinutes, E> {
        let minutes = i16::try_from(value).ok().and_then(OffsetMinutes::new);
        minutes.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }
    #[allow(clippy::as_conversions, reason = "exact: a whole number within the bounds")]
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<OffsetMinutes, E> {
        let bounds = f64::from(i16::MIN)..=f64::from(i16::MAX);
        let whole = bounds.contains(&value) && value.trunc() == value;
        let minutes = whole.then_some(value as i16).and_then(OffsetMinutes::new);
        minutes.ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
    }
}

impl Policy {
    /// Checks what the Rust types do not ensure: the error is the first of [`Self::faults`].
    pub(crate) fn verify(&self) -> Result<(), Error> {
        self.faults().into_iter().next().map_or(Ok(()), |error| Err(error.in_field("policy")))
    }

    /// Finds what the Rust types do not exclude. Paths start at the policy.
    pub(crate) fn faults(&self) -> Vec<Error> {
        let mut faults = Vec::new();
        let Some(zone) = &self.zone else { return faults };
        let offsets = zone.len();
        if offsets == 0 || offsets > MAX_OFFSETS {
            let expected = format!("expected 1 to {MAX_OFFSETS} entries, found {offsets}");
            faults.push(Error::new("zone", expected));
        }
        for (index, (before, after)) in (1..).zip(zone.iter().zip(zone.iter().skip(1))) {
            if after.from_ms <= before.from_ms {
                let late = Error::new("from_ms", "expected a time after that of the entry before");
                faults.push(late.in_element(index).in_field("zone"));
            }
        }
        faults
    }

    /// This moment as local clocks show it. `None` without a zone.
    pub(crate) fn local(&self, at: Time) -> Option<LocalTime> {
        let zone = self.zone.as_deref()?;
        // Before the first offset, the first one holds.
        let begun = zone.partition_point(|offset| offset.from_ms <= at);
        let offset = zone.get(begun.saturating_sub(1))?;
        Some(LocalTime::new(at, offset.offset_minutes.get()))
    }
}
