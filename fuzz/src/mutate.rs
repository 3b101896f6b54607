//! Spoils a request: gives values of the wrong size or kind, and renames, drops or repeats fields.

use serde_json::{Map, Number, Value};
use std::sync::OnceLock;

use crate::draw::{Draw, bytes};

/// Values at the edges of what the specification allows, such as 1000 and 1001.
const EDGES: &str = r#"[null, true, false, 0, 1, -1, 2, 3, 16, 17, 100, 101, 1000, 1001, 0.5, 12.5, 33.3333, 33.33333,
  99.9999, 1e300, -0.0, 99999999999, 100000000000, 1800000000000, 9007199254740991, 9007199254740992, "", " ", "a",
  "summer", "SUMMER", "ß", "ﬁ", "İ", "\u0000", "\u00ad", "\u200b", "\ufeff", "a@b", "A.B+c@Gmail.com", "@x", "+@x",
  "email", "EUR", "gala", "o-1", "ticket", "order", "partial", "free", "fixed_price", "order_price",
  "list", "half_down", "cheapest", "discounts", "held", "confirmed", "released",
  "hold_expired", "refunded", "exchanged", "kept", "returned", "p-1", "eur",
  "day", "week", "month", 15, 1439, 1440, 2879, 2880, -840, 855, 400, 1799999999999, 1800028800000,
  "code/event:gala:SUMMER/uses", "pool/season/uses", "event/gala/free/email:a",
  "code/id:summer/day/2027-01-15/uses", "code/id:summer/day/2027-02-29/uses", "code/id:summer/week/2026-W53/by/email:a",
  "code/id:summer/month/2027-13/uses", "pool/season/by/email:a",
  [], {}, [0], [null], {"email": "a@b"}, {"EUR": 500}, {"EUR": 1, "USD": 9007199254740991}, {"USD": 0},
  {"fact": "level", "is": 3}, {"fact": "groups", "not_in": ["crew"]}, {"any": [{"fact": "age", "at_most": 17}]},
  {"days": [5], "from_minute": 1320, "to_minute": 1560}, {"every": "week", "max_uses": 1},
  {"kind": "percent", "percent": 50, "of": "order", "at": "list"}, {"kind": "order_price", "price": 1},
  {"kind": "per_group", "size": 2, "discounted": 1}, {"kind": "per_group", "size": 3, "discounted": 2,
    "discount": {"kind": "percent", "percent": 50}, "max_groups": 1, "spread": "discounted"},
  {"kind": "per_group", "buy": {"ticket_types": ["regular"], "tickets": 1}, "discounted": 1},
  {"kind": "tiers", "by": "tickets", "mode": "graduated", "tiers": [{"from": 2, "discount": {"kind": "free"}}]},
  {"kind": "tiers", "by": "subtotal", "mode": "volume", "tiers": [{"from": {"EUR": 1, "USD": 2},
    "discount": {"kind": "order_price", "price": 3}}, {"from": 100, "discount": {"kind": "none"}}]},
  "group", "discounted", "volume", "graduated", "subtotal",
  {"from_ms": 1799999999999, "offset_minutes": -480}, {"min_tickets": 1}, {"max_tickets_per_identity": 1}]"#;

fn documents() -> &'static Value {
    static DOCUMENTS: OnceLock<Value> = OnceLock::new();
    DOCUMENTS.get_or_init(|| serde_json::from_str(include_str!("../../tests/documents.json")).unwrap())
}

fn edges() -> &'static [Value] {
    static EDGES_READ: OnceLock<Vec<Value>> = OnceLock::new();
    EDGES_READ.get_or_init(|| serde_json::from_str(EDGES).unwrap())
}

/// A value with the name of its field; in a list it has no name.
type Named<'a> = (Option<&'a str>, &'a Value);

/// Collects every value inside this one, with the name of its field.
fn all<'a>(value: &'a Value, into: &mut Vec<Named<'a>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| {
            into.push((None, item));
            all(item, into);
        }),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| {
            into.push((Some(name), field));
            all(field, into);
        }),
        _ => {}
    }
}

/// Every value in tests/documents.json, which gives each field at least once.
fn donors() -> &'static [Named<'static>] {
    static DONORS: OnceLock<Vec<Named<'static>>> = OnceLock::new();
    DONORS.get_or_init(|| {
        let mut donors = Vec::new();
        all(documents(), &mut donors);
        donors
    })
}

/// Applies `change` to the value at this place, counted depth first. `place` is negative afterwards if it was found.
fn at(value: &mut Value, place: &mut isize, change: &mut dyn FnMut(&mut Value)) {
    *place -= 1;
    if *place == -1 {
        return change(value);
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| at(item, place, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| at(field, place, change)),
        _ => {}
    }
}

