//! The standing conditions of a promotion, such as `min_tickets`. Each has a row that says both how a random promotion
//! gets the condition, and by a naive reading when the condition refuses an order.

use proptest::prelude::*;
use proptest::strategy::Union;
use redeemable::{Currency, EmailAliases, Kind, Name, Promo, Reason, Text, ValidateRequest};

use crate::documents::amount;
use crate::prices;
use crate::scenario::{CURRENCIES, EVENTS, Identity, START, TICK, int, name, time};

/// What a condition looks at: a promotion and an order.
pub struct Case<'a> {
    pub request: &'a ValidateRequest,
    pub promo: &'a Promo,
    /// The order's identities as kind and canonical value.
    pub identities: Vec<(String, String)>,
    /// How many tickets of the order are of a type that the code is for.
    pub in_scope: u64,
    /// What the order costs before any discount.
    pub subtotal: u64,
}

struct Condition {
    reason: Reason,
    /// How often the condition is drawn: one of weight 2 twice as often as one of weight 1.
    weight: u32,
    /// Puts the condition on a promotion. The random number chooses the value.
    put_on: PutOn,
    refuses: fn(&Case) -> bool,
}
type PutOn = fn(&mut Promo, u64);

/// The conditions in the order of their reasons.
const CONDITIONS: &[Condition] = &[
    Condition {
        reason: Reason::Inactive,
        weight: 1,
        put_on: |promo, _| promo.active = false,
        refuses: |case| !case.promo.active,
    },
    Condition {
        reason: Reason::NotStarted,
        weight: 2,
        put_on: |promo, random| promo.starts_at_ms = Some(time(START + (1 + random % 5) * TICK)),
        refuses: |case| case.promo.starts_at_ms > case.request.now_ms,
    },
    Condition {
        reason: Reason::Ended,
        weight: 2,
        put_on: |promo, random| promo.ends_at_ms = Some(time(START + (1 + random % 10) * TICK)),
        refuses: |case| case.promo.ends_at_ms.is_some_and(|ends| Some(ends) <= case.request.now_ms),
    },
    Condition {
        reason: Reason::WrongEvent,
        weight: 2,
        put_on: |promo, random| {
            promo.events =
                names(one_of(&[&[], &EVENTS[..1], &EVENTS[1..], &EVENTS[..1], &EVENTS[1..]], random));
        },
        refuses: |case| {
            case.promo.events.as_ref().is_some_and(|events| !events.contains(&case.request.order.event_id))
        },
    },
    Condition {
        reason: Reason::WrongCurrency,
        weight: 2,
        put_on: |promo, random| promo.currency = Currency::new(one_of(&CURRENCIES, random)),
        refuses: |case| {
            let order = &case.request.order.currency;
            let another = case.promo.currency.as_ref().is_some_and(|only| only != order);
            another || prices::lacks(case.promo, order)
        },
    },
    Condition {
        reason: Reason::NotEligible,
        weight: 2,
        put_on: |promo, random| {
            let (kind, value, ..) = one_of(&LISTED, random);
            let listed = (Kind::new(kind).unwrap(), vec![Text::new(value).unwrap()]);
            promo.only_for = Some([listed].into_iter().collect());
        },
        refuses: |case| {
            let mut listed = case.promo.only_for.iter().flatten().flat_map(|(kind, values)| {
                values
                    .iter()
                    .map(move |value| LISTED.iter().find(|each| (each.0, each.1) == (kind, value)).unwrap())
            });
            case.promo.only_for.is_some() && !listed.any(|listed| is_listed(case, listed))
        },
    },
    Condition {
        reason: Reason::BelowMinTickets,
        weight: 1,
        put_on: |promo, random| promo.min_tickets = Some(int(one_of(&[2, 3], random))),
        refuses: |case| case.promo.min_tickets.is_some_and(|least| case.in_scope < least.get()),
    },
    Condition {
        reason: Reason::AboveMaxTickets,
        weight: 1,
        put_on: |promo, random| promo.max_tickets = Some(int(one_of(&[1, 2, 3], random))),
        refuses: |case| case.promo.max_tickets.is_some_and(|most| case.in_scope > most.get()),
    },
    Condition {
        reason: Reason::BelowMinSubtotal,
        weight: 1,
        put_on: |promo, random| {
            promo.min_subtotal = Some(amount(one_of(&[1, 1001, 3000], random), random / 3))
        },
        refuses: |case| {
            let least = prices::money(&case.promo.min_subtotal, &case.request.order.currency);
            least.is_some_and(|least| case.subtotal < least)
        },
    },
    Condition {
        reason: Reason::WrongTicketType,
        weight: 3,
        put_on: |promo, random| {
            let lists: [&[&str]; 6] =
                [&[], &["seat"], &["vip"], &["crew"], &["seat", "vip"], &["crew", "seat"]];
            promo.ticket_types = names(one_of(&lists, random));
        },
        refuses: |case| case.in_scope == 0,
    },
];

/// Values of `only_for`; one that begins with `@` admits a domain.
pub const LISTED: [Identity; 4] = [
    ("email", "BOB+list@example.org", "bob@example.org", "bob+list@example.org"),
    ("email", "@gmail.com", "@gmail.com", "@gmail.com"),
    ("account", "A 7", "A 7", "A 7"),
    ("npub", "npub1nobody", "npub1nobody", "npub1nobody"),
];

fn is_listed(case: &Case, (kind, _, fold, exact): &Identity) -> bool {
    let listed = if case.request.policy.email_aliases == EmailAliases::Fold { fold } else { exact };
    let same = |value: &str| value == *listed || (listed.starts_with('@') && value.ends_with(listed));
    case.identities.iter().any(|(has, value)| has == kind && same(value))
}

fn one_of<T: Copy>(values: &[T], random: u64) -> T {
    values[usize::try_from(random).unwrap() % values.len()]
}

fn names(names: &[&str]) -> Option<Vec<Name>> {
    Some(names.iter().copied().map(name).collect())
}

/// Draws one of the conditions, and the number that chooses its value.
pub fn condition() -> impl Strategy<Value = (PutOn, u64)> {
    let each = |condition: &Condition| (condition.weight, (Just(condition.put_on), 0..10_000_u64));
    Union::new_weighted(CONDITIONS.iter().map(each).collect())
}

/// The reasons of all conditions that refuse the order.
pub fn standing(case: &Case) -> Vec<Reason> {
    let refusing = CONDITIONS.iter().filter(|condition| (condition.refuses)(case));
    refusing.map(|condition| condition.reason).collect()
}
