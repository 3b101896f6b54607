//! The standing conditions of a promotion, such as `min_tickets`. Each has a row that says both how a random promotion
//! gets the condition, and by a naive reading when the condition refuses an order.

use proptest::prelude::*;
use proptest::strategy::Union;
use redeemable::{
    Amount, Bounded, Currency, EmailAliases, Fact, FactCondition, Facts, Kind, Name, Operand, Positive,
    Promo, Reason, Requirement, SubtotalOf, Text, ValidateRequest,
};

use serde_json::Value;

use crate::clock;
use crate::documents::amount;
use crate::prices;
use crate::scenario::{CURRENCIES, EVENTS, Identity, START, TICK, int, name, time};

/// What a condition looks at: a promotion and an order.
pub struct Case<'a> {
    pub request: &'a ValidateRequest,
    pub promo: &'a Promo,
    /// The order's identities as kind and canonical value.
    pub identities: Vec<(String, String)>,
    /// The order's tickets: the type, the price before any discount, and whether the code is for this type.
    pub tickets: Vec<(Option<&'a str>, u64, bool)>,
}

impl Case<'_> {
    /// The amount in the order's currency.
    fn money(&self, amount: &Option<Amount>) -> Option<u64> {
        prices::money(amount, &self.request.order.currency)
    }

    /// How many tickets of the order are of a type that the code is for.
    pub fn in_scope(&self) -> u64 {
        self.tickets.iter().map(|(.., in_scope)| u64::from(*in_scope)).sum()
    }

    /// What the tickets cost that `min_subtotal` and `max_subtotal` add up.
    fn subtotal(&self) -> u64 {
        let of_scope = self.promo.subtotal_of == SubtotalOf::Scope;
        self.tickets.iter().filter(|(.., in_scope)| *in_scope || !of_scope).map(|(_, price, _)| price).sum()
    }

    /// The number and the price of the tickets that each entry of `requires` counts, beside the entry.
    fn required(&self) -> impl Iterator<Item = (&Requirement, u64, u64)> {
        self.promo.requires.iter().flatten().map(|entry| {
            let is_of = |name: &str| entry.ticket_types.iter().flatten().any(|listed| **listed == *name);
            let counts = |name: &Option<&str>| entry.ticket_types.is_none() || name.is_some_and(is_of);
            let counted = self.tickets.iter().filter(|(name, ..)| counts(name));
            let prices: Vec<u64> = counted.map(|(_, price, _)| *price).collect();
            (entry, u64::try_from(prices.len()).unwrap(), prices.iter().sum())
        })
    }
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
        refuses: |case| case.promo.starts_at_ms > Some(case.request.now_ms),
    },
    Condition {
        reason: Reason::Ended,
        weight: 2,
        put_on: |promo, random| promo.ends_at_ms = Some(time(START + (1 + random % 10) * TICK)),
        refuses: |case| case.promo.ends_at_ms.is_some_and(|ends| ends <= case.request.now_ms),
    },
    Condition {
        reason: Reason::OutsideHours,
        weight: 2,
        put_on: |promo, random| {
            // Around the start of the scenarios, which is a Friday at 08:00 in UTC.
            let from = one_of(&[0, 420, 480, 500, 1300, 1430], random);
            let hours = |days: &[u64]| redeemable::Hours {
                days: days.iter().map(|day| Bounded::new(*day).unwrap()).collect(),
                from_minute: Bounded::new(from).unwrap(),
                to_minute: Bounded::new(from + one_of(&[1, 30, 700, 1440], random / 6)).unwrap(),
            };
            promo.weekly = Some(vec![hours(&[4, 5]), hours(one_of(&[&[], &[1], &[6, 7]], random / 24))]);
        },
        refuses: |case| clock::outside_hours(case.promo, case.request),
    },
    Condition {
        reason: Reason::WrongEvent,
        weight: 2,
        put_on: |promo, random| {
            promo.events =
                names(one_of(&[&[], &EVENTS[..1], &EVENTS[1..], &EVENTS[..1], &EVENTS[1..]], random));
        },
        refuses: |case| {
            let has = |events: &Vec<Name>| events.contains(&case.request.order.event_id);
            let Promo { events, exclude_events, .. } = case.promo;
            !events.as_ref().is_none_or(has) || exclude_events.as_ref().is_some_and(has)
        },
    },
    Condition {
        reason: Reason::WrongEvent,
        weight: 1,
        put_on: |promo, random| {
            promo.exclude_events = names(one_of(&[&[], &EVENTS[..1], &EVENTS[1..]], random));
        },
        refuses: |_| false, // as a part of the condition above
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
            let unlisted = case.promo.only_for.is_some() && !listed.any(|listed| is_listed(case, listed));
            unlisted || !case.promo.only_if.iter().flatten().all(|condition| holds(case, condition))
        },
    },
    Condition {
        reason: Reason::NotEligible,
        weight: 3,
        put_on: |promo, random| {
            let mut drawn = (0..3).map(|nth| fact_condition(random / 7_u64.pow(nth)));
            let (one, any) = (drawn.next().unwrap(), drawn.collect());
            let any = redeemable::Condition { any: Some(any), ..Default::default() };
            promo.only_if = Some(if random.is_multiple_of(3) { vec![any] } else { vec![alone(one)] });
        },
        refuses: |_| false, // as a part of the condition above
    },
    Condition {
        reason: Reason::BelowMinTickets,
        weight: 1,
        put_on: |promo, random| promo.min_tickets = Some(int(one_of(&[2, 3], random))),
        refuses: |case| case.promo.min_tickets.is_some_and(|least| case.in_scope() < least.get()),
    },
    Condition {
        reason: Reason::AboveMaxTickets,
        weight: 1,
        put_on: |promo, random| promo.max_tickets = Some(int(one_of(&[1, 2, 3], random))),
        refuses: |case| case.promo.max_tickets.is_some_and(|most| case.in_scope() > most.get()),
    },
    Condition {
        reason: Reason::BelowMinSubtotal,
        weight: 1,
        put_on: |promo, random| {
            promo.min_subtotal = Some(amount(one_of(&[1, 1001, 3000], random), random / 3))
        },
        refuses: |case| case.money(&case.promo.min_subtotal).is_some_and(|least| case.subtotal() < least),
    },
    Condition {
        reason: Reason::AboveMaxSubtotal,
        weight: 1,
        put_on: |promo, random| {
            promo.max_subtotal = Some(amount(one_of(&[0, 1000, 3000, 5000], random), random / 4));
        },
        refuses: |case| case.money(&case.promo.max_subtotal).is_some_and(|most| case.subtotal() > most),
    },
    Condition {
        reason: Reason::AboveMaxSubtotal,
        weight: 1,
        put_on: |promo, random| {
            let (least, most) =
                one_of(&[(Some(1001), None), (None, Some(2000)), (Some(1), Some(2999))], random);
            promo.subtotal_of = SubtotalOf::Scope;
            (promo.min_subtotal, promo.max_subtotal) =
                (least.map(|least| int(least).into()), most.map(|most| int(most).into()));
        },
        refuses: |_| false, // as a part of the condition above, and of the one for the least subtotal
    },
    Condition {
        reason: Reason::MissingTickets,
        weight: 2,
        put_on: |promo, random| {
            let least = Positive::new(one_of(&[1, 2, 3], random / 8));
            requires(promo, random, |entry| entry.min_tickets = least);
        },
        refuses: |case| {
            let missing = |(entry, has, _): (&Requirement, u64, u64)| {
                entry.min_tickets.is_some_and(|least| has < least.get())
            };
            case.required().any(missing)
        },
    },
    Condition {
        reason: Reason::SurplusTickets,
        weight: 2,
        put_on: |promo, random| {
            let most = int(one_of(&[0, 1, 2], random / 8));
            requires(promo, random, |entry| entry.max_tickets = Some(most));
        },
        refuses: |case| {
            let surplus = |(entry, has, _): (&Requirement, u64, u64)| {
                entry.max_tickets.is_some_and(|most| has > most.get())
            };
            case.required().any(surplus)
        },
    },
    Condition {
        reason: Reason::MissingSubtotal,
        weight: 2,
        put_on: |promo, random| {
            let least = amount(one_of(&[0, 1, 1001, 3000], random / 8), random / 32);
            requires(promo, random, |entry| entry.min_subtotal = Some(least.clone()));
        },
        refuses: |case| {
            let missing = |(entry, _, price): (&Requirement, u64, u64)| {
                case.money(&entry.min_subtotal).is_some_and(|least| price < least)
            };
            case.required().any(missing)
        },
    },
    Condition {
        reason: Reason::WrongTicketType,
        weight: 1,
        put_on: |promo, random| {
            promo.exclude_ticket_types = names(one_of(&[&[], &["seat"], &["vip", "crew"]], random));
        },
        refuses: |_| false, // as a part of the condition below
    },
    Condition {
        reason: Reason::WrongTicketType,
        weight: 3,
        put_on: |promo, random| {
            let lists: [&[&str]; 6] =
                [&[], &["seat"], &["vip"], &["crew"], &["seat", "vip"], &["crew", "seat"]];
            promo.ticket_types = names(one_of(&lists, random));
        },
        refuses: |case| case.in_scope() == 0,
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

/// The facts of an order, which a random number chooses. Some are absent.
pub fn facts(random: u64) -> Facts {
    let all = [
        ("member", Fact::Bool(random.is_multiple_of(2))),
        ("level", Fact::Integer(int(random % 4))),
        ("role", Fact::Text(name(one_of(&["crew", "press", "guest"], random)))),
        ("groups", Fact::List(names(one_of(&[&[], &["crew"], &["press", "guest"]], random / 2)).unwrap())),
    ];
    let given = (0..).zip(all).filter(|(nth, _)| !(random + nth).is_multiple_of(5));
    given.map(|(_, (name, fact))| (Kind::new(name).unwrap(), fact)).collect()
}

/// A condition on one of these facts, or on another one.
fn fact_condition(random: u64) -> FactCondition {
    let fact = Kind::new(one_of(&["member", "level", "role", "groups", "nobodys"], random));
    let word = |word: &str| Operand::Text(name(word));
    let values = [Operand::Bool(true), Operand::Integer(int(random % 4)), word("crew"), word("guest")];
    let value = values[usize::try_from(random / 5 % 4).unwrap()].clone();
    let list = match value {
        Operand::Bool(_) => vec![word("press"), word("guest")],
        Operand::Integer(_) => vec![value.clone(), word("press")],
        Operand::Text(_) => vec![value.clone()],
    };
    let none = FactCondition { fact, ..Default::default() };
    match random / 20 % 6 {
        0 => FactCondition { is: Some(value), ..none },
        1 => FactCondition { is_not: Some(value), ..none },
        2 => FactCondition { r#in: Some(list), ..none },
        3 => FactCondition { not_in: Some(list), ..none },
        4 => FactCondition { at_least: Some(int(random % 4)), ..none },
        _ => FactCondition { at_most: Some(int(random % 4)), ..none },
    }
}

fn alone(condition: FactCondition) -> redeemable::Condition {
    let FactCondition { fact, is, is_not, r#in, not_in, at_least, at_most } = condition;
    redeemable::Condition { fact, is, is_not, r#in, not_in, at_least, at_most, any: None }
}

/// Reads a condition and the facts as JSON, where each value says of which kind it is.
fn holds(case: &Case, condition: &redeemable::Condition) -> bool {
    let condition = serde_json::to_value(condition).unwrap();
    let facts = serde_json::to_value(&case.request.order.facts).unwrap();
    let one_holds = |condition: &Value| {
        let fact = &facts[condition["fact"].as_str().unwrap()];
        let elements = fact.as_array().cloned().unwrap_or_else(|| vec![fact.clone()]);
        let comparable = |value: &Value| match fact {
            Value::Null => false,
            Value::Array(_) => value.is_string(),
            fact => std::mem::discriminant(fact) == std::mem::discriminant(value),
        };
        let is = |value: &Value| comparable(value) && elements.contains(value);
        let number = |bound: &Value| fact.as_u64().zip(bound.as_u64());
        let given =
            condition.as_object().unwrap().iter().filter(|(name, value)| *name != "fact" && !value.is_null());
        let holds = |(operator, operand): (&String, &Value)| match operator.as_str() {
            "is" => is(operand),
            "is_not" => !fact.is_array() && comparable(operand) && !is(operand),
            "in" => operand.as_array().unwrap().iter().any(is),
            "not_in" => {
                let operands = operand.as_array().unwrap();
                operands.iter().any(comparable) && !operands.iter().any(is)
            }
            "at_least" => number(operand).is_some_and(|(fact, bound)| fact >= bound),
            "at_most" => number(operand).is_some_and(|(fact, bound)| fact <= bound),
            other => panic!("an operator {other}, which nobody expects"),
        };
        given.into_iter().all(holds)
    };
    match condition["any"].as_array() {
        Some(any) => any.iter().any(one_holds),
        None => one_holds(&condition),
    }
}

/// Adds an entry to `requires`, or a bound to the last entry.
fn requires(promo: &mut Promo, random: u64, bound: impl FnOnce(&mut Requirement)) {
    let types: [Option<&[&str]>; 5] =
        [None, Some(&["seat"]), Some(&["vip"]), Some(&["seat", "vip"]), Some(&["crew"])];
    let entries = promo.requires.get_or_insert_default();
    if entries.is_empty() || random.is_multiple_of(2) {
        let ticket_types = one_of(&types, random / 2).and_then(names);
        entries.push(Requirement { ticket_types, min_tickets: None, max_tickets: None, min_subtotal: None });
    }
    bound(entries.last_mut().unwrap());
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
