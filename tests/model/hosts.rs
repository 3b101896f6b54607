//! The hosts: each does its tasks one step at a time. Between any two steps another host may go on, the clock may move,
//! or the host may crash.

use std::collections::BTreeSet;

use crate::book::{Ask, Book};
use crate::sales::{Sale, Task};
use crate::search::{Model, Step};
use crate::store::{Guard, KEYS, MISSING, ORDERS, Op, Record, Row, Store};

pub const HOSTS: usize = 4;
pub const DEADLOCK: &str = "no deadlock";

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Phase {
    /// The host is about to read, for the first time or again after a failure.
    Start,
    /// The host has asked the engine and must read more: lapsed holds after a refusal, or counters for a late payment.
    Second(u32),
    /// The host executes the plan of the answer with this number; the second field is how many operations are done.
    Within(u32, u8),
    /// Nothing is left to commit; the host is about to tell its buyer.
    Answers(u32),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Host {
    pub task: u8,
    pub attempts: u8,
    pub phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct State {
    pub store: Store,
    /// The records as a replica of the database has them if it lacks the last write.
    pub behind: [Record; ORDERS],
    pub hosts: [Host; HOSTS],
    pub now: u8,
    pub crashes: u8,
    /// An organiser has accepted a payment above the limits.
    pub over_limit: bool,
    /// Somebody has set the counters by hand.
    pub reset: bool,
    /// Counters of yesterday were deleted.
    pub pruned: bool,
}

pub struct Hosts<'a> {
    pub sale: &'a Sale,
    pub book: Book<'a>,
    pub removed: Option<Guard>,
    /// The events that have happened.
    pub saw: BTreeSet<&'static str>,
}

pub type Steps = Vec<Step<State, Did>>;

/// What a host did in a step, for the story of a broken property.
#[derive(Clone, Copy, Debug, Default)]
#[allow(dead_code, reason = "shown when a property breaks")]
pub struct Did {
    pub host: Option<usize>,
    pub what: &'static str,
    pub op: Option<Op>,
}

fn did(host: usize, what: &'static str) -> Did {
    Did { host: Some(host), what, op: None }
}

impl<'a> Hosts<'a> {
    pub fn new(sale: &'a Sale, removed: Option<Guard>) -> Self {
        Self { sale, book: Book::new(sale, removed), removed, saw: BTreeSet::new() }
    }

    pub fn task(&self, host: usize, state: &State) -> Option<&'a Task> {
        self.sale.hosts.get(host)?.get(usize::from(state.hosts[host].task))
    }

    fn step(&mut self, host: usize, state: &State, steps: &mut Steps) {
        let Some(task) = self.task(host, state) else { return };
        let to = |phase| {
            let mut next = *state;
            next.hosts[host].phase = phase;
            next
        };
        let mut push = |what, state| steps.push(Step { what: did(host, what), state, broken: Vec::new() });
        match state.hosts[host].phase {
            Phase::Start => {
                let Some(order) = task.order() else { return self.mend(host, state, task, steps) };
                let (mut readings, fresh) = (Vec::new(), state.store.records[order]);
                readings.push((fresh, state.store.counters));
                // A replica may miss the last write, or may have seen nothing at all.
                if self.sale.stale && state.hosts[host].attempts == 0 {
                    readings.push((state.behind[order], state.store.counters));
                    readings.push((0, [MISSING; KEYS]));
                }
                for (record, counters) in readings {
                    if self.is_ready(state, task, record) {
                        let phase = self.read(host, state, task, record, counters);
                        push("reads and asks", to(phase));
                    }
                }
            }
            Phase::Second(asked) => {
                let phase = self.reread(state, task, asked);
                push("reads once more", to(phase));
            }
            Phase::Within(answer, done) => steps.extend(self.within(host, state, answer, done)),
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
                // If the answer has a plan, the plan's transaction has settled the money. Without a plan there was no
                // transaction, so settle it here.
                let broken = self.settle(&mut next, answer).into_iter().collect();
                steps.push(Step { what: did(host, "answers"), state: next, broken });
            }
        }
    }

    /// What an operator does: sets counters by hand, or deletes those of yesterday.
    fn mend(&mut self, host: usize, state: &State, task: &Task, steps: &mut Steps) {
        let mut next = *state;
        next.hosts[host].task += 1;
        let (mut what, mut broken) = ("sets the counters to 0", Vec::new());
        if matches!(task, Task::Prune) {
            let any = self.removed == Some(Guard::PrunesWhatIsOver);
            let goes = |key: &usize| {
                let over = self.book.is_over(*key, state.now) || (any && self.book.is_of_a_period(*key));
                over && state.store.counters[*key] != MISSING
            };
            let gone: Vec<usize> = (0..KEYS).filter(goes).collect();
            // A row is deleted when no other transaction has it locked.
            if gone.is_empty() || gone.iter().any(|key| self.is_locked(host, state, Row::Counter(*key))) {
                return;
            }
            gone.iter().for_each(|key| next.store.counters[*key] = MISSING);
            (next.pruned, what) = (true, "prunes");
            broken = self.audit(&next);
        } else {
            next.store.counters = next.store.counters.map(|counter| counter.min(0));
            next.reset = true;
        }
        steps.push(Step { what: did(host, what), state: next, broken });
    }

    /// Whether the task can start: a payment or a release needs an order, and a sweep needs one that has lapsed.
    pub fn is_ready(&self, state: &State, task: &Task, record: Record) -> bool {
        match task {
            Task::Release { tickets: Some(tickets), .. } => {
                tickets.iter().all(|index| usize::from(*index) < self.book.tickets(record))
            }
            Task::Sweep { .. } => self.book.has_lapsed(record, state.now),
            Task::Pay { .. } | Task::Release { .. } => record > 0,
            Task::Buy { .. } | Task::Reset | Task::Prune => true,
        }
    }

    /// The host's next step after an answer: the plan, a second reading, or nothing.
    fn then(&self, answer: u32) -> Phase {
        let given = &self.book.answers[answer as usize];
        if given.ops.is_empty() { Phase::Answers(answer) } else { Phase::Within(answer, 0) }
    }

    pub fn read(
        &mut self,
        host: usize,
        state: &State,
        task: &Task,
        record: Record,
        counters: [i16; KEYS],
    ) -> Phase {
        let (host, number) = (u8::try_from(host).unwrap(), state.hosts[host].task);
        let pays = matches!(task, Task::Pay { .. });
        let mut read = [MISSING; KEYS];
        if matches!(task, Task::Buy { .. }) {
            let keys_of = if self.removed == Some(Guard::KeysAnew) { 0 } else { state.now };
            let reads = self.book.reads(host, number, keys_of);
            (0..KEYS).filter(|key| reads[*key]).for_each(|key| read[key] = counters[key]);
        }
        let counters = read;
        let ask = Ask { host, task: number, now: state.now, record, counters, lapsed: [0; ORDERS] };
        let answer = self.book.ask(ask);
        let short = self.book.answers[answer as usize].short.contains(&true);
        let second = if pays { self.book.may_come_back(record) } else { short };
        if second { Phase::Second(answer) } else { self.then(answer) }
    }

    pub fn reread(&mut self, state: &State, task: &Task, asked: u32) -> Phase {
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

    fn crash(&mut self, host: usize, state: &State, steps: &mut Steps) {
        let phase = state.hosts[host].phase;
        if state.crashes == self.sale.crashes || phase == Phase::Start {
            return;
        }
        let mut next = *state;
        next.hosts[host] = Host { attempts: 0, phase: Phase::Start, ..state.hosts[host] };
        next.crashes += 1;
        let mut broken = Vec::new();
        if let (Phase::Within(answer, done), Some(Guard::CrashRollback)) = (phase, self.removed) {
            self.write(&mut next.store, host, answer, done);
            broken = self.audit(&next);
        }
        if let Phase::Answers(_) = phase {
            self.saw.insert("a crash after the commit, before the answer");
        }
        steps.push(Step { what: did(host, "crashes"), state: next, broken });
    }
}

impl Model for Hosts<'_> {
    type State = State;
    type What = Did;

    fn start(&self) -> State {
        State {
            store: Store::EMPTY,
            behind: [0; ORDERS],
            hosts: [Host { task: 0, attempts: 0, phase: Phase::Start }; HOSTS],
            now: 0,
            crashes: 0,
            over_limit: false,
            reset: false,
            pruned: false,
        }
    }

    fn steps(&mut self, state: &State, steps: &mut Steps) -> Result<(), &'static str> {
        for host in 0..HOSTS {
            self.step(host, state, steps);
        }
        let waits = |host: &Host| matches!(host.phase, Phase::Within(..));
        if steps.is_empty() && state.hosts.iter().any(waits) {
            return Err(DEADLOCK);
        }
        for host in 0..HOSTS {
            self.crash(host, state, steps);
        }
        if state.now < self.sale.ticks {
            let state = State { now: state.now + 1, ..*state };
            steps.push(Step {
                what: Did { what: "the clock moves", ..Did::default() },
                state,
                broken: Vec::new(),
            });
        }
        Ok(())
    }
}
