//! A naive second implementation of the specification: keys, limits, terms, prices, and what a record holds.
//! It shares no code with the engine, and does not try to be fast.

use redeemable::{
    Back, Bounded, Each, EmailAliases, Every, Give, Integer, Name, Order, Policy, Promo, Reason, Redemption,
    ReleaseReason, ReleaseRule, ReleaseRules, Ticket, Time, ValidateRequest,
};
use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::clock;
use crate::codes::{self, canonical, meant};
use crate::keeping;
use crate::prices;
use crate::scenario::BUYERS;
use crate::store::Counters;

/// What a record holds of a counter: its amounts for tickets that have not been given back.
fn held_of(record: &Redemption, charge: &redeemable::Charge) -> u64 {
    let given_back = |ticket: &Ticket| match (ticket.released, &charge.back) {
        (None, _) => false,
        (Some(released), None) => by_default(released.reason),
        (Some(released), Some(terms)) => terms.iter().any(|back| {
            back.reason == released.reason && back.until_ms.is_none_or(|until| released.at_ms < until)
        }),
    };
    let kept: Vec<bool> = charge
        .tickets
        .iter()
        .map(|i| !given_back(&record.tickets[usize::try_from(i.get()).unwrap()]))
        .collect();
    if let Some(groups) = &charge.groups {
        let held = |index: &Integer| {
            let place = charge.tickets.iter().position(|charged| charged == index).unwrap();
            kept[place]
        };
        return u64::try_from(groups.iter().filter(|group| group.iter().any(held)).count()).unwrap();
    }
    match &charge.each {
        None if kept.contains(&true) => charge.amount.get(),
        None => 0,
        Some(Each::Uses(each)) => kept.iter().map(|kept| if *kept { each.get() } else { 0 }).sum(),
        Some(Each::Money(each)) => {
            kept.iter().zip(each).map(|(kept, each)| if *kept { each.get() } else { 0 }).sum()
        }
    }
}

/// What a record holds of each of its charges.
pub fn held(record: &Redemption) -> Vec<u64> {
    record.charges.iter().map(|charge| held_of(record, charge)).collect()
}

/// The record as it is written: a charge says what is held of it where that is not all of it.
pub fn said(mut record: Redemption) -> Redemption {
    for (charge, held) in held(&record).into_iter().enumerate() {
        let charge = &mut record.charges[charge];
        charge.held = Bounded::new(held).filter(|held| *held != charge.amount);
    }
    record
}

/// The values that the counters must have, from the records alone.
pub fn counters<'a>(records: impl IntoIterator<Item = &'a Redemption>) -> Counters {
    let mut counters = Counters::new();
    for record in records {
        for (charge, held) in record.charges.iter().zip(held(record)) {
            *counters.entry(charge.key.clone()).or_default() += held;
        }
    }
    counters.retain(|_, used| *used > 0);
    counters
}

/// The codes that were entered, each once, blank ones ignored.
pub fn entered(request: &ValidateRequest) -> Vec<&'static str> {
    entered_of(&request.codes, &codes::of(&request.promos))
}

/// The codes of a record that were entered again.
pub fn entered_again<'a>(request: &ValidateRequest, record: &'a Redemption) -> Vec<&'a str> {
    let recorded: Vec<_> = record.codes.iter().map(String::as_str).collect();
    entered_of(&request.codes, &recorded)
}

fn entered_of<'a>(typed: &[String], known: &[&'a str]) -> Vec<&'a str> {
    let mut entered = Vec::new();
    for code in typed.iter().filter_map(|typed| canonical(typed)).map(|typed| meant(typed, known)) {
        if !entered.contains(&code) {
            entered.push(code);
        }
    }
    entered
}

pub fn promo<'a>(request: &'a ValidateRequest, code: &str) -> Option<&'a Promo> {
    request.promos.iter().find(|promo| canonical(&promo.code) == Some(code))
}

