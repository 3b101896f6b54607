//! The plan: the guarded operations that the host commits in its own transaction.

use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::key::{Breadth, Counter};
use crate::base::money::{Integer, MAX_INTEGER};
use crate::documents::op::Op;
use crate::documents::redemption::Redemption;
use crate::judge::account::out_of_range;

/// Collects what changes, in the one order in which two transactions never wait for each other in a circle:
/// records by id, then counters from the least to the most shared, by key.
#[derive(Default)]
pub(crate) struct Plan {
    ops: Vec<Op>,
    /// Where each of them is. A map to integers, as the counters are: each kind of map weighs 4 kB in the wasm.
    order: BTreeMap<String, Integer>,
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
        let after = after.renewed();
        let place = ["0", &*after.id].concat();
        let op = match before {
            None => Op::Insert { redemption: after },
            Some(before) => {
                Op::Update { id: before.id.clone(), revision: before.revision, redemption: after }
            }
        };
        self.order.insert(place, Integer::count(self.ops.len()));
        self.ops.push(op);
        Ok(())
    }

    fn add(&mut self, key: &str, more: Option<i64>, limit: Option<Integer>) -> Result<(), Error> {
        let breadth = match Counter::of(key).map(Counter::breadth) {
            Some(Breadth::Identity) => "1",
            Some(Breadth::Code) => "2",
            Some(Breadth::Pool) | None => "3", // `check` refused a record with a key of no kind
        };
        let next = Integer::count(self.ops.len());
        let index = *self.order.entry([breadth, key].concat()).or_insert(next);
        if index == next {
            // Its key is in its place.
            self.ops.push(Op::Add { key: String::new(), by: 0, at_most: None });
        }
        if let Some(Op::Add { by, at_most, .. }) = self.ops.get_mut(index.index()) {
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

    /// The operations. An addition of nothing is none; one that is not positive needs no guard.
    pub(crate) fn ops(self) -> Vec<Op> {
        let mut ops: Vec<_> = self.ops.into_iter().map(Some).collect();
        let finish = |(mut place, index): (String, Integer)| match ops.get_mut(index.index())?.take()? {
            Op::Add { by: 0, .. } => None,
            Op::Add { by, at_most, .. } => {
                place.remove(0);
                Some(Op::Add { key: place, by, at_most: at_most.filter(|_| by > 0) })
            }
            op @ (Op::Insert { .. } | Op::Update { .. }) => Some(op),
        };
        self.order.into_iter().filter_map(finish).collect()
    }
}

/// An integer with a sign; always in range, since an integer has at most 53 bits.
fn signed(amount: Integer) -> i64 {
    i64::try_from(amount.get()).unwrap_or(i64::MAX)
}
