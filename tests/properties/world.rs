//! The world plays a scenario step by step: a host, its buyers and its organiser.

use redeemable::{
    Amount, Decision, Op, Order, Policy, Promo, Redemption, State, Status, Usage, ValidateRequest,
    validate_redemption,
};
use std::collections::BTreeSet;

use crate::Check;
use crate::checks::{self, Fate};
use crate::clock;
use crate::coverage::Coverage;
use crate::invariance;
use crate::ledger::Ledger;
use crate::naive;
use crate::older;
use crate::prices;
use crate::scenario::{EVENTS, Edit, Lapsed, Read, START, Scenario, Step, TICK, int, time};
use crate::store::{Failed, Store, without_zeros};

/// Plays a scenario. An error begins with the number of the step.
pub fn play(scenario: &Scenario, coverage: &mut Coverage) -> Check {
    scenario.promos.iter().for_each(|promo| coverage.saw_fields(promo));
    let mut world = World {
        scenario,
        promos: scenario.promos.iter().cloned().map(Some).collect(),
        policy: scenario.policy.clone(),
        edited: BTreeSet::new(),
        now: START,
        store: Store::default(),
        ledger: Ledger::default(),
        history: Vec::new(),
        orders: Vec::new(),
        exceeded: BTreeSet::new(),
        turn: 0,
        coverage,
    };
    for (index, step) in scenario.steps.iter().enumerate() {
        let used = world.store.counters.clone();
        let check = world.step(index, step).and_then(|()| {
            // If no counter has changed, the limits still hold and need no new check.
            if used == world.store.counters { Ok(()) } else { world.always() }
        });
        let check = check.and_then(|()| world.ledger.agrees(&world.store, &world.policy));
        check.map_err(|found| format!("step {index}: {found}"))?;
        world.history.push(world.store.clone());
    }
    world.clear_out().map_err(|found| format!("at the end: {found}"))
}

pub struct World<'a> {
    pub scenario: &'a Scenario,
    promos: Vec<Option<Promo>>,
    pub policy: Policy,
    pub edited: BTreeSet<usize>,
    pub now: u64,
    pub store: Store,
    pub ledger: Ledger,
    /// The store after each step.
    pub history: Vec<Store>,
    orders: Vec<Placed>,
    /// The counters that an organiser's `over_limit` took above their limits.
    pub exceeded: BTreeSet<String>,
    /// Counts the questions to the engine, so that the costly comparisons can take turns.
    pub turn: u64,
    pub coverage: &'a mut Coverage,
}

/// An order that a buyer placed, in its latest version.
#[derive(Clone)]
struct Placed {
    id: String,
    codes: Vec<String>,
    order: Order,
}

