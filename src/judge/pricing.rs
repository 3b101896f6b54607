//! Pricing: what a code takes off each ticket.

use crate::base::amount::Amount;
use crate::base::money::{Integer, MAX_INTEGER, Percent, descending, share, sum};
use crate::base::text::Currency;
use crate::documents::discount::{Discount, PercentAt, PercentOf};
use crate::documents::order::{Line, Order};
use crate::documents::promo::{Pick, Promo, Takes};
use crate::documents::ticket::Ticket;
use crate::judge::tiers;

/// The discounts of one promo for the lines of one order.
pub(crate) struct Pricing<'a> {
    promo: &'a Promo,
    pub takes: Takes<'a>,
    /// By line, the place of its discount; `None` if the line is out of scope.
    pub lines: Vec<Option<usize>>,
    /// By ticket, the discount of the tier that it reaches; empty if the promo has no tiers.
    reached: Vec<&'a Discount>,
    currency: &'a Currency,
}

impl<'a> Pricing<'a> {
    pub(crate) fn new(promo: &'a Promo, order: &'a Order) -> Self {
        let takes = promo.takes();
        let place = |line: &Line| {
            let place = takes.place(line.ticket_type.as_ref());
            place.filter(|_| promo.admits(line.ticket_type.as_ref()))
        };
        let lines = order.lines.iter().map(place).collect();
        Self { promo, takes, lines, reached: Vec::new(), currency: &order.currency }
    }

    /// Finds the tier that each ticket reaches, at the prices that the codes before it left.
    pub(crate) fn reach_tiers(&mut self, tickets: &[Ticket], in_scope: &[usize]) {
        let promo = self.promo;
        let entries = promo.discounts.iter().flatten().map(|entry| &entry.discount);
        for (place, discount) in promo.discount.iter().chain(entries).enumerate() {
            let Discount::Tiers { by, mode, tiers } = discount else { continue };
            let is_own =
                |index: &usize| tickets.get(*index).and_then(|ticket| self.place(ticket)) == Some(place);
            let own: Vec<usize> = in_scope.iter().copied().filter(is_own).collect();
            self.reached.resize(tickets.len(), &Discount::None);
            for (index, leaf) in tiers::reached((*by, *mode, tiers), self.currency, tickets, own) {
                self.reached.get_mut(index).into_iter().for_each(|reached| *reached = leaf);
            }
        }
    }

    /// The tickets of the order that are in the promo's scope.
    pub(crate) fn in_scope(&self, tickets: &[Ticket]) -> Vec<usize> {
        (0..)
            .zip(tickets)
            .filter(|(_, ticket)| self.place(ticket).is_some())
            .map(|(index, _)| index)
            .collect()
    }

    /// The place of the ticket's discount.
    fn place(&self, ticket: &Ticket) -> Option<usize> {
        self.lines.get(ticket.line.index()).copied().flatten()
    }

    /// The discount of the ticket.
    fn discount(&self, index: usize, ticket: &Ticket) -> Option<&Discount> {
        let discount = match &self.takes {
            Takes::One(discount) => discount,
            Takes::ByType(entries) => &entries.get(self.place(ticket)?)?.discount,
        };
        Some(self.leaf(discount, index))
    }

    /// The discount itself, or of tiers the discount of the tier that the ticket reaches.
    fn leaf<'b>(&'b self, discount: &'b Discount, index: usize) -> &'b Discount {
        match self.reached.get(index) {
            Some(leaf) if matches!(discount, Discount::Tiers { .. }) => leaf,
            Some(_) | None => discount,
        }
    }

    /// The tickets from which the code takes something off, at the prices that the codes before it left. A code that
    /// takes nothing off has all tickets in scope as candidates. If there are more candidates than
    /// `max_tickets_per_order`, only those that the promo picks stay. `is_taken` says of each ticket whether an earlier
    /// code has it for itself.
    pub(crate) fn candidates(
        &self,
        (tickets, is_taken): (&[Ticket], &dyn Fn(usize) -> bool),
        mut in_scope: Vec<usize>,
    ) -> Vec<usize> {
        if !self.takes.is_none() {
            let discounted = |index: usize, ticket: &Ticket| {
                self.discount(index, ticket).is_some_and(|discount| {
                    if discount.is_of_order() {
                        ticket.price > Integer::ZERO
                    } else {
                        self.off(discount, ticket.unit_price, ticket.price) > Integer::ZERO
                    }
                })
            };
            in_scope.retain(|&index| {
                !is_taken(index) && tickets.get(index).is_some_and(|ticket| discounted(index, ticket))
            });
        }
        match self.promo.max_tickets_per_order {
            Some(most) => picked(self.promo.pick, tickets, in_scope, most.into()),
            None => in_scope,
        }
    }

    /// What the code takes off each of these tickets, scaled down to the most that it takes off one order.
    pub(crate) fn discounts(&self, tickets: &[Ticket], indexes: &[usize]) -> Vec<Integer> {
        let discounts = match &self.takes {
            Takes::One(discount) => self.of_one(discount, tickets, indexes),
            Takes::ByType(entries) => {
                let mut all = vec![Integer::ZERO; indexes.len()];
                for (place, entry) in entries.iter().enumerate() {
                    let is_own = |index: usize| {
                        tickets.get(index).and_then(|ticket| self.place(ticket)) == Some(place)
                    };
                    let own = (0..).zip(indexes.iter().copied()).filter(|(_, index)| is_own(*index));
                    let (positions, own): (Vec<usize>, Vec<usize>) = own.unzip();
                    for (position, off) in
                        positions.into_iter().zip(self.of_one(&entry.discount, tickets, &own))
                    {
                        all.get_mut(position).into_iter().for_each(|discount| *discount = off);
                    }
                }
                all
            }
        };
        self.at_most(discounts)
    }

