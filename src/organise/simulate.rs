//! `simulate`: what a change to a promotion means for the next buyers, before it is stored.

mod changes;
mod names;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::amount::Amount;
use crate::base::error::Error;
use crate::base::given::given;
use crate::base::key;
use crate::base::money::Integer;
use crate::base::text::{Currency, Name};
use crate::documents::counter::Counter;
use crate::documents::promo::{Pool, Promo};
pub use names::LimitName;
use names::PERIODS;

/// A promotion as it is stored, and as it would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SimulateRequest {
    /// The stored document.
    pub promo: Promo,
    /// The whole document that would replace it.
    pub change: Promo,
    /// How much is used of each counter, by key, in uses, tickets or minor units. A counter that is missing is 0.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::base::given::Given<String, Integer>"))]
    pub counters: BTreeMap<String, Integer>,
    /// The event that is asked about. Null only if both documents have an `id`.
    #[serde(default)]
    pub event_id: Option<Name>,
    /// The currency of the budgets, in which each of them has an amount. Null only if each document with a budget names
    /// its currency.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// What changes for the next buyers. Whoever holds a ticket keeps it, its price and its terms.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Simulation {
    /// Each limit that changes, or that another counter then counts.
    pub limits: Vec<LimitChange>,
    /// Each other field that changes, in the order of the document.
    pub changes: Vec<FieldChange>,
}

/// A limit that changes, or that another counter then counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LimitChange {
    /// Which limit it is. For a pool, the counter's key says which pool; for a limit per person, the message does.
    pub limit: LimitName,
    /// How the limit stands now. Null for a pool that the stored document does not name.
    pub before: Option<Standing>,
    /// How the limit would stand. Null for a pool that the new document does not name.
    pub after: Option<Standing>,
    /// A sentence in plain English for the organiser.
    pub message: String,
}

/// How a limit stands. Each person and each period has a counter, so of a limit for each only `limit` is given.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Standing {
    /// The counter's key. Null for a limit per person or per period.
    pub counter: Option<String>,
    /// How much may be used, in uses or minor units. Null is no limit.
    pub limit: Option<Integer>,
    /// How much is used, in uses or minor units. Null for a limit per person or per period.
    pub used: Option<Integer>,
    /// How much is left, in uses or minor units. Null is no limit, or a limit per person or per period.
    pub left: Option<Integer>,
}

/// A field of the document that changes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldChange {
    /// The field's name.
    pub field: &'static str,
    /// A sentence in plain English for the organiser.
    pub message: String,
}

/// Says what the change would mean for the next buyers. An unpaid order that is amended is judged like a new order.
///
/// # Errors
/// If a document is malformed, or the event or the currency is missing where a counter cannot be named without it.
///
/// # Example
/// ```
/// use redeemable::{json, simulate};
///
/// let request = json::read(br#"{
///     "promo": {"code": "CREW", "discount_percent": 50, "max_uses": 50},
///     "change": {"code": "CREW", "discount_percent": 50, "max_uses": 40},
///     "event_id": "gala", "counters": {"code/event:gala:CREW/uses": 37}
/// }"#)?;
/// let message = "lowering max_uses from 50 to 40: 37 used, 3 left; nobody who holds a ticket is affected";
/// assert_eq!(simulate(&request)?.limits[0].message, message);
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn simulate(request: &SimulateRequest) -> Result<Simulation, Error> {
    let before = Version::of(&request.promo, request).map_err(|error| error.in_field("promo"))?;
    let after = Version::of(&request.change, request).map_err(|error| error.in_field("change"))?;
    let versions = [&before, &after];
    if request.event_id.is_none() && versions.iter().any(|version| version.promo.id.is_none()) {
        let expected = "expected an event, because a promotion without an id is counted for each event";
        return Err(Error::new("event_id", expected));
    }
    for version in versions {
        let given = |budget: &Amount| version.currency.map(|currency| budget.of(currency).is_some());
        match version.budgets().map(given).find(|given| *given != Some(true)) {
            None => {}
            Some(None) => {
                return Err(Error::new(
                    "currency",
                    "expected a currency, because a budget is counted in one",
                ));
            }
            Some(Some(_)) => {
                return Err(Error::new("currency", "expected a currency in which each budget has an amount"));
            }
        }
    }
    let changes = changes::of(&before, &after, request);
    Ok(Simulation { limits: changes_of_limits(&before, &after, request), changes })
}

