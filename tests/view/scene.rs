//! Scenes: the organiser's documents, what the host has read, the buyer, and the orders that are compared.

use proptest::collection::vec;
use proptest::option::weighted as maybe;
use proptest::prelude::*;
use proptest::sample::select;
use redeemable::{
    Bounded, Choose, Combines, Currency, Kind, Line, Op, Order, Policy, Promo, Text, Usage, UsageKeysRequest,
    ValidateRequest, ViewRequest, usage_keys, validate_redemption,
};

use crate::codes::{BLANK, CODES, PROMOTED};
use crate::documents::{policy, promo};
use crate::scenario::{BUYERS, CURRENCIES, EVENTS, START, TICK, TYPES, int, name, time};

#[derive(Clone, Debug)]
pub struct Scene {
    promos: Vec<Promo>,
    policy: Policy,
    typed: Vec<String>,
    order: Order,
    usage: Usage,
    pub now: u64,
    up_to: u64,
    chance: u64,
}

pub fn scenes() -> impl Strategy<Value = Scene> {
    let promos = vec(promo(), 1..=PROMOTED);
    let unknown = PROMOTED..CODES.len();
    let code = prop_oneof![16 => (0..PROMOTED).prop_map(Some), 3 => unknown.prop_map(Some), 1 => Just(None)];
    let prices = select(&[0_u64, 1, 2, 7, 333, 1000, 2501]);
    let lines = vec((select(&TYPES), maybe(0.5, prices)), 1..=3);
    let place =
        (prop_oneof![9 => Just(0_usize), 1 => Just(1)], prop_oneof![9 => Just(0_usize), 1 => Just(1)]);
    let buyer = prop_oneof![9 => 0..BUYERS.len() - 1, 1 => Just(BUYERS.len() - 1)];
    let used = vec((maybe(0.6, 0..=9_u64), 0..=15_000_u64), 24);
    let hold = maybe(0.3, (0..BUYERS.len(), 1..=3_u64));
    let instant = (prop_oneof![1 => Just(0_u64), 3 => 1..=8_u64], 1..=12_u64, any::<u64>());
    let parts = (promos, policy(), code, lines, place, buyer, used, hold, instant);
    parts.prop_map(|(mut promos, policy, code, lines, (event, currency), buyer, used, hold, instant)| {
        for (index, promo) in promos.iter_mut().enumerate() {
            promo.code = CODES[index].1[0].to_owned();
            promo.id = promo.id.take().map(|_| name(&format!("promo/{index}")));
        }
        let (ticks, up_to, chance) = instant;
        // Otherwise hardly any code would unlock what is locked.
        let has_groups = |promo: &&mut Promo| crate::groups::has_groups(promo);
        for promo in promos.iter_mut().filter(|promo| chance.is_multiple_of(2) && !has_groups(promo)) {
            let locked = policy.locked_ticket_types.iter().flatten().cloned();
            promo.unlocks = Some(locked.filter(|of| crate::prices::covers(promo, Some(of))).collect());
        }
        // What is typed may be automatic, too. Some of these have no pools, so that they share no limit.
        for (index, promo) in promos.iter_mut().enumerate().filter(|_| chance % 5 > 1) {
            promo.automatic = chance >> (index + 8) & 1 == 1;
            if promo.automatic {
                (promo.unlocks, promo.lifts) = (None, None);
            }
            if promo.automatic && chance.is_multiple_of(2) {
                promo.pools = Vec::new();
            }
            // Otherwise hardly any would apply beside another one.
            if chance >> (index + 16) & 3 > 0 {
                befriend(promo);
            }
        }
        let choose = if chance.is_multiple_of(3) { Choose::Best } else { Choose::Entered };
        let policy = Policy { choose, ..policy };
        let code = code.map(|code| if code < PROMOTED { code % promos.len() } else { code });
        if let Some(promo) = code.and_then(|code| promos.get_mut(code)).filter(|_| chance >> 24 & 1 == 0) {
            befriend(promo);
        }
        let with_code = chance >> 25 & 1 == 0 || promos.iter().all(|promo| !promo.automatic);
        let code = code.filter(|_| with_code);
        let way = usize::try_from(chance % 3).unwrap();
        let typed = match code {
            // A code that is typed twice counts once, and a blank code does not count.
            Some(code) if chance.is_multiple_of(7) => vec![CODES[code].1[way], BLANK, CODES[code].1[0]],
            Some(code) => vec![CODES[code].1[way]],
            None => Vec::new(),
        };
        let identities = |buyer: usize| {
            let identity = |(kind, typed, ..): &(&str, &str, &str, &str)| {
                (Kind::new(*kind).unwrap(), Text::new(*typed).unwrap())
            };
            BUYERS[buyer].iter().map(identity).collect()
        };
        let line = |((ticket_type, price), other): ((Option<&str>, u64), Option<u64>)| Line {
            ticket_type: ticket_type.map(name),
            unit_price: int(other.unwrap_or(price)),
            quantity: Bounded::new(1).unwrap(),
        };
        let order = Order {
            id: None,
            event_id: name(EVENTS[event]),
            currency: Currency::new(CURRENCIES[currency]).unwrap(),
            lines: lines.into_iter().map(line).collect(),
            identities: identities(buyer),
            facts: crate::conditions::facts(chance),
            hold_until_ms: None,
            max_total: None,
        };
        let typed: Vec<_> = typed.into_iter().map(str::to_owned).collect();
        let now = START + ticks * TICK;
        let mut scene = Scene { promos, policy, typed, order, usage: Usage::default(), now, up_to, chance };
        scene.use_up(&used);
        if let Some((buyer, quantity)) = hold {
            let order = Order { identities: identities(buyer), ..scene.order.clone() };
            scene.hold(order, quantity);
        }
        scene
    })
}

