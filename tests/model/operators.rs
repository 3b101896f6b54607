//! Repairs and archives while buyers buy: a repair locks nothing while it adds up the records.
//!
//! An operator reads a counter and what the records hold of it as of one moment, and later adds the difference to the
//! counter. Meanwhile others buy, give back, archive and repair.

use crate::search::{Model, Step, explore};
use std::collections::BTreeSet;

const HOSTS: usize = 4;
const RECORDS: usize = 4;

const REPAIRED: &str = "after a repair the counter is what the records hold";
const SAME: &str = "only a hand or a clamp changes how far the counter is off";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Guard {
    /// The counter and the records are read as of one moment.
    OneMoment,
    /// A correction is only made if nobody has corrected the counter since it was read.
    Corrected,
    /// A give-back that stops at 0 counts as a correction.
    ClampCounts,
    /// An archived record leaves an opening balance.
    Opens,
    /// A restored record takes its opening balance along.
    Closes,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Record {
    None,
    Held,
    Archived,
    Released,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Task {
    Buy(usize),
    Release(usize),
    Archive(usize),
    Restore(usize),
    Repair,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct State {
    used: i8,
    archived: i8,
    corrected: i8,
    records: [Record; RECORDS],
    /// For each host: its next task, and for a repair what it has read: the used value, and the difference.
    tasks: [u8; HOSTS],
    read: [Option<(Option<i8>, i8, i8)>; HOSTS],
}

struct Operators {
    tasks: [&'static [Task]; HOSTS],
    /// How far the counter is off at the start.
    off: i8,
    removed: Option<Guard>,
    saw: BTreeSet<&'static str>,
}

impl State {
    fn must(&self) -> i8 {
        let held = self.records.iter().filter(|record| **record == Record::Held).count();
        i8::try_from(held).unwrap() + self.archived
    }
    fn off(&self) -> i8 {
        self.used - self.must()
    }
}

impl Operators {
    fn has(&self, guard: Guard) -> bool {
        self.removed != Some(guard)
    }

    fn gives_back(&mut self, next: &mut State) {
        if next.used == 0 {
            self.saw.insert("a give-back stops at 0");
            next.corrected += i8::from(self.has(Guard::ClampCounts));
        }
        next.used = (next.used - 1).max(0);
    }

    fn run(&mut self, host: usize, state: &State) -> Option<(State, Vec<&'static str>)> {
        let task = *self.tasks[host].get(usize::from(state.tasks[host]))?;
        let (mut next, mut broken) = (*state, Vec::new());
        next.tasks[host] += 1;
        match task {
            Task::Buy(record) => {
                next.records[record] = Record::Held;
                next.used += 1;
            }
            Task::Release(record) if state.records[record] == Record::Held => {
                next.records[record] = Record::Released;
                self.gives_back(&mut next);
            }
            Task::Archive(record) if state.records[record] == Record::Held => {
                next.records[record] = Record::Archived;
                next.archived += i8::from(self.has(Guard::Opens));
            }
            Task::Restore(record) if state.records[record] == Record::Archived => {
                next.records[record] = Record::Held;
                next.archived -= i8::from(self.has(Guard::Closes));
            }
            Task::Release(_) | Task::Archive(_) | Task::Restore(_) => return None,
            Task::Repair => {
                let (used, must) = (state.used, state.must());
                match state.read[host] {
                    None => {
                        next.tasks[host] -= 1;
                        let used = self.has(Guard::OneMoment).then_some(used);
                        next.read[host] = Some((used, must, state.corrected));
                    }
                    // Without the guard, the counter is read after the records.
                    Some((None, must, corrected)) => {
                        next.tasks[host] -= 1;
                        next.read[host] = Some((Some(used), must, corrected));
                    }
                    Some((Some(used), must, corrected)) => {
                        next.read[host] = None;
                        let stale = corrected != state.corrected && self.has(Guard::Corrected);
                        if used == must {
                            return Some((next, broken));
                        }
                        if stale || state.used + must - used < 0 {
                            self.saw.insert("a repair begins again");
                            next.tasks[host] -= 1;
                            return Some((next, broken));
                        }
                        next.used += must - used;
                        next.corrected = state.corrected + 1;
                        self.saw.insert("a repair corrects");
                        broken.extend((next.off() != 0).then_some(REPAIRED));
                        return Some((next, broken));
                    }
                }
            }
        }
        let clamped = next.corrected != state.corrected || !self.has(Guard::ClampCounts);
        broken.extend((next.off() != state.off() && !clamped).then_some(SAME));
        Some((next, broken))
    }
}

impl Model for Operators {
    type State = State;
    type What = usize;

    fn start(&self) -> State {
        let mut records = [Record::None; RECORDS];
        records[0] = Record::Held;
        records[1] = Record::Held;
        let (tasks, read) = ([0; HOSTS], [None; HOSTS]);
        State { used: 2 + self.off, archived: 0, corrected: 0, records, tasks, read }
    }

    fn steps(&mut self, state: &State, steps: &mut Vec<Step<State, usize>>) -> Result<(), &'static str> {
        for host in 0..HOSTS {
            let ran = self.run(host, state);
            steps.extend(ran.map(|(state, broken)| Step { what: host, state, broken }));
        }
        Ok(())
    }
}

const TASKS: [&[Task]; HOSTS] = [
    &[Task::Buy(2), Task::Release(0), Task::Buy(3)],
    &[Task::Archive(1), Task::Restore(1), Task::Release(1)],
    &[Task::Repair],
    &[Task::Repair],
];

fn all(removed: Option<Guard>) -> (usize, BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (mut states, mut broken, mut saw) = (0, BTreeSet::new(), BTreeSet::new());
    for off in [-2, -1, 1] {
        let mut operators = Operators { tasks: TASKS, off, removed, saw: BTreeSet::new() };
        let explored = explore(&mut operators);
        assert!(removed.is_some() || explored.broken.is_empty(), "{:#?}", explored.broken);
        states += explored.states;
        broken.extend(explored.broken.into_keys());
        saw.extend(operators.saw);
    }
    (states, broken, saw)
}

#[test]
fn a_repair_is_exact_while_others_buy_archive_and_repair() {
    let (states, _, saw) = all(None);
    println!("{states:>9} states  operators");
    assert_eq!(saw, BTreeSet::from(["a give-back stops at 0", "a repair begins again", "a repair corrects"]));
}

#[test]
fn each_guard_of_the_operators_is_missed_when_it_is_removed() {
    for (guard, property) in [
        (Guard::OneMoment, REPAIRED),
        (Guard::Corrected, REPAIRED),
        (Guard::ClampCounts, REPAIRED),
        (Guard::Opens, SAME),
        (Guard::Closes, SAME),
    ] {
        let (_, broken, _) = all(Some(guard));
        assert!(broken.contains(property), "without {guard:?} only {broken:?} breaks");
    }
}