/// The order's identities as kind and canonical value, sorted by kind.
pub fn identities(order: &Order, aliases: EmailAliases) -> Vec<(String, String)> {
    let canonical = |kind: &str, typed: &str| {
        let (.., fold, exact) = BUYERS
            .iter()
            .flat_map(|buyer| buyer.iter())
            .find(|identity| identity.0 == kind && identity.1 == typed)
            .unwrap();
        if aliases == EmailAliases::Fold { *fold } else { *exact }
    };
    order
        .identities
        .iter()
        .map(|(kind, typed)| (kind.to_string(), canonical(kind, typed).to_owned()))
        .collect()
}

fn encode(part: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'@' | b'+' | b'-');
    let encoded = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    part.bytes().map(encoded).collect()
}

fn scope(promo: &Promo, event: &str) -> String {
    match &promo.id {
        Some(id) => format!("id:{}", encode(id)),
        None => format!("event:{}:{}", encode(event), encode(canonical(&promo.code).unwrap())),
    }
}

/// The key of the counter of a code's uses. The functions below make the keys of the other counters.
pub fn uses_key(promo: &Promo, event: &str) -> String {
    format!("code/{}/uses", scope(promo, event))
}
pub fn spend_key(promo: &Promo, event: &str, currency: &str) -> String {
    format!("code/{}/spend/{}", scope(promo, event), encode(currency))
}
pub fn pool_uses_key(pool: &str) -> String {
    format!("pool/{}/uses", encode(pool))
}
pub fn pool_person_prefix(pool: &str) -> String {
    format!("pool/{}/by/", encode(pool))
}
pub fn pool_spend_key(pool: &str, currency: &str) -> String {
    format!("pool/{}/spend/{}", encode(pool), encode(currency))
}
pub fn event_prefix(event: &str, what: &str) -> String {
    format!("event/{}/{what}/", encode(event))
}

/// The part of a release rule for a counter: `uses` for those of codes and pools, `identity` for those of persons.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Uses,
    Identity,
}

/// A cap on the uses of one person: how its keys begin, and what refuses an order that goes beyond it.
pub struct Cap {
    pub prefix: String,
    pub most: Option<Integer>,
    pub reason: Reason,
}

/// The caps of a code by itself.
pub fn caps(promo: &Promo, event: &str) -> Vec<Cap> {
    let prefix = format!("code/{}/by/", scope(promo, event));
    vec![Cap { prefix, most: promo.max_uses_per_identity, reason: Reason::IdentityUsesExhausted }]
}

/// The cap of a pool: the least that an entered code gives it holds for all of them.
fn pool_cap(pool: &Name, known: &[(&str, &Promo)]) -> Cap {
    let same = known.iter().flat_map(|(_, promo)| &promo.pools).filter(|other| other.id == *pool);
    let most = same.filter_map(|pool| pool.max_uses_per_identity).min();
    Cap { prefix: pool_person_prefix(pool), most, reason: Reason::PoolIdentityUsesExhausted }
}

/// How the keys of a code's counters of one kind of period begin.
pub fn period_prefix(promo: &Promo, event: &str, every: Every) -> String {
    let name = match every {
        Every::Day => "day",
        Every::Week => "week",
        Every::Month => "month",
    };
    format!("code/{}/{name}/", scope(promo, event))
}

/// Every cap that holds for a code in this order: its own, those of its periods, and those of its pools.
pub fn caps_in(request: &ValidateRequest, promo: &Promo) -> Vec<Cap> {
    let mut caps = caps(promo, &request.order.event_id);
    caps.extend(promo.per_period.iter().map(|period| Cap {
        prefix: period_prefix(promo, &request.order.event_id, period.every),
        most: period.max_uses_per_identity,
        reason: Reason::PeriodIdentityUsesExhausted,
    }));
    let known = by_priority(request);
    caps.extend(promo.pools.iter().map(|pool| pool_cap(&pool.id, &known)));
    caps
}

