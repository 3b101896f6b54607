//! Tiers: which discount each ticket gets in an order of this size.

use crate::base::money::{Integer, descending, sum};
use crate::base::text::Currency;
use crate::documents::discount::Discount;
use crate::documents::ticket::Ticket;
use crate::documents::tiers::{Tier, TiersBy, TiersMode};

/// Each of the tickets in scope, and the discount of the tier that it reaches, at the prices that the codes before
/// left.
pub(crate) fn reached<'a>(
    (by, mode, tiers): (TiersBy, TiersMode, &'a [Tier]),
    currency: &Currency,
    tickets: &[Ticket],
    in_scope: Vec<usize>,
) -> Vec<(usize, &'a Discount)> {
    let chosen = in_scope.iter().filter_map(|&index| tickets.get(index));
    let number = match (mode, by) {
        (TiersMode::Volume, TiersBy::Tickets) => Integer::count(in_scope.len()),
        // The sum is in range: `Order::verify` has added the prices up.
        (TiersMode::Volume, TiersBy::Subtotal) => {
            sum(chosen.map(|ticket| ticket.unit_price)).unwrap_or_default()
        }
        (TiersMode::Graduated, TiersBy::Tickets | TiersBy::Subtotal) => {
            let ranked = descending(chosen.map(|ticket| ticket.price.get())).zip(1..);
            let of = |(position, rank)| {
                Some((*in_scope.get(position)?, at(tiers, currency, Integer::count(rank))))
            };
            return ranked.filter_map(of).collect();
        }
    };
    let leaf = at(tiers, currency, number);
    in_scope.into_iter().map(|index| (index, leaf)).collect()
}

/// The discount of the last tier that begins at this number or before.
fn at<'a>(tiers: &'a [Tier], currency: &Currency, number: Integer) -> &'a Discount {
    let last = tiers.iter().rfind(|tier| tier.from.of(currency).is_some_and(|from| from <= number));
    last.map_or(&Discount::None, |tier| &tier.discount)
}
