//! What the engine answers to the hosts that exchange, and what the store makes of a plan.

use super::*;
use crate::audit;
use redeemable::json;
use serde_json::json;

impl Trade {
    pub(super) fn new(tasks: [Task; HOSTS], fails: bool, removed: Option<Guard>) -> Self {
        let mut trade = Self {
            tasks,
            fails,
            removed,
            book: vec![Value::Null],
            numbers: HashMap::new(),
            answers: Vec::new(),
            asked: HashMap::new(),
            saw: BTreeSet::new(),
        };
        // The order `a` is bought and paid.
        let bought = call(json::validate_redemption, &trade.wanted("a", 1, 10, [0; 4], [0; 2], true));
        let held = bought["ops"][0]["redemption"].clone();
        let payment = json!({"id": "paid", "total": PAID, "currency": "EUR"});
        let paid = json!({"redemption": held, "payment": payment, "usage": {"counters": {}}, "now_ms": NOW});
        let paid = call(json::confirm_redemption, &paid);
        trade.number(&paid["ops"][0]["redemption"]);
        trade
    }

    pub(super) fn has(&self, guard: Guard) -> bool {
        self.removed != Some(guard)
    }

    pub(super) fn number(&mut self, record: &Value) -> u16 {
        let next = u16::try_from(self.book.len()).unwrap();
        let number = *self.numbers.entry(record.to_string()).or_insert(next);
        if number == next {
            self.book.push(record.clone());
        }
        number
    }

    /// What `validateRedemption` is asked; within an exchange, without the time.
    pub(super) fn wanted(
        &self,
        id: &str,
        tickets: u8,
        unit: i16,
        records: [u16; 4],
        used: [i16; 2],
        alone: bool,
    ) -> Value {
        let existing = &self.book[usize::from(records[IDS.iter().position(|known| *known == id).unwrap()])];
        let mut wanted = json!({
            "codes": ["half"],
            "promos": [{"code": "HALF", "discount_percent": 50, "max_uses": MOST_USES}],
            "order": {
                "id": id, "event_id": "gala", "currency": "EUR", "hold_until_ms": NOW + 600_000,
                "lines": [{"ticket_type": "seat", "unit_price": unit, "quantity": tickets}],
            },
            "usage": {"counters": {KEYS[0]: used[0], KEYS[1]: used[1]}, "existing": existing},
        });
        if alone {
            wanted["now_ms"] = NOW.into();
        }
        wanted
    }

    /// The answer for a host that has read this state.
    pub(super) fn answer(&mut self, host: usize, state: &State) -> u16 {
        let payment = state.hosts[host].1;
        let State { records, counters, changed, .. } = *state;
        let ask = Ask { host, records, counters, payment, changed };
        if let Some(known) = self.asked.get(&ask) {
            return *known;
        }
        let answer = self.decide(ask);
        let kind = answer["status"].as_str().unwrap();
        let again = if answer["replayed"] == true { " again" } else { "" };
        self.saw.insert(format!("{kind}{again}"));
        let number = u16::try_from(self.answers.len()).unwrap();
        self.answers.push(answer);
        self.asked.insert(ask, number);
        number
    }

    pub(super) fn decide(&self, ask: Ask) -> Value {
        let record = |order: usize| &self.book[usize::from(ask.records[order])];
        let release = |order: usize, id: &str, reason: &str| {
            let release = json!({"id": id, "reason": reason, "tickets": null});
            call(
                json::apply_release,
                &json!({"redemption": record(order), "release": release, "now_ms": NOW}),
            )
        };
        match self.tasks[ask.host] {
            Task::Release => release(0, "r", "refunded"),
            Task::Buy(order) => call(
                json::validate_redemption,
                &self.wanted(IDS[order], 1, 10, ask.records, ask.counters, true),
            ),
            Task::Exchange { new, .. } if matches!(ask.payment, Payment::Failed(_)) => {
                release(new, "cancel", "organizer_cancelled")
            }
            Task::Exchange { new, tickets, unit, later } => {
                let total = match ask.payment {
                    Payment::None => None,
                    Payment::Authorised(total) | Payment::Captured(total) | Payment::Failed(total) => {
                        Some(total)
                    }
                    Payment::GivenBack => Some(0),
                };
                let total = total.map(|total| self.has(Guard::ExactPayment).then_some(total));
                let id = format!("p-{}", ask.host);
                let payment = total.map(|total| json!({"id": id, "total": total, "currency": "EUR"}));
                let unit = if ask.changed { later } else { unit };
                let request = self.wanted(IDS[new], tickets, unit, ask.records, ask.counters, false);
                let exchange = json!({
                    "redemption": record(0), "request": request, "payment": payment, "refund": true, "now_ms": NOW
                });
                call(json::exchange_redemption, &exchange)
            }
        }
    }

