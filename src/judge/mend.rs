//! Which change of an order mends a violation: the least one, if no other bound of the code forbids it.

use std::borrow::Cow;

use crate::base::money::{Integer, sum};
use crate::base::text::Name;
use crate::documents::discount::Discount;
use crate::documents::order::{Line, MAX_TICKETS};
use crate::documents::promo::{Promo, Requirement, SubtotalOf};
use crate::documents::qualify::{Change, ToQualify};
use crate::judge::rules::Case;

/// The tickets of an order that a bound counts.
#[derive(Clone, Copy)]
pub(crate) enum Tickets<'a> {
    /// All of them.
    Order,
    /// Those that the code is for.
    Scope,
    /// Those of these types.
    Of(&'a [Name]),
}

/// What an order needs or may have of some tickets.
struct Bound<'a> {
    of: Tickets<'a>,
    min_tickets: Integer,
    min_subtotal: Integer,
    max_tickets: Option<Integer>,
}

impl<'a> From<&'a Requirement> for Tickets<'a> {
    fn from(entry: &'a Requirement) -> Self {
        entry.ticket_types.as_deref().map_or(Self::Order, Self::Of)
    }
}

impl<'a> Case<'a> {
    fn counts(&self, of: Tickets, ticket_type: Option<&Name>) -> bool {
        match of {
            Tickets::Order => true,
            Tickets::Scope => self.promo.covers(ticket_type),
            Tickets::Of(types) => ticket_type.is_some_and(|name| types.contains(name)),
        }
    }

