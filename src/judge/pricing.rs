//! Pricing: what a code takes off each ticket.

use crate::base::money::{Integer, Rounding, descending, share, sum};
use crate::documents::discount::Discount;
use crate::documents::promo::Promo;
use crate::documents::ticket::Ticket;
use crate::judge::tiers::Terms;

/// The tickets from which the code takes something off, at the prices that the codes before it left. A code of kind
/// `none` takes nothing off; its candidates are all tickets in scope. If there are more candidates than
/// `max_tickets_per_order`, only the dearest stay.
pub(crate) fn candidates(
    promo: &Promo,
    terms: &Terms,
    tickets: &[Ticket],
    mut in_scope: Vec<usize>,
) -> Vec<usize> {
    let only_counts = promo.discount().is_none();
    let discounted = |index: usize| match (terms.of(index), price(tickets, index)) {
        _ if only_counts => true,
        (discount, price) if discount.is_of_order() => price > Integer::ZERO,
        (discount, price) => off(discount, promo.rounding, price) > Integer::ZERO,
    };
    in_scope.retain(|&index| discounted(index));
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
pub(crate) fn discounts(promo: &Promo, terms: &Terms, tickets: &[Ticket], indexes: &[usize]) -> Vec<Integer> {
    let priced = indexes.iter().map(|&index| (index, price(tickets, index)));
    let shared = match terms {
        Terms::Same(discount) => discount.shared(),
        Terms::Each(_) => None,
    };
    let discounts = match shared {
        Some(amount) => share(amount, &priced.map(|(_, price)| price).collect::<Vec<_>>()),
        None => priced.map(|(index, price)| off(terms.of(index), promo.rounding, price)).collect(),
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

/// What a discount takes off one ticket of this price, if it looks at each ticket by itself. It is never more than
/// the price.
pub(crate) fn off(discount: &Discount, rounding: Rounding, price: Integer) -> Integer {
    match discount {
        Discount::Percent { percent } => price.minus(percent.payable(price, rounding)),
        Discount::AmountPerTicket { amount } => (*amount).min(price),
        Discount::FixedPrice { price: fixed } => price.minus(*fixed),
        Discount::Free => price,
        Discount::AmountPerOrder { .. } | Discount::None => Integer::ZERO,
        // These have discounts of their own, see `tiers.rs` and `groups.rs`.
        Discount::Tiers { .. } | Discount::PerGroup { .. } => Integer::ZERO,
    }
}

pub(crate) fn price(tickets: &[Ticket], index: usize) -> Integer {
    tickets.get(index).map_or(Integer::ZERO, |ticket| ticket.price)
}
