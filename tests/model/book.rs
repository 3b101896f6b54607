//! The book remembers the answers of the engine, in numbers: each question is asked only once.

use redeemable::json;
use serde_json::{Value, json};
use std::collections::HashMap;

use crate::audit;
use crate::sales::{Ask as Report, Sale, TODAY, Task, YESTERDAY, today};
use crate::store::{Guard, KEYS, MISSING, Money, ORDERS, Op, Record, used};

/// Two ticks before the midnight of the sale at midnight: 2027-01-15 at 08:00 in UTC, eight hours behind UTC.
pub const START_MS: u64 = 1_800_000_000_000 - 2 * TICK_MS;
const TICK_MS: u64 = 60_000;

/// A question to the engine, with everything on which the answer depends.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ask {
    pub host: u8,
    pub task: u8,
    pub now: u8,
    /// The record that the host has read.
    pub record: Record,
    pub counters: [i16; KEYS],
    /// The lapsed holds that the host passes.
    pub lapsed: [Record; ORDERS],
}

pub struct Answer {
    pub ask: Ask,
    pub ops: Vec<Op>,
    /// The names of the events (see `SOMETIMES` in model.rs) that this answer shows.
    pub saw: Vec<&'static str>,
    /// The keys of the counters that refused.
    pub short: [bool; KEYS],
    /// The money that the host pays back in the same transaction.
    pub refund: i16,
    /// The payment that was reported, and the final owner of its money.
    pub money: Option<(usize, Money)>,
    /// The question was a purchase.
    pub buys: bool,
    /// The payment was confirmed although limits are exceeded.
    pub over_limit: bool,
}

/// A stored record as JSON, and what the auditor found in it.
struct Page {
    json: Value,
    held: [i16; KEYS],
}

pub struct Book<'a> {
    sale: &'a Sale,
    removed: Option<Guard>,
    keys: Vec<String>,
    /// The limit of each counter in the sale.
    pub limits: [Option<i16>; KEYS],
    pages: Vec<Page>,
    records: HashMap<String, Record>,
    pub answers: Vec<Answer>,
    asked: HashMap<Ask, u32>,
    /// The counters that a host reads before it asks, for each host, task and time.
    reads: HashMap<(u8, u8, u8), [bool; KEYS]>,
}

fn ms(tick: u8) -> u64 {
    START_MS + u64::from(tick) * TICK_MS
}

impl<'a> Book<'a> {
    pub fn new(sale: &'a Sale, removed: Option<Guard>) -> Self {
        let nothing = Page { json: Value::Null, held: [0; KEYS] };
        let (records, asked, reads) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (keys, pages, answers, limits) = (Vec::new(), vec![nothing], Vec::new(), [None; KEYS]);
        Self { sale, removed, keys, limits, pages, records, answers, asked, reads }
    }

    pub fn json(&self, record: Record) -> &Value {
        &self.pages[usize::from(record)].json
    }
    pub fn held(&self, record: Record) -> &[i16; KEYS] {
        &self.pages[usize::from(record)].held
    }
    /// The record's revision; 0 if there is no record.
    pub fn revision(&self, record: Record) -> u64 {
        self.json(record)["revision"].as_u64().unwrap_or(0)
    }
    pub fn has_lapsed(&self, record: Record, now: u8) -> bool {
        self.json(record)["expires_at_ms"].as_u64().is_some_and(|expires| expires <= ms(now))
    }
    /// Whether the order lapsed and was released unpaid: only then does a payment need to know what is used.
    pub fn may_come_back(&self, record: Record) -> bool {
        let record = self.json(record);
        let expired = |ticket: &Value| ticket["released"]["reason"] == "hold_expired";
        record["state"] == "released" && record["tickets"].as_array().unwrap().iter().any(expired)
    }
    pub fn tickets(&self, record: Record) -> usize {
        self.json(record)["tickets"].as_array().map_or(0, Vec::len)
    }
    /// Whether the counter is one of a period that is over.
    pub fn is_over(&self, key: usize, now: u8) -> bool {
        today(now) == TODAY && self.keys.get(key).is_some_and(|key| key.contains(YESTERDAY))
    }
    /// Whether the counter is one of a day or week.
    pub fn is_of_a_period(&self, key: usize) -> bool {
        self.keys.get(key).is_some_and(|key| key.contains("/day/") || key.contains("/week/"))
    }

