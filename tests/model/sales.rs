//! The sales that the model explores: the organiser's documents, the buyers, and the tasks of each host.

use serde_json::Value;

/// A task of a host; a host that crashes is asked again.
pub enum Task {
    Buy {
        order: usize,
        code: &'static str,
        tickets: u8,
    },
    Pay {
        order: usize,
        /// The index of the payment that is reported.
        payment: usize,
        ask: Ask,
    },
    Release {
        order: usize,
        /// The release's own id; null if it has none.
        id: Option<&'static str>,
        reason: &'static str,
        tickets: Option<&'static [u8]>,
    },
    Sweep {
        order: usize,
    },
    /// Somebody sets every counter to 0 by hand.
    Reset,
    /// Somebody deletes the counters of periods that are over. (A kit's `prune` waits for 400 days.)
    Prune,
}

/// How a payment is reported.
#[derive(Clone, Copy, PartialEq)]
pub enum Ask {
    /// An ordinary report.
    Plainly,
    /// A `dry` report, which only shows what the answer would be.
    Dry,
    /// An `over_limit` report, which is accepted above the limits.
    OverLimit,
}

impl Task {
    /// The order of the task.
    pub fn order(&self) -> Option<usize> {
        match self {
            Self::Buy { order, .. } | Self::Pay { order, .. } => Some(*order),
            Self::Release { order, .. } | Self::Sweep { order } => Some(*order),
            Self::Reset | Self::Prune => None,
        }
    }
}

pub struct Sale {
    pub name: &'static str,
    promos: &'static str,
    policy: &'static str,
    /// Each order's id, and its buyer's e-mail address.
    pub orders: &'static [(&'static str, &'static str)],
    /// Each payment's order, its id, and its amount.
    pub payments: &'static [(usize, &'static str, i16)],
    pub hosts: Vec<Vec<Task>>,
    /// The most that each counter may reach, worked out by hand.
    pub limits: &'static [(&'static str, i16)],
    /// How many ticks of the clock a hold lasts.
    pub hold: u8,
    /// How often the clock moves.
    pub ticks: u8,
    /// How often a host crashes.
    pub crashes: u8,
    /// Whether the first read may be from a replica that has seen nothing yet, or misses the last write.
    pub stale: bool,
}

impl Sale {
    pub fn promos(&self) -> Value {
        serde_json::from_str(self.promos).unwrap()
    }
    pub fn policy(&self) -> Value {
        serde_json::from_str(self.policy).unwrap()
    }
}

fn buy(order: usize, code: &'static str, tickets: u8) -> Task {
    Task::Buy { order, code, tickets }
}
fn pay(order: usize, payment: usize) -> Task {
    Task::Pay { order, payment, ask: Ask::Plainly }
}
fn release(order: usize, reason: &'static str, tickets: Option<&'static [u8]>) -> Task {
    Task::Release { order, id: None, reason, tickets }
}

const ANN: &str = "ann@example.org";
const BOB: &str = "bob@example.org";

/// Half price: 10 becomes 5. Each person has one use; an order that needs more is refused.
const HALF: &str = r#"[{"code": "HALF", "discount_percent": 50, "max_uses": 1, "max_uses_per_identity": 1,
    "pools": [{"id": "staff", "max_uses": 2}]}]"#;
const HALF_LIMITS: &[(&str, i16)] = &[
    ("code/event:gala:HALF/uses", 1),
    ("code/event:gala:HALF/by/email:ann@example.org", 1),
    ("code/event:gala:HALF/by/email:bob@example.org", 1),
    ("pool/staff/uses", 2),
];

/// Half price for two tickets.
const HALF_OF_TWO: &str = r#"[{"code": "HALF", "discount_percent": 50, "max_uses": 2}]"#;

/// The local days of the sale at midnight.
pub const YESTERDAY: &str = "2027-01-14";
pub const TODAY: &str = "2027-01-15";

