//! The ledger of answers about money and holds, which must stay true whatever happens later.

use redeemable::{
    ConfirmRequest, ConfirmStatus, Confirmation, Money, PaymentReport, Policy, Redemption, Release,
    ReleaseAnswer, ReleaseReason, ReleaseRequest, ReleaseStatus, State, Usage, apply_release,
    confirm_redemption,
};
use std::collections::BTreeMap;

use crate::Check;
use crate::naive;
use crate::payments::price;
use crate::scenario::{int, name, time};
use crate::store::Store;

#[derive(Default)]
pub struct Ledger(BTreeMap<String, Account>);

/// The answers about one order.
#[derive(Default)]
struct Account {
    /// The owner of each payment's money, as it was first answered.
    money: BTreeMap<String, Money>,
    /// The first answer to each release with an id.
    releases: BTreeMap<String, (Vec<redeemable::Integer>, redeemable::Integer)>,
    kept: u64,
    refundable: u64,
    /// The record after the previous step.
    seen: Option<Redemption>,
}

impl Ledger {
    fn account(&mut self, id: &str) -> &mut Account {
        self.0.entry(id.to_owned()).or_default()
    }

    /// Notes an answer to a payment, once its plan is committed.
    pub fn paid(&mut self, request: &ConfirmRequest, answer: &Confirmation) -> Check {
        let ConfirmRequest { redemption, payment, dry, .. } = request;
        let account = self.account(&redemption.id);
        if *dry {
            return Ok(()); // the answer to a dry report is not final, so it is not noted
        }
        let before = account.money.get(&*payment.id);
        let same = before.is_none_or(|before| *before == answer.money);
        ensure!(same, "the money of {:?} was {before:?}, and is {answer:?}", payment.id);
        let known = before.is_some() || !answer.ops.is_empty();
        ensure!(known, "a payment is answered, and not noted: {answer:?}");
        account.money.insert(payment.id.to_string(), answer.money);
        if answer.status == ConfirmStatus::Confirmed {
            let after = crate::payments::paid(redemption).unwrap();
            account.kept += payment.total.map_or_else(|| price(&after), |total| total.get());
        }
        Ok(())
    }

    /// Notes an answer to a release, once its plan is committed.
    pub fn released(&mut self, request: &ReleaseRequest, answer: &ReleaseAnswer) -> Check {
        let account = self.account(&request.redemption.id);
        let told = (answer.tickets.clone(), answer.refundable);
        let id = request.release.id.as_ref().map(|id| id.to_string());
        // A read from before the release has its answer from before it, too; whatever it would store conflicts.
        let is_noted =
            request.redemption.releases.iter().any(|noted| Some(&noted.id) == request.release.id.as_ref());
        if let Some(before) = id.as_ref().and_then(|id| account.releases.get(id)).filter(|_| is_noted) {
            ensure!(*before == told, "a release was told {before:?}, and is told {answer:?}");
            return Ok(());
        }
        if answer.status == ReleaseStatus::Released {
            account.refundable += answer.refundable.get();
            account.releases.extend(id.map(|id| (id, told)));
        }
        Ok(())
    }

    /// Checks every record after every step.
    pub fn agrees(&mut self, store: &Store, policy: &Policy) -> Check {
        for (id, record) in &store.redemptions {
            let account = self.account(id);
            if account.seen.as_ref().is_some_and(|seen| seen.revision == record.revision) {
                continue;
            }
            account.remembers(record)?;
            account.balances(record)?;
            account.holds(record, policy)?;
            account.seen = Some((**record).clone());
        }
        Ok(())
    }

    /// At the end, every payment and release is reported once more, with other details: the answers must be the same.
    pub fn is_answered_again(&self, store: &Store, now: u64) -> Check {
        for (id, account) in &self.0 {
            let Some(record) = store.redemptions.get(id) else { continue };
            for (payment, money) in &account.money {
                for (total, over_limit) in [(None, true), (Some(int(0)), false), (Some(int(7_777_777)), true)]
                {
                    let currency = total.map(|_| record.currency.clone());
                    let payment = PaymentReport { id: name(payment), total, currency };
                    let (redemption, usage) = ((**record).clone(), Usage::default());
                    let now_ms = time(now);
                    let request =
                        ConfirmRequest { redemption, payment, usage, now_ms, over_limit, dry: false };
                    let answer = confirm_redemption(&request).map_err(|error| error.to_string())?;
                    let same = answer.money == *money && answer.ops.is_empty();
                    ensure!(same, "{money:?} money is answered {answer:?} in the end: {request:?}");
                }
            }
            for (release, told) in &account.releases {
                let tickets = Some(vec![int(999)]);
                let release = Release { id: Some(name(release)), reason: ReleaseReason::NoShow, tickets };
                let request = ReleaseRequest { redemption: (**record).clone(), release, now_ms: time(now) };
                let answer = apply_release(&request).map_err(|error| error.to_string())?;
                let same = (answer.tickets, answer.refundable) == *told && answer.ops.is_empty();
                ensure!(same, "a release that was told {told:?} is told otherwise in the end: {request:?}");
            }
        }
        Ok(())
    }
}

impl Account {
    /// A record never forgets a payment or a release, and remembers it as the host was answered.
    fn remembers(&self, record: &Redemption) -> Check {
        let (payments, releases) = (&record.payments, &record.releases);
        if let Some(seen) = &self.seen {
            let grows = payments.starts_with(&seen.payments) && releases.starts_with(&seen.releases);
            ensure!(grows, "forgets or changes what it knew: {record:?}, before {seen:?}");
        }
        let noted = payments.iter().map(|payment| (payment.id.to_string(), payment.outcome)).collect();
        ensure!(self.money == noted, "{:?} was answered, {noted:?} is noted: {record:?}", self.money);
        let noted = releases.iter().map(|r| (r.id.to_string(), (r.tickets.clone(), r.refundable))).collect();
        ensure!(self.releases == noted, "{:?} was told, {noted:?} is noted: {record:?}", self.releases);
        Ok(())
    }

    /// The kept money less the refunds is the price of the tickets that the buyer has, and 0 before the order is paid.
    fn balances(&self, record: &Redemption) -> Check {
        let due = if record.confirmed_at_ms.is_some() { price(record) } else { 0 };
        let left = self.kept.checked_sub(self.refundable);
        ensure!(
            left == Some(due),
            "kept {}, refundable {}, but what is held cost {due}: {record:?}",
            self.kept,
            self.refundable
        );
        let kept = record.payments.iter().filter(|payment| payment.outcome == Money::Kept).count();
        ensure!(kept <= 1, "keeps {kept} payments: {record:?}");
        Ok(())
    }

    /// A hold ends no later than the policy allows, or allowed when it was promised, and no earlier than promised.
    fn holds(&self, record: &Redemption, policy: &Policy) -> Check {
        let Some(expires) = record.expires_at_ms else { return Ok(()) };
        let is_held = |seen: &&Redemption| seen.state == State::Held;
        let same = |seen: &&Redemption| seen.created_at_ms == record.created_at_ms;
        let promised = self.seen.as_ref().filter(is_held).filter(same).and_then(|seen| seen.expires_at_ms);
        let most = naive::held_at_most(record.created_at_ms, policy);
        let within = expires.get() <= most || promised.is_some_and(|promised| expires <= promised);
        ensure!(within, "held beyond {most} and {promised:?}: {record:?}");
        ensure!(promised <= Some(expires), "held for less than {promised:?}: {record:?}");
        Ok(())
    }
}
