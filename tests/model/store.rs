//! The modelled database: rows, locks, and one operation of a plan at a time.
//!
//! The isolation level is READ COMMITTED: others see what a transaction wrote once it commits; rows that it wrote are
//! locked until then; and a guard checks the row as it is once the lock is taken.

pub const ORDERS: usize = 4;
pub const KEYS: usize = 10;
pub const PAYMENTS: usize = 3;

/// Who has the money of a payment.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Money {
    /// The payment has not been decided yet.
    Open,
    Kept,
    Returned,
}

/// A record's number in the book; 0 means that there is no record.
pub type Record = u16;

/// The value of a counter that has no row yet.
pub const MISSING: i16 = i16::MIN;

/// The committed rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Store {
    pub records: [Record; ORDERS],
    pub counters: [i16; KEYS],
    /// The host's own writes: the money paid back for each order's tickets, and what was done with each payment.
    pub refunded: [i16; ORDERS],
    pub money: [Money; PAYMENTS],
}

impl Store {
    pub const EMPTY: Self = Self {
        records: [0; ORDERS],
        counters: [MISSING; KEYS],
        refunded: [0; ORDERS],
        money: [Money::Open; PAYMENTS],
    };
}

/// The value of a counter, 0 if it has no row.
pub fn used(counter: i16) -> i16 {
    if counter == MISSING { 0 } else { counter }
}

/// An operation of a plan, in numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    Insert { order: usize, record: Record },
    Update { order: usize, revision: u64, record: Record },
    Add { key: usize, by: i16, at_most: Option<i16> },
}

/// The row that an operation writes and locks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Row {
    Record(usize),
    Counter(usize),
}

impl Op {
    pub fn row(self) -> Row {
        match self {
            Self::Insert { order, .. } | Self::Update { order, .. } => Row::Record(order),
            Self::Add { key, .. } => Row::Counter(key),
        }
    }
}

/// The guards that keep the limits. Each is removed in turn, to see that some property then breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Guard {
    /// `insert` fails if a record with the id exists.
    InsertExists,
    /// `update` fails unless the stored revision is the revision that was read.
    UpdateRevision,
    /// The first use of a counter adds to the row if another transaction has created it meanwhile.
    FirstUse,
    /// A positive `add` fails above `at_most`.
    AtMost,
    /// A positive `add` that makes the counter exactly `at_most` succeeds.
    UpToTheLimit,
    /// A negative `add` stops at 0.
    Clamp,
    /// A row is locked until the transaction that wrote it ends.
    Locks,
    /// The operations are executed in the order given.
    Order,
    /// An operation that fails undoes those before it.
    Rollback,
    /// A crash undoes what was not committed.
    CrashRollback,
    /// The plan and the host's own writes are one transaction.
    OwnWrites,
    /// After a failure the host reads and asks again, instead of repeating the plan.
    AskAgain,
    /// An amendment keeps the payments and releases that the record remembers.
    KeepsPayments,
    /// A new start under the same id keeps the payments and releases that the record remembers.
    KeepsPaymentsAnew,
    /// The record notes a payment that goes back.
    NotesReturned,
    /// The record notes a payment that is kept.
    NotesKept,
    /// Each attempt asks anew which counters to read, because the day may have changed.
    KeysAnew,
    /// A release gives back in the period of the order's decision.
    ReleasesInPeriod,
    /// A late payment is charged in the period of the order's decision.
    PaysInPeriod,
    /// `prune` deletes only counters of periods that are over.
    PrunesWhatIsOver,
    /// What is charged once for an order is given back with its last ticket.
    WholeOrder,
    /// A group's use is given back with the last ticket of the group.
    WholeGroup,
}

impl Op {
    /// Whether the operation succeeds. `revision` is the revision of the stored record, 0 if there is none.
    pub fn holds(self, store: &Store, revision: u64, removed: Option<Guard>) -> bool {
        match self {
            Self::Insert { .. } => revision == 0 || removed == Some(Guard::InsertExists),
            Self::Update { revision: read, .. } => {
                revision == read || (revision > 0 && removed == Some(Guard::UpdateRevision))
            }
            Self::Add { key, by, at_most } => {
                let more = i16::from(removed == Some(Guard::UpToTheLimit));
                let fits = at_most.is_none_or(|most| used(store.counters[key]) + by + more <= most);
                by <= 0 || fits || removed == Some(Guard::AtMost)
            }
        }
    }

    /// Writes the row; `was_missing` says whether the counter had no row when the plan was made.
    pub fn write(self, store: &mut Store, was_missing: impl Fn(usize) -> bool, removed: Option<Guard>) {
        match self {
            Self::Insert { order, record } | Self::Update { order, record, .. } => {
                store.records[order] = record;
            }
            Self::Add { key, by, .. } if by < 0 && store.counters[key] == MISSING => {}
            Self::Add { key, by, .. } => {
                let overwrites = removed == Some(Guard::FirstUse) && by > 0 && was_missing(key);
                let before = if overwrites { 0 } else { used(store.counters[key]) };
                let least = if removed == Some(Guard::Clamp) { MISSING + 1 } else { 0 };
                store.counters[key] = (before + by).max(least);
            }
        }
    }
}
