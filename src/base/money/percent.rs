//! Percents, and how a price is rounded under one.

use serde::de::{Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

use super::{Bounded, Integer, multiply_divide};

/// A percent from 0 to 100 with at most 4 decimals, kept as ten-thousandths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(u32);

const WHOLE: u64 = 1_000_000;

impl Percent {
    /// The percent as typed, such as 12.5 for an eighth. `None` if it is not from 0 to 100 or has more than 4 decimals.
    #[allow(clippy::float_arithmetic, reason = "a percent is not money; n is exact after this")]
    #[allow(clippy::as_conversions, reason = "checked to be from 0 to 1 000 000")]
    pub fn new(percent: f64) -> Option<Self> {
        let n = (percent * 10_000.0).round();
        ((0.0..=100.0).contains(&percent) && n / 10_000.0 == percent).then_some(Self(n as u32))
    }

    /// The percent in ten-thousandths of a percent: 125 000 for 12.5.
    pub const fn ten_thousandths(self) -> u32 {
        self.0
    }

    /// Whether it is 0, and so takes nothing off any price.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// What remains payable of `price`.
    pub fn payable(self, price: Integer, rounding: Rounding) -> Integer {
        let kept = WHOLE.saturating_sub(u64::from(self.0));
        let (quotient, remainder) = multiply_divide(price.0, kept, WHOLE);
        let up = match rounding {
            Rounding::Down => false,
            Rounding::Up => remainder > 0,
            Rounding::HalfUp => remainder >= WHOLE / 2,
            Rounding::HalfDown => remainder > WHOLE / 2,
            Rounding::HalfEven if remainder == WHOLE / 2 => quotient % 2 == 1,
            Rounding::HalfEven => remainder > WHOLE / 2,
        };
        // The result is at most the price: at 0 percent there is no remainder, so nothing is rounded up.
        Bounded(quotient.saturating_add(u64::from(up)))
    }
}

impl Serialize for Percent {
    #[allow(clippy::float_arithmetic, reason = "the inverse of new, exact by its check")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A whole percent is written as JavaScript does: 20 and not 20.0.
        match self.0 % 10_000 {
            0 => serializer.serialize_u32(self.0 / 10_000),
            _ => serializer.serialize_f64(f64::from(self.0) / 10_000.0),
        }
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(PercentVisitor)
    }
}

struct PercentVisitor;

impl Visitor<'_> for PercentVisitor {
    type Value = Percent;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a number from 0 to 100 with at most 4 decimals")
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Percent, E> {
        Percent::new(value).ok_or_else(|| match value {
            0.0.. if value.is_finite() => E::invalid_value(Unexpected::Other("another number"), &self),
            _ => E::invalid_value(Unexpected::Float(value), &self),
        })
    }
    #[allow(clippy::as_conversions, reason = "a rounded large number is refused all the same")]
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Percent, E> {
        self.visit_f64(value as f64)
    }
}

/// How the payable price is rounded under a percent discount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest minor unit, a half up.
    #[default]
    HalfUp,
    /// To the nearest minor unit, a half down.
    HalfDown,
    /// To the nearest minor unit, a half to the even neighbour.
    HalfEven,
    /// Down, in the buyer's favour.
    Down,
    /// Up, in the organiser's favour.
    Up,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ninety_percent_off_1000_leaves_100() {
        let ninety = Percent::new(90.0).unwrap();
        assert_eq!(ninety.payable(Bounded(1000), Rounding::HalfUp), Bounded(100));
    }

    #[test]
    fn halves_go_where_the_rounding_says() {
        let half = Percent::new(50.0).unwrap();
        let payable = |price| {
            [Rounding::HalfUp, Rounding::HalfDown, Rounding::HalfEven, Rounding::Down, Rounding::Up]
                .map(|rounding| half.payable(Bounded(price), rounding).get())
        };
        assert_eq!(payable(5), [3, 2, 2, 2, 3]);
        assert_eq!(payable(7), [4, 3, 4, 3, 4]);
        assert_eq!(payable(8), [4, 4, 4, 4, 4]);
        // Above the half, `half_down` goes up: 2 thirds of 2 are 1.333333, and of 1 are 0.666667.
        let third = Percent::new(33.3333).unwrap();
        let payable = |price| third.payable(Bounded(price), Rounding::HalfDown).get();
        assert_eq!([payable(1), payable(2)], [1, 1]);
    }

    #[test]
    fn a_percent_has_at_most_four_decimals() {
        assert_eq!(Percent::new(33.3333), Some(Percent(333_333)));
        assert_eq!(Percent::new(0.0001), Some(Percent(1)));
        assert_eq!(Percent::new(100.0), Some(Percent(1_000_000)));
        for wrong in [33.33333, 0.00001, -1.0, 100.0001, f64::NAN, f64::INFINITY] {
            assert_eq!(Percent::new(wrong), None, "{wrong}");
        }
    }
}
