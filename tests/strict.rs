//! Malformed requests: every field of every document misspelt, left out, given twice and spoilt in turn.
//! What each field expects is written here by hand; the requests come from `documents.json`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::arithmetic_side_effects, reason = "positions in short texts; a test may overflow aloud")]

use redeemable::{Error, ErrorCode, json};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

// What the documents hold, in the contract's words and order.

/// What a value has to be.
#[derive(Clone, Copy, PartialEq)]
enum Is {
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
struct Field {
    name: &'static str,
    required: bool,
    is: Is,
}

const fn must(name: &'static str, is: Is) -> Field {
    Field { name, required: true, is }
}
const fn may(name: &'static str, is: Is) -> Field {
    Field { name, required: false, is }
}

const MAX: u64 = 9_007_199_254_740_991;
const COUNT: Is = Whole(0, MAX);
const AMOUNT: Is = Whole(0, MAX);
const TIME: Is = Whole(100_000_000_000, MAX);
const NAME: Is = Text(256);
const CURRENCY: Is = Text(16);
const RESTORE: Is = OneOf(&["restore", "keep"]);
const REASON: Is = OneOf(&[
    "buyer_released",
    "disputed",
    "forfeited",
    "hold_expired",
    "no_show",
    "organizer_cancelled",
    "payment_failed",
    "refunded",
]);

static VALIDATE: [Field; 6] = [
    must("codes", List(&Words)),
    must("promos", List(&Object(&PROMO))),
    may("policy", Object(&POLICY)),
    must("order", Object(&ORDER)),
    may("usage", Object(&USAGE)),
    must("now_ms", TIME),
];
static USAGE_KEYS: [Field; 6] = [
    must("codes", List(&Words)),
    must("promos", List(&Object(&PROMO))),
    may("policy", Object(&POLICY)),
    must("order", Object(&ORDER)),
    may("usage", Object(&USAGE)),
    may("now_ms", TIME),
];
static CONFIRM: [Field; 5] = [
    must("redemption", Object(&REDEMPTION)),
    may("total", AMOUNT),
    may("usage", Object(&USAGE)),
    must("now_ms", TIME),
    may("over_limit", Flag),
];
static APPLY_RELEASE: [Field; 3] =
    [must("redemption", Object(&REDEMPTION)), must("release", Object(&RELEASE)), must("now_ms", TIME)];
static RELEASE: [Field; 2] = [must("reason", REASON), may("tickets", List(&COUNT))];

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
static RULES: [Field; 6] = [
    may("buyer_released", Object(&RULE)),
    may("organizer_cancelled", Object(&RULE)),
    may("refunded", Object(&RULE)),
    may("forfeited", Object(&RULE)),
    may("no_show", Object(&RULE)),
    may("disputed", Object(&RULE)),
];
static RULE: [Field; 3] = [may("uses", RESTORE), may("identity", RESTORE), may("until_ms", TIME)];

const KIND: Field =
    must("kind", OneOf(&["percent", "amount_per_ticket", "amount_per_order", "fixed_price", "free", "none"]));
static PERCENT_OFF: [Field; 2] = [KIND, must("percent", Percent)];
static AMOUNT_OFF: [Field; 2] = [KIND, must("amount", AMOUNT)];
static FIXED_PRICE: [Field; 2] = [KIND, must("price", AMOUNT)];
static KIND_ALONE: [Field; 1] = [KIND];

static POLICY: [Field; 5] = [
    may("max_free_tickets_per_identity", COUNT),
    may("max_tickets_per_identity", COUNT),
    may("identity_kinds", List(&IdentityKind)),
    may("email_aliases", OneOf(&["fold", "exact"])),
    may("release", Object(&RULES)),
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

static REDEMPTION: [Field; 14] = [
    must("schema", Whole(1, 1)),
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
    must("back", List(&Object(&BACK))),
];
static BACK: [Field; 2] = [must("reason", REASON), may("until_ms", TIME)];

/// The fields that an object has.
fn fields(is: Is, object: &Value) -> &'static [Field] {
    match (is, object["kind"].as_str()) {
        (Object(fields), _) => fields,
        (Discount, Some("percent")) => &PERCENT_OFF,
        (Discount, Some("amount_per_ticket" | "amount_per_order")) => &AMOUNT_OFF,
        (Discount, Some("fixed_price")) => &FIXED_PRICE,
        (Discount, Some("free" | "none")) => &KIND_ALONE,
        _ => panic!("not an object with fields: {object}"),
    }
}

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name).collect()
}

