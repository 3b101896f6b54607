//! Random lives of orders with payments, releases and exchanges, retried and interrupted: after every step no use and
//! no money was created or lost, and the counters are what the records say. A naive model (`exchanges/model.rs`) says
//! what each answer must be.
//!
//! `REDEEMABLE_LIVES` is the number of lives, `REDEEMABLE_SEED` the seed that draws them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test fails by panicking, and its figures are small"
)]

#[path = "exchanges/model.rs"]
mod model;
#[path = "properties/store.rs"]
mod store;

use model::{Answer, Asked, Code, Order, Shop, Wanted};
use redeemable::{AuditRequest, Money, audit_usage, json};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{Failed, Store, without_zeros};

const START: u64 = 1_800_000_000_000;
const MINUTE: u64 = 60_000;
const USES: &str = "code/event:gala:SUMMER/uses";
const SPEND: &str = "code/event:gala:SUMMER/spend/EUR";

/// Draws numbers: SplitMix64, so that a seed draws the same on every machine.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }
    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(u64::try_from(all.len()).unwrap())).unwrap()].clone()
    }
}

struct Life {
    draw: Draw,
    store: Store,
    /// The store as it was some steps ago, which a slow host has read.
    stale: Store,
    shop: Shop,
    code: Code,
    now: u64,
    /// What went in and out of the till: kept payments, what was paid back, and what buyers have forgone.
    kept: u64,
    refunded: u64,
    forgone: u64,
    /// The order to which each payment was reported.
    noted: BTreeMap<String, String>,
    /// The last exchange that was asked for.
    last: Option<Asked>,
    seen: BTreeMap<String, u64>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let mut draw = Draw(seed);
        let code = Code {
            percent: draw.of(&[10, 33, 50, 100]),
            max_uses: draw.of(&[None, Some(2), Some(5)]),
            ends: draw.of(&[None, Some(START + 20 * MINUTE), Some(START + 60 * MINUTE)]),
            gives_back: !draw.one_in(4),
        };
        Self {
            draw,
            store: Store::default(),
            stale: Store::default(),
            shop: Shop::default(),
            code,
            now: START,
            kept: 0,
            refunded: 0,
            forgone: 0,
            noted: BTreeMap::new(),
            last: None,
            seen: BTreeMap::new(),
        }
    }

    fn saw(&mut self, what: String) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn promo(&self) -> Value {
        let give = if self.code.gives_back { "restore" } else { "keep" };
        json!({
            "code": "SUMMER", "discount_percent": self.code.percent, "max_uses": self.code.max_uses,
            "ends_at_ms": self.code.ends, "release": {"exchanged": {"uses": give}},
        })
    }

    fn order(&self, wanted: &Wanted, until: Option<u64>) -> Value {
        let line = |unit: &u64| json!({"ticket_type": "seat", "unit_price": unit, "quantity": 1});
        json!({
            "id": wanted.id, "event_id": "gala", "currency": "EUR",
            "lines": wanted.units.iter().map(line).collect::<Vec<_>>(), "hold_until_ms": until,
        })
    }

    fn codes(wanted: &Wanted) -> &'static [&'static str] {
        if wanted.code { &["summer"] } else { &[] }
    }

    fn wanted(&mut self, id: String) -> Wanted {
        let count = 1 + self.draw.below(3);
        let units = (0..count).map(|_| self.draw.of(&[1000, 1000, 1001, 3000, 0])).collect();
        Wanted { id, units, code: !self.draw.one_in(3) }
    }

    fn some_order(&mut self) -> Option<String> {
        let ids: Vec<String> = self.shop.orders.keys().cloned().collect();
        (!ids.is_empty()).then(|| self.draw.of(&ids))
    }

    /// Asks the engine with what was read of a store.
    fn ask<T: serde::de::DeserializeOwned, A>(
        request: Value,
        verb: fn(&T) -> Result<A, redeemable::Error>,
    ) -> A {
        let read: T =
            json::read(request.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {request}"));
        verb(&read).unwrap_or_else(|error| panic!("{error}: {request}"))
    }

    fn usage(store: &Store, id: &str) -> Value {
        let existing = store.redemptions.get(id).map(|record| (**record).clone());
        json!({"counters": store.counters, "existing": existing})
    }

    fn step(&mut self) {
        match self.draw.below(16) {
            0 => self.now += (1 + self.draw.below(20)) * MINUTE,
            1 => self.stale = self.store.clone(),
            2..=4 => self.buy(),
            5..=7 => self.pay(),
            8 => self.release(),
            9..=10 => {
                // The answer was lost, or the host was restarted: it asks once more.
                if let Some(mut asked) = self.last.clone() {
                    let another = format!("{}-p{}", asked.wanted.id, self.draw.below(4));
                    if self.draw.one_in(3) && self.noted.get(&another).is_none_or(|id| *id == asked.wanted.id)
                    {
                        asked.payment = Some((another, None));
                    }
                    self.exchange(asked);
                }
            }
            _ => {
                if let Some(asked) = self.asked() {
                    self.exchange(asked);
                }
            }
        }
    }

    fn buy(&mut self) {
        let id = format!("o-{}", self.draw.below(5));
        let mut wanted = self.wanted(id.clone());
        if let Some(before) = self.shop.orders.get(&id).filter(|_| self.now.is_multiple_of(2)) {
            wanted = Wanted { units: before.tickets.iter().map(|t| t.unit).collect(), code: before.code, id };
        }
        let until = self.now + 15 * MINUTE;
        let request = json!({
            "codes": Self::codes(&wanted), "promos": [self.promo()], "order": self.order(&wanted, Some(until)),
            "usage": Self::usage(&self.store, &wanted.id), "now_ms": self.now,
        });
        let answer = Self::ask(request, redeemable::validate_redemption);
        let expected = self.shop.buy(&wanted, &self.code, self.now, until);
        let reasons: Vec<String> = answer.violations.iter().map(|v| named(&v.reason)).collect();
        match expected {
            Ok(replayed) => {
                assert!(reasons.is_empty() && answer.replayed == replayed, "{wanted:?}: {answer:?}")
            }
            Err(expected) => assert_eq!(reasons, expected, "{wanted:?} at {}: {answer:?}", self.now),
        }
        self.store.commit(&answer.ops).unwrap();
    }

    fn pay(&mut self) {
        let Some(id) = self.some_order() else { return };
        let total = self.shop.orders[&id].worth() + self.draw.of(&[0, 0, 0, 1]);
        let payment = format!("{id}-p{}", self.draw.below(4));
        // One payment is reported for one order.
        if self.noted.get(&payment).is_some_and(|order| *order != id) {
            return;
        }
        let redemption = &*self.store.redemptions[&id];
        let request = json!({
            "redemption": redemption, "payment": {"id": payment, "total": total, "currency": "EUR"},
            "now_ms": self.now,
        });
        let answer = Self::ask(request, redeemable::confirm_redemption);
        let (status, kept) = self.shop.pay(&id, &payment, total);
        assert_eq!(
            (named(&answer.status).as_str(), answer.money == Money::Kept),
            (status, kept),
            "{answer:?}"
        );
        self.kept += if status == "confirmed" { total } else { 0 };
        self.saw(format!("pay {status}"));
        self.noted.insert(payment, id);
        self.store.commit(&answer.ops).unwrap();
    }

    fn release(&mut self) {
        let Some(id) = self.some_order() else { return };
        let count = self.shop.orders[&id].tickets.len();
        let tickets: Vec<usize> = (0..count).filter(|_| self.draw.one_in(2)).collect();
        if tickets.is_empty() {
            return;
        }
        let (reason, returned) = self.draw.of(&[("buyer_released", true), ("no_show", false)]);
        // Now and then under the id of an order.
        let release = self.draw.of(&["r-0", "r-1", "r-2", "o-3"]);
        let request = json!({
            "redemption": &*self.store.redemptions[&id],
            "release": {"id": release, "reason": reason, "tickets": tickets}, "now_ms": self.now,
        });
        let answer = Self::ask(request, redeemable::apply_release);
        let (status, refundable) = self.shop.release(&id, release, &tickets, returned);
        assert_eq!(
            (named(&answer.status).as_str(), answer.refundable.get()),
            (status, refundable),
            "{answer:?}"
        );
        self.refunded += if status == "released" { refundable } else { 0 };
        self.store.commit(&answer.ops).unwrap();
    }

    fn asked(&mut self) -> Option<Asked> {
        let from = self.some_order()?;
        let id = format!("o-{}", self.draw.below(12));
        if id == from {
            return None;
        }
        let mut wanted = self.wanted(id);
        let order = &self.shop.orders[&from];
        let (code, units) = (order.code, order.left().map(|ticket| ticket.unit).collect::<Vec<_>>());
        if self.draw.one_in(3) && !units.is_empty() {
            (wanted.code, wanted.units) = (code, units);
        }
        let count = self.shop.orders[&from].tickets.len();
        let some: Vec<usize> = (0..count).filter(|_| self.draw.one_in(2)).collect();
        let tickets = Some(some).filter(|some| !some.is_empty() && !self.draw.one_in(3));
        let refund = self.draw.one_in(2);
        let mut asked = Asked { from: from.clone(), tickets, wanted, payment: None, refund };
        if self.draw.one_in(2) {
            let due = self.shop.clone().exchange(&asked, &self.code, self.now).due;
            let total = self.draw.of(&[Some(due), Some(due), Some(due), Some(due + 1), None]);
            let owner = if self.draw.one_in(6) { from } else { asked.wanted.id.clone() };
            let payment = format!("{owner}-p{}", self.draw.below(4));
            let others = |order: &String| *order != asked.from && *order != asked.wanted.id;
            if self.noted.get(&payment).is_some_and(others) {
                return None;
            }
            asked.payment = Some((payment, total));
        }
        Some(asked)
    }

    fn exchange(&mut self, asked: Asked) {
        self.last = Some(asked.clone());
        let mut read = self.store.clone();
        // A slow host has read earlier. What it decides is stored only if nobody was faster.
        let slow = self.draw.one_in(6) && self.stale.redemptions.contains_key(&asked.from);
        if slow {
            read = self.stale.clone();
        }
        // The order was amended since, and does not have these tickets any more: that is an error, not an answer.
        let count = read.redemptions[&asked.from].tickets.len();
        if asked.tickets.iter().flatten().any(|index| *index >= count) {
            return;
        }
        let answer = self.ask_exchange(&asked, &read);
        // The host crashes before it stores the plan: nothing has happened.
        if self.draw.one_in(8) {
            return;
        }
        if !slow {
            return self.settle(&asked, answer, true);
        }
        match self.store.clone().commit(&answer.ops) {
            Ok(()) if answer.ops.is_empty() => {} // answered from what was read
            Ok(()) if answer.status == redeemable::ExchangeStatus::Accepted => {
                self.saw("stored after a stale read".into());
                self.settle(&asked, answer, false);
            }
            Ok(()) => {
                // Why nothing is exchanged may be old news, but the payment goes back.
                let (payment, _) = asked.payment.unwrap();
                let Some(redeemable::Op::Update { id, .. }) = answer.ops.first() else {
                    panic!("{answer:?}")
                };
                self.shop.orders.get_mut(&**id).unwrap().payments.insert(payment.clone(), false);
                self.noted.insert(payment, id.to_string());
                self.store.commit(&answer.ops).unwrap();
            }
            Err(Failed::Drift(key)) => panic!("drift of {key}: {answer:?}"),
            Err(_) => {
                self.saw("conflict".into());
                self.exchange(asked);
            }
        }
    }

    fn ask_exchange(&self, asked: &Asked, read: &Store) -> redeemable::ExchangeAnswer {
        let payment = asked.payment.as_ref();
        let payment = payment.map(|(id, total)| json!({"id": id, "total": total, "currency": "EUR"}));
        let request = json!({
            "redemption": &*read.redemptions[&asked.from], "tickets": asked.tickets,
            "request": {
                "codes": Self::codes(&asked.wanted), "promos": [self.promo()],
                "order": self.order(&asked.wanted, None), "usage": Self::usage(read, &asked.wanted.id),
            },
            "payment": payment, "refund": asked.refund, "now_ms": self.now,
        });
        Self::ask(request, redeemable::exchange_redemption)
    }

    /// Stores the plan, and compares the answer with the model's.
    fn settle(&mut self, asked: &Asked, answer: redeemable::ExchangeAnswer, fresh: bool) {
        let expected = self.shop.exchange(asked, &self.code, self.now);
        let found = Answer {
            status: expected.status,
            replayed: answer.replayed,
            due: answer.due.get(),
            refundable: answer.refundable.get(),
            forgone: answer.forgone.get(),
            kept: answer.money.map(|money| money == Money::Kept),
            reasons: expected.reasons.clone(),
        };
        let context = || format!("{asked:?} of {:?} at {}: {answer:?}", self.shop.orders, self.now);
        assert_eq!(named(&answer.status), expected.status, "{}", context());
        assert_eq!(found, expected, "{}", context());
        let reasons: Vec<String> = answer.violations.iter().map(|v| named(&v.reason)).collect();
        assert!(!fresh || reasons == expected.reasons, "{}, not {:?}", context(), expected.reasons);
        self.saw(format!("exchange {}", expected.status));
        if let Some((payment, _)) = &asked.payment {
            let orders = [&asked.wanted.id, &asked.from];
            let knows =
                |id: &&&String| self.shop.orders.get(**id).is_some_and(|o| o.payments.contains_key(payment));
            let owner = orders.iter().find(knows).map(|id| (**id).clone());
            self.noted.extend(owner.map(|owner| (payment.clone(), owner)));
        }
        if expected.status == "accepted" && !expected.replayed {
            self.kept += expected.due;
            self.refunded += expected.refundable;
            self.forgone += expected.forgone;
            let late = self.code.ends.is_some_and(|ends| ends <= self.now) && asked.wanted.code;
            self.seen
                .entry("kept its time".into())
                .and_modify(|n| *n += u64::from(late))
                .or_insert(late.into());
        }
        self.saw(if expected.replayed { "replayed" } else { "new" }.into());
        self.store.commit(&answer.ops).unwrap();
    }

    /// No use and no money was created or lost, and the counters are what the records say.
    fn check(&self) {
        let records: Vec<_> = self.store.redemptions.values().map(|record| (**record).clone()).collect();
        let audit = audit_usage(&AuditRequest { redemptions: records.clone() }).unwrap();
        let must: BTreeMap<String, u64> = audit.counters.into_iter().map(|(key, n)| (key, n.get())).collect();
        assert_eq!(without_zeros(&self.store.counters), without_zeros(&must), "the audit finds a difference");
        let (uses, off) = self.shop.used();
        assert_eq!((self.store.used(USES), self.store.used(SPEND)), (uses, off), "uses appear or are lost");
        assert!(self.code.max_uses.is_none_or(|most| uses <= most), "{uses} uses");
        let worth: u64 = self.shop.orders.values().filter(|order| order.confirmed).map(Order::worth).sum();
        let till = self.kept.checked_sub(self.refunded + self.forgone);
        assert_eq!(till, Some(worth), "money appears or is lost: {:?}", self.shop.orders);
        for record in &records {
            let order = &self.shop.orders[&*record.id];
            let noted =
                record.payments.iter().map(|p| (p.id.to_string(), p.outcome == Money::Kept)).collect();
            assert_eq!(order.payments, noted, "forgets or changes a payment");
            let held = redeemable::State::Held == record.state;
            assert_eq!(
                (held, record.confirmed_at_ms.is_some()),
                (order.held_until.is_some(), order.confirmed)
            );
            let prices = record.tickets.iter().map(|ticket| ticket.price.get());
            assert!(prices.eq(order.tickets.iter().map(|ticket| ticket.price)), "{record:?}, not {order:?}");
        }
    }
}

