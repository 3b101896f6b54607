//! Checks every record, every step from one record to the next, and the counters. The checks read the stored JSON and
//! share no code with the engine.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> i16 {
    i16::try_from(value.as_i64().unwrap()).unwrap()
}

fn gives_back(charge: &Value, ticket: &Value) -> bool {
    let released = &ticket["released"];
    if charge["back"].is_null() {
        let kept = ["disputed", "forfeited", "no_show"];
        return !released.is_null() && !kept.iter().any(|reason| released["reason"] == *reason);
    }
    list(&charge["back"]).iter().any(|back| {
        let in_time = back["until_ms"].is_null() || released["at_ms"].as_u64() < back["until_ms"].as_u64();
        released["reason"] == back["reason"] && in_time
    })
}

/// What a record holds of each counter: the sum over its tickets that have not been given back, or the whole amount
/// until every ticket has been given back, or one for each group until every ticket of the group has been given back.
/// Each charge says the same.
pub fn held(record: &Value) -> BTreeMap<String, i16> {
    let mut held = BTreeMap::new();
    for charge in list(&record["charges"]) {
        let indexes =
            list(&charge["tickets"]).iter().map(|index| usize::try_from(index.as_u64().unwrap()).unwrap());
        let kept: Vec<bool> = indexes.map(|index| !gives_back(charge, &record["tickets"][index])).collect();
        let each = |place: usize| match &charge["each"] {
            Value::Array(each) => number(&each[place]),
            each => number(each),
        };
        let in_use = |group: &&Value| {
            let index = |index: &Value| usize::try_from(index.as_u64().unwrap()).unwrap();
            list(group).iter().any(|ticket| !gives_back(charge, &record["tickets"][index(ticket)]))
        };
        let groups = list(&charge["groups"]);
        let amount = match &charge["each"] {
            Value::Null if !groups.is_empty() => i16::try_from(groups.iter().filter(in_use).count()).unwrap(),
            Value::Null if kept.contains(&true) => number(&charge["amount"]),
            Value::Null => 0,
            _ => (0..kept.len()).filter(|place| kept[*place]).map(each).sum(),
        };
        let said = number(charge.get("held").unwrap_or(&charge["amount"]));
        assert_eq!(said, amount, "the record says another amount: {record}");
        *held.entry(charge["key"].as_str().unwrap().to_owned()).or_default() += amount;
    }
    held
}

/// The price of the tickets that the buyer has paid for and still has; 0 before the order is paid.
pub fn bought(record: &Value) -> i16 {
    let left = list(&record["tickets"]).iter().filter(|ticket| ticket["released"].is_null());
    let price: i16 = left.map(|ticket| number(&ticket["price"])).sum();
    if record["confirmed_at_ms"].is_null() { 0 } else { price }
}

pub const NEVER_LOST: &str = "a confirmed order is never lost";
pub const STAYS_RELEASED: &str = "a released ticket comes back only by a late payment or a new start";
pub const ONE_REVISION: &str = "every record follows the one before it";

/// The property that is broken by the step from the record `before` to the next record, if any.
pub fn broken(before: &Value, after: &Value) -> Option<&'static str> {
    let follows = after["revision"].as_u64() == Some(before["revision"].as_u64().unwrap_or(0) + 1);
    let unlike = if before.is_null() { None } else { lost(before, after) };
    unlike.or((!follows).then_some(ONE_REVISION))
}

/// The days in which a record is counted.
fn days(record: &Value) -> BTreeSet<&str> {
    let keys = list(&record["charges"]).iter().map(|charge| charge["key"].as_str().unwrap());
    keys.filter_map(|key| key.split_once("/day/")?.1.split('/').next()).collect()
}

/// Whether the step moves the order to another day than the day of its decision, if there was one.
pub fn moves(before: &Value, after: &Value, decided: Option<&str>) -> bool {
    let days = (days(before), days(after));
    days.0 != days.1 && decided.is_none_or(|day| days.1.iter().any(|other| *other != day))
}

fn lost(before: &Value, after: &Value) -> Option<&'static str> {
    let (old, new) = (list(&before["tickets"]), list(&after["tickets"]));
    let same_tickets = old.len() == new.len()
        && old
            .iter()
            .zip(new)
            .all(|(old, new)| (&old["price"], &old["codes"]) == (&new["price"], &new["codes"]));
    let pairs = || old.iter().zip(new).map(|(old, new)| (&old["released"], &new["released"]));
    if !before["confirmed_at_ms"].is_null() {
        let ends_holds =
            |released: &Value| released["reason"] == "hold_expired" || released["reason"] == "payment_failed";
        let kept = pairs().all(|(old, new)| old == new || (old.is_null() && !ends_holds(new)));
        let lost = !same_tickets || !kept || before["confirmed_at_ms"] != after["confirmed_at_ms"];
        return lost.then_some(NEVER_LOST);
    }
    // An unpaid order can be paid, released, held longer, amended or started anew. After an amendment or a new start no
    // ticket has been released yet.
    let afresh = new.iter().all(|ticket| ticket["released"].is_null());
    let paid_late = |old: &Value| after["state"] == "confirmed" && old["reason"] == "hold_expired";
    let kept = pairs().all(|(old, new)| old.is_null() || old == new || (new.is_null() && paid_late(old)));
    let follows = afresh || (same_tickets && kept);
    (!follows).then_some(STAYS_RELEASED)
}
