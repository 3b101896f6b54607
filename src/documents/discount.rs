//! Discount: what a promotion takes off.

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::base::error::Error;
use crate::base::money::{Integer, Percent, Positive, Rounding};
use crate::documents::group::{Buy, GroupSize, Groups, Spread};
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
        amount: Integer,
    },
    /// An amount off the order, shared among its tickets in proportion to their prices.
    AmountPerOrder {
        /// How much, in minor units. An order that costs less is free.
        amount: Integer,
    },
    /// Each ticket costs this price, unless it is cheaper.
    FixedPrice {
        /// The price, in minor units.
        price: Integer,
    },
    /// All tickets together cost this price, unless they are cheaper. What they cost more is taken off, shared among
    /// the tickets in proportion to their prices.
    OrderPrice {
        /// The price, in minor units.
        price: Integer,
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
        /// The tickets that must be bought for each group. The cheapest of the code's tickets are discounted. Null where
        /// `size` says what a group is.
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
    pub(crate) fn amount(&self) -> Option<Integer> {
        match self {
            Self::AmountPerTicket { amount } | Self::AmountPerOrder { amount } => Some(*amount),
            Self::Percent { .. } | Self::FixedPrice { .. } | Self::OrderPrice { .. } => None,
            Self::Free | Self::None | Self::Tiers { .. } | Self::PerGroup { .. } => None,
        }
    }

    /// The price that each ticket or the order then costs, if the discount is a price.
    pub(crate) fn price(&self) -> Option<Integer> {
        match self {
            Self::FixedPrice { price } | Self::OrderPrice { price } => Some(*price),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => None,
            Self::Free | Self::None | Self::Tiers { .. } | Self::PerGroup { .. } => None,
        }
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

    /// The discounts of its tiers or of its groups; of other kinds `None`.
    pub(crate) fn leaves(&self) -> Option<Vec<&Self>> {
        match self {
            Self::Tiers { tiers, .. } => Some(tiers.iter().map(|tier| &tier.discount).collect()),
            Self::PerGroup { discount, .. } => Some(vec![discount]),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => None,
            Self::FixedPrice { .. } | Self::OrderPrice { .. } | Self::Free | Self::None => None,
        }
    }

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

    /// Whether it can make tickets free, whatever their price. A group does if all its tickets are discounted, or its
    /// discount stays on the discounted ones, or if what must be bought for it may be much cheaper.
    pub(crate) fn makes_free(&self) -> bool {
        match self {
            Self::Free => true,
            Self::Percent { percent, .. } => percent.payable(Integer::ONE, Rounding::Up) == Integer::ZERO,
            Self::FixedPrice { price } | Self::OrderPrice { price } => *price == Integer::ZERO,
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

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DiscountKind {
    Percent,
    AmountPerTicket,
    AmountPerOrder,
    FixedPrice,
    OrderPrice,
    Free,
    None,
    Tiers,
    PerGroup,
}

/// The fields of all kinds.
const FIELDS: &[&str] = &[
    "kind",
    "percent",
    "of",
    "at",
    "amount",
    "price",
    "by",
    "mode",
    "tiers",
    "size",
    "buy",
    "discounted",
    "discount",
    "max_groups",
    "spread",
];

// Written by hand, because serde's own reading of tagged enums loses the path of a mistake.
impl<'de> Deserialize<'de> for Discount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DiscountVisitor)
    }
}

struct DiscountVisitor;

impl<'de> Visitor<'de> for DiscountVisitor {
    type Value = Discount;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    /// A stand-in, which `crossing/draft.rs` explains, is read as a discount of kind `none`.
    fn visit_unit<E>(self) -> Result<Discount, E> {
        Ok(Discount::None)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Discount, A::Error> {
        let (mut kind, mut percent, mut amount, mut price) = (None, None, None, None);
        let (mut of, mut at) = (None, None);
        let (mut by, mut mode, mut tiers) = (None, None, None);
        let (mut size, mut buy, mut discounted, mut discount) = (None, None, None, None);
        let (mut max_groups, mut spread) = (None, None);
        let mut given = Vec::new();
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "kind" => kind = fields.next_value()?,
                "percent" => percent = fields.next_value()?,
                "of" => of = fields.next_value()?,
                "at" => at = fields.next_value()?,
                "amount" => amount = fields.next_value()?,
                "price" => price = fields.next_value()?,
                "by" => by = fields.next_value()?,
                "mode" => mode = fields.next_value()?,
                "tiers" => tiers = fields.next_value()?,
                "size" => size = fields.next_value()?,
                "buy" => buy = fields.next_value()?,
                "discounted" => discounted = fields.next_value()?,
                "discount" => discount = fields.next_value()?,
                "max_groups" => max_groups = fields.next_value()?,
                "spread" => spread = fields.next_value()?,
                other => return Err(A::Error::unknown_field(other, FIELDS)),
            }
            given.push(name);
        }
        let missing = A::Error::missing_field;
        let kind: DiscountKind = kind.ok_or_else(|| missing("kind"))?;
        let expected: &[&str] = match kind {
            DiscountKind::Percent => &["kind", "percent", "of", "at"],
            DiscountKind::AmountPerTicket | DiscountKind::AmountPerOrder => &["kind", "amount"],
            DiscountKind::FixedPrice | DiscountKind::OrderPrice => &["kind", "price"],
            DiscountKind::Free | DiscountKind::None => &["kind"],
            DiscountKind::Tiers => &["kind", "by", "mode", "tiers"],
            DiscountKind::PerGroup => {
                &["kind", "size", "buy", "discounted", "discount", "max_groups", "spread"]
            }
        };
        if let Some(foreign) = given.iter().find(|name| !expected.contains(&name.as_str())) {
            return Err(A::Error::unknown_field(foreign, expected));
        }
        let percent = percent.ok_or_else(|| missing("percent"));
        let amount = amount.ok_or_else(|| missing("amount"));
        let price = price.ok_or_else(|| missing("price"));
        Ok(match kind {
            DiscountKind::Percent => Discount::Percent {
                percent: percent?,
                of: of.unwrap_or_default(),
                at: at.unwrap_or_default(),
            },
            DiscountKind::AmountPerTicket => Discount::AmountPerTicket { amount: amount? },
            DiscountKind::AmountPerOrder => Discount::AmountPerOrder { amount: amount? },
            DiscountKind::FixedPrice => Discount::FixedPrice { price: price? },
            DiscountKind::OrderPrice => Discount::OrderPrice { price: price? },
            DiscountKind::Free => Discount::Free,
            DiscountKind::None => Discount::None,
            DiscountKind::Tiers => Discount::Tiers {
                by: by.ok_or_else(|| missing("by"))?,
                mode: mode.ok_or_else(|| missing("mode"))?,
                tiers: tiers.ok_or_else(|| missing("tiers"))?,
            },
            DiscountKind::PerGroup => Discount::PerGroup {
                size,
                buy,
                discounted: discounted.ok_or_else(|| missing("discounted"))?,
                discount: discount.unwrap_or_else(free),
                max_groups,
                spread: spread.unwrap_or_default(),
            },
        })
    }
}

#[test]
fn a_reader_that_is_not_ours_is_told_what_was_expected() {
    let error = serde_json::from_str::<Discount>("[]").unwrap_err().to_string();
    assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
}
