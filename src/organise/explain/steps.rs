//! How many tickets of a line the numbers of the violations ask for.

use crate::base::money::{Integer, sum};
use crate::base::text::Name;
use crate::documents::counter::{Counter, Unit};
use crate::documents::decision::{Reason, Violation};
use crate::documents::discount::Discount;
use crate::documents::order::{Line, Order};
use crate::documents::policy::Policy;
use crate::documents::promo::{CountBy, Promo, Requirement, SubtotalOf};
use crate::documents::redemption::Redemption;
use crate::documents::ticket::Ticket;
use crate::documents::tiers::{TiersBy, TiersMode};

/// What a step is worked out from: one violation, and the promotion of its code.
pub(super) struct Broken<'a> {
    pub violation: &'a Violation,
    pub promo: Option<&'a Promo>,
    pub policy: &'a Policy,
    pub order: &'a Order,
    /// The hold that the order amends.
    pub hold: Option<&'a Redemption>,
}

impl Broken<'_> {
    /// How many more tickets of the line would mend it, as far as its numbers say. `None` if none would.
    pub(super) fn more(&self, line: &Line) -> Option<u64> {
        let promo = self.promo?;
        let of_type = line.ticket_type.as_ref();
        let short = self.violation.limit.unwrap_or_default().minus(self.violation.used.unwrap_or_default());
        let reason = self.violation.reason;
        let step = if reason == Reason::NothingToDiscount {
            self.to_a_discount(promo, line)
        } else if self.more_counts(promo, of_type) {
            let of_money = [Reason::BelowMinSubtotal, Reason::MissingSubtotal].contains(&reason);
            if of_money { dividing(short, line.unit_price) } else { Some(short.get()) }
        } else {
            None
        };
        step.filter(|step| *step > 0)
    }

    /// Whether more tickets of this type mend it.
    fn more_counts(&self, promo: &Promo, of_type: Option<&Name>) -> bool {
        let is = |reason| self.violation.reason == reason;
        (is(Reason::BelowMinTickets) && (promo.covers(of_type) || promo.is_bought(of_type)))
            || (is(Reason::BelowMinSubtotal) && self.adds_up(of_type))
            || (is(Reason::MissingTickets) || is(Reason::MissingSubtotal)) && self.requires(of_type)
    }

    /// How many tickets less of the line would mend it, as far as its numbers say. `None` if none would.
    pub(super) fn fewer(&self, line: &Line) -> Option<u64> {
        let of_type = line.ticket_type.as_ref();
        let Violation { limit, used, reason, .. } = self.violation;
        let surplus = used.unwrap_or_default().minus(limit.unwrap_or_default());
        let covers = self.promo.is_some_and(|promo| promo.covers(of_type));
        let is = |one| *reason == one;
        let step =
            if is(Reason::AboveMaxTickets) && covers || is(Reason::SurplusTickets) && self.bounds(of_type) {
                Some(surplus.get())
            } else if is(Reason::PriceChanged) || is(Reason::AboveMaxSubtotal) && self.adds_up(of_type) {
                dividing(surplus, line.unit_price)
            } else if is(Reason::LockedTicketType) && self.policy.locks(of_type) {
                Some(line.quantity.get())
            } else if is(Reason::IdentityRequired) && self.promo.is_none() {
                // Whoever is not named may have tickets, if only free ones are limited.
                Some(line.quantity.get()).filter(|_| self.policy.max_tickets_per_identity.is_none())
            } else if self.is_of_time() && covers {
                self.to_what_is_held()
            } else {
                self.to_what_is_left(line, covers)
            };
        step.filter(|step| *step > 0)
    }

    /// How many tickets less of the line need no more of the counter than it leaves.
    fn to_what_is_left(&self, line: &Line, covers: bool) -> Option<u64> {
        let Violation { counter, remaining, need, .. } = self.violation;
        let (need, left) = ((*need)?, (*remaining)?);
        let short = need.minus(left);
        let unit = Counter::of(counter.as_ref()?)?.facts().unit;
        let is_of_code = [Unit::Uses, Unit::UsesOfPerson, Unit::Money].contains(&unit);
        // Whoever may have none at all is refused whatever the number of tickets, but need not want a free one.
        if (is_of_code && !covers) || (left == Integer::ZERO && unit != Unit::FreeTickets) {
            return None;
        }
        if unit == Unit::Money {
            // As if the discount were in proportion to the price: short × subtotal / (need × price), rounded up.
            let parts = u128::from(need.get()).checked_mul(line.unit_price.get().into())?;
            let whole = u128::from(short.get()).checked_mul(self.subtotal_in_scope().get().into())?;
            return u64::try_from(whole.checked_add(parts.checked_sub(1)?)?.checked_div(parts)?).ok();
        }
        let count_by = self.promo.map(|promo| match unit == Unit::UsesOfPerson {
            true => promo.count_by_identity(),
            false => promo.count_by(),
        });
        (count_by != Some(CountBy::Order)).then_some(short.get())
    }

    /// Whether it is about the time of a code.
    fn is_of_time(&self) -> bool {
        [Reason::NotStarted, Reason::Ended, Reason::OutsideHours].contains(&self.violation.reason)
    }

    /// How many tickets less are no more than the hold has of the code: then the code keeps its time.
    fn to_what_is_held(&self) -> Option<u64> {
        let (hold, promo) = self.hold.zip(self.promo)?;
        let code = promo.canonical_code();
        let has_code = |ticket: &&Ticket| ticket.released.is_none() && ticket.codes.contains(&code);
        let held = Integer::count(hold.tickets.iter().filter(has_code).count());
        let covers = |line: &&Line| promo.covers(line.ticket_type.as_ref());
        let in_scope = self.order.lines.iter().filter(covers);
        let in_scope = sum(in_scope.filter_map(|line| Integer::new(line.quantity.get())))?;
        (held > Integer::ZERO).then_some(in_scope.minus(held).get())
    }

    fn subtotal_in_scope(&self) -> Integer {
        let covers = |line: &&Line| self.promo.is_some_and(|promo| promo.covers(line.ticket_type.as_ref()));
        subtotal(self.order.lines.iter().filter(covers))
    }

    /// Whether the bound on the subtotal adds tickets of this type up.
    fn adds_up(&self, of_type: Option<&Name>) -> bool {
        self.promo.is_some_and(|promo| promo.subtotal_of == SubtotalOf::Order || promo.covers(of_type))
    }

    /// Whether an entry of `requires` with a least number or price counts tickets of this type.
    fn requires(&self, of_type: Option<&Name>) -> bool {
        self.entry(of_type, |entry| entry.min_tickets.is_some() || entry.min_subtotal.is_some())
    }

    /// Whether an entry of `requires` with a largest number counts tickets of this type.
    fn bounds(&self, of_type: Option<&Name>) -> bool {
        self.entry(of_type, |entry| entry.max_tickets.is_some())
    }

    fn entry(&self, of_type: Option<&Name>, has: fn(&Requirement) -> bool) -> bool {
        let mut entries = self.promo.iter().flat_map(|promo| promo.requires.iter().flatten());
        let names = |types: &Vec<Name>| of_type.is_some_and(|name| types.contains(name));
        entries.any(|entry| has(entry) && entry.ticket_types.as_ref().is_none_or(names))
    }

    /// How many more tickets reach the next tier, or cost more than an order may.
    fn to_a_discount(&self, promo: &Promo, line: &Line) -> Option<u64> {
        let currency = &self.order.currency;
        let here = promo.covers(line.ticket_type.as_ref());
        let in_scope = || self.order.lines.iter().filter(|line| promo.covers(line.ticket_type.as_ref()));
        // Graduated tiers rank the dearest tickets first, so what costs nothing reaches none.
        let has = |mode: &TiersMode| {
            let counts = |line: &&Line| *mode == TiersMode::Volume || line.unit_price > Integer::ZERO;
            sum(in_scope().filter(counts).filter_map(|line| Integer::new(line.quantity.get())))
        };
        let cost = || subtotal(in_scope());
        let next = |discount: &Discount| {
            if let Discount::Tiers { by, mode, tiers } = discount {
                let (has, by_price) = match by {
                    TiersBy::Tickets => (has(mode)?, false),
                    TiersBy::Subtotal => (cost(), true),
                };
                let from = tiers.iter().filter_map(|tier| tier.from.of(currency));
                let short = from.filter(|from| *from > has).map(|from| from.minus(has)).min()?;
                return if by_price { dividing(short, line.unit_price) } else { Some(short.get()) };
            }
            let Discount::OrderPrice { price } = discount else { return None };
            let short = price.of(currency)?.plus(Integer::ONE)?.minus(cost());
            dividing(short, line.unit_price)
        };
        promo.takes().discounts().filter_map(next).min().filter(|_| here)
    }
}

fn subtotal<'a>(lines: impl Iterator<Item = &'a Line>) -> Integer {
    let cost = |line: &Line| line.unit_price.get().checked_mul(line.quantity.get()).and_then(Integer::new);
    // The sum is in range: `Order::verify` has added all prices of the order up.
    sum(lines.filter_map(cost)).unwrap_or_default()
}

/// How many times the price reaches the amount. `None` if the price is 0.
fn dividing(amount: Integer, price: Integer) -> Option<u64> {
    let more = price.get().checked_sub(1)?;
    amount.get().checked_add(more)?.checked_div(price.get())
}
