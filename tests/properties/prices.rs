//! A second implementation of the specification's arithmetic: which tickets a code discounts, and by how much.

use redeemable::{
    Amount, CountBy, Discount, DiscountEntry, Name, Order, PercentAt, PercentOf, Pick, Promo, Rounding,
};
use serde_json::Value;

use crate::groups;

/// The promotion's discounts, each with its ticket types, in whichever of its three fields they are written.
fn discounts(promo: &Promo) -> Vec<DiscountEntry> {
    let one = || {
        let percent = |percent| Discount::Percent { percent, of: PercentOf::Ticket, at: PercentAt::Left };
        promo.discount.clone().unwrap_or_else(|| percent(promo.discount_percent.unwrap()))
    };
    let entries = promo.discounts.clone();
    entries.unwrap_or_else(|| vec![DiscountEntry { ticket_types: None, discount: one() }])
}

/// The amount for orders in this currency.
pub fn money(amount: &Option<Amount>, currency: &str) -> Option<u64> {
    match amount.as_ref()? {
        Amount::Plain(amount) => Some(amount.get()),
        Amount::ByCurrency(amounts) => {
            amounts.iter().find(|(name, _)| &***name == currency).map(|(_, amount)| amount.get())
        }
    }
}

/// Whether one of the promotion's amounts has none for orders in this currency. It is looked for in the document as
/// text.
pub fn lacks(promo: &Promo, currency: &str) -> bool {
    fn search(field: &str, value: &Value, currency: &str) -> bool {
        let is_amount = field.contains("amount")
            || ["price", "max_discount", "budget", "min_subtotal", "max_subtotal"].contains(&field);
        match value {
            Value::Object(amounts) if is_amount => !amounts.contains_key(currency),
            Value::Object(fields) => fields.iter().any(|(field, value)| search(field, value, currency)),
            Value::Array(items) => items.iter().any(|item| search(field, item, currency)),
            _ => false,
        }
    }
    search("", &serde_json::to_value(promo).unwrap(), currency)
}

/// Whether the code takes nothing off and only counts.
pub fn takes_nothing(promo: &Promo) -> bool {
    discounts(promo).iter().flat_map(|entry| groups::leaves(&entry.discount)).all(|discount| match discount {
        Discount::None => true,
        Discount::Percent { percent, .. } => ten_thousandths(percent) == 0,
        _ => false,
    })
}

pub fn counts_orders(promo: &Promo) -> bool {
    let mut leaves = discounts(promo).into_iter().flat_map(|entry| groups::leaves(&entry.discount));
    let default = leaves.all(|discount| of_order(&discount));
    promo.count_by.map_or(default, |count_by| count_by == CountBy::Order)
}

/// What one use is, for all buyers together or for one person.
pub fn unit(promo: &Promo, person: bool) -> CountBy {
    let own = if counts_orders(promo) {
        CountBy::Order
    } else if groups::has_groups(promo) {
        CountBy::Group
    } else {
        CountBy::Ticket
    };
    promo.count_by_identity.filter(|_| person).unwrap_or(own)
}

/// How many uses so many tickets in so many groups are.
pub fn uses(promo: &Promo, person: bool, tickets: usize, groups: usize) -> u64 {
    match unit(promo, person) {
        CountBy::Ticket => groups::count(tickets),
        CountBy::Group => groups::count(groups),
        CountBy::Order => 1,
    }
}

fn ten_thousandths(percent: redeemable::Percent) -> u64 {
    let percent = serde_json::to_string(&percent).unwrap();
    let (whole, decimals) = percent.split_once('.').unwrap_or((&percent, ""));
    let decimals = format!("{decimals:0<4}");
    whole.parse::<u64>().unwrap() * 10_000 + decimals.parse::<u64>().unwrap()
}

/// Whether what the code takes off depends on the whole order.
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

