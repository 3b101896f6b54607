//! One transaction: executes a plan operation by operation, and checks every property when it commits.

use crate::audit;
use crate::hosts::{Did, HOSTS, Hosts, Phase, State};
use crate::sales::{Task, today};
use crate::search::Step;
use crate::store::{Guard, KEYS, MISSING, Money, Op, Row, Store, used};

const ATTEMPTS: u8 = 8;

pub const LIMIT: &str = "no counter exceeds its limit";
pub const RECORDS: &str = "the counters are what the records hold";
pub const ONCE: &str = "nothing is given back twice";
pub const NOT_BELOW: &str = "no counter is below 0";
pub const REFUND: &str = "no more is paid back than was kept";
pub const BALANCE: &str = "what was kept less what was paid back is the price of what the buyer has";
pub const ONE_MONEY: &str = "no payment is both kept and returned";
pub const STAYS_BACK: &str = "a payment that went back never confirms";
pub const FINISHES: &str = "a transaction finishes within 8 attempts";
pub const CAUSE: &str = "a plan that fails is not given again";
pub const IN_PERIOD: &str = "what an order uses stays in the period of its decision";
pub const FITS: &str = "an addition fits its guard on an empty counter";

impl Hosts<'_> {
    /// The operation that this host executes after it has done `done` operations.
    fn op(&self, host: usize, answer: u32, done: usize) -> Option<Op> {
        let ops = &self.book.answers[answer as usize].ops;
        let reversed = self.removed == Some(Guard::Order) && host >= 2;
        let place = if reversed { ops.len().checked_sub(done + 1)? } else { done };
        ops.get(place).copied()
    }

    pub fn is_locked(&self, host: usize, state: &State, row: Row) -> bool {
        let has_written = |other: usize| match state.hosts[other].phase {
            Phase::Within(answer, done) => {
                (0..done.into()).any(|done| self.op(other, answer, done).is_some_and(|op| op.row() == row))
            }
            _ => false,
        };
        self.removed != Some(Guard::Locks) && (0..HOSTS).any(|other| other != host && has_written(other))
    }

    /// Writes what a host has executed so far.
    pub fn write(&self, store: &mut Store, host: usize, answer: u32, done: u8) {
        let read = self.book.answers[answer as usize].ask.counters;
        let ops = (0..done.into()).filter_map(|done| self.op(host, answer, done));
        ops.for_each(|op| op.write(store, |key| read[key] == MISSING, self.removed));
    }

    /// Executes the next operation, or commits after the last one; makes no step while the row is locked.
    pub fn within(&mut self, host: usize, state: &State, answer: u32, done: u8) -> Option<Step<State, Did>> {
        let mut what = Did { host: Some(host), what: "commits", op: self.op(host, answer, done.into()) };
        let Some(op) = what.op else {
            let (state, broken) = self.commit(host, state, answer, done);
            return Some(Step { what, state, broken });
        };
        if self.is_locked(host, state, op.row()) {
            self.saw.insert("waits for a row");
            return None;
        }
        let revision = match op {
            Op::Insert { order, .. } | Op::Update { order, .. } => {
                self.book.revision(state.store.records[order])
            }
            Op::Add { .. } => 0,
        };
        let (mut next, mut broken) = (*state, Vec::new());
        if done == 0 && self.removed == Some(Guard::OwnWrites) {
            broken.extend(self.pay_back(&mut next, answer));
        }
        if op.holds(&state.store, revision, self.removed) {
            what.what = "executes";
            next.hosts[host].phase = Phase::Within(answer, done + 1);
            let alone = matches!(op, Op::Add { by, at_most: Some(most), .. } if by > most);
            broken.extend(alone.then_some(FITS));
            return Some(Step { what, state: next, broken });
        }
        what.what = "rolls back, for this fails";
        self.saw.insert("an operation fails");
        next.hosts[host].attempts += 1;
        next.hosts[host].phase = Phase::Start;
        broken.extend((next.hosts[host].attempts == ATTEMPTS).then_some(FINISHES));
        if self.removed == Some(Guard::Rollback) {
            self.write(&mut next.store, host, answer, done);
            broken.extend(self.audit(&next));
        }
        if self.removed == Some(Guard::AskAgain) {
            next.hosts[host].phase = Phase::Within(answer, 0);
        } else if self.is_given_again(host, &next, answer) {
            broken.push(CAUSE);
        }
        Some(Step { what, state: next, broken })
    }

    /// Whether a host that reads the present state and asks again gets the same plan, which fails: it would never end.
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

    fn commit(&mut self, host: usize, state: &State, answer: u32, all: u8) -> (State, Vec<&'static str>) {
        let mut next = *state;
        self.write(&mut next.store, host, answer, all);
        next.hosts[host].phase = Phase::Answers(answer);
        next.over_limit |= self.book.answers[answer as usize].over_limit;
        let mut broken = Vec::new();
        if self.removed != Some(Guard::OwnWrites) {
            broken.extend(self.pay_back(&mut next, answer));
        }
        let given = &self.book.answers[answer as usize];
        let day = given.buys.then(|| today(given.ask.now));
        let own = self.task(host, state).and_then(Task::order);
        for op in &self.book.answers[answer as usize].ops {
            match *op {
                Op::Insert { order, record } | Op::Update { order, record, .. } => {
                    let before = state.store.records[order];
                    next.behind[order] = before;
                    let (before, after) = (self.book.json(before), self.book.json(record));
                    broken.extend(audit::broken(before, after));
                    let decided = day.filter(|_| own == Some(order));
                    broken.extend(audit::moves(before, after, decided).then_some(IN_PERIOD));
                }
                Op::Add { key, by, .. } => {
                    let drifts = used(state.store.counters[key]) + by < 0;
                    let gone = state.pruned && self.book.is_over(key, state.now);
                    broken.extend((drifts && !state.reset && !gone).then_some(ONCE));
                    if drifts && gone {
                        self.saw.insert("a use comes back to a counter that was pruned");
                    } else if drifts {
                        self.saw.insert("giving back stops at 0");
                    }
                }
            }
        }
        if state.hosts[host].attempts > 0 {
            self.saw.insert("commits after a conflict");
        }
        broken.extend(self.audit(&next));
        (next, broken)
    }

    /// The host's own writes: the money that it pays back for tickets, and what it does with a payment.
    fn pay_back(&self, state: &mut State, answer: u32) -> Vec<&'static str> {
        let given = &self.book.answers[answer as usize];
        let mut broken = Vec::new();
        if let Some(Op::Update { order, .. }) = given.ops.first() {
            state.store.refunded[*order] += given.refund;
            broken.extend((state.store.refunded[*order] > self.kept(&state.store, *order)).then_some(REFUND));
        }
        if let (Some((payment, Money::Kept)), false) = (given.money, given.ops.is_empty()) {
            let went_back = state.store.money[payment] == Money::Returned;
            broken.extend(went_back.then_some(STAYS_BACK));
        }
        broken.extend(self.settle(state, answer));
        broken
    }

    /// Keeps a payment's money or sends it back, as the answer says.
    pub fn settle(&self, state: &mut State, answer: u32) -> Option<&'static str> {
        let (payment, money) = self.book.answers[answer as usize].money?;
        let before = std::mem::replace(&mut state.store.money[payment], money);
        (before != Money::Open && before != money).then_some(ONE_MONEY)
    }

    /// The money that was kept for an order.
    fn kept(&self, store: &Store, order: usize) -> i16 {
        let payments = self.sale.payments.iter().zip(store.money);
        let kept = payments.filter(|((of, ..), money)| *of == order && *money == Money::Kept);
        kept.map(|((.., total), _)| total).sum()
    }

    /// Checks that must hold in every store.
    pub fn audit(&mut self, state: &State) -> Vec<&'static str> {
        let mut held = [0; KEYS];
        for record in state.store.records {
            held.iter_mut().zip(self.book.held(record)).for_each(|(sum, held)| *sum += held);
        }
        let mut broken = Vec::new();
        for (order, record) in state.store.records.into_iter().enumerate() {
            let paid = self.kept(&state.store, order) - state.store.refunded[order];
            broken.extend((paid != audit::bought(self.book.json(record))).then_some(BALANCE));
        }
        // Limits that an organiser exceeded or somebody changed by hand are not checked.
        let lifted = state.over_limit || state.reset;
        for key in 0..KEYS {
            let (used, held, limit) = (used(state.store.counters[key]), held[key], self.book.limits[key]);
            // As in the kit's audit, counters that may have been pruned are not compared.
            let gone = state.pruned && self.book.is_over(key, state.now);
            broken.extend((used < 0).then_some(NOT_BELOW));
            broken.extend((used != held && !state.reset && !gone).then_some(RECORDS));
            let exceeds = limit.is_some_and(|most| used > most || (held > most && !gone));
            broken.extend((exceeds && !lifted).then_some(LIMIT));
            self.saw.extend((limit == Some(used)).then_some("a limit is reached exactly"));
        }
        broken
    }
}
