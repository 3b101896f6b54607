//! Discount: what a promotion takes off.

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::base::money::{Integer, Percent, Rounding};

/// What a code takes off, by kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Discount {
    /// A percent of the price of each ticket.
    Percent {
        /// 0 to 100, with at most 4 decimals.
        percent: Percent,
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
    /// Each ticket costs nothing.
    Free,
    /// The code takes nothing off. It is for tracking or for access, and is counted like any other.
    None,
}

// What the rest of the engine asks about a discount. Each function names every kind, so that a new kind does not
// compile before each function has an answer for it.
impl Discount {
    /// The percent off each ticket, if the discount is a percent.
    pub(crate) fn percent(&self) -> Option<Percent> {
        match self {
            Self::Percent { percent } => Some(*percent),
            Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } | Self::FixedPrice { .. } => None,
            Self::Free | Self::None => None,
        }
    }

    /// The amount off each ticket or off the order, if the discount is an amount.
    pub(crate) fn amount(&self) -> Option<Integer> {
        match self {
            Self::AmountPerTicket { amount } | Self::AmountPerOrder { amount } => Some(*amount),
            Self::Percent { .. } | Self::FixedPrice { .. } => None,
            Self::Free | Self::None => None,
        }
    }

    /// The price that each ticket then costs, if the discount is a fixed price.
    pub(crate) fn price(&self) -> Option<Integer> {
        match self {
            Self::FixedPrice { price } => Some(*price),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => None,
            Self::Free | Self::None => None,
        }
    }

    /// The amount that all tickets of an order share, if the discount is an amount off the order.
    pub(crate) fn shared(&self) -> Option<Integer> {
        match self {
            Self::AmountPerOrder { amount } => Some(*amount),
            Self::Percent { .. } | Self::AmountPerTicket { .. } | Self::FixedPrice { .. } => None,
            Self::Free | Self::None => None,
        }
    }

    /// Whether each ticket is free, whatever its price.
    pub(crate) fn makes_free(&self) -> bool {
        match self {
            Self::Free => true,
            Self::Percent { percent } => percent.payable(Integer::ONE, Rounding::Up) == Integer::ZERO,
            Self::FixedPrice { price } => *price == Integer::ZERO,
            Self::AmountPerTicket { .. } | Self::AmountPerOrder { .. } => false,
            Self::None => false,
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
    Free,
    None,
}

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

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Discount, A::Error> {
        let (mut kind, mut percent, mut amount, mut price) = (None, None, None, None);
        let mut given = Vec::new();
        while let Some(name) = fields.next_key::<String>()? {
            match name.as_str() {
                "kind" => kind = fields.next_value()?,
                "percent" => percent = fields.next_value()?,
                "amount" => amount = fields.next_value()?,
                "price" => price = fields.next_value()?,
                other => return Err(A::Error::unknown_field(other, &["kind", "percent", "amount", "price"])),
            }
            given.push(name);
        }
        let missing = A::Error::missing_field;
        let kind: DiscountKind = kind.ok_or_else(|| missing("kind"))?;
        let expected: &[&str] = match kind {
            DiscountKind::Percent => &["kind", "percent"],
            DiscountKind::AmountPerTicket | DiscountKind::AmountPerOrder => &["kind", "amount"],
            DiscountKind::FixedPrice => &["kind", "price"],
            DiscountKind::Free | DiscountKind::None => &["kind"],
        };
        if let Some(foreign) = given.iter().find(|name| !expected.contains(&name.as_str())) {
            return Err(A::Error::unknown_field(foreign, expected));
        }
        let percent = percent.ok_or_else(|| missing("percent"));
        let amount = amount.ok_or_else(|| missing("amount"));
        let price = price.ok_or_else(|| missing("price"));
        Ok(match kind {
            DiscountKind::Percent => Discount::Percent { percent: percent? },
            DiscountKind::AmountPerTicket => Discount::AmountPerTicket { amount: amount? },
            DiscountKind::AmountPerOrder => Discount::AmountPerOrder { amount: amount? },
            DiscountKind::FixedPrice => Discount::FixedPrice { price: price? },
            DiscountKind::Free => Discount::Free,
            DiscountKind::None => Discount::None,
        })
    }
}

#[test]
fn a_reader_that_is_not_ours_is_told_what_was_expected() {
    let error = serde_json::from_str::<Discount>("[]").unwrap_err().to_string();
    assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
}