/// The day of a tick: the third tick is at midnight.
pub fn today(now: u8) -> &'static str {
    if now < 2 { YESTERDAY } else { TODAY }
}

pub fn all() -> Vec<Sale> {
    let counts = [free_seats(), one_pool(), midnight(), persons(), groups()];
    let changes = [holds(), late(), amendments(), changes(), new_starts(), refunds(), reset()];
    counts.into_iter().chain(changes).collect()
}

/// Free seats: the code has two uses, one for each person, and a person may have one free ticket in all. Ann asks under
/// two ids, and once more under the first id, at another host.
fn free_seats() -> Sale {
    Sale {
        name: "free seats",
        promos: r#"[{"code": "CREW", "discount": {"kind": "free"}, "max_uses": 2, "max_uses_per_identity": 1,
            "pools": [{"id": "staff", "max_uses": 2}]}, {"code": "GUEST", "discount": {"kind": "free"}}]"#,
        policy: r#"{"max_free_tickets_per_identity": 1}"#,
        orders: &[("o-1", ANN), ("o-2", BOB), ("o-3", ANN), ("o-4", BOB)],
        payments: &[],
        hosts: vec![
            vec![buy(0, "CREW", 1), buy(2, "CREW", 1)],
            vec![buy(1, "CREW", 1)],
            vec![buy(0, "crew", 1), buy(2, "GUEST", 1)],
            vec![release(0, "organizer_cancelled", None)],
        ],
        limits: &[
            ("code/event:gala:CREW/uses", 2),
            ("code/event:gala:CREW/by/email:ann@example.org", 1),
            ("code/event:gala:CREW/by/email:bob@example.org", 1),
            ("event/gala/free/email:ann@example.org", 1),
            ("event/gala/free/email:bob@example.org", 1),
            ("pool/staff/uses", 2),
        ],
        hold: 1,
        ticks: 0,
        crashes: 1,
        stale: true,
    }
}

/// Two codes share a pool of two; four hosts sell from it at once.
fn one_pool() -> Sale {
    Sale {
        name: "one pool",
        promos: r#"[{"code": "STAFF", "discount": {"kind": "none"}, "pools": [{"id": "staff", "max_uses": 2}]},
            {"code": "PRESS", "discount": {"kind": "none"}, "max_uses": 1,
             "pools": [{"id": "staff", "max_uses": 2}]}]"#,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB), ("o-3", ANN), ("o-4", BOB)],
        payments: &[],
        hosts: vec![
            vec![buy(0, "STAFF", 1)],
            vec![buy(1, "PRESS", 1)],
            vec![buy(2, "STAFF", 1)],
            vec![buy(3, "PRESS", 1), release(0, "buyer_released", None)],
        ],
        limits: &[("code/event:gala:PRESS/uses", 1), ("pool/staff/uses", 2)],
        hold: 1,
        ticks: 0,
        crashes: 1,
        stale: false,
    }
}

/// One use a day. Before midnight a hold is taken and lapses. Before or after, it is reclaimed, swept or paid late,
/// somebody asks for another use, and the counters of the day that is over are deleted.
fn midnight() -> Sale {
    Sale {
        name: "midnight",
        promos: r#"[{"code": "DAILY", "discount": {"kind": "none"},
            "per_period": [{"every": "day", "max_uses": 1, "max_uses_per_identity": 1}]}]"#,
        policy: r#"{"zone": [{"from_ms": 1700000000000, "offset_minutes": -480}]}"#,
        orders: &[("o-1", ANN), ("o-2", ANN)],
        payments: &[(0, "p-1", 10)],
        hosts: vec![
            vec![buy(0, "DAILY", 1), pay(0, 0)],
            vec![Task::Sweep { order: 0 }, release(0, "buyer_released", None)],
            vec![buy(1, "DAILY", 1)],
            vec![Task::Prune],
        ],
        limits: &[
            ("code/event:gala:DAILY/day/2027-01-14/uses", 1),
            ("code/event:gala:DAILY/day/2027-01-14/by/email:ann@example.org", 1),
            ("code/event:gala:DAILY/day/2027-01-15/uses", 1),
            ("code/event:gala:DAILY/day/2027-01-15/by/email:ann@example.org", 1),
        ],
        hold: 1,
        ticks: 2,
        crashes: 0,
        stale: true,
    }
}

