//! Which tickets the codes so far have left to the next one.

use super::Basket;
use crate::base::money::Integer;
use crate::documents::promo::{Combines, Promo};
use crate::documents::ticket::Ticket;
use crate::judge::groups;
use crate::judge::pricing::{Pricing, total};
use crate::judge::rules::Case;

impl Basket<'_> {
    /// Whether a promotion so far has the ticket for itself, so that this one discounts it no more.
    pub(super) fn is_taken(&self, index: usize, promo: &Promo) -> bool {
        let is = |marks: &[bool]| marks.get(index) == Some(&true);
        let discounted = || self.tickets.get(index).is_some_and(|ticket| ticket.price < ticket.unit_price);
        let per_ticket = promo.combines == Combines::PerTicket;
        is(&self.exclusive)
            || is(&self.grouped) && (per_ticket || promo.takes().groups().is_some())
            || per_ticket && discounted()
    }

    /// Whether the promotion takes something off the order at unit prices, if it has no other one.
    pub(super) fn is_late(&self, case: &Case) -> bool {
        if self.applied.is_empty() {
            return false;
        }
        let tickets = self.scene.order.tickets();
        let mut pricing = Pricing::new(case.promo, self.scene.order);
        let in_scope = pricing.in_scope(&tickets);
        pricing.reach_tiers(&tickets, &in_scope);
        let all: (&[Ticket], &dyn Fn(usize) -> bool) = (&tickets, &|_| false);
        let discounts = match pricing.takes.groups() {
            Some(kind) => groups::form(case, &pricing, &kind, all, &in_scope)
                .map(|groups| pricing.at_most(groups::marked(&groups).1))
                .unwrap_or_default(),
            None => pricing.discounts(&tickets, &pricing.candidates(all, in_scope)),
        };
        total(&discounts) > Integer::ZERO
    }
}
