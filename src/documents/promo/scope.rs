//! Which events, currencies and tickets a promotion is for.

use std::borrow::Cow;

use super::{Promo, listed};
use crate::base::amount::Amount;
use crate::base::text::{Currency, Name};
use crate::documents::discount::Discount;

impl Promo {
    /// Every amount in it and in its pools.
    pub(crate) fn amounts(&self) -> impl Iterator<Item = &Amount> {
        let entries = self.discounts.iter().flatten().map(|entry| &entry.discount);
        let discounts = self.discount.iter().chain(entries).flat_map(Discount::amounts);
        let bounds = [&self.max_discount, &self.budget, &self.min_subtotal, &self.max_subtotal];
        let pools = self.pools.iter().map(|pool| &pool.budget);
        let required = self.requires.iter().flatten().map(|entry| &entry.min_subtotal);
        discounts.chain(bounds.into_iter().chain(pools).chain(required).flatten())
    }

    /// An amount that it does not have for orders in this currency. With one, it is for no such order.
    pub(crate) fn lacks(&self, currency: &Currency) -> Option<&Amount> {
        self.amounts().find(|amount| amount.of(currency).is_none())
    }

    /// Whether it is for this event.
    pub(crate) fn is_for(&self, event: &Name) -> bool {
        let is_in = |list: &Vec<Name>| list.contains(event);
        self.events.as_ref().is_none_or(is_in) && !self.exclude_events.as_ref().is_some_and(is_in)
    }

    /// Whether tickets of every type are in its scope.
    pub(crate) fn covers_all(&self) -> bool {
        let excludes = self.exclude_ticket_types.as_ref().is_some_and(|types| !types.is_empty());
        self.types().is_none() && !excludes && self.buy().is_none()
    }

    /// Whether tickets of this type are in its scope.
    pub(crate) fn covers(&self, ticket_type: Option<&Name>) -> bool {
        self.admits(ticket_type) && self.takes().place(ticket_type).is_some()
    }

    /// Whether `ticket_types` and `exclude_ticket_types` admit tickets of this type, and they are not bought for a
    /// group.
    pub(crate) fn admits(&self, ticket_type: Option<&Name>) -> bool {
        let is_in = |list: &Vec<Name>| ticket_type.is_some_and(|name| list.contains(name));
        listed(&self.ticket_types, ticket_type)
            && !self.exclude_ticket_types.as_ref().is_some_and(is_in)
            && !self.is_bought(ticket_type)
    }

    /// Whether tickets of this type may be bought with it where the policy locks the type.
    pub(crate) fn opens(&self, ticket_type: Option<&Name>) -> bool {
        ticket_type.is_some_and(|name| self.unlocks.as_ref().is_some_and(|types| types.contains(name)))
    }

    /// The listed ticket types of its scope: `ticket_types`, and those that `discounts` names. `None` is any type.
    pub(crate) fn types(&self) -> Option<Cow<'_, [Name]>> {
        let named = match &self.discounts {
            Some(entries) if entries.iter().all(|entry| entry.ticket_types.is_some()) => {
                let types = entries.iter().flat_map(|entry| entry.ticket_types.iter().flatten());
                types.filter(|name| listed(&self.ticket_types, Some(name)))
            }
            Some(_) | None => return self.ticket_types.as_deref().map(Cow::Borrowed),
        };
        let mut types: Vec<Name> = Vec::new();
        for name in named {
            if !types.contains(name) {
                types.push(name.clone());
            }
        }
        Some(Cow::Owned(types))
    }
}
