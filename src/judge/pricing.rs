//! Pricing: what a code takes off each ticket.

use crate::base::money::{Integer, MAX_INTEGER, Percent, Rounding, descending, share, sum};
use crate::documents::discount::{Discount, PercentAt, PercentOf};
use crate::documents::promo::{Pick, Promo};
use crate::documents::ticket::Ticket;

/// The tickets from which the code takes something off, at the prices that the codes before it left. A code of kind
/// `none` takes nothing off; its candidates are all tickets in scope. If there are more candidates than
/// `max_tickets_per_order`, only those that the promo picks stay.
pub(crate) fn candidates(promo: &Promo, tickets: &[Ticket], mut in_scope: Vec<usize>) -> Vec<usize> {
    let discount = promo.discount();
    let discounted = |ticket: &Ticket| {
        discount == Discount::None
            || if discount.is_of_order() {
                ticket.price > Integer::ZERO
            } else {
                off(promo, ticket.unit_price, ticket.price) > Integer::ZERO
            }
    };
    in_scope.retain(|&index| tickets.get(index).is_some_and(discounted));
    match promo.max_tickets_per_order {
        Some(most) => picked(promo.pick, tickets, in_scope, most.into()),
        None => in_scope,
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

/// What the code takes off each of these tickets, scaled down to the most that it takes off one order.
pub(crate) fn discounts(promo: &Promo, tickets: &[Ticket], indexes: &[usize]) -> Vec<Integer> {
    let chosen = indexes.iter().filter_map(|&index| tickets.get(index));
    let discounts = if promo.discount().is_of_order() {
        let prices: Vec<Integer> = chosen.clone().map(|ticket| ticket.price).collect();
        // Both sums are in range: `Order::verify` has added the unit prices up, and no price exceeds its unit price.
        let unit_prices = sum(chosen.map(|ticket| ticket.unit_price)).unwrap_or_default();
        let left = sum(prices.iter().copied()).unwrap_or_default();
        share(off_together(promo, unit_prices, left), &prices)
    } else {
        chosen.map(|ticket| off(promo, ticket.unit_price, ticket.price)).collect()
    };
    match promo.max_discount {
        Some(most) => share(most, &discounts),
        None => discounts,
    }
}

/// The sum of the discounts. It is in range, because no discount exceeds its ticket's price.
pub(crate) fn total(discounts: &[Integer]) -> Integer {
    sum(discounts.iter().copied()).unwrap_or_default()
}

/// What a code takes off one ticket, of which `left` is left to pay, if the code looks at each ticket by itself. It is
/// never more than what is left.
pub(crate) fn off(promo: &Promo, unit_price: Integer, left: Integer) -> Integer {
    match promo.discount() {
        Discount::Percent { percent, of: PercentOf::Ticket, at } => {
            percent_off(percent, at, promo.rounding, unit_price, left)
        }
        Discount::AmountPerTicket { amount } => amount.min(left),
        Discount::FixedPrice { price } => left.minus(price),
        Discount::Free => left,
        Discount::Percent { of: PercentOf::Order, .. } => Integer::ZERO,
        Discount::AmountPerOrder { .. } | Discount::OrderPrice { .. } | Discount::None => Integer::ZERO,
    }
}

/// What a code takes off tickets of these sums, if it looks at them together. It is never more than what is left.
pub(crate) fn off_together(promo: &Promo, unit_prices: Integer, left: Integer) -> Integer {
    match promo.discount() {
        Discount::Percent { percent, of: PercentOf::Order, at } => {
            percent_off(percent, at, promo.rounding, unit_prices, left)
        }
        Discount::AmountPerOrder { amount } => amount.min(left),
        Discount::OrderPrice { price } => left.minus(price),
        Discount::Percent { of: PercentOf::Ticket, .. } => Integer::ZERO,
        Discount::AmountPerTicket { .. } | Discount::FixedPrice { .. } => Integer::ZERO,
        Discount::Free | Discount::None => Integer::ZERO,
    }
}

fn percent_off(percent: Percent, at: PercentAt, rounding: Rounding, unit: Integer, left: Integer) -> Integer {
    let of = match at {
        PercentAt::Left => left,
        PercentAt::List => unit,
    };
    of.minus(percent.payable(of, rounding)).min(left)
}

fn price(tickets: &[Ticket], index: usize) -> Integer {
    tickets.get(index).map_or(Integer::ZERO, |ticket| ticket.price)
}
