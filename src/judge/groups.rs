//! Groups: which tickets of an order are groups of the kind `per_group`, and what each group takes off.

use crate::base::money::{Integer, share};
use crate::documents::group::{Groups, Spread};
use crate::documents::ticket::Ticket;
use crate::judge::pricing::{Pricing, price, total};

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
pub(crate) enum NoGroup {
    /// There are too few tickets: of those in scope, or of those that must be bought.
    TooFew {
        needed: Integer,
        found: Integer,
    },
    NothingOff,
}

/// The groups that the tickets in scope and the bought ones form, at the prices that the codes before left. Of both
/// lists, tickets that cost nothing or are in a group already must be left out. `most` is the most tickets that may be
/// discounted.
pub(crate) fn form(
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
