//! Records of schema 1, which remember no payments and no releases. They are answered like the same record of today,
//! except the first payment for an order that was confirmed under schema 1.

use redeemable::{
    Back, Bounded, ConfirmRequest, ConfirmStatus, Confirmation, Decision, Integer, Money, Op, PaymentReport,
    Redemption, ReleaseAnswer, ReleaseReason, ReleaseRequest, ValidateRequest, apply_release,
    confirm_redemption, validate_redemption,
};

use crate::Check;
use crate::coverage::Coverage;
use crate::naive;
use crate::payments;
use crate::scenario::name;

/// The record as an engine of schema 1 would have written it, or `None` if schema 1 could not express it.
fn older(record: &Redemption) -> Option<Redemption> {
    let mut older = Redemption { schema: Bounded::LEAST, ..record.clone() };
    older.payments.clear();
    older.releases.clear();
    for ticket in &mut older.tickets {
        // Schema 1 does not say what each code takes off, so it is all of the first.
        if ticket.off.iter().skip(1).any(|off| off.get() > 0) {
            return None;
        }
        ticket.off = std::sync::Arc::default();
    }
    for charge in &mut older.charges {
        let of = |terms: &[Back], reason| terms.iter().find(|back| back.reason == reason).copied();
        let mut terms = charge.back.take().unwrap_or_else(naive::table);
        let refunded = of(&terms, ReleaseReason::Refunded).map(|back| back.until_ms);
        let exchanged = of(&terms, ReleaseReason::Exchanged).map(|back| back.until_ms);
        if refunded != exchanged {
            return None;
        }
        terms.retain(|back| back.reason != ReleaseReason::Exchanged);
        charge.back = Some(terms);
        charge.held = None;
    }
    let exchanged = |t: &redeemable::Ticket| t.released.is_some_and(|r| r.reason == ReleaseReason::Exchanged);
    (!older.tickets.iter().any(exchanged)).then_some(older)
}

/// A plan without the payments and releases in its records.
fn forgetful(ops: &[Op]) -> Vec<Op> {
    let mut ops = ops.to_vec();
    for op in &mut ops {
        if let Op::Insert { redemption } | Op::Update { redemption, .. } = op {
            redemption.payments.clear();
            redemption.releases.clear();
        }
    }
    ops
}

/// Checks an order with an older record and older holds.
pub fn decision(request: &ValidateRequest, decision: &Decision, coverage: &mut Coverage) -> Check {
    let usage = &request.usage;
    let existing = usage.existing.as_ref().map(older);
    let lapsed: Option<Vec<_>> = usage.lapsed.iter().map(older).collect();
    let (None | Some(Some(_)), Some(lapsed)) = (&existing, lapsed) else { return Ok(()) };
    if existing.is_none() && lapsed.is_empty() {
        return Ok(());
    }
    coverage.saw("an order over a record of schema 1");
    let mut asked = request.clone();
    asked.usage.existing = existing.flatten();
    asked.usage.lapsed = lapsed;
    let answer = validate_redemption(&asked).map_err(|error| error.to_string())?;
    let ops = forgetful(&answer.ops);
    let known = Decision { ops: forgetful(&decision.ops), ..decision.clone() };
    ensure!(Decision { ops, ..answer.clone() } == known, "schema 1 is answered {answer:?}, 2 {decision:?}");
    Ok(())
}

/// Checks a payment for an older record: the answer is the naive one, and today's one if the order was not confirmed.
pub fn confirmation(request: &ConfirmRequest, answer: &Confirmation, coverage: &mut Coverage) -> Check {
    let Some(redemption) = older(&request.redemption) else { return Ok(()) };
    let asked = ConfirmRequest { redemption, ..request.clone() };
    let told = confirm_redemption(&asked).map_err(|error| error.to_string())?;
    payments::confirmation(&asked, &told)?;
    let record = &request.redemption;
    let known = record.payments.iter().any(|known| known.id == request.payment.id);
    if record.confirmed_at_ms.is_none() && !known {
        let same = (told.status, told.money, &told.violations, forgetful(&told.ops))
            == (answer.status, answer.money, &answer.violations, forgetful(&answer.ops));
        ensure!(same, "schema 1 is answered {told:?}, 2 {answer:?}");
    }
    let Some(price) = payments::owed_since_schema_1(&asked.redemption) else { return Ok(()) };
    first_of_schema_1(&asked, price, coverage)
}

/// Checks that the first payment of the order's price counts as the one that confirmed it under schema 1, and that
/// every other payment goes back.
fn first_of_schema_1(request: &ConfirmRequest, price: u64, coverage: &mut Coverage) -> Check {
    coverage.saw("the first payment of schema 1");
    let mut record = request.redemption.clone();
    let mut pay = |id: &str, total: u64, expected: (Option<ConfirmStatus>, Money)| {
        let payment = PaymentReport { id: name(id), total: Integer::new(total), ..request.payment.clone() };
        let currency = Some(record.currency.clone());
        let payment = PaymentReport { currency, ..payment };
        let asked = ConfirmRequest {
            redemption: record.clone(),
            payment,
            dry: false,
            over_limit: false,
            ..request.clone()
        };
        let told = confirm_redemption(&asked).map_err(|error| error.to_string())?;
        let agrees = told.money == expected.1 && expected.0.is_none_or(|status| status == told.status);
        ensure!(agrees, "{id} of {total} is {told:?}, expected {expected:?} of {:?}", asked.redemption);
        if let Some(Op::Update { redemption, .. }) = told.ops.first() {
            let held =
                |record: &Redemption| (record.state, naive::renewed(record).tickets, naive::held(record));
            ensure!(held(redemption) == held(&asked.redemption), "changes more than its memory: {told:?}");
            record = redemption.clone();
        }
        Ok(told.ops.len())
    };
    let kept = (Some(ConfirmStatus::AlreadyConfirmed), Money::Kept);
    let noted = pay("another", price + 1, (None, Money::Returned))?
        + pay("its own", price, kept)?
        + pay("one more", price, (None, Money::Returned))?;
    ensure!(noted == 3, "notes {noted} of 3 payments: {record:?}");
    let again = pay("one more", price, (Some(ConfirmStatus::AlreadyReturned), Money::Returned))?
        + pay("its own", price + 1, kept)?
        + pay("another", price, (Some(ConfirmStatus::AlreadyReturned), Money::Returned))?;
    ensure!(again == 0, "notes a payment twice: {record:?}");
    Ok(())
}

/// Checks a release of an older record, unless the record knows the release already.
pub fn release(request: &ReleaseRequest, answer: &ReleaseAnswer) -> Check {
    let known = |id: &redeemable::Name| request.redemption.releases.iter().any(|known| known.id == *id);
    if request.release.id.as_ref().is_some_and(known) {
        return Ok(());
    }
    let Some(redemption) = older(&request.redemption) else { return Ok(()) };
    let asked = ReleaseRequest { redemption, ..request.clone() };
    let told = apply_release(&asked).map_err(|error| error.to_string())?;
    payments::release(&asked, &told)?;
    let ops = forgetful(&told.ops);
    let known = ReleaseAnswer { ops: forgetful(&answer.ops), ..answer.clone() };
    ensure!(ReleaseAnswer { ops, ..told.clone() } == known, "schema 1 is answered {told:?}, 2 {answer:?}");
    Ok(())
}
