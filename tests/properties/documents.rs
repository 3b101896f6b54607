//! Draws promotions and policies whose limits are often reached.

use proptest::collection::vec;
use proptest::option::weighted as maybe;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use redeemable::{
    Amount, Bounded, Buy, Choose, Combines, CountBy, Currency, Discount, DiscountEntry, EmailAliases, Every,
    Give, Kind, Lifts, OffsetMinutes, Percent, PercentAt, PercentOf, PeriodLimit, Pick, Policy, Pool,
    Positive, Promo, ReleaseRule, ReleaseRules, Rounding, Spread, Tier, TiersBy, TiersMode, WhenShort,
    ZoneOffset,
};

use crate::conditions::condition;
use crate::groups;
use crate::prices;
use crate::scenario::{CURRENCIES, START, TICK, int, name, time};

const POOLS: [&str; 3] = ["staff", "press/1", "friends"];

fn count_by(often: f64) -> impl Strategy<Value = Option<CountBy>> {
    maybe(often, select(&[CountBy::Ticket, CountBy::Order]))
}

pub fn promo() -> impl Strategy<Value = Promo> {
    let identity = (any::<bool>(), prop::bool::weighted(0.5), count_by(0.3), count_by(0.15));
    let period =
        (select(&[Every::Day, Every::Week, Every::Month]), maybe(0.7, 0..=8_u64), maybe(0.4, 0..=4_u64));
    let unlocks = maybe(0.25, vec(select(&["seat", "vip", "crew"]), 0..=2));
    let lifts = maybe(0.1, (maybe(0.6, 0..=15_u64), maybe(0.6, 0..=15_u64)));
    let new =
        (prop_oneof![3 => vec(period.clone(), 0), 1 => vec(period, 1..=3)], lifts, unlocks, any::<u32>());
    let few = || prop_oneof![1 => Just(0_u64), 20 => 1..=8_u64];
    let much = || {
        (prop_oneof![1 => 0..=400_u64, 4 => 400..=15_000_u64], any::<u64>()).prop_map(|(n, r)| amount(n, r))
    };
    let limits = (maybe(0.5, few()), prop::bool::weighted(0.05), maybe(0.3, 0..=6_u64));
    let pick = prop_oneof![2 => Just(Pick::Dearest), 1 => Just(Pick::Cheapest)];
    let order = (maybe(0.2, 1..=3_u64), pick, maybe(0.15, moneys(&[500, 3000, 1, 0])), maybe(0.25, much()));
    let pools = vec((select(&POOLS), maybe(0.7, few()), maybe(0.2, 0..=4_u64), maybe(0.3, much())), 0..=2);
    let roundings = [Rounding::HalfUp, Rounding::HalfDown, Rounding::HalfEven, Rounding::Down, Rounding::Up];
    let habits =
        (prop::bool::weighted(0.4), prop::bool::weighted(0.85), 0..=2_u64, select(roundings.to_vec()));
    let types = vec(select(&["seat", "vip", "crew"]), 0..=2).prop_map(Some);
    let types = prop_oneof![2 => types, 1 => Just(None)];
    let entries = maybe(0.3, vec((types, discount()), 1..=3));
    let parts = (
        (discount(), entries),
        identity,
        limits,
        order,
        pools,
        habits,
        release(),
        maybe(0.25, vec(condition(), 1..=2)),
        new,
    );
    parts.prop_map(
        |((discount, entries), identity, limits, order, pools, habits, release, conditions, new)| {
            let (short, has_id, count_by, count_by_identity) = identity;
            let (periods, lifts, unlocks, random) = new;
            let mut per_period: Vec<PeriodLimit> = Vec::new();
            for (every, max_uses, per_identity) in periods {
                if per_period.iter().all(|earlier| earlier.every != every) {
                    // One of the two limits must be there.
                    let max_uses = max_uses.or(per_identity.is_none().then_some(3)).map(int);
                    per_period.push(PeriodLimit {
                        every,
                        max_uses,
                        max_uses_per_identity: per_identity.map(int),
                    });
                }
            }
            let (max_uses, single_use, per_identity) = limits;
            let (most_tickets, pick, max_discount, budget) = order;
            let (partial, combines, priority, rounding) = habits;
            let percent = match discount {
                _ if entries.is_some() => None,
                Discount::Percent { percent, of: PercentOf::Ticket, at: PercentAt::Left } if short => {
                    Some(percent)
                }
                _ => None,
            };
            let mut pools: Vec<Pool> = pools
                .into_iter()
                .map(|(id, uses, per_identity, budget)| Pool {
                    id: name(id),
                    max_uses: uses.map(int),
                    max_uses_per_identity: per_identity.map(int),
                    budget,
                })
                .collect();
            if pools.len() == 2 && pools[0].id == pools[1].id {
                pools.pop();
            }
            let has_entries = entries.is_some();
            let mut promo = Promo {
                id: has_id.then(|| name("set by the scenario")),
                discount: if percent.is_some() || entries.is_some() { None } else { Some(discount.clone()) },
                discount_percent: percent,
                discounts: entries.map(|entries| entries.into_iter().map(entry).collect()),
                count_by: match (&discount, count_by) {
                    _ if has_entries => count_by,
                    (Discount::PerGroup { .. }, Some(CountBy::Ticket)) => Some(CountBy::Group),
                    (_, count_by) => count_by,
                },
                count_by_identity,
                per_period,
                lifts: lifts.map(|(tickets, free)| Lifts {
                    max_tickets_per_identity: tickets.map(int),
                    max_free_tickets_per_identity: free.map(int),
                }),
                max_uses: if single_use { None } else { max_uses.map(int) },
                single_use,
                max_uses_per_identity: per_identity.map(int),
                max_tickets_per_order: most_tickets.and_then(Positive::new),
                pick,
                max_discount,
                budget,
                pools,
                when_short: if partial { WhenShort::Partial } else { WhenShort::Reject },
                combines: if combines && random.is_multiple_of(7) {
                    Combines::PerTicket
                } else {
                    combines.into()
                },
                group: random
                    .is_multiple_of(9)
                    .then(|| name(if random.is_multiple_of(2) { "early" } else { "late" })),
                priority: Bounded::new(priority).unwrap(),
                rounding,
                release,
                ..Promo::new("set by the scenario", discount)
            };
            // Two conditions that refuse the same order show the order of their reasons.
            for (put_on, random) in conditions.into_iter().flatten() {
                put_on(&mut promo, random);
            }
            // A code can unlock only types that it is for.
            promo.unlocks = unlocks.filter(|_| !groups::has_groups(&promo)).map(|types| {
                types.into_iter().filter(|of| prices::covers(&promo, Some(of))).map(name).collect()
            });
            promo
        },
    )
}

