//! Limits: the counters that an order may charge, and whether what they leave is enough.
//!
//! To add a kind of limit, add a row to `counters!` and an entry in [`of_code`] or [`of_policy`]. It is then judged,
//! charged, recorded, given back and listed by `usageKeys` like every other limit.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::calendar::LocalTime;
use crate::base::key::{self, encode, person};
use crate::base::money::Integer;
use crate::base::text::Name;
use crate::documents::charge::{Charge, Each};
use crate::documents::counter::{Counter, Unit};
use crate::documents::decision::Violation;
use crate::documents::lifts::Lifts;
use crate::documents::order::{Identity, Order};
use crate::documents::policy::{Back, Column, Policy, terms};
use crate::documents::promo::{Pool, Promo};
use crate::documents::request::Asked;
use crate::judge::account::Account;
use crate::judge::keep::Keeper;

/// A counter that an order may charge, and how much of it may be used.
pub(crate) struct Limit {
    pub counter: Counter,
    pub key: String,
    /// `None` is no limit. The counter is charged all the same, so that earlier uses count if a limit is added later.
    pub most: Option<Integer>,
    back: Option<Vec<Back>>,
}

/// What the limits of one order are worked out from.
pub(crate) struct Scene<'a> {
    pub order: &'a Order,
    pub policy: &'a Policy,
    pub identities: &'a [Identity],
    /// The time of the decision on local clocks, if the policy has a zone.
    pub local: Option<LocalTime>,
    pools: Pools<'a>,
}

/// The limits of each pool that one of the promotions names. Where several of them limit one pool, the least limit
/// counts.
struct Pools<'a> {
    /// The least limit of each counter of all persons together, by counter key.
    least: BTreeMap<String, Integer>,
    /// The limits per person, by pool.
    per_person: Vec<(&'a Name, Integer)>,
}

impl<'a> Pools<'a> {
    fn new(promos: &mut dyn Iterator<Item = &'a Promo>, order: &Order) -> Self {
        let (mut least, mut per_person) = (BTreeMap::new(), Vec::new());
        let mut limit = |key: String, most: Option<Integer>| {
            if let Some(most) = most {
                let entry = least.entry(key).or_insert(most);
                *entry = most.min(*entry);
            }
        };
        for pool in promos.flat_map(|promo| &promo.pools) {
            limit(Counter::PoolUses.key(&[&encode(&pool.id)]), pool.max_uses);
            let budget = pool.budget.as_ref().and_then(|budget| budget.of(&order.currency));
            limit(Counter::PoolSpend.key(&[&encode(&pool.id), &encode(&order.currency)]), budget);
            per_person.extend(pool.max_uses_per_identity.map(|most| (&pool.id, most)));
        }
        Self { least, per_person }
    }

    /// The uses of this pool that one person has.
    fn per_person(&self, pool: &Pool) -> Option<Integer> {
        self.per_person.iter().filter(|(id, _)| **id == pool.id).map(|(_, most)| *most).min()
    }
}

impl<'a> Scene<'a> {
    /// The scene of what was asked, for promotions that are judged together. `identities` are those of the order in
    /// canonical form.
    pub(crate) fn new(
        asked: &Asked<'a>,
        promos: &mut dyn Iterator<Item = &'a Promo>,
        identities: &'a [Identity],
    ) -> Self {
        let Asked { order, policy, now_ms, .. } = *asked;
        Scene { order, policy, identities, local: policy.local(now_ms), pools: Pools::new(promos, order) }
    }

    /// The least limit on the uses of one person that holds for the promo in this order.
    pub(crate) fn per_person(&self, promo: &Promo) -> Option<Integer> {
        let of_pools = promo.pools.iter().filter_map(|pool| self.pools.per_person(pool));
        promo.caps().chain(of_pools).min()
    }

    /// The identities that are counted per person.
    fn capped(&self) -> impl Iterator<Item = &str> {
        self.identities.iter().filter(|identity| identity.capped).map(|identity| identity.canonical.as_str())
    }

    /// Whether the order names nobody who could be counted per person.
    pub(crate) fn names_nobody(&self) -> bool {
        self.capped().next().is_none()
    }
}

/// The counters that a code may charge, in the order in which charges are recorded. A code that keeps its time with a
/// record is charged in the record's periods.
pub(crate) fn of_code(promo: &Promo, code: &str, scene: &Scene, kept: Option<&Keeper>) -> Vec<Limit> {
    let scope = key::scope(promo.id.as_deref(), &scene.order.event_id, code);
    let currency = encode(&scene.order.currency);
    let rules = [&promo.release, &scene.policy.release];
    let back = terms(&rules, Column::Uses);
    let of = |counter: Counter, parts: &[&str], most| Limit {
        counter,
        key: counter.key(parts),
        most,
        back: back.clone(),
    };
    let in_pool = |counter: Counter, parts: &[&str]| {
        let limit = of(counter, parts, None);
        Limit { most: scene.pools.least.get(&limit.key).copied(), ..limit }
    };
    // The counters of each person, while their limit is set.
    let per_person = |limits: &mut Vec<Limit>, counter: Counter, within: &[&str], most: Option<Integer>| {
        if most.is_some() {
            let back = terms(&rules, Column::Identity);
            limits.extend(scene.capped().map(|identity| {
                let key = counter.key(&[within, &[&person(identity)]].concat());
                Limit { counter, key, most, back: back.clone() }
            }));
        }
    };

    let mut limits = vec![of(Counter::CodeUses, &[&scope], promo.max_uses())];
    per_person(&mut limits, Counter::CodeBy, &[&scope], promo.max_uses_per_identity);
    for period in promo.periods() {
        let recorded = kept.and_then(|kept| kept.bucket(promo, code, period.every)).map(str::to_owned);
        let today = || scene.local.map(|local| period.every.bucket(local));
        // Without a zone there is no period to count in, and the code is refused as `outside_hours`.
        let Some(bucket) = recorded.or_else(today) else { continue };
        let (all, person) = period.every.counters();
        limits.extend(period.max_uses.map(|most| of(all, &[&scope, &bucket], Some(most))));
        per_person(&mut limits, person, &[&scope, &bucket], period.max_uses_per_identity);
    }
    for pool in &promo.pools {
        let id = encode(&pool.id);
        limits.push(in_pool(Counter::PoolUses, &[&id]));
        per_person(&mut limits, Counter::PoolBy, &[&id], scene.pools.per_person(pool));
    }
    if !promo.takes().is_none() {
        let budget = promo.budget.as_ref().and_then(|budget| budget.of(&scene.order.currency));
        limits.push(of(Counter::CodeSpend, &[&scope, &currency], budget));
        let spend = |pool: &Pool| in_pool(Counter::PoolSpend, &[&encode(&pool.id), &currency]);
        limits.extend(promo.pools.iter().map(spend));
    }
    limits
}

