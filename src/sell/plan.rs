//! The plan: the guarded operations that the host commits in its own transaction.

use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::money::{Integer, MAX_INTEGER};
use crate::documents::counter::{Breadth, Counter};
use crate::documents::op::Op;
use crate::documents::redemption::Redemption;
use crate::judge::account::out_of_range;

/// Collects the operations of a plan. All plans have one order, so that two transactions never wait for each other in a
/// circle: records by id, then the counters of persons, of a code's periods, of codes and of pools, each by key.
#[derive(Default)]
pub(crate) struct Plan {
    writes: Vec<Op>,
    sums: Vec<Sum>,
    // For each id or key, the position in `writes` or in `sums`. The positions are `Integer`s, because these maps then
    // have the type of the map of counters: each further type of map weighs 4 kB in the wasm.
    records: BTreeMap<String, Integer>,
    of_persons: BTreeMap<String, Integer>,
    of_periods: BTreeMap<String, Integer>,
    of_codes: BTreeMap<String, Integer>,
    of_pools: BTreeMap<String, Integer>,
}

/// What is added to one counter.
struct Sum {
    by: i64,
    at_most: Option<Integer>,
}

/// What guards the additions of a record: the limits in its charges, or nothing.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Guard {
    Limits,
    Nothing,
}

impl Plan {
    /// Replaces the record `before` with `after`, or inserts `after` if there is no record before.
    /// Every counter moves by the difference between what the two records hold.
    pub(crate) fn put(
        &mut self,
        before: Option<&Redemption>,
        after: Redemption,
        guard: Guard,
    ) -> Result<(), Error> {
        for (charge, amount) in before.iter().flat_map(|record| record.held()) {
            self.add(&charge.key, signed(amount).checked_neg(), None)?;
        }
        let after = after.renewed();
        for charge in &after.charges {
            let limit = charge.limit.filter(|_| guard == Guard::Limits);
            self.add(&charge.key, Some(signed(charge.held.unwrap_or(charge.amount))), limit)?;
        }
        self.records.insert(after.id.to_string(), Integer::count(self.writes.len()));
        self.writes.push(match before {
            None => Op::Insert { redemption: after },
            Some(before) => {
                Op::Update { id: before.id.clone(), revision: before.revision, redemption: after }
            }
        });
        Ok(())
    }

    fn add(&mut self, key: &str, more: Option<i64>, limit: Option<Integer>) -> Result<(), Error> {
        let counters = match Counter::of(key).map(|counter| counter.facts().breadth) {
            Some(Breadth::Identity) => &mut self.of_persons,
            Some(Breadth::Period) => &mut self.of_periods,
            Some(Breadth::Code) => &mut self.of_codes,
            // `None` never occurs: a record with an unknown kind of key was refused before.
            Some(Breadth::Pool) | None => &mut self.of_pools,
        };
        let next = Integer::count(self.sums.len());
        let index = *counters.entry(key.to_owned()).or_insert(next);
        if index == next {
            self.sums.push(Sum { by: 0, at_most: None });
        }
        if let Some(Sum { by, at_most }) = self.sums.get_mut(index.index()) {
            let sum = more.and_then(|more| by.checked_add(more));
            let in_range = sum.filter(|sum| sum.unsigned_abs() <= MAX_INTEGER);
            *by = in_range.ok_or_else(|| out_of_range(key))?;
            *at_most = match (*at_most, limit) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        Ok(())
    }

    /// The operations. A counter whose sum is 0 has none. An addition below 0 needs no guard.
    pub(crate) fn ops(self) -> Vec<Op> {
        let mut writes: Vec<_> = self.writes.into_iter().map(Some).collect();
        let mut ops = Vec::with_capacity(writes.len().saturating_add(self.sums.len()));
        let write = |index: Integer| writes.get_mut(index.index()).and_then(Option::take);
        ops.extend(self.records.into_values().filter_map(write));
        let counters = self.of_persons.into_iter().chain(self.of_periods);
        for (key, index) in counters.chain(self.of_codes).chain(self.of_pools) {
            if let Some(&Sum { by, at_most }) = self.sums.get(index.index()).filter(|sum| sum.by != 0) {
                ops.push(Op::Add { key, by, at_most: at_most.filter(|_| by > 0) });
            }
        }
        ops
    }
}

/// The amount as a number with a sign. It always fits, because an `Integer` has at most 53 bits.
fn signed(amount: Integer) -> i64 {
    i64::try_from(amount.get()).unwrap_or(i64::MAX)
}
