//! Payments, releases and sweeps: what becomes of a hold.

use redeemable::{
    ConfirmRequest, ConfirmStatus, Op, Redemption, Release, ReleaseReason, ReleaseRequest, ReleaseStatus,
    State, Usage, apply_release, confirm_redemption, json,
};

use crate::Check;
use crate::invariance;
use crate::naive;
use crate::payments;
use crate::scenario::{Lapsed, Paid, Read, int, time};
use crate::store::{Store, without_zeros};
use crate::world::{World, counters};

impl World<'_> {
    pub fn confirm(&mut self, id: &str, paid: Paid, over_limit: bool, read: Read) -> Check {
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
        if answer.status == ConfirmStatus::LatePaymentConflict && !matches!(paid, Paid::Unchecked) {
            return self.confirm(id, paid, true, read); // the organiser lets them in all the same
        }
        if answer.status != ConfirmStatus::Confirmed {
            return Ok(());
        }
        let record = &request.redemption;
        let exceeds = !answer.violations.is_empty();
        self.coverage.saw_if(record.state == State::Released, "confirmed late");
        self.coverage
            .saw_if(record.expires_at_ms.is_some_and(|at| at <= request.now_ms), "confirmed past its expiry");
        self.coverage.saw_if(exceeds, "confirmed above the limits");
        let revived = record.state == State::Released && record.confirmed_at_ms.is_some();
        self.coverage.saw_if(revived, "revived after it was paid and given back");
        for op in &answer.ops {
            let Op::Add { key, by: 1.., .. } = op else { continue };
            if over_limit {
                self.exceeded.insert(key.clone());
                continue;
            }
            let most =
                record.charges.iter().find(|charge| charge.key == *key).and_then(|charge| charge.limit);
            let used = self.store.used(key);
            ensure!(
                most.is_none_or(|most| used <= most.get()),
                "a late payment exceeds {key}: {used} of {most:?}"
            );
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

    pub fn release(&mut self, id: &str, reason: ReleaseReason, tickets: Option<&[u8]>, read: Read) -> Check {
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
    pub fn sweep(&mut self) -> Check {
        let has_lapsed = |record: &Redemption| record.expires_at_ms.is_some_and(|at| at.get() <= self.now);
        let records = self.store.redemptions.values();
        let lapsed: Vec<String> = records.filter(|r| has_lapsed(r)).map(|r| r.id.to_string()).collect();
        for id in lapsed {
            self.coverage.saw("hold swept");
            self.release(&id, ReleaseReason::HoldExpired, None, Read { age: 0, lapsed: Lapsed::None })?;
        }
        Ok(())
    }

    /// In the end everything is released; where nothing was kept, no counter is above 0.
    pub fn clear_out(&mut self) -> Check {
        let ids: Vec<String> = self.store.redemptions.keys().cloned().collect();
        for id in ids {
            let held = self.store.redemptions[&id].state == State::Held;
            let reason = if held { ReleaseReason::PaymentFailed } else { ReleaseReason::OrganizerCancelled };
            self.release(&id, reason, None, Read { age: 0, lapsed: Lapsed::None })?;
        }
        self.counters_are_the_records()
    }

    /// A new order whose tickets all come back, for a reason that restores, never was.
    pub fn release_returns_everything(&mut self, id: &str, before: &Store) -> Check {
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
}