    fn lines(&self, of: Tickets) -> impl Iterator<Item = &'a Line> {
        self.order.lines.iter().filter(move |line| self.counts(of, line.ticket_type.as_ref()))
    }

    /// How many of these tickets the order has.
    pub(crate) fn tickets(&self, of: Tickets) -> Integer {
        let quantities = self.lines(of).filter_map(|line| Integer::new(line.quantity.get()));
        sum(quantities).unwrap_or_default()
    }

    /// What these tickets cost together before any discount.
    pub(crate) fn subtotal(&self, of: Tickets) -> Integer {
        // The sum is in range: `Order::verify` has added all prices of the order up.
        sum(prices(self.lines(of))).unwrap_or_default()
    }

    /// The tickets that `min_subtotal` and `max_subtotal` look at.
    pub(crate) fn subtotal_of(&self) -> Tickets<'a> {
        match self.promo.subtotal_of {
            SubtotalOf::Order => Tickets::Order,
            SubtotalOf::Scope => Tickets::Scope,
        }
    }

    /// How many tickets of the scope one group needs; 0 if the code has no such groups.
    fn size(&self) -> Integer {
        let groups = self.promo.discount.as_ref().and_then(Discount::groups);
        groups.and_then(|kind| Integer::new(kind.size?.get())).unwrap_or_default()
    }

    /// The change "add as many tickets of the scope as the order lacks, to have at least so many and one group". `None`
    /// if another bound forbids it, or if what must be bought for a group is lacking, too.
    pub(crate) fn more_in_scope(&self, least: Integer) -> Option<ToQualify> {
        let priced = self.lines(Tickets::Scope).filter(|line| line.unit_price > Integer::ZERO);
        let priced = sum(priced.filter_map(|line| Integer::new(line.quantity.get()))).unwrap_or_default();
        let by = least.minus(self.in_scope).max(self.size().minus(priced));
        let buy = self.promo.buy();
        let bought = buy.is_none_or(|buy| self.tickets(Tickets::Of(&buy.ticket_types)) >= buy.tickets.into());
        self.more_tickets(&[Tickets::Scope], by).filter(|_| bought)
    }

    /// The change "add so many tickets, each of which counts as all of these". `None` if another bound forbids it.
    pub(crate) fn more_tickets(&self, of: &[Tickets], by: Integer) -> Option<ToQualify> {
        let tickets = self.tickets(Tickets::Order).plus(by)?;
        let of = self.types(of, &|name| self.has_room(name, by, true) && self.may_cost(name, None))?;
        (tickets.get() <= MAX_TICKETS).then_some(ToQualify { of, change: Change::AddTickets, by })
    }

    /// The change "add tickets that cost so much, each of which counts as all of these". `None` if another bound
    /// forbids it. A dearer ticket in place of another one may do, so that the number of tickets need not grow.
    pub(crate) fn more_subtotal(&self, of: &[Tickets], by: Integer) -> Option<ToQualify> {
        let has = |name: &Name| self.has(name);
        let new = |name: Option<&Name>| if name.is_some_and(has) { Integer::ZERO } else { Integer::ONE };
        let fits = |name: Option<&Name>| {
            self.has_room(name, new(name), name.is_some()) && self.may_cost(name, Some(by))
        };
        let of = self.types(of, &fits)?;
        Some(ToQualify { of, change: Change::AddSubtotal, by })
    }

    /// The change "remove so many tickets, each of which counts as all of these". `None` if another bound forbids it,
    /// whichever tickets the buyer removes.
    pub(crate) fn fewer_tickets(&self, of: &[Tickets], by: Integer) -> Option<ToQualify> {
        let of = self.removable(of, &|counted| {
            let gone = counted.len().min(by.index());
            let cost = sum(counted.iter().rev().take(gone).copied()).unwrap_or_default();
            (Integer::count(gone), cost)
        })?;
        Some(ToQualify { of, change: Change::RemoveTickets, by })
    }

    /// The change "remove tickets of these that cost so much", none of them without need. `None` if another bound
    /// forbids it, whichever tickets the buyer removes.
    pub(crate) fn less_subtotal(&self, of: Tickets, by: Integer) -> Option<ToQualify> {
        // Either one ticket that costs so much goes, or several cheaper ones, the last of which may go beyond.
        let cheaper = |prices: &[Integer]| -> Vec<Integer> {
            prices.iter().copied().filter(|price| (Integer::ONE..by).contains(price)).collect()
        };
        let all: Vec<Integer> = prices(self.lines(of)).collect();
        let together = total(&cheaper(&all)) >= by;
        let of = self.removable(&[of], &|counted| {
            let one = counted.last().copied().filter(|dearest| *dearest >= by);
            let (mut tickets, mut cost) =
                (Integer::count(usize::from(one.is_some())), one.unwrap_or_default());
            if together {
                let several = cheaper(counted);
                let mut sums = several.iter().scan(Integer::ZERO, |sum, price| {
                    *sum = sum.plus(*price)?;
                    Some(*sum)
                });
                let enough =
                    sums.position(|sum| sum >= by).map_or(several.len(), |last| last.saturating_add(1));
                let beyond = several.last().map_or(Integer::ZERO, |dearest| dearest.minus(Integer::ONE));
                let most = by.plus(beyond).unwrap_or(by).min(total(&several));
                (tickets, cost) = (tickets.max(Integer::count(enough)), cost.max(most));
            }
            (tickets, cost)
        })?;
        Some(ToQualify { of, change: Change::RemoveSubtotal, by })
    }

    /// Whether the order has tickets of this type.
    fn has(&self, name: &Name) -> bool {
        self.lines(Tickets::Order).any(|line| line.ticket_type.as_ref() == Some(name))
    }

    /// Every bound of the promotion on numbers of tickets, and each least subtotal.
    fn bounds(&self) -> impl Iterator<Item = Bound<'a>> {
        let promo: &'a Promo = self.promo;
        let of_scope = Bound {
            of: Tickets::Scope,
            // Without a ticket in its scope, or without a group, the code is refused.
            min_tickets: promo.min_tickets.unwrap_or_default().max(self.size()).max(Integer::ONE),
            min_subtotal: Integer::ZERO,
            max_tickets: promo.max_tickets,
        };
        let of_subtotal = Bound {
            of: self.subtotal_of(),
            min_tickets: Integer::ZERO,
            min_subtotal: self.money(&promo.min_subtotal).unwrap_or_default(),
            max_tickets: None,
        };
        let required = promo.requires.iter().flatten().map(move |entry| Bound {
            of: entry.into(),
            min_tickets: entry.min_tickets.map(Integer::from).unwrap_or_default(),
            min_subtotal: self.money(&entry.min_subtotal).unwrap_or_default(),
            max_tickets: entry.max_tickets,
        });
        let bought = promo.buy().map(|buy| Bound {
            of: Tickets::Of(&buy.ticket_types),
            min_tickets: buy.tickets.into(),
            min_subtotal: Integer::ZERO,
            max_tickets: None,
        });
        [of_scope, of_subtotal].into_iter().chain(required).chain(bought)
    }

    /// Whether the order may have so many more tickets of this type; without a name, of every type. `of_scope` says
    /// whether the promotion's own `max_tickets` counts, too.
    fn has_room(&self, name: Option<&Name>, tickets: Integer, of_scope: bool) -> bool {
        let mut bounds = self.bounds().filter(|bound| of_scope || matches!(bound.of, Tickets::Of(_)));
        bounds.all(|bound| {
            let counts = name.is_none_or(|name| self.counts(bound.of, Some(name)));
            let after = || self.tickets(bound.of).plus(tickets);
            bound.max_tickets.is_none_or(|most| !counts || after().is_some_and(|after| after <= most))
        })
    }

    /// Whether more tickets of this type may cost so much; without a name, of every type. Nobody knows the price of
    /// tickets of which only the number is known.
    fn may_cost(&self, name: Option<&Name>, by: Option<Integer>) -> bool {
        let Some(most) = self.money(&self.promo.max_subtotal) else { return true };
        let of = self.subtotal_of();
        let counts = name.is_none_or(|name| self.counts(of, Some(name)));
        let after = by.and_then(|by| self.subtotal(of).plus(by));
        !counts || after.is_some_and(|after| after <= most)
    }

    /// The types that count as all of these, and of which `fits` allows more. The answer is `Some(None)` if every type
    /// does, and `None` if the types cannot be listed, as in "any but vip". A locked type that the order does not have
    /// is not listed, because buyers may not know that it exists.
    fn types(&self, of: &[Tickets], fits: &dyn Fn(Option<&Name>) -> bool) -> Option<Option<Vec<Name>>> {
        let open = of.iter().all(|of| match of {
            Tickets::Order => true,
            Tickets::Scope => self.promo.covers_all(),
            Tickets::Of(_) => false,
        });
        if open && fits(None) {
            return Some(None);
        }
        let mut types = of.iter().find_map(|of| self.listed(*of))?.into_owned();
        types.retain(|name| of.iter().all(|of| self.counts(*of, Some(name))) && fits(Some(name)));
        types.retain(|name| !self.policy.locks(Some(name)) || self.has(name));
        (!types.is_empty()).then_some(Some(types))
    }

    /// The list of types that says which tickets these are.
    fn listed(&self, of: Tickets<'a>) -> Option<Cow<'a, [Name]>> {
        match of {
            Tickets::Order => None,
            Tickets::Scope => self.promo.types(),
            Tickets::Of(types) => Some(Cow::Borrowed(types)),
        }
    }

    /// The types of the tickets that the buyer may remove: `Some(None)` if any ticket of the order may go, `None` if no
    /// removal is possible or they cannot be named. `gone` says how many of the
    /// tickets with these prices, ascending, may go at most, and what they may cost.
    fn removable(
        &self,
        of: &[Tickets],
        gone: &dyn Fn(&[Integer]) -> (Integer, Integer),
    ) -> Option<Option<Vec<Name>>> {
        let counts = |name: Option<&Name>| of.iter().all(|of| self.counts(*of, name));
        let lines = || self.order.lines.iter().filter(|line| counts(line.ticket_type.as_ref()));
        let possible = self.bounds().all(|bound| {
            let both = lines().filter(|line| self.counts(bound.of, line.ticket_type.as_ref()));
            let mut prices: Vec<Integer> = prices(both).collect();
            prices.sort_unstable();
            let (tickets, cost) = gone(&prices);
            self.tickets(bound.of).minus(tickets) >= bound.min_tickets
                && self.subtotal(bound.of).minus(cost) >= bound.min_subtotal
        });
        if lines().count() == self.order.lines.len() {
            return possible.then_some(None);
        }
        let listed = of.iter().find_map(|of| self.listed(*of));
        let mut types = listed.map_or_else(|| self.types_of_order(), Cow::into_owned);
        types.retain(|name| lines().any(|line| line.ticket_type.as_ref() == Some(name)));
        let nameable = lines().all(|line| line.ticket_type.is_some());
        (possible && nameable && !types.is_empty()).then_some(Some(types))
    }

    fn types_of_order(&self) -> Vec<Name> {
        let mut types = Vec::new();
        for name in self.order.lines.iter().filter_map(|line| line.ticket_type.as_ref()) {
            if !types.contains(name) {
                types.push(name.clone());
            }
        }
        types
    }
}

/// The price of each ticket of these lines.
fn prices<'a>(lines: impl Iterator<Item = &'a Line>) -> impl Iterator<Item = Integer> {
    lines.flat_map(|line| (0..line.quantity.get()).map(|_| line.unit_price))
}

/// The sum of prices of one order, which is in range.
fn total(prices: &[Integer]) -> Integer {
    sum(prices.iter().copied()).unwrap_or_default()
}

/// The tickets of an entry in a sentence, such as `tickets of seat or vip`.
pub(crate) fn in_words(types: Option<&[Name]>) -> String {
    match types {
        None => "tickets".to_owned(),
        Some([]) => "tickets of no type".to_owned(),
        Some(types) => {
            format!("tickets of {}", types.iter().map(|name| &**name).collect::<Vec<_>>().join(" or "))
        }
    }
}