/// The price under this code of one ticket, or of a kind of the order of all tickets together: `list` before any
/// discount, and `price` so far.
pub fn payable(promo: &Promo, currency: &str, discount: &Discount, list: u64, price: u64) -> u64 {
    let in_currency = |amount: &Amount| money(&Some(amount.clone()), currency).unwrap();
    match discount {
        Discount::Percent { percent, at: PercentAt::Left, .. } => {
            under_percent(*percent, promo.rounding, price)
        }
        Discount::Percent { percent, at: PercentAt::List, .. } => {
            price.saturating_sub(list - under_percent(*percent, promo.rounding, list))
        }
        Discount::AmountPerTicket { amount } | Discount::AmountPerOrder { amount } => {
            price.saturating_sub(in_currency(amount))
        }
        Discount::FixedPrice { price: fixed } | Discount::OrderPrice { price: fixed } => {
            price.min(in_currency(fixed))
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
    discount_of(promo, ticket_type).is_some()
}

/// The discount of tickets of this type, and its number.
pub fn discount_of(promo: &Promo, ticket_type: Option<&str>) -> Option<(usize, Discount)> {
    let names = |types: &Option<Vec<Name>>| match types {
        None => true,
        Some(types) => types.iter().any(|listed| Some(&**listed) == ticket_type),
    };
    let mut entries =
        discounts(promo).into_iter().enumerate().filter(|(_, entry)| names(&entry.ticket_types));
    let (number, entry) = entries.next()?;
    let excluded = promo.exclude_ticket_types.is_some() && names(&promo.exclude_ticket_types);
    let covered = names(&promo.ticket_types) && !excluded && !groups::is_bought(promo, ticket_type);
    covered.then_some((number, entry.discount))
}

/// The tickets that the code would discount at these prices, without regard to its limits.
/// None of them is `taken`.
pub fn candidates(promo: &Promo, currency: &str, tickets: &[Ticket], taken: &[usize]) -> Vec<usize> {
    let terms = groups::terms(promo, currency, tickets);
    let is_one = |index: &usize| {
        terms.get(index).is_some_and(|discount| {
            let (_, _, price, list) = tickets[*index];
            let takes = if of_order(discount) {
                price > 0
            } else {
                payable(promo, currency, discount, list, price) < price
            };
            takes || takes_nothing(promo)
        })
    };
    let is_free = |index: &usize| !taken.contains(index);
    let mut candidates: Vec<usize> = (0..tickets.len()).filter(is_one).filter(is_free).collect();
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
pub fn shares(promo: &Promo, currency: &str, tickets: &[Ticket], indexes: &[usize]) -> Vec<u64> {
    let mut shares = vec![0; indexes.len()];
    let terms = groups::terms(promo, currency, tickets);
    for number in 0..discounts(promo).len() {
        let is_own =
            |&at: &usize| discount_of(promo, tickets[indexes[at]].1).is_some_and(|(own, _)| own == number);
        let own: Vec<usize> = (0..indexes.len()).filter(is_own).collect();
        let prices: Vec<u64> = own.iter().map(|&at| tickets[indexes[at]].2).collect();
        let lists: Vec<u64> = own.iter().map(|&at| tickets[indexes[at]].3).collect();
        let Some(first) = own.first().map(|&at| &terms[&indexes[at]]) else { continue };
        let takes = |discount, list, price| price - payable(promo, currency, discount, list, price);
        // A tier of a kind of the order holds for all tickets of its entry.
        let off: Vec<u64> = if of_order(first) {
            scaled(takes(first, lists.iter().sum(), prices.iter().sum()), &prices)
        } else {
            own.iter()
                .map(|&at| takes(&terms[&indexes[at]], tickets[indexes[at]].3, tickets[indexes[at]].2))
                .collect()
        };
        own.into_iter().zip(off).for_each(|(at, off)| shares[at] = off);
    }
    money(&promo.max_discount, currency).map_or(shares.clone(), |most| scaled(most, &shares))
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
