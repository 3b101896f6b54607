//! Reads a discount.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use std::fmt;

use super::{Discount, free};

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
