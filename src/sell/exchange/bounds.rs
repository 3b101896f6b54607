//! Tests of how much a record remembers.

#[cfg(test)]
mod tests {

    use crate::json::read;
    use crate::*;
    use serde_json::{Value, json};

    const NOW: u64 = 1_800_000_000_000;

    fn many(count: usize, note: impl Fn(usize) -> Value) -> Vec<Value> {
        (0..count).map(note).collect()
    }

    fn payments(count: usize) -> Vec<Value> {
        many(count, |nth| json!({"id": format!("p-{nth}"), "outcome": "returned", "at_ms": NOW}))
    }

    fn record(id: &str, payments: Vec<Value>, releases: Vec<Value>) -> Value {
        json!({
            "schema": 2, "id": id, "revision": 2, "state": "confirmed", "event_id": "gala", "currency": "EUR",
            "codes": [], "identities": [], "tickets": [{"line": 0, "unit_price": 5, "price": 5, "codes": []}],
            "applied": [], "charges": [], "created_at_ms": NOW, "confirmed_at_ms": NOW,
            "payments": payments, "releases": releases,
        })
    }

    fn ask(old: Value, existing: Option<Value>, payment: Option<&str>) -> Result<ExchangeAnswer, Error> {
        let price = if payment.is_some() { 6 } else { 5 };
        let order = json!({
            "id": "o-2", "event_id": "gala", "currency": "EUR", "lines": [{"unit_price": price, "quantity": 1}]
        });
        let request = json!({
            "redemption": old, "payment": payment.map(|id| json!({"id": id})), "now_ms": NOW,
            "request": {"codes": [], "promos": [], "order": order, "usage": {"existing": existing}},
        });
        read(request.to_string().as_bytes()).and_then(|request| exchange_redemption(&request))
    }

    #[test]
    fn a_full_list_of_payments_takes_none() {
        let says = |old: usize, held: Option<usize>, payment| {
            let held = held.map(|count| {
                let mut held = record("o-2", payments(count), Vec::new());
                held["state"] = "held".into();
                held["expires_at_ms"] = (NOW + 1).into();
                held["confirmed_at_ms"] = Value::Null;
                held
            });
            let answer = ask(record("o-1", payments(old), Vec::new()), held, Some(payment)).unwrap();
            (answer.status, answer.money.unwrap(), answer.ops.is_empty())
        };
        let full = (ExchangeStatus::TooManyPayments, Money::Returned, true);
        let made = (ExchangeStatus::Accepted, Money::Kept, false);
        assert_eq!(says(99, None, "p-new"), made);
        assert_eq!(says(100, None, "p-new"), full);
        assert_eq!(says(0, Some(99), "p-new"), made);
        assert_eq!(says(0, Some(100), "p-new"), full);
        let known = (ExchangeStatus::AlreadyReturned, Money::Returned, true);
        assert_eq!([says(100, None, "p-99"), says(0, Some(100), "p-99")], [known, known]);
        let without = ask(record("o-1", payments(100), Vec::new()), None, None).unwrap();
        assert_eq!((without.status, without.money), (ExchangeStatus::Accepted, None));
    }

    #[test]
    fn a_full_list_takes_no_payment_of_an_exchange_that_was_made() {
        let says = |count| {
            let mut made = record("o-2", payments(count), Vec::new());
            made["tickets"][0]["unit_price"] = 6.into();
            made["tickets"][0]["price"] = 6.into();
            made["exchanged"] = json!({"from": "o-1", "credit": 5, "due": 1, "refundable": 0});
            let answer = ask(record("o-1", Vec::new(), Vec::new()), Some(made), Some("p-new")).unwrap();
            (answer.status, answer.money, answer.ops.is_empty())
        };
        assert_eq!(says(99), (ExchangeStatus::PaidTwice, Some(Money::Returned), false));
        assert_eq!(says(100), (ExchangeStatus::TooManyPayments, Some(Money::Returned), true));
    }

    #[test]
    fn a_record_notes_a_thousand_releases() {
        let release = |tickets: usize| {
            move |nth| {
                json!({
                    "id": format!("r-{nth}"), "reason": "refunded", "tickets": vec![0; tickets], "refundable": 0,
                    "at_ms": NOW
                })
            }
        };
        let says = |releases| ask(record("o-1", Vec::new(), releases), None, None);
        assert_eq!(says(many(999, release(0))).unwrap().status, ExchangeStatus::Accepted);
        assert_eq!(says(many(1, release(99_999))).unwrap().status, ExchangeStatus::Accepted);
        let expected = "expected less than 1000 releases that name at most 100000 tickets together";
        for releases in [many(1000, release(0)), many(1, release(100_000))] {
            let error = says(releases).unwrap_err();
            assert_eq!((&*error.path, &*error.message), ("redemption.releases", expected));
        }
    }
}