/// Two uses for each person over both codes of a pool. With one code an order is a use of its person, however many
/// tickets it has, so the use stays until the last ticket is given back.
fn persons() -> Sale {
    Sale {
        name: "persons",
        promos: r#"[{"code": "STAFF", "discount": {"kind": "none"}, "count_by_identity": "order",
             "pools": [{"id": "staff", "max_uses_per_identity": 2}]},
            {"code": "PRESS", "discount": {"kind": "none"}, "pools": [{"id": "staff", "max_uses_per_identity": 2}]}]"#,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", ANN), ("o-3", ANN)],
        payments: &[],
        hosts: vec![
            vec![buy(0, "STAFF", 2), release(0, "buyer_released", Some(&[0]))],
            vec![buy(1, "PRESS", 1), release(0, "buyer_released", Some(&[1]))],
            vec![buy(2, "STAFF", 2)],
        ],
        limits: &[("pool/staff/by/email:ann@example.org", 2)],
        hold: 1,
        ticks: 0,
        crashes: 1,
        stale: true,
    }
}

/// Two groups of two tickets in one order: the first group is the tickets 0 and 3. Both of them go back, one by one,
/// and only then is there a use for somebody else's group.
fn groups() -> Sale {
    Sale {
        name: "groups",
        promos: r#"[{"code": "PAIR", "discount": {"kind": "per_group", "size": 2, "discounted": 1}, "max_uses": 2}]"#,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[(0, "p-1", 20)],
        hosts: vec![
            vec![buy(0, "PAIR", 4), pay(0, 0), release(0, "refunded", Some(&[0]))],
            vec![release(0, "buyer_released", Some(&[3])), Task::Sweep { order: 0 }],
            vec![buy(1, "PAIR", 2)],
        ],
        limits: &[("code/event:gala:PAIR/uses", 2)],
        hold: 1,
        ticks: 1,
        crashes: 0,
        stale: false,
    }
}

/// One use for two buyers: holds lapse, are swept or reclaimed, and are paid in time, late, or twice.
fn holds() -> Sale {
    Sale {
        name: "holds",
        promos: HALF,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[(0, "p-1", 5), (1, "p-2", 5), (0, "p-3", 5)],
        hosts: vec![
            vec![buy(0, "HALF", 1), pay(0, 0)],
            vec![buy(1, "HALF", 1), pay(1, 1)],
            vec![buy(0, "HALF", 1), Task::Sweep { order: 0 }, pay(0, 2)],
        ],
        limits: HALF_LIMITS,
        hold: 2,
        ticks: 3,
        crashes: 0,
        stale: false,
    }
}

/// A payment comes for a hold that lapsed and whose use was sold to another buyer. One host sees the conflict and then
/// accepts the payment above the limit; another host gets the same report and sends the money back.
fn late() -> Sale {
    Sale {
        name: "late payments",
        promos: HALF,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[(0, "p-1", 5)],
        hosts: vec![
            vec![
                buy(0, "HALF", 1),
                Task::Pay { order: 0, payment: 0, ask: Ask::Dry },
                Task::Pay { order: 0, payment: 0, ask: Ask::OverLimit },
            ],
            vec![buy(1, "HALF", 1)],
            vec![Task::Sweep { order: 0 }, pay(0, 0), release(0, "payment_failed", None)],
        ],
        limits: HALF_LIMITS,
        hold: 1,
        ticks: 2,
        crashes: 1,
        stale: true,
    }
}

