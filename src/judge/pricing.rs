//! Pricing: what a code takes off each ticket.

use crate::base::money::{Integer, MAX_INTEGER, Percent, Rounding, descending, share, sum};
use crate::documents::discount::{Discount, PercentAt, PercentOf};
use crate::documents::promo::{Pick, Promo};
use crate::documents::ticket::Ticket;
use crate::judge::tiers::Terms;

/// The tickets from which the code takes something off, at the prices that the codes before it left. A code of kind
/// `none` takes nothing off; its candidates are all tickets in scope. If there are more candidates than
/// `max_tickets_per_order`, only those that the promo picks stay.
pub(crate) fn candidates(
    promo: &Promo,
    terms: &Terms,
    tickets: &[Ticket],
    mut in_scope: Vec<usize>,
) -> Vec<usize> {
    let only_counts = promo.discount().is_none();
    let discounted = |index: usize| {
        let (discount, ticket) = (terms.of(index), tickets.get(index));
        ticket.is_some_and(|ticket| match discount.is_of_order() {
            true => ticket.price > Integer::ZERO,
            false => off(discount, promo.rounding, ticket) > Integer::ZERO,
        })
    };
    in_scope.retain(|&index| only_counts || discounted(index));
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
pub(crate) fn discounts(promo: &Promo, terms: &Terms, tickets: &[Ticket], indexes: &[usize]) -> Vec<Integer> {
    let chosen = indexes.iter().filter_map(|&index| Some((index, tickets.get(index)?)));
    let discounts = match terms {
        Terms::Same(discount) if discount.is_of_order() => {
            let prices: Vec<Integer> = chosen.clone().map(|(_, ticket)| ticket.price).collect();
            // Both sums are in range: `Order::verify` has added the unit prices up, and no price exceeds its unit price.
            let unit_prices = sum(chosen.map(|(_, ticket)| ticket.unit_price)).unwrap_or_default();
            let left = sum(prices.iter().copied()).unwrap_or_default();
            share(off_together(discount, promo.rounding, unit_prices, left), &prices)
        }
        Terms::Same(_) | Terms::Each(_) => {
            chosen.map(|(index, ticket)| off(terms.of(index), promo.rounding, ticket)).collect()
        }
    };
    at_most(promo, discounts)
}

/// The discounts, scaled down to the most that the code takes off one order.
pub(crate) fn at_most(promo: &Promo, discounts: Vec<Integer>) -> Vec<Integer> {
    match promo.max_discount {
        Some(most) => share(most, &discounts),
        None => discounts,
    }
}

/// The sum of the discounts. It is in range, because no discount exceeds its ticket's price.
pub(crate) fn total(discounts: &[Integer]) -> Integer {
    sum(discounts.iter().copied()).unwrap_or_default()
}

/// What a discount takes off one ticket, if it looks at each ticket by itself. It is never more than what is left to pay
/// for the ticket.
pub(crate) fn off(discount: &Discount, rounding: Rounding, ticket: &Ticket) -> Integer {
    off_price(discount, rounding, ticket.unit_price, ticket.price)
}

/// The same for a ticket of this unit price, of which `left` is left to pay.
pub(crate) fn off_price(
    discount: &Discount,
    rounding: Rounding,
    unit_price: Integer,
    left: Integer,
) -> Integer {
    match discount {
        Discount::Percent { percent, of: PercentOf::Ticket, at } => {
            percent_off(*percent, *at, rounding, unit_price, left)
        }
        Discount::AmountPerTicket { amount } => (*amount).min(left),
        Discount::FixedPrice { price } => left.minus(*price),
        Discount::Free => left,
        Discount::Percent { of: PercentOf::Order, .. } => Integer::ZERO,
        Discount::AmountPerOrder { .. } | Discount::OrderPrice { .. } | Discount::None => Integer::ZERO,
        // These have discounts of their own, see `tiers.rs` and `groups.rs`.
        Discount::Tiers { .. } | Discount::PerGroup { .. } => Integer::ZERO,
    }
}

/// What a discount takes off tickets of these sums, if it looks at them together. It is never more than what is left.
pub(crate) fn off_together(
    discount: &Discount,
    rounding: Rounding,
    unit_prices: Integer,
    left: Integer,
) -> Integer {
    match discount {
        Discount::Percent { percent, of: PercentOf::Order, at } => {
            percent_off(*percent, *at, rounding, unit_prices, left)
        }
        Discount::AmountPerOrder { amount } => (*amount).min(left),
        Discount::OrderPrice { price } => left.minus(*price),
        Discount::Percent { of: PercentOf::Ticket, .. } => Integer::ZERO,
        Discount::AmountPerTicket { .. } | Discount::FixedPrice { .. } => Integer::ZERO,
        Discount::Free | Discount::None | Discount::Tiers { .. } | Discount::PerGroup { .. } => Integer::ZERO,
    }
}

fn percent_off(percent: Percent, at: PercentAt, rounding: Rounding, unit: Integer, left: Integer) -> Integer {
    let of = match at {
        PercentAt::Left => left,
        PercentAt::List => unit,
    };
    of.minus(percent.payable(of, rounding)).min(left)
}

pub(crate) fn price(tickets: &[Ticket], index: usize) -> Integer {
    tickets.get(index).map_or(Integer::ZERO, |ticket| ticket.price)
}
