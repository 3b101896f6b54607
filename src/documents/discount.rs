//! Discount: what a promotion takes off.

mod read;

use serde::{Deserialize, Serialize};

use crate::base::amount::Amount;
use crate::base::error::Error;
use crate::base::money::{Integer, Percent, Positive, Rounding};
use crate::documents::group::{Buy, GroupSize, Spread};
use crate::documents::tiers::{self, Tier, TiersBy, TiersMode};

/// What a code takes off, by kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Discount {
    /// A percent of the price of each ticket, or of all tickets together.
    Percent {
        /// 0 to 100, with at most 4 decimals.
        percent: Percent,
        /// Whether each ticket's price is rounded, or only the sum of the prices.
        #[serde(default)]
        of: PercentOf,
        /// Whether it is a percent of the price that earlier codes left, or of the price before any discount.
        #[serde(default)]
        at: PercentAt,
    },
    /// An amount off each ticket.
    AmountPerTicket {
        /// How much, in minor units. A ticket that costs less is free.
        amount: Amount,
    },
    /// An amount off the order, shared among its tickets in proportion to their prices.
    AmountPerOrder {
        /// How much, in minor units. An order that costs less is free.
        amount: Amount,
    },
    /// Each ticket costs this price, unless it is cheaper.
    FixedPrice {
        /// The price, in minor units.
        price: Amount,
    },
    /// All tickets together cost this price, unless they are cheaper. What they cost more is taken off, shared among
    /// the tickets in proportion to their prices.
    OrderPrice {
        /// The price, in minor units.
        price: Amount,
    },
    /// Each ticket costs nothing.
    Free,
    /// The code takes nothing off. It is for tracking or for access, and is counted like any other.
    None,
    /// Another discount for larger orders. Below the first tier, nothing is taken off.
    Tiers {
        /// What decides which tier an order reaches.
        by: TiersBy,
        /// For which tickets a tier holds.
        mode: TiersMode,
        /// 1 to 32 tiers, the first one first.
        #[cfg_attr(feature = "schema", schemars(length(min = 1, max = tiers::MAX_TIERS)))]
        tiers: Vec<Tier>,
    },
    /// A discount for each complete group of tickets, such as three for the price of two. A ticket that costs nothing
    /// is in no group. What is left over has no discount.
    PerGroup {
        /// How many of the code's tickets are one group. The cheapest tickets are discounted, and the dearest fill the
        /// groups up. Null where `buy` says what a group is.
        #[serde(default)]
        size: Option<GroupSize>,
        /// The tickets that must be bought for each group. The cheapest of the code's tickets are discounted. Null
        /// where `size` says what a group is.
        #[serde(default)]
        buy: Option<Buy>,
        /// How many tickets of each group are discounted, at most its `size`.
        discounted: Positive,
        /// What is taken off each of them: a kind that takes something off each ticket by itself.
        #[serde(default = "free")]
        #[cfg_attr(feature = "schema", schemars(with = "crate::crossing::schema::SimpleDiscount"))]
        discount: Box<Discount>,
        /// The most groups in one order. Null is no limit.
        #[serde(default)]
        #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "groups")))]
        max_groups: Option<Positive>,
        /// On which tickets of a group its discount lies.
        #[serde(default)]
        spread: Spread,
    },
}

fn free() -> Box<Discount> {
    Box::new(Discount::Free)
}

/// Of what a percent is taken and rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PercentOf {
    /// Of each ticket's price.
    #[default]
    Ticket,
    /// Of the sum of the prices, shared among the tickets in proportion to their prices.
    Order,
}

/// Which price a percent is taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PercentAt {
    /// Of the price that earlier codes left: after 10 percent, 10 percent more are 19 percent together.
    #[default]
    Left,
    /// Of the price before any discount, but never more than is left: twice 10 percent are 20 percent together.
    List,
}

// What the rest of the engine asks about a discount. Each function names every kind, so that a new kind does not
// compile before each function has an answer for it.
impl Discount {
    /// A percent of the price that is left of each ticket.
    pub const fn percent_off(percent: Percent) -> Self {
        Self::Percent { percent, of: PercentOf::Ticket, at: PercentAt::Left }
    }

