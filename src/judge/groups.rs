//! Groups: which tickets of an order are groups of the kind `per_group`, and what each group takes off.

use crate::base::money::{Integer, share};
use crate::documents::decision::{Reason, Violation};
use crate::documents::group::{Groups, Spread};
use crate::documents::promo::CountBy;
use crate::documents::ticket::Ticket;
use crate::judge::mend::Tickets;
use crate::judge::pricing::{Pricing, price, total};
use crate::judge::rules::Case;

/// One group of tickets. All indexes are ascending.
pub(crate) struct Group {
    /// Every ticket of the group: no later code may use it for a group of its own.
    pub members: Vec<usize>,
    /// The tickets that the code marks.
    pub marked: Vec<usize>,
    /// What the code takes off each marked ticket.
    pub discounts: Vec<Integer>,
}

/// Why there is no group.
#[derive(Debug, PartialEq)]
enum NoGroup {
    /// There are too few tickets: of those in scope, or of those that must be bought.
    TooFew {
        needed: Integer,
        found: Integer,
    },
    NothingOff,
}

impl NoGroup {
    /// The violation of a code without a group. `helps` is whether more tickets would make one.
    fn violation(self, case: &Case, kind: &Groups, helps: bool) -> Violation {
        let refuse =
            |reason, rest: String| Violation::new(Some(case.code), reason, format!("{} {rest}", case.code));
        let Self::TooFew { needed, found } = self else {
            return refuse(Reason::NothingToDiscount, "takes nothing off this order".to_owned());
        };
        let (n, m) = (needed.get(), found.get());
        let (what, of) = match kind.buy {
            Some(buy) => ("bought for it", Tickets::Of(&buy.ticket_types)),
            None => ("in its scope", Tickets::Scope),
        };
        refuse(Reason::BelowMinTickets, format!("needs at least {n} tickets {what}, the order has {m}"))
            .bound(needed, found)
            .mended_by(case.more_tickets(&[of], needed.minus(found)).filter(|_| helps))
    }
}

/// The groups of a promo of kind `per_group`, or what speaks against it. `is_taken` says of each ticket whether an
/// earlier code has it for itself.
pub(crate) fn form(
    case: &Case,
    pricing: &Pricing,
    kind: &Groups,
    (tickets, is_taken): (&[Ticket], &dyn Fn(usize) -> bool),
    in_scope: &[usize],
) -> Result<Vec<Group>, Vec<Violation>> {
    let promo = case.promo;
    let is_free = |index: &usize| price(tickets, *index) > Integer::ZERO && !is_taken(*index);
    let scope: Vec<usize> = in_scope.iter().copied().filter(is_free).collect();
    let lines = case.order.lines.iter().map(|line| promo.is_bought(line.ticket_type.as_ref()));
    let lines: Vec<bool> = lines.collect();
    let types = (0..).zip(tickets).filter(|(_, ticket)| lines.get(ticket.line.index()) == Some(&true));
    let bought = types.map(|(index, _)| index).filter(is_free).collect();
    let most = promo.max_tickets_per_order.map(Integer::from);
    // Another ticket helps unless the codes before this one would use it up, or too few may be discounted.
    let costs_nothing =
        |index: &usize| tickets.get(*index).is_some_and(|ticket| ticket.unit_price == Integer::ZERO);
    let helps = in_scope.iter().all(|index| is_free(index) || costs_nothing(index))
        && most.is_none_or(|most| most.get() >= kind.discounted.get())
        && (kind.buy.is_none() || !scope.is_empty());
    let formed = of_tickets(kind, pricing, tickets, (scope, bought), most);
    formed.map_err(|none| vec![none.violation(case, kind, helps)])
}

