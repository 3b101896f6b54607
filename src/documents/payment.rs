//! What a record remembers of payments and releases, so that a report that comes again gets the same answer.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::{Integer, Time};
use crate::base::text::{Currency, Name, repeated};
use crate::documents::policy::ReleaseReason;

/// The most payments that one record remembers.
pub(crate) const MAX_PAYMENTS: usize = 100;
/// The most releases with an id that one record remembers.
pub(crate) const MAX_RELEASES: usize = 1000;

/// A payment, as the host reports it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PaymentReport {
    /// The payment's own id (hash, intent, charge), never the order's.
    pub id: Name,
    /// What was paid, in minor units. Null: the total is not checked.
    #[serde(default)]
    pub total: Option<Integer>,
    /// The currency of the total, compared without regard to ASCII case. Null only if the total is null.
    #[serde(default)]
    pub currency: Option<Currency>,
}

/// Whose a payment's money is. The answer is final, however often the payment is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// The money is the order's: the host keeps it.
    Kept,
    /// The money is the payer's: the host sends it back.
    Returned,
}

/// A payment that was reported, and whose its money is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotedPayment {
    /// The payment's own id.
    pub id: Name,
    /// What was paid, in minor units. Null: the total was not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Integer>,
    /// The currency of the total, as it was reported. Null: the currency was not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Whose the payment's money is.
    pub outcome: Money,
    /// When the payment was first reported.
    pub at_ms: Time,
}

/// A release that had an id, and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotedRelease {
    /// The release's own id.
    pub id: Name,
    /// Why the tickets were released.
    pub reason: ReleaseReason,
    /// The tickets that it released, by index.
    pub tickets: Vec<Integer>,
    /// What was paid for them, in minor units. Whether it is owed depends on the reason. Of an exchange it is only what
    /// was left over and is paid back.
    pub refundable: Integer,
    /// When the tickets were released.
    pub at_ms: Time,
}

impl PaymentReport {
    /// Checks what the Rust types do not ensure. Paths of errors start at the payment.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        match (self.total, &self.currency) {
            (Some(_), None) => Err(Error::new("currency", "expected a currency, because there is a total")),
            (None | Some(_), _) => Ok(()),
        }
    }

    /// Whether the payment is this much in this currency. A total or currency that the host left out is not compared.
    pub(crate) fn is(&self, total: Integer, currency: &Currency) -> bool {
        let same = |given: &Currency| given.eq_ignore_ascii_case(currency);
        self.total.is_none_or(|given| given == total) && self.currency.as_ref().is_none_or(same)
    }

    /// The payment in the form in which a record remembers it.
    pub(crate) fn noted(&self, outcome: Money, at_ms: Time) -> NotedPayment {
        let Self { id, total, currency } = self.clone();
        NotedPayment { id, total, currency, outcome, at_ms }
    }
}