    /// The percent that it takes off, if it is a percent.
    pub(crate) fn percent(&self) -> Option<Percent> {
        match self {
            Self::Percent { percent, .. } => Some(*percent),
            Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => None,
            Self::FixedPrice { .. } | Self::OrderPrice { .. } | Self::Free | Self::None => None,
            Self::Tiers { .. } | Self::PerGroup { .. } => None,
        }
    }

    /// The amount off each ticket or off the order, if the discount is an amount.
    pub(crate) fn amount(&self) -> Option<&Amount> {
        match self {
            Self::AmountPerTicket { amount } | Self::AmountPerOrder { amount } => Some(amount),
            Self::Percent { .. } | Self::FixedPrice { .. } | Self::OrderPrice { .. } => None,
            Self::Free | Self::None | Self::Tiers { .. } | Self::PerGroup { .. } => None,
        }
    }

    /// The price that each ticket or the order then costs, if the discount is a price.
    pub(crate) fn price(&self) -> Option<&Amount> {
        match self {
            Self::FixedPrice { price } | Self::OrderPrice { price } => Some(price),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => None,
            Self::Free | Self::None | Self::Tiers { .. } | Self::PerGroup { .. } => None,
        }
    }

    /// The amounts in it, those of its tiers and of its groups included.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = &Amount> {
        fn own(discount: &Discount) -> impl Iterator<Item = &Amount> {
            discount.amount().into_iter().chain(discount.price())
        }
        fn of_tier(tier: &Tier) -> impl Iterator<Item = &Amount> {
            std::iter::once(&tier.from).chain(own(&tier.discount))
        }
        let groups = self.groups().map(|kind| kind.discount).into_iter();
        own(self).chain(self.tiers().iter().flat_map(of_tier)).chain(groups.flat_map(own))
    }

    /// Whether it is a kind of the order: it looks at the tickets together, and they share what it takes off. Tiers
    /// are if each of their discounts is.
    pub(crate) fn is_of_order(&self) -> bool {
        match self {
            Self::Percent { percent, of, .. } => *of == PercentOf::Order && !percent.is_zero(),
            Self::AmountPerOrder { .. } | Self::OrderPrice { .. } => true,
            Self::AmountPerTicket { .. } | Self::FixedPrice { .. } | Self::Free | Self::None => false,
            Self::Tiers { tiers, .. } => tiers.iter().all(|tier| tier.discount.is_of_order()),
            Self::PerGroup { .. } => false,
        }
    }

    /// Whether it is of kind `none`: 0 percent is, and so are tiers that are all of kind `none`.
    pub(crate) fn is_none(&self) -> bool {
        match self {
            Self::None => true,
            Self::Percent { percent, .. } => percent.is_zero(),
            Self::Tiers { tiers, .. } => tiers.iter().all(|tier| tier.discount.is_none()),
            Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } | Self::FixedPrice { .. } => false,
            Self::OrderPrice { .. } | Self::Free | Self::PerGroup { .. } => false,
        }
    }

    /// What is wrong although each field is well-formed. Paths start at the discount.
    pub(crate) fn faults(&self) -> Vec<Error> {
        match self {
            Self::Tiers { by, mode, tiers } => tiers::faults(*by, *mode, tiers),
            Self::PerGroup { .. } => self.groups().map(|groups| groups.faults()).unwrap_or_default(),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => Vec::new(),
            Self::FixedPrice { .. } | Self::OrderPrice { .. } | Self::Free | Self::None => Vec::new(),
        }
    }

    /// Whether it can make tickets free, whatever their price, in any currency. A group does if all its tickets are
    /// discounted, or its discount stays on the discounted ones, or if what must be bought for it may be much cheaper.
    pub(crate) fn makes_free(&self) -> bool {
        match self {
            Self::Free => true,
            Self::Percent { percent, .. } => percent.payable(Integer::ONE, Rounding::Up) == Integer::ZERO,
            Self::FixedPrice { price } | Self::OrderPrice { price } => {
                price.numbers().any(|(_, price)| price == Integer::ZERO)
            }
            Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => false,
            Self::None => false,
            Self::Tiers { tiers, .. } => tiers.iter().any(|tier| tier.discount.makes_free()),
            Self::PerGroup { size, discounted, discount, spread, .. } => {
                let whole = size.is_none_or(|size| size.get() == discounted.get());
                (whole || *spread == Spread::Discounted) && discount.makes_free()
            }
        }
    }
}
