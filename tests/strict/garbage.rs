//! Whatever bytes come in: an error or an answer, and never a panic.

use redeemable::{Error, ErrorCode};
use serde_json::{Value, json};
use std::panic::catch_unwind;

use crate::example::{Verb, calls, examples};
use crate::fields::MAX;

const MEGABYTE: usize = 1 << 20;

/// Xorshift: the same numbers in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.roll()).unwrap() % end.max(1)
    }

    fn byte(&mut self) -> u8 {
        self.roll().to_le_bytes()[0]
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

/// Answers and errors, counted: a test in which one of them never occurs shows little.
#[derive(Default, Debug)]
struct Seen {
    answers: usize,
    unreadable: usize,
    malformed: usize,
}

impl Seen {
    fn call(&mut self, verb: Verb, request: &[u8]) {
        let Ok(answer) = catch_unwind(|| verb(request)) else {
            panic!("a panic, given {:.3000}", String::from_utf8_lossy(request));
        };
        self.answer(answer);
    }

    fn answer(&mut self, answer: Result<String, Error>) {
        match answer {
            Ok(answer) => {
                self.answers += 1;
                assert!(serde_json::from_str::<Value>(&answer).is_ok(), "{answer:.1000}");
            }
            Err(error) if error.message.starts_with("expected JSON: ") => {
                self.unreadable += 1;
                assert_eq!((error.code, error.path.as_str()), (ErrorCode::InvalidRequest, ""));
            }
            Err(error) => {
                self.malformed += 1;
                let ours = ["expected ", "unknown field, expected one of ", "missing required field"];
                assert!(ours.iter().any(|start| error.message.starts_with(start)), "{error:.1000}");
            }
        }
    }
}

#[test]
fn a_megabyte_of_arbitrary_bytes_is_an_error() {
    let mut seen = Seen::default();
    for (seed, (_, verb)) in (1..=8).flat_map(|seed| calls().map(move |call| (seed, call))) {
        let mut dice = Dice::new(seed);
        let bytes = dice.bytes(MEGABYTE);
        seen.call(verb, &bytes);
        // Where a string may stand, in quotes; the first that is not Unicode or not escaped ends it.
        seen.call(verb, &[b"{\"codes\":[\"", bytes.as_slice(), b"\"]}"].concat());
        // The parts of JSON, and our words for fields, in any order.
        let parts = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"codes\"",
            "\"promos\"",
            "\"order\"",
            "\"redemption\"",
            "\"x\"",
            "null",
            "true",
            "3",
            "-1",
            "0.5",
            "1e9",
            " ",
            "{\"codes\":[",
            "\"\\ud83c\\udf39\"",
        ];
        let soup: String = (0..MEGABYTE / 4).map(|_| *dice.one_of(&parts)).collect();
        seen.call(verb, soup.as_bytes());
    }
    assert_eq!((seen.answers, seen.malformed), (0, 0), "{seen:?}");
}

#[test]
fn a_megabyte_in_the_right_places_is_answered_or_refused() {
    let mut seen = Seen::default();
    let mut dice = Dice::new(1);
    let long: String = (0..MEGABYTE / 4)
        .filter_map(|_| char::from_u32(u32::try_from(dice.roll() & 0x1F_FFFF).unwrap()))
        .collect();
    for example in examples() {
        let long = Value::from(long.as_str()).to_string();
        for node in example.nodes.iter().filter(|node| node.value.is_string()) {
            seen.answer(example.with(&node.at, &long));
        }
        // As a name too: of a field that is unknown, and in a map.
        for (node, entry) in example.entries(true) {
            if entry.of.is_empty() || entry.fields.is_none() {
                let named = format!("{long}:{}", node.value);
                seen.answer(example.with(&entry.at, &named));
            }
        }
    }
    println!("{seen:?}");
    assert!(seen.answers > 0 && seen.malformed > 0 && seen.unreadable == 0, "{seen:?}");
}