/// Checks that a record remembers each payment and release once, and no more than it may. Paths start at the record.
pub(crate) fn verify_notes(payments: &[NotedPayment], releases: &[NotedRelease]) -> Result<(), Error> {
    let most = |field, things, count, most| match count > most {
        true => Err(Error::new(field, format!("expected at most {most} {things}, found {count}"))),
        false => Ok(()),
    };
    most("payments", "payments", payments.len(), MAX_PAYMENTS)?;
    most("releases", "releases", releases.len(), MAX_RELEASES)?;
    let once = |index: Option<&usize>, thing, field| match index {
        Some(&index) => {
            Err(Error::new("id", format!("expected each {thing} once")).in_element(index).in_field(field))
        }
        None => Ok(()),
    };
    let payments = repeated(&mut payments.iter().map(|payment| Some(&*payment.id)));
    once(payments.first(), "payment", "payments")?;
    let releases = repeated(&mut releases.iter().map(|release| Some(&*release.id)));
    once(releases.first(), "release", "releases")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ConfirmRequest, ConfirmStatus, Redemption, ReleaseRequest, apply_release, confirm_redemption, json,
    };
    use serde_json::{Value, json};

    fn record(payments: usize, releases: usize) -> Value {
        let at_ms = 1_800_000_000_000_u64;
        let payment = |i| {
            json!({
                "id": format!("p-{i}"), "total": 1, "currency": "EUR", "outcome": "returned", "at_ms": at_ms
            })
        };
        let release = |i| {
            json!({
                "id": format!("r-{i}"), "reason": "refunded", "tickets": [], "refundable": 0, "at_ms": at_ms
            })
        };
        json!({
            "schema": 2, "id": "o-1", "revision": 1, "state": "held", "event_id": "gala", "currency": "EUR",
            "codes": [], "identities": [], "tickets": [{"line": 0, "unit_price": 5, "price": 5, "codes": []}],
            "applied": [], "charges": [], "created_at_ms": 1800000000000_u64, "expires_at_ms": 1800000900000_u64,
            "payments": (0..payments).map(payment).collect::<Vec<_>>(),
            "releases": (0..releases).map(release).collect::<Vec<_>>(),
        })
    }

    fn pay(payments: usize, id: &str) -> Result<ConfirmStatus, Error> {
        let payment = json!({"id": id, "total": 5, "currency": "EUR"});
        let request =
            json!({"redemption": record(payments, 0), "payment": payment, "now_ms": 1800000000000_u64});
        let request: ConfirmRequest = json::read(request.to_string().as_bytes()).unwrap();
        confirm_redemption(&request).map(|answer| answer.status)
    }

    fn release(releases: usize, id: Value) -> Result<Option<Redemption>, Error> {
        let release = json!({"id": id, "reason": "refunded"});
        let request =
            json!({"redemption": record(0, releases), "release": release, "now_ms": 1800000000000_u64});
        let request: ReleaseRequest = json::read(request.to_string().as_bytes()).unwrap();
        apply_release(&request).map(|answer| match answer.ops.into_iter().next() {
            Some(crate::Op::Update { redemption, .. }) => Some(redemption),
            Some(crate::Op::Insert { .. } | crate::Op::Add { .. }) | None => None,
        })
    }

    #[test]
    fn a_record_takes_a_hundred_payments() {
        assert_eq!(pay(99, "p-new").unwrap(), ConfirmStatus::Confirmed);
        assert_eq!(pay(100, "p-new").unwrap(), ConfirmStatus::TooManyPayments);
        assert_eq!(pay(100, "p-99").unwrap(), ConfirmStatus::AlreadyReturned);
        let error = pay(101, "p-new").unwrap_err();
        assert_eq!(
            (&*error.path, &*error.message),
            ("redemption.payments", "expected at most 100 payments, found 101")
        );
    }

    #[test]
    fn the_releases_of_a_record_name_a_hundred_thousand_tickets() {
        let many = |named: usize, id: Value| {
            let mut record = record(0, 2);
            record["releases"][0]["tickets"] = vec![0; named].into();
            let release = json!({"id": id, "reason": "refunded"});
            let request = json!({"redemption": record, "release": release, "now_ms": 1800000000000_u64});
            let request: ReleaseRequest = json::read(request.to_string().as_bytes()).unwrap();
            apply_release(&request).map(|answer| answer.ops.len())
        };
        assert_eq!(many(99_999, json!("r-new")).unwrap(), 1);
        let error = many(100_000, json!("r-new")).unwrap_err();
        let expected = "expected no id, because the releases with one name 100000 tickets already";
        assert_eq!((&*error.path, &*error.message), ("release.id", expected));
        assert_eq!(many(100_000, Value::Null).unwrap(), 1);
        assert_eq!(many(100_000, json!("r-1")).unwrap(), 0, "a known one is answered");
    }

    #[test]
    fn a_record_takes_a_thousand_releases_with_an_id() {
        assert_eq!(release(999, json!("r-new")).unwrap().unwrap().releases.len(), 1000);
        let error = release(1000, json!("r-new")).unwrap_err();
        let expected = "expected no id, because the record has 1000 releases with one";
        assert_eq!((&*error.path, &*error.message), ("release.id", expected));
        assert_eq!(release(1000, Value::Null).unwrap().unwrap().releases.len(), 1000);
        assert_eq!(
            release(1000, json!("r-999")).unwrap(),
            None,
            "a known one is answered, and nothing is stored"
        );
        let error = release(1001, Value::Null).unwrap_err();
        assert_eq!(
            (&*error.path, &*error.message),
            ("redemption.releases", "expected at most 1000 releases, found 1001")
        );
    }
}
