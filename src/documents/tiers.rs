//! Tiers: another discount for larger orders.

use serde::{Deserialize, Serialize};

use crate::base::amount::Amount;
use crate::base::error::Error;
use crate::base::money::Integer;
use crate::documents::discount::Discount;

pub(crate) const MAX_TIERS: usize = 32;

/// What decides which tier an order reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TiersBy {
    /// The number of tickets of the code's types.
    Tickets,
    /// The sum of their prices before any discount. The mode is then `volume`.
    Subtotal,
}

/// For which tickets a tier holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TiersMode {
    /// The last tier that the order reaches holds for all tickets of the code's types.
    Volume,
    /// Each tier holds for the tickets from its own number on: with tiers from 1 and from 4, the fourth ticket is the
    /// first of the second tier. The dearest ticket is number 1; of two that cost the same, the first comes first.
    Graduated,
}

/// One tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// Where the tier begins, from 1: a number of tickets, or by subtotal an amount in minor units. It is more than
    /// that of the tier before.
    pub from: Amount,
    /// What is taken off in this tier: any kind but `tiers` and `per_group`; if the mode is `graduated`, a kind that
    /// looks at each ticket by itself. Of kind `none`, nothing is taken off, and the tickets are not counted.
    #[cfg_attr(feature = "schema", schemars(with = "crate::crossing::schema::SimpleDiscount"))]
    pub discount: Discount,
}

impl Discount {
    /// Its tiers; of other kinds none.
    pub(crate) fn tiers(&self) -> &[Tier] {
        match self {
            Self::Tiers { tiers, .. } => tiers,
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => &[],
            Self::FixedPrice { .. } | Self::OrderPrice { .. } | Self::Free | Self::None => &[],
            Self::PerGroup { .. } => &[],
        }
    }

    /// The discounts of its tiers or of its groups; of other kinds `None`.
    pub(crate) fn leaves(&self) -> Option<Vec<&Self>> {
        match self {
            Self::Tiers { tiers, .. } => Some(tiers.iter().map(|tier| &tier.discount).collect()),
            Self::PerGroup { discount, .. } => Some(vec![discount]),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => None,
            Self::FixedPrice { .. } | Self::OrderPrice { .. } | Self::Free | Self::None => None,
        }
    }
}

/// What is wrong with tiers although each field is well-formed. Paths start at the discount.
pub(crate) fn faults(by: TiersBy, mode: TiersMode, tiers: &[Tier]) -> Vec<Error> {
    let mut faults = Vec::new();
    let count = tiers.len();
    if by == TiersBy::Subtotal && mode != TiersMode::Volume {
        faults.push(Error::new("mode", "expected volume, because the tiers are by subtotal"));
    }
    if !(1..=MAX_TIERS).contains(&count) {
        faults.push(Error::new("tiers", format!("expected 1 to {MAX_TIERS} tiers, found {count}")));
    }
    let mut before: Option<&Amount> = None;
    for (index, tier) in tiers.iter().enumerate() {
        let in_tier = |error: Error| error.in_element(index).in_field("tiers");
        let by_currency = tier.from.currencies().next().is_some();
        let zero = tier.from.numbers().any(|(_, from)| from == Integer::ZERO);
        let above = before.and_then(|before| before.beside(&tier.from, |before, from| from <= before));
        let expected = if by == TiersBy::Tickets && by_currency {
            Some("expected an integer, because the tiers are by tickets".to_owned())
        } else if zero {
            Some("expected at least 1, found 0".to_owned())
        } else {
            above.map(|(_, before, from)| {
                let (before, from) = (before.get(), from.get());
                format!("expected more than the {before} of the tier before, found {from}")
            })
        };
        faults.extend(expected.map(|expected| in_tier(Error::new("from", expected))));
        before = Some(&tier.from);
        let expected = match mode {
            _ if tier.discount.leaves().is_some() => "expected any kind but tiers and per_group",
            TiersMode::Graduated if tier.discount.is_of_order() => {
                "expected a kind that looks at each ticket by itself, because the mode is graduated"
            }
            TiersMode::Graduated | TiersMode::Volume => continue,
        };
        faults.push(in_tier(Error::new("kind", expected).in_field("discount")));
    }
    faults
}