/// One counter that an order may charge.
pub struct Limit {
    pub key: String,
    pub code: Option<&'static str>,
    pub most: Option<u64>,
    /// What refuses an order that needs more than is left.
    pub reason: Reason,
    pub money: bool,
    /// Whether it counts the uses of one person, which a code may count in another way.
    pub person: bool,
    /// For a policy's counter, whether it counts free tickets only.
    pub free: bool,
    pub back: Option<Vec<Back>>,
}

/// The known codes that were entered, those of higher priority first, ties as entered.
pub fn by_priority(request: &ValidateRequest) -> Vec<(&'static str, &Promo)> {
    let codes = entered(request);
    let known = codes.into_iter().filter_map(|code| Some((code, promo(request, code)?)));
    let mut known: Vec<_> = known.collect();
    known.sort_by_key(|(_, promo)| Reverse(promo.priority.get())); // codes of one priority stay as entered
    known
}

/// The persons whom an order names and who are counted, as counter keys name them.
pub fn people(request: &ValidateRequest) -> Vec<String> {
    let (order, policy) = (&request.order, &request.policy);
    let counted =
        |kind: &str| policy.identity_kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|k| **k == *kind));
    identities(order, policy.email_aliases)
        .into_iter()
        .filter(|(kind, _)| counted(kind))
        .map(|(kind, value)| format!("{kind}:{}", encode(&value)))
        .collect()
}

/// The policy's caps on free tickets and on tickets, as these codes raise them.
pub fn lifted<'a>(policy: &Policy, promos: impl Iterator<Item = &'a Promo>) -> [Option<Integer>; 2] {
    let mut caps = [policy.max_free_tickets_per_identity, policy.max_tickets_per_identity];
    for lifts in promos.filter_map(|promo| promo.lifts) {
        let lifts = [lifts.max_free_tickets_per_identity, lifts.max_tickets_per_identity];
        for (cap, lift) in caps.iter_mut().zip(lifts) {
            if cap.is_some() && lift > *cap {
                *cap = lift;
            }
        }
    }
    caps
}

/// What a code took off a ticket of a record. If the record does not say it, the first code took everything off.
pub fn off(ticket: &Ticket, code: &str) -> u64 {
    let place = ticket.codes.iter().position(|mark| mark == code).unwrap();
    match ticket.off.get(place) {
        Some(off) => off.get(),
        None if place == 0 => ticket.unit_price.get() - ticket.price.get(),
        None => 0,
    }
}

/// Every counter that an order may charge: those of each known code by priority, then those of the policy.
pub fn limits(request: &ValidateRequest) -> Vec<Limit> {
    limits_kept(request, &[])
}

