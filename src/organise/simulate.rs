//! `simulate`: what a change to a promotion means for the next buyers, before it is stored.

mod changes;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::given::given;
use crate::base::key;
use crate::base::money::Integer;
use crate::base::text::{Currency, Name};
use crate::documents::promo::{Pool, Promo};

/// A promotion as it is stored, and as it would be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SimulateRequest {
    /// The stored document.
    pub promo: Promo,
    /// The whole document that would replace it.
    pub change: Promo,
    /// By counter key, what is used, in uses, tickets or minor units. A key that is not there counts 0.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::base::given::Given<String, Integer>"))]
    pub counters: BTreeMap<String, Integer>,
    /// The event that is asked about. Null only if both documents have an `id`.
    #[serde(default)]
    pub event_id: Option<Name>,
    /// The currency of the budgets. Null only if each document with a budget names its currency.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// What changes for the next buyers. Whoever holds a ticket keeps it, its price and its terms.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Simulation {
    /// Each limit that changes, or is counted elsewhere.
    pub limits: Vec<LimitChange>,
    /// Each other field that changes, in the order of the document.
    pub changes: Vec<FieldChange>,
}

/// A limit that changes, or is counted elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LimitChange {
    /// Which limit it is; a pool is told by its counter.
    pub limit: LimitName,
    /// How it stands. Null for a pool that was not named.
    pub before: Option<Standing>,
    /// How it would stand. Null for a pool that is named no longer.
    pub after: Option<Standing>,
    /// A sentence in plain English for the organiser.
    pub message: String,
}

/// A limit of a promotion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitName {
    /// The uses of all buyers.
    MaxUses,
    /// The uses of each person.
    MaxUsesPerIdentity,
    /// The money that the code takes off.
    Budget,
    /// The uses of a pool.
    PoolMaxUses,
    /// The money that the codes of a pool take off.
    PoolBudget,
}

/// How a limit stands. Each person has a counter, so of a limit per person only `limit` is given.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Standing {
    /// The counter's key. Null for a limit per person.
    pub counter: Option<String>,
    /// How much may be used, in uses or minor units. Null is no limit.
    pub limit: Option<Integer>,
    /// How much is used, in uses or minor units. Null for a limit per person.
    pub used: Option<Integer>,
    /// How much is left, in uses or minor units. Null is no limit, or a limit per person.
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

/// What the change would mean for the next buyers. An unpaid order that is amended is judged as a new one.
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
    if versions.iter().any(|version| version.currency.is_none() && version.has_budget()) {
        return Err(Error::new("currency", "expected a currency, because a budget is counted in one"));
    }
    let changes = changes::of(&before, &after, request);
    Ok(Simulation { limits: limits(&before, &after, request), changes })
}

/// One of the two documents, and how its counters are called.
struct Version<'a> {
    promo: &'a Promo,
    /// The code, canonical.
    code: String,
    scope: String,
    currency: Option<&'a Currency>,
}

impl<'a> Version<'a> {
    fn of(promo: &'a Promo, request: &'a SimulateRequest) -> Result<Self, Error> {
        let code = promo.canonical_code();
        promo.check(&code)?;
        let scope = key::scope(promo.id.as_deref(), request.event_id.as_deref().unwrap_or_default(), &code);
        Ok(Self { promo, code, scope, currency: promo.currency.as_ref().or(request.currency.as_ref()) })
    }

    fn has_budget(&self) -> bool {
        self.promo.budget.is_some() || self.promo.pools.iter().any(|pool| pool.budget.is_some())
    }

    /// How each limit stands; those of a pool with the pool's name.
    fn standings(&self, request: &SimulateRequest) -> Vec<(LimitName, Option<&'a str>, Standing)> {
        let (promo, currency) = (self.promo, self.currency.map_or("", |currency| currency));
        let standing = |counter: String, limit: Option<Integer>| {
            let used = request.counters.get(&counter).copied().unwrap_or_default();
            let left = limit.map(|limit| limit.minus(used));
            Standing { counter: Some(counter), limit, used: Some(used), left }
        };
        let each = Standing { counter: None, limit: promo.max_uses_per_identity, used: None, left: None };
        let mut standings = vec![
            (LimitName::MaxUses, None, standing(key::code_uses(&self.scope), promo.max_uses())),
            (LimitName::MaxUsesPerIdentity, None, each),
            (LimitName::Budget, None, standing(key::code_spend(&self.scope, currency), promo.budget)),
        ];
        for Pool { id, max_uses, budget } in &promo.pools {
            standings.push((LimitName::PoolMaxUses, Some(&**id), standing(key::pool_uses(id), *max_uses)));
            standings.push((
                LimitName::PoolBudget,
                Some(&**id),
                standing(key::pool_spend(id, currency), *budget),
            ));
        }
        standings
    }
}