    /// The discounts, scaled down to the most that the code takes off one order.
    pub(crate) fn at_most(&self, discounts: Vec<Integer>) -> Vec<Integer> {
        match self.promo.max_discount.as_ref().and_then(|most| most.of(self.currency)) {
            Some(most) => share(most, &discounts),
            None => discounts,
        }
    }

    /// What one of the discounts takes off each of these tickets.
    fn of_one(&self, discount: &Discount, tickets: &[Ticket], indexes: &[usize]) -> Vec<Integer> {
        let chosen = indexes.iter().filter_map(|&index| tickets.get(index));
        // A tier of a kind of the order holds for all tickets, so it is that of the first one.
        let first = indexes.first().map_or(discount, |&index| self.leaf(discount, index));
        if !first.is_of_order() {
            let off = |(index, ticket): (&usize, &Ticket)| {
                self.off(self.leaf(discount, *index), ticket.unit_price, ticket.price)
            };
            return indexes.iter().zip(chosen).map(off).collect();
        }
        let prices: Vec<Integer> = chosen.clone().map(|ticket| ticket.price).collect();
        // Both sums are in range: `Order::verify` has added the unit prices up, and no price exceeds its unit price.
        let unit_prices = sum(chosen.map(|ticket| ticket.unit_price)).unwrap_or_default();
        share(self.off_together(first, unit_prices, total(&prices)), &prices)
    }

    /// What the discount takes off one ticket, of which `left` is left to pay, if it looks at each ticket by itself. It
    /// is never more than what is left.
    pub(crate) fn off(&self, discount: &Discount, unit_price: Integer, left: Integer) -> Integer {
        match discount {
            Discount::Percent { percent, of: PercentOf::Ticket, at } => {
                self.percent_off(*percent, *at, unit_price, left)
            }
            Discount::AmountPerTicket { amount } => self.money(amount).min(left),
            Discount::FixedPrice { price } => left.minus(self.money(price)),
            Discount::Free => left,
            Discount::Percent { of: PercentOf::Order, .. } => Integer::ZERO,
            Discount::AmountPerOrder { .. } | Discount::OrderPrice { .. } | Discount::None => Integer::ZERO,
            // These have discounts of their own, see `tiers.rs` and `groups.rs`.
            Discount::Tiers { .. } | Discount::PerGroup { .. } => Integer::ZERO,
        }
    }

    /// What the discount takes off tickets of these sums, if it looks at them together. It is never more than what is
    /// left.
    pub(crate) fn off_together(&self, discount: &Discount, unit_prices: Integer, left: Integer) -> Integer {
        match discount {
            Discount::Percent { percent, of: PercentOf::Order, at } => {
                self.percent_off(*percent, *at, unit_prices, left)
            }
            Discount::AmountPerOrder { amount } => self.money(amount).min(left),
            Discount::OrderPrice { price } => left.minus(self.money(price)),
            Discount::Percent { of: PercentOf::Ticket, .. } => Integer::ZERO,
            Discount::AmountPerTicket { .. } | Discount::FixedPrice { .. } => Integer::ZERO,
            Discount::Free | Discount::None => Integer::ZERO,
            Discount::Tiers { .. } | Discount::PerGroup { .. } => Integer::ZERO,
        }
    }

    /// The amount in the order's currency. A promo that lacks one is judged no further than its standing conditions.
    pub(crate) fn money(&self, amount: &Amount) -> Integer {
        amount.of(self.currency).unwrap_or_default()
    }

    fn percent_off(&self, percent: Percent, at: PercentAt, unit_price: Integer, left: Integer) -> Integer {
        let of = match at {
            PercentAt::Left => left,
            PercentAt::List => unit_price,
        };
        of.minus(percent.payable(of, self.promo.rounding)).min(left)
    }
}

/// The `most` dearest or cheapest of these tickets, in the order of their positions. Of two that cost the same, the
/// first is taken.
pub(crate) fn picked(pick: Pick, tickets: &[Ticket], indexes: Vec<usize>, most: Integer) -> Vec<usize> {
    let prices = indexes.iter().map(|&index| price(tickets, index).get()).map(|price| match pick {
        Pick::Dearest => price,
        Pick::Cheapest => MAX_INTEGER.saturating_sub(price),
    });
    let mut kept = vec![false; indexes.len()];
    for position in descending(prices).take(most.index()) {
        if let Some(kept) = kept.get_mut(position) {
            *kept = true;
        }
    }
    indexes.into_iter().zip(kept).filter_map(|(index, kept)| kept.then_some(index)).collect()
}

/// The sum of the discounts. It is in range, because no discount exceeds its ticket's price.
pub(crate) fn total(discounts: &[Integer]) -> Integer {
    sum(discounts.iter().copied()).unwrap_or_default()
}

pub(crate) fn price(tickets: &[Ticket], index: usize) -> Integer {
    tickets.get(index).map_or(Integer::ZERO, |ticket| ticket.price)
}
