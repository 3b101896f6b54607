//! Groups: a discount for every so many tickets.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::{Bounded, MAX_INTEGER, Positive};
use crate::base::text::Name;
use crate::documents::discount::Discount;

/// How many tickets are one group.
pub type GroupSize = Bounded<2, MAX_INTEGER>;

/// The tickets that the buyer must buy for a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Buy {
    /// The types of the tickets that are bought, wherever they stand in the order. They are not among the tickets that
    /// the code is for, whatever its `ticket_types` say.
    pub ticket_types: Vec<Name>,
    /// How many of these tickets each group needs.
    pub tickets: Positive,
}

/// On which tickets of a group its discount lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// All tickets of the group share it in proportion to their prices, so a ticket that comes back takes its part
    /// along: three for the price of two at 45.00 is three tickets of 30.00.
    #[default]
    Group,
    /// It stays on the discounted tickets. A buyer may then give back the others, and keep what was free.
    Discounted,
}

/// The fields of a discount of kind `per_group`.
#[derive(Clone, Copy)]
pub(crate) struct Groups<'a> {
    pub size: Option<GroupSize>,
    pub buy: Option<&'a Buy>,
    pub discounted: Positive,
    pub discount: &'a Discount,
    pub max_groups: Option<Positive>,
    pub spread: Spread,
}

impl Discount {
    /// The fields of the kind `per_group`.
    pub(crate) fn groups(&self) -> Option<Groups<'_>> {
        match self {
            Self::PerGroup { size, buy, discounted, discount, max_groups, spread } => Some(Groups {
                size: *size,
                buy: buy.as_ref(),
                discounted: *discounted,
                discount,
                max_groups: *max_groups,
                spread: *spread,
            }),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => None,
            Self::FixedPrice { .. }
            | Self::OrderPrice { .. }
            | Self::Free
            | Self::None
            | Self::Tiers { .. } => None,
        }
    }
}

impl Groups<'_> {
    /// How many tickets one group needs: of those in scope, or of those that must be bought.
    pub(crate) fn needed(&self) -> u64 {
        self.size.map(Bounded::get).or(self.buy.map(|buy| buy.tickets.get())).unwrap_or_default()
    }

    /// What is wrong although each field is well-formed. Paths start at the discount.
    pub(crate) fn faults(&self) -> Vec<Error> {
        let mut faults = Vec::new();
        if self.size.is_some() == self.buy.is_some() {
            let found = if self.size.is_some() { "both" } else { "neither" };
            faults.push(Error::new("size", format!("expected exactly one of size and buy, found {found}")));
        }
        let discounted = self.discounted.get();
        if let Some(size) = self.size.map(Bounded::get).filter(|size| *size < discounted) {
            let expected = format!("expected at most the size, {size}, found {discounted}");
            faults.push(Error::new("discounted", expected));
        }
        if self.discount.leaves().is_some() || self.discount.is_of_order() || self.discount.is_none() {
            let expected = "expected a kind that takes something off each ticket by itself";
            faults.push(Error::new("kind", expected).in_field("discount"));
        }
        faults
    }
}