/// The same if these codes keep their time, and are charged in the periods of the hold that the order amends.
pub fn limits_kept(request: &ValidateRequest, kept: &[&str]) -> Vec<Limit> {
    let (order, policy) = (&request.order, &request.policy);
    let known = by_priority(request);
    let people = people(request);
    // If codes give one pool different limits, the lowest holds for all of them.
    let pool_limit = |id: &str, of: &dyn Fn(&redeemable::Pool) -> Option<u64>| {
        let pools = known.iter().flat_map(|(_, promo)| &promo.pools).filter(|pool| *pool.id == *id);
        pools.filter_map(of).min()
    };

    let mut limits = Vec::new();
    for (code, promo) in &known {
        let back = |column| terms(Some(&promo.release), &policy.release, column);
        let uses = |key, most, reason| Limit {
            key,
            code: Some(*code),
            most,
            reason,
            money: false,
            person: false,
            free: false,
            back: back(Column::Uses),
        };
        let max_uses = if promo.single_use { Some(1) } else { promo.max_uses.map(|most| most.get()) };
        limits.push(uses(uses_key(promo, &order.event_id), max_uses, Reason::UsesExhausted));
        let of_persons = |limits: &mut Vec<Limit>, Cap { prefix, most, reason }: Cap| {
            for person in people.iter().filter(|_| most.is_some()) {
                let limit = uses(format!("{prefix}{person}"), most.map(Integer::get), reason);
                limits.push(Limit { person: true, back: back(Column::Identity), ..limit });
            }
        };
        for cap in caps(promo, &order.event_id) {
            of_persons(&mut limits, cap);
        }
        for every in [Every::Day, Every::Week, Every::Month] {
            let Some(period) = promo.per_period.iter().find(|period| period.every == every) else { continue };
            let hold = keeping::hold(request).filter(|_| kept.contains(code));
            let recorded = hold.and_then(|hold| keeping::bucket(hold, promo, code, every));
            let today = || clock::bucket(request, every);
            let Some(bucket) = recorded.map(str::to_owned).or_else(today) else { continue };
            let prefix = format!("{}{bucket}/", period_prefix(promo, &order.event_id, every));
            if let Some(most) = period.max_uses {
                limits.push(uses(format!("{prefix}uses"), Some(most.get()), Reason::PeriodUsesExhausted));
            }
            let (most, reason) = (period.max_uses_per_identity, Reason::PeriodIdentityUsesExhausted);
            of_persons(&mut limits, Cap { prefix: format!("{prefix}by/"), most, reason });
        }
        for pool in &promo.pools {
            let most = pool_limit(&pool.id, &|pool| pool.max_uses.map(Integer::get));
            limits.push(uses(pool_uses_key(&pool.id), most, Reason::PoolExhausted));
            of_persons(&mut limits, pool_cap(&pool.id, &known));
        }
        if !prices::takes_nothing(promo) {
            let money = |key, most, reason| Limit { money: true, ..uses(key, most, reason) };
            let budget = prices::money(&promo.budget, &order.currency);
            let key = spend_key(promo, &order.event_id, &order.currency);
            limits.push(money(key, budget, Reason::BudgetExhausted));
            for pool in &promo.pools {
                let budget = pool_limit(&pool.id, &|pool| prices::money(&pool.budget, &order.currency));
                let key = pool_spend_key(&pool.id, &order.currency);
                limits.push(money(key, budget, Reason::PoolBudgetExhausted));
            }
        }
    }
    // As for an accepted order, to which every code is applied.
    let [free, tickets] = lifted(policy, known.iter().map(|(_, promo)| *promo));
    let caps = [("free", free, Reason::FreeTicketsExhausted), ("tickets", tickets, Reason::TicketsExhausted)];
    for (what, cap, reason) in caps {
        for person in people.iter().filter(|_| cap.is_some()) {
            limits.push(Limit {
                key: format!("{}{person}", event_prefix(&order.event_id, what)),
                code: None,
                most: cap.map(|cap| cap.get()),
                reason,
                money: false,
                person: false,
                free: what == "free",
                back: terms(None, &policy.release, Column::Identity),
            });
        }
    }
    limits
}

/// Picks the rule for one release reason.
type Pick = fn(&ReleaseRules) -> Option<ReleaseRule>;
/// The reasons of releases, sorted by name; whether each gives back by default; and the rule that changes the default.
const TABLE: [(ReleaseReason, bool, Pick); 9] = [
    (ReleaseReason::BuyerReleased, true, |rules| rules.buyer_released),
    (ReleaseReason::Disputed, false, |rules| rules.disputed),
    (ReleaseReason::Exchanged, true, |rules| rules.exchanged),
    (ReleaseReason::Forfeited, false, |rules| rules.forfeited),
    (ReleaseReason::HoldExpired, true, |_| None),
    (ReleaseReason::NoShow, false, |rules| rules.no_show),
    (ReleaseReason::OrganizerCancelled, true, |rules| rules.organizer_cancelled),
    (ReleaseReason::PaymentFailed, true, |_| None),
    (ReleaseReason::Refunded, true, |rules| rules.refunded),
];

pub fn by_default(reason: ReleaseReason) -> bool {
    TABLE.iter().any(|(of, back, _)| *of == reason && *back)
}

/// The default as a list of reasons, as records of schema 1 wrote it.
pub fn table() -> Vec<Back> {
    let reasons = TABLE.iter().filter(|(_, back, _)| *back);
    reasons.map(|(reason, ..)| Back { reason: *reason, until_ms: None }).collect()
}