/// An amount in every currency, in one of both, or only in the first, which most orders have.
pub fn amount(number: u64, random: u64) -> Amount {
    let currencies = CURRENCIES.map(|name| Currency::new(name).unwrap());
    let numbers = currencies.into_iter().zip([int(number), int(number / 2 + 1)]);
    match random % 8 {
        0 => Amount::ByCurrency(numbers.collect()),
        1 => Amount::ByCurrency(numbers.take(1).collect()),
        _ => int(number).into(),
    }
}

fn moneys(numbers: &'static [u64]) -> impl Strategy<Value = Amount> {
    (select(numbers), any::<u64>()).prop_map(|(number, random)| amount(number, random))
}

fn entry((types, discount): (Option<Vec<&str>>, Discount)) -> DiscountEntry {
    // Groups stand in no entry.
    let discount = if let Discount::PerGroup { discount, .. } = discount { *discount } else { discount };
    let ticket_types = types.map(|types| types.into_iter().map(name).collect());
    DiscountEntry { ticket_types, discount }
}

fn discount() -> impl Strategy<Value = Discount> {
    let percents = select(&[10.0, 12.5, 33.3333, 50.0, 99.99, 100.0, 0.0]);
    let of = prop_oneof![2 => Just(PercentOf::Ticket), 1 => Just(PercentOf::Order)];
    let at = prop_oneof![2 => Just(PercentAt::Left), 1 => Just(PercentAt::List)];
    let percent = (percents, of, at).prop_map(|(percent, of, at)| Discount::Percent {
        percent: Percent::new(percent).unwrap(),
        of,
        at,
    });
    let order_prices = moneys(&[0, 1, 990, 5000, 9000]);
    let amounts = || prop_oneof![1 => moneys(&[0]), 9 => moneys(&[1, 400, 1000, 5000])];
    let prices = prop_oneof![3 => moneys(&[0]), 6 => moneys(&[1, 400, 990])];
    prop_oneof![
        4 => percent,
        2 => amounts().prop_map(|amount| Discount::AmountPerTicket { amount }),
        2 => amounts().prop_map(|amount| Discount::AmountPerOrder { amount }),
        1 => prices.prop_map(|price| Discount::FixedPrice { price }),
        1 => order_prices.prop_map(|price| Discount::OrderPrice { price }),
        2 => Just(Discount::Free),
        1 => Just(Discount::None),
        2 => tiers(),
        3 => groups(),
    ]
}

