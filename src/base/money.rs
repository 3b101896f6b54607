//! Integers with bounds, percents, rounding, and how an amount is shared among tickets.

mod percent;

use serde::de::{Deserializer, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;

pub use percent::{Percent, Rounding};

/// The largest integer that a JavaScript number holds exactly: 2^53 − 1.
pub const MAX_INTEGER: u64 = 9_007_199_254_740_991;

/// An integer from `LEAST` to `MOST`; in JSON a number with an integral value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Bounded<const LEAST: u64, const MOST: u64>(u64);

/// A count, or an amount in the currency's minor unit (1 sat, 1 cent).
pub type Integer = Bounded<0, MAX_INTEGER>;
/// An integer that is not 0.
pub type Positive = Bounded<1, MAX_INTEGER>;
/// Milliseconds since the Unix epoch. The least value is so large that a time in seconds is refused.
pub type Time = Bounded<100_000_000_000, MAX_INTEGER>;

impl<const LEAST: u64, const MOST: u64> Bounded<LEAST, MOST> {
    /// The least integer within the bounds.
    pub const LEAST: Self = Self(LEAST);
    /// The largest integer within the bounds.
    pub const MOST: Self = Self(MOST);

    /// The integer, if it is within the bounds.
    pub const fn new(value: u64) -> Option<Self> {
        if LEAST <= value && value <= MOST { Some(Self(value)) } else { None }
    }

    /// The plain number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl<const MOST: u64> Default for Bounded<0, MOST> {
    fn default() -> Self {
        Self(0)
    }
}

impl From<Positive> for Integer {
    fn from(positive: Positive) -> Self {
        Self(positive.0)
    }
}

impl Integer {
    /// The integer 0.
    pub const ZERO: Self = Self(0);
    /// The integer 1.
    pub const ONE: Self = Self(1);

    /// A number of things in memory, of which there are never more than [`MAX_INTEGER`].
    pub(crate) fn count(things: usize) -> Self {
        Self(u64::try_from(things).unwrap_or(MAX_INTEGER).min(MAX_INTEGER))
    }

    /// The integer as an index. One that does not fit into a `usize` becomes an index at which no list has an element.
    pub(crate) fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    /// The sum, if it stays within the range.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// The difference, or 0 if there is none.
    pub(crate) fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl<'de, const LEAST: u64, const MOST: u64> Deserialize<'de> for Bounded<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u64(BoundedVisitor)
    }
}

struct BoundedVisitor<const LEAST: u64, const MOST: u64>;

impl<const LEAST: u64, const MOST: u64> Visitor<'_> for BoundedVisitor<LEAST, MOST> {
    type Value = Bounded<LEAST, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "an integer from {LEAST} to {MOST}")
    }
    /// A stand-in, which `crossing/draft.rs` explains, is read as the least number.
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Bounded::LEAST)
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Bounded::new(value).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
        whole(value).and_then(Bounded::new).ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
    }
}

/// The integer that a JSON number stands for, if it is one from 0 to [`MAX_INTEGER`].
#[allow(clippy::as_conversions, reason = "exact: checked to be integral and within 2^53")]
pub(crate) fn whole(value: f64) -> Option<u64> {
    const MOST: f64 = 9_007_199_254_740_991.0;
    ((0.0..=MOST).contains(&value) && value.trunc() == value).then_some(value as u64)
}

/// The sum, if it stays within the range.
pub(crate) fn sum(amounts: impl IntoIterator<Item = Integer>) -> Option<Integer> {
    amounts.into_iter().try_fold(Integer::ZERO, Integer::plus)
}

/// Shares `amount` in proportion to `weights`. What rounding down leaves over goes, one minor unit each, to the largest
/// remainders; of equal ones, the first come first. No share exceeds its weight.
pub(crate) fn share(amount: Integer, weights: &[Integer]) -> Vec<Integer> {
    let whole = weights.iter().fold(0_u64, |sum, weight| sum.saturating_add(weight.0));
    if amount.0 >= whole {
        return weights.to_vec();
    }
    let (mut shares, remainders): (Vec<_>, Vec<_>) = weights
        .iter()
        .map(|weight| multiply_divide(amount.0, weight.0, whole))
        .map(|(quotient, remainder)| (Bounded(quotient), remainder))
        .unzip();
    let left = shares.iter().fold(amount, |left, &part| left.minus(part));
    for index in descending(remainders).take(left.index()) {
        // Fewer units are left than there are remainders above 0. So a unit only goes to a share that was rounded down.
        if let Some(part) = shares.get_mut(index) {
            *part = Bounded(part.0.saturating_add(1));
        }
    }
    shares
}

/// The positions of these values, that of the largest value first. Equal values stay in their order.
pub(crate) fn descending(values: impl IntoIterator<Item = u64>) -> impl Iterator<Item = usize> {
    let mut heap: BinaryHeap<_> = values.into_iter().zip((0..).map(Reverse)).collect();
    std::iter::from_fn(move || heap.pop().map(|(_, Reverse(position))| position))
}

/// `a × b / c` as quotient and remainder. `b ≤ c` and `c > 0` must hold; then both results fit into 64 bits.
fn multiply_divide(a: u64, b: u64, c: u64) -> (u64, u64) {
    // The product of two 64-bit numbers always fits into 128 bits.
    let product = u128::from(a).saturating_mul(u128::from(b));
    let part = |number: Option<u128>| number.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
    (part(product.checked_div(c.into())), part(product.checked_rem(c.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sharing_loses_nothing_and_ties_go_by_position() {
        let share = |amount, weights: &[u64]| -> Vec<u64> {
            let weights: Vec<_> = weights.iter().map(|&weight| Bounded(weight)).collect();
            let shares = share(Bounded(amount), &weights);
            shares.into_iter().map(Bounded::get).collect()
        };
        assert_eq!(share(100, &[101, 101, 101]), [34, 33, 33]);
        assert_eq!(share(2, &[1, 1, 1]), [1, 1, 0]);
        assert_eq!(share(10, &[30, 10, 10]), [6, 2, 2]);
        assert_eq!(share(5, &[2, 1]), [2, 1]);
        assert_eq!(share(MAX_INTEGER - 1, &[MAX_INTEGER, 1]), [MAX_INTEGER - 2, 1]);
        assert_eq!(share(0, &[]), [0; 0]);
    }

    #[test]
    fn sums_end_at_the_range() {
        assert_eq!(sum([Bounded(MAX_INTEGER), Bounded(0)]), Some(Bounded(MAX_INTEGER)));
        assert_eq!(sum([Bounded(MAX_INTEGER), Bounded(1)]), None);
    }
}
