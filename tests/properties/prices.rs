//! A second implementation of the specification's arithmetic: which tickets a code discounts, and by how much.

use redeemable::{CountBy, Discount, Order, PercentAt, PercentOf, Pick, Promo, Rounding};

use crate::groups;

/// The promotion's discount, in either spelling (`discount` or `discount_percent`).
pub fn discount(promo: &Promo) -> Discount {
    promo.discount.clone().unwrap_or_else(|| Discount::percent_off(promo.discount_percent.unwrap()))
}

/// Whether the code takes nothing off and only counts.
pub fn takes_nothing(promo: &Promo) -> bool {
    let leaf = |discount: &Discount| match discount {
        Discount::None => true,
        Discount::Percent { percent, .. } => ten_thousandths(*percent) == 0,
        _ => false,
    };
    match discount(promo) {
        Discount::Tiers { tiers, .. } => tiers.iter().all(|tier| leaf(&tier.discount)),
        other => leaf(&other),
    }
}

pub fn counts_orders(promo: &Promo) -> bool {
    let default = match discount(promo) {
        Discount::Tiers { tiers, .. } => tiers.iter().all(|tier| of_order(&tier.discount)),
        other => of_order(&other),
    };
    promo.count_by.map_or(default, |count_by| count_by == CountBy::Order)
}

fn ten_thousandths(percent: redeemable::Percent) -> u64 {
    let percent = serde_json::to_string(&percent).unwrap();
    let (whole, decimals) = percent.split_once('.').unwrap_or((&percent, ""));
    let decimals = format!("{decimals:0<4}");
    whole.parse::<u64>().unwrap() * 10_000 + decimals.parse::<u64>().unwrap()
}

/// Whether what the discount takes off depends on the whole order.
fn of_order(discount: &Discount) -> bool {
    match discount {
        Discount::Percent { percent, of, .. } => *of == PercentOf::Order && ten_thousandths(*percent) > 0,
        Discount::AmountPerOrder { .. } | Discount::OrderPrice { .. } => true,
        Discount::AmountPerTicket { .. } | Discount::FixedPrice { .. } | Discount::Free | Discount::None => {
            false
        }
        Discount::Tiers { .. } | Discount::PerGroup { .. } => false,
    }
}

/// What a percent leaves of a price.
fn under_percent(percent: redeemable::Percent, rounding: Rounding, price: u64) -> u64 {
    let kept = price * (1_000_000 - ten_thousandths(percent));
    let (down, rest) = (kept / 1_000_000, kept % 1_000_000);
    let up = match rounding {
        Rounding::Down => false,
        Rounding::Up => rest > 0,
        Rounding::HalfUp => rest >= 500_000,
        Rounding::HalfDown => rest > 500_000,
        Rounding::HalfEven => rest > 500_000 || (rest == 500_000 && down % 2 == 1),
    };
    if up { down + 1 } else { down }
}

/// The price under this discount of one ticket, or of a kind of the order of all tickets together: `list` before any
/// discount, and `price` so far.
pub fn payable_under(discount: &Discount, rounding: Rounding, list: u64, price: u64) -> u64 {
    match discount {
        Discount::Percent { percent, at: PercentAt::Left, .. } => under_percent(*percent, rounding, price),
        Discount::Percent { percent, at: PercentAt::List, .. } => {
            price.saturating_sub(list - under_percent(*percent, rounding, list))
        }
        Discount::AmountPerTicket { amount } | Discount::AmountPerOrder { amount } => {
            price.saturating_sub(amount.get())
        }
        Discount::FixedPrice { price: fixed } | Discount::OrderPrice { price: fixed } => {
            price.min(fixed.get())
        }
        Discount::Free => 0,
        Discount::None => price,
        Discount::Tiers { .. } | Discount::PerGroup { .. } => unreachable!("read in groups.rs"),
    }
}

/// A ticket of an order: its line, its type, its price so far, and its price before any discount.
pub type Ticket<'a> = (u64, Option<&'a str>, u64, u64);

