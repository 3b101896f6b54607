//! Limits that no counter may ever exceed.

use redeemable::{Decision, Integer, Op, Pool, ValidateRequest};

use crate::Check;
use crate::choice;
use crate::naive;
use crate::prices;
use crate::scenario::{CURRENCIES, EVENTS, int};
use crate::world::World;

impl World<'_> {
    /// Checks, after every step, that no counter is above a limit that was never edited.
    pub fn always(&self) -> Check {
        let within = |key: &str, most: Option<Integer>| {
            let used = self.store.used(key);
            let fits = most.is_none_or(|most| used <= most.get()) || self.exceeded.contains(key);
            ensure!(fits, "a limit that was never edited is exceeded: {key} is {used} of {most:?}");
            Ok(())
        };
        let all_within = |prefix: &str, most: Option<Integer>| {
            let mut keys = self.store.counters.keys().filter(|key| most.is_some() && key.starts_with(prefix));
            keys.try_for_each(|key| within(key, most))
        };
        for event in EVENTS {
            for (index, promo) in self.scenario.promos.iter().enumerate() {
                if self.edited.contains(&index) {
                    continue;
                }
                within(
                    &naive::uses_key(promo, event),
                    if promo.single_use { Some(int(1)) } else { promo.max_uses },
                )?;
                for cap in naive::caps(promo, event) {
                    all_within(&cap.prefix, cap.most)?;
                }
                for period in &promo.per_period {
                    let prefix = naive::period_prefix(promo, event, period.every);
                    for key in self.store.counters.keys().filter(|key| key.starts_with(&prefix)) {
                        let of_all = key.ends_with("/uses");
                        within(key, if of_all { period.max_uses } else { period.max_uses_per_identity })?;
                    }
                }
                for currency in CURRENCIES {
                    let budget = prices::money(&promo.budget, currency).map(int);
                    within(&naive::spend_key(promo, event, currency), budget)?;
                }
            }
            let [free, tickets] = naive::lifted(&self.scenario.policy, self.scenario.promos.iter());
            all_within(&naive::event_prefix(event, "free"), free)?;
            all_within(&naive::event_prefix(event, "tickets"), tickets)?;
        }
        let promos = || self.scenario.promos.iter().enumerate();
        for pool in promos().flat_map(|(_, promo)| &promo.pools) {
            // Codes may give one pool different limits, and each may use the pool up to its own: here the highest
            // counts.
            let naming = || promos().filter(|(_, promo)| promo.pools.iter().any(|other| other.id == pool.id));
            if naming().any(|(index, _)| self.edited.contains(&index)) {
                continue;
            }
            let named = || naming().flat_map(|(_, promo)| &promo.pools).filter(|other| other.id == pool.id);
            let most = |of: &dyn Fn(&Pool) -> Option<Integer>| {
                named().map(of).try_fold(int(0), |most, limit| limit.map(|limit| limit.max(most)))
            };
            within(&naive::pool_uses_key(&pool.id), most(&|pool| pool.max_uses))?;
            let per_person = most(&|pool| pool.max_uses_per_identity);
            all_within(&naive::pool_person_prefix(&pool.id), per_person)?;
            for currency in CURRENCIES {
                let budget = |pool: &Pool| prices::money(&pool.budget, currency).map(int);
                within(&naive::pool_spend_key(&pool.id, currency), most(&budget))?;
            }
        }
        Ok(())
    }

    /// Checks that the additions of an order never take a counter above the limit in force, whatever the host has read.
    pub fn no_limit_is_exceeded(&self, request: &ValidateRequest, decision: &Decision) -> Check {
        // A code that keeps its time is charged in the periods of its hold, which have the same limits.
        let applied: Vec<&str> = decision.applied.iter().map(|applied| applied.code.as_str()).collect();
        let mut limits = choice::limits(request, decision, &[]);
        limits.extend(choice::limits(request, decision, &applied));
        for op in &decision.ops {
            let Op::Add { key, by: 1.., .. } = op else { continue };
            let limit = limits.iter().find(|limit| limit.key == *key);
            let (used, most) = (self.store.used(key), limit.and_then(|limit| limit.most));
            ensure!(most.is_none_or(|most| used <= most), "a limit is exceeded: {key} is {used} of {most:?}");
        }
        Ok(())
    }
}