#[test]
fn thousands_of_broken_texts_are_answered_or_refused() {
    let mut seen = Seen::default();
    for (seed, example) in (1..).zip(examples()) {
        let mut dice = Dice::new(seed);
        for _ in 0..2_000 {
            let mut text = example.text.clone().into_bytes();
            break_bytes(&mut text, &mut dice);
            seen.call(example.verb, &text);
        }
    }
    println!("{seen:?}");
    assert!(seen.answers > 100 && seen.malformed > 100 && seen.unreadable > 100, "{seen:?}");
}

#[test]
fn thousands_of_twisted_requests_are_answered_or_refused() {
    let mut seen = Seen::default();
    for (seed, example) in (1..).zip(examples()) {
        let mut dice = Dice::new(seed);
        let original: Value = serde_json::from_str(&example.text).unwrap();
        for _ in 0..2_000 {
            let mut request = original.clone();
            for _ in 0..=dice.below(3) {
                twist(&mut request, &original, &mut dice);
            }
            seen.call(example.verb, request.to_string().as_bytes());
        }
    }
    println!("{seen:?}");
    assert!(seen.answers > 1_000 && seen.malformed > 1_000 && seen.unreadable == 0, "{seen:?}");
}

#[test]
fn broken_and_twisted_megabytes_are_answered_or_refused() {
    let mut seen = Seen::default();
    for (seed, (name, verb)) in (1..).zip(calls()) {
        let mut dice = Dice::new(seed);
        let large = enlarged(name);
        let mut text = large.to_string().into_bytes();
        if large == example(name) {
            text.resize(MEGABYTE, b' ');
        }
        assert!(text.len() >= MEGABYTE);
        verb(&text).unwrap();
        for _ in 0..5 {
            let mut broken = text.clone();
            break_bytes(&mut broken, &mut dice);
            seen.call(verb, &broken);
            let mut twisted = large.clone();
            (0..10).for_each(|_| twist(&mut twisted, &large, &mut dice));
            seen.call(verb, twisted.to_string().as_bytes());
        }
    }
    println!("{seen:?}");
    assert!(seen.answers > 0 && seen.malformed > 0 && seen.unreadable > 0, "{seen:?}");
}

fn example(call: &str) -> Value {
    let documents: Value = serde_json::from_str(include_str!("../documents.json")).unwrap();
    documents[call].clone()
}

/// The example with one of its lists repeated until it is a megabyte; unchanged if it has no list of its own.
fn enlarged(call: &str) -> Value {
    let mut request = example(call);
    if let Some(typed) = request.get_mut("text") {
        *typed = "gala-2027 ".repeat(MEGABYTE / 10).into();
        return request;
    }
    let copies = |list: &Value| MEGABYTE / list[0].to_string().len() + 1;
    if let Some(redemption) = request.get_mut("redemption") {
        let count = copies(&redemption["charges"]);
        redemption["charges"] = vec![redemption["charges"][0].clone(); count].into();
        return request;
    }
    if let Some(redemptions) = request.get_mut("redemptions") {
        let record = |index: usize| {
            let mut record = redemptions[0].clone();
            record["id"] = format!("o-{index}").into();
            record
        };
        *redemptions = (0..copies(redemptions)).map(record).collect::<Vec<_>>().into();
        return request;
    }
    if request.get("change").is_some() {
        let counter = |index: usize| (format!("code/id:summer/by/account:{index}"), Value::from(1));
        request["counters"] = Value::Object((0..MEGABYTE / 30).map(counter).collect());
        return request;
    }
    if let Some(existing) = request.get_mut("existing") {
        *existing = (0..copies(existing)).map(|index| format!("GALA-{index}")).collect::<Vec<_>>().into();
        return request;
    }
    if request.get("promos").is_none() {
        return request;
    }
    let promo = |index: usize| {
        let mut promo = request["promos"][0].clone();
        if index > 0 {
            promo["code"] = format!("SUMMER-{index}").into();
            promo["id"] = format!("summer-{index}").into();
        }
        promo
    };
    let count = copies(&request["promos"]);
    request["promos"] = (0..count).map(promo).collect::<Vec<_>>().into();
    if request.get("codes").is_none() {
        return request;
    }
    // A view is of one code.
    let codes = if call == "publicView" { 1 } else { 16 };
    request["codes"] = (0..codes).map(|index| format!("summer-{index}")).collect::<Vec<_>>().into();
    request
}

