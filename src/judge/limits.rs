//! Limits: the counters that an order may charge, and whether what they leave is enough.
//!
//! A cap is a [`Counter`] and one entry in [`of_code`] or [`of_policy`]; it is then judged, charged, recorded,
//! given back and listed by `usageKeys` like every other.

use std::collections::BTreeMap;

use crate::base::key::{self, Counter};
use crate::base::money::Integer;
use crate::documents::charge::{Charge, Each};
use crate::documents::decision::{Reason, Violation};
use crate::documents::discount::Discount;
use crate::documents::order::{Identity, Order};
use crate::documents::policy::{Back, Column, Policy, terms};
use crate::documents::promo::{Pool, Promo};
use crate::documents::request::Entered;
use crate::judge::account::Account;

/// A counter that an order may charge, and how much of it may be used.
pub(crate) struct Limit {
    pub counter: Counter,
    pub key: String,
    /// `None` is no limit: the counter is charged all the same, so that a limit added later knows the past.
    pub most: Option<Integer>,
    back: Option<Vec<Back>>,
}

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Uses,
    Money,
    FreeTickets,
    Tickets,
}

impl Counter {
    pub(crate) fn unit(self) -> Unit {
        match self {
            Self::CodeUses | Self::CodeBy | Self::PoolUses => Unit::Uses,
            Self::CodeSpend | Self::PoolSpend => Unit::Money,
            Self::EventFree => Unit::FreeTickets,
            Self::EventTickets => Unit::Tickets,
        }
    }

    /// What it is called when too little is left.
    fn shortage(self) -> Reason {
        match self {
            Self::CodeUses => Reason::UsesExhausted,
            Self::CodeBy => Reason::IdentityUsesExhausted,
            Self::PoolUses => Reason::PoolExhausted,
            Self::CodeSpend => Reason::BudgetExhausted,
            Self::PoolSpend => Reason::PoolBudgetExhausted,
            Self::EventFree => Reason::FreeTicketsExhausted,
            Self::EventTickets => Reason::TicketsExhausted,
        }
    }
}

/// What all limits of one order depend on.
pub(crate) struct Scene<'a> {
    pub order: &'a Order,
    pub policy: &'a Policy,
    pub identities: &'a [Identity],
    pub pools: Pools,
}

/// The least limit of each pool's counters, by counter key.
pub(crate) type Pools = BTreeMap<String, Integer>;

/// Of each pool that an entered code names, the least limits that any of them gives.
pub(crate) fn pools(entered: &[Entered], order: &Order) -> Pools {
    let mut least = Pools::new();
    let mut limit = |key: String, most: Option<Integer>| {
        if let Some(most) = most {
            let entry = least.entry(key).or_insert(most);
            *entry = most.min(*entry);
        }
    };
    for pool in entered.iter().filter_map(|entered| entered.promo).flat_map(|promo| &promo.pools) {
        limit(key::pool_uses(&pool.id), pool.max_uses);
        limit(key::pool_spend(&pool.id, &order.currency), pool.budget);
    }
    least
}

impl Scene<'_> {
    /// The identities that caps per person look at.
    fn capped(&self) -> impl Iterator<Item = &str> {
        self.identities.iter().filter(|identity| identity.capped).map(|identity| identity.canonical.as_str())
    }

    /// Whether nobody is named whom a cap per person could count.
    pub(crate) fn names_nobody(&self) -> bool {
        self.capped().next().is_none()
    }
}

/// What a code may charge, in the order in which charges are recorded.
pub(crate) fn of_code(promo: &Promo, code: &str, scene: &Scene) -> Vec<Limit> {
    let scope = key::scope(promo.id.as_deref(), &scene.order.event_id, code);
    let currency = &*scene.order.currency;
    let rules = [&promo.release, &scene.policy.release];
    let back = terms(&rules, Column::Uses);
    let of = |counter, key, most| Limit { counter, key, most, back: back.clone() };
    let in_pool = |counter, key: String| {
        let most = scene.pools.get(&key).copied();
        Limit { counter, key, most, back: back.clone() }
    };

    let mut limits = vec![of(Counter::CodeUses, key::code_uses(&scope), promo.max_uses())];
    if promo.max_uses_per_identity.is_some() {
        let back_to_identity = terms(&rules, Column::Identity);
        limits.extend(scene.capped().map(|identity| Limit {
            counter: Counter::CodeBy,
            key: key::code_by(&scope, identity),
            most: promo.max_uses_per_identity,
            back: back_to_identity.clone(),
        }));
    }
    limits.extend(promo.pools.iter().map(|pool| in_pool(Counter::PoolUses, key::pool_uses(&pool.id))));
    if promo.discount() != Discount::None {
        limits.push(of(Counter::CodeSpend, key::code_spend(&scope, currency), promo.budget));
        let spend = |pool: &Pool| in_pool(Counter::PoolSpend, key::pool_spend(&pool.id, currency));
        limits.extend(promo.pools.iter().map(spend));
    }
    limits
}