/// What an error says was expected.
fn phrase(is: Is) -> String {
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
fn complaint(is: Is, value: &Value) -> Option<String> {
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

// The calls, and their example requests as text of which every part is known.

type Verb = fn(&[u8]) -> Result<String, Error>;

const CALLS: [(&str, Verb, &[Field]); 4] = [
    ("usageKeys", json::usage_keys, &USAGE_KEYS),
    ("validateRedemption", json::validate_redemption, &VALIDATE),
    ("confirmRedemption", json::confirm_redemption, &CONFIRM),
    ("applyRelease", json::apply_release, &APPLY_RELEASE),
];

/// The example request of a call.
struct Example {
    verb: Verb,
    text: String,
    nodes: Vec<Node>,
}

/// A value in the text of a request.
struct Node {
    path: String,
    value: Value,
    is: Is,
    at: Range<usize>,
    entry: Option<Entry>,
}

/// A value's place in the object that holds it.
#[derive(Clone)]
struct Entry {
    name: String,
    /// The path of that object.
    of: String,
    /// The fields of that object; a map has none.
    fields: Option<&'static [Field]>,
    /// The name and the value in the text.
    at: Range<usize>,
    /// The same with one of the commas beside it.
    with_comma: Range<usize>,
}

impl Entry {
    fn required(&self) -> bool {
        self.fields.is_some_and(|fields| fields.iter().any(|field| field.name == self.name && field.required))
    }
}

fn examples() -> Vec<Example> {
    let documents: Value = serde_json::from_str(include_str!("documents.json")).unwrap();
    let example = |(call, verb, fields): (&str, Verb, &'static [Field])| {
        let (mut text, mut nodes) = (String::new(), Vec::new());
        write(&documents[call], Object(fields), "", None, &mut text, &mut nodes);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), documents[call]);
        Example { verb, text, nodes: last_of_each_shape(nodes) }
    };
    CALLS.into_iter().map(example).collect()
}

/// Of elements of one list that are alike, only the last: each field at each depth once, and not nine times.
fn last_of_each_shape(nodes: Vec<Node>) -> Vec<Node> {
    let shape = |node: &Node| {
        let path: String =
            node.path.split_inclusive('[').map(|part| part.trim_start_matches(char::is_numeric)).collect();
        let siblings = node.entry.as_ref().and_then(|entry| entry.fields).map(names);
        let kind = (node.is == Discount).then(|| node.value["kind"].to_string());
        (path, siblings, kind)
    };
    let last: BTreeMap<_, _> = nodes.iter().enumerate().map(|(index, node)| (shape(node), index)).collect();
    let kept: BTreeSet<usize> = last.into_values().collect();
    nodes.into_iter().enumerate().filter(|(index, _)| kept.contains(index)).map(|(_, node)| node).collect()
}

fn write(value: &Value, is: Is, path: &str, entry: Option<Entry>, text: &mut String, nodes: &mut Vec<Node>) {
    let (start, index) = (text.len(), nodes.len());
    nodes.push(Node { path: path.into(), value: value.clone(), is, at: start..start, entry });
    match (value, is) {
        (Value::Array(items), List(_) | Each) => {
            text.push('[');
            let item_is = if let List(item_is) = is { *item_is } else { COUNT };
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                write(item, item_is, &format!("{path}[{index}]"), None, text, nodes);
            }
            text.push(']');
        }
        (Value::Object(entries), Map(_) | Object(_) | Discount) => {
            text.push('{');
            let fields = (!matches!(is, Map(_))).then(|| fields(is, value));
            for (index, (name, value)) in entries.iter().enumerate() {
                let field = fields.map(|fields| fields.iter().find(|field| field.name == name));
                let value_is = match (is, field) {
                    (Map(value_is), _) => *value_is,
                    (_, Some(Some(field))) => field.is,
                    _ => panic!("the contract has no field {path}.{name}"),
                };
                let before = text.len();
                text.push_str(if index == 0 { "" } else { "," });
                let start = text.len();
                text.push_str(&format!("{}:", Value::from(name.as_str())));
                let place = nodes.len();
                // A null has no parts, whatever it stands for.
                write(value, value_is, &step(path, name), None, text, nodes);
                let end = text.len();
                let with_comma =
                    if index == 0 { start..end + usize::from(entries.len() > 1) } else { before..end };
                let entry = Entry { name: name.clone(), of: path.into(), fields, at: start..end, with_comma };
                nodes[place].entry = Some(entry);
            }
            text.push('}');
        }
        _ => text.push_str(&value.to_string()),
    }
    nodes[index].at = start..text.len();
}

