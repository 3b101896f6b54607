//! What each field of each document has to be, in the contract's words and order; and what is said of what it is not.

use serde_json::Value;

/// What a value has to be.
#[derive(Clone, Copy, PartialEq)]
pub enum Is {
    Whole(u64, u64),
    Percent,
    Flag,
    /// A string of so many characters at most, and at least one.
    Text(usize),
    /// Any string, as far as reading goes.
    Words,
    IdentityKind,
    OneOf(&'static [&'static str]),
    /// An integer or a list of integers.
    Each,
    List(&'static Self),
    Map(&'static Self),
    Object(&'static [Field]),
    /// An object whose fields depend on its `kind`.
    Discount,
}
use Is::*;

#[derive(PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub required: bool,
    pub is: Is,
}

const fn must(name: &'static str, is: Is) -> Field {
    Field { name, required: true, is }
}
const fn may(name: &'static str, is: Is) -> Field {
    Field { name, required: false, is }
}

pub const MAX: u64 = 9_007_199_254_740_991;
pub const COUNT: Is = Whole(0, MAX);
const AMOUNT: Is = Whole(0, MAX);
const TIME: Is = Whole(100_000_000_000, MAX);
const NAME: Is = Text(256);
const CURRENCY: Is = Text(16);
const RESTORE: Is = OneOf(&["restore", "keep"]);
const REASON: Is = OneOf(&[
    "buyer_released",
    "disputed",
    "exchanged",
    "forfeited",
    "hold_expired",
    "no_show",
    "organizer_cancelled",
    "payment_failed",
    "refunded",
]);

pub static VALIDATE: [Field; 6] = [
    must("codes", List(&Words)),
    must("promos", List(&Object(&PROMO))),
    may("policy", Object(&POLICY)),
    must("order", Object(&ORDER)),
    may("usage", Object(&USAGE)),
    must("now_ms", TIME),
];
pub static VIEW: [Field; 7] = [
    must("codes", List(&Words)),
    must("promos", List(&Object(&PROMO))),
    may("policy", Object(&POLICY)),
    must("order", Object(&ORDER)),
    may("usage", Object(&USAGE)),
    must("now_ms", TIME),
    may("reveal_up_to", Whole(1, 1000)),
];
pub static GENERATE: [Field; 6] = [
    must("count", Whole(1, 10_000)),
    may("bits", Whole(40, 128)),
    must("entropy", Words),
    may("prefix", Words),
    may("check_character", Flag),
    may("existing", List(&Words)),
];
pub static USAGE_KEYS: [Field; 6] = [
    must("codes", List(&Words)),
    must("promos", List(&Object(&PROMO))),
    may("policy", Object(&POLICY)),
    must("order", Object(&ORDER)),
    may("usage", Object(&USAGE)),
    may("now_ms", TIME),
];
pub static CONFIRM: [Field; 6] = [
    must("redemption", Object(&REDEMPTION)),
    must("payment", Object(&PAYMENT)),
    may("usage", Object(&USAGE)),
    must("now_ms", TIME),
    may("over_limit", Flag),
    may("dry", Flag),
];
pub static APPLY_RELEASE: [Field; 3] =
    [must("redemption", Object(&REDEMPTION)), must("release", Object(&RELEASE)), must("now_ms", TIME)];
pub static AUDIT: [Field; 1] = [must("redemptions", List(&Object(&REDEMPTION)))];
pub static CHECK: [Field; 4] = [
    must("promos", List(&Object(&PROMO))),
    may("policy", Object(&POLICY)),
    may("now_ms", TIME),
    may("sharded", Flag),
];
pub static SIMULATE: [Field; 5] = [
    must("promo", Object(&PROMO)),
    must("change", Object(&PROMO)),
    may("counters", Map(&COUNT)),
    may("event_id", NAME),
    may("currency", CURRENCY),
];
static RELEASE: [Field; 3] = [may("id", NAME), must("reason", REASON), may("tickets", List(&COUNT))];
static PAYMENT: [Field; 3] = [must("id", NAME), may("total", AMOUNT), may("currency", CURRENCY)];

static PROMO: [Field; 27] = [
    must("code", Words),
    may("id", NAME),
    may("active", Flag),
    may("discount", Discount), // one of the two is required; errors.json has both and neither
    may("discount_percent", Percent),
    may("currency", CURRENCY),
    may("count_by", OneOf(&["ticket", "order"])),
    may("max_uses", COUNT),
    may("single_use", Flag),
    may("max_uses_per_identity", COUNT),
    may("max_tickets_per_order", Whole(1, MAX)),
    may("max_discount", AMOUNT),
    may("budget", AMOUNT),
    may("pools", List(&Object(&POOL))),
    may("when_short", OneOf(&["reject", "partial"])),
    may("starts_at_ms", TIME),
    may("ends_at_ms", TIME),
    may("events", List(&NAME)),
    may("ticket_types", List(&NAME)),
    may("min_tickets", COUNT),
    may("max_tickets", COUNT),
    may("min_subtotal", AMOUNT),
    may("only_for", Map(&List(&Text(320)))),
    may("combines", Flag),
    may("priority", Whole(0, 1000)),
    may("rounding", OneOf(&["half_up", "half_even", "down", "up"])),
    may("release", Object(&RULES)),
];
static POOL: [Field; 3] = [must("id", NAME), may("max_uses", COUNT), may("budget", AMOUNT)];
static RULES: [Field; 7] = [
    may("buyer_released", Object(&RULE)),
    may("organizer_cancelled", Object(&RULE)),
    may("refunded", Object(&RULE)),
    may("exchanged", Object(&RULE)),
    may("forfeited", Object(&RULE)),
    may("no_show", Object(&RULE)),
    may("disputed", Object(&RULE)),
];
static RULE: [Field; 3] = [may("uses", RESTORE), may("identity", RESTORE), may("until_ms", TIME)];

pub const KIND: Field =
    must("kind", OneOf(&["percent", "amount_per_ticket", "amount_per_order", "fixed_price", "free", "none"]));
static PERCENT_OFF: [Field; 2] = [KIND, must("percent", Percent)];
static AMOUNT_OFF: [Field; 2] = [KIND, must("amount", AMOUNT)];
static FIXED_PRICE: [Field; 2] = [KIND, must("price", AMOUNT)];
static KIND_ALONE: [Field; 1] = [KIND];

static POLICY: [Field; 6] = [
    may("max_free_tickets_per_identity", COUNT),
    may("max_tickets_per_identity", COUNT),
    may("identity_kinds", List(&IdentityKind)),
    may("email_aliases", OneOf(&["fold", "exact"])),
    may("release", Object(&RULES)),
    may("max_hold_ms", Whole(60_000, 31_622_400_000)),
];
static ORDER: [Field; 6] = [
    may("id", NAME),
    must("event_id", NAME),
    must("currency", CURRENCY),
    must("lines", List(&Object(&LINE))),
    may("identities", Map(&Text(320))),
    may("hold_until_ms", TIME),
];
static LINE: [Field; 3] =
    [may("ticket_type", NAME), must("unit_price", AMOUNT), must("quantity", Whole(1, 1000))];
static USAGE: [Field; 3] = [
    may("counters", Map(&COUNT)),
    may("lapsed", List(&Object(&REDEMPTION))),
    may("existing", Object(&REDEMPTION)),
];

static REDEMPTION: [Field; 16] = [
    must("schema", Whole(1, 2)),
    must("id", NAME),
    must("revision", Whole(1, MAX)),
    must("state", OneOf(&["held", "confirmed", "released"])),
    must("event_id", NAME),
    must("currency", CURRENCY),
    must("codes", List(&Words)),
    must("identities", List(&Words)),
    must("tickets", List(&Object(&TICKET))),
    must("applied", List(&Object(&APPLIED))),
    must("charges", List(&Object(&CHARGE))),
    must("created_at_ms", TIME),
    may("expires_at_ms", TIME),
    may("confirmed_at_ms", TIME),
    may("payments", List(&Object(&NOTED_PAYMENT))),
    may("releases", List(&Object(&NOTED_RELEASE))),
];
static NOTED_PAYMENT: [Field; 5] = [
    must("id", NAME),
    may("total", AMOUNT),
    may("currency", CURRENCY),
    must("outcome", OneOf(&["kept", "returned"])),
    must("at_ms", TIME),
];
static NOTED_RELEASE: [Field; 5] = [
    must("id", NAME),
    must("reason", REASON),
    must("tickets", List(&COUNT)),
    must("refundable", AMOUNT),
    must("at_ms", TIME),
];
static TICKET: [Field; 6] = [
    must("line", COUNT),
    may("ticket_type", NAME),
    must("unit_price", AMOUNT),
    must("price", AMOUNT),
    must("codes", List(&Words)),
    may("released", Object(&RELEASED)),
];
static RELEASED: [Field; 2] = [must("reason", REASON), must("at_ms", TIME)];
static APPLIED: [Field; 6] = [
    must("code", Words),
    must("tickets", COUNT),
    must("uses", COUNT),
    must("discount", AMOUNT),
    must("partial", Flag),
    may("remaining", COUNT),
];
static CHARGE: [Field; 7] = [
    must("key", Words),
    may("code", Words),
    may("limit", COUNT),
    must("amount", AMOUNT),
    must("tickets", List(&COUNT)),
    may("each", Each),
    may("back", List(&Object(&BACK))),
];
static BACK: [Field; 2] = [must("reason", REASON), may("until_ms", TIME)];

/// The fields that an object has.
pub fn fields(is: Is, object: &Value) -> &'static [Field] {
    match (is, object["kind"].as_str()) {
        (Object(fields), _) => fields,
        (Discount, Some("percent")) => &PERCENT_OFF,
        (Discount, Some("amount_per_ticket" | "amount_per_order")) => &AMOUNT_OFF,
        (Discount, Some("fixed_price")) => &FIXED_PRICE,
        (Discount, Some("free" | "none")) => &KIND_ALONE,
        _ => panic!("not an object with fields: {object}"),
    }
}