/// The groups that the tickets in scope and the bought ones form, at the prices that the codes before left. Of both
/// lists, tickets that cost nothing or are in a group already must be left out. `most` is the most tickets that may be
/// discounted.
fn of_tickets(
    kind: &Groups,
    pricing: &Pricing,
    tickets: &[Ticket],
    (mut in_scope, bought): (Vec<usize>, Vec<usize>),
    most: Option<Integer>,
) -> Result<Vec<Group>, NoGroup> {
    in_scope.sort_by_key(|&index| price(tickets, index));
    let discounted = kind.discounted.get();
    // The other tickets of each group, those of the first group first.
    let (needed, found, others): (_, _, Vec<&[usize]>) = match (kind.size, kind.buy) {
        (Some(size), _) => {
            let fill = size.get().saturating_sub(discounted);
            let count = Integer::count(in_scope.len()).get().checked_div(size.get()).unwrap_or_default();
            let others = if fill == 0 {
                vec![&[][..]; index(count)]
            } else {
                in_scope.rchunks(index(fill)).take(index(count)).collect()
            };
            (size.get(), in_scope.len(), others)
        }
        (None, Some(buy)) => {
            (buy.tickets.get(), bought.len(), bought.chunks_exact(index(buy.tickets.get())).collect())
        }
        (None, None) => return Err(NoGroup::NothingOff), // refused by `verify`
    };
    let (needed, found) = (Integer::new(needed).unwrap_or_default(), Integer::count(found));
    if found < needed {
        return Err(NoGroup::TooFew { needed, found });
    }
    let most = most.map(|most| index(most.get().checked_div(discounted).unwrap_or_default()));
    let most_groups = kind.max_groups.map(|most| index(most.get()));
    let groups: Vec<Group> = in_scope
        .chunks(index(discounted))
        .zip(others)
        .take(most_groups.unwrap_or(usize::MAX))
        .filter_map(|(chosen, others)| group(kind, pricing, tickets, chosen, others))
        .take(most.unwrap_or(usize::MAX))
        .collect();
    if groups.is_empty() { Err(NoGroup::NothingOff) } else { Ok(groups) }
}

/// The group of these tickets, of which the `chosen` are discounted. `None` if nothing is taken off them.
fn group(
    kind: &Groups,
    pricing: &Pricing,
    tickets: &[Ticket],
    chosen: &[usize],
    others: &[usize],
) -> Option<Group> {
    let mut members = [chosen, others].concat();
    members.sort_unstable();
    let takes = |index: usize| {
        tickets
            .get(index)
            .map_or(Integer::ZERO, |ticket| pricing.off(kind.discount, ticket.unit_price, ticket.price))
    };
    let (marked, discounts) = match kind.spread {
        Spread::Group => {
            let whole = total(&chosen.iter().map(|&index| takes(index)).collect::<Vec<_>>());
            let prices: Vec<Integer> = members.iter().map(|&index| price(tickets, index)).collect();
            (members.clone(), share(whole, &prices))
        }
        Spread::Discounted => {
            let mut chosen = chosen.to_vec();
            chosen.sort_unstable();
            let takes = chosen.into_iter().map(|index| (index, takes(index)));
            takes.filter(|(_, discount)| *discount > Integer::ZERO).unzip()
        }
    };
    (total(&discounts) > Integer::ZERO).then_some(Group { members, marked, discounts })
}

/// The marked tickets of all groups, ascending, and what is taken off each.
pub(crate) fn marked(groups: &[Group]) -> (Vec<usize>, Vec<Integer>) {
    let takes =
        groups.iter().flat_map(|group| group.marked.iter().copied().zip(group.discounts.iter().copied()));
    let mut takes: Vec<(usize, Integer)> = takes.collect();
    takes.sort_unstable_by_key(|(index, _)| *index);
    takes.into_iter().unzip()
}

/// How many of the first groups so many uses are enough for.
pub(crate) fn fitting(groups: &[Group], count_by: CountBy, uses: Integer) -> usize {
    match count_by {
        CountBy::Group => uses.index(),
        CountBy::Ticket => {
            let mut tickets = groups.iter().scan(0_usize, |sum, group| {
                *sum = sum.saturating_add(group.marked.len());
                Some(*sum)
            });
            tickets.position(|sum| sum > uses.index()).unwrap_or(groups.len())
        }
        CountBy::Order => groups.len(),
    }
}

/// The groups with these discounts of their marked tickets: what a limit in money left. A group that takes nothing off
/// any more is no group.
pub(crate) fn with_discounts(
    kind: &Groups,
    groups: Vec<Group>,
    tickets: &[usize],
    discounts: &[Integer],
) -> Vec<Group> {
    let of = |index: &usize| {
        tickets.binary_search(index).ok().and_then(|place| discounts.get(place)).copied().unwrap_or_default()
    };
    let changed = groups.into_iter().map(|group| {
        let mut takes: Vec<(usize, Integer)> = group.marked.iter().map(|index| (*index, of(index))).collect();
        if kind.spread == Spread::Discounted {
            takes.retain(|(_, discount)| *discount > Integer::ZERO);
        }
        let (marked, discounts) = takes.into_iter().unzip();
        Group { members: group.members, marked, discounts }
    });
    changed.filter(|group| total(&group.discounts) > Integer::ZERO).collect()
}

fn index(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
