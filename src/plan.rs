//! The plan: the guarded operations that the host commits in its own transaction.

use serde::Serialize;
use std::collections::BTreeMap;

use crate::error::Error;
use crate::key::{Breadth, Counter};
use crate::money::{Integer, MAX, Positive};
use crate::redemption::Redemption;
use crate::text::Name;
use crate::usage::out_of_range;

/// One guarded operation. If one fails, the host rolls all of them back, reads again and asks again.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// Stores a new record; fails if the id exists.
    Insert {
        /// The record.
        redemption: Redemption,
    },
    /// Replaces a record; fails unless its revision is still `revision`.
    Update {
        /// The record's id.
        id: Name,
        /// The revision that was read.
        revision: Positive,
        /// The record that replaces it.
        redemption: Redemption,
    },
    /// Adds to a counter, of which a missing one is 0.
    /// A positive `by` fails unless the result is at most `at_most`; a negative one stops at 0 and never fails.
    Add {
        /// The counter.
        key: String,
        /// How much: never 0.
        by: i64,
        /// The limit that guards a positive `by`; `None` is unguarded.
        at_most: Option<Integer>,
    },
}

/// Collects what changes, and orders it so that two transactions never wait for each other in a circle.
#[derive(Default)]
pub(crate) struct Plan {
    records: BTreeMap<Name, Op>,
    adds: BTreeMap<(Breadth, String), (i64, Option<Integer>)>,
}

/// Whether what a record adds is held against the limits in its charges.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Guard {
    Limits,
    Nothing,
}

impl Plan {
    /// Replaces `before`, or inserts if there is nothing to replace;
    /// every counter moves by the difference between what the two records hold.
    pub(crate) fn put(
        &mut self,
        before: Option<&Redemption>,
        after: Redemption,
        guard: Guard,
    ) -> Result<(), Error> {
        for (charge, amount) in before.iter().flat_map(|record| record.held()) {
            self.add(&charge.key, signed(amount).checked_neg(), None)?;
        }
        for (charge, amount) in after.held() {
            let limit = charge.limit.filter(|_| guard == Guard::Limits);
            self.add(&charge.key, Some(signed(amount)), limit)?;
        }
        let id = after.id.clone();
        let op = match before {
            None => Op::Insert { redemption: after },
            Some(before) => Op::Update { id: id.clone(), revision: before.revision, redemption: after },
        };
        self.records.insert(id, op);
        Ok(())
    }

    fn add(&mut self, key: &str, by: Option<i64>, at_most: Option<Integer>) -> Result<(), Error> {
        // Every key comes from the engine or from a record that `check` has read.
        let breadth = Counter::of(key).map_or(Breadth::Pool, Counter::breadth);
        let (total, least) = self.adds.entry((breadth, key.to_owned())).or_insert((0, None));
        let sum = by.and_then(|by| total.checked_add(by));
        let in_range = sum.filter(|sum| sum.unsigned_abs() <= MAX);
        *total = in_range.ok_or_else(|| out_of_range(key))?;
        *least = match (*least, at_most) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        Ok(())
    }

    /// The operations in their one order: records by id, then counters from the least to the most shared.
    pub(crate) fn ops(self) -> Vec<Op> {
        let adds = self.adds.into_iter().filter(|(_, (by, _))| *by != 0);
        let adds = adds.map(|((_, key), (by, least))| Op::Add { key, by, at_most: least.filter(|_| by > 0) });
        self.records.into_values().chain(adds).collect()
    }
}

/// An integer with a sign; always in range, since an integer has at most 53 bits.
fn signed(amount: Integer) -> i64 {
    i64::try_from(amount.get()).unwrap_or(i64::MAX)
}
