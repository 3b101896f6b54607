//! Group commit: plans of several buyers go as one transaction, whose additions to one counter are added up.
//!
//! Two hosts have a queue each. A host executes what waits as one merged plan, one operation at a time under row locks.
//! If an operation fails, nothing is stored, and each plan goes alone. A host may crash at any moment; its buyers ask
//! again.

use crate::search::{Model, Step, explore};
use std::collections::BTreeSet;

const BUYERS: usize = 6;
const ORDERS: usize = 4;
const KEYS: usize = 2;
const HOSTS: usize = 2;

/// The order of each buyer, its additions to the counters, and its host. The first order is asked three times.
const BUYER: [(usize, [i8; KEYS], usize); BUYERS] =
    [(0, [1, 1], 0), (1, [1, 0], 0), (0, [1, 1], 0), (2, [0, 1], 1), (3, [2, 0], 1), (0, [1, 1], 1)];
/// What each order adds.
const ADDS: [[i8; KEYS]; ORDERS] = [[1, 1], [1, 0], [0, 1], [2, 0]];
const LIMITS: [i8; KEYS] = [3, 2];

const LIMIT: &str = "no counter exceeds its limit";
const RECORDS: &str = "the counters are what the records hold";
const KEPT: &str = "an accepted order has a record";
const OWN: &str = "nobody gets the conflict of another";
const DEADLOCK: &str = "no deadlock";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Guard {
    /// A second record with one id fails.
    InsertExists,
    /// An addition above the limit fails.
    AtMost,
    /// What several plans add to a counter is added up.
    AddsUp,
    /// The counters are in one order in every batch.
    Order,
    /// A row is locked until the transaction that wrote it ends.
    Locks,
    /// An operation that fails undoes the whole batch.
    Rollback,
    /// A crash undoes what was not committed.
    CrashRollback,
    /// After a failure each plan goes alone.
    EachAlone,
    /// The buyers are told after the commit.
    TellsLast,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Buyer {
    Asks,
    Waits,
    Accepted,
    Refused,
}

/// Up to three buyers, in the order in which they came.
type List = [Option<u8>; 3];

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
struct Host {
    queue: List,
    /// The plans of the transaction under way.
    batch: List,
    /// How many of its operations are executed.
    done: u8,
    committed: bool,
    /// The plans that go alone, after their batch has failed.
    alone: List,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Store {
    records: [bool; ORDERS],
    counters: [i8; KEYS],
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct State {
    store: Store,
    buyers: [Buyer; BUYERS],
    hosts: [Host; HOSTS],
    crashes: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Op {
    Insert(usize),
    Add(usize, i8),
}

struct Batches {
    removed: Option<Guard>,
    saw: BTreeSet<&'static str>,
}

fn members(list: List) -> impl Iterator<Item = usize> {
    list.into_iter().flatten().map(usize::from)
}

fn push(list: &mut List, buyer: usize) {
    *list.iter_mut().find(|place| place.is_none()).unwrap() = Some(u8::try_from(buyer).unwrap());
}

/// The first of the list, and the others.
fn pop(list: List) -> (List, List) {
    ([list[0], None, None], [list[1], list[2], None])
}

/// The plans that go next: those that wait, up to the first whose record is in the batch already.
fn next(queue: List) -> (List, List) {
    let (mut batch, mut rest, mut orders) = (List::default(), List::default(), BTreeSet::new());
    let mut open = true;
    for buyer in members(queue) {
        open = open && orders.insert(BUYER[buyer].0);
        push(if open { &mut batch } else { &mut rest }, buyer);
    }
    (batch, rest)
}

impl Batches {
    fn has(&self, guard: Guard) -> bool {
        self.removed != Some(guard)
    }

    /// The merged plan: the records in the order of the buyers, then the counters in the order of their keys.
    fn ops(&self, host: usize, batch: List) -> Vec<Op> {
        let mut ops: Vec<_> = members(batch).map(|buyer| Op::Insert(BUYER[buyer].0)).collect();
        let mut keys: Vec<usize> = (0..KEYS).collect();
        if !self.has(Guard::Order) && host == 1 {
            keys.reverse();
        }
        for key in keys {
            let adds = members(batch).map(|buyer| BUYER[buyer].1[key]);
            let by = if self.has(Guard::AddsUp) { adds.sum() } else { adds.max().unwrap_or(0) };
            ops.extend((by > 0).then_some(Op::Add(key, by)));
        }
        ops
    }

    fn holds(&self, store: &Store, op: Op) -> bool {
        match op {
            Op::Insert(order) => !store.records[order] || !self.has(Guard::InsertExists),
            Op::Add(key, by) => store.counters[key] + by <= LIMITS[key] || !self.has(Guard::AtMost),
        }
    }

    fn is_locked(&self, host: usize, state: &State, op: Op) -> bool {
        let row = |op| match op {
            Op::Insert(order) => (0, order),
            Op::Add(key, _) => (1, key),
        };
        let (other, done) = (1 - host, usize::from(state.hosts[1 - host].done));
        let open = !state.hosts[other].committed && self.has(Guard::Locks);
        open && self.ops(other, state.hosts[other].batch)[..done].iter().any(|done| row(*done) == row(op))
    }

    fn write(&self, store: &mut Store, host: usize, of: &Host) {
        for op in &self.ops(host, of.batch)[..usize::from(of.done)] {
            match *op {
                Op::Insert(order) => store.records[order] = true,
                Op::Add(key, by) => store.counters[key] += by,
            }
        }
    }

    fn audit(store: &Store) -> Vec<&'static str> {
        let mut broken = Vec::new();
        for key in 0..KEYS {
            let held: i8 =
                (0..ORDERS).filter(|order| store.records[*order]).map(|order| ADDS[order][key]).sum();
            broken.extend((store.counters[key] != held).then_some(RECORDS));
            broken.extend((store.counters[key] > LIMITS[key] || held > LIMITS[key]).then_some(LIMIT));
        }
        broken
    }

    fn buys(&mut self, buyer: usize, state: &State) -> Option<State> {
        if state.buyers[buyer] != Buyer::Asks {
            return None;
        }
        let (order, adds, host) = BUYER[buyer];
        let mut next = *state;
        let short = (0..KEYS).any(|key| adds[key] > 0 && state.store.counters[key] + adds[key] > LIMITS[key]);
        next.buyers[buyer] = match (state.store.records[order], short) {
            (true, _) => Buyer::Accepted,
            (false, true) => Buyer::Refused,
            (false, false) => Buyer::Waits,
        };
        if next.buyers[buyer] == Buyer::Waits {
            push(&mut next.hosts[host].queue, buyer);
        }
        Some(next)
    }

    /// The next step of the host's transaction; none while it waits for a row.
    fn runs(&mut self, host: usize, state: &State) -> Option<(&'static str, State, Vec<&'static str>)> {
        let (mut after, own, mut broken) = (*state, state.hosts[host], Vec::new());
        let to = &mut after.hosts[host];
        if own.committed {
            members(own.batch).for_each(|buyer| after.buyers[buyer] = Buyer::Accepted);
            *to = Host { batch: List::default(), done: 0, committed: false, ..own };
            return Some(("answers", after, broken));
        }
        if own.batch == List::default() {
            if own.alone != List::default() {
                (to.batch, to.alone) = pop(own.alone);
                return Some(("takes one alone", after, broken));
            }
            (to.batch, to.queue) = next(own.queue);
            let many = members(to.batch).count();
            self.saw.extend((many == 2).then_some("two plans go together"));
            self.saw.extend((many == 3).then_some("three plans go together"));
            self.saw.extend((to.queue != List::default()).then_some("a plan on the same record waits"));
            return (many > 0).then_some(("takes what waits", after, broken));
        }
        if own.done == 0 && !self.has(Guard::TellsLast) {
            members(own.batch).for_each(|buyer| after.buyers[buyer] = Buyer::Accepted);
        }
        let Some(&op) = self.ops(host, own.batch).get(usize::from(own.done)) else {
            self.write(&mut after.store, host, &own);
            after.hosts[host].committed = true;
            broken.extend(Self::audit(&after.store));
            return Some(("commits", after, broken));
        };
        if self.is_locked(host, state, op) {
            self.saw.insert("waits for a row");
            return None;
        }
        if self.holds(&state.store, op) {
            after.hosts[host].done += 1;
            return Some(("executes", after, broken));
        }
        if !self.has(Guard::Rollback) {
            self.write(&mut after.store, host, &own);
            broken.extend(Self::audit(&after.store));
        }
        let many = members(own.batch).count() > 1;
        let to = &mut after.hosts[host];
        *to = Host { batch: List::default(), done: 0, ..own };
        if many && self.has(Guard::EachAlone) {
            self.saw.insert("a batch fails, and each plan goes alone");
            to.alone = own.batch;
        } else {
            for buyer in members(own.batch) {
                let alone = self.ops(host, [Some(u8::try_from(buyer).unwrap()), None, None]);
                let holds = alone.iter().all(|op| self.holds(&state.store, *op));
                broken.extend(holds.then_some(OWN));
                after.buyers[buyer] = Buyer::Asks;
            }
            self.saw.insert("a plan alone has a conflict");
        }
        Some(("rolls back", after, broken))
    }

    fn crash(&mut self, host: usize, state: &State) -> Option<(State, Vec<&'static str>)> {
        let (mut after, own) = (*state, state.hosts[host]);
        if state.crashes == 1 || own == Host::default() {
            return None;
        }
        let mut broken = Vec::new();
        if !own.committed && !self.has(Guard::CrashRollback) {
            self.write(&mut after.store, host, &own);
            broken.extend(Self::audit(&after.store));
        }
        self.saw.insert(if own.committed { "crashes after the commit" } else { "crashes before the commit" });
        after.crashes += 1;
        after.hosts[host] = Host::default();
        for buyer in (0..BUYERS).filter(|buyer| BUYER[*buyer].2 == host) {
            if after.buyers[buyer] == Buyer::Waits {
                after.buyers[buyer] = Buyer::Asks;
            }
        }
        Some((after, broken))
    }
}

impl Model for Batches {
    type State = State;
    type What = (usize, &'static str);

    fn start(&self) -> State {
        State {
            store: Store { records: [false; ORDERS], counters: [0; KEYS] },
            buyers: [Buyer::Asks; BUYERS],
            hosts: [Host::default(); HOSTS],
            crashes: 0,
        }
    }

    fn steps(
        &mut self,
        state: &State,
        steps: &mut Vec<Step<State, (usize, &'static str)>>,
    ) -> Result<(), &'static str> {
        for buyer in 0..BUYERS {
            let asked = self.buys(buyer, state);
            steps.extend(asked.map(|state| Step { what: (buyer, "asks"), state, broken: Vec::new() }));
        }
        for host in 0..HOSTS {
            let ran = self.runs(host, state);
            steps.extend(ran.map(|(what, state, broken)| Step { what: (host, what), state, broken }));
        }
        if steps.is_empty() && state.hosts.iter().any(|host| host.batch != List::default()) {
            return Err(DEADLOCK);
        }
        for host in 0..HOSTS {
            let crashed = self.crash(host, state);
            steps.extend(crashed.map(|(state, broken)| Step { what: (host, "crashes"), state, broken }));
        }
        // Where a batch is under way, its record may not be stored yet: only a crash shows that it never will be.
        let settled = |host: &Host| *host == Host::default();
        for step in steps.iter_mut().filter(|step| step.state.hosts.iter().all(settled)) {
            let lost = |(buyer, (order, ..)): (&Buyer, &(usize, _, _))| {
                *buyer == Buyer::Accepted && !step.state.store.records[*order]
            };
            let any = step.state.buyers.iter().zip(&BUYER).any(lost);
            step.broken.extend(any.then_some(KEPT));
        }
        Ok(())
    }
}

#[test]
fn a_batch_is_as_safe_as_its_plans_one_by_one() {
    let mut batches = Batches { removed: None, saw: BTreeSet::new() };
    let explored = explore(&mut batches);
    println!("{:>9} states  group commit", explored.states);
    assert!(explored.broken.is_empty(), "{:#?}", explored.broken);
    let seen = [
        "a batch fails, and each plan goes alone",
        "a plan alone has a conflict",
        "a plan on the same record waits",
        "crashes after the commit",
        "crashes before the commit",
        "three plans go together",
        "two plans go together",
        "waits for a row",
    ];
    assert_eq!(batches.saw, BTreeSet::from(seen));
}

#[test]
fn each_guard_of_a_batch_is_missed_when_it_is_removed() {
    for (guard, property) in [
        (Guard::InsertExists, RECORDS),
        (Guard::AtMost, LIMIT),
        (Guard::AddsUp, RECORDS),
        (Guard::Order, DEADLOCK),
        (Guard::Locks, LIMIT),
        (Guard::Rollback, RECORDS),
        (Guard::CrashRollback, RECORDS),
        (Guard::EachAlone, OWN),
        (Guard::TellsLast, KEPT),
    ] {
        let explored = explore(&mut Batches { removed: Some(guard), saw: BTreeSet::new() });
        let broken: Vec<_> = explored.broken.keys().collect();
        assert!(explored.broken.contains_key(property), "without {guard:?} only {broken:?} breaks");
    }
}