    fn key(&mut self, key: &str) -> usize {
        let place = self.keys.iter().position(|known| known == key);
        place.unwrap_or_else(|| {
            self.keys.push(key.to_owned());
            assert!(self.keys.len() <= KEYS, "more counters than the model has rows for: {:?}", self.keys);
            let limit = self.sale.limits.iter().find(|(limited, _)| *limited == key);
            self.limits[self.keys.len() - 1] = limit.map(|(_, most)| *most);
            self.keys.len() - 1
        })
    }

    fn order(&self, id: &Value) -> usize {
        self.sale.orders.iter().position(|(order, _)| id == order).unwrap()
    }

    fn record(&mut self, json: &Value) -> Record {
        let text = json.to_string();
        if let Some(record) = self.records.get(&text) {
            return *record;
        }
        let mut held = [0; KEYS];
        for (key, amount) in audit::held(json) {
            held[self.key(&key)] = amount;
        }
        self.pages.push(Page { json: json.clone(), held });
        let record = Record::try_from(self.pages.len() - 1).unwrap();
        self.records.insert(text, record);
        record
    }

    /// Asks the engine, or returns the remembered answer: the same question always has the same answer.
    pub fn ask(&mut self, ask: Ask) -> u32 {
        if let Some(answer) = self.asked.get(&ask) {
            return *answer;
        }
        let answer = self.answer(ask);
        self.answers.push(answer);
        let number = u32::try_from(self.answers.len() - 1).unwrap();
        self.asked.insert(ask, number);
        number
    }

    /// Which counters the host reads for a purchase, as the engine's `usageKeys` says.
    pub fn reads(&mut self, host: u8, task: u8, now: u8) -> [bool; KEYS] {
        if let Some(reads) = self.reads.get(&(host, task, now)) {
            return *reads;
        }
        let request =
            self.purchase(&self.sale.hosts[usize::from(host)][usize::from(task)], now, &Value::Null);
        let keys = json::usage_keys(request.to_string().as_bytes()).unwrap();
        let mut reads = [false; KEYS];
        for key in serde_json::from_str::<Vec<String>>(&keys).unwrap() {
            reads[self.key(&key)] = true;
        }
        self.reads.insert((host, task, now), reads);
        reads
    }

    fn purchase(&self, task: &Task, now: u8, usage: &Value) -> Value {
        let Task::Buy { order, code, tickets } = task else { unreachable!("no purchase") };
        let (id, email) = self.sale.orders[*order];
        let order = json!({
            "id": id, "event_id": "gala", "currency": "EUR", "identities": {"email": email},
            "lines": [{"unit_price": 10, "quantity": tickets}], "hold_until_ms": ms(now + self.sale.hold),
        });
        json!({
            "codes": [code], "promos": self.sale.promos(), "policy": self.sale.policy(),
            "order": order, "usage": usage, "now_ms": ms(now),
        })
    }

