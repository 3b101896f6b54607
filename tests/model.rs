//! Explores every order in which a few hosts can take their steps. (tests/properties plays such sequences at random.)
//!
//! Two to four hosts sell, amend, confirm, release and sweep a handful of orders. They read, ask the real engine, and
//! execute its plan one operation at a time under row locks. Between any two steps another host may go on, the clock
//! may move, or a host may crash and be asked again. Every property must hold in every state that can be reached. To
//! show that each guard (such as a row lock) is needed, the model is explored without it: a property must then break.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a test fails by panicking, and its figures are small"
)]

#[path = "model/audit.rs"]
mod audit;
#[path = "model/book.rs"]
mod book;
#[path = "model/exchange.rs"]
mod exchange;
#[path = "model/group.rs"]
mod group;
#[path = "model/hosts.rs"]
mod hosts;
#[path = "model/operators.rs"]
mod operators;
#[path = "model/parts.rs"]
mod parts;
#[path = "model/sales.rs"]
mod sales;
#[path = "model/search.rs"]
mod search;
#[path = "model/store.rs"]
mod store;
#[path = "model/transaction.rs"]
mod transaction;

use hosts::{DEADLOCK, Hosts};
use sales::Sale;
use search::{Explored, explore};
use std::collections::BTreeSet;
use store::Guard;
use transaction::{
    BALANCE, CAUSE, FINISHES, IN_PERIOD, LIMIT, NOT_BELOW, ONCE, ONE_MONEY, RECORDS, REFUND, STAYS_BACK,
};

/// Events that must happen somewhere: if nothing happened in the model, no property could break.
const SOMETIMES: &[&str] = &[
    "a code gives what is left",
    "a crash after the commit, before the answer",
    "a group's use comes back with its last ticket",
    "a group's use stays, and a ticket goes",
    "a hold is ended that was paid meanwhile",
    "a hold is extended",
    "a late payment brings the tickets back",
    "a kept payment is reported again",
    "a late payment is let in over the limit",
    "a limit is reached exactly",
    "a late payment is charged to yesterday",
    "a release is asked again by its id",
    "a use comes back to a counter that was pruned",
    "a use of the whole order stays, and a ticket goes",
    "a use of yesterday comes back",
    "a returned payment is reported again",
    "already_confirmed",
    "amended",
    "an operation fails",
    "an order reclaims a lapsed hold",
    "commits after a conflict",
    "free_tickets_exhausted",
    "giving back stops at 0",
    "identity_uses_exhausted",
    "late_payment_conflict",
    "paid after a release",
    "paid back",
    "paid twice",
    "period_identity_uses_exhausted",
    "period_uses_exhausted",
    "pool_exhausted",
    "pool_identity_uses_exhausted",
    "released twice",
    "replayed",
    "some tickets are released",
    "stale_payment",
    "started afresh",
    "there is nothing to do after a conflict",
    "uses_exhausted",
    "waits for a row",
];

/// The exact number of states of all sales, so that a change in what hosts or the engine do is noticed here.
const STATES: usize = 4_308_993;

