//! A counter in parts, so that its buyers do not wait for one row: the share of a part moves, the sum never exceeds.
//!
//! Three hosts take uses under a limit, which differs between hosts and changes, and give them back. Each part has a
//! share (`cap`) of the limit for which it was made (`bound`). A host takes from any part that nobody has locked; if no
//! part has enough, or the limit is another, it locks all parts in their order, and shares out anew what is left.

use crate::search::{Model, Step, explore};
use std::collections::BTreeSet;

const PARTS: usize = 2;
const HOSTS: usize = 3;

const LIMIT: &str = "the sum exceeds no limit that a use was taken under";
const RIGHT: &str = "a refusal is right: the sum leaves too little";
const RECORDS: &str = "the parts add up to what was taken and not given back";
const NOT_BELOW: &str = "no part is below 0";
const DEADLOCK: &str = "no deadlock";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Guard {
    /// A part gives no more than its share.
    Cap,
    /// A part gives nothing under another limit than the one that its share was made for.
    Bound,
    /// What is left is shared out anew before a buyer is refused.
    SharesOut,
    /// All parts are locked while the shares change.
    LocksAll,
    /// The parts are locked in one order.
    InOrder,
    /// Who waited for one part, and has locked it, does not wait for the others.
    NoWait,
    /// A part gives back no more than it holds.
    GivesFromAll,
    /// A row is locked until the transaction that wrote it ends.
    Locks,
    /// A rollback undoes what was written.
    Rollback,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Part {
    used: i8,
    cap: i8,
    /// The limit for which the shares were made; -1 before the first.
    bound: i8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Task {
    Take {
        uses: i8,
        most: i8,
    },
    /// Gives the uses back that the host has taken last.
    Give,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Start,
    /// Waits for this part, which somebody else had locked.
    Waits(u8),
    /// Locks all parts, one after the other; so many are locked. `true`: a part was locked before.
    Locking(u8, bool),
    /// Has written, and is about to commit.
    Written,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Host {
    task: u8,
    phase: Phase,
    locked: [bool; PARTS],
    /// What this host's transaction has written.
    wrote: [Option<Part>; PARTS],
    /// The uses that the host has, and those that it had before its transaction.
    has: i8,
    rolls_back: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct State {
    parts: [Part; PARTS],
    hosts: [Host; HOSTS],
}

struct Split {
    tasks: [&'static [Task]; HOSTS],
    removed: Option<Guard>,
    saw: BTreeSet<&'static str>,
}

fn total(parts: &[Part; PARTS]) -> i8 {
    parts.iter().map(|part| part.used).sum()
}

impl Split {
    fn has(&self, guard: Guard) -> bool {
        self.removed != Some(guard)
    }

    fn is_free(&self, state: &State, host: usize, part: usize) -> bool {
        !self.has(Guard::Locks) || (0..HOSTS).all(|other| other == host || !state.hosts[other].locked[part])
    }

    fn fits(&self, part: &Part, uses: i8, most: i8) -> bool {
        (part.bound == most || (!self.has(Guard::Bound) && part.bound >= 0))
            && (part.used + uses <= part.cap || !self.has(Guard::Cap))
    }

    /// The state after the host has written this part.
    fn wrote(state: &State, host: usize, part: usize, to: Part) -> State {
        let mut next = *state;
        next.hosts[host].locked[part] = true;
        next.hosts[host].wrote[part] = Some(to);
        next.hosts[host].phase = Phase::Written;
        next
    }

    /// The place of the part that is locked after `count` others.
    fn place(&self, host: usize, count: u8) -> usize {
        let count = usize::from(count);
        if !self.has(Guard::InOrder) && host == 1 { PARTS - 1 - count } else { count }
    }

    fn steps_of(&mut self, host: usize, state: &State, steps: &mut Vec<Step<State, (usize, &'static str)>>) {
        let own = state.hosts[host];
        let Some(&task) = self.tasks[host].get(usize::from(own.task)) else { return };
        let mut add = |what, state, broken| steps.push(Step { what: (host, what), state, broken });
        let to = |phase| {
            let mut next = *state;
            next.hosts[host].phase = phase;
            next
        };
        match own.phase {
            Phase::Start => {
                let mut any = false;
                for part in (0..PARTS).filter(|part| self.is_free(state, host, *part)) {
                    let row = state.parts[part];
                    match task {
                        Task::Take { uses, most } if self.fits(&row, uses, most) => {
                            any = true;
                            let to = Part { used: row.used + uses, ..row };
                            add("takes from a part", Self::wrote(state, host, part, to), Vec::new());
                        }
                        Task::Give if row.used >= own.has || !self.has(Guard::GivesFromAll) => {
                            any = true;
                            let to = Part { used: row.used - own.has, ..row };
                            add("gives back to a part", Self::wrote(state, host, part, to), Vec::new());
                        }
                        _ => {}
                    }
                }
                if any {
                    return;
                }
                if let Task::Take { uses, most } = task {
                    let fit = (0..PARTS).filter(|part| self.fits(&state.parts[*part], uses, most));
                    let fit: Vec<_> = fit.collect();
                    let waits = !fit.is_empty();
                    for part in fit {
                        self.saw.insert("waits for a part");
                        add("waits for a part", to(Phase::Waits(u8::try_from(part).unwrap())), Vec::new());
                    }
                    if waits {
                        return;
                    }
                }
                add("locks all", to(Phase::Locking(0, false)), Vec::new());
            }
            Phase::Waits(part) => {
                let (Task::Take { uses, most }, part) = (task, usize::from(part)) else { return };
                if !self.is_free(state, host, part) {
                    return;
                }
                let row = state.parts[part];
                if self.fits(&row, uses, most) {
                    let to = Part { used: row.used + uses, ..row };
                    add("takes from the part", Self::wrote(state, host, part, to), Vec::new());
                } else {
                    self.saw.insert("the part it waited for has too little");
                    let mut next = to(Phase::Locking(0, true));
                    next.hosts[host].locked[part] = true;
                    add("locks the part", next, Vec::new());
                }
            }
            Phase::Locking(count, held) => {
                let all = u8::try_from(PARTS).unwrap();
                if count < all && (self.has(Guard::LocksAll) || count == 0) {
                    let part = self.place(host, count);
                    if self.is_free(state, host, part) {
                        let mut next = to(Phase::Locking(count + 1, held));
                        next.hosts[host].locked[part] = true;
                        add("locks the next", next, Vec::new());
                    } else if held && self.has(Guard::NoWait) {
                        self.saw.insert("begins again rather than wait with a lock");
                        let mut next = to(Phase::Start);
                        next.hosts[host].locked = [false; PARTS];
                        add("begins again", next, Vec::new());
                    }
                    return;
                }
                let (next, broken) = self.shares_out(host, state, task);
                add("shares out", next, broken);
            }
            Phase::Written => {
                let mut next = *state;
                for (part, wrote) in next.parts.iter_mut().zip(own.wrote) {
                    *part = wrote.unwrap_or(*part);
                }
                let fresh = Host {
                    task: own.task + 1,
                    phase: Phase::Start,
                    locked: [false; 2],
                    wrote: [None; 2],
                    ..own
                };
                let has = if let Task::Take { uses, .. } = task { uses } else { 0 };
                next.hosts[host] = Host { has, ..fresh };
                let mut broken = Vec::new();
                if let Task::Take { most, .. } = task {
                    broken.extend((total(&next.parts) > most).then_some(LIMIT));
                }
                broken.extend(next.parts.iter().any(|part| part.used < 0).then_some(NOT_BELOW));
                let taken: i8 = next.hosts.iter().map(|host| host.has).sum();
                broken.extend((total(&next.parts) != taken).then_some(RECORDS));
                add("commits", next, broken);
                if own.rolls_back == 0 {
                    let mut next = *state;
                    if !self.has(Guard::Rollback) {
                        for (part, wrote) in next.parts.iter_mut().zip(own.wrote) {
                            *part = wrote.unwrap_or(*part);
                        }
                    }
                    let taken: i8 = next.hosts.iter().map(|host| host.has).sum();
                    let broken = (total(&next.parts) != taken).then_some(RECORDS).into_iter().collect();
                    next.hosts[host] = Host { task: own.task, rolls_back: 1, ..fresh };
                    add("rolls back", next, broken);
                }
            }
        }
    }

    /// With all parts locked: takes, and shares out anew what is left, or refuses; or gives back from several parts.
    fn shares_out(&mut self, host: usize, state: &State, task: Task) -> (State, Vec<&'static str>) {
        let (mut next, own) = (*state, state.hosts[host]);
        let mut parts = state.parts;
        let mut broken = Vec::new();
        next.hosts[host].phase = Phase::Written;
        let sum = total(&parts);
        match task {
            Task::Take { uses, most } => {
                if sum + uses > most || !self.has(Guard::SharesOut) {
                    self.saw.insert("refuses");
                    broken.extend((sum + uses <= most).then_some(RIGHT));
                    next.hosts[host] = Host {
                        task: own.task + 1,
                        phase: Phase::Start,
                        locked: [false; 2],
                        has: own.has,
                        ..own
                    };
                    return (next, broken);
                }
                self.saw.insert(if parts[0].bound == most {
                    "moves a share"
                } else {
                    "shares another limit out"
                });
                let room = most - sum - uses;
                parts[0].used += uses;
                for (index, part) in parts.iter_mut().enumerate() {
                    part.cap = part.used + room / 2 + i8::from(index == 0 && room % 2 == 1);
                    part.bound = most;
                }
            }
            Task::Give => {
                self.saw.insert("gives back from two parts");
                let mut left = own.has;
                for part in &mut parts {
                    let given = left.min(part.used);
                    part.used -= given;
                    left -= given;
                }
            }
        }
        next.hosts[host].wrote = parts.map(Some);
        (next, broken)
    }
}

impl Model for Split {
    type State = State;
    type What = (usize, &'static str);

    fn start(&self) -> State {
        let host = Host {
            task: 0,
            phase: Phase::Start,
            locked: [false; PARTS],
            wrote: [None; PARTS],
            has: 0,
            rolls_back: 0,
        };
        State { parts: [Part { used: 0, cap: 0, bound: -1 }; PARTS], hosts: [host; HOSTS] }
    }

    fn steps(
        &mut self,
        state: &State,
        steps: &mut Vec<Step<State, (usize, &'static str)>>,
    ) -> Result<(), &'static str> {
        for host in 0..HOSTS {
            self.steps_of(host, state, steps);
        }
        let open = |(host, tasks): (&Host, &&[Task])| usize::from(host.task) < tasks.len();
        if steps.is_empty() && state.hosts.iter().zip(&self.tasks).any(open) {
            return Err(DEADLOCK);
        }
        Ok(())
    }
}

const fn take(uses: i8, most: i8) -> Task {
    Task::Take { uses, most }
}

/// The tasks of three hosts: the last uses of a limit, a limit that is lowered, one that is raised.
const SALES: [[&[Task]; HOSTS]; 3] = [
    [&[take(1, 3), Task::Give, take(2, 3)], &[take(1, 3), Task::Give], &[take(1, 3), Task::Give]],
    [&[take(2, 4), Task::Give, take(1, 2)], &[take(1, 2), Task::Give], &[take(1, 4), Task::Give]],
    [&[take(2, 2), Task::Give], &[take(1, 4), Task::Give, take(3, 4)], &[take(1, 4), Task::Give]],
];

fn all(removed: Option<Guard>) -> (usize, BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let (mut states, mut broken, mut saw) = (0, BTreeSet::new(), BTreeSet::new());
    for tasks in SALES {
        let mut split = Split { tasks, removed, saw: BTreeSet::new() };
        let explored = explore(&mut split);
        assert!(removed.is_some() || explored.broken.is_empty(), "{:#?}", explored.broken);
        states += explored.states;
        broken.extend(explored.broken.into_keys());
        saw.extend(split.saw);
    }
    (states, broken, saw)
}

#[test]
fn the_parts_of_a_counter_are_as_exact_as_one_row() {
    let (states, _, saw) = all(None);
    println!("{states:>9} states  sub-counters");
    let seen = [
        "begins again rather than wait with a lock",
        "gives back from two parts",
        "moves a share",
        "refuses",
        "shares another limit out",
        "the part it waited for has too little",
        "waits for a part",
    ];
    assert_eq!(saw, BTreeSet::from(seen));
}

#[test]
fn each_guard_of_the_parts_is_missed_when_it_is_removed() {
    for (guard, property) in [
        (Guard::Cap, LIMIT),
        (Guard::Bound, LIMIT),
        (Guard::SharesOut, RIGHT),
        (Guard::LocksAll, LIMIT),
        (Guard::InOrder, DEADLOCK),
        (Guard::NoWait, DEADLOCK),
        (Guard::GivesFromAll, NOT_BELOW),
        (Guard::Locks, LIMIT),
        (Guard::Rollback, RECORDS),
    ] {
        let (_, broken, _) = all(Some(guard));
        assert!(broken.contains(property), "without {guard:?} only {broken:?} breaks");
    }
}
