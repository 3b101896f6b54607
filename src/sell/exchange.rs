//! `exchangeRedemption`: tickets of a paid order go back, and other ones are sold in their place, in one plan.

#[cfg(test)]
mod bounds;

use crate::base::error::Error;
use crate::base::money::{Integer, Time, sum};
use crate::documents::charge::MAX_REFERENCES;
use crate::documents::decision::Decision;
use crate::documents::exchange::{
    ExchangeAnswer, ExchangeOrder, ExchangeRequest, ExchangeStatus, ExchangeTerms, Exchanged,
};
use crate::documents::op::Op;
use crate::documents::payment::{
    MAX_PAYMENTS, MAX_RELEASES, Money, NotedPayment, NotedRelease, PaymentReport,
};
use crate::documents::policy::ReleaseReason;
use crate::documents::redemption::Redemption;
use crate::documents::request::{Asked, Index};
use crate::documents::ticket::Released;
use crate::sell::plan::{Guard, Plan};
use crate::sell::sale::{self, Replaced, Sold};
use crate::sell::{release, replay};

/// Exchanges tickets of a paid order for other ones.
///
/// Tickets of the record go back for the reason `exchanged`, the order is sold in their place under an id of its own,
/// and is confirmed at once. What goes back is worth its price. If the order costs more, the answer is `payment_due`
/// until the host asks with a payment of exactly that.
///
/// # Errors
/// If the request is malformed, or a record's fields contradict each other.
///
/// # Example
/// ```
/// use redeemable::{ExchangeStatus, exchange_redemption, json};
///
/// let request = json::read(br#"{
///     "redemption": {
///         "schema": 2, "id": "o-1", "revision": 2, "state": "confirmed", "event_id": "gala", "currency": "EUR",
///         "codes": [], "identities": [],
///         "tickets": [{"line": 0, "unit_price": 4500, "price": 4500, "codes": []}],
///         "applied": [], "charges": [], "created_at_ms": 1799999000000, "confirmed_at_ms": 1799999100000
///     },
///     "request": {
///         "codes": [], "promos": [],
///         "order": {
///             "id": "o-2", "event_id": "gala", "currency": "EUR",
///             "lines": [{"ticket_type": "balcony", "unit_price": 6000, "quantity": 1}]
///         }
///     },
///     "now_ms": 1800000000000
/// }"#)?;
/// let answer = exchange_redemption(&request)?;
/// assert_eq!((answer.status, answer.due.get()), (ExchangeStatus::PaymentDue, 1500));
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn exchange_redemption(request: &ExchangeRequest) -> Result<ExchangeAnswer, Error> {
    let ExchangeOrder { promos, policy, .. } = &request.request;
    let in_request = |error: Error| error.in_field("request");
    policy.verify().map_err(in_request)?;
    let index = Index::new(promos).map_err(in_request)?;
    exchanged(request.terms(), &request.request.asked(&index, request.now_ms))
}

/// Exchanges tickets on these terms for the order that is asked for.
pub(crate) fn exchanged(terms: ExchangeTerms, asked: &Asked) -> Result<ExchangeAnswer, Error> {
    let ExchangeTerms { redemption: old, tickets, payment, now_ms, .. } = terms;
    old.verify().map_err(|error| error.in_field("redemption"))?;
    let going = release::wanted(tickets, old.tickets.len())?;
    verify(asked, old).map_err(|error| error.in_field("request"))?;
    if let Some(payment) = payment {
        payment.verify().map_err(|error| error.in_field("payment"))?;
        if asked.order.id.is_none() {
            return Err(Error::new("payment", "expected nothing, because the order is a preview"));
        }
    }

    let exchange = Exchange { terms, asked, existing: asked.usage.existing.as_ref() };
    if let Some(existing) = exchange.existing.filter(|existing| existing.confirmed_at_ms.is_some())
        && let Some(exchanged) = existing.exchanged.as_ref().filter(|exchanged| exchanged.from == old.id)
        && replay::is_same(existing, asked)
    {
        return exchange.again(existing, exchanged);
    }
    if let Some(known) = exchange.known() {
        let status = match known {
            Money::Kept => ExchangeStatus::AlreadyConfirmed,
            Money::Returned => ExchangeStatus::AlreadyReturned,
        };
        return Ok(ExchangeAnswer { money: Some(known), ..exchange.nothing(status) });
    }
    let is_full = |record: &Redemption| record.payments.len() >= MAX_PAYMENTS;
    if payment.is_some() && (is_full(old) || exchange.existing.is_some_and(is_full)) {
        let nothing = exchange.nothing(ExchangeStatus::TooManyPayments);
        return Ok(ExchangeAnswer { money: Some(Money::Returned), ..nothing });
    }

    let answer = exchange.made(&going)?;
    let Some(payment) = payment else { return Ok(answer) };
    if answer.status == ExchangeStatus::Accepted {
        return Ok(ExchangeAnswer { money: Some(Money::Kept), ..answer });
    }
    let ops = noted(old, payment, now_ms).map_err(|error| error.in_field("redemption"))?;
    Ok(ExchangeAnswer { ops, money: Some(Money::Returned), ..answer })
}

