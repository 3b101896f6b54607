//! The hosts: each does its tasks one step at a time, and between any two steps another host may go on,
//! the clock may move, or the host may crash.

use std::collections::BTreeSet;

use crate::audit;
use crate::book::{Ask, Book};
use crate::sales::{Sale, Task};
use crate::search::{Model, Step};
use crate::store::{Guard, KEYS, MISSING, ORDERS, Op, Record, Row, Store, used};

pub const HOSTS: usize = 4;
const ATTEMPTS: u8 = 8;

pub const LIMIT: &str = "no counter exceeds its limit";
pub const RECORDS: &str = "the counters are what the records hold";
pub const ONCE: &str = "nothing is given back twice";
pub const NOT_BELOW: &str = "no counter is below 0";
pub const REFUND: &str = "no more is paid back than the tickets cost";
pub const FINISHES: &str = "a transaction finishes within 8 attempts";
pub const CAUSE: &str = "a plan that fails is not given again";
pub const FITS: &str = "an addition fits its guard on an empty counter";
pub const DEADLOCK: &str = "no deadlock";

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    /// About to read; also between attempts.
    Start,
    /// Asked, and reads once more: lapsed holds after a refusal, counters for a late payment.
    Second(u32),
    /// Executing the plan of an answer, so many operations done.
    Within(u32, u8),
    /// Nothing left to commit: about to answer.
    Answers(u32),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Host {
    task: u8,
    attempts: u8,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct State {
    store: Store,
    /// What a replica that is one write behind has of each record.
    behind: [Record; ORDERS],
    hosts: [Host; HOSTS],
    now: u8,
    crashes: u8,
    /// An organiser let a payment in over the limit.
    over_limit: bool,
    /// Somebody set the counters by hand.
    reset: bool,
}

pub struct Hosts<'a> {
    sale: &'a Sale,
    book: Book<'a>,
    removed: Option<Guard>,
    /// What happened somewhere.
    pub saw: BTreeSet<&'static str>,
}

type Steps = Vec<Step<State>>;

impl<'a> Hosts<'a> {
    pub fn new(sale: &'a Sale, removed: Option<Guard>) -> Self {
        Self { sale, book: Book::new(sale), removed, saw: BTreeSet::new() }
    }