    /// The state after these operations, if all guards hold.
    pub(super) fn commit(&mut self, state: &State, ops: &[Value]) -> Option<(State, Vec<&'static str>)> {
        let (mut next, mut broken) = (*state, Vec::new());
        for op in ops {
            match op["op"].as_str().unwrap() {
                "insert" => {
                    let order = place(&op["redemption"]["id"]);
                    if next.records[order] != 0 && self.has(Guard::InsertExists) {
                        return None;
                    }
                    broken.extend((next.records[order] != 0).then_some(OVERWRITTEN));
                    next.records[order] = self.number(&op["redemption"]);
                }
                "update" => {
                    let order = place(&op["id"]);
                    let stored = &self.book[usize::from(next.records[order])];
                    if stored["revision"] != op["revision"] && self.has(Guard::UpdateRevision) {
                        return None;
                    }
                    next.records[order] = self.number(&op["redemption"]);
                }
                _ => {
                    let key = KEYS.iter().position(|key| op["key"] == *key).unwrap();
                    let (by, most) = (integer(&op["by"]), &op["at_most"]);
                    let fits = most.is_null() || next.counters[key] + by <= integer(most);
                    if by > 0 && !fits && self.has(Guard::AtMost) {
                        return None;
                    }
                    next.counters[key] = (next.counters[key] + by).max(0);
                }
            }
        }
        Some((next, broken))
    }

    /// What must hold in every state between two transactions.
    pub(super) fn audit(&self, state: &State) -> Vec<&'static str> {
        let mut held = [0; 2];
        for number in state.records {
            for (key, amount) in audit::held(&self.book[usize::from(number)]) {
                held[KEYS.iter().position(|known| *known == key).unwrap()] += amount;
            }
        }
        let mut broken = Vec::new();
        broken.extend((held != state.counters).then_some(RECORDS));
        broken.extend((held[0] > MOST_USES || state.counters[0] > MOST_USES).then_some(LIMIT));
        broken
    }

    /// What must hold when all hosts are done.
    pub(super) fn end(&self, state: &State) -> Option<&'static str> {
        let record = |order: usize| &self.book[usize::from(state.records[order])];
        let open = |(_, payment): &(Phase, Payment)| matches!(payment, Payment::Authorised(_));
        if state.hosts.iter().any(open) {
            return Some(FORGOTTEN);
        }
        let exchanged = [1, 2].map(record).into_iter().filter(|record| record["exchanged"].is_object());
        let (mut worth, mut credits) = (audit::bought(record(0)), 0);
        for new in exchanged {
            let (credit, back) =
                (integer(&new["exchanged"]["credit"]), integer(&new["exchanged"]["refundable"]));
            let forgone = (credit - prices(new)).max(0) - back;
            worth += audit::bought(new) + forgone;
            credits += credit;
        }
        let tickets = record(0)["tickets"].as_array().unwrap();
        let went = tickets.iter().filter(|ticket| ticket["released"]["reason"] == "exchanged");
        let went: i16 = went.map(|ticket| integer(&ticket["price"])).sum();
        if went != credits {
            return Some(LOST);
        }
        let came = state.hosts.iter().map(|(_, payment)| match payment {
            Payment::Captured(total) => *total,
            _ => 0,
        });
        let balance = PAID + came.sum::<i16>() - state.refunds.iter().sum::<i16>();
        (balance != worth).then_some(MONEY)
    }
}

fn call(verb: fn(&[u8]) -> Result<String, redeemable::Error>, request: &Value) -> Value {
    let answer = verb(request.to_string().as_bytes());
    serde_json::from_str(&answer.unwrap_or_else(|error| panic!("{error:?} in {request}"))).unwrap()
}

fn place(id: &Value) -> usize {
    IDS.iter().position(|known| id == known).unwrap()
}

fn prices(record: &Value) -> i16 {
    record["tickets"].as_array().unwrap().iter().map(|ticket| integer(&ticket["price"])).sum()
}