/// The counters that the policy limits, in the order in which charges are recorded.
pub(crate) fn of_policy(scene: &Scene, lifts: Lifts) -> Vec<Limit> {
    let policy = scene.policy;
    let [free, tickets] = policy.lifted(lifts);
    let caps = [(Counter::EventFree, free), (Counter::EventTickets, tickets)];
    let mut limits = Vec::new();
    for (counter, most) in caps.into_iter().filter(|(_, most)| most.is_some()) {
        let event = encode(&scene.order.event_id);
        limits.extend(scene.capped().map(|identity| Limit {
            counter,
            key: counter.key(&[&event, &person(identity)]),
            most,
            back: terms(&[&policy.release], Column::Identity),
        }));
    }
    limits
}

/// The least that any limit of this unit leaves; `None` if there is no limit.
pub(crate) fn left(limits: &[Limit], unit: Unit, account: &Account) -> Option<Integer> {
    let limits = limits.iter().filter(|limit| limit.unit() == unit);
    limits.filter_map(|limit| Some(limit.most?.minus(account.used(&limit.key)))).min()
}

/// What an order needs of its counters.
pub(crate) struct Need<'a> {
    /// How much it needs of the counters of each unit. `None`: these counters are not asked now.
    pub of: &'a dyn Fn(Unit) -> Option<Integer>,
    /// Whether it is enough if less than the amount is left, but not 0.
    pub partial: bool,
    /// The code for which it is needed; `None` for the limits of the policy.
    pub code: Option<&'a str>,
}

/// What the limits answer to a need.
pub(crate) struct Verdict {
    /// One violation for each reason to reject the order.
    pub violations: Vec<Violation>,
    /// The least that a limit leaves, of those that leave less than is needed; `None` if all leave enough.
    pub left: Option<Integer>,
}

/// Whether the need fits into every limit.
pub(crate) fn judge(limits: &[Limit], need: &Need, account: &Account) -> Verdict {
    let mut verdict = Verdict { violations: Vec::new(), left: None };
    for limit in limits {
        let Some((most, amount)) = limit.most.zip((need.of)(limit.unit())) else { continue };
        let used = account.used(&limit.key);
        let left = most.minus(used);
        if left >= amount {
            continue;
        }
        verdict.left = Some(verdict.left.map_or(left, |least| least.min(left)));
        if !need.partial || left == Integer::ZERO {
            let (counter, key, code, need) = (limit.counter, &*limit.key, need.code, amount);
            push_least(
                &mut verdict.violations,
                Shortage { counter, key, code, most, used, need }.violation(),
            );
        }
    }
    verdict
}

/// Adds a violation to those of its code, in the order of the reasons. If there is one of the same reason, only the one
/// that leaves less stays.
pub(crate) fn push_least(violations: &mut Vec<Violation>, new: Violation) {
    let place = violations.iter().position(|old| old.code == new.code && old.reason >= new.reason);
    let Some(place) = place else { return violations.push(new) };
    match violations.get_mut(place).filter(|old| old.reason == new.reason) {
        Some(old) if new.remaining < old.remaining => *old = new,
        Some(_) => {}
        None => violations.insert(place, new),
    }
}

/// A counter of which too little is left.
pub(crate) struct Shortage<'a> {
    pub counter: Counter,
    pub key: &'a str,
    pub code: Option<&'a str>,
    pub most: Integer,
    pub used: Integer,
    pub need: Integer,
}

impl Shortage<'_> {
    pub(crate) fn violation(self) -> Violation {
        let Self { counter, key, code, most, used, need } = self;
        let (facts, left) = (counter.facts(), most.minus(used));
        let has = (facts.has)(code.unwrap_or_default(), &format!("{} of {}", left.get(), most.get()));
        Violation {
            counter: Some(key.to_owned()),
            limit: Some(most),
            used: Some(used),
            remaining: Some(left),
            need: Some(need),
            ..Violation::new(code, facts.shortage, format!("{has}, the order needs {}", need.get()))
        }
    }
}

impl Limit {
    pub(crate) fn unit(&self) -> Unit {
        self.counter.facts().unit
    }

    /// The charge of `amount` for `tickets`, as it is recorded.
    pub(crate) fn charge(
        self,
        code: Option<&str>,
        amount: Integer,
        tickets: &Arc<[Integer]>,
        each: Option<Each>,
    ) -> Charge {
        Charge {
            key: self.key,
            code: code.map(str::to_owned),
            limit: self.most,
            amount,
            tickets: tickets.clone(),
            each,
            groups: None,
            back: self.back,
            held: None,
        }
    }
}
