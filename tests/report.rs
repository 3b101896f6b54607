//! Compares `reportUsage` with a naive sum over records of random orders that are held, paid and released in part.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking, and its figures are small"
)]

#[path = "explain/draw.rs"]
mod draw;

use draw::Draw;
use redeemable::{
    ConfirmRequest, Name, Op, Redemption, ReleaseRequest, ReportRequest, Status, Time, Usage, apply_release,
    confirm_redemption, json, report_usage, validate_redemption,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The numbers of each row, by code, currency, person, state and name.
type Sums = BTreeMap<(String, String, String, String, String), u64>;

/// The record of a random order, at a random point of its life.
fn record(draw: &mut Draw, number: usize) -> Option<Redemption> {
    let mut request = draw.request();
    request.usage = Usage::default();
    request.order.id = Name::new(format!("o-{number}"));
    request.order.hold_until_ms = Time::new(request.now_ms.get() + 3_600_000);
    let decision =
        validate_redemption(&request).ok().filter(|decision| decision.status == Status::Accepted)?;
    let written = |ops: Vec<Op>| {
        ops.into_iter().find_map(|op| match op {
            Op::Insert { redemption } | Op::Update { redemption, .. } => Some(redemption),
            Op::Add { .. } => None,
        })
    };
    let mut record = written(decision.ops)?;
    if draw.percent(60) {
        let paid =
            json!({"redemption": record, "payment": {"id": "p", "total": null}, "now_ms": request.now_ms});
        let paid: ConfirmRequest = json::read(paid.to_string().as_bytes()).unwrap();
        record = written(confirm_redemption(&paid).unwrap().ops).unwrap_or(record);
    }
    for _ in 0..draw.below(3) {
        let reason = draw.of(&["refunded", "forfeited", "no_show", "buyer_released", "hold_expired"]);
        let tickets: Vec<usize> = (0..record.tickets.len()).filter(|_| draw.percent(40)).collect();
        let tickets = if tickets.is_empty() { Value::Null } else { json!(tickets) };
        let release = json!({"reason": reason, "tickets": tickets});
        let back = json!({"redemption": record, "release": release, "now_ms": request.now_ms});
        let back: ReleaseRequest = json::read(back.to_string().as_bytes()).unwrap();
        record = written(apply_release(&back).unwrap().ops).unwrap_or(record);
    }
    Some(record)
}

/// The sums, read from the records' text: a ticket counts for each code on it, and once for all orders.
fn naive(records: &[Redemption], by_person: bool) -> Sums {
    let mut sums = Sums::new();
    for record in records {
        let record = serde_json::to_value(record).unwrap();
        let mut persons = vec![String::new()];
        if by_person {
            persons.extend(
                record["identities"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()),
            );
        }
        let mut add = |code: &str, state: &str, name: &str, by: u64| {
            for person in &persons {
                let currency = record["currency"].as_str().unwrap().to_owned();
                let key = (code.to_owned(), currency, person.clone(), state.to_owned(), name.to_owned());
                *sums.entry(key).or_default() += by;
            }
        };
        let state = record["state"].as_str().unwrap();
        let tickets = record["tickets"].as_array().unwrap();
        add("", state, "orders", 1);
        for ticket in tickets {
            let state = if ticket["released"].is_null() { state } else { "released" };
            let (list, paid) = (ticket["unit_price"].as_u64().unwrap(), ticket["price"].as_u64().unwrap());
            let mut own = vec![(String::new(), list - paid)];
            for (place, code) in ticket["codes"].as_array().unwrap().iter().enumerate() {
                own.push((code.as_str().unwrap().to_owned(), off(ticket, place)));
            }
            for (code, off) in own {
                for (name, by) in [("tickets", 1), ("list", list), ("discount", off), ("paid", paid)] {
                    add(&code, state, name, by);
                }
            }
        }
        for applied in record["applied"].as_array().unwrap() {
            let code = applied["code"].as_str().unwrap();
            add(code, state, "orders", 1);
            let is_own = |charge: &&Value| {
                let key = charge["key"].as_str().unwrap();
                charge["code"] == code
                    && key.starts_with("code/")
                    && key.split('/').count() == 3
                    && key.ends_with("/uses")
            };
            let all = applied["uses"].as_u64().unwrap();
            let taken = match record["charges"].as_array().unwrap().iter().find(is_own) {
                Some(charge) => charge["held"].as_u64().unwrap_or(charge["amount"].as_u64().unwrap()),
                // What applied by itself without a limit is in no counter: its tickets say what is left.
                None => {
                    let has =
                        |ticket: &&Value| ticket["codes"].as_array().unwrap().iter().any(|own| own == code);
                    let left = tickets.iter().filter(has).filter(|ticket| ticket["released"].is_null());
                    let left = u64::try_from(left.count()).unwrap();
                    if applied["uses"] == applied["tickets"] { left } else { all * u64::from(left > 0) }
                }
            };
            for of in ["", code] {
                add(of, if state == "held" { "held" } else { "confirmed" }, "uses", taken);
                add(of, "released", "uses", all - taken);
            }
        }
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

/// What the code at this place of the ticket's codes took off.
fn off(ticket: &Value, place: usize) -> u64 {
    let all = ticket["unit_price"].as_u64().unwrap() - ticket["price"].as_u64().unwrap();
    // A record of an older version does not say it: there it is all of the first code.
    ticket["off"][place].as_u64().unwrap_or(if place == 0 { all } else { 0 })
}

fn told(records: &[Redemption], by_person: bool) -> Sums {
    let report = report_usage(&ReportRequest { redemptions: records.to_vec(), by_person }).unwrap();
    let report = serde_json::to_value(&report).unwrap();
    let mut sums = Sums::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for row in report["rows"].as_array().unwrap() {
        for state in ["held", "confirmed", "released"] {
            for (name, number) in row[state].as_object().unwrap() {
                let key = (
                    text(&row["code"]),
                    text(&row["currency"]),
                    text(&row["person"]),
                    state.to_owned(),
                    name.clone(),
                );
                assert!(sums.insert(key, number.as_u64().unwrap()).is_none(), "a row twice: {row}");
            }
        }
    }
    sums.retain(|_, sum| *sum > 0);
    sums
}

#[test]
fn the_report_is_the_sum_of_its_records() {
    let mut draw = Draw::new(7);
    let mut seen = [0_usize; 3];
    for round in 0..400 {
        let records: Vec<_> = (0..30).filter_map(|number| record(&mut draw, number)).collect();
        seen[0] +=
            records.iter().filter(|one| one.tickets.iter().any(|ticket| ticket.codes.len() > 1)).count();
        seen[1] +=
            records.iter().filter(|one| one.tickets.iter().any(|ticket| ticket.released.is_some())).count();
        seen[2] += records.iter().filter(|one| one.confirmed_at_ms.is_some()).count();
        let by_person = round % 2 == 0;
        let all = told(&records, by_person);
        assert_eq!(all, naive(&records, by_person));
        // A host reports shares of the records, and adds up.
        let mut shares = Sums::new();
        for share in records.chunks(7) {
            for (key, sum) in told(share, by_person) {
                *shares.entry(key).or_default() += sum;
            }
        }
        assert_eq!(shares, all);
    }
    println!("records with several codes on a ticket, released tickets, paid: {seen:?}");
    assert!(seen.iter().all(|count| *count > 100), "{seen:?}");
}
