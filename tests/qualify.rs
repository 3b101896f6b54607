//! Checks that `to_qualify` is true: makes the change in every way in which a buyer can make it, and asks the engine
//! again.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking, and its figures are small"
)]

use proptest::collection::{btree_map, vec};
use proptest::option::weighted as maybe;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use redeemable::{
    Bounded, Buy, Change, Decision, Discount, DiscountEntry, GroupSize, Integer, Line, Name, Order, Policy,
    Positive, Promo, PublicReason, Reason, Requirement, Spread, Status, SubtotalOf, ToQualify, Usage,
    ValidateRequest, ViewRequest, public_view, validate_redemption,
};
use std::cell::RefCell;
use std::collections::BTreeMap;

const TYPES: [&str; 3] = ["seat", "vip", "crew"];
const BOUNDS: [Reason; 8] = [
    Reason::BelowMinTickets,
    Reason::AboveMaxTickets,
    Reason::BelowMinSubtotal,
    Reason::AboveMaxSubtotal,
    Reason::MissingTickets,
    Reason::SurplusTickets,
    Reason::MissingSubtotal,
    Reason::WrongTicketType,
];

type Seen = BTreeMap<&'static str, u64>;

fn int(value: u64) -> Integer {
    Integer::new(value).unwrap()
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// The number of tickets of each type (`None` for tickets without a type) at each price.
type Basket = BTreeMap<(Option<&'static str>, u64), u64>;

fn basket() -> impl Strategy<Value = Basket> {
    let types = select(&[Some("seat"), Some("vip"), Some("crew"), None]);
    btree_map((types, select(&[1_u64, 100, 1000])), 1..=4_u64, 1..=3)
}

fn request(promo: &Promo, basket: &Basket, used: u64) -> ValidateRequest {
    let line = |((ticket_type, price), quantity): (&(Option<&str>, u64), &u64)| Line {
        ticket_type: ticket_type.map(name),
        unit_price: int(*price),
        quantity: Bounded::new(*quantity).unwrap(),
    };
    ValidateRequest {
        codes: vec!["club".to_owned()],
        promos: vec![promo.clone()],
        policy: Policy::default(),
        order: Order {
            id: None,
            event_id: name("gala"),
            currency: redeemable::Currency::new("EUR").unwrap(),
            lines: basket.iter().map(line).collect(),
            identities: BTreeMap::new(),
            facts: redeemable::Facts::new(),
            hold_until_ms: None,
            max_total: None,
        },
        usage: Usage {
            counters: BTreeMap::from([("code/event:gala:CLUB/uses".to_owned(), int(used))]),
            ..Usage::default()
        },
        now_ms: redeemable::Time::new(1_800_000_000_000).unwrap(),
    }
}

fn promo() -> impl Strategy<Value = (Promo, u64)> {
    let types = maybe(0.5, subsequence(TYPES.to_vec(), 0..=3));
    let bounds = (maybe(0.5, 0..=6_u64), maybe(0.3, 0..=6_u64), maybe(0.3, select(&[0_u64, 3, 150, 2500])));
    let entries = maybe(0.3, vec(maybe(0.8, subsequence(TYPES.to_vec(), 0..=2)), 1..=3));
    let subtotals = (maybe(0.4, select(&[1_u64, 100, 200, 1000, 2000])), any::<bool>());
    let other =
        (maybe(0.2, subsequence(TYPES.to_vec(), 0..=2)), subtotals, maybe(0.3, vec(requirement(), 1..=2)));
    let limits = (maybe(0.2, 0..=9_u64), 0..=4_u64, maybe(0.2, 1..=3_u64), prop::bool::weighted(0.9));
    let groups = maybe(0.2, (2..=4_u64, prop::bool::weighted(0.3)));
    ((types, entries), bounds, other, limits, groups).prop_map(
        |((types, entries), bounds, other, limits, groups)| {
            let (least, most, subtotal) = bounds;
            let (excluded, (max_subtotal, of_scope), requires) = other;
            let (uses, used, per_order, active) = limits;
            let names = |types: Vec<&str>| types.into_iter().map(name).collect();
            let entry = |types: Option<Vec<&str>>| DiscountEntry {
                ticket_types: types.map(names),
                discount: Discount::None,
            };
            // Three for the price of two, or a seat for so many vip tickets.
            let group = groups.map(|(tickets, buys)| Discount::PerGroup {
                size: GroupSize::new(tickets).filter(|_| !buys),
                buy: buys.then(|| Buy {
                    ticket_types: vec![name("vip")],
                    tickets: Positive::new(tickets).unwrap(),
                }),
                discounted: Positive::LEAST,
                discount: Box::new(Discount::Free),
                max_groups: None,
                spread: Spread::Group,
            });
            let promo = Promo {
                discount: entries.is_none().then_some(group.unwrap_or(Discount::None)),
                discounts: entries.map(|entries| entries.into_iter().map(entry).collect()),
                exclude_ticket_types: excluded.map(names),
                max_subtotal: max_subtotal.map(|most| int(most).into()),
                subtotal_of: if of_scope { SubtotalOf::Scope } else { SubtotalOf::Order },
                requires,
                ticket_types: types.map(names),
                min_tickets: least.map(int),
                max_tickets: most.map(int),
                min_subtotal: subtotal.map(|least| int(least).into()),
                max_uses: uses.map(int),
                max_tickets_per_order: per_order.and_then(Positive::new),
                active,
                ..Promo::new("CLUB", Discount::None) // so that a ticket for nothing counts, too
            };
            (promo, used)
        },
    )
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let types = maybe(0.9, subsequence(TYPES.to_vec(), 1..=2));
    let bounds = (maybe(0.5, 1..=4_u64), maybe(0.3, 0..=4_u64), maybe(0.2, select(&[1_u64, 150, 2500])));
    let some = |(least, most, subtotal): &(Option<u64>, Option<u64>, Option<u64>)| {
        least.is_some() || most.is_some() || subtotal.is_some()
    };
    (types, bounds.prop_filter("a bound is given", some)).prop_map(|(types, (least, most, subtotal))| {
        Requirement {
            ticket_types: types.map(|types| types.into_iter().map(name).collect()),
            min_tickets: least.and_then(Positive::new),
            max_tickets: most.map(int),
            min_subtotal: subtotal.map(|least| int(least).into()),
        }
    })
}

fn decide(promo: &Promo, basket: &Basket, used: u64) -> Decision {
    validate_redemption(&request(promo, basket, used)).unwrap()
}

/// Every basket that a buyer can make of this one by such a change.
fn ways(change: &ToQualify, basket: &Basket) -> Vec<Basket> {
    let ToQualify { of, change, by } = change;
    let by = by.get();
    let counts = |kind: &Option<&str>| match of {
        None => true,
        Some(types) => kind.is_some_and(|kind| types.iter().any(|name| &**name == kind)),
    };
    let kinds: Vec<Option<&str>> = TYPES.into_iter().map(Some).chain([None]).filter(counts).collect();
    match change {
        _ if by == 0 => vec![basket.clone()],
        Change::AddTickets => {
            let priced = kinds.iter().flat_map(|kind| [(*kind, 0), (*kind, 5000)]);
            let added = priced.map(|(kind, price)| {
                let mut basket = basket.clone();
                *basket.entry((kind, price)).or_default() += by;
                basket
            });
            added.collect()
        }
        Change::RemoveTickets => {
            let mut baskets = vec![basket.clone()];
            for _ in 0..by {
                let fewer = |basket: &Basket| -> Vec<Basket> {
                    let one_less = |key| {
                        let mut basket = basket.clone();
                        *basket.get_mut(key).unwrap() -= 1;
                        basket.retain(|_, quantity| *quantity > 0);
                        basket
                    };
                    basket.keys().filter(|(kind, _)| kinds.contains(kind)).map(one_less).collect()
                };
                baskets = baskets.iter().flat_map(fewer).collect();
                baskets.sort();
                baskets.dedup();
            }
            baskets.retain(|basket| !basket.is_empty());
            baskets
        }
        // One of the tickets gets dearer by this amount, so that the number of tickets stays. If the order has no
        // ticket of these types, one is added.
        Change::AddSubtotal => {
            let of_kinds = || basket.keys().filter(|(kind, _)| kinds.contains(kind));
            let mut dearer: Vec<_> = of_kinds().map(|key| priced(basket, *key, key.1 + by)).collect();
            let missing = kinds.iter().filter(|kind| of_kinds().all(|(has, _)| has != *kind));
            dearer.extend(missing.filter(|_| of.is_some()).map(|kind| {
                let mut basket = basket.clone();
                *basket.entry((*kind, by)).or_default() += 1;
                basket
            }));
            dearer
        }
        // One of the tickets gets cheaper by this amount.
        Change::RemoveSubtotal => {
            let of_kinds = basket.keys().filter(|(kind, price)| kinds.contains(kind) && *price >= by);
            of_kinds.map(|key| priced(basket, *key, key.1 - by)).collect()
        }
    }
}

/// The basket with another price for one of the tickets of this type and price.
fn priced(basket: &Basket, key: (Option<&'static str>, u64), price: u64) -> Basket {
    let mut basket = basket.clone();
    *basket.get_mut(&key).unwrap() -= 1;
    *basket.entry((key.0, price)).or_default() += 1;
    basket.retain(|_, quantity| *quantity > 0);
    basket
}

/// Every basket that is left when a buyer removes tickets that cost at least so much, none of them without need.
fn without(change: &ToQualify, basket: &Basket) -> Vec<Basket> {
    let counts = |kind: &Option<&str>| match &change.of {
        None => true,
        Some(types) => kind.is_some_and(|kind| types.iter().any(|name| &**name == kind)),
    };
    // Each way to choose how many tickets of each type and price go.
    let mut choices = vec![Basket::new()];
    for (key, quantity) in basket.iter().filter(|((kind, _), _)| counts(kind)) {
        let more = |gone: &Basket| -> Vec<Basket> {
            (0..=*quantity).map(|n| gone.iter().map(|(k, n)| (*k, *n)).chain([(*key, n)]).collect()).collect()
        };
        choices = choices.iter().flat_map(more).collect();
    }
    let cost = |gone: &Basket| gone.iter().map(|((_, price), n)| price * n).sum::<u64>();
    let by = change.by.get();
    let needed = |gone: &Basket| gone.iter().all(|((_, price), n)| *n == 0 || cost(gone) - price < by);
    choices.retain(|gone| cost(gone) >= by && needed(gone));
    let left = |gone: &Basket| -> Basket {
        let rest = basket.iter().map(|(key, n)| (*key, n - gone.get(key).copied().unwrap_or(0)));
        rest.filter(|(_, n)| *n > 0).collect()
    };
    choices.iter().map(left).collect()
}

fn bounds(decision: &Decision) -> Vec<Reason> {
    let reasons = decision.violations.iter().map(|violation| violation.reason);
    reasons.filter(|reason| BOUNDS.contains(reason)).collect()
}

fn told(decision: &Decision) -> Vec<&ToQualify> {
    decision.violations.iter().filter_map(|violation| violation.to_qualify.as_ref()).collect()
}

/// A ticket that costs nothing is in no group, so more of them do not help.
fn has_groups(promo: &Promo) -> bool {
    matches!(promo.discount, Some(Discount::PerGroup { .. }))
}

fn check(promo: &Promo, basket: &Basket, used: u64, seen: &mut Seen) {
    let mut saw = |what| *seen.entry(what).or_default() += 1;
    let decision = decide(promo, basket, used);
    let alone = decision.violations.len() == 1;
    for violation in &decision.violations {
        let Some(change) = &violation.to_qualify else { continue };
        saw(change_name(change));
        assert_eq!(violation.public_reason, PublicReason::OrderNotEligible);
        assert!(change.by > Integer::ZERO);
        let by_tickets =
            if change.change == Change::RemoveSubtotal { without(change, basket) } else { Vec::new() };
        assert!(
            by_tickets.iter().all(|left| !left.is_empty()),
            "{change:?} leaves no ticket in {decision:?}"
        );
        let costs = |way: &Basket| !has_groups(promo) || way.keys().all(|(_, price)| *price > 0);
        for way in ways(change, basket).into_iter().filter(costs).chain(by_tickets) {
            let after = decide(promo, &way, used);
            assert_eq!(bounds(&after), [], "{change:?} in {decision:?}");
            // After the change only a limit may still refuse, because `to_qualify` does not look at limits.
            let short = after.violations.iter().all(|after| after.public_reason == PublicReason::UsedUp);
            assert!(short, "{change:?} leads to {after:?}");
            if alone && promo.max_uses.is_none() {
                saw("accepted with the change");
                assert_eq!(after.status, Status::Accepted, "{change:?} leads to {after:?}");
            }
        }
        let less = ToQualify { by: int(change.by.get() - 1), ..change.clone() };
        for way in ways(&less, basket) {
            let still = decide(promo, &way, used);
            // Tickets of the right type may still be too few for one group.
            let refused = bounds(&still).contains(&violation.reason)
                || (has_groups(promo) && bounds(&still).contains(&Reason::BelowMinTickets));
            assert!(refused, "{less:?} is enough in {decision:?}");
        }
    }

    // Without `to_qualify`, no number of tickets to add or remove may help in every way.
    // Violations that ask for different changes name none, even if one change happens to mend all of them. Less
    // subtotal is not named if it may break a bound, although so many tickets less would not.
    // And no list names tickets without a type, of which an order may have to lose some.
    let nameable = promo.exclude_ticket_types.is_none() || basket.keys().all(|(kind, _)| kind.is_some());
    // What `requires` asks for is asked of its own types, and of several entries nobody knows which one refuses.
    let of_entry = [Reason::MissingTickets, Reason::SurplusTickets, Reason::MissingSubtotal];
    let of_entry = bounds(&decision).iter().any(|reason| of_entry.contains(reason));
    let entries = promo.requires.as_deref().unwrap_or_default();
    let of_tickets =
        entries.is_empty() || (bounds(&decision).len() == 1 && (!of_entry || entries.len() == 1));
    let one_asks = of_tickets && nameable && !bounds(&decision).contains(&Reason::AboveMaxSubtotal);
    if told(&decision).is_empty() && !bounds(&decision).is_empty() && one_asks {
        saw("nothing to change");
        let entry = entries.first().filter(|_| of_entry);
        let of = entry.map_or(&promo.ticket_types, |entry| &entry.ticket_types).clone();
        for (change, by) in (1..=7).flat_map(|by| [(Change::AddTickets, by), (Change::RemoveTickets, by)]) {
            let ways = ways(&ToQualify { of: of.clone(), change, by: int(by) }, basket);
            let helps = |way: &Basket| decide(promo, way, used).violations.is_empty();
            let kept_back = !ways.is_empty() && ways.iter().all(helps);
            // Fewer tickets may fit into what is left of a limit, which `to_qualify` does not tell.
            let of_limit = decision.violations.iter().any(|v| v.public_reason == PublicReason::UsedUp);
            assert!(!kept_back || of_limit, "{change:?} {by} helps in {decision:?}");
        }
    }

    // A page with only the public view tells the same.
    let up_to = basket.values().sum();
    let ValidateRequest { codes, promos, policy, order, usage, now_ms } = request(promo, basket, used);
    let asked = ViewRequest {
        codes,
        promos,
        policy,
        order: order.clone(),
        usage,
        now_ms,
        reveal_up_to: Bounded::new(up_to).unwrap(),
    };
    let redeemable::PublicView { codes, promos, policy, .. } = public_view(&asked).unwrap();
    let request = ValidateRequest { codes, promos, policy, order, usage: Usage::default(), now_ms };
    let page = validate_redemption(&request).unwrap();
    assert_eq!(told(&page), told(&decision), "the page says something else: {page:?}, {decision:?}");
}

fn change_name(change: &ToQualify) -> &'static str {
    match (change.change, &change.of) {
        (Change::AddTickets, None) => "add any",
        (Change::AddTickets, Some(_)) => "add of some types",
        (Change::RemoveTickets, None) => "remove any",
        (Change::RemoveTickets, Some(_)) => "remove of some types",
        (Change::AddSubtotal, None) => "add to the subtotal",
        (Change::AddSubtotal, Some(_)) => "add to the subtotal of some types",
        (Change::RemoveSubtotal, None) => "take off the subtotal",
        (Change::RemoveSubtotal, Some(_)) => "take off the subtotal of some types",
    }
}

#[test]
fn the_change_mends_its_violation_and_one_less_does_not() {
    let config = Config { cases: 60_000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[1; 32]));
    let seen = RefCell::new(Seen::new());
    runner
        .run(&(promo(), basket()), |((promo, used), basket)| {
            check(&promo, &basket, used, &mut seen.borrow_mut());
            Ok(())
        })
        .unwrap();
    // Every kind of change must have been checked often enough.
    let seen = seen.into_inner();
    assert_eq!(seen.len(), 10, "{seen:?}");
    assert!(seen.values().all(|times| *times >= 100), "{seen:?}");
}
