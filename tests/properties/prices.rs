//! A second implementation of the specification's arithmetic: which tickets a code discounts, and by how much.

use redeemable::{CountBy, Discount, Order, Promo, Rounding};

use crate::groups;

/// The promotion's discount, in either spelling (`discount` or `discount_percent`).
pub fn discount(promo: &Promo) -> Discount {
    promo.discount.clone().unwrap_or_else(|| Discount::Percent { percent: promo.discount_percent.unwrap() })
}

/// Whether the code takes nothing off and only counts.
pub fn takes_nothing(promo: &Promo) -> bool {
    let leaf = |discount: &Discount| match discount {
        Discount::None => true,
        Discount::Percent { percent } => ten_thousandths(*percent) == 0,
        _ => false,
    };
    match discount(promo) {
        Discount::Tiers { tiers, .. } => tiers.iter().all(|tier| leaf(&tier.discount)),
        other => leaf(&other),
    }
}

pub fn counts_orders(promo: &Promo) -> bool {
    let leaf = |discount: &Discount| matches!(discount, Discount::AmountPerOrder { .. });
    let default = match discount(promo) {
        Discount::Tiers { tiers, .. } => tiers.iter().all(|tier| leaf(&tier.discount)),
        other => leaf(&other),
    };
    promo.count_by.map_or(default, |count_by| count_by == CountBy::Order)
}

fn ten_thousandths(percent: redeemable::Percent) -> u64 {
    let percent = serde_json::to_string(&percent).unwrap();
    let (whole, decimals) = percent.split_once('.').unwrap_or((&percent, ""));
    let decimals = format!("{decimals:0<4}");
    whole.parse::<u64>().unwrap() * 10_000 + decimals.parse::<u64>().unwrap()
}

/// The price of one ticket under this discount alone; `None` if it depends on the whole order.
pub fn payable_under(discount: &Discount, rounding: Rounding, price: u64) -> Option<u64> {
    Some(match discount {
        Discount::Percent { percent } => {
            let kept = price * (1_000_000 - ten_thousandths(*percent));
            let (down, rest) = (kept / 1_000_000, kept % 1_000_000);
            let up = match rounding {
                Rounding::Down => false,
                Rounding::Up => rest > 0,
                Rounding::HalfUp => rest >= 500_000,
                Rounding::HalfEven => rest > 500_000 || (rest == 500_000 && down % 2 == 1),
            };
            if up { down + 1 } else { down }
        }
        Discount::AmountPerTicket { amount } => price.saturating_sub(amount.get()),
        Discount::FixedPrice { price: fixed } => price.min(fixed.get()),
        Discount::Free => 0,
        Discount::None => price,
        Discount::AmountPerOrder { .. } => return None,
        Discount::Tiers { .. } | Discount::PerGroup { .. } => unreachable!("read in groups.rs"),
    })
}

/// A ticket of an order: its line, its type, and its price so far.
pub type Ticket<'a> = (u64, Option<&'a str>, u64);

/// Each ticket of an order, at its price before any discount.
pub fn tickets(order: &Order) -> Vec<Ticket<'_>> {
    let mut tickets = Vec::new();
    for (index, line) in (0..).zip(&order.lines) {
        for _ in 0..line.quantity.get() {
            tickets.push((index, line.ticket_type.as_deref(), line.unit_price.get()));
        }
    }
    tickets
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
pub fn candidates(promo: &Promo, order: &Order, tickets: &[Ticket]) -> Vec<usize> {
    let takes = |(index, discount): &(usize, Discount)| {
        let price = tickets[*index].2;
        match payable_under(discount, promo.rounding, price) {
            None => price > 0,
            Some(payable) => takes_nothing(promo) || payable < price,
        }
    };
    let terms = groups::terms(promo, order, tickets).into_iter();
    let mut candidates: Vec<usize> = terms.filter(takes).map(|(index, _)| index).collect();
    if let Some(most) = promo.max_tickets_per_order {
        dearest(tickets, &mut candidates, most.get());
    }
    candidates
}

/// Keeps the dearest tickets; of equal prices, the first.
pub fn dearest(tickets: &[Ticket], candidates: &mut Vec<usize>, most: u64) {
    candidates.sort_by(|&a, &b| tickets[b].2.cmp(&tickets[a].2).then(a.cmp(&b)));
    candidates.truncate(usize::try_from(most).unwrap());
    candidates.sort_unstable();
}

/// The discount of each of these tickets, without regard to budgets.
pub fn shares(promo: &Promo, order: &Order, tickets: &[Ticket], indexes: &[usize]) -> Vec<u64> {
    let prices: Vec<u64> = indexes.iter().map(|&index| tickets[index].2).collect();
    let terms = groups::terms(promo, order, tickets);
    let off = |index: usize| {
        tickets[index].2 - payable_under(&terms[&index], promo.rounding, tickets[index].2).unwrap()
    };
    let shares = match &terms[&indexes[0]] {
        // Of tiers only those by volume may be of this kind, so it is that of every ticket.
        Discount::AmountPerOrder { amount } => scaled(amount.get(), &prices),
        _ => indexes.iter().map(|&index| off(index)).collect(),
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