fn named(name: &impl serde::Serialize) -> String {
    serde_json::to_value(name).unwrap().as_str().unwrap().to_owned()
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

#[test]
fn no_use_and_no_money_is_created_or_lost() {
    let (lives, seed) = (setting("REDEEMABLE_LIVES", 2000), setting("REDEEMABLE_SEED", 1));
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for life in 0..lives {
        let number = seed.wrapping_mul(1 << 32).wrapping_add(life);
        let mut life = Life::new(number);
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for _ in 0..40 {
                life.step();
                life.check();
            }
        }));
        if let Err(panic) = played {
            println!("seed {seed}, the life {}", number & 0xFFFF_FFFF);
            std::panic::resume_unwind(panic);
        }
        for (what, times) in life.seen {
            *seen.entry(what).or_default() += times;
        }
    }
    println!("{lives} lives: {seen:#?}");
    // Lives in which nothing happens would break nothing.
    let must = [
        "accepted",
        "payment_due",
        "rejected",
        "exchange_refused",
        "stale_payment",
        "paid_twice",
        "already_confirmed",
        "already_returned",
        "already_released",
        "not_confirmed",
    ];
    let must = must.iter().map(|status| format!("exchange {status}"));
    let others = ["conflict", "stored after a stale read", "replayed", "kept its time"].map(str::to_owned);
    let rare: Vec<_> =
        must.chain(others).filter(|what| seen.get(what).is_none_or(|n| *n < lives / 200)).collect();
    assert!(rare.is_empty(), "of {lives} lives too few had: {rare:?}");
}