    fn answer(&mut self, ask: Ask) -> Answer {
        let task = &self.sale.hosts[usize::from(ask.host)][usize::from(ask.task)];
        let counted = self.keys.iter().zip(ask.counters).filter(|(_, counter)| *counter != MISSING);
        let counters: Value = counted.map(|(key, counter)| (key.clone(), json!(used(counter)))).collect();
        let record = self.json(ask.record);
        let lapsed: Vec<&Value> =
            ask.lapsed.iter().filter(|hold| **hold > 0).map(|hold| self.json(*hold)).collect();
        let (call, request): (fn(&[u8]) -> _, Value) = match task {
            Task::Buy { .. } => {
                let usage = json!({"counters": counters, "existing": record, "lapsed": lapsed});
                (json::validate_redemption, self.purchase(task, ask.now, &usage))
            }
            Task::Pay { payment, ask: how, .. } => {
                let (usage, (_, id, total)) = (json!({"counters": counters}), self.sale.payments[*payment]);
                let request = json!({
                    "redemption": record, "payment": {"id": id, "total": total, "currency": "EUR"},
                    "usage": usage, "now_ms": ms(ask.now),
                    "over_limit": *how == Report::OverLimit, "dry": *how == Report::Dry,
                });
                (json::confirm_redemption, request)
            }
            Task::Release { id, reason, tickets, .. } => {
                let release = json!({"id": id, "reason": reason, "tickets": tickets});
                let request = json!({"redemption": record, "release": release, "now_ms": ms(ask.now)});
                (json::apply_release, request)
            }
            Task::Sweep { .. } => {
                let release = json!({"reason": "hold_expired"});
                let request = json!({"redemption": record, "release": release, "now_ms": ms(ask.now)});
                (json::apply_release, request)
            }
            Task::Reset | Task::Prune => unreachable!("asks nothing"),
        };
        let answer =
            call(request.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {request}"));
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        let before = record.clone();
        self.spoil(ask.now, &before, &mut answer);
        let mut given = self.in_numbers(ask, &before, &answer);
        if let Task::Pay { payment, ask: Report::Plainly | Report::OverLimit, .. } = task {
            let money = if answer["money"] == "kept" { Money::Kept } else { Money::Returned };
            given.money = Some((*payment, money));
        }
        given
    }

    /// Changes the answer into that of an engine without one of its guards.
    fn spoil(&self, now: u8, before: &Value, answer: &mut Value) {
        let (buys, releases) = (!answer["quote"].is_null(), !answer["refundable"].is_null());
        let forgets = match self.removed {
            Some(Guard::KeepsPayments) => buys && before["state"] == "held",
            Some(Guard::KeepsPaymentsAnew) => buys && before["state"] == "released",
            _ => false,
        };
        if forgets && answer["ops"][0]["redemption"].is_object() {
            answer["ops"][0]["redemption"]["payments"] = json!([]);
        }
        match self.removed {
            Some(Guard::NotesReturned) if answer["money"] == "returned" => answer["ops"] = json!([]),
            Some(Guard::NotesKept) if answer["status"] == "confirmed" && !answer["ops"].is_null() => {
                if let Some(payments) = answer["ops"][0]["redemption"]["payments"].as_array_mut() {
                    payments.pop();
                }
            }
            Some(Guard::PaysInPeriod) if answer["status"] == "confirmed" => {
                move_to(today(now), &mut answer["ops"])
            }
            Some(Guard::ReleasesInPeriod) if !answer["refundable"].is_null() => {
                let adds = answer["ops"].as_array_mut().unwrap().iter_mut().filter(|op| op["op"] == "add");
                adds.for_each(|add| move_to(today(now), add));
            }
            Some(guard @ (Guard::WholeOrder | Guard::WholeGroup)) if releases && keeps_some(answer) => {
                let ops = answer["ops"].as_array_mut().unwrap();
                let charges = ops[0]["redemption"]["charges"].as_array().unwrap().clone();
                let of_groups = guard == Guard::WholeGroup;
                let once = charges
                    .into_iter()
                    .filter(|charge| charge["each"].is_null() && charge["groups"].is_null() != of_groups);
                ops.extend(once.map(|charge| json!({"op": "add", "key": charge["key"], "by": -1})));
            }
            _ => {}
        }
    }

    fn in_numbers(&mut self, ask: Ask, before: &Value, answer: &Value) -> Answer {
        let amount = |value: &Value| i16::try_from(value.as_i64().unwrap()).unwrap();
        let ops = answer["ops"].as_array().unwrap().iter().map(|op| match op["op"].as_str().unwrap() {
            "insert" => {
                let record = &op["redemption"];
                Op::Insert { order: self.order(&record["id"]), record: self.record(record) }
            }
            "update" => Op::Update {
                order: self.order(&op["id"]),
                revision: op["revision"].as_u64().unwrap(),
                record: self.record(&op["redemption"]),
            },
            _ => Op::Add {
                key: self.key(op["key"].as_str().unwrap()),
                by: amount(&op["by"]),
                at_most: op["at_most"].as_i64().map(|most| i16::try_from(most).unwrap()),
            },
        });
        let ops: Vec<Op> = ops.collect();
        let mut short = [false; KEYS];
        for violation in answer["violations"].as_array().into_iter().flatten() {
            if let Some(key) = violation["counter"].as_str() {
                short[self.key(key)] = true;
            }
        }
        // A payment that an organiser accepts above the limits is checked against no limit, whatever the host has read.
        let task = &self.sale.hosts[usize::from(ask.host)][usize::from(ask.task)];
        let unguarded =
            matches!(task, Task::Pay { ask: Report::OverLimit, .. }) && before["state"] == "released";
        let over_limit = unguarded && answer["status"] == "confirmed";
        let mut saw = saw(before, answer, ask.lapsed != [0; ORDERS], over_limit);
        let after = answer["ops"][0]["redemption"]["charges"].to_string();
        let yesterday = today(ask.now) == TODAY && after.contains(YESTERDAY);
        saw.extend(
            (yesterday && answer["status"] == "confirmed")
                .then_some("a late payment is charged to yesterday"),
        );
        saw.extend((yesterday && !answer["refundable"].is_null()).then_some("a use of yesterday comes back"));
        let charges = answer["ops"][0]["redemption"]["charges"].as_array().into_iter().flatten();
        let is_once = |charge: &Value| charge["each"].is_null() && charge["groups"].is_null();
        let once = keeps_some(answer) && charges.into_iter().any(is_once);
        saw.extend(once.then_some("a use of the whole order stays, and a ticket goes"));
        let in_groups = keeps_some(answer) && after.contains(r#""groups":[["#);
        let comes_back = answer["ops"].as_array().unwrap().iter().any(|op| op["by"] == -1);
        saw.extend((in_groups && !comes_back).then_some("a group's use stays, and a ticket goes"));
        saw.extend((in_groups && comes_back).then_some("a group's use comes back with its last ticket"));
        // If the plan is empty, the record knows the release: its money was paid back when it was first answered.
        let refund = if ops.is_empty() { None } else { answer["refundable"].as_i64() };
        let refund = refund.map_or(0, |amount| i16::try_from(amount).unwrap());
        let buys = matches!(task, Task::Buy { .. });
        Answer { ask, ops, saw, short, refund, money: None, buys, over_limit }
    }
}

/// Moves what is counted yesterday to another day.
fn move_to(day: &str, ops: &mut Value) {
    *ops = serde_json::from_str(&ops.to_string().replace(YESTERDAY, day)).unwrap();
}

/// Whether the answer releases some tickets of an order and leaves others.
fn keeps_some(answer: &Value) -> bool {
    answer["status"] == "released" && answer["ops"][0]["redemption"]["state"] != "released"
}

/// The names of the events that this answer shows.
fn saw(before: &Value, answer: &Value, offered: bool, over_limit: bool) -> Vec<&'static str> {
    let some = |list: &Value| list.as_array().is_some_and(|list| !list.is_empty());
    let (plan, state) = (some(&answer["ops"]), &before["state"]);
    let mut saw = Vec::new();
    if !answer["quote"].is_null() {
        let accepted = answer["status"] == "accepted";
        let replayed = answer["replayed"] == true;
        let judged = accepted && !replayed && plan;
        let partial = answer["applied"].as_array().unwrap().iter().any(|applied| applied["partial"] == true);
        for (happens, name) in [
            (replayed && !plan, "replayed"),
            (replayed && plan, "a hold is extended"),
            (judged && state == "held", "amended"),
            (judged && state == "released", "started afresh"),
            (judged && partial, "a code gives what is left"),
            (judged && offered, "an order reclaims a lapsed hold"),
        ] {
            saw.extend(happens.then_some(name));
        }
        for violation in answer["violations"].as_array().unwrap() {
            let names = [
                "uses_exhausted",
                "identity_uses_exhausted",
                "period_uses_exhausted",
                "period_identity_uses_exhausted",
                "pool_exhausted",
                "pool_identity_uses_exhausted",
                "free_tickets_exhausted",
                "already_confirmed",
            ];
            saw.extend(names.into_iter().filter(|name| violation["reason"] == **name));
        }
    } else if answer["refundable"].is_null() {
        for (happens, name) in [
            (
                answer["status"] == "confirmed" && state == "released" && !over_limit,
                "a late payment brings the tickets back",
            ),
            (over_limit && some(&answer["violations"]), "a late payment is let in over the limit"),
        ] {
            saw.extend(happens.then_some(name));
        }
        let names = [
            ("late_payment_conflict", "late_payment_conflict"),
            ("stale_payment", "stale_payment"),
            ("already_confirmed", "a kept payment is reported again"),
            ("already_returned", "a returned payment is reported again"),
            ("paid_twice", "paid twice"),
            ("released", "paid after a release"),
        ];
        saw.extend(names.into_iter().find(|(name, _)| answer["status"] == **name).map(|(_, tell)| tell));
    } else {
        let left = answer["ops"][0]["redemption"]["state"] != "released";
        for (happens, name) in [
            (answer["status"] == "released" && left, "some tickets are released"),
            (answer["status"] == "already_released", "released twice"),
            (!plan && some(&answer["tickets"]), "a release is asked again by its id"),
            (answer["status"] == "already_confirmed", "a hold is ended that was paid meanwhile"),
            (answer["refundable"].as_i64() > Some(0), "paid back"),
        ] {
            saw.extend(happens.then_some(name));
        }
    }
    saw
}
