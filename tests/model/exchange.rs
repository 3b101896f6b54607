//! Exchanges with a payment provider: a host has what is due authorised, commits, captures, and pays back. Between any
//! two of these steps another host may go on, or the host crashes and is asked again. No use and no money is made or
//! lost, and no authorisation is forgotten.
//!
//! A plan commits at once here: the other models look at its operations one by one.

use crate::search::{Model, Step, explore};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

#[path = "trade.rs"]
mod trade;

const HOSTS: usize = 3;
/// The paid order, two orders that it may be exchanged for, and that of another buyer.
const IDS: [&str; 4] = ["a", "b", "c", "n"];
const KEYS: [&str; 2] = ["code/event:gala:HALF/uses", "code/event:gala:HALF/spend/EUR"];
const NOW: u64 = 1_800_000_000_000;
const MOST_USES: i16 = 2;
/// What was paid for `a`: a ticket of 10 at half its price.
const PAID: i16 = 5;

const LIMIT: &str = "no counter exceeds its limit";
const RECORDS: &str = "the counters are what the records hold";
const MONEY: &str = "in the end, what came in less what went back is what the buyer has, or has forgone";
const ONE_MONEY: &str = "no payment is both captured and given back";
const FORGOTTEN: &str = "no authorisation is forgotten";
const LOST: &str = "what goes back has an order in its place";
const OVERWRITTEN: &str = "no order of another buyer is overwritten";

