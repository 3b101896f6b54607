//! The numbers of a standing condition, whether it is met or not.

use crate::base::money::{Integer, Time};
use crate::documents::decision::Reason;
use crate::judge::mend::Tickets;
use crate::judge::rules::Case;

/// The bound of a condition, and what the order has.
pub(super) type Numbers = (Option<Integer>, Option<Integer>);

/// The numbers of the standing condition with this reason. `None` if the promotion does not ask it.
pub(super) fn of(case: &Case, reason: Reason) -> Option<Numbers> {
    let promo = case.promo;
    let bound = |bound: Option<Integer>, has: Integer| bound.map(|bound| (Some(bound), Some(has)));
    let moment = |time: Option<Time>| bound(time.and_then(integer), integer(case.now)?);
    let subtotal = |amount| bound(case.money(amount), case.subtotal(case.subtotal_of()));
    let plain = |asks: bool| asks.then_some((None, None));
    let entries = || promo.requires.iter().flatten();
    match reason {
        Reason::Inactive => plain(true),
        Reason::NotStarted => moment(promo.starts_at_ms),
        Reason::Ended => moment(promo.ends_at_ms),
        Reason::OutsideHours => plain(promo.needs_zone()),
        Reason::WrongEvent => plain(promo.events.is_some() || promo.exclude_events.is_some()),
        Reason::WrongCurrency => {
            let by_currency = promo.amounts().any(|amount| amount.of(&case.order.currency).is_none());
            plain(promo.currency.is_some() || by_currency)
        }
        Reason::NotEligible => plain(promo.only_for.is_some() || promo.only_if.is_some()),
        Reason::BelowMinTickets => bound(promo.min_tickets, case.in_scope),
        Reason::AboveMaxTickets => bound(promo.max_tickets, case.in_scope),
        Reason::BelowMinSubtotal => subtotal(&promo.min_subtotal),
        Reason::AboveMaxSubtotal => subtotal(&promo.max_subtotal),
        Reason::MissingTickets => entries().find_map(|entry| {
            bound(entry.min_tickets.map(Integer::from), case.tickets(Tickets::from(entry)))
        }),
        Reason::SurplusTickets => {
            entries().find_map(|entry| bound(entry.max_tickets, case.tickets(Tickets::from(entry))))
        }
        Reason::MissingSubtotal => entries()
            .find_map(|entry| bound(case.money(&entry.min_subtotal), case.subtotal(Tickets::from(entry)))),
        Reason::AlreadyConfirmed
        | Reason::UnknownCode
        | Reason::CannotCombine
        | Reason::WrongTicketType
        | Reason::NothingToDiscount
        | Reason::IdentityRequired
        | Reason::UsesExhausted
        | Reason::IdentityUsesExhausted
        | Reason::PeriodUsesExhausted
        | Reason::PeriodIdentityUsesExhausted
        | Reason::PoolExhausted
        | Reason::PoolIdentityUsesExhausted
        | Reason::BudgetExhausted
        | Reason::PoolBudgetExhausted
        | Reason::LockedTicketType
        | Reason::FreeTicketsExhausted
        | Reason::TicketsExhausted
        | Reason::PriceChanged => None,
    }
}

fn integer(time: Time) -> Option<Integer> {
    Integer::new(time.get())
}