/// Checks the order against the record. Paths start at the request.
fn verify(asked: &Asked, old: &Redemption) -> Result<(), Error> {
    asked.verify()?;
    let in_order = |field, expected| Err(Error::new(field, expected).in_field("order"));
    if asked.order.id.as_ref() == Some(&old.id) {
        return in_order("id", "expected another id than that of the record");
    }
    if asked.order.currency != old.currency {
        return in_order("currency", "expected the currency of the record");
    }
    asked.usage.verify(asked.order.id.as_deref()).map_err(|error| error.in_field("usage"))
}

/// The record with this payment, which goes back.
fn noted(record: &Redemption, payment: &PaymentReport, now: Time) -> Result<Vec<Op>, Error> {
    let mut after = record.clone();
    after.payments.push(payment.noted(Money::Returned, now));
    after.revision = record.next_revision()?;
    let mut plan = Plan::default();
    plan.put(Some(record), after, Guard::Nothing)?;
    Ok(plan.ops())
}

/// One exchange that is asked for.
struct Exchange<'a> {
    terms: ExchangeTerms<'a>,
    asked: &'a Asked<'a>,
    /// The record that is stored under the new order's id.
    existing: Option<&'a Redemption>,
}

impl Exchange<'_> {
    /// Whose the payment's money is, if one of the two records knows it.
    fn known(&self) -> Option<Money> {
        let payment = self.terms.payment?;
        let records = self.existing.into_iter().chain([self.terms.redemption]);
        let mut noted = records.flat_map(|record| &record.payments);
        noted.find(|known: &&NotedPayment| known.id == payment.id).map(|known| known.outcome)
    }

    /// The answer if nothing is exchanged and the order is not judged.
    fn nothing(&self, status: ExchangeStatus) -> ExchangeAnswer {
        ExchangeAnswer::new(status, Decision::rejected(self.asked.order, Vec::new()))
    }

    /// The answer from the record of an exchange that was made before.
    fn again(&self, existing: &Redemption, exchanged: &Exchanged) -> Result<ExchangeAnswer, Error> {
        let Exchanged { credit, due, refundable, .. } = *exchanged;
        let mut answer = ExchangeAnswer::new(ExchangeStatus::Accepted, replay::again(existing));
        let forgone = credit.minus(answer.quote.total).minus(refundable);
        answer = ExchangeAnswer { refundable, due, forgone, ..answer };
        let Some(payment) = self.terms.payment else { return Ok(answer) };
        if let Some(money) = self.known() {
            return Ok(ExchangeAnswer { money: Some(money), ..answer });
        }
        let money = Some(Money::Returned);
        if existing.payments.len() >= MAX_PAYMENTS {
            return Ok(ExchangeAnswer { status: ExchangeStatus::TooManyPayments, money, ..answer });
        }
        let in_existing = |error: Error| error.in_field("existing").in_field("usage").in_field("request");
        let ops = noted(existing, payment, self.terms.now_ms).map_err(in_existing)?;
        Ok(ExchangeAnswer { status: ExchangeStatus::PaidTwice, ops, money, ..answer })
    }

    /// Exchanges the tickets, unless something speaks against it. `going` says of each ticket whether it goes back.
    fn made(&self, going: &[bool]) -> Result<ExchangeAnswer, Error> {
        let ExchangeTerms { redemption: old, payment, refund, now_ms, .. } = self.terms;
        let id = self.asked.order.id.as_ref();
        if self.existing.is_some_and(|existing| existing.confirmed_at_ms.is_some()) {
            return Ok(self.nothing(ExchangeStatus::AlreadyConfirmed));
        }
        if old.confirmed_at_ms.is_none() {
            return Ok(self.nothing(ExchangeStatus::NotConfirmed));
        }
        // A charge of schema 1 does not know the reason `exchanged`; a renewed one does.
        let mut after = old.clone().renewed();
        let released = Released { reason: ReleaseReason::Exchanged, at_ms: now_ms };
        let indexes = after.release(released, |index| going.get(index) == Some(&true));
        if indexes.is_empty() || old.releases.iter().any(|known| Some(&known.id) == id) {
            return Ok(self.nothing(ExchangeStatus::AlreadyReleased));
        }

        let replaced = Replaced { existing: self.existing, exchanged: Some((old, &after)) };
        let in_request = |error: Error| error.in_field("request");
        let mut sold = match sale::judge(self.asked, replaced).map_err(in_request)? {
            Ok(sold) => sold,
            Err(rejection) => {
                let status = match payment {
                    Some(_) => ExchangeStatus::ExchangeRefused,
                    None => ExchangeStatus::Rejected,
                };
                return Ok(ExchangeAnswer::new(status, rejection));
            }
        };
        // The sum is in range: no price is above its unit price, and `verify` has added the unit prices up.
        let prices = indexes.iter().filter_map(|&index| Some(old.tickets.get(index)?.price));
        let credit = sum(prices).unwrap_or_default();
        let (due, left) = (sold.quote.total.minus(credit), credit.minus(sold.quote.total));
        let fits = match payment {
            Some(payment) => due > Integer::ZERO && payment.is(due, &self.asked.order.currency),
            None => due == Integer::ZERO,
        };
        if !fits {
            let status = match payment {
                Some(_) => ExchangeStatus::StalePayment,
                None => ExchangeStatus::PaymentDue,
            };
            return Ok(ExchangeAnswer { due, ..ExchangeAnswer::new(status, sold.accepted(Vec::new())) });
        }
        let (refundable, forgone) = if refund { (left, Integer::ZERO) } else { (Integer::ZERO, left) };
        let exchanged = Exchanged { from: old.id.clone(), credit, due, refundable };
        let ops = self.plan(&mut sold, after.clone(), &indexes, exchanged, replaced)?;
        let decision = sold.accepted(ops);
        Ok(ExchangeAnswer {
            refundable,
            due,
            forgone,
            ..ExchangeAnswer::new(ExchangeStatus::Accepted, decision)
        })
    }

    /// The plan of the exchange; empty for a preview. `after` is the old record once the tickets have gone back.
    fn plan(
        &self,
        sold: &mut Sold,
        mut after: Redemption,
        indexes: &[usize],
        exchanged: Exchanged,
        replaced: Replaced,
    ) -> Result<Vec<Op>, Error> {
        let ExchangeTerms { redemption: old, payment, now_ms, .. } = self.terms;
        let Some(id) = &self.asked.order.id else { return Ok(Vec::new()) };
        let in_old = |error: Error| error.in_field("redemption");
        let named = release::named(&old.releases).saturating_add(indexes.len());
        if old.releases.len() >= MAX_RELEASES || named > MAX_REFERENCES {
            let expected = format!(
                "expected less than {MAX_RELEASES} releases that name at most {MAX_REFERENCES} tickets together"
            );
            return Err(in_old(Error::new("releases", expected)));
        }
        after.revision = old.next_revision().map_err(in_old)?;
        after.releases.push(NotedRelease {
            id: id.clone(),
            reason: ReleaseReason::Exchanged,
            tickets: indexes.iter().map(|&index| Integer::count(index)).collect(),
            refundable: exchanged.refundable,
            at_ms: now_ms,
        });
        let in_request = |error: Error| error.in_field("request");
        let mut new = sold.record(self.asked, id, replaced, true).map_err(in_request)?;
        new.exchanged = Some(exchanged);
        new.payments.extend(payment.iter().map(|payment| payment.noted(Money::Kept, now_ms)));
        let mut plan = std::mem::take(&mut sold.plan);
        plan.put(Some(old), after, Guard::Nothing).map_err(in_request)?;
        plan.put(self.existing, new, Guard::Limits).map_err(in_request)?;
        Ok(plan.ops())
    }
}
