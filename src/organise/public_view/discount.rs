//! What a browser may know of a promo's discounts.

use super::times;
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::base::text::Name;
use crate::documents::discount::Discount;
use crate::documents::order::Line;
use crate::documents::promo::DiscountEntry;
use crate::judge::pricing::Pricing;

/// The amounts of a promo's discounts, as far as the orders in view need them.
pub(super) struct Amounts<'a> {
    pub(super) pricing: &'a Pricing<'a>,
    pub(super) lines: &'a [Line],
    /// The most tickets that the code may discount in one order, of the uses that are left.
    pub(super) discounted: u64,
    /// The same, before its uses are looked at.
    pub(super) per_order: u64,
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
            let off = |price| self.pricing.off(discount, price, price);
            alone = self.prices(place).map(off).fold(alone, Integer::max);
            // An order that needs more uses than are left is refused, but also judged by what would come off all of its
            // tickets. Unlike that of an amount, this may be 0 for fewer tickets.
            let tickets = if discount.amount().is_some() { self.discounted } else { self.per_order };
            let all = times(tickets, self.prices(place).max().unwrap_or_default());
            together = added(together, self.pricing.off_together(discount, all, all));
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

fn added(amount: Integer, other: Integer) -> Integer {
    amount.plus(other).unwrap_or(Integer::MOST)
}