    fn task(&self, host: usize, state: &State) -> Option<&'a Task> {
        self.sale.hosts.get(host)?.get(usize::from(state.hosts[host].task))
    }

    fn step(&mut self, host: usize, state: &State, tell: bool, steps: &mut Steps) {
        let Some(task) = self.task(host, state) else { return };
        let number = state.hosts[host].task;
        let told = |what: &dyn Fn() -> String| {
            if tell { format!("host {host}, task {number}: {}", what()) } else { String::new() }
        };
        let to = |phase| {
            let mut next = *state;
            next.hosts[host].phase = phase;
            next
        };
        let mut push =
            |what: &dyn Fn() -> String, state, broken| steps.push(Step { what: told(what), state, broken });
        match state.hosts[host].phase {
            Phase::Start => {
                let Some(order) = task.order() else {
                    let mut next = *state;
                    next.store.counters = next.store.counters.map(|counter| counter.min(0));
                    next.reset = true;
                    next.hosts[host].task += 1;
                    return push(&|| "sets the counters to 0".to_owned(), next, None);
                };
                let (mut readings, fresh) = (Vec::new(), state.store.records[order]);
                readings.push((fresh, state.store.counters));
                // A replica may not have seen the last write, or nothing at all.
                if self.sale.stale && state.hosts[host].attempts == 0 {
                    readings.push((state.behind[order], state.store.counters));
                    readings.push((0, [MISSING; KEYS]));
                }
                for (record, counters) in readings {
                    if self.is_ready(state, task, record) {
                        let phase = self.read(host, state, task, record, counters);
                        push(&|| "reads and asks".to_owned(), to(phase), None);
                    }
                }
            }
            Phase::Second(asked) => {
                let phase = self.reread(state, task, asked);
                push(&|| "reads once more".to_owned(), to(phase), None);
            }
            Phase::Within(answer, done) => self.within(host, state, answer, done, &mut push),
            Phase::Answers(answer) => {
                let given = &self.book.answers[answer as usize];
                self.saw.extend(&given.saw);
                let again = state.hosts[host].attempts > 0;
                self.saw.extend(
                    (again && given.ops.is_empty()).then_some("there is nothing to do after a conflict"),
                );
                let mut next = to(Phase::Start);
                next.hosts[host].task += 1;
                next.hosts[host].attempts = 0;
                push(&|| "answers".to_owned(), next, None);
            }
        }
    }

    /// A payment or a release waits until there is an order, a sweep until it has lapsed.
    fn is_ready(&self, state: &State, task: &Task, record: Record) -> bool {
        match task {
            Task::Release { tickets: Some(tickets), .. } => {
                tickets.iter().all(|index| usize::from(*index) < self.book.tickets(record))
            }
            Task::Sweep { .. } => self.book.has_lapsed(record, state.now),
            Task::Pay { .. } | Task::Release { .. } => record > 0,
            Task::Buy { .. } | Task::Reset => true,
        }
    }

    /// What a host does with an answer: its plan, or a second reading, or nothing.
    fn then(&self, answer: u32) -> Phase {
        let given = &self.book.answers[answer as usize];
        if given.ops.is_empty() { Phase::Answers(answer) } else { Phase::Within(answer, 0) }
    }

    fn read(
        &mut self,
        host: usize,
        state: &State,
        task: &Task,
        record: Record,
        counters: [i16; KEYS],
    ) -> Phase {
        let (host, number) = (u8::try_from(host).unwrap(), state.hosts[host].task);
        let pays = matches!(task, Task::Pay { .. });
        let counters = if matches!(task, Task::Buy { .. }) { counters } else { [MISSING; KEYS] };
        let ask = Ask { host, task: number, now: state.now, record, counters, lapsed: [0; ORDERS] };
        let answer = self.book.ask(ask);
        let short = self.book.answers[answer as usize].short.contains(&true);
        let second = if pays { self.book.may_come_back(record) } else { short };
        if second { Phase::Second(answer) } else { self.then(answer) }
    }

    fn reread(&mut self, state: &State, task: &Task, asked: u32) -> Phase {
        let Some((mut ask, short)) =
            self.book.answers.get(asked as usize).map(|given| (given.ask, given.short))
        else {
            return Phase::Start;
        };
        if matches!(task, Task::Pay { .. }) {
            ask.counters = state.store.counters;
        } else {
            for (place, record) in state.store.records.into_iter().enumerate() {
                let charges =
                    self.book.held(record).iter().zip(short).any(|(held, short)| *held > 0 && short);
                if charges && self.book.has_lapsed(record, state.now) {
                    ask.lapsed[place] = record;
                }
            }
        }
        let answer = self.book.ask(Ask { now: state.now, ..ask });
        self.then(answer)
    }

    /// The operation that comes after so many, in the order in which this host executes them.
    fn op(&self, host: usize, answer: u32, done: usize) -> Option<Op> {
        let ops = &self.book.answers[answer as usize].ops;
        let reversed = self.removed == Some(Guard::Order) && host >= 2;
        let place = if reversed { ops.len().checked_sub(done + 1)? } else { done };
        ops.get(place).copied()
    }

    fn is_locked(&self, host: usize, state: &State, row: Row) -> bool {
        let has_written = |other: usize| match state.hosts[other].phase {
            Phase::Within(answer, done) => {
                (0..done.into()).any(|done| self.op(other, answer, done).is_some_and(|op| op.row() == row))
            }
            _ => false,
        };
        self.removed != Some(Guard::Locks) && (0..HOSTS).any(|other| other != host && has_written(other))
    }

    /// Writes what a host has executed so far.
    fn write(&self, store: &mut Store, host: usize, answer: u32, done: u8) {
        let read = self.book.answers[answer as usize].ask.counters;
        let ops = (0..done.into()).filter_map(|done| self.op(host, answer, done));
        ops.for_each(|op| op.write(store, |key| read[key] == MISSING, self.removed));
    }

    fn within(
        &mut self,
        host: usize,
        state: &State,
        answer: u32,
        done: u8,
        push: &mut dyn FnMut(&dyn Fn() -> String, State, Option<&'static str>),
    ) {
        let Some(op) = self.op(host, answer, done.into()) else {
            let (next, broken) = self.commit(host, state, answer, done);
            return push(&|| "commits".to_owned(), next, broken);
        };
        if self.is_locked(host, state, op.row()) {
            self.saw.insert("waits for a row");
            return;
        }
        let revision = match op {
            Op::Insert { order, .. } | Op::Update { order, .. } => {
                self.book.revision(state.store.records[order])
            }
            Op::Add { .. } => 0,
        };
        let mut next = *state;
        let own = if done == 0 && self.removed == Some(Guard::OwnWrites) {
            self.pay_back(&mut next, answer)
        } else {
            None
        };
        if op.holds(&state.store, revision, self.removed) {
            next.hosts[host].phase = Phase::Within(answer, done + 1);
            let alone = matches!(op, Op::Add { by, at_most: Some(most), .. } if by > most);
            return push(&|| format!("executes {op:?}"), next, own.or(alone.then_some(FITS)));
        }
        self.saw.insert("an operation fails");
        next.hosts[host].attempts += 1;
        next.hosts[host].phase = Phase::Start;
        let mut broken = own.or((next.hosts[host].attempts == ATTEMPTS).then_some(FINISHES));
        if self.removed == Some(Guard::Rollback) {
            self.write(&mut next.store, host, answer, done);
            broken = broken.or(self.audit(&next));
        }
        if self.removed == Some(Guard::AskAgain) {
            next.hosts[host].phase = Phase::Within(answer, 0);
        } else if broken.is_none() && self.removed.is_none() {
            broken = self.is_given_again(host, &next, answer).then_some(CAUSE);
        }
        push(&|| format!("rolls back, for it fails: {op:?}"), next, broken);
    }

    /// Whether the same plan is made again of what is stored now: it would fail for ever.
    fn is_given_again(&mut self, host: usize, state: &State, answer: u32) -> bool {
        let Some((task, order)) = self.task(host, state).and_then(|task| Some((task, task.order()?))) else {
            return false;
        };
        let record = state.store.records[order];
        if !self.is_ready(state, task, record) {
            return false;
        }
        let mut phase = self.read(host, state, task, record, state.store.counters);
        if let Phase::Second(asked) = phase {
            phase = self.reread(state, task, asked);
        }
        let again = match phase {
            Phase::Within(again, _) => &self.book.answers[again as usize].ops,
            _ => return false,
        };
        *again == self.book.answers[answer as usize].ops
    }

    fn commit(&mut self, host: usize, state: &State, answer: u32, all: u8) -> (State, Option<&'static str>) {
        let mut next = *state;
        self.write(&mut next.store, host, answer, all);
        next.hosts[host].phase = Phase::Answers(answer);
        next.over_limit |= self.book.answers[answer as usize].over_limit;
        let own = self.removed == Some(Guard::OwnWrites);
        let mut broken = if own { None } else { self.pay_back(&mut next, answer) };
        for op in &self.book.answers[answer as usize].ops {
            match *op {
                Op::Insert { order, record } | Op::Update { order, record, .. } => {
                    let before = state.store.records[order];
                    next.behind[order] = before;
                    broken = broken.or(audit::broken(self.book.json(before), self.book.json(record)));
                }
                Op::Add { key, by, .. } => {
                    let drifts = used(state.store.counters[key]) + by < 0;
                    broken = broken.or((drifts && !state.reset).then_some(ONCE));
                    if drifts {
                        self.saw.insert("giving back stops at 0");
                    }
                }
            }
        }
        if state.hosts[host].attempts > 0 {
            self.saw.insert("commits after a conflict");
        }
        (next, broken.or(self.audit(&next)))
    }

    /// The host's own writes.
    fn pay_back(&self, state: &mut State, answer: u32) -> Option<&'static str> {
        let given = &self.book.answers[answer as usize];
        let Some(Op::Update { order, record, .. }) = given.ops.first() else { return None };
        let refunded = &mut state.store.refunded[*order];
        *refunded += given.refund;
        (*refunded > audit::price(self.book.json(*record))).then_some(REFUND)
    }

    /// What is so of every store.
    fn audit(&mut self, state: &State) -> Option<&'static str> {
        let mut held = [0; KEYS];
        for record in state.store.records {
            held.iter_mut().zip(self.book.held(record)).for_each(|(sum, held)| *sum += held);
        }
        let limits = self.book.limits;
        for ((counter, held), limit) in state.store.counters.into_iter().zip(held).zip(limits) {
            if used(counter) < 0 {
                return Some(NOT_BELOW);
            }
            // A limit that somebody has lifted by hand is no limit.
            let lifted = state.over_limit || state.reset;
            if !lifted && limit.is_some_and(|most| used(counter) > most || held > most) {
                return Some(LIMIT);
            }
            if used(counter) != held && !state.reset {
                return Some(RECORDS);
            }
            if limit == Some(used(counter)) {
                self.saw.insert("a limit is reached exactly");
            }
        }
        None
    }

    fn crash(&mut self, host: usize, state: &State, tell: bool, steps: &mut Steps) {
        let phase = state.hosts[host].phase;
        if state.crashes == self.sale.crashes || phase == Phase::Start {
            return;
        }
        let mut next = *state;
        next.hosts[host] = Host { attempts: 0, phase: Phase::Start, ..state.hosts[host] };
        next.crashes += 1;
        let mut broken = None;
        if let (Phase::Within(answer, done), Some(Guard::CrashRollback)) = (phase, self.removed) {
            self.write(&mut next.store, host, answer, done);
            broken = self.audit(&next);
        }
        if let Phase::Answers(_) = phase {
            self.saw.insert("a crash after the commit, before the answer");
        }
        let what = if tell { format!("host {host} crashes") } else { String::new() };
        steps.push(Step { what, state: next, broken });
    }
}

impl Model for Hosts<'_> {
    type State = State;

    fn start(&self) -> State {
        State {
            store: Store::EMPTY,
            behind: [0; ORDERS],
            hosts: [Host { task: 0, attempts: 0, phase: Phase::Start }; HOSTS],
            now: 0,
            crashes: 0,
            over_limit: false,
            reset: false,
        }
    }

    fn steps(&mut self, state: &State, tell: bool, steps: &mut Steps) -> Result<(), &'static str> {
        for host in 0..HOSTS {
            self.step(host, state, tell, steps);
        }
        let waits = |host: &Host| matches!(host.phase, Phase::Within(..));
        if steps.is_empty() && state.hosts.iter().any(waits) {
            return Err(DEADLOCK);
        }
        for host in 0..HOSTS {
            self.crash(host, state, tell, steps);
        }
        if state.now < self.sale.ticks {
            let what = if tell { "the clock moves".to_owned() } else { String::new() };
            steps.push(Step { what, state: State { now: state.now + 1, ..*state }, broken: None });
        }
        Ok(())
    }
}