/// Ann asks for one ticket, then for two; Bob gets what is left. A payment may be for either version of Ann's order.
fn amendments() -> Sale {
    Sale {
        name: "amendments",
        promos: r#"[{"code": "HALF", "discount_percent": 50, "max_uses": 2, "max_uses_per_identity": 2,
            "when_short": "partial", "pools": [{"id": "staff", "max_uses": 2}]}]"#,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[(0, "p-1", 5)],
        hosts: vec![
            vec![buy(0, "HALF", 1), buy(0, "HALF", 2)],
            vec![pay(0, 0), release(0, "buyer_released", Some(&[0]))],
            vec![buy(1, "HALF", 2)],
        ],
        limits: &[
            ("code/event:gala:HALF/uses", 2),
            ("code/event:gala:HALF/by/email:ann@example.org", 2),
            ("code/event:gala:HALF/by/email:bob@example.org", 2),
            ("pool/staff/uses", 2),
        ],
        hold: 1,
        ticks: 1,
        crashes: 1,
        stale: true,
    }
}

/// Ann wants one ticket, then two, then one again. The payment for two comes at any time in between, and once more.
fn changes() -> Sale {
    Sale {
        name: "changes of mind",
        promos: HALF_OF_TWO,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[(0, "p-1", 10), (0, "p-2", 5)],
        hosts: vec![
            vec![buy(0, "HALF", 1), buy(0, "HALF", 2), buy(0, "HALF", 1)],
            vec![pay(0, 0), pay(0, 1)],
            vec![pay(0, 0), release(0, "refunded", Some(&[0]))],
        ],
        limits: &[("code/event:gala:HALF/uses", 2)],
        hold: 1,
        ticks: 0,
        crashes: 1,
        stale: true,
    }
}

/// A payment comes for an order that was given up, and again once the buyer has started anew under the same id.
fn new_starts() -> Sale {
    Sale {
        name: "new starts",
        promos: HALF_OF_TWO,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[(0, "p-1", 5), (0, "p-2", 5)],
        hosts: vec![
            vec![buy(0, "HALF", 1), pay(0, 0), pay(0, 1)],
            vec![release(0, "payment_failed", None), buy(0, "HALF", 1), pay(0, 1)],
            vec![pay(0, 0), release(0, "refunded", None)],
        ],
        limits: &[("code/event:gala:HALF/uses", 2)],
        hold: 1,
        ticks: 0,
        crashes: 1,
        stale: true,
    }
}

/// Two paid tickets come back, in part, in whole and twice, while somebody waits for them.
fn refunds() -> Sale {
    Sale {
        name: "refunds",
        promos: r#"[{"code": "HALF", "discount_percent": 50, "max_uses": 2, "budget": 10}]"#,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[(0, "p-1", 10)],
        hosts: vec![
            vec![
                buy(0, "HALF", 2),
                pay(0, 0),
                Task::Release { order: 0, id: Some("r-1"), reason: "refunded", tickets: Some(&[0]) },
            ],
            vec![release(0, "refunded", None), buy(0, "HALF", 1)],
            vec![release(0, "refunded", Some(&[0, 1])), buy(1, "HALF", 1)],
        ],
        limits: &[("code/event:gala:HALF/uses", 2), ("code/event:gala:HALF/spend/EUR", 10)],
        hold: 1,
        ticks: 0,
        crashes: 1,
        stale: true,
    }
}

/// The counters are set to 0 by hand, and a hold is given back after that.
fn reset() -> Sale {
    Sale {
        name: "a reset by hand",
        promos: HALF,
        policy: "{}",
        orders: &[("o-1", ANN), ("o-2", BOB)],
        payments: &[],
        hosts: vec![
            vec![buy(0, "HALF", 1), release(0, "buyer_released", None)],
            vec![Task::Reset],
            vec![buy(1, "HALF", 1)],
        ],
        limits: HALF_LIMITS,
        hold: 1,
        ticks: 0,
        crashes: 0,
        stale: false,
    }
}
