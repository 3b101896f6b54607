//! What a promotion takes off, in whichever of its three fields it is written.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

use super::Promo;
use crate::base::text::Name;
use crate::documents::discount::Discount;
use crate::documents::group::{Buy, Groups};

/// What the code takes off tickets of some types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DiscountEntry {
    /// The ticket types that the entry is for, unless an earlier entry names them. Null is any type; an empty list
    /// names none.
    #[serde(default)]
    pub ticket_types: Option<Vec<Name>>,
    /// What the code takes off these tickets: any kind but `per_group`.
    pub discount: Discount,
}

/// What a promotion takes off: one discount, or one for each of several lists of ticket types.
#[derive(PartialEq)]
pub(crate) enum Takes<'a> {
    One(Cow<'a, Discount>),
    ByType(&'a [DiscountEntry]),
}

impl Promo {
    /// What it takes off, from `discount`, `discount_percent` or `discounts`.
    pub(crate) fn takes(&self) -> Takes<'_> {
        match (&self.discounts, &self.discount, self.discount_percent) {
            (Some(entries), ..) => Takes::ByType(entries),
            (None, Some(discount), _) if !discount.is_none() => Takes::One(Cow::Borrowed(discount)),
            (None, None, Some(percent)) if !percent.is_zero() => {
                Takes::One(Cow::Owned(Discount::percent_off(percent)))
            }
            // A document without any of them is refused by `verify`.
            (None, ..) => Takes::One(Cow::Owned(Discount::None)),
        }
    }
}

impl Promo {
    /// What must be bought for each of its groups, if it has such groups.
    pub(crate) fn buy(&self) -> Option<&Buy> {
        self.discount.as_ref()?.groups()?.buy
    }

    /// Whether tickets of this type are bought for its groups.
    pub(crate) fn is_bought(&self, ticket_type: Option<&Name>) -> bool {
        let bought = |name: &Name| self.buy().is_some_and(|buy| buy.ticket_types.contains(name));
        ticket_type.is_some_and(bought)
    }
}

impl Takes<'_> {
    /// Each discount, in the order of the entries.
    pub(crate) fn discounts(&self) -> impl Iterator<Item = &Discount> {
        let (one, entries) = match self {
            Self::One(discount) => (Some(&**discount), &[][..]),
            Self::ByType(entries) => (None, *entries),
        };
        one.into_iter().chain(entries.iter().map(|entry| &entry.discount))
    }

    /// The place among [`Self::discounts`] of the discount of tickets of this type; `None` if no entry names it.
    pub(crate) fn place(&self, ticket_type: Option<&Name>) -> Option<usize> {
        match self {
            Self::One(_) => Some(0),
            Self::ByType(entries) => {
                entries.iter().position(|entry| listed(&entry.ticket_types, ticket_type))
            }
        }
    }

    /// Whether it takes nothing off, whatever the tickets: such a code only counts.
    pub(crate) fn is_none(&self) -> bool {
        self.discounts().all(Discount::is_none)
    }

    /// Whether every discount is a kind of the order.
    pub(crate) fn is_of_order(&self) -> bool {
        self.discounts().all(Discount::is_of_order)
    }

    /// The groups of the kind `per_group`, which stands in no entry.
    pub(crate) fn groups(&self) -> Option<Groups<'_>> {
        match self {
            Self::One(discount) => discount.groups(),
            Self::ByType(_) => None,
        }
    }

    /// Whether some tickets are free, whatever their price.
    pub(crate) fn makes_free(&self) -> bool {
        self.discounts().any(Discount::makes_free)
    }
}

/// Whether a list of ticket types admits this one. Null admits every type; a null ticket type is in no list.
pub(crate) fn listed(types: &Option<Vec<Name>>, ticket_type: Option<&Name>) -> bool {
    types.as_ref().is_none_or(|types| ticket_type.is_some_and(|name| types.contains(name)))
}
