//! Plays payments, releases and sweeps: what happens to a hold.

use redeemable::{
    ConfirmRequest, ConfirmStatus, Confirmation, Money, Op, PaymentReport, Redemption, Release,
    ReleaseReason, ReleaseRequest, ReleaseStatus, State, Usage, apply_release, confirm_redemption, json,
};

use crate::Check;
use crate::invariance;
use crate::naive;
use crate::older;
use crate::payments;
use crate::scenario::{GivenBack, Lapsed, Paid, Read, Report, int, name, time};
use crate::store::{Store, without_zeros};
use crate::world::{World, counters};

impl World<'_> {
    pub fn confirm(&mut self, id: &str, report: Report, read: Read) -> Check {
        let store = self.read(read.age);
        let Some(redemption) = store.redemptions.get(id) else { return Ok(()) };
        let redemption = (**redemption).clone();
        let price = payments::price(payments::paid(&redemption).as_ref().unwrap_or(&redemption));
        let invoices = self.history.iter().filter_map(|store| store.redemptions.get(id));
        let amended = invoices.map(|record| payments::price(record)).find(|earlier| *earlier != price);
        let total = match report.paid {
            Paid::Right => Some(price),
            Paid::Unchecked => None,
            Paid::Wrong => Some(amended.unwrap_or(price + 1)),
        };
        let payment = report.of(&redemption, total);
        let lapsed = store.redemptions.values().filter(|_| read.lapsed == Lapsed::Anything);
        let lapsed = lapsed.map(|record| (**record).clone()).collect();
        let usage = Usage { counters: counters(store), lapsed, existing: None };
        let Report { over_limit, dry, .. } = report;
        let request = ConfirmRequest { redemption, payment, usage, now_ms: time(self.now), over_limit, dry };
        let answer = confirm_redemption(&request).map_err(|error| error.to_string())?;
        payments::confirmation(&request, &answer)?;
        self.turn += 1;
        if self.turn.is_multiple_of(5) {
            let reverse = self.turn.is_multiple_of(2);
            invariance::in_json(&request, &answer, json::confirm_redemption, reverse, self.coverage)?;
        }
        if self.turn.is_multiple_of(3) {
            older::confirmation(&request, &answer, self.coverage)?;
        }
        self.count_paid(&request, &answer, amended.is_some());
        if !self.commit(&answer.ops, read.age > 0)? {
            return self.confirm(id, report, Read { age: 0, ..read });
        }
        self.ledger.paid(&request, &answer)?;
        if answer.status == ConfirmStatus::LatePaymentConflict && dry {
            // The organiser was asked, and accepts the payment above the limits.
            return self.confirm(id, Report { over_limit: true, dry: false, ..report }, read);
        }
        if answer.status != ConfirmStatus::Confirmed || dry {
            return Ok(());
        }
        for op in &answer.ops {
            let Op::Add { key, by: 1.., .. } = op else { continue };
            if over_limit {
                self.exceeded.insert(key.clone());
                continue;
            }
            let charges = &request.redemption.charges;
            let most = charges.iter().find(|charge| charge.key == *key).and_then(|charge| charge.limit);
            let used = self.store.used(key);
            ensure!(
                most.is_none_or(|most| used <= most.get()),
                "a late payment exceeds {key}: {used} of {most:?}"
            );
        }
        let mut again = ConfirmRequest { redemption: self.stored(id), ..request };
        again.payment.total = None;
        let twice = confirm_redemption(&again).map_err(|error| error.to_string())?;
        let kept = twice.status == ConfirmStatus::AlreadyConfirmed && twice.money == Money::Kept;
        ensure!(kept && twice.ops.is_empty(), "the same payment again is {twice:?}");
        again.payment.id = name("another");
        let other = confirm_redemption(&again).map_err(|error| error.to_string())?;
        let returned = other.status == ConfirmStatus::PaidTwice && other.money == Money::Returned;
        ensure!(returned && other.ops.len() == 1, "a second payment is {other:?}");
        Ok(())
    }

    fn count_paid(&mut self, request: &ConfirmRequest, answer: &Confirmation, amended: bool) {
        let ConfirmRequest { redemption: record, payment, .. } = request;
        self.coverage.saw_named("confirm", answer.status);
        self.coverage.saw_if(request.dry, "dry");
        let stale = answer.status == ConfirmStatus::StalePayment;
        self.coverage.saw_if(stale && amended, "paid for what was amended");
        let right = PaymentReport { currency: Some(record.currency.clone()), ..payment.clone() };
        let by_currency = stale && payments::meets(record, &right) == ConfirmStatus::Confirmed;
        self.coverage.saw_if(by_currency, "stale by its currency alone");
        let unknown = Redemption { payments: Vec::new(), ..record.clone() };
        let fits = payments::meets(&unknown, payment) == ConfirmStatus::Confirmed;
        let returned = answer.status == ConfirmStatus::AlreadyReturned;
        self.coverage.saw_if(returned && fits, "a returned payment again, for what it fits");
        if answer.status != ConfirmStatus::Confirmed {
            return;
        }
        let in_time = record.expires_at_ms.is_none_or(|at| at > request.now_ms);
        self.coverage.saw_if(record.state == State::Released, "confirmed late");
        self.coverage.saw_if(!in_time, "confirmed past its expiry");
        self.coverage.saw_if(!answer.violations.is_empty(), "confirmed above the limits");
        self.coverage.saw_if(!record.payments.is_empty(), "confirmed after another payment went back");
    }

    fn stored(&self, id: &str) -> Redemption {
        (*self.store.redemptions[id]).clone()
    }

    pub fn release(&mut self, id: &str, given_back: &GivenBack, read: Read) -> Check {
        let GivenBack { release: own, reason, tickets } = given_back;
        let Some(redemption) = self.read(read.age).redemptions.get(id) else { return Ok(()) };
        let redemption = (**redemption).clone();
        let count = u64::try_from(redemption.tickets.len()).unwrap();
        let indexes = |tickets: &Vec<u8>| tickets.iter().map(|t| int(u64::from(*t) % count)).collect();
        let own = own.map(|own| name(&format!("r-{own}")));
        let release = Release { id: own, reason: *reason, tickets: tickets.as_ref().map(indexes) };
        let mut request = ReleaseRequest { redemption, release, now_ms: time(self.now) };
        let answer = apply_release(&request).map_err(|error| error.to_string())?;
        payments::release(&request, &answer)?;
        self.turn += 1;
        if self.turn.is_multiple_of(5) {
            let reverse = self.turn.is_multiple_of(2);
            invariance::in_json(&request, &answer, json::apply_release, reverse, self.coverage)?;
        }
        if self.turn.is_multiple_of(3) {
            older::release(&request, &answer)?;
        }
        self.coverage.saw_named("release", answer.status);
        let known = answer.status == ReleaseStatus::AlreadyReleased && !answer.tickets.is_empty();
        self.coverage.saw_if(known, "a release asked again by its id");
        if !self.commit(&answer.ops, read.age > 0)? {
            return self.release(id, given_back, Read { age: 0, ..read });
        }
        self.ledger.released(&request, &answer)?;
        if answer.status != ReleaseStatus::Released {
            return Ok(());
        }
        self.coverage.saw_named("for", *reason);
        request.redemption = self.stored(id);
        let left = request.redemption.state != State::Released;
        self.coverage.saw_if(left, "release of some tickets");
        let kept = !left && naive::held(&request.redemption).iter().any(|held| *held > 0);
        self.coverage.saw_if(kept, "kept on release");

        let twice = apply_release(&request).map_err(|error| error.to_string())?;
        let told = match request.release.id {
            Some(_) => (answer.tickets.clone(), answer.refundable),
            None => (Vec::new(), int(0)),
        };
        let same = (twice.tickets.clone(), twice.refundable) == told && twice.ops.is_empty();
        let once = twice.status == ReleaseStatus::AlreadyReleased && same;
        ensure!(once, "a release twice is not once: {twice:?} after {answer:?}");
        Ok(())
    }

    /// Releases lapsed holds by themselves, and not in the plan of another order.
    pub fn sweep(&mut self) -> Check {
        let has_lapsed = |record: &Redemption| record.expires_at_ms.is_some_and(|at| at.get() <= self.now);
        let records = self.store.redemptions.values();
        let lapsed: Vec<String> = records.filter(|r| has_lapsed(r)).map(|r| r.id.to_string()).collect();
        for id in lapsed {
            self.coverage.saw("hold swept");
            let given_back = GivenBack::everything(ReleaseReason::HoldExpired);
            self.release(&id, &given_back, Read { age: 0, lapsed: Lapsed::None })?;
        }
        Ok(())
    }

    /// At the end, releases all orders, and checks the counters and the ledger.
    pub fn clear_out(&mut self) -> Check {
        let ids: Vec<String> = self.store.redemptions.keys().cloned().collect();
        for id in ids {
            let held = self.store.redemptions[&id].state == State::Held;
            let reason = if held { ReleaseReason::PaymentFailed } else { ReleaseReason::OrganizerCancelled };
            self.release(&id, &GivenBack::everything(reason), Read { age: 0, lapsed: Lapsed::None })?;
        }
        self.ledger.agrees(&self.store, &self.policy)?;
        self.ledger.is_answered_again(&self.store, self.now)?;
        self.counters_are_the_records()
    }

    /// Checks that the counters are as before the order, once all of its tickets are released for a reason that gives
    /// back.
    pub fn release_returns_everything(&mut self, id: &str, before: &Store) -> Check {
        let redemption = (*self.store.redemptions[id]).clone();
        let held = redemption.state == State::Held;
        let reason = if held { ReleaseReason::HoldExpired } else { ReleaseReason::OrganizerCancelled };
        let release = Release { id: None, reason, tickets: None };
        let restores = |charge: &redeemable::Charge| {
            let Some(terms) = &charge.back else { return naive::by_default(reason) };
            let mut terms = terms.iter().filter(|back| back.reason == reason);
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