/// What the policy caps, in the order in which charges are recorded.
pub(crate) fn of_policy(scene: &Scene) -> Vec<Limit> {
    type KeyOf = fn(&str, &str) -> String;
    let policy = scene.policy;
    let caps: [(_, _, KeyOf); 2] = [
        (Counter::EventFree, policy.max_free_tickets_per_identity, key::event_free),
        (Counter::EventTickets, policy.max_tickets_per_identity, key::event_tickets),
    ];
    let mut limits = Vec::new();
    for (counter, most, key_of) in caps.into_iter().filter(|(_, most, _)| most.is_some()) {
        limits.extend(scene.capped().map(|identity| Limit {
            counter,
            key: key_of(&scene.order.event_id, identity),
            most,
            back: terms(&[&policy.release], Column::Identity),
        }));
    }
    limits
}

/// The least uses, or money, that any limit of this unit leaves; `None` is no limit.
pub(crate) fn left(limits: &[Limit], unit: Unit, account: &Account) -> Option<Integer> {
    let limits = limits.iter().filter(|limit| limit.counter.unit() == unit);
    limits.filter_map(|limit| Some(limit.most?.minus(account.used(&limit.key)))).min()
}

/// What the limits of one unit say to a need.
pub(crate) struct Verdict {
    /// One for each reason that refuses.
    pub violations: Vec<Violation>,
    /// The least that any of them leaves; `None` is no limit.
    pub left: Option<Integer>,
}

/// Whether `need` fits into every limit of this unit; a partial need is refused only where nothing is left.
pub(crate) fn judge(
    limits: &[Limit],
    unit: Unit,
    need: Integer,
    partial: bool,
    code: Option<&str>,
    account: &Account,
) -> Verdict {
    let mut verdict = Verdict { violations: Vec::new(), left: None };
    for limit in limits.iter().filter(|limit| limit.counter.unit() == unit) {
        let Some(most) = limit.most else { continue };
        let used = account.used(&limit.key);
        let left = most.minus(used);
        verdict.left = Some(verdict.left.map_or(left, |least| least.min(left)));
        let fits = left >= need || (partial && left > Integer::ZERO);
        if !fits {
            let shortage = shortage(limit.counter, code, &limit.key, most, used, need);
            push_least(&mut verdict.violations, shortage);
        }
    }
    verdict
}

/// Adds a violation, or replaces the one of the same reason and code if this one leaves less.
pub(crate) fn push_least(violations: &mut Vec<Violation>, new: Violation) {
    let same = |old: &&mut Violation| old.reason == new.reason && old.code == new.code;
    match violations.iter_mut().find(same) {
        Some(old) if new.remaining < old.remaining => *old = new,
        Some(_) => {}
        None => violations.push(new),
    }
}

/// The violation of a counter that leaves too little.
pub(crate) fn shortage(
    counter: Counter,
    code: Option<&str>,
    key: &str,
    most: Integer,
    used: Integer,
    need: Integer,
) -> Violation {
    let name = code.unwrap_or_default();
    let (left, limit) = (most.minus(used), most.get());
    let has = format!("{} of {limit}", left.get());
    let has = match counter {
        Counter::CodeUses => format!("{name} has {has} uses left"),
        Counter::CodeBy => format!("{name} has {has} uses left for this person"),
        Counter::PoolUses => format!("a pool of {name} has {has} uses left"),
        Counter::CodeSpend => format!("the budget of {name} has {has} left"),
        Counter::PoolSpend => format!("a pool budget of {name} has {has} left"),
        Counter::EventFree => format!("this person has {has} free tickets left"),
        Counter::EventTickets => format!("this person has {has} tickets left"),
    };
    Violation {
        counter: Some(key.to_owned()),
        limit: Some(most),
        used: Some(used),
        remaining: Some(left),
        ..Violation::new(code, counter.shortage(), format!("{has}, the order needs {}", need.get()))
    }
}

impl Limit {
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
            back: self.back,
        }
    }
}
