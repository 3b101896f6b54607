//! Pricing: what a code takes off each ticket.

use crate::base::money::{Integer, descending, share, sum};
use crate::documents::discount::Discount;
use crate::documents::promo::Promo;
use crate::documents::ticket::Ticket;

/// The tickets from which the code takes something off, at the prices that the codes before it left. A code of kind
/// `none` takes nothing off; its candidates are all tickets in scope. If there are more candidates than
/// `max_tickets_per_order`, only the dearest stay.
pub(crate) fn candidates(promo: &Promo, tickets: &[Ticket], mut in_scope: Vec<usize>) -> Vec<usize> {
    let discount = promo.discount();
    let discounted = |price: Integer| match discount.shared() {
        _ if discount == Discount::None => true,
        Some(_) => price > Integer::ZERO,
        None => off(promo, price) > Integer::ZERO,
    };
    in_scope.retain(|&index| discounted(price(tickets, index)));
    match promo.max_tickets_per_order {
        Some(most) => dearest(tickets, in_scope, most.into()),
        None => in_scope,
    }
}

/// The `most` dearest of these tickets, in the order of their positions. Of two that cost the same, the first is taken.
pub(crate) fn dearest(tickets: &[Ticket], indexes: Vec<usize>, most: Integer) -> Vec<usize> {
    let prices = indexes.iter().map(|&index| price(tickets, index).get());
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
    let prices: Vec<Integer> = indexes.iter().map(|&index| price(tickets, index)).collect();
    let discounts = match promo.discount().shared() {
        Some(amount) => share(amount, &prices),
        None => prices.into_iter().map(|price| off(promo, price)).collect(),
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

/// What a code takes off one ticket of this price, if it looks at each ticket by itself. It is never more than the
/// price.
pub(crate) fn off(promo: &Promo, price: Integer) -> Integer {
    match promo.discount() {
        Discount::Percent { percent } => price.minus(percent.payable(price, promo.rounding)),
        Discount::AmountPerTicket { amount } => amount.min(price),
        Discount::FixedPrice { price: fixed } => price.minus(fixed),
        Discount::Free => price,
        Discount::AmountPerOrder { .. } | Discount::None => Integer::ZERO,
    }
}

fn price(tickets: &[Ticket], index: usize) -> Integer {
    tickets.get(index).map_or(Integer::ZERO, |ticket| ticket.price)
}