/// The path of a field of the object at `path`.
fn step(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (plain, path) {
        (false, _) => format!("{path}[{}]", Value::from(name)),
        (true, "") => name.into(),
        (true, _) => format!("{path}.{name}"),
    }
}

impl Example {
    /// The answer to the request with another text at that place.
    fn with(&self, at: &Range<usize>, text: &str) -> Result<String, Error> {
        (self.verb)([&self.text[..at.start], text, &self.text[at.end..]].concat().as_bytes())
    }

    fn assert_error(&self, at: &Range<usize>, text: &str, path: &str, message: &str) {
        let code = if path.starts_with("promos[") { "invalid_promo" } else { "invalid_request" };
        let expected = serde_json::json!({ "code": code, "path": path, "message": message });
        let answer = self.with(at, text).map_err(|error| serde_json::to_value(error).unwrap());
        assert_eq!(answer, Err(expected), "given {text:.200}");
    }

    /// Every field of every object with its place; entries of maps too if `maps`.
    fn entries(&self, maps: bool) -> impl Iterator<Item = (&Node, &Entry)> {
        let entries = self.nodes.iter().filter_map(|node| Some((node, node.entry.as_ref()?)));
        entries.filter(move |(_, entry)| maps || entry.fields.is_some())
    }
}

// The tests.

#[test]
fn the_examples_are_right_and_give_every_field() {
    for example in examples() {
        (example.verb)(example.text.as_bytes()).unwrap();
        // One object may leave out what its neighbour gives: two promos, two discounts of one kind.
        let mut given: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (_, entry) in example.entries(false) {
            given.entry(names(entry.fields.unwrap())).or_default().push(&entry.name);
        }
        for (known, mut given) in given {
            given.sort_unstable();
            given.dedup();
            let mut all = known.clone();
            all.sort_unstable();
            assert_eq!(given, all, "tests/documents.json gives every field of {known:?}");
        }
        let discounts = example.nodes.iter().filter(|node| node.is == Discount);
        let kinds: BTreeSet<_> = discounts.filter_map(|node| node.value["kind"].as_str()).collect();
        if let (false, OneOf(all)) = (kinds.is_empty(), KIND.is) {
            assert_eq!(kinds, all.iter().copied().collect());
        }
    }
}

#[test]
fn a_misspelt_field_is_unknown_at_every_depth_whatever_its_value() {
    let mut count = 0;
    for example in examples() {
        for (node, entry) in example.entries(false) {
            let known = entry.fields.unwrap();
            let known = match known.first() {
                // Which kind it is to be is not known yet: the fields of all of them.
                Some(first) if *first == KIND => "kind, percent, amount, price".into(),
                _ => names(known).join(", "),
            };
            let message = format!("unknown field, expected one of {known}");
            let field = &example.text[entry.at.clone()];
            let value = node.value.to_string();
            for misspelt in misspellings(&entry.name) {
                let path = step(&entry.of, &misspelt);
                let misspelt = Value::from(misspelt);
                for value in [value.as_str(), "null"] {
                    let wrong = format!("{misspelt}:{value}");
                    example.assert_error(&entry.at, &wrong, &path, &message);
                    example.assert_error(&entry.at, &format!("{field},{wrong}"), &path, &message);
                    count += 2;
                }
            }
        }
    }
    println!("{count} misspellings");
}

/// With a letter too many, with one too few, with two swapped, and in another style.
fn misspellings(name: &str) -> Vec<String> {
    let (first, rest) = name.split_at(1);
    let (second, end) = rest.split_at(1);
    let swapped = format!("{second}{first}{end}");
    vec![format!("{name}x"), name[..name.len() - 1].into(), swapped, name.to_uppercase(), format!("{name} ")]
}

#[test]
fn a_field_of_another_kind_of_discount_is_unknown() {
    for example in examples() {
        for node in example.nodes.iter().filter(|node| node.is == Discount && node.value.is_object()) {
            let known = names(fields(Discount, &node.value));
            let message = format!("unknown field, expected one of {}", known.join(", "));
            for foreign in ["percent", "amount", "price"].iter().filter(|name| !known.contains(name)) {
                let brace = node.at.end - 1..node.at.end;
                let wrong = format!(",\"{foreign}\":5}}");
                example.assert_error(&brace, &wrong, &format!("{}.{foreign}", node.path), &message);
            }
        }
    }
}