/// One of the two documents, and the names of its counters.
struct Version<'a> {
    promo: &'a Promo,
    /// The code in canonical form.
    code: String,
    scope: String,
    currency: Option<&'a Currency>,
}

impl<'a> Version<'a> {
    fn of(promo: &'a Promo, request: &'a SimulateRequest) -> Result<Self, Error> {
        let code = promo.canonical_code();
        promo.verify(&code)?;
        let scope = key::scope(promo.id.as_deref(), request.event_id.as_deref().unwrap_or_default(), &code);
        Ok(Self { promo, code, scope, currency: promo.currency.as_ref().or(request.currency.as_ref()) })
    }

    /// Its budget and those of its pools.
    fn budgets(&self) -> impl Iterator<Item = &'a Amount> {
        self.promo.budget.iter().chain(self.promo.pools.iter().filter_map(|pool| pool.budget.as_ref()))
    }

    /// How each limit stands.
    fn limits(&self, request: &SimulateRequest) -> Vec<Limit<'a>> {
        let (promo, scope) = (self.promo, &*self.scope);
        let currency = key::encode(self.currency.map_or("", |currency| currency));
        let counted = |name: LimitName, pool: Option<&'a Name>, parts: &[&str], limit: Option<Integer>| {
            let counter = name.counter().key(parts);
            let used = request.counters.get(&counter).copied().unwrap_or_default();
            let left = limit.map(|limit| limit.minus(used));
            Limit { name, pool, standing: Standing { counter: Some(counter), limit, used: Some(used), left } }
        };
        let money = |budget: &Option<Amount>| budget.as_ref()?.of(self.currency?);
        let of_each = |name, pool: Option<&'a Name>, limit| {
            let standing = Standing { counter: None, limit, used: None, left: None };
            Limit { name, pool, standing }
        };
        let mut limits = vec![
            counted(LimitName::MaxUses, None, &[scope], promo.max_uses()),
            of_each(LimitName::MaxUsesPerIdentity, None, promo.max_uses_per_identity),
        ];
        for (every, all, person) in PERIODS {
            let period = promo.per_period.iter().find(|period| period.every == every);
            limits.push(of_each(all, None, period.and_then(|period| period.max_uses)));
            limits.push(of_each(person, None, period.and_then(|period| period.max_uses_per_identity)));
        }
        limits.push(counted(LimitName::Budget, None, &[scope, &currency], money(&promo.budget)));
        for pool in &promo.pools {
            let Pool { id, max_uses, max_uses_per_identity, budget } = pool;
            let encoded = key::encode(id);
            limits.push(counted(LimitName::PoolMaxUses, Some(id), &[&encoded], *max_uses));
            limits.push(of_each(LimitName::PoolMaxUsesPerIdentity, Some(id), *max_uses_per_identity));
            limits.push(counted(LimitName::PoolBudget, Some(id), &[&encoded, &currency], money(budget)));
        }
        limits
    }
}

/// A limit of one of the two documents, and how it stands.
struct Limit<'a> {
    name: LimitName,
    /// The pool that has it.
    pool: Option<&'a Name>,
    standing: Standing,
}

impl Limit<'_> {
    fn is(&self, other: &Limit) -> bool {
        (self.name, self.pool) == (other.name, other.pool)
    }
}

