//! Random requests, most of which are refused.

use redeemable::{Op, Usage, ValidateRequest, json, usage_keys, validate_redemption};
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000_000; // Friday 08:00 in UTC
const HOUR: u64 = 3_600_000;

/// A generator of requests: the same seed draws the same.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `below`: splitmix64.
    pub fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    /// Whether it happens, in so many of a hundred cases.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub fn of<T: Clone>(&mut self, all: &[T]) -> T {
        let index = self.below(u64::try_from(all.len()).unwrap());
        all[usize::try_from(index).unwrap()].clone()
    }

    fn types(&mut self) -> Value {
        self.of(&[json!(["seat"]), json!(["vip"]), json!(["seat", "vip"]), json!(["crew", "seat"])])
    }

    fn discount(&mut self) -> Value {
        let simple = [
            json!({"kind": "percent", "percent": 10}),
            json!({"kind": "percent", "percent": 50}),
            json!({"kind": "free"}),
            json!({"kind": "amount_per_ticket", "amount": 300}),
            json!({"kind": "fixed_price", "price": 700}),
        ];
        match self.below(8) {
            0 => json!({"kind": "amount_per_order", "amount": 500}),
            1 => json!({"kind": "order_price", "price": 2000}),
            2 => {
                let tier = |from: u64, discount: Value| json!({"from": from, "discount": discount});
                let tiers = [tier(2 + self.below(3), self.of(&simple)), tier(6, self.of(&simple))];
                json!({"kind": "tiers", "by": "tickets", "mode": self.of(&["volume", "graduated"]), "tiers": tiers})
            }
            3 => {
                json!({"kind": "per_group", "size": 2 + self.below(2), "discounted": 1, "discount": {"kind": "free"}})
            }
            4 => json!({"kind": "none"}),
            _ => self.of(&simple),
        }
    }

    fn promo(&mut self, code: &str, locks: bool) -> Value {
        let mut promo = json!({"code": code, "discount": self.discount(), "combines": self.percent(70)});
        // Where little speaks against an order, a single change more often mends it.
        let share = self.of(&[20, 40, 100]);
        let mut set = |chance: u64, field: &str, value: &mut dyn FnMut(&mut Self) -> Value| {
            if self.below(10_000) < chance * share {
                promo[field] = value(self);
            }
        };
        set(25, "automatic", &mut |_| json!(true));
        set(8, "group", &mut |_| json!("group"));
        set(3, "active", &mut |_| json!(false));
        set(10, "starts_at_ms", &mut |d| json!(NOW - HOUR + d.below(50) * HOUR));
        set(6, "ends_at_ms", &mut |d| json!(NOW - HOUR + d.below(50) * HOUR));
        set(10, "weekly", &mut |d| {
            let from = d.below(24) * 60;
            json!([{"days": [1 + d.below(7), 5], "from_minute": from, "to_minute": from + 30 + d.below(300)}])
        });
        set(3, "events", &mut |_| json!(["ball"]));
        set(3, "currency", &mut |d| json!(d.of(&["EUR", "USD"])));
        set(6, "only_for", &mut |d| {
            d.of(&[
                json!({"email": ["@example.org"]}),
                json!({"npub": ["npub1x"], "email": ["bob@example.com"]}),
            ])
        });
        set(20, "ticket_types", &mut Self::types);
        set(5, "exclude_ticket_types", &mut Self::types);
        set(20, "min_tickets", &mut |d| json!(1 + d.below(8)));
        set(10, "max_tickets", &mut |d| json!(1 + d.below(5)));
        set(12, "min_subtotal", &mut |d| json!(d.below(12) * 500));
        set(8, "max_subtotal", &mut |d| json!(d.below(12) * 700));
        set(30, "subtotal_of", &mut |_| json!("scope"));
        set(10, "requires", &mut |d| {
            let bound = d.of(&["min_tickets", "max_tickets", "min_subtotal"]);
            json!([{"ticket_types": d.types(), bound: 1 + d.below(3)}])
        });
        set(30, "max_uses", &mut |d| json!(d.below(9)));
        set(20, "max_uses_per_identity", &mut |d| json!(1 + d.below(5)));
        set(
            8,
            "per_period",
            &mut |d| json!([{"every": d.of(&["day", "week", "month"]), "max_uses": 1 + d.below(5)}]),
        );
        set(15, "budget", &mut |d| json!(d.below(5000)));
        set(10, "max_discount", &mut |d| json!(d.below(2000)));
        set(10, "max_tickets_per_order", &mut |d| json!(1 + d.below(3)));
        set(15, "pools", &mut |d| json!([{"id": "pool", "max_uses": d.below(9), "budget": 3000}]));
        set(25, "when_short", &mut |_| json!("partial"));
        if locks && self.percent(50) {
            promo["ticket_types"] = Value::Null;
            promo["exclude_ticket_types"] = Value::Null;
            if promo["discount"]["kind"] != "per_group" && promo["automatic"] != true {
                promo["unlocks"] = json!(["crew"]);
            }
        }
        promo
    }

    fn policy(&mut self, locks: bool) -> Value {
        let mut policy = json!({});
        if self.percent(75) {
            policy["zone"] = json!([
                {"from_ms": NOW - 1000 * HOUR, "offset_minutes": 60},
                {"from_ms": NOW + 30 * HOUR, "offset_minutes": 120},
            ]);
        }
        if self.percent(15) {
            policy["choose"] = json!("best");
        }
        if self.percent(20) {
            policy["max_tickets_per_identity"] = json!(self.below(7));
        }
        if self.percent(15) {
            policy["max_free_tickets_per_identity"] = json!(self.below(3));
        }
        if self.percent(20) {
            policy["identity_kinds"] = self.of(&[json!(["email"]), json!(["npub", "account"])]);
        }
        if locks {
            policy["locked_ticket_types"] = json!(["crew"]);
        }
        policy
    }

    fn order(&mut self) -> Value {
        let count = 1 + self.below(3);
        let line = |draw: &mut Self| {
            let quantity = if draw.percent(3) { 30 + draw.below(90) } else { 1 + draw.below(4) };
            let price = draw.of(&[0, 100, 1000, 1000, 2500]);
            let of_type = draw.of(&[json!("seat"), json!("seat"), json!("vip"), json!("crew"), Value::Null]);
            json!({"ticket_type": of_type, "unit_price": price, "quantity": quantity})
        };
        let lines: Vec<_> = (0..count).map(|_| line(self)).collect();
        let mut order = json!({"event_id": "gala", "currency": "EUR", "lines": lines});
        if self.percent(60) {
            order["identities"] = self.of(&[json!({"email": "ann@example.org"}), json!({"npub": "npub1y"})]);
        }
        if self.percent(30) {
            order["id"] = json!("o-1");
        }
        if self.percent(10) {
            order["max_total"] = json!(self.below(6000));
        }
        if self.percent(15) {
            order["hold_until_ms"] = json!(NOW + HOUR);
        }
        order
    }

    /// A request, of which the counters are at random, too. The order may replace a hold.
    pub fn request(&mut self) -> ValidateRequest {
        let locks = self.percent(10);
        let codes = ["A", "B-1", "C"];
        let promos: Vec<_> = codes.iter().map(|code| self.promo(code, locks)).collect();
        let typed: &[&[&str]] =
            &[&["a"], &["a"], &["b1"], &["a", "b-1"], &["a", "B1", "c"], &["nope"], &["a", "nope"], &[]];
        let request = json!({
            "codes": self.of(typed), "promos": promos, "policy": self.policy(locks), "order": self.order(),
            "now_ms": NOW,
        });
        let mut request: ValidateRequest = json::read(request.to_string().as_bytes()).unwrap();
        if request.order.id.is_some() && self.percent(40) {
            let mut before = request.clone();
            before.order.lines.truncate(1);
            before.order.hold_until_ms = before.order.hold_until_ms.or(Some(request.now_ms));
            before.codes.truncate(1);
            let ops = validate_redemption(&before).unwrap().ops;
            request.usage.existing = ops.into_iter().find_map(|op| match op {
                Op::Insert { redemption } => Some(redemption),
                Op::Update { .. } | Op::Add { .. } => None,
            });
            // The codes of the hold keep their time when they end.
            if self.percent(50) {
                for promo in &mut request.promos {
                    promo.ends_at_ms = Some(request.now_ms);
                }
            }
        }
        let counters = usage_keys(&request.clone().into()).unwrap().into_iter().map(|key| {
            let most = if key.contains("/spend/") { 4000 } else { 6 };
            let used = redeemable::Integer::new(self.below(most)).unwrap();
            (key, used)
        });
        request.usage = Usage { counters: counters.collect(), ..request.usage };
        request
    }
}
