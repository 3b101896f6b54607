//! A second implementation of groups (`per_group`) and of tiers, one ticket after the other.

use redeemable::{Discount, Promo, Reason, Spread, TiersBy, TiersMode};
use std::collections::{BTreeMap, VecDeque};

use crate::prices::{self, Ticket};

/// What one group takes off its tickets that the code marks, and all of its tickets.
#[derive(Clone, Debug)]
pub struct Group {
    pub takes: BTreeMap<usize, u64>,
    pub members: Vec<usize>,
}

/// Whether the promotion's discount is of kind `per_group`.
pub fn has_groups(promo: &Promo) -> bool {
    matches!(promo.discount, Some(Discount::PerGroup { .. }))
}

/// Whether tickets of this type must be bought for the promotion's groups.
pub fn is_bought(promo: &Promo, ticket_type: Option<&str>) -> bool {
    match &promo.discount {
        Some(Discount::PerGroup { buy: Some(buy), .. }) => {
            buy.ticket_types.iter().any(|bought| Some(&**bought) == ticket_type)
        }
        _ => false,
    }
}

/// The groups that the order's tickets form at these prices, or the reason that there is none. No ticket of `grouped`
/// may be in one of them.
pub fn groups(
    promo: &Promo,
    currency: &str,
    tickets: &[Ticket],
    grouped: &[usize],
) -> Result<Vec<Group>, Reason> {
    let Some(Discount::PerGroup { size, buy, discounted, discount, max_groups, spread }) = &promo.discount
    else {
        unreachable!("asked of a promotion without groups");
    };
    let free = |index: &usize| tickets[*index].2 > 0 && !grouped.contains(index);
    let mut scope: Vec<usize> =
        (0..tickets.len()).filter(|&index| prices::covers(promo, tickets[index].1)).filter(free).collect();
    scope.sort_by_key(|&index| (tickets[index].2, index));
    let mut scope = VecDeque::from(scope);
    let mut bought: VecDeque<usize> =
        (0..tickets.len()).filter(|&index| is_bought(promo, tickets[index].1)).filter(free).collect();
    let enough = |scope: &VecDeque<usize>, bought: &VecDeque<usize>| match (size, buy) {
        (Some(size), _) => count(scope.len()) >= size.get(),
        (_, Some(buy)) => count(bought.len()) >= buy.tickets.get(),
        _ => unreachable!("refused by the engine"),
    };
    if !enough(&scope, &bought) {
        return Err(Reason::BelowMinTickets);
    }
    let mut found = Vec::new();
    while enough(&scope, &bought)
        && !scope.is_empty()
        && max_groups.is_none_or(|most| count(found.len()) < most.get())
    {
        let (mut chosen, mut others) = (Vec::new(), Vec::new());
        for _ in 0..discounted.get() {
            chosen.extend(scope.pop_front());
        }
        match (size, buy) {
            (Some(size), _) => (discounted.get()..size.get()).for_each(|_| others.extend(scope.pop_back())),
            (_, Some(buy)) => (0..buy.tickets.get()).for_each(|_| others.extend(bought.pop_front())),
            _ => unreachable!("refused by the engine"),
        }
        let off = |index: &usize| {
            let (_, _, price, list) = tickets[*index];
            price - prices::payable(promo, currency, discount, list, price)
        };
        let mut members = [chosen.clone(), others].concat();
        members.sort_unstable();
        let takes: BTreeMap<usize, u64> = match spread {
            Spread::Discounted => {
                chosen.iter().map(|index| (*index, off(index))).filter(|(_, off)| *off > 0).collect()
            }
            Spread::Group => {
                let weights: Vec<u64> = members.iter().map(|&index| tickets[index].2).collect();
                let shares = prices::scaled(chosen.iter().map(off).sum(), &weights);
                members.iter().copied().zip(shares).collect()
            }
        };
        found.push(Group { takes, members });
    }
    found.retain(|group| group.takes.values().sum::<u64>() > 0);
    if let Some(most) = promo.max_tickets_per_order {
        found.truncate(usize::try_from(most.get() / discounted.get()).unwrap());
    }
    if found.is_empty() { Err(Reason::NothingToDiscount) } else { Ok(found) }
}

/// A number of things, as the documents count them.
pub fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap()
}

/// What the groups take off each of their marked tickets.
pub fn takes(groups: &[Group]) -> BTreeMap<usize, u64> {
    groups.iter().flat_map(|group| group.takes.clone()).collect()
}

/// The groups with these discounts instead. What takes nothing off any more is gone.
pub fn cut(promo: &Promo, groups: Vec<Group>, takes: &BTreeMap<usize, u64>) -> Vec<Group> {
    let discounted = matches!(promo.discount, Some(Discount::PerGroup { spread: Spread::Discounted, .. }));
    let mut groups = groups;
    for group in &mut groups {
        group.takes.iter_mut().for_each(|(index, off)| *off = takes[index]);
        group.takes.retain(|_, off| !discounted || *off > 0);
    }
    groups.retain(|group| group.takes.values().any(|off| *off > 0));
    groups
}

/// The discounts of tiers, or the discount itself.
pub fn leaves(discount: &Discount) -> Vec<Discount> {
    match discount {
        Discount::Tiers { tiers, .. } => tiers.iter().map(|tier| tier.discount.clone()).collect(),
        other => vec![other.clone()],
    }
}

/// The discount of each ticket in scope: that of its entry, or what the tiers in the entry say.
pub fn terms(promo: &Promo, currency: &str, tickets: &[Ticket]) -> BTreeMap<usize, Discount> {
    let mut terms = BTreeMap::new();
    for index in 0..tickets.len() {
        let Some((number, discount)) = prices::discount_of(promo, tickets[index].1) else { continue };
        let Discount::Tiers { by, mode, tiers } = &discount else {
            terms.insert(index, discount);
            continue;
        };
        let is_own = |other: &usize| {
            prices::discount_of(promo, tickets[*other].1).is_some_and(|(own, _)| own == number)
        };
        let scope: Vec<usize> = (0..tickets.len()).filter(is_own).collect();
        let dearer =
            |a: usize, b: usize| tickets[a].2 > tickets[b].2 || (tickets[a].2 == tickets[b].2 && a < b);
        let reached = match (mode, by) {
            (TiersMode::Volume, TiersBy::Tickets) => count(scope.len()),
            (TiersMode::Volume, TiersBy::Subtotal) => scope.iter().map(|&index| tickets[index].3).sum(),
            (TiersMode::Graduated, _) => {
                1 + count(scope.iter().filter(|&&other| dearer(other, index)).count())
            }
        };
        let mut own = Discount::None;
        for tier in tiers {
            if prices::money(&Some(tier.from.clone()), currency).is_some_and(|from| reached >= from) {
                own = tier.discount.clone();
            }
        }
        terms.insert(index, own);
    }
    terms
}
