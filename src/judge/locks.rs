//! Locked ticket types: which tickets a code unlocks, and which ones are still locked.

use crate::base::money::Integer;
use crate::documents::decision::{Reason, Violation};
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;
use crate::documents::ticket::Ticket;

/// The tickets of a promo's scope that it unlocks, ascending. They are marked and counted in any case.
pub(crate) struct Unlocked(Vec<usize>);

impl Unlocked {
    /// `in_scope` are the tickets of the promo's scope, ascending.
    pub(crate) fn by(promo: &Promo, tickets: &[Ticket], in_scope: &[usize]) -> Self {
        if promo.unlocks.is_none() {
            return Self(Vec::new());
        }
        let opens = |index: &usize| {
            tickets.get(*index).is_some_and(|ticket| promo.opens(ticket.ticket_type.as_ref()))
        };
        Self(in_scope.iter().copied().filter(opens).collect())
    }

    pub(crate) fn has(&self, index: usize) -> bool {
        self.0.binary_search(&index).is_ok()
    }

    /// Adds those that get no discount to the tickets that do, and returns which ones it added.
    pub(crate) fn add_to(&self, tickets: &mut Vec<usize>) -> Vec<usize> {
        let new: Vec<usize> =
            self.0.iter().copied().filter(|index| tickets.binary_search(index).is_err()).collect();
        if !new.is_empty() {
            tickets.extend(&new);
            tickets.sort_unstable();
        }
        new
    }
}

/// What comes off each of the tickets, if `of` says it of those that get a discount. Nothing comes off those in
/// `without`.
pub(crate) fn discounts(
    tickets: &[usize],
    without: &[usize],
    of: impl Fn(&[usize]) -> Vec<Integer>,
) -> Vec<Integer> {
    if without.is_empty() {
        return of(tickets);
    }
    let has_discount = |index: &usize| without.binary_search(index).is_err();
    let discounted: Vec<usize> = tickets.iter().copied().filter(has_discount).collect();
    let mut discounts = of(&discounted).into_iter();
    let off = |index| if has_discount(index) { discounts.next().unwrap_or_default() } else { Integer::ZERO };
    tickets.iter().map(off).collect()
}

/// The violation of an order with tickets that need a code. `unlocked` are those that its codes have unlocked,
/// ascending.
pub(crate) fn violation(policy: &Policy, tickets: &[Ticket], unlocked: &[usize]) -> Option<Violation> {
    policy.locked_ticket_types.as_ref()?;
    let is_locked = |(index, ticket): &(usize, &Ticket)| {
        policy.locks(ticket.ticket_type.as_ref()) && unlocked.binary_search(index).is_err()
    };
    let locked = tickets.iter().enumerate().filter(is_locked).count();
    let message = format!("{locked} tickets of the order are of types that need a code");
    let used = Some(Integer::count(locked));
    (locked > 0).then(|| Violation { used, ..Violation::new(None, Reason::LockedTicketType, message) })
}
