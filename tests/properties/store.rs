//! The host's storage: two tables, on which a plan is executed in one transaction.

use redeemable::{Op, Redemption};
use std::collections::BTreeMap;
use std::rc::Rc;

pub type Counters = BTreeMap<String, u64>;

#[derive(Clone, Default)]
pub struct Store {
    pub redemptions: BTreeMap<String, Rc<Redemption>>,
    pub counters: Counters,
}

/// Why a transaction was rolled back.
#[derive(Debug, PartialEq)]
pub enum Failed {
    /// Another transaction has written the record since it was read.
    Record(String),
    /// The counter would exceed its guard.
    Guard(String),
    /// The counter would fall below 0, which no plan of the engine may cause.
    Drift(String),
}

impl Store {
    /// Executes a plan as specified: in the given order, all or nothing.
    pub fn commit(&mut self, ops: &[Op]) -> Result<(), Failed> {
        let mut after = self.clone();
        ops.iter().try_for_each(|op| after.execute(op))?;
        *self = after;
        Ok(())
    }

    fn execute(&mut self, op: &Op) -> Result<(), Failed> {
        match op {
            Op::Insert { redemption } => {
                let id = redemption.id.to_string();
                if self.redemptions.contains_key(&id) {
                    return Err(Failed::Record(id));
                }
                self.redemptions.insert(id, Rc::new(redemption.clone()));
            }
            Op::Update { id, revision, redemption } => match self.redemptions.get_mut(&**id) {
                Some(stored) if stored.revision == *revision => *stored = Rc::new(redemption.clone()),
                _ => return Err(Failed::Record(id.to_string())),
            },
            Op::Add { key, by, at_most } => {
                let used = self.counters.entry(key.clone()).or_default();
                let Some(after) = used.checked_add_signed(*by) else {
                    return Err(Failed::Drift(key.clone()));
                };
                if *by > 0 && at_most.is_some_and(|most| after > most.get()) {
                    return Err(Failed::Guard(key.clone()));
                }
                *used = after;
            }
        }
        Ok(())
    }

    pub fn used(&self, key: &str) -> u64 {
        self.counters.get(key).copied().unwrap_or_default()
    }
}

/// The counters without those at 0, because 0 and a missing counter mean the same.
pub fn without_zeros(counters: &Counters) -> Counters {
    counters.iter().filter(|(_, used)| **used > 0).map(|(key, used)| (key.clone(), *used)).collect()
}
