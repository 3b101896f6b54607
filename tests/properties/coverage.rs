//! Counts how often each interesting event happened.

use redeemable::{Discount, Promo};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// What must happen now and then, beside each reason and each field of a promotion. Statuses have their names in JSON.
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
    "kept its time",
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
    "unlocked without a discount",
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

/// [`INTERESTING`], each reason to refuse an order, and each field that a promotion may have.
fn interesting() -> impl Iterator<Item = String> {
    let reasons: Value = serde_json::from_str(include_str!("../../contract/reasons.json")).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../contract/schema.json")).unwrap();
    let reasons = reasons["reasons"].as_array().unwrap().iter().map(|each| each["reason"].as_str().unwrap());
    let fields = schema["$defs"]["Promo"]["properties"].as_object().unwrap().keys();
    let named =
        reasons.map(|reason| format!("reason {reason}")).chain(fields.map(|name| format!("field {name}")));
    // These are not judged yet.
    let judged = |name: &String| !["field automatic"].contains(&name.as_str());
    INTERESTING.iter().map(|what| (*what).to_owned()).chain(named.filter(judged).collect::<Vec<_>>())
}

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

    /// Counts the fields in which a promotion differs from one that gives none.
    pub fn saw_fields(&mut self, promo: &Promo) {
        static NONE: LazyLock<Value> =
            LazyLock::new(|| serde_json::to_value(Promo::new("", Discount::None)).unwrap());
        let given = serde_json::to_value(promo).unwrap();
        for (field, value) in given.as_object().unwrap() {
            self.saw_if(NONE[field] != *value, &format!("field {field}"));
        }
    }

    pub fn add(&mut self, other: &Self) {
        for (what, times) in &other.0 {
            *self.0.entry(what.clone()).or_default() += times;
        }
    }

    pub fn times(&self, what: &str) -> u64 {
        self.0.get(what).copied().unwrap_or_default()
    }

    /// The events that should have happened more often, with their counts.
    pub fn rarer_than(&self, least: u64) -> Vec<(String, u64)> {
        let times = |what: String| {
            let times = self.0.get(&what).copied().unwrap_or_default();
            (what, times)
        };
        interesting().map(times).filter(|(_, times)| *times < least.max(1)).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.iter().try_for_each(|(what, times)| writeln!(f, "{times:>9}  {what}"))
    }
}