/// Each is removed in turn, to see that a property then breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Guard {
    /// `insert` fails if a record with the id exists.
    InsertExists,
    /// `update` fails unless the stored revision is the revision that was read.
    UpdateRevision,
    /// An `add` fails above `at_most`.
    AtMost,
    /// What goes back and what takes its place are committed together.
    OnePlan,
    /// The host passes what was authorised, so that it must be what is due.
    ExactPayment,
    /// The host captures after the commit.
    CapturesLate,
    /// A payment that is returned is given back.
    GivesBack,
    /// What is left over is sent back as the new order's record says, not as the answer does: asked again at another
    /// price, the exchange is not the same any more, and the answer says nothing of the money.
    ReadsRecord,
    /// Money is sent back once for each id.
    RefundsOnce,
    /// After a crash the host asks again with the payment that it has noted.
    AsksAgain,
    /// A host whose capture failed takes the new order back.
    Cancels,
    /// Of an order that could not be captured, `due` is not paid back.
    LessDue,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Task {
    /// Exchanges `a` for this order: tickets of this price with the code, or its price after the change.
    Exchange { new: usize, tickets: u8, unit: i16, later: i16 },
    /// Takes the ticket of `a` back.
    Release,
    /// Another buyer asks for a ticket with the code, under this id.
    Buy(usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Payment {
    None,
    Authorised(i16),
    Captured(i16),
    /// The capture failed.
    Failed(i16),
    GivenBack,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Phase {
    Start,
    /// Has decided.
    Decided(u16),
    /// Has committed a part of the plan; happens without a guard only.
    Half(u16),
    /// Has committed.
    Committed(u16),
    Done,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct State {
    /// The stored records, by their place in the book; 0 is none.
    records: [u16; 4],
    counters: [i16; 2],
    hosts: [(Phase, Payment); HOSTS],
    /// What was sent back: of what an exchange for `b` and `c` left over, of the release, of cancelled orders.
    refunds: [i16; 5],
    crashes: u8,
    /// Whether the shop has changed the price.
    changed: bool,
}

/// What the engine was asked: everything on which its answer depends.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Ask {
    host: usize,
    records: [u16; 4],
    counters: [i16; 2],
    payment: Payment,
    changed: bool,
}

struct Trade {
    tasks: [Task; HOSTS],
    /// Whether captures may fail.
    fails: bool,
    removed: Option<Guard>,
    book: Vec<Value>,
    numbers: HashMap<String, u16>,
    answers: Vec<Value>,
    asked: HashMap<Ask, u16>,
    saw: BTreeSet<String>,
}

fn integer(value: &Value) -> i16 {
    i16::try_from(value.as_i64().unwrap_or(0)).unwrap()
}

impl Trade {
    /// The host has committed: it captures, gives back, sends money back, or has more authorised.
    fn act(
        &mut self,
        host: usize,
        state: &State,
        answer: u16,
        steps: &mut Vec<Step<State, (usize, &'static str)>>,
    ) {
        let told = self.answers[usize::from(answer)].clone();
        let payment = state.hosts[host].1;
        let mut add = |what, phase, payment, refund: Option<(usize, i16)>, broken: Vec<&'static str>| {
            let mut next = *state;
            next.hosts[host] = (phase, payment);
            if let Some((slot, total)) = refund {
                let before = if self.removed == Some(Guard::RefundsOnce) { next.refunds[slot] } else { 0 };
                next.refunds[slot] = before + total;
            }
            steps.push(Step { what: (host, what), state: next, broken });
        };
        let (refundable, due) = (integer(&told["refundable"]), integer(&told["due"]));
        match self.tasks[host] {
            Task::Buy(_) => add("is done", Phase::Done, payment, None, Vec::new()),
            Task::Release => {
                let refund = (refundable > 0).then_some((2, refundable));
                add("sends money back", Phase::Done, payment, refund, Vec::new());
            }
            Task::Exchange { new, .. } => match (told["money"].as_str(), payment) {
                (_, Payment::Failed(total)) => {
                    // The answer is that of the release of the new order.
                    let less = if self.removed == Some(Guard::LessDue) { 0 } else { total };
                    let refund = Some((2 + new, refundable - less));
                    add("sends back what was paid", Phase::Done, payment, refund, Vec::new());
                }
                (Some("kept"), Payment::Authorised(total)) => {
                    add("captures", Phase::Done, Payment::Captured(total), None, Vec::new());
                    if self.fails {
                        let phase =
                            if self.removed == Some(Guard::Cancels) { Phase::Done } else { Phase::Start };
                        add("cannot capture", phase, Payment::Failed(total), None, Vec::new());
                    }
                }
                (Some("returned"), Payment::Captured(_)) => {
                    add("cannot give back", Phase::Done, Payment::GivenBack, None, vec![ONE_MONEY]);
                }
                (Some("returned"), Payment::Authorised(_)) if self.removed != Some(Guard::GivesBack) => {
                    add("gives back", Phase::Done, Payment::GivenBack, None, Vec::new());
                }
                (None, _) if told["status"] == "payment_due" => {
                    let late = self.removed != Some(Guard::CapturesLate);
                    let payment = if late { Payment::Authorised(due) } else { Payment::Captured(due) };
                    add("has it authorised", Phase::Start, payment, None, Vec::new());
                }
                (None, _) => {
                    let exchanged = &self.book[usize::from(state.records[new])]["exchanged"];
                    let left = integer(&exchanged["refundable"]);
                    let refundable = if self.removed == Some(Guard::ReadsRecord) { refundable } else { left };
                    let refund = (refundable > 0).then_some((new - 1, refundable));
                    add("sends back what is left over", Phase::Done, payment, refund, Vec::new());
                }
                _ => add("is done", Phase::Done, payment, None, Vec::new()),
            },
        }
    }
}

impl Model for Trade {
    type State = State;
    type What = (usize, &'static str);

    fn start(&self) -> State {
        State {
            records: [1, 0, 0, 0],
            counters: [1, 5],
            hosts: [(Phase::Start, Payment::None); HOSTS],
            refunds: [0; 5],
            crashes: 0,
            changed: false,
        }
    }

    fn steps(
        &mut self,
        state: &State,
        steps: &mut Vec<Step<State, (usize, &'static str)>>,
    ) -> Result<(), &'static str> {
        for host in 0..HOSTS {
            let (phase, payment) = state.hosts[host];
            let to = |from: &State, phase| {
                let mut next = *from;
                next.hosts[host].0 = phase;
                next
            };
            match phase {
                Phase::Start => {
                    let answer = self.answer(host, state);
                    steps.push(Step {
                        what: (host, "decides"),
                        state: to(state, Phase::Decided(answer)),
                        broken: vec![],
                    });
                }
                Phase::Decided(answer) | Phase::Half(answer) => {
                    let ops = self.answers[usize::from(answer)]["ops"].as_array().unwrap().clone();
                    let cut = ops.iter().filter(|op| op["op"] != "add").count().min(1);
                    let halves = !self.has(Guard::OnePlan) && ops.len() > 1;
                    let (part, then) = match phase {
                        Phase::Half(_) => (&ops[cut..], Phase::Committed(answer)),
                        _ if halves => (&ops[..cut], Phase::Half(answer)),
                        _ => (&ops[..], Phase::Committed(answer)),
                    };
                    let (what, next, mut broken) = match self.commit(state, part) {
                        Some((next, broken)) => ("commits", to(&next, then), broken),
                        None => ("begins again", to(state, Phase::Start), Vec::new()),
                    };
                    if self.has(Guard::OnePlan) {
                        broken.extend(self.audit(&next));
                    }
                    if what == "begins again" {
                        self.saw.insert(what.into());
                    }
                    steps.push(Step { what: (host, what), state: next, broken });
                }
                Phase::Committed(answer) => self.act(host, state, answer, steps),
                Phase::Done => {}
            }
            // The answer of a host that is done may be lost, too.
            if state.crashes < 2 && phase != Phase::Start {
                let mut next = to(state, Phase::Start);
                next.crashes += 1;
                if self.removed == Some(Guard::AsksAgain) && payment != Payment::None {
                    next = to(&next, Phase::Done);
                }
                steps.push(Step { what: (host, "crashes"), state: next, broken: vec![] });
            }
        }
        let done = state.hosts.iter().all(|(phase, _)| *phase == Phase::Done);
        if !state.changed && !done {
            steps.push(Step {
                what: (HOSTS, "the price changes"),
                state: State { changed: true, ..*state },
                broken: vec![],
            });
        }
        if done { self.end(state).map_or(Ok(()), Err) } else { Ok(()) }
    }
}

const fn exchange(new: usize, tickets: u8, unit: i16, later: i16) -> Task {
    Task::Exchange { new, tickets, unit, later }
}

/// The exact number of states of all sales.
const STATES: usize = 575_745;

/// What the hosts do at once, and whether a capture may fail.
const SALES: [([Task; HOSTS], bool); 4] = [
    // The page asks twice for a payment of what is due, and both are paid. Another buyer takes the last use.
    ([exchange(1, 1, 30, 40), exchange(1, 1, 30, 40), Task::Buy(3)], true),
    // Two exchanges of one ticket: for two tickets, which need the last use, and for a cheaper one.
    ([exchange(1, 2, 20, 20), exchange(2, 1, 8, 6), Task::Buy(3)], true),
    // The ticket is given back while it is exchanged.
    ([exchange(1, 1, 30, 40), Task::Release, Task::Buy(3)], true),
    // Somebody else orders under the id of the exchange.
    ([exchange(1, 1, 8, 8), exchange(2, 1, 30, 20), Task::Buy(1)], false),
];

#[test]
fn an_exchange_neither_makes_nor_loses_uses_or_money() {
    let (mut states, mut saw) = (0, BTreeSet::new());
    for (tasks, fails) in SALES {
        let mut trade = Trade::new(tasks, fails, None);
        let explored = explore(&mut trade);
        assert!(explored.broken.is_empty(), "{:#?}", explored.broken);
        states += explored.states;
        saw.extend(trade.saw);
    }
    println!("{states:>9} states  exchanges");
    for what in [
        "accepted",
        "accepted again",
        "already_released",
        "already_returned",
        "begins again",
        "exchange_refused",
        "paid_twice again",
        "payment_due",
        "rejected",
        "released",
        "stale_payment",
    ] {
        assert!(saw.contains(what), "never happened: {what}");
    }
    assert_eq!(states, STATES);
}

#[test]
fn each_guard_of_an_exchange_is_missed_when_it_is_removed() {
    for (guard, property) in [
        (Guard::InsertExists, OVERWRITTEN),
        (Guard::UpdateRevision, RECORDS),
        (Guard::AtMost, LIMIT),
        (Guard::OnePlan, LOST),
        (Guard::ExactPayment, MONEY),
        (Guard::CapturesLate, ONE_MONEY),
        (Guard::GivesBack, FORGOTTEN),
        (Guard::ReadsRecord, MONEY),
        (Guard::RefundsOnce, MONEY),
        (Guard::AsksAgain, FORGOTTEN),
        (Guard::Cancels, MONEY),
        (Guard::LessDue, MONEY),
    ] {
        let breaks = |(tasks, fails)| {
            explore(&mut Trade::new(tasks, fails, Some(guard))).broken.contains_key(property)
        };
        assert!(SALES.into_iter().any(breaks), "without {guard:?}: {property}");
    }
}
