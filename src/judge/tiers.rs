//! Tiers: which discount each ticket gets in an order of this size.

use crate::base::money::{Integer, descending, sum};
use crate::documents::discount::Discount;
use crate::documents::ticket::Ticket;
use crate::documents::tiers::{Tier, TiersBy, TiersMode};

/// The discount of each ticket of an order.
pub(crate) enum Terms<'a> {
    /// One for every ticket.
    Same(&'a Discount),
    /// One for each ticket, by its index.
    Each(Vec<&'a Discount>),
}

impl<'a> Terms<'a> {
    pub(crate) fn of(&self, index: usize) -> &'a Discount {
        match self {
            Self::Same(discount) => discount,
            Self::Each(each) => each.get(index).copied().unwrap_or(&Discount::None),
        }
    }
}

/// The discount of each of the tickets in scope, at the prices that the codes before it left.
pub(crate) fn terms<'a>(discount: &'a Discount, tickets: &[Ticket], in_scope: &[usize]) -> Terms<'a> {
    let Discount::Tiers { by, mode, tiers } = discount else { return Terms::Same(discount) };
    let chosen = in_scope.iter().filter_map(|&index| tickets.get(index));
    match (mode, by) {
        (TiersMode::Volume, TiersBy::Tickets) => Terms::Same(reached(tiers, Integer::count(in_scope.len()))),
        // The sum is in range: `Order::verify` has added the prices up.
        (TiersMode::Volume, TiersBy::Subtotal) => {
            Terms::Same(reached(tiers, sum(chosen.map(|ticket| ticket.unit_price)).unwrap_or_default()))
        }
        (TiersMode::Graduated, TiersBy::Tickets | TiersBy::Subtotal) => {
            let mut each = vec![&Discount::None; tickets.len()];
            for (rank, position) in (1..).zip(descending(chosen.map(|ticket| ticket.price.get()))) {
                let place = in_scope.get(position).and_then(|&index| each.get_mut(index));
                if let Some(place) = place {
                    *place = reached(tiers, Integer::count(rank));
                }
            }
            Terms::Each(each)
        }
    }
}

/// The discount of the last tier that begins at this number or before.
fn reached(tiers: &[Tier], number: Integer) -> &Discount {
    let last = tiers.iter().rfind(|tier| Integer::from(tier.from) <= number);
    last.map_or(&Discount::None, |tier| &tier.discount)
}