/// Some bytes changed, put in, taken out or moved, or the end cut off.
fn break_bytes(text: &mut Vec<u8>, dice: &mut Dice) {
    for _ in 0..=dice.below(3) {
        let (start, length) = (dice.below(text.len()), dice.below(9));
        let end = (start + length).min(text.len());
        match dice.below(7) {
            0 => text.iter_mut().skip(start).take(1).for_each(|byte| *byte ^= 1 << dice.below(8)),
            1 => drop(text.splice(start..start, dice.bytes(length))),
            2 => drop(text.drain(start..end)),
            3 => {
                let copy = text[start..end].to_vec();
                let to = dice.below(text.len());
                drop(text.splice(to..to, copy));
            }
            4 if dice.below(20) == 0 => text.truncate(start),
            // Digits and letters, which leave it JSON more often.
            _ => {
                let digit = text.iter().skip(start).position(u8::is_ascii_digit);
                if let Some(byte) = digit.and_then(|after| text.get_mut(start + after)) {
                    *byte = *dice.one_of(b"0123456789.e-");
                }
            }
        }
    }
}

/// One value somewhere in `place` changed, taken out, given again, or replaced by one from elsewhere in `other`.
pub fn twist(place: &mut Value, other: &Value, dice: &mut Dice) {
    match place {
        Value::Array(items) if !items.is_empty() => {
            let index = dice.below(items.len());
            match dice.below(12) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                2 => items.reverse(),
                3 => items.clear(),
                _ => twist(&mut items[index], other, dice),
            }
        }
        Value::Object(entries) if !entries.is_empty() => {
            let name = entries.keys().nth(dice.below(entries.len())).unwrap().clone();
            match dice.below(30) {
                0 => drop(entries.remove(&name)),
                1 => drop(entries.insert(name, from_elsewhere(other, dice))),
                _ => twist(&mut entries[&name], other, dice),
            }
        }
        Value::Bool(flag) => *flag = !*flag,
        Value::Number(number) => {
            let near = number.as_u64().unwrap_or_default();
            *place = json!(match dice.below(9) {
                0 => 0,
                1 => 1,
                2 => MAX,
                3 => MAX - near.min(MAX),
                4 => MAX / 2,
                5 => near.saturating_sub(1),
                6 => near.saturating_mul(1_000).min(MAX),
                7 => dice.roll() % 20,
                _ => near + 1,
            });
        }
        Value::String(text) => {
            let words = ["held", "confirmed", "released", "hold_expired", "partial", "order", "exact"];
            *place = match dice.below(6) {
                0 => text.to_lowercase().into(),
                1 => format!("{text}+").into(),
                2 => text.chars().rev().collect::<String>().into(),
                3 | 4 => (*dice.one_of(&words)).into(),
                _ => from_elsewhere(other, dice),
            };
        }
        _ => *place = from_elsewhere(other, dice),
    }
}

fn from_elsewhere(mut value: &Value, dice: &mut Dice) -> Value {
    while dice.below(6) > 0 {
        value = match value {
            Value::Array(items) if !items.is_empty() => dice.one_of(items),
            Value::Object(entries) if !entries.is_empty() => {
                entries.values().nth(dice.below(entries.len())).unwrap()
            }
            _ => break,
        };
    }
    value.clone()
}