#[test]
fn required_fields_are_missed_and_null_is_absent() {
    let mut count = [0, 0];
    for example in examples() {
        for (node, entry) in example.entries(true) {
            let null = format!("{}:null", Value::from(entry.name.as_str()));
            count[usize::from(entry.required())] += 1;
            if entry.required() {
                example.assert_error(&entry.with_comma, "", &node.path, "missing required field");
                example.assert_error(&entry.at, &null, &node.path, "missing required field");
            } else {
                let (absent, null) = (example.with(&entry.with_comma, ""), example.with(&entry.at, &null));
                assert_eq!(absent, null, "{}", node.path);
                let read = !absent.is_err_and(|error| error.message == "missing required field");
                assert!(read, "{} is optional", node.path);
            }
        }
    }
    println!("{} required fields, {} optional ones", count[1], count[0]);
}

#[test]
fn each_malformed_value_is_an_error_at_its_field() {
    let long = |most: usize| Value::from("x".repeat(most));
    let mut values: Vec<Value> =
        ["1.5", "-1", "-0.5", "0", "1", "3", "1000", "1001", "1800000000", "99999999999", "100000000000"]
            .into_iter()
            .chain([
                "9007199254740991",
                "9007199254740992",
                "18446744073709551616",
                "1e300",
                "100.5",
                "true",
                "false",
                "null",
            ])
            .chain([
                "\"\"",
                "\" \"",
                "\"3\"",
                "\"x\"",
                "\"true\"",
                "\"null\"",
                "[]",
                "[\"x\"]",
                "{}",
                "{\"x\":1}",
            ])
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
    values.extend([17, 33, 257, 321].map(long));
    values.push(Value::from("\u{1F339}".repeat(257)));

    let (mut wrong, mut right) = (0, 0);
    for example in examples() {
        for node in &example.nodes {
            for value in &values {
                if value.is_null() && node.entry.is_some() {
                    continue; // absent; tested above
                }
                match complaint(node.is, value) {
                    Some(message) => {
                        example.assert_error(&node.at, &value.to_string(), &node.path, &message);
                        wrong += 1;
                    }
                    None => {
                        let phrase = format!("expected {}, found ", phrase(node.is));
                        if let Err(error) = example.with(&node.at, &value.to_string()) {
                            let read = error.path != node.path || !error.message.starts_with(&phrase);
                            assert!(read, "{value} at {error}");
                        }
                        right += 1;
                    }
                }
            }
        }
    }
    println!("{wrong} malformed values, {right} that may stand there");
}

#[test]
fn a_field_given_twice_is_an_error_at_every_depth() {
    let mut count = 0;
    for example in examples() {
        for (node, entry) in example.entries(true) {
            let field = &example.text[entry.at.clone()];
            let null = format!("{}:null", Value::from(entry.name.as_str()));
            let first = entry.name.chars().next().unwrap();
            let escaped = field.replacen(first, &format!("\\u{:04x}", u32::from(first)), 1);
            for twice in [
                format!("{field},{field}"),
                format!("{field},{null}"),
                format!("{null},{field}"),
                format!("{null},{null}"),
                format!("{field},{escaped}"),
                format!("{field},{field},{field}"),
            ] {
                example.assert_error(&entry.at, &twice, &node.path, "expected each field once");
                count += 1;
            }
        }
    }
    println!("{count} fields given twice");
}

#[test]
fn unreadable_text_is_an_error_at_the_root() {
    for example in examples() {
        let text = example.text.as_str();
        let inside = |inner: &str| text.replacen('{', &format!("{{\"policy\":{inner},"), 1);
        let mut unreadable: Vec<Vec<u8>> = vec![
            vec![],
            b" ".to_vec(),
            b"\xEF\xBB\xBF{}".to_vec(),
            b"{\"policy\":\"\xFF\"}".to_vec(),
            b"{\"policy\":\"\xED\xA0\x80\"}".to_vec(), // a surrogate as three bytes
            b"{\"policy\xC3\":1}".to_vec(),
            "[".repeat(100_000).into(),
            "[".repeat(100_000).into_bytes().into_iter().chain("]".repeat(100_000).into_bytes()).collect(),
            "{\"policy\":".repeat(100_000).into(),
            format!("{text} {{}}").into(),
            format!("{text},").into(),
            format!("{text}\0").into(),
            format!("// a comment\n{text}").into(),
            text.replace('"', "'").into(),
        ];
        for inner in [
            r#""\ud800""#,
            r#""\udc00""#,
            r#""\ud83cx""#,
            r#""\ud83c\u0041""#,
            r#"{"\ud800":1}"#,
            r#""\x""#,
            "\"\n\"",
            "NaN",
            "Infinity",
            "-",
            "+1",
            "01",
            ".5",
            "1.",
            "1e",
            "0x10",
            "1e999",
            "tru",
            "undefined",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\"}",
            "{1:1}",
            "",
        ] {
            unreadable.push(inside(inner).into());
        }
        // Cut off anywhere.
        unreadable.extend((0..text.len()).step_by(97).map(|length| text.as_bytes()[..length].to_vec()));
        for wrong in unreadable {
            let error = (example.verb)(&wrong).unwrap_err();
            let shown = String::from_utf8_lossy(&wrong);
            assert_eq!(error.code, ErrorCode::InvalidRequest, "{shown:.200}");
            assert_eq!(error.path, "", "{shown:.200}");
            assert!(error.message.starts_with("expected JSON: "), "{error}, given {shown:.200}");
        }
        // Any white space is as good as none.
        assert_eq!((example.verb)(format!("\r\n\t {text} \n").as_bytes()), (example.verb)(text.as_bytes()));
    }
}