/// The promotion without the conditions that most orders do not meet, and beside others.
fn befriend(promo: &mut Promo) {
    let combines = if promo.combines == Combines::PerTicket { Combines::PerTicket } else { Combines::Always };
    *promo = Promo {
        active: true,
        currency: None,
        starts_at_ms: None,
        weekly: None,
        events: None,
        exclude_events: None,
        only_for: None,
        only_if: None,
        combines,
        ..promo.clone()
    };
}

/// The counters that a host reads for a view: those of the typed code, and those of every automatic promotion, as if
/// its code was typed. Orders in view may have more tickets than the order of the view's request.
pub fn keys(asked: &ViewRequest) -> Vec<String> {
    let automatic = asked.promos.iter().filter(|promo| promo.automatic).map(|promo| promo.code.clone());
    usage_keys(&UsageKeysRequest {
        codes: asked.codes.iter().cloned().chain(automatic).collect(),
        promos: asked.promos.clone(),
        policy: asked.policy.clone(),
        order: asked.order.clone(),
        usage: Usage::default(),
        now_ms: asked.now_ms,
        redemption: None,
    })
    .unwrap()
}

impl Scene {
    /// Draws the counters that the host has read, so that limits are often nearly reached.
    fn use_up(&mut self, used: &[(Option<u64>, u64)]) {
        let keys = keys(&self.view_request());
        for (key, (uses, spend)) in keys.into_iter().zip(used) {
            let used = uses.map(|uses| if key.contains("/spend/") { *spend } else { uses });
            self.usage.counters.extend(used.map(|used| (key, int(used))));
        }
    }

    /// Adds a hold that lapses exactly now, with its charges on the counters.
    fn hold(&mut self, mut order: Order, quantity: u64) {
        order.id = Some(name("lapsed"));
        order.hold_until_ms = Some(time(self.now));
        order.lines[0].quantity = Bounded::new(quantity).unwrap();
        let request = ValidateRequest { order, now_ms: time(self.now - TICK), ..self.request(vec![1]) };
        let Ok(decision) = validate_redemption(&request) else { return };
        for op in decision.ops {
            match op {
                Op::Insert { redemption } => self.usage.lapsed.push(redemption),
                Op::Add { key, by, .. } => {
                    let used = self.usage.counters.entry(key).or_default();
                    *used = int(used.get().checked_add_signed(by).unwrap());
                }
                Op::Update { .. } => unreachable!("nothing is stored yet"),
            }
        }
        self.usage.lapsed.retain(|hold| hold.expires_at_ms.is_some());
    }

    pub fn view_request(&self) -> ViewRequest {
        ViewRequest {
            codes: self.typed.clone(),
            promos: self.promos.clone(),
            policy: self.policy.clone(),
            order: self.order.clone(),
            usage: self.usage.clone(),
            now_ms: time(self.now),
            reveal_up_to: Bounded::new(self.up_to).unwrap(),
        }
    }

    /// The preview of an order with so many tickets on each line; lines with 0 tickets are left out.
    pub fn request(&self, quantities: Vec<u64>) -> ValidateRequest {
        let mut order = self.order.clone();
        let chosen = order.lines.into_iter().zip(quantities).filter(|(_, quantity)| *quantity > 0);
        order.lines = chosen.map(|(line, n)| Line { quantity: Bounded::new(n).unwrap(), ..line }).collect();
        ValidateRequest {
            codes: self.typed.clone(),
            promos: self.promos.clone(),
            policy: self.policy.clone(),
            order,
            usage: self.usage.clone(),
            now_ms: time(self.now),
        }
    }

    /// The quantities of the nth order: from one ticket to as many as the view is for, spread randomly over the lines.
    pub fn quantities(&self, nth: u64) -> Vec<u64> {
        let mut quantities = vec![0; self.order.lines.len()];
        let mut chance = self.chance.wrapping_add(nth);
        let mut next = |below: usize| {
            // A linear congruential generator; its upper bits are random enough to spread tickets.
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(chance >> 33).unwrap() % below
        };
        // Takes every size in turn, the largest first: there a missing limit would be noticed soonest.
        for _ in 0..self.up_to - nth % self.up_to {
            let line = next(quantities.len());
            quantities[line] += 1;
        }
        quantities
    }
}