impl World<'_> {
    fn step(&mut self, index: usize, step: &Step) -> Check {
        match step {
            Step::Buy(purchase, earlier, read) => {
                let earlier = earlier.and_then(|nth| self.placed(nth));
                let id = earlier.map_or_else(|| format!("o-{index}"), |placed| placed.id);
                let order = purchase.order(Some(&id), self.now);
                self.buy(Placed { id, codes: purchase.typed(self.promos.len()), order }, *read)
            }
            Step::Preview(purchase, read) => {
                let (codes, order) = (purchase.typed(self.promos.len()), purchase.order(None, self.now));
                self.coverage.saw("preview");
                self.ask(&self.request(&codes, &order, *read)).map(|_| ())
            }
            Step::Again(nth, longer, read) => {
                let Some(mut placed) = self.placed(*nth) else { return Ok(()) };
                let until = placed.order.hold_until_ms.unwrap().get() + u64::from(*longer) * TICK;
                placed.order.hold_until_ms = Some(time(until));
                self.buy(placed, *read)
            }
            Step::Resize(nth, quantity, read) => {
                let Some(mut placed) = self.placed(*nth) else { return Ok(()) };
                placed.order.lines[0].quantity = redeemable::Bounded::new(u64::from(*quantity)).unwrap();
                placed.order.hold_until_ms = Some(time(self.now + 10 * TICK));
                self.buy(placed, *read)
            }
            Step::Late(nth, quantity, read) => {
                let promos = self.promos.clone();
                for promo in self.promos.iter_mut().flatten() {
                    promo.ends_at_ms = Some(time(self.now));
                }
                let check = self.step(index, &Step::Resize(*nth, *quantity, *read));
                self.promos = promos;
                check
            }
            Step::Pass(ticks) => {
                self.now += u64::from(*ticks) * TICK;
                Ok(())
            }
            Step::Sweep => self.sweep(),
            Step::Confirm(nth, report, read) => {
                let Some(placed) = self.placed(*nth) else { return Ok(()) };
                self.confirm(&placed.id, *report, *read)
            }
            Step::Release(nth, given_back, read) => {
                let Some(placed) = self.placed(*nth) else { return Ok(()) };
                self.release(&placed.id, given_back, *read)
            }
            Step::HoldFor(most) => {
                self.policy.max_hold_ms = most.and_then(redeemable::Bounded::new);
                Ok(())
            }
            Step::Edit(promo, edit) => {
                self.edit(usize::from(*promo) % self.promos.len(), edit);
                Ok(())
            }
            Step::Retry(back) => {
                let earlier = index.checked_sub(usize::from(*back) + 1);
                match earlier.map(|earlier| (earlier, &self.scenario.steps[earlier])) {
                    None | Some((_, Step::Retry(_))) => Ok(()),
                    Some((earlier, step)) => self.step(earlier, step),
                }
            }
        }
    }

    fn placed(&self, nth: u8) -> Option<Placed> {
        let last = self.orders.len().checked_sub(1)?;
        Some(self.orders[last - usize::from(nth) % self.orders.len()].clone())
    }

    /// The store as it was so many steps ago.
    pub fn read(&self, age: usize) -> &Store {
        let past = age.checked_sub(1).map(|age| self.history.len().saturating_sub(age + 2));
        past.and_then(|index| self.history.get(index)).unwrap_or(&self.store)
    }

    fn request(&self, codes: &[String], order: &Order, read: Read) -> ValidateRequest {
        let store = self.read(read.age);
        let has_lapsed = |record: &Redemption| record.expires_at_ms.is_some_and(|at| at.get() <= self.now);
        let id = order.id.as_deref();
        let passed = |record: &Redemption| match read.lapsed {
            Lapsed::None => false,
            Lapsed::All => has_lapsed(record) && Some(&*record.id) != id,
            Lapsed::Anything => true,
        };
        let records = store.redemptions.values().map(|record| &**record);
        ValidateRequest {
            codes: codes.to_vec(),
            promos: self.promos.iter().flatten().cloned().collect(),
            policy: self.policy.clone(),
            order: order.clone(),
            usage: Usage {
                counters: counters(store),
                lapsed: records.filter(|record| passed(record)).cloned().collect(),
                existing: id.and_then(|id| store.redemptions.get(id)).map(|record| (**record).clone()),
            },
            now_ms: time(self.now),
        }
    }

    /// Asks the engine and checks its answer.
    fn ask(&mut self, request: &ValidateRequest) -> Result<Decision, String> {
        let decision =
            validate_redemption(request).map_err(|e| format!("a good request is an error: {e}"))?;
        checks::decision(request, &decision)?;
        self.turn += 1;
        invariance::compare(request, &decision, self.turn, self.coverage)?;
        if self.turn.is_multiple_of(3) {
            older::decision(request, &decision, self.coverage)?;
        }
        for violation in &decision.violations {
            self.coverage.saw_named("reason", violation.reason);
        }
        let accepted = decision.status == Status::Accepted;
        let too_late = |code: &str| {
            let promo = naive::promo(request, code).unwrap();
            promo.ends_at_ms.is_some_and(|ends| ends <= request.now_ms)
                || clock::outside_hours(promo, request)
        };
        let kept = !decision.replayed && decision.applied.iter().any(|applied| too_late(&applied.code));
        self.coverage.saw_if(kept, "kept its time");
        let partial = decision.applied.iter().filter(|applied| applied.partial);
        self.coverage.saw(if accepted { "accepted" } else { "rejected" });
        self.coverage.saw_if(partial.clone().next().is_some(), "partial");
        let cut = |code: &str| naive::promo(request, code).is_some_and(|promo| promo.budget.is_some());
        self.coverage.saw_if(partial.clone().any(|applied| cut(&applied.code)), "budget cut a discount");
        self.coverage.saw_if(decision.applied.len() > 1, "accepted of several codes");
        let full_price = |ticket: &redeemable::QuotedTicket| {
            let takes = |code: &String| !prices::takes_nothing(naive::promo(request, code).unwrap());
            !decision.replayed && ticket.discount == int(0) && ticket.codes.iter().any(takes)
        };
        self.coverage.saw_if(decision.quote.tickets.iter().any(full_price), "unlocked without a discount");
        let last = |applied: &redeemable::Applied| applied.remaining == Some(int(0));
        self.coverage.saw_if(decision.applied.iter().any(last), "last use taken");
        Ok(decision)
    }

    /// Places an order as a host does: commits the plan, and reads and asks again if an operation fails.
    fn buy(&mut self, placed: Placed, read: Read) -> Check {
        match self.orders.iter_mut().find(|earlier| earlier.id == placed.id) {
            Some(earlier) => *earlier = placed.clone(),
            None => self.orders.push(placed.clone()),
        }
        let mut request = self.request(&placed.codes, &placed.order, read);
        let mut decision = self.ask(&request)?;
        let before = self.store.clone();
        if !self.commit(&decision.ops, read.age > 0)? {
            request = self.request(&placed.codes, &placed.order, Read { age: 0, ..read });
            decision = self.ask(&request)?;
            self.commit(&decision.ops, false)?;
        } else if read.age > 0 && !decision.ops.is_empty() {
            self.coverage.saw("accepted after a stale read");
        }
        if decision.ops.is_empty() {
            self.coverage.saw_if(decision.replayed, "replayed");
            return Ok(());
        }
        self.no_limit_is_exceeded(&request, &decision)?;
        self.count_placed(&request, &decision);
        if self.turn.is_multiple_of(2) {
            self.replay_changes_nothing(&request, &decision)?;
        } else if request.usage.existing.is_none() && checks::reclaimed(&request).next().is_none() {
            self.release_returns_everything(&placed.id, &before)?;
        }
        Ok(())
    }

    /// Commits a plan, or rolls it back. A plan may fail only after a stale read, and must not commit a second time.
    pub fn commit(&mut self, ops: &[Op], stale: bool) -> Result<bool, String> {
        match self.store.commit(ops) {
            Ok(()) => {}
            Err(Failed::Drift(key)) => return Err(format!("drift: {key} would fall below 0")),
            Err(failed) => {
                ensure!(stale, "a fresh plan fails: {failed:?} for {ops:?}");
                let guard = matches!(failed, Failed::Guard(_));
                self.coverage.saw(if guard { "conflict of a guard" } else { "conflict of a record" });
                return Ok(false);
            }
        }
        if !ops.is_empty() {
            let twice = self.store.clone().commit(ops);
            ensure!(matches!(twice, Err(Failed::Record(_))), "a plan commits twice: {ops:?}");
            self.counters_are_the_records()?;
        }
        Ok(true)
    }

    pub fn counters_are_the_records(&self) -> Check {
        let records = self.store.redemptions.values().map(|record| &**record);
        let (expected, found) = (naive::counters(records), without_zeros(&self.store.counters));
        ensure!(
            found == expected,
            "the counters are not what the records hold: {found:?}, expected {expected:?}"
        );
        Ok(())
    }

    fn count_placed(&mut self, request: &ValidateRequest, decision: &Decision) {
        let existing = request.usage.existing.as_ref();
        let fate = checks::fate(request);
        let judged = |state| fate == Fate::Judged && existing.is_some_and(|existing| existing.state == state);
        self.coverage.saw_if(fate == Fate::Extended, "extended");
        self.coverage.saw_if(judged(State::Held), "amended");
        self.coverage.saw_if(judged(State::Released), "started afresh");
        self.count_holds(request, fate);
        let reclaims = fate == Fate::Judged && checks::reclaimed(request).next().is_some();
        self.coverage.saw_if(reclaims, "hold reclaimed by an order");
        self.coverage.saw_if(decision.quote.total == int(0), "free at once");
        let pools = decision.applied.iter().filter_map(|applied| naive::promo(request, &applied.code));
        let pools: Vec<_> = pools.flat_map(|promo| promo.pools.iter().map(|pool| &*pool.id)).collect();
        let shared = pools.iter().enumerate().any(|(index, pool)| pools[..index].contains(pool));
        self.coverage.saw_if(shared, "pool of two codes in one order");
    }

    /// Counts holds that were asked for longer than the policy allows.
    fn count_holds(&mut self, request: &ValidateRequest, fate: Fate) {
        let stored = request.order.id.as_ref().and_then(|id| self.store.redemptions.get(&**id));
        let existing = request.usage.existing.as_ref();
        let Some(record) = stored.filter(|record| record.state == State::Held) else { return };
        let cut = record.expires_at_ms < request.order.hold_until_ms;
        self.coverage.saw_if(cut, "held as long as the policy allows");
        self.coverage.saw_if(cut && fate == Fate::Extended, "extended as long as the policy allows");
        let promised = existing.filter(|existing| existing.created_at_ms == record.created_at_ms);
        let most = naive::held_at_most(record.created_at_ms, &request.policy);
        let kept = promised.is_some() && record.expires_at_ms.is_some_and(|until| until.get() > most);
        self.coverage.saw_if(kept, "held as long as was promised under another policy");
    }

    /// Asks for an accepted order once more: the answer is the same, and the plan is empty.
    fn replay_changes_nothing(&self, request: &ValidateRequest, decision: &Decision) -> Check {
        let fresh = Read { age: 0, lapsed: Lapsed::None };
        let again = self.request(&request.codes, &request.order, fresh);
        if checks::fate(&again) != Fate::Replayed {
            let record = again.usage.existing.as_ref();
            let lapses_at_once = record.and_then(|record| record.expires_at_ms) <= Some(request.now_ms);
            ensure!(lapses_at_once, "an accepted order is not replayed: {again:?}");
            return Ok(());
        }
        let answer = validate_redemption(&again).map_err(|error| error.to_string())?;
        let mut expected =
            Decision { replayed: true, passed_over: Vec::new(), ops: Vec::new(), ..decision.clone() };
        expected.quote.not_needed.clear();
        ensure!(answer == expected, "a replay answers {answer:?}, expected {expected:?}");
        Ok(())
    }

    fn edit(&mut self, index: usize, edit: &Edit) {
        let Some(mut promo) = self.promos[index].take() else { return };
        self.edited.insert(index);
        let limit = |limit: &Option<u64>| limit.map(int);
        match edit {
            Edit::MaxUses(most) => {
                let used =
                    EVENTS.map(|event| self.store.used(&naive::uses_key(&promo, event))).into_iter().max();
                let unlimited = promo.max_uses.is_none() && !promo.single_use;
                self.coverage.saw_if(unlimited && most.is_some() && used > Some(0), "limit added later");
                self.coverage.saw_if(most.is_some() && used > *most, "limit lowered below what is used");
                (promo.max_uses, promo.single_use) = (limit(most), false);
            }
            Edit::MaxUsesPerIdentity(most) => promo.max_uses_per_identity = limit(most),
            Edit::Budget(most) => promo.budget = limit(most).map(Amount::from),
            Edit::PoolUses(most) => promo.pools.iter_mut().for_each(|pool| pool.max_uses = limit(most)),
            Edit::Active(active) => promo.active = *active,
            Edit::Release(release) => promo.release = *release,
            Edit::Delete => return,
        }
        self.promos[index] = Some(promo);
    }
}

pub fn counters(store: &Store) -> std::collections::BTreeMap<String, redeemable::Integer> {
    store.counters.iter().map(|(key, used)| (key.clone(), int(*used))).collect()
}