/// Makes one change somewhere in the text: mostly to a value, now and then to its bytes.
pub fn mutate(text: &[u8], seed: u64) -> Vec<u8> {
    let chance = bytes(seed, 64);
    let mut draw = Draw::new(&chance);
    let (call, json) = text.split_at(text.len().min(1));
    let value = serde_json::from_slice::<Value>(json);
    let (Ok(mut value), false) = (value, draw.one_in(16)) else { return spoil(text, &mut draw) };
    if draw.one_in(64) {
        // Functions whose requests are alike.
        return [&[draw.of(b"uvcrpksd")][..], json].concat();
    }
    for _ in 0..=draw.below(3) {
        let mut values = Vec::new();
        all(&value, &mut values);
        let other = values.get(draw.below(values.len())).map(|(_, value)| (*value).clone());
        let place = draw.below(values.len() + 1);
        drop(values);
        at(&mut value, &mut isize::try_from(place).unwrap(), &mut |value| {
            change(value, other.as_ref(), &mut draw)
        });
    }
    [call, value.to_string().as_bytes()].concat()
}

fn change(value: &mut Value, other: Option<&Value>, draw: &mut Draw) {
    let (donors, edges) = (donors(), edges());
    match (&mut *value, draw.below(8)) {
        (_, 0) => *value = edges[draw.below(edges.len())].clone(),
        (_, 1) => *value = other.cloned().unwrap_or_default(),
        (Value::Number(number), _) => *value = near(number, draw),
        (Value::String(text), 2..=4) => {
            let at = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).nth(draw.below(text.len() + 1));
            text.insert_str(
                at.unwrap_or(0),
                draw.of(&["x", " ", "+", ".", "@", "%", "/", "\u{200b}", "É", "ß"]),
            );
        }
        (Value::String(text), 5) => *text = text.to_uppercase(),
        (Value::String(text), 6) => *text = text.chars().skip(1).collect(),
        (Value::Array(items), 2 | 3) if !items.is_empty() => {
            items.remove(draw.below(items.len()));
        }
        (Value::Array(items), 4 | 5) if !items.is_empty() => {
            let again = items[draw.below(items.len())].clone();
            items.push(again);
        }
        (Value::Object(fields), 2 | 3) if !fields.is_empty() => {
            let name = fields.keys().nth(draw.below(fields.len())).unwrap().clone();
            fields.shift_remove(&name);
        }
        // A field gets the value that a field of the same name has in another document.
        (Value::Object(fields), 4 | 5) if !fields.is_empty() => {
            let name = fields.keys().nth(draw.below(fields.len())).unwrap().clone();
            let same: Vec<_> = donors.iter().filter(|(donor, _)| *donor == Some(&name)).collect();
            if let Some((_, donor)) = same.get(draw.below(same.len())) {
                fields.insert(name, (*donor).clone());
            }
        }
        // Adds a field from anywhere, which may or may not be known here.
        (Value::Object(fields), _) => add(fields, donors[draw.below(donors.len())]),
        _ => *value = edges[draw.below(edges.len())].clone(),
    }
}

fn add(fields: &mut Map<String, Value>, (name, value): Named) {
    fields.insert(name.unwrap_or("x").to_owned(), value.clone());
}

/// A number close to this one, or at the other end.
fn near(number: &Number, draw: &mut Draw) -> Value {
    let value = number.as_f64().unwrap_or_default();
    let value = match draw.below(8) {
        0 | 1 => value + 1.0,
        2 | 3 => value - 1.0,
        4 => value * 2.0,
        5 => value / 2.0,
        6 => 9_007_199_254_740_991.0 - value,
        _ => return Value::from(draw.below(12)),
    };
    // Whole numbers are mostly written as 3, sometimes as 3.0; the engine reads both alike.
    if value.fract() == 0.0 && value.abs() < 1e16 && !draw.one_in(4) {
        Value::from(value as i64)
    } else {
        Number::from_f64(value).map_or(Value::Null, Value::Number)
    }
}

/// Changes the bytes themselves: repeats a field, drops a brace, or makes the text invalid UTF-8.
fn spoil(text: &[u8], draw: &mut Draw) -> Vec<u8> {
    let (from, length) = (draw.below(text.len() + 1), draw.below(24));
    let to = text.len().min(from + length);
    let (head, cut, tail) = (&text[..from], &text[from..to], &text[to..]);
    match draw.below(4) {
        0 => [head, tail].concat(),
        1 => [head, cut, cut, tail].concat(),
        2 => [head, &[draw.byte()], tail].concat(),
        _ => [head, br#""codes":[],"#, cut, tail].concat(),
    }
}