/// Each guard, a sale that needs it, and a property that breaks without it.
const NEEDED: &[(Guard, &str, &str)] = &[
    (Guard::InsertExists, "free seats", audit::NEVER_LOST),
    (Guard::UpdateRevision, "refunds", REFUND),
    (Guard::FirstUse, "one pool", RECORDS),
    (Guard::AtMost, "one pool", LIMIT),
    (Guard::UpToTheLimit, "one pool", CAUSE),
    (Guard::Clamp, "a reset by hand", NOT_BELOW),
    (Guard::Locks, "one pool", LIMIT),
    (Guard::Order, "one pool", DEADLOCK),
    (Guard::Rollback, "one pool", RECORDS),
    (Guard::CrashRollback, "one pool", RECORDS),
    (Guard::OwnWrites, "refunds", REFUND),
    (Guard::AskAgain, "refunds", FINISHES),
    (Guard::KeepsPayments, "changes of mind", STAYS_BACK),
    (Guard::KeepsPaymentsAnew, "new starts", STAYS_BACK),
    (Guard::NotesReturned, "changes of mind", STAYS_BACK),
    (Guard::NotesKept, "new starts", BALANCE),
    (Guard::FirstUse, "midnight", RECORDS),
    (Guard::AtMost, "midnight", LIMIT),
    (Guard::UpToTheLimit, "midnight", CAUSE),
    (Guard::Locks, "midnight", LIMIT),
    (Guard::Order, "midnight", DEADLOCK),
    (Guard::Rollback, "midnight", RECORDS),
    (Guard::KeysAnew, "midnight", CAUSE),
    (Guard::ReleasesInPeriod, "midnight", RECORDS),
    (Guard::PaysInPeriod, "midnight", IN_PERIOD),
    (Guard::PrunesWhatIsOver, "midnight", RECORDS),
    (Guard::FirstUse, "persons", RECORDS),
    (Guard::AtMost, "persons", LIMIT),
    (Guard::UpToTheLimit, "persons", CAUSE),
    (Guard::Locks, "persons", LIMIT),
    (Guard::Order, "persons", DEADLOCK),
    (Guard::CrashRollback, "persons", RECORDS),
    (Guard::WholeOrder, "persons", RECORDS),
    (Guard::AtMost, "groups", LIMIT),
    (Guard::UpToTheLimit, "groups", CAUSE),
    (Guard::Rollback, "groups", RECORDS),
    (Guard::WholeGroup, "groups", RECORDS),
];

/// Explores all states of a sale, and notes what happened in it.
fn all_of(sale: &Sale, removed: Option<Guard>) -> (Explored, BTreeSet<&'static str>) {
    let mut hosts = Hosts::new(sale, removed);
    let explored = explore(&mut hosts);
    (explored, hosts.saw)
}

#[test]
fn every_property_holds_in_every_state_that_can_be_reached() {
    let sales = sales::all();
    let explored: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = sales.iter().map(|sale| scope.spawn(|| (sale.name, all_of(sale, None)))).collect();
        all.into_iter().map(|explored| explored.join().unwrap()).collect()
    });
    let (mut states, mut saw) = (0, BTreeSet::new());
    for (sale, (explored, seen)) in explored {
        println!("{:>9} states  {sale}", explored.states);
        assert!(explored.broken.is_empty(), "in {sale}: {:#?}", explored.broken);
        states += explored.states;
        saw.extend(seen);
    }
    println!("{states:>9} states in all");
    assert_eq!(states, STATES);
    let never: Vec<_> = SOMETIMES.iter().filter(|what| !saw.contains(**what)).collect();
    assert!(never.is_empty(), "never happened: {never:?}");
}

#[test]
fn each_guard_is_missed_when_it_is_removed() {
    let sales = sales::all();
    let mut breaks = BTreeSet::new();
    for &(guard, name, property) in NEEDED {
        let sale = sales.iter().find(|sale| sale.name == name).unwrap();
        let (explored, _) = all_of(sale, Some(guard));
        let broken: Vec<_> = explored.broken.keys().collect();
        println!(
            "{:<15} {name}: {}",
            format!("{guard:?}"),
            explored.broken.keys().copied().collect::<Vec<_>>().join("; ")
        );
        let story = explored.broken.get(property);
        assert!(
            story.is_some_and(|story| story.len() > 1),
            "without {guard:?} in {name} only {broken:?} breaks"
        );
        breaks.extend(explored.broken.into_keys());
    }
    // Each property must break for some guard: a property that can never break checks nothing.
    for property in [ONCE, audit::STAYS_RELEASED, audit::ONE_REVISION, ONE_MONEY] {
        assert!(breaks.contains(property), "{property}: no guard removed breaks it");
    }
}
