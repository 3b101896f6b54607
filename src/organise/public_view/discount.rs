//! What a browser may see of a discount: no number in it is larger than the orders of the view need.

use crate::base::money::{Bounded, Integer, MAX_INTEGER, Positive, Rounding};
use crate::documents::discount::Discount;
use crate::documents::group::Groups;
use crate::documents::tiers::{Tier, TiersBy};
use crate::judge::pricing::{off_price, off_together};

/// The orders that a view is for.
pub(super) struct Orders {
    /// The most tickets of one order.
    pub tickets: u64,
    /// The most of them that the code may discount.
    pub per_order: u64,
    /// The prices of the tickets that the code is for.
    pub prices: Vec<Integer>,
    pub rounding: Rounding,
}

impl Orders {
    /// The largest of the prices.
    pub(super) fn dearest(&self) -> Integer {
        self.prices.iter().copied().max().unwrap_or_default()
    }

    /// The most groups of this kind that one order has tickets for.
    pub(super) fn groups(&self, kind: &Groups) -> u64 {
        let with_one = kind.buy.map_or(1, |buy| buy.tickets.get().saturating_add(1));
        self.tickets.checked_div(kind.size.map_or(with_one, Bounded::get)).unwrap_or_default()
    }

    /// The most groups of this kind in one order, of which at most `most` tickets may be discounted.
    pub(super) fn most_groups(&self, kind: &Groups, most: Option<Positive>) -> u64 {
        let by_tickets = most.and_then(|most| most.get().checked_div(kind.discounted.get()));
        let by_groups = kind.max_groups.map(Positive::get);
        [by_tickets, by_groups].into_iter().flatten().fold(self.groups(kind), u64::min)
    }

    /// The most that the discount can take off one order, if it discounts at most so many tickets.
    pub(super) fn most_off(&self, discount: &Discount, tickets: u64) -> Integer {
        match discount.leaves() {
            Some(leaves) => {
                leaves.into_iter().map(|leaf| self.most_off(leaf, tickets)).max().unwrap_or_default()
            }
            None if discount.is_of_order() => {
                let whole = times(tickets, self.dearest());
                off_together(discount, self.rounding, whole, whole)
            }
            None => {
                let off = |price: &Integer| off_price(discount, self.rounding, *price, *price);
                times(tickets, self.prices.iter().map(off).max().unwrap_or_default())
            }
        }
    }

    /// The discount without what these orders do not need. `whole` is the most that it can take off.
    pub(super) fn seen(&self, discount: &Discount, whole: Integer) -> Discount {
        let price = self.dearest();
        match discount {
            Discount::AmountPerTicket { amount } => {
                Discount::AmountPerTicket { amount: (*amount).min(price) }
            }
            Discount::AmountPerOrder { amount } => Discount::AmountPerOrder { amount: (*amount).min(whole) },
            Discount::FixedPrice { price: fixed } => Discount::FixedPrice { price: (*fixed).min(price) },
            // No order in view costs more, so a larger price takes nothing off either.
            Discount::OrderPrice { price: fixed } => {
                Discount::OrderPrice { price: (*fixed).min(times(self.per_order, price)) }
            }
            same @ (Discount::Percent { .. } | Discount::Free | Discount::None) => same.clone(),
            Discount::Tiers { by, mode, tiers } => {
                let most = match by {
                    TiersBy::Tickets => self.tickets,
                    TiersBy::Subtotal => times(self.tickets, price).get(),
                };
                let reached = tiers.iter().filter(|tier| tier.from.get() <= most);
                let seen = |tier: &Tier| Tier { from: tier.from, discount: self.seen(&tier.discount, whole) };
                let tiers: Vec<Tier> = reached.map(seen).collect();
                if tiers.iter().all(|tier| tier.discount.is_none()) {
                    // Nothing is taken off these orders. Tiers that are all of kind `none` would accept them.
                    return Discount::AmountPerTicket { amount: Integer::ZERO };
                }
                Discount::Tiers { by: *by, mode: *mode, tiers }
            }
            // `to_qualify` tells the buyer what a group needs, so `size` and `buy` stay as the organiser wrote them.
            Discount::PerGroup { size, buy, discounted, discount: each, max_groups, spread } => {
                let groups = discount.groups().map_or(0, |kind| self.groups(&kind));
                Discount::PerGroup {
                    size: *size,
                    buy: buy.clone(),
                    discounted: self.discounted(*discounted),
                    discount: Box::new(self.seen(each, whole)),
                    max_groups: max_groups.filter(|most| most.get() < groups),
                    spread: *spread,
                }
            }
        }
    }

    /// How many tickets of each group are discounted; of more than an order has, as many as an order has.
    pub(super) fn discounted(&self, discounted: Positive) -> Positive {
        Positive::new(discounted.get().min(self.tickets)).unwrap_or(Positive::LEAST)
    }
}

/// The price of so many tickets; if it is larger than an integer may be, the largest integer.
fn times(count: u64, price: Integer) -> Integer {
    Integer::new(count.saturating_mul(price.get()).min(MAX_INTEGER)).unwrap_or_default()
}
