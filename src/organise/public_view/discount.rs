//! What a browser may see of a promo's discounts: no number in them is larger than the orders of the view need.

use crate::base::amount::Amount;
use crate::base::money::{Bounded, Integer, MAX_INTEGER, Positive};
use crate::base::text::Name;
use crate::documents::discount::Discount;
use crate::documents::group::Groups;
use crate::documents::order::Line;
use crate::documents::promo::DiscountEntry;
use crate::documents::tiers::{Tier, TiersBy};
use crate::judge::pricing::Pricing;

/// The amounts of a promo's discounts, as far as the orders in view need them.
pub(super) struct Amounts<'a> {
    pub pricing: &'a Pricing<'a>,
    pub lines: &'a [Line],
    /// The most tickets of one order.
    pub tickets: u64,
    /// The most tickets that the code may discount in one order, of the uses that are left.
    pub discounted: u64,
    /// The same, before its uses are looked at.
    pub per_order: u64,
}

impl Amounts<'_> {
    /// The unit prices of the lines of one discount.
    fn prices(&self, place: usize) -> impl Iterator<Item = Integer> {
        let own = self.lines.iter().zip(&self.pricing.lines).filter(move |(_, of)| **of == Some(place));
        own.map(|(line, _)| line.unit_price)
    }

    /// Not less than what the code can take off one order: what the kinds of the order take off together, and the most
    /// that the other kinds take off one ticket, for each ticket.
    pub(super) fn whole(&self) -> Integer {
        let (mut together, mut alone) = (Integer::ZERO, Integer::ZERO);
        for (place, discount) in self.pricing.takes.discounts().enumerate() {
            let leaves = discount.leaves().unwrap_or_else(|| vec![discount]);
            let mut most = Integer::ZERO;
            for leaf in leaves {
                let off = |price| self.pricing.off(leaf, price, price);
                alone = self.prices(place).map(off).fold(alone, Integer::max);
                // An order that needs more uses than are left is refused, but also judged by what would come off all of
                // its tickets. Unlike that of an amount, this may be 0 for fewer tickets.
                let tickets = if leaf.amount().is_some() { self.discounted } else { self.per_order };
                let all = times(tickets, self.prices(place).max().unwrap_or_default());
                most = most.max(self.pricing.off_together(leaf, all, all));
            }
            together = added(together, most);
        }
        added(together, times(self.discounted, alone))
    }

    /// The discount, with no larger amount than an order in view needs.
    pub(super) fn seen(&self, discount: &Discount, place: usize) -> Discount {
        let price = self.prices(place).max().unwrap_or_default();
        let at_most = |amount: &Amount, most: Integer| Amount::from(self.pricing.money(amount).min(most));
        match discount {
            Discount::AmountPerTicket { amount } => {
                Discount::AmountPerTicket { amount: at_most(amount, price) }
            }
            Discount::AmountPerOrder { amount } => {
                Discount::AmountPerOrder { amount: at_most(amount, times(self.discounted, price)) }
            }
            Discount::FixedPrice { price: fixed } => Discount::FixedPrice { price: at_most(fixed, price) },
            // No order in view costs more, so a larger price takes nothing off either.
            Discount::OrderPrice { price: fixed } => {
                Discount::OrderPrice { price: at_most(fixed, times(self.per_order, price)) }
            }
            Discount::Percent { .. } | Discount::Free | Discount::None => discount.clone(),
            Discount::Tiers { .. } if discount.is_none() => Discount::None,
            Discount::Tiers { by, mode, tiers } => {
                let most = match by {
                    TiersBy::Tickets => self.tickets,
                    TiersBy::Subtotal => times(self.tickets, price).get(),
                };
                let reached = tiers.iter().filter(|tier| self.pricing.money(&tier.from).get() <= most);
                let seen = |tier: &Tier| Tier {
                    from: self.pricing.money(&tier.from).into(),
                    discount: self.seen(&tier.discount, place),
                };
                let tiers: Vec<Tier> = reached.map(seen).collect();
                if tiers.iter().all(|tier| tier.discount.is_none()) {
                    // Nothing is taken off these orders. Tiers that are all of kind `none` would accept them.
                    return Discount::AmountPerTicket { amount: Integer::ZERO.into() };
                }
                Discount::Tiers { by: *by, mode: *mode, tiers }
            }
            // `to_qualify` tells the buyer what a group needs, so `size` and `buy` stay as the organiser wrote them.
            Discount::PerGroup { size, buy, discounted, discount: each, max_groups, spread } => {
                let most = discount.groups().map_or(0, |kind| groups(self.tickets, &kind));
                Discount::PerGroup {
                    size: *size,
                    buy: buy.clone(),
                    // More than one, because one is never more than `max_tickets_per_order`.
                    discounted: Positive::new(discounted.get().min(self.tickets.max(2)))
                        .unwrap_or(Positive::LEAST),
                    discount: Box::new(self.seen(each, place)),
                    max_groups: max_groups.filter(|groups| groups.get() < most),
                    spread: *spread,
                }
            }
        }
    }

    /// The discounts of the lines, and one for all other types. The view's `ticket_types` say which types are in scope.
    pub(super) fn entries(&self, entries: &[DiscountEntry]) -> Vec<DiscountEntry> {
        let mut seen = Vec::new();
        for (place, DiscountEntry { ticket_types, discount }) in entries.iter().enumerate() {
            let own = self.lines.iter().zip(&self.pricing.lines).filter(|(_, of)| **of == Some(place));
            let own: Vec<&Line> = own.map(|(line, _)| line).collect();
            if !own.is_empty() {
                let ordered = |name: &&Name| own.iter().any(|line| line.ticket_type.as_ref() == Some(name));
                let types =
                    ticket_types.as_ref().map(|types| types.iter().filter(ordered).cloned().collect());
                seen.push(DiscountEntry { ticket_types: types, discount: self.seen(discount, place) });
            }
        }
        // A code of which only entries of kind `none` are left would be one that only counts, if it was none before.
        let only_none = seen.iter().all(|entry| entry.discount.is_none()) && !self.pricing.takes.is_none();
        let discount = if only_none { Discount::Free } else { Discount::None };
        seen.push(DiscountEntry { ticket_types: None, discount });
        seen
    }
}

/// The most groups of this kind that so many tickets form.
pub(super) fn groups(tickets: u64, kind: &Groups) -> u64 {
    let with_one = kind.buy.map_or(1, |buy| buy.tickets.get().saturating_add(1));
    tickets.checked_div(kind.size.map_or(with_one, Bounded::get)).unwrap_or_default()
}

/// The same if at most `most` tickets may be discounted.
pub(super) fn most_groups(tickets: u64, kind: &Groups, most: Option<Positive>) -> u64 {
    let by_tickets = most.and_then(|most| most.get().checked_div(kind.discounted.get()));
    let by_groups = kind.max_groups.map(Positive::get);
    [by_tickets, by_groups].into_iter().flatten().fold(groups(tickets, kind), u64::min)
}

fn added(amount: Integer, other: Integer) -> Integer {
    amount.plus(other).unwrap_or(Integer::MOST)
}

/// The price of so many tickets; if it is larger than an integer may be, the largest integer.
pub(super) fn times(count: u64, price: Integer) -> Integer {
    Integer::new(count.saturating_mul(price.get()).min(MAX_INTEGER)).unwrap_or_default()
}
