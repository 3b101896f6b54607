//! The engine for hosts that run WebAssembly and speak JSON: text in, text out, and no import at all.
//!
//! The functions are those of `redeemable.wit`, in the component model's canonical form: the host asks for room
//! for its request with `cabi_realloc`, and reads where the answer is, and how long, from the address that the call
//! returns. Requests share one buffer, which grows and is not freed; a host that calls this module without the
//! component around it therefore asks for room only when a request is longer than all before it.
#![allow(unsafe_code, reason = "naming an export is called unsafe; nothing else here is")]

use redeemable::{Error, PreparedRules, json};
use std::cell::RefCell;

macro_rules! exports {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {$(
        #[unsafe(export_name = $wit)]
        extern "C" fn $verb(_: usize, length: usize) -> usize {
            answer(length, |request| text(json::$verb(request)))
        }
    )*};
}
redeemable::verbs!(exports);

/// Not part of the component: requests in lines, answered in lines, for hosts to whom crossing is what costs.
#[unsafe(export_name = "validate-redemptions")]
extern "C" fn validate_redemptions(_: usize, length: usize) -> usize {
    answer(length, |requests| {
        let mut answers = String::new();
        for request in requests.split(|byte| *byte == b'\n') {
            answers.push_str(&text(json::validate_redemption(request)));
            answers.push('\n');
        }
        answers
    })
}

/// Keeps rules, and answers the number to ask for them by. Neither is this part of the component, nor what follows.
#[unsafe(export_name = "prepare")]
extern "C" fn prepare(_: usize, length: usize) -> usize {
    answer(length, |document| {
        let number = json::prepare(document).map(|rules| RULES.with_borrow_mut(|kept| keep(kept, rules)));
        text(number.map(|number| format!("{{\"rules\":{number}}}")))
    })
}

macro_rules! exports_under_rules {
    ($(
        #[doc = $sentence:literal]
        $method:ident $verb:ident($js:literal, $wit:literal): $request:ident => $answer:ty;
    )*) => {$(
        #[unsafe(export_name = $wit)]
        extern "C" fn $verb(rules: usize, length: usize) -> usize {
            answer(length, |request| under(rules, |rules| json::$verb(rules, request)))
        }
    )*};
}
redeemable::prepared_verbs!(exports_under_rules);

#[unsafe(export_name = "drop-rules")]
extern "C" fn drop_rules(rules: usize, _: usize) -> usize {
    RULES.with_borrow_mut(|kept| kept.get_mut(rules).and_then(Option::take));
    answer(0, |_| String::new())
}

thread_local! {
    static RULES: RefCell<Vec<Option<PreparedRules>>> = const { RefCell::new(Vec::new()) };
}

/// The first free place, taken by these rules.
fn keep(kept: &mut Vec<Option<PreparedRules>>, rules: PreparedRules) -> usize {
    let free = kept.iter().position(Option::is_none).unwrap_or(kept.len());
    match kept.get_mut(free) {
        Some(place) => *place = Some(rules),
        None => kept.push(Some(rules)),
    }
    free
}

fn under(number: usize, verb: impl FnOnce(&PreparedRules) -> Result<String, Error>) -> String {
    RULES.with_borrow(|kept| match kept.get(number) {
        Some(Some(rules)) => text(verb(rules)),
        _ => r#"{"error":{"code":"invalid_request","path":"","at":[],"message":"expected rules that are prepared"}}"#
            .into(),
    })
}

/// Room for a request of `length` bytes, always in the same buffer.
#[unsafe(export_name = "cabi_realloc")]
extern "C" fn cabi_realloc(_: usize, _: usize, _: usize, length: usize) -> usize {
    MEMORY.with_borrow_mut(|memory| {
        if memory.request.len() < length {
            memory.request.resize(length, 0);
        }
        memory.request.as_ptr().addr()
    })
}

/// What the host writes into and reads from.
struct Memory {
    request: Vec<u8>,
    answer: String,
    /// Where the answer is, and how long.
    place: [usize; 2],
}

thread_local! {
    static MEMORY: RefCell<Memory> =
        const { RefCell::new(Memory { request: Vec::new(), answer: String::new(), place: [0, 0] }) };
}

fn answer(length: usize, verb: impl FnOnce(&[u8]) -> String) -> usize {
    MEMORY.with_borrow_mut(|memory| {
        memory.answer = verb(memory.request.get(..length).unwrap_or_default());
        memory.place = [memory.answer.as_ptr().addr(), memory.answer.len()];
        memory.place.as_ptr().addr()
    })
}

fn text(answer: Result<String, Error>) -> String {
    match answer {
        Ok(answer) => answer,
        // Written by hand, or the fields would be sorted; three strings can always be written.
        Err(error) => format!("{{\"error\":{}}}", serde_json::to_string(&error).unwrap_or_default()),
    }
}