/// Each ticket of an order, at its price before any discount.
pub fn tickets(order: &Order) -> Vec<Ticket<'_>> {
    let mut tickets = Vec::new();
    for (index, line) in (0..).zip(&order.lines) {
        for _ in 0..line.quantity.get() {
            let price = line.unit_price.get();
            tickets.push((index, line.ticket_type.as_deref(), price, price));
        }
    }
    tickets
}

/// The line, type and full price of each ticket of an order.
pub fn ordered(order: &Order) -> impl Iterator<Item = (u64, Option<&str>, u64)> {
    tickets(order).into_iter().map(|(line, of, _, list)| (line, of, list))
}

/// Whether tickets of this type are in the promotion's scope.
pub fn covers(promo: &Promo, ticket_type: Option<&str>) -> bool {
    let listed = match &promo.ticket_types {
        None => true,
        Some(types) => types.iter().any(|listed| Some(&**listed) == ticket_type),
    };
    listed && !groups::is_bought(promo, ticket_type)
}

/// The tickets that the code would discount at these prices, without regard to its limits.
pub fn candidates(promo: &Promo, tickets: &[Ticket]) -> Vec<usize> {
    let takes = |(index, discount): &(usize, Discount)| {
        let (_, _, price, list) = tickets[*index];
        match of_order(discount) {
            true => price > 0,
            false => takes_nothing(promo) || payable_under(discount, promo.rounding, list, price) < price,
        }
    };
    let terms = groups::terms(promo, tickets).into_iter();
    let mut candidates: Vec<usize> = terms.filter(takes).map(|(index, _)| index).collect();
    if let Some(most) = promo.max_tickets_per_order {
        pick(promo, tickets, &mut candidates, most.get());
    }
    candidates
}

/// Keeps the tickets that the code picks, the dearest or the cheapest; of equal prices, the first.
pub fn pick(promo: &Promo, tickets: &[Ticket], candidates: &mut Vec<usize>, most: u64) {
    candidates.sort_by(|&a, &b| {
        let rising = tickets[a].2.cmp(&tickets[b].2);
        let ranked = if promo.pick == Pick::Cheapest { rising } else { rising.reverse() };
        ranked.then(a.cmp(&b))
    });
    candidates.truncate(usize::try_from(most).unwrap());
    candidates.sort_unstable();
}

/// The discount of each of these tickets, without regard to budgets.
pub fn shares(promo: &Promo, tickets: &[Ticket], indexes: &[usize]) -> Vec<u64> {
    let prices: Vec<u64> = indexes.iter().map(|&index| tickets[index].2).collect();
    let terms = groups::terms(promo, tickets);
    // Of tiers only those by volume may be of a kind of the order, so it is that of every ticket.
    let first = &terms[&indexes[0]];
    let shares = if of_order(first) {
        let list: u64 = indexes.iter().map(|&index| tickets[index].3).sum();
        let whole = prices.iter().sum();
        scaled(whole - payable_under(first, promo.rounding, list, whole), &prices)
    } else {
        let takes = |index: &usize| {
            let (_, _, price, list) = tickets[*index];
            price - payable_under(&terms[index], promo.rounding, list, price)
        };
        indexes.iter().map(takes).collect()
    };
    promo.max_discount.map_or(shares.clone(), |most| scaled(most.get(), &shares))
}

/// Splits at most `amount` in proportion to `weights`, by largest remainder; of equal remainders, the first gets more.
pub fn scaled(amount: u64, weights: &[u64]) -> Vec<u64> {
    let whole: u64 = weights.iter().sum();
    if amount >= whole {
        return weights.to_vec();
    }
    let mut shares: Vec<u64> = weights.iter().map(|weight| amount * weight / whole).collect();
    while shares.iter().sum::<u64>() < amount {
        // The next unit goes to the share that is furthest below its exact value; of several, to the first.
        let owed = |index: usize| (amount * weights[index]).saturating_sub(shares[index] * whole);
        let most = (0..weights.len()).map(owed).max().unwrap();
        let next = (0..weights.len()).find(|&index| owed(index) == most).unwrap();
        shares[next] += 1;
    }
    shares
}
