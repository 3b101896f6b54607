//! Scenarios: the organiser's documents, the buyers, and the steps in their order.

use proptest::collection::vec;
use proptest::option::weighted as maybe;
use proptest::prelude::*;
use proptest::sample::select;
use redeemable::{
    Bounded, Currency, Integer, Kind, Line, Name, Order, PaymentReport, Policy, Promo, Redemption,
    ReleaseReason, ReleaseRules, Text, Time,
};
use std::fmt;

use crate::codes::{BLANK, CODES, PROMOTED};
use crate::conditions::facts;
use crate::documents::{policy, promo, release};

/// The time at which every scenario starts, and its unit of time, which is coarse, so that two times are often equal.
pub const START: u64 = 1_800_000_000_000;
pub const TICK: u64 = 300_000;

pub const EVENTS: [&str; 2] = ["gala", "open air/2"];
pub const CURRENCIES: [&str; 2] = ["sat", "€"];
pub const TYPES: [(Option<&str>, u64); 5] =
    [(Some("seat"), 1000), (Some("vip"), 2501), (None, 333), (Some("seat"), 1), (Some("crew"), 0)];

/// An identity: its kind, the typed text, and its canonical form with aliases folded and without.
pub type Identity = (&'static str, &'static str, &'static str, &'static str);
const ANN: Identity = ("email", "Ann@Gmail.com", "ann@gmail.com", "ann@gmail.com");
const ANN_TOO: Identity = ("email", " a.nn+x@googlemail.com", "ann@gmail.com", "a.nn+x@googlemail.com");
const BOB: Identity = ("email", "bob@example.org", "bob@example.org", "bob@example.org");
const BOB_TOO: Identity = ("email", "Bob+tag@Example.org", "bob@example.org", "bob+tag@example.org");
const ACCOUNT: Identity = ("account", "A 7", "A 7", "A 7");
const NPUB: Identity = ("npub", " NPUB1B ", "npub1b", "npub1b");
const NPUB_TOO: Identity = ("npub", "npub1b", "npub1b", "npub1b");
const CARD: Identity = ("card", "1/2:3", "1/2:3", "1/2:3");
/// The buyers; several of them are the same person.
pub const BUYERS: [&[Identity]; 8] =
    [&[ANN], &[ANN_TOO, ACCOUNT], &[ACCOUNT], &[BOB, NPUB], &[BOB_TOO], &[NPUB_TOO], &[CARD], &[]];