/// Each limit that changes, or is counted elsewhere.
fn changes_of_limits(before: &Version, after: &Version, request: &SimulateRequest) -> Vec<LimitChange> {
    let (old, new) = (before.limits(request), after.limits(request));
    let named_before = old.iter().map(|a| (Some(a), new.iter().find(|b| a.is(b))));
    let named_anew = new.iter().filter(|b| !old.iter().any(|a| a.is(b))).map(|b| (None, Some(b)));
    // How much is used of a limit per person or per period: of each counter.
    let counted = |limit: &Limit| {
        let within = limit.pool.map_or((&*after.scope).into(), |pool| key::encode(pool));
        let counter = limit.name.counter();
        let words = counter.facts().key.iter().take(2).copied();
        let prefix = words.collect::<Vec<_>>().join(&within);
        let counted = request.counters.iter().filter(|(key, _)| key.starts_with(&prefix));
        let counted = counted.filter(|(key, _)| Counter::of(key) == Some(counter));
        counted.map(|(_, used)| *used).collect::<Vec<_>>()
    };
    let mut changes = Vec::new();
    for (a, b) in named_before.chain(named_anew) {
        let Some(limit @ Limit { name, pool, .. }) = a.or(b) else { continue };
        let (before_it, after_it) = (a.map(|limit| &limit.standing), b.map(|limit| &limit.standing));
        let counter = |standing: Option<&Standing>| standing.and_then(|standing| standing.counter.clone());
        let elsewhere = counter(before_it) != counter(after_it);
        let moved = match pool {
            None => before.scope != after.scope || elsewhere,
            Some(_) => before_it.is_some() && after_it.is_some() && elsewhere,
        };
        let limited = most(before_it).or(most(after_it)).is_some();
        if limited && (moved || most(before_it) != most(after_it)) {
            let field = name.counter().facts().limit;
            let field = pool.map_or(field.to_owned(), |pool| format!("{field} of the pool {pool}"));
            let field = name.period().map_or(field.clone(), |every| format!("{field} per {}", every.name()));
            let does = what_it_does(&field, most(before_it), most(after_it), moved);
            let message = format!("{does}: {}", how_it_stands(*name, after_it, &counted(limit)));
            let (before, after) = (before_it.cloned(), after_it.cloned());
            changes.push(LimitChange { limit: *name, before, after, message });
        }
    }
    changes
}

fn most(standing: Option<&Standing>) -> Option<Integer> {
    standing.and_then(|standing| standing.limit)
}

/// What becomes of a limit.
fn what_it_does(field: &str, before: Option<Integer>, after: Option<Integer>, moved: bool) -> String {
    let does = match (before.map(Integer::get), after.map(Integer::get)) {
        (Some(was), Some(is)) if is < was => format!("lowering {field} from {was} to {is}"),
        (Some(was), Some(is)) if is > was => format!("raising {field} from {was} to {is}"),
        (_, Some(is)) if moved => format!("keeping {field} at {is}"),
        (_, Some(is)) => format!("limiting {field} to {is}"),
        (was, None) => format!("lifting {field} from {}", was.unwrap_or_default()),
    };
    if moved { does + ", counted anew" } else { does }
}

/// The part of the sentence that says how the limit then stands, and for whom. `each` is how much is used of each
/// counter of a limit per person or per period.
fn how_it_stands(name: LimitName, after: Option<&Standing>, each: &[Integer]) -> String {
    let mut rest = "";
    let stands = match after {
        None => "it is not counted there any more".into(),
        Some(Standing { used: Some(used), left: None, .. }) => format!("{} used, no limit", used.get()),
        Some(Standing { used: Some(used), left: Some(left), .. }) => {
            if *left == Integer::ZERO {
                rest = ", and nobody new is accepted while none is left";
            }
            format!("{} used, {} left", used.get(), left.get())
        }
        Some(Standing { limit, .. }) => {
            let without = |limit: &Integer| each.iter().filter(|used| *used >= limit).count();
            let left = limit
                .as_ref()
                .map_or(", no limit".into(), |limit| format!(", {} with none left", without(limit)));
            let (one, several) = name.things();
            let things = if each.len() == 1 { one } else { several };
            format!("{} {things} counted{left}", each.len())
        }
    };
    format!("{stands}; nobody who holds a ticket is affected{rest}")
}