/// A discount of a tier or of a group: of a kind that looks at each ticket by itself, or (`of_order`) at all.
fn leaf(of_order: bool) -> impl Strategy<Value = Discount> {
    let percent = |percent| Discount::percent_off(Percent::new(percent).unwrap());
    prop_oneof![
        3 => select(&[10.0, 33.3333, 50.0, 100.0]).prop_map(percent),
        2 => moneys(&[0, 1, 400, 5000]).prop_map(|amount| Discount::AmountPerTicket { amount }),
        1 => moneys(&[0, 400, 990]).prop_map(|price| Discount::FixedPrice { price }),
        2 => Just(Discount::Free),
        u32::from(of_order) * 2 => moneys(&[0, 400, 5000]).prop_map(|amount| Discount::AmountPerOrder { amount }),
    ]
}

fn tiers() -> impl Strategy<Value = Discount> {
    let leaf = |of_order| prop_oneof![5 => leaf(of_order), 1 => Just(Discount::None)];
    let volume = (any::<bool>(), vec((1..=4_u64, leaf(true)), 1..=3)).prop_map(|(by_subtotal, tiers)| {
        let (by, unit) = if by_subtotal { (TiersBy::Subtotal, 900) } else { (TiersBy::Tickets, 1) };
        (by, TiersMode::Volume, unit, tiers)
    });
    let graduated = vec((1..=3_u64, leaf(false)), 1..=3);
    let graduated = graduated.prop_map(|tiers| (TiersBy::Tickets, TiersMode::Graduated, 1, tiers));
    prop_oneof![3 => volume, 2 => graduated].prop_map(|(by, mode, unit, tiers)| {
        let mut from = 0;
        let tiers = tiers.into_iter().map(|(more, discount)| {
            from += more * unit;
            Tier { from: int(from).into(), discount }
        });
        Discount::Tiers { by, mode, tiers: tiers.collect() }
    })
}

fn groups() -> impl Strategy<Value = Discount> {
    let kinds = [Some("seat"), Some("vip"), Some("crew")];
    let buy = (vec(select(kinds.to_vec()), 0..=2), 1..=3_u64).prop_map(|(types, tickets)| Buy {
        ticket_types: types.into_iter().flatten().map(name).collect(),
        tickets: Positive::new(tickets).unwrap(),
    });
    let of_size =
        (2..=4_u64, 1..=4_u64).prop_map(|(size, discounted)| (Some(size), None, discounted.min(size)));
    let of_bought = (buy, 1..=3_u64).prop_map(|(buy, discounted)| (None, Some(buy), discounted));
    let spread = prop_oneof![2 => Just(Spread::Group), 1 => Just(Spread::Discounted)];
    let rest = (leaf(false), maybe(0.3, 1..=2_u64), spread);
    (prop_oneof![of_size, of_bought], rest).prop_map(|((size, buy, discounted), (discount, most, spread))| {
        Discount::PerGroup {
            size: size.and_then(Bounded::new),
            buy,
            discounted: Positive::new(discounted).unwrap(),
            discount: Box::new(discount),
            max_groups: most.and_then(Positive::new),
            spread,
        }
    })
}

