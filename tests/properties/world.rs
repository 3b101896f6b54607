//! The world: one event's host, its buyers and its organiser, playing a scenario step by step.

use redeemable::{
    ConfirmRequest, ConfirmStatus, Decision, Op, Order, Promo, Redemption, Release, ReleaseReason,
    ReleaseRequest, ReleaseStatus, Request, State, Status, Usage, apply_release, confirm_redemption, json,
    validate_redemption,
};
use std::collections::BTreeSet;

use crate::Check;
use crate::checks::{self, Fate};
use crate::coverage::Coverage;
use crate::invariance;
use crate::naive;
use crate::payments;
use crate::scenario::{CURRENCIES, EVENTS, Edit, Lapsed, MINUTE, Paid, Read, START, Scenario, Step, int, time};
use crate::store::{Failed, Store, without_zeros};

/// Plays a scenario; what it finds begins with the step.
pub fn play(scenario: &Scenario, coverage: &mut Coverage) -> Check {
    let mut world = World {
        scenario,
        promos: scenario.promos.iter().cloned().map(Some).collect(),
        edited: BTreeSet::new(),
        now: START,
        store: Store::default(),
        history: Vec::new(),
        orders: Vec::new(),
        exceeded: BTreeSet::new(),
        turn: 0,
        coverage,
    };
    for (index, step) in scenario.steps.iter().enumerate() {
        let check = world.step(index, step).and_then(|()| world.always());
        check.map_err(|found| format!("step {index}: {found}"))?;
        world.history.push(world.store.clone());
    }
    world.clear_out().map_err(|found| format!("at the end: {found}"))
}

struct World<'a> {
    scenario: &'a Scenario,
    promos: Vec<Option<Promo>>,
    edited: BTreeSet<usize>,
    now: u64,
    store: Store,
    /// The store after each step.
    history: Vec<Store>,
    orders: Vec<Placed>,
    /// The counters that an organiser's `over_limit` took above their limits.
    exceeded: BTreeSet<String>,
    /// Counts the questions asked; the costly comparisons take turns.
    turn: u64,
    coverage: &'a mut Coverage,
}

