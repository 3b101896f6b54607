//! Counts how often each interesting event happened.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Everything that must happen now and then, beside each reason of a refusal. Statuses have their names in JSON.
const INTERESTING: &[&str] = &[
    "accepted",
    "accepted of several codes",
    "a release asked again by its id",
    "a returned payment again, for what it fits",
    "accepted after a stale read",
    "amended",
    "an order over a record of schema 1",
    "budget cut a discount",
    "conflict of a guard",
    "conflict of a record",
    "confirmed above the limits",
    "confirmed after another payment went back",
    "confirmed late",
    "confirmed past its expiry",
    "dry",
    "extended",
    "extended as long as the policy allows",
    "free at once",
    "given back in full",
    "held as long as the policy allows",
    "held as long as was promised under another policy",
    "hold reclaimed by an order",
    "hold swept",
    "kept on release",
    "last use taken",
    "limit added later",
    "limit lowered below what is used",
    "paid for what was amended",
    "partial",
    "pool of two codes in one order",
    "preview",
    "rejected",
    "release of some tickets",
    "replayed",
    "stale by its currency alone",
    "started afresh",
    "the first payment of schema 1",
    "json in and out",
    "json with its keys reversed",
    "irrelevant order",
    "preview beside the order",
    "confirm confirmed",
    "confirm already_confirmed",
    "confirm already_returned",
    "confirm paid_twice",
    "confirm stale_payment",
    "confirm late_payment_conflict",
    "confirm released",
    "release released",
    "release already_released",
    "release already_confirmed",
    "for buyer_released",
    "for organizer_cancelled",
    "for refunded",
    "for exchanged",
    "for forfeited",
    "for no_show",
    "for disputed",
    "for hold_expired",
    "for payment_failed",
];

#[derive(Default)]
pub struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    /// Counts an event.
    pub fn saw(&mut self, what: &str) {
        match self.0.get_mut(what) {
            Some(times) => *times += 1,
            None => {
                self.0.insert(what.to_owned(), 1);
            }
        }
    }

    /// Counts an event if it happened.
    pub fn saw_if(&mut self, happened: bool, what: &str) {
        if happened {
            self.saw(what);
        }
    }

    /// Counts a reason or a status under its name in JSON.
    pub fn saw_named(&mut self, what: &str, name: impl Serialize) {
        let name = serde_json::to_value(name).unwrap();
        self.saw(&format!("{what} {}", name.as_str().unwrap()));
    }

    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what.clone()).or_default() += times;
        }
    }

    /// The events that should have happened more often, with their counts.
    pub fn rarer_than(&self, least: u64) -> Vec<(String, u64)> {
        let contract: Value = serde_json::from_str(include_str!("../../contract/reasons.json")).unwrap();
        let reasons = contract["reasons"].as_array().unwrap().iter();
        let reasons = reasons.map(|reason| format!("reason {}", reason["reason"].as_str().unwrap()));
        let times = |what: String| (self.0.get(&what).copied().unwrap_or_default(), what);
        let all = INTERESTING.iter().map(|what| (*what).to_owned()).chain(reasons).map(times);
        all.filter(|(times, _)| *times < least.max(1)).map(|(times, what)| (what, times)).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|(what, times)| writeln!(f, "{times:>9}  {what}"))
    }
}