/// Nothing would compare a kind that is never drawn with its naive reading.
#[test]
fn every_kind_of_discount_is_drawn() {
    let schema: serde_json::Value = serde_json::from_str(include_str!("../../contract/schema.json")).unwrap();
    let cases = schema["$defs"]["Discount"]["oneOf"].as_array().unwrap();
    let kinds = cases.iter().map(|case| case["properties"]["kind"]["const"].as_str().unwrap());
    let mut runner = TestRunner::deterministic();
    let mut draw = || serde_json::to_value(discount().new_tree(&mut runner).unwrap().current()).unwrap();
    let drawn: Vec<serde_json::Value> = (0..1000).map(|_| draw()).collect();
    for kind in kinds {
        let is_drawn = drawn.iter().any(|discount| discount["kind"] == kind);
        assert!(is_drawn, "tests/properties/documents.rs draws no discount of kind {kind}");
    }
}

pub fn policy() -> impl Strategy<Value = Policy> {
    let most = &["email", "account", "npub"][..];
    let kinds = [&["email"][..], &["account", "npub"], &["email", "account", "card"], most, most, &[]];
    let caps = (maybe(0.3, 0..=8_u64), maybe(0.3, 2..=12_u64), maybe(0.25, select(kinds.to_vec())));
    // From one minute, so that a hold ends between two ticks, to more than any hold asks for.
    let hold = maybe(0.6, select(&[60_000, TICK, 2 * TICK, 3 * TICK, 8 * TICK]));
    // Offsets that change while a scenario is played, in the middle of a day or to another day.
    let zones: [&[(u64, i16)]; 4] = [
        &[(START, 60)],
        &[(START + 3 * TICK, -300)],
        &[(START - 1, 0), (START + 6 * TICK, 840), (START + 12 * TICK, 825)],
        &[(START - TICK, 120), (START + 4 * TICK, 60)],
    ];
    let zone = maybe(0.8, select(zones.to_vec()));
    let locked = maybe(0.3, vec(select(&["seat", "vip", "crew", "crew"]), 0..=2));
    let drawn = (caps, any::<bool>(), release(), hold, zone, locked);
    drawn.prop_map(|((free, tickets, kinds), exact, release, hold, zone, locked)| Policy {
        choose: Choose::default(),
        locked_ticket_types: locked.map(|types| types.into_iter().map(name).collect()),
        max_free_tickets_per_identity: free.map(int),
        max_tickets_per_identity: tickets.map(int),
        identity_kinds: kinds.map(|kinds| kinds.iter().map(|kind| Kind::new(*kind).unwrap()).collect()),
        email_aliases: if exact { EmailAliases::Exact } else { EmailAliases::Fold },
        release,
        max_hold_ms: hold.and_then(Bounded::new),
        zone: zone.map(|zone| {
            zone.iter()
                .map(|(from, offset)| ZoneOffset {
                    from_ms: time(*from),
                    offset_minutes: OffsetMinutes::new(*offset).unwrap(),
                })
                .collect()
        }),
    })
}

pub fn release() -> impl Strategy<Value = ReleaseRules> {
    let says = || maybe(0.6, select(&[Give::Restore, Give::Keep]));
    let rule = (says(), says(), maybe(0.4, 1..=12_u64)).prop_map(|(uses, identity, until)| ReleaseRule {
        uses,
        identity,
        until_ms: until.map(|tick| time(START + tick * TICK)),
    });
    vec((0..7_usize, rule), 0..=2).prop_map(|rules| {
        let mut release = ReleaseRules::default();
        for (reason, rule) in rules {
            *match reason {
                0 => &mut release.buyer_released,
                1 => &mut release.organizer_cancelled,
                2 => &mut release.refunded,
                3 => &mut release.forfeited,
                4 => &mut release.no_show,
                5 => &mut release.exchanged,
                _ => &mut release.disputed,
            } = Some(rule);
        }
        release
    })
}