/// Each limit that changes, or is counted elsewhere.
fn limits(before: &Version, after: &Version, request: &SimulateRequest) -> Vec<LimitChange> {
    let (old, new) = (before.standings(request), after.standings(request));
    let same = |a: &(LimitName, Option<&str>, Standing), b: &(LimitName, Option<&str>, Standing)| {
        (a.0, a.1) == (b.0, b.1)
    };
    let named_before = old.iter().map(|a| (Some(a), new.iter().find(|b| same(a, b))));
    let named_anew = new.iter().filter(|b| !old.iter().any(|a| same(a, b))).map(|b| (None, Some(b)));
    let mut limits = Vec::new();
    for (a, b) in named_before.chain(named_anew) {
        let Some((limit, pool, _)) = a.or(b) else { continue };
        let (standing, would) = (a.map(|(.., standing)| standing), b.map(|(.., standing)| standing));
        let moved = match pool {
            None => before.scope != after.scope || standing.map(|s| &s.counter) != would.map(|s| &s.counter),
            Some(_) => standing.zip(would).is_some_and(|(a, b)| a.counter != b.counter),
        };
        let most = |standing: Option<&Standing>| standing.and_then(|standing| standing.limit);
        let limited = most(standing).or(most(would)).is_some();
        if limited && (moved || most(standing) != most(would)) {
            let persons = key::code_by(&after.scope, "");
            let message = message(*limit, *pool, standing, would, moved, &persons, request);
            let (before, after) = (standing.cloned(), would.cloned());
            limits.push(LimitChange { limit: *limit, before, after, message });
        }
    }
    limits
}

/// What becomes of a limit, how it then stands, and whom that concerns.
fn message(
    limit: LimitName,
    pool: Option<&str>,
    before: Option<&Standing>,
    after: Option<&Standing>,
    moved: bool,
    persons: &str,
    request: &SimulateRequest,
) -> String {
    let name = match limit {
        LimitName::MaxUses | LimitName::PoolMaxUses => "max_uses",
        LimitName::MaxUsesPerIdentity => "max_uses_per_identity",
        LimitName::Budget | LimitName::PoolBudget => "budget",
    };
    let name = pool.map_or(name.to_owned(), |pool| format!("{name} of the pool {pool}"));
    let most = |standing: Option<&Standing>| standing.and_then(|standing| standing.limit).map(Integer::get);
    let does = match (most(before), most(after)) {
        (Some(was), Some(is)) if is < was => format!("lowering {name} from {was} to {is}"),
        (Some(was), Some(is)) if is > was => format!("raising {name} from {was} to {is}"),
        (_, Some(is)) if moved => format!("keeping {name} at {is}"),
        (_, Some(is)) => format!("limiting {name} to {is}"),
        (was, None) => format!("lifting {name} from {}", was.unwrap_or_default()),
    };
    let anew = if moved { ", counted anew" } else { "" };
    let mut rest = String::new();
    let stands = match after {
        None => "it is not counted there any more".into(),
        Some(Standing { used: Some(used), left: None, .. }) => format!("{} used, no limit", used.get()),
        Some(Standing { used: Some(used), left: Some(left), .. }) => {
            if *left == Integer::ZERO {
                rest.push_str(", and nobody new is accepted while none is left");
            }
            format!("{} used, {} left", used.get(), left.get())
        }
        Some(Standing { limit, .. }) => {
            let of = |(key, _): &(&String, &Integer)| key.starts_with(persons);
            let counted = request.counters.iter().filter(of);
            let rest = limit.map_or(", no limit".into(), |limit| {
                format!(", {} with none left", counted.clone().filter(|(_, used)| **used >= limit).count())
            });
            match counted.count() {
                1 => format!("1 person counted{rest}"),
                count => format!("{count} persons counted{rest}"),
            }
        }
    };
    format!("{does}{anew}: {stands}; nobody who holds a ticket is affected{rest}")
}