#[test]
fn what_is_no_object_is_an_error_at_the_root() {
    for example in examples() {
        let all = 0..example.text.len();
        for (text, found) in
            [("null", "null"), ("3", "3"), ("\"x\"", "a string"), ("true", "a boolean"), ("[{}]", "a list")]
        {
            example.assert_error(&all, text, "", &format!("expected an object, found {found}"));
        }
    }
}

#[test]
fn whole_numbers_are_read_however_they_are_written() {
    for example in examples() {
        let answer = (example.verb)(example.text.as_bytes());
        for node in example.nodes.iter().filter(|node| node.value.is_u64()) {
            let number = node.value.as_u64().unwrap();
            for written in [format!("{number}.0"), format!("{number}e0"), format!("{number}0E-1")] {
                assert_eq!(example.with(&node.at, &written), answer, "{written} at {}", node.path);
            }
        }
    }
}

#[test]
fn amounts_reach_to_the_edge_and_not_beyond() {
    let answer = |promo: &str, lines: &str| {
        let order = format!(r#"{{"event_id":"gala","currency":"sat","lines":[{lines}]}}"#);
        let request =
            r#"{"codes":["A"],"promos":[{"code":"A",PROMO}],"order":ORDER,"now_ms":9007199254740991}"#;
        json::validate_redemption(request.replace("PROMO", promo).replace("ORDER", &order).as_bytes())
    };
    let most = r#"{"unit_price":9007199254740991,"quantity":1}"#;
    let limits = r#","max_uses":9007199254740991,"max_tickets_per_order":9007199254740991,"max_discount":9007199254740991,
        "budget":9007199254740991,"max_tickets":9007199254740991,"min_subtotal":9007199254740991,"starts_at_ms":9007199254740991,
        "pools":[{"id":"p","max_uses":9007199254740991,"budget":9007199254740991}]"#;
    for (discount, off, total) in [
        (r#""discount":{"kind":"none"}"#, 0, MAX),
        (r#""discount":{"kind":"free"}"#, MAX, 0),
        (r#""discount":{"kind":"amount_per_ticket","amount":9007199254740991}"#, MAX, 0),
        (r#""discount":{"kind":"amount_per_order","amount":9007199254740990}"#, MAX - 1, 1),
        (r#""discount":{"kind":"fixed_price","price":9007199254740990}"#, 1, MAX - 1),
        (r#""discount_percent":50"#, 4_503_599_627_370_495, 4_503_599_627_370_496),
        (r#""discount_percent":0.0001"#, 9_007_199_255, 9_007_190_247_541_736),
    ] {
        let answer = answer(&format!("{discount}{limits}"), most).unwrap();
        let quote = format!(r#""subtotal":{MAX},"discount":{off},"total":{total},"#);
        assert!(answer.contains(r#""status":"accepted""#) && answer.contains(&quote), "{answer}");
    }
    for lines in [
        r#"{"unit_price":9007199254740991,"quantity":2}"#.to_owned(),
        r#"{"unit_price":9007199254740991,"quantity":1000}"#.to_owned(),
        format!(r#"{most},{{"unit_price":1,"quantity":1}}"#),
    ] {
        let error = answer(r#""discount":{"kind":"free"}"#, &lines).unwrap_err();
        assert_eq!((error.code, error.path.as_str()), (ErrorCode::AmountOutOfRange, "order.lines"));
        assert_eq!(error.message, "expected a sum of at most 9007199254740991");
    }
    let edge = r#"{"unit_price":9007199254740991,"quantity":1},{"unit_price":0,"quantity":999}"#;
    assert!(answer(r#""discount":{"kind":"free"}"#, edge).is_ok());
}