/// An order that somebody placed, as it was placed last.
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
                let until = placed.order.hold_until_ms.unwrap().get() + u64::from(*longer) * MINUTE;
                placed.order.hold_until_ms = Some(time(until));
                self.buy(placed, *read)
            }
            Step::Resize(nth, quantity, read) => {
                let Some(mut placed) = self.placed(*nth) else { return Ok(()) };
                placed.order.lines[0].quantity = redeemable::Bounded::new(u64::from(*quantity)).unwrap();
                placed.order.hold_until_ms = Some(time(self.now + 10 * MINUTE));
                self.buy(placed, *read)
            }
            Step::Pass(minutes) => {
                self.now += u64::from(*minutes) * MINUTE;
                Ok(())
            }
            Step::Sweep => self.sweep(),
            Step::Confirm(nth, paid, over_limit, read) => {
                let Some(placed) = self.placed(*nth) else { return Ok(()) };
                self.confirm(&placed.id, *paid, *over_limit, *read)
            }
            Step::Release(nth, reason, tickets, read) => {
                let Some(placed) = self.placed(*nth) else { return Ok(()) };
                self.release(&placed.id, *reason, tickets.as_deref(), *read)
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
    fn read(&self, age: usize) -> &Store {
        let past = age.checked_sub(1).map(|age| self.history.len().saturating_sub(age + 2));
        past.and_then(|index| self.history.get(index)).unwrap_or(&self.store)
    }

    fn request(&self, codes: &[String], order: &Order, read: Read) -> Request {
        let store = self.read(read.age);
        let has_lapsed = |record: &Redemption| record.expires_at_ms.is_some_and(|at| at.get() <= self.now);
        let id = order.id.as_deref();
        let passed = |record: &Redemption| match read.lapsed {
            Lapsed::None => false,
            Lapsed::All => has_lapsed(record) && Some(&*record.id) != id,
            Lapsed::Anything => true,
        };
        let records = store.redemptions.values().map(|record| &**record);
        Request {
            codes: codes.to_vec(),
            promos: self.promos.iter().flatten().cloned().collect(),
            policy: self.scenario.policy.clone(),
            order: order.clone(),
            usage: Usage {
                counters: counters(store),
                lapsed: records.filter(|record| passed(record)).cloned().collect(),
                existing: id.and_then(|id| store.redemptions.get(id)).map(|record| (**record).clone()),
            },
            now_ms: Some(time(self.now)),
        }
    }

    /// Asks the engine and checks its answer.
    fn ask(&mut self, request: &Request) -> Result<Decision, String> {
        let decision = validate_redemption(request).map_err(|e| format!("a good request is an error: {e}"))?;
        checks::decision(request, &decision)?;
        self.turn += 1;
        invariance::compare(request, &decision, self.turn, self.coverage)?;
        for violation in &decision.violations {
            self.coverage.saw_named("reason", violation.reason);
        }
        let accepted = decision.status == Status::Accepted;
        let partial = decision.applied.iter().filter(|applied| applied.partial);
        self.coverage.saw(if accepted { "accepted" } else { "rejected" });
        self.coverage.saw_if(partial.clone().next().is_some(), "partial");
        let cut = |code: &str| naive::promo(request, code).is_some_and(|promo| promo.budget.is_some());
        self.coverage.saw_if(partial.clone().any(|applied| cut(&applied.code)), "budget cut a discount");
        self.coverage.saw_if(decision.applied.len() > 1, "accepted of several codes");
        let last = |applied: &redeemable::Applied| applied.remaining == Some(int(0));
        self.coverage.saw_if(decision.applied.iter().any(last), "last use taken");
        Ok(decision)
    }

    /// Places an order as a host does: commits the plan, and reads again when an operation fails.
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

    /// Commits a plan, or rolls it back: for which there must be a reason, and which it must survive once only.
    fn commit(&mut self, ops: &[Op], stale: bool) -> Result<bool, String> {
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

    fn counters_are_the_records(&self) -> Check {
        let records = self.store.redemptions.values().map(|record| &**record);
        let (expected, found) = (naive::counters(records), without_zeros(&self.store.counters));
        ensure!(found == expected, "the counters are not what the records hold: {found:?}, expected {expected:?}");
        Ok(())
    }

    /// What an order adds never takes a counter above the limit in force, whatever was read.
    fn no_limit_is_exceeded(&self, request: &Request, decision: &Decision) -> Check {
        let limits = naive::limits(request);
        for op in &decision.ops {
            let Op::Add { key, by: 1.., .. } = op else { continue };
            let limit = limits.iter().find(|limit| limit.key == *key);
            let (used, most) = (self.store.used(key), limit.and_then(|limit| limit.most));
            ensure!(most.is_none_or(|most| used <= most), "a limit is exceeded: {key} is {used} of {most:?}");
        }
        Ok(())
    }

    fn count_placed(&mut self, request: &Request, decision: &Decision) {
        let existing = request.usage.existing.as_ref();
        let fate = checks::fate(request);
        let judged = |state| fate == Fate::Judged && existing.is_some_and(|existing| existing.state == state);
        self.coverage.saw_if(fate == Fate::Extended, "extended");
        self.coverage.saw_if(judged(State::Held), "amended");
        self.coverage.saw_if(judged(State::Released), "started afresh");
        let reclaims = fate == Fate::Judged && checks::reclaimed(request).next().is_some();
        self.coverage.saw_if(reclaims, "hold reclaimed by an order");
        self.coverage.saw_if(decision.quote.total == int(0), "free at once");
        let pools = decision.applied.iter().filter_map(|applied| naive::promo(request, &applied.code));
        let pools: Vec<_> = pools.flat_map(|promo| promo.pools.iter().map(|pool| &*pool.id)).collect();
        let shared = pools.iter().enumerate().any(|(index, pool)| pools[..index].contains(pool));
        self.coverage.saw_if(shared, "pool of two codes in one order");
    }

    /// The same order once more, after it was accepted: the same answer and no operation.
    fn replay_changes_nothing(&self, request: &Request, decision: &Decision) -> Check {
        let fresh = Read { age: 0, lapsed: Lapsed::None };
        let again = self.request(&request.codes, &request.order, fresh);
        if checks::fate(&again) != Fate::Replayed {
            let lapses_at_once = request.order.hold_until_ms <= request.now_ms;
            ensure!(lapses_at_once, "an accepted order is not replayed: {again:?}");
            return Ok(());
        }
        let answer = validate_redemption(&again).map_err(|error| error.to_string())?;
        let expected = Decision { replayed: true, ops: Vec::new(), ..decision.clone() };
        ensure!(answer == expected, "a replay answers {answer:?}, expected {expected:?}");
        Ok(())
    }

    /// A new order whose tickets all come back, for a reason that restores, never was.
    fn release_returns_everything(&mut self, id: &str, before: &Store) -> Check {
        let redemption = (*self.store.redemptions[id]).clone();
        let held = redemption.state == State::Held;
        let reason = if held { ReleaseReason::HoldExpired } else { ReleaseReason::OrganizerCancelled };
        let release = Release { reason, tickets: None };
        let restores = |charge: &redeemable::Charge| {
            let mut terms = charge.back.iter().filter(|back| back.reason == reason);
            terms.any(|back| back.until_ms.is_none_or(|until| self.now < until.get()))
        };
        if !redemption.charges.iter().all(restores) {
            return Ok(());
        }
        let request = ReleaseRequest { redemption, release, now_ms: time(self.now) };
        let answer = apply_release(&request).map_err(|error| error.to_string())?;
        payments::release(&request, &answer)?;
        let mut after = self.store.clone();
        ensure!(after.commit(&answer.ops).is_ok(), "what was given back is not taken: {answer:?}");
        let (found, expected) = (without_zeros(&after.counters), without_zeros(&before.counters));
        ensure!(found == expected, "a release leaves something: {found:?}, before the order {expected:?}");
        self.coverage.saw("given back in full");
        Ok(())
    }

    fn confirm(&mut self, id: &str, paid: Paid, over_limit: bool, read: Read) -> Check {
        let store = self.read(read.age);
        let Some(redemption) = store.redemptions.get(id) else { return Ok(()) };
        let redemption = (**redemption).clone();
        let price = payments::price(payments::paid(&redemption).as_ref().unwrap_or(&redemption));
        let invoices = self.history.iter().filter_map(|store| store.redemptions.get(id));
        let amended = invoices.map(|record| payments::price(record)).find(|earlier| *earlier != price);
        let total = match paid {
            Paid::Right => Some(price),
            Paid::Unchecked => None,
            Paid::Wrong => Some(amended.unwrap_or(price + 1)),
        };
        let lapsed = store.redemptions.values().filter(|_| read.lapsed == Lapsed::Anything);
        let lapsed = lapsed.map(|record| (**record).clone()).collect();
        let usage = Usage { counters: counters(store), lapsed, existing: None };
        let total = total.map(int);
        let request = ConfirmRequest { redemption, total, usage, now_ms: time(self.now), over_limit };
        let answer = confirm_redemption(&request).map_err(|error| error.to_string())?;
        payments::confirmation(&request, &answer)?;
        self.turn += 1;
        if self.turn.is_multiple_of(5) {
            let reverse = self.turn.is_multiple_of(2);
            invariance::in_json(&request, &answer, json::confirm_redemption, reverse, self.coverage)?;
        }
        self.coverage.saw_named("confirm", answer.status);
        let stale = answer.status == ConfirmStatus::StalePayment && amended.is_some();
        self.coverage.saw_if(stale, "paid for what was amended");
        if !self.commit(&answer.ops, read.age > 0)? {
            return self.confirm(id, paid, over_limit, Read { age: 0, ..read });
        }
        if answer.status != ConfirmStatus::Confirmed {
            return Ok(());
        }
        let record = &request.redemption;
        let exceeds = !answer.violations.is_empty();
        self.coverage.saw_if(record.state == State::Released, "confirmed late");
        self.coverage.saw_if(record.expires_at_ms.is_some_and(|at| at <= request.now_ms), "confirmed past its expiry");
        self.coverage.saw_if(exceeds, "confirmed above the limits");
        for op in &answer.ops {
            let Op::Add { key, by: 1.., .. } = op else { continue };
            if over_limit {
                self.exceeded.insert(key.clone());
                continue;
            }
            let most = record.charges.iter().find(|charge| charge.key == *key).and_then(|charge| charge.limit);
            let used = self.store.used(key);
            ensure!(most.is_none_or(|most| used <= most.get()), "a late payment exceeds {key}: {used} of {most:?}");
        }
        let mut again = ConfirmRequest { redemption: self.stored(id), ..request };
        again.total = None;
        let twice = confirm_redemption(&again).map_err(|error| error.to_string())?;
        let nothing = twice.status == ConfirmStatus::AlreadyConfirmed && twice.ops.is_empty();
        ensure!(nothing, "a second payment is not already_confirmed: {twice:?}");
        Ok(())
    }

    fn stored(&self, id: &str) -> Redemption {
        (*self.store.redemptions[id]).clone()
    }

    fn release(&mut self, id: &str, reason: ReleaseReason, tickets: Option<&[u8]>, read: Read) -> Check {
        let Some(redemption) = self.read(read.age).redemptions.get(id) else { return Ok(()) };
        let redemption = (**redemption).clone();
        let count = u64::try_from(redemption.tickets.len()).unwrap();
        let wanted = tickets.map(|tickets| tickets.iter().map(|t| int(u64::from(*t) % count)).collect());
        let release = Release { reason, tickets: wanted };
        let mut request = ReleaseRequest { redemption, release, now_ms: time(self.now) };
        let answer = apply_release(&request).map_err(|error| error.to_string())?;
        payments::release(&request, &answer)?;
        self.turn += 1;
        if self.turn.is_multiple_of(5) {
            let reverse = self.turn.is_multiple_of(2);
            invariance::in_json(&request, &answer, json::apply_release, reverse, self.coverage)?;
        }
        self.coverage.saw_named("release", answer.status);
        if !self.commit(&answer.ops, read.age > 0)? {
            return self.release(id, reason, tickets, Read { age: 0, ..read });
        }
        if answer.status != ReleaseStatus::Released {
            return Ok(());
        }
        self.coverage.saw_named("for", reason);
        request.redemption = self.stored(id);
        let left = request.redemption.state != State::Released;
        self.coverage.saw_if(left, "release of some tickets");
        let kept = !left && naive::held(&request.redemption).iter().any(|held| *held > 0);
        self.coverage.saw_if(kept, "kept on release");

        let twice = apply_release(&request).map_err(|error| error.to_string())?;
        let nothing = twice.tickets.is_empty() && twice.ops.is_empty() && twice.refundable == int(0);
        let once = twice.status == ReleaseStatus::AlreadyReleased && nothing;
        ensure!(once, "a release twice is not once: {twice:?} after {answer:?}");
        Ok(())
    }

    /// Reclaims what has lapsed, beforehand instead of with an order.
    fn sweep(&mut self) -> Check {
        let has_lapsed = |record: &Redemption| record.expires_at_ms.is_some_and(|at| at.get() <= self.now);
        let records = self.store.redemptions.values();
        let lapsed: Vec<String> = records.filter(|r| has_lapsed(r)).map(|r| r.id.to_string()).collect();
        for id in lapsed {
            self.coverage.saw("hold swept");
            self.release(&id, ReleaseReason::HoldExpired, None, Read { age: 0, lapsed: Lapsed::None })?;
        }
        Ok(())
    }

    fn edit(&mut self, index: usize, edit: &Edit) {
        let Some(mut promo) = self.promos[index].take() else { return };
        self.edited.insert(index);
        let limit = |limit: &Option<u64>| limit.map(int);
        match edit {
            Edit::MaxUses(most) => {
                let used = EVENTS.map(|event| self.store.used(&naive::uses_key(&promo, event))).into_iter().max();
                let unlimited = promo.max_uses.is_none() && !promo.single_use;
                self.coverage.saw_if(unlimited && most.is_some() && used > Some(0), "limit added later");
                self.coverage.saw_if(most.is_some() && used > *most, "limit lowered below what is used");
                (promo.max_uses, promo.single_use) = (limit(most), false);
            }
            Edit::MaxUsesPerIdentity(most) => promo.max_uses_per_identity = limit(most),
            Edit::Budget(most) => promo.budget = limit(most),
            Edit::PoolUses(most) => promo.pools.iter_mut().for_each(|pool| pool.max_uses = limit(most)),
            Edit::Active(active) => promo.active = *active,
            Edit::Release(release) => promo.release = *release,
            Edit::Delete => return,
        }
        self.promos[index] = Some(promo);
    }

    /// What is so after every step: no counter is above a limit that was never edited.
    fn always(&self) -> Check {
        let within = |key: &str, most: Option<redeemable::Integer>| {
            let used = self.store.used(key);
            let fits = most.is_none_or(|most| used <= most.get()) || self.exceeded.contains(key);
            ensure!(fits, "a limit that was never edited is exceeded: {key} is {used} of {most:?}");
            Ok(())
        };
        let all_within = |prefix: &str, most: Option<redeemable::Integer>| {
            let mut keys = self.store.counters.keys().filter(|key| most.is_some() && key.starts_with(prefix));
            keys.try_for_each(|key| within(key, most))
        };
        for event in EVENTS {
            for (index, promo) in self.scenario.promos.iter().enumerate() {
                if self.edited.contains(&index) {
                    continue;
                }
                within(&naive::uses_key(promo, event), if promo.single_use { Some(int(1)) } else { promo.max_uses })?;
                all_within(&naive::by_prefix(promo, event), promo.max_uses_per_identity)?;
                for currency in CURRENCIES {
                    within(&naive::spend_key(promo, event, currency), promo.budget)?;
                }
            }
            let policy = &self.scenario.policy;
            all_within(&naive::event_prefix(event, "free"), policy.max_free_tickets_per_identity)?;
            all_within(&naive::event_prefix(event, "tickets"), policy.max_tickets_per_identity)?;
        }
        let promos = || self.scenario.promos.iter().enumerate();
        for pool in promos().flat_map(|(_, promo)| &promo.pools) {
            // Of codes that disagree, each may use the pool up to its own limit.
            let naming = || promos().filter(|(_, promo)| promo.pools.iter().any(|other| other.id == pool.id));
            if naming().any(|(index, _)| self.edited.contains(&index)) {
                continue;
            }
            let named = || naming().flat_map(|(_, promo)| &promo.pools).filter(|other| other.id == pool.id);
            let most = |of: fn(&redeemable::Pool) -> Option<redeemable::Integer>| {
                named().map(of).try_fold(int(0), |most, limit| limit.map(|limit| limit.max(most)))
            };
            within(&naive::pool_uses_key(&pool.id), most(|pool| pool.max_uses))?;
            for currency in CURRENCIES {
                within(&naive::pool_spend_key(&pool.id, currency), most(|pool| pool.budget))?;
            }
        }
        Ok(())
    }

    /// In the end everything is released; where nothing was kept, no counter is above 0.
    fn clear_out(&mut self) -> Check {
        let ids: Vec<String> = self.store.redemptions.keys().cloned().collect();
        for id in ids {
            let held = self.store.redemptions[&id].state == State::Held;
            let reason = if held { ReleaseReason::PaymentFailed } else { ReleaseReason::OrganizerCancelled };
            self.release(&id, reason, None, Read { age: 0, lapsed: Lapsed::None })?;
        }
        self.counters_are_the_records()
    }
}

fn counters(store: &Store) -> std::collections::BTreeMap<String, redeemable::Integer> {
    store.counters.iter().map(|(key, used)| (key.clone(), int(*used))).collect()
}