pub fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name).collect()
}

/// What an error says was expected.
pub fn phrase(is: Is) -> String {
    match is {
        Whole(least, most) => format!("an integer from {least} to {most}"),
        Percent => "a number from 0 to 100 with at most 4 decimals".into(),
        Flag => "true or false".into(),
        Text(most) => format!("a string of 1 to {most} characters"),
        Words | IdentityKind => "a string".into(),
        OneOf(names) => format!("one of {}", names.join(", ")),
        Each => "an integer or a list of integers".into(),
        List(_) => "a list".into(),
        Map(_) | Object(_) | Discount => "an object".into(),
    }
}

/// What reading this value there answers, if it is not what is expected; errors of meaning are for errors.json.
pub fn complaint(is: Is, value: &Value) -> Option<String> {
    const INTEGER: &str = "an integer from 0 to 9007199254740991";
    let mut expected = phrase(is);
    let found = match (is, value) {
        (Flag, Value::Bool(_)) | (Words, Value::String(_)) => return None,
        (List(_) | Each, Value::Array(_)) | (Map(_) | Object(_) | Discount, Value::Object(_)) => return None,
        (Whole(least, most), Value::Number(_)) if value.as_u64().is_some_and(|n| least <= n && n <= most) => {
            return None;
        }
        (Whole(..), Value::Number(_)) => number(value),
        (Each, Value::Number(_)) if value.as_u64().is_some_and(|n| n <= MAX) => return None,
        (Each, Value::Number(_)) => {
            expected = INTEGER.into();
            number(value)
        }
        (Percent, Value::Number(_)) => match value.as_f64().unwrap() {
            n if (0.0..=100.0).contains(&n) => return None,
            n if n < 0.0 => "a negative number".into(),
            _ => "another number".into(),
        },
        (Text(most), Value::String(text)) => match text.chars().count() {
            0 => "an empty string".into(),
            n if n > most => format!("{n} characters"),
            _ => return None,
        },
        (OneOf(names), Value::String(text)) if names.contains(&text.as_str()) => return None,
        (OneOf(_), Value::String(_)) => "another string".into(),
        (IdentityKind, Value::String(text)) => {
            let kind = "expected a kind of 1 to 32 characters from a-z, 0-9 and _".to_owned();
            return (text.is_empty() || text.len() > 32).then_some(kind);
        }
        (_, Value::Null) => "null".into(),
        (_, Value::Bool(_)) => "a boolean".into(),
        (_, Value::Number(_)) => number(value),
        (_, Value::String(_)) => "a string".into(),
        (_, Value::Array(_)) => "a list".into(),
        (_, Value::Object(_)) => "an object".into(),
    };
    Some(format!("expected {expected}, found {found}"))
}

/// How a number that was not expected is called.
fn number(value: &Value) -> String {
    match (value.as_u64(), value.as_f64().unwrap()) {
        (Some(n), _) if n <= MAX => n.to_string(),
        (_, n) if n < 0.0 => "a negative number".into(),
        (_, n) if n.fract() == 0.0 => "a number above 9007199254740991".into(),
        _ => "a fraction".into(),
    }
}