#[derive(Clone)]
pub struct Scenario {
    pub promos: Vec<Promo>,
    pub policy: Policy,
    pub steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub enum Step {
    /// Somebody asks for tickets, under a new id or under an earlier one (an amendment).
    Buy(Purchase, Option<Nth>, Read),
    Preview(Purchase, Read),
    /// Somebody asks for an earlier order again as it was, with a hold that ends so many ticks later.
    Again(Nth, u8, Read),
    /// Somebody asks for an earlier order with other quantities.
    Resize(Nth, u8, Read),
    /// The same when every code has just ended; afterwards the codes are as before.
    Late(Nth, u8, Read),
    Pass(u8),
    Sweep,
    Confirm(Nth, Report, Read),
    Release(Nth, GivenBack, Read),
    Edit(u8, Edit),
    /// The organiser changes the policy's `max_hold_ms` to this.
    HoldFor(Option<u64>),
    /// Repeats the step so many steps ago, as after a double click, a lost answer, or a webhook that comes twice.
    Retry(u8),
}

/// The index of an earlier order: 0 is the latest.
pub type Nth = u8;

#[derive(Clone, Debug)]
pub struct Purchase {
    pub buyer: usize,
    pub event: usize,
    pub currency: usize,
    /// The codes, each with the way in which it is typed; the index past the last code means a blank one.
    pub codes: Vec<(usize, usize)>,
    /// The lines: the ticket type's index, and the quantity.
    pub lines: Vec<(usize, u64)>,
    /// The number of ticks that an unpaid hold lasts.
    pub hold: u64,
}

/// How old the host's read is, in steps, and which lapsed holds the host passes.
#[derive(Clone, Copy, Debug)]
pub struct Read {
    pub age: usize,
    pub lapsed: Lapsed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lapsed {
    None,
    All,
    /// The host passes all records, also those that have not lapsed and the order's own: the engine must ignore these.
    Anything,
}

/// The report of a payment, which the record may know already, with a right or a wrong total and currency.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// The index of the payment among the few of an order.
    pub payment: u8,
    pub paid: Paid,
    pub currency: Said,
    pub over_limit: bool,
    pub dry: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum Paid {
    Right,
    Unchecked,
    Wrong,
}

/// The currency of a report.
#[derive(Clone, Copy, Debug)]
pub enum Said {
    /// The order's currency.
    Same,
    /// The order's currency in capitals, which means the same.
    Capitals,
    Other,
    /// No currency, unless there is a total, which needs one.
    Nothing,
}

impl Report {
    /// The report for this record.
    pub fn of(&self, record: &Redemption, total: Option<u64>) -> PaymentReport {
        let own = || Some(record.currency.clone());
        let currency = match self.currency {
            Said::Nothing if total.is_none() => None,
            Said::Same | Said::Nothing => own(),
            Said::Capitals => Currency::new(record.currency.to_ascii_uppercase()),
            Said::Other => {
                let other = CURRENCIES.into_iter().find(|other| *other != &*record.currency);
                other.and_then(Currency::new)
            }
        };
        PaymentReport { id: name(&format!("pay-{}", self.payment)), total: total.map(int), currency }
    }
}

/// The tickets of a release, and its id, which is one of a few, or none.
#[derive(Clone, Debug)]
pub struct GivenBack {
    pub release: Option<u8>,
    pub reason: ReleaseReason,
    pub tickets: Option<Vec<u8>>,
}

impl GivenBack {
    pub fn everything(reason: ReleaseReason) -> Self {
        Self { release: None, reason, tickets: None }
    }
}

#[derive(Clone, Debug)]
pub enum Edit {
    MaxUses(Option<u64>),
    MaxUsesPerIdentity(Option<u64>),
    Budget(Option<u64>),
    PoolUses(Option<u64>),
    Active(bool),
    Release(ReleaseRules),
    Delete,
}

pub fn int(value: u64) -> Integer {
    Integer::new(value).unwrap()
}
pub fn time(value: u64) -> Time {
    Time::new(value).unwrap()
}
pub fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub fn scenarios() -> impl Strategy<Value = Scenario> {
    (vec(promo(), 3..=PROMOTED), policy(), vec(step(), 5..=40)).prop_map(|(mut promos, policy, steps)| {
        for (index, promo) in promos.iter_mut().enumerate() {
            promo.code = CODES[index].1[0].to_owned();
            promo.id = promo.id.take().map(|_| name(&format!("promo/{index}")));
        }
        Scenario { promos, policy, steps }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let nth = || prop_oneof![2 => 0..=3_u8, 1 => 0..=20_u8];
    let paid = prop_oneof![5 => Just(Paid::Right), 2 => Just(Paid::Unchecked), 1 => Just(Paid::Wrong)];
    let said = prop_oneof![
        8 => Just(Said::Same),
        1 => Just(Said::Capitals),
        1 => Just(Said::Other),
        2 => Just(Said::Nothing),
    ];
    let asks = (prop::bool::weighted(0.3), prop::bool::weighted(0.2));
    let reported = (0..=2_u8, paid, said, asks).prop_map(|(payment, paid, currency, (over_limit, dry))| {
        Report { payment, paid, currency, over_limit, dry }
    });
    let confirm = (nth(), reported, read());
    let tickets = maybe(0.4, vec(0..=6_u8, 1..=3));
    let reason = prop_oneof![1 => Just(ReleaseReason::HoldExpired), 4 => select(ReleaseReason::ALL.to_vec())];
    let given_back = (maybe(0.4, 0..=1_u8), reason, tickets);
    let given_back = given_back.prop_map(|(release, reason, tickets)| GivenBack { release, reason, tickets });
    let releases = (nth(), given_back, read());
    let hold = maybe(0.8, select(&[60_000, 60_000, TICK, 9 * TICK]));
    prop_oneof![
        28 => (purchase(), maybe(0.2, nth()), read()).prop_map(|(what, id, read)| Step::Buy(what, id, read)),
        3 => (purchase(), read()).prop_map(|(what, read)| Step::Preview(what, read)),
        4 => (nth(), 0..=2_u8, read()).prop_map(|(nth, longer, read)| Step::Again(nth, longer, read)),
        4 => (nth(), 1..=4_u8, read()).prop_map(|(nth, quantity, read)| Step::Resize(nth, quantity, read)),
        2 => (nth(), 1..=4_u8, read()).prop_map(|(nth, quantity, read)| Step::Late(nth, quantity, read)),
        5 => (1..=4_u8).prop_map(Step::Pass),
        1 => Just(Step::Pass(200)), // two thirds of a day
        4 => Just(Step::Sweep),
        17 => confirm.prop_map(|(nth, report, read)| Step::Confirm(nth, report, read)),
        9 => releases.prop_map(|(nth, given_back, read)| Step::Release(nth, given_back, read)),
        4 => (0..=4_u8, edit()).prop_map(|(promo, edit)| Step::Edit(promo, edit)),
        2 => hold.prop_map(Step::HoldFor),
        6 => (0..=2_u8).prop_map(Step::Retry),
    ]
}

pub fn purchase() -> impl Strategy<Value = Purchase> {
    let code = prop_oneof![20 => Just(0), 18 => 0..PROMOTED, 3 => PROMOTED..=CODES.len()];
    let event = prop_oneof![5 => Just(0_usize), 1 => Just(1)];
    let currency = prop_oneof![6 => Just(0_usize), 1 => Just(1)];
    let codes = prop_oneof![
        1 => Just(Vec::new()),
        4 => vec((code.clone(), 0..3_usize), 1),
        3 => vec((code, 0..3_usize), 2..=3),
    ];
    let kind = prop_oneof![9 => 0..2_usize, 1 => 2..TYPES.len()];
    let lines = vec((kind, 1..=3_u64), 1..=2);
    let buyer = prop_oneof![20 => 0..BUYERS.len() - 1, 1 => Just(BUYERS.len() - 1)];
    (buyer, event, currency, codes, lines, 0..=4_u64).prop_map(
        |(buyer, event, currency, codes, lines, hold)| Purchase {
            buyer,
            event,
            currency,
            codes,
            lines,
            hold,
        },
    )
}

fn read() -> impl Strategy<Value = Read> {
    let age = prop_oneof![3 => Just(0_usize), 2 => 1..=4_usize];
    let lapsed = prop_oneof![3 => Just(Lapsed::None), 2 => Just(Lapsed::All), 1 => Just(Lapsed::Anything)];
    (age, lapsed).prop_map(|(age, lapsed)| Read { age, lapsed })
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => maybe(0.8, 0..=12_u64).prop_map(Edit::MaxUses),
        2 => maybe(0.8, 0..=4_u64).prop_map(Edit::MaxUsesPerIdentity),
        2 => maybe(0.8, 0..=9000_u64).prop_map(Edit::Budget),
        2 => maybe(0.8, 0..=12_u64).prop_map(Edit::PoolUses),
        2 => any::<bool>().prop_map(Edit::Active),
        1 => release().prop_map(Edit::Release),
        1 => Just(Edit::Delete),
    ]
}

impl Purchase {
    /// The codes as the buyer types them. `promos` is the number of promotions.
    pub fn typed(&self, promos: usize) -> Vec<String> {
        let written = |code| if code < PROMOTED { code % promos } else { code };
        let typed =
            |&(code, way): &(usize, usize)| CODES.get(written(code)).map_or(BLANK, |(_, ways)| ways[way]);
        self.codes.iter().map(typed).map(str::to_owned).collect()
    }

    pub fn order(&self, id: Option<&str>, now: u64) -> Order {
        let line = |&(index, quantity): &(usize, u64)| Line {
            ticket_type: TYPES[index].0.map(name),
            unit_price: int(TYPES[index].1),
            quantity: Bounded::new(quantity).unwrap(),
        };
        let identity = |(kind, typed, ..): &Identity| (Kind::new(*kind).unwrap(), Text::new(*typed).unwrap());
        Order {
            id: id.map(name),
            event_id: name(EVENTS[self.event]),
            currency: Currency::new(CURRENCIES[self.currency]).unwrap(),
            lines: self.lines.iter().map(line).collect(),
            identities: BUYERS[self.buyer].iter().map(identity).collect(),
            facts: facts(self.hold),
            hold_until_ms: Some(time(now + self.hold * TICK)),
            // Some buyers have agreed to less than some orders cost.
            max_total: (self.hold == 4 && self.buyer.is_multiple_of(2)).then(|| int(3000)),
        }
    }
}

impl fmt::Debug for Scenario {
    /// Shows the documents as JSON without empty fields, and the steps.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let short = |document: serde_json::Value| {
            let serde_json::Value::Object(mut fields) = document else { return document.to_string() };
            fields.retain(|_, value| !value.is_null() && *value != serde_json::json!([]));
            serde_json::Value::Object(fields).to_string()
        };
        for promo in &self.promos {
            writeln!(f, "promo  {}", short(serde_json::to_value(promo).unwrap()))?;
        }
        writeln!(f, "policy {}", short(serde_json::to_value(&self.policy).unwrap()))?;
        self.steps.iter().enumerate().try_for_each(|(index, step)| writeln!(f, "{index:>4}   {step:?}"))
    }
}