/// The default changed by the promo's rule, or else by the policy's; `None` if no rule changes it.
fn terms(promo: Option<&ReleaseRules>, policy: &ReleaseRules, column: Column) -> Option<Vec<Back>> {
    let mut terms = Vec::new();
    for (reason, by_default, pick) in TABLE {
        let rule = promo.and_then(pick).or_else(|| pick(policy));
        let says = rule.and_then(|rule| if column == Column::Uses { rule.uses } else { rule.identity });
        if says.map_or(by_default, |says| says == Give::Restore) {
            terms.push(Back { reason, until_ms: rule.and_then(|rule| rule.until_ms) });
        }
    }
    (terms != table()).then_some(terms)
}

/// The latest end of a hold that was first accepted at this instant: the policy's `max_hold_ms` later, or 48 hours.
pub fn held_at_most(created: Time, policy: &Policy) -> u64 {
    created.get() + policy.max_hold_ms.map_or(48 * 3_600_000, |most| most.get())
}

/// The record as today's version writes it. Schema 1 did not know the reason `exchanged`, and wrote defaults as lists.
pub fn renewed(record: &Redemption) -> Redemption {
    let mut renewed = record.clone();
    renewed.schema = Bounded::new(2).unwrap();
    for ticket in renewed.tickets.iter_mut().filter(|ticket| ticket.off.is_empty()) {
        // Where it is not said what each code takes off, the first one takes all.
        let whole = ticket.unit_price.get() - ticket.price.get();
        ticket.off = (0..ticket.codes.len())
            .map(|place| crate::scenario::int(if place == 0 { whole } else { 0 }))
            .collect();
    }
    if record.schema == renewed.schema {
        return renewed;
    }
    for charge in &mut renewed.charges {
        let Some(terms) = &mut charge.back else { continue };
        let of = |terms: &[Back], reason| terms.iter().find(|back| back.reason == reason).copied();
        if of(terms, ReleaseReason::Exchanged).is_none() {
            // `exchanged` goes before the first reason whose name sorts after it.
            let place = |reason| TABLE.iter().position(|(of, ..)| *of == reason);
            let after = |back: &Back| place(back.reason) > place(ReleaseReason::Exchanged);
            let at = terms.iter().position(after).unwrap_or(terms.len());
            if let Some(refunded) = of(terms, ReleaseReason::Refunded) {
                terms.insert(at, Back { reason: ReleaseReason::Exchanged, ..refunded });
            }
        }
        if *terms == table() {
            charge.back = None;
        }
    }
    renewed
}

/// The record with the next revision, as today's version writes it.
pub fn next(record: &Redemption) -> Redemption {
    let revision = Bounded::new(record.revision.get() + 1).unwrap();
    Redemption { revision, ..renewed(record) }
}

/// Whether the record is of exactly this order: same event, currency, codes, identities and tickets.
pub fn is_same(record: &Redemption, request: &ValidateRequest) -> bool {
    let order = &request.order;
    let same_people = [EmailAliases::Fold, EmailAliases::Exact].into_iter().any(|aliases| {
        let people = identities(order, aliases);
        people.iter().map(|(kind, value)| format!("{kind}:{value}")).eq(record.identities.iter().cloned())
    });
    let recorded =
        record.tickets.iter().map(|t| (t.line.get(), t.ticket_type.as_deref(), t.unit_price.get()));
    record.event_id == order.event_id
        && record.currency == order.currency
        && record.codes == entered_again(request, record)
        && same_people
        && recorded.eq(prices::ordered(order))
}

/// The sums by key.
pub fn by_key<'a>(amounts: impl IntoIterator<Item = (&'a str, u64)>) -> BTreeMap<&'a str, u64> {
    let mut sums = BTreeMap::new();
    for (key, amount) in amounts {
        *sums.entry(key).or_default() += amount;
    }
    sums
}
