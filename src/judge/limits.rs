//! Limits: the counters that an order may charge, and whether what they leave is enough.
//!
//! To add a kind of limit, add a row to `counters!` and an entry in [`of_code`] or [`of_policy`]. It is then judged,
//! charged, recorded, given back and listed by `usageKeys` like every other limit.

use std::collections::BTreeMap;

use crate::base::key::{self, encode, person};
use crate::base::money::Integer;
use crate::documents::charge::{Charge, Each};
use crate::documents::counter::{Counter, Unit};
use crate::documents::decision::Violation;
use crate::documents::order::{Identity, Order};
use crate::documents::policy::{Back, Column, Policy, terms};
use crate::documents::promo::{Pool, Promo};
use crate::documents::request::{Asked, Entered};
use crate::judge::account::Account;

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
    pools: Pools,
}

/// The least limit of each pool's counters, by counter key.
type Pools = BTreeMap<String, Integer>;

/// The limits of each pool that an entered code names. Where several of them limit one pool, the least limit counts.
fn pools(entered: &[Entered], order: &Order) -> Pools {
    let mut least = Pools::new();
    let mut limit = |key: String, most: Option<Integer>| {
        if let Some(most) = most {
            let entry = least.entry(key).or_insert(most);
            *entry = most.min(*entry);
        }
    };
    for pool in entered.iter().filter_map(|entered| entered.promo).flat_map(|promo| &promo.pools) {
        limit(Counter::PoolUses.key(&[&encode(&pool.id)]), pool.max_uses);
        let budget = pool.budget.as_ref().and_then(|budget| budget.of(&order.currency));
        limit(Counter::PoolSpend.key(&[&encode(&pool.id), &encode(&order.currency)]), budget);
    }
    least
}

impl<'a> Scene<'a> {
    /// The scene of what was asked. `identities` are those of the order in canonical form.
    pub(crate) fn new(asked: &Asked<'a>, entered: &[Entered], identities: &'a [Identity]) -> Self {
        let Asked { order, policy, .. } = *asked;
        Scene { order, policy, identities, pools: pools(entered, order) }
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

/// The counters that a code may charge, in the order in which charges are recorded.
pub(crate) fn of_code(promo: &Promo, code: &str, scene: &Scene) -> Vec<Limit> {
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
        Limit { most: scene.pools.get(&limit.key).copied(), ..limit }
    };

    let mut limits = vec![of(Counter::CodeUses, &[&scope], promo.max_uses())];
    for (counter, most) in promo.caps().into_iter().filter(|(_, most)| most.is_some()) {
        let back_to_identity = terms(&rules, Column::Identity);
        limits.extend(scene.capped().map(|identity| Limit {
            back: back_to_identity.clone(),
            ..of(counter, &[&scope, &person(identity)], most)
        }));
    }
    limits.extend(promo.pools.iter().map(|pool| in_pool(Counter::PoolUses, &[&encode(&pool.id)])));
    if !promo.takes().is_none() {
        let budget = promo.budget.as_ref().and_then(|budget| budget.of(&scene.order.currency));
        limits.push(of(Counter::CodeSpend, &[&scope, &currency], budget));
        let spend = |pool: &Pool| in_pool(Counter::PoolSpend, &[&encode(&pool.id), &currency]);
        limits.extend(promo.pools.iter().map(spend));
    }
    limits
}

/// The counters that the policy limits, in the order in which charges are recorded.
pub(crate) fn of_policy(scene: &Scene) -> Vec<Limit> {
    let policy = scene.policy;
    let caps = [
        (Counter::EventFree, policy.max_free_tickets_per_identity),
        (Counter::EventTickets, policy.max_tickets_per_identity),
    ];
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

/// What an order needs of the counters of one unit.
pub(crate) struct Need<'a> {
    pub unit: Unit,
    pub amount: Integer,
    /// Whether it is enough if less than the amount is left, but not 0.
    pub partial: bool,
    /// The code for which it is needed; `None` for the limits of the policy.
    pub code: Option<&'a str>,
}

/// What the limits of one unit answer to a need.
pub(crate) struct Verdict {
    /// One violation for each reason to reject the order.
    pub violations: Vec<Violation>,
    /// The least that any of the limits leaves; `None` if there is no limit.
    pub left: Option<Integer>,
}

/// Whether the need fits into every limit of its unit.
pub(crate) fn judge(limits: &[Limit], need: &Need, account: &Account) -> Verdict {
    let mut verdict = Verdict { violations: Vec::new(), left: None };
    for limit in limits.iter().filter(|limit| limit.unit() == need.unit) {
        let Some(most) = limit.most else { continue };
        let used = account.used(&limit.key);
        let left = most.minus(used);
        verdict.left = Some(verdict.left.map_or(left, |least| least.min(left)));
        let fits = left >= need.amount || (need.partial && left > Integer::ZERO);
        if !fits {
            let (counter, key, code, need) = (limit.counter, &*limit.key, need.code, need.amount);
            push_least(
                &mut verdict.violations,
                Shortage { counter, key, code, most, used, need }.violation(),
            );
        }
    }
    verdict
}

/// Adds a violation. If there is one of the same reason and code, only the one that leaves less stays.
pub(crate) fn push_least(violations: &mut Vec<Violation>, new: Violation) {
    let same = |old: &&mut Violation| old.reason == new.reason && old.code == new.code;
    match violations.iter_mut().find(same) {
        Some(old) if new.remaining < old.remaining => *old = new,
        Some(_) => {}
        None => violations.push(new),
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
        tickets: &[usize],
        each: Option<Each>,
    ) -> Charge {
        Charge {
            key: self.key,
            code: code.map(str::to_owned),
            limit: self.most,
            amount,
            tickets: tickets.iter().map(|&index| Integer::count(index)).collect(),
            each,
            groups: None,
            back: self.back,
        }
    }
}
