//! The engine for hosts that run WebAssembly and speak JSON: text in, text out, and no import at all.
//!
//! The functions are those of `redeemable.wit`, in the component model's canonical form. The host asks for room for its
//! request with `cabi_realloc`. A call returns an address, at which the host finds the answer's address and length.
//! All requests use one buffer, which grows and is never freed. A host that calls this module directly, without the
//! component around it, needs to ask for room only if a request is longer than all requests before it.
#![allow(unsafe_code, reason = "naming an export is called unsafe; nothing else here is")]

use redeemable::{Error, json, room};

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

/// Answers several requests in one call, one per line, because a call costs some hosts more than the decision. Not part
/// of the component.
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

/// Prepares rules, and answers the number by which they are asked. This function and those below, except for
/// `cabi_realloc`, are not part of the component.
#[unsafe(export_name = "prepare")]
extern "C" fn prepare(_: usize, length: usize) -> usize {
    answer(length, |document| {
        text(json::prepare(document).map(|rules| format!("{{\"rules\":{}}}", room::keep_rules(rules))))
    })
}

macro_rules! exports_under_rules {
    ($(
        #[doc = $sentence:literal]
        $method:ident $verb:ident($js:literal, $wit:literal): $request:ident => $answer:ty;
    )*) => {$(
        #[unsafe(export_name = $wit)]
        extern "C" fn $verb(rules: usize, length: usize) -> usize {
            answer(length, |request| text(room::rules(rules).and_then(|rules| json::$verb(&rules, request))))
        }
    )*};
}
redeemable::prepared_verbs!(exports_under_rules);

#[unsafe(export_name = "drop-rules")]
extern "C" fn drop_rules(rules: usize, _: usize) -> usize {
    room::drop_rules(rules);
    answer(0, |_| String::new())
}

/// Room for a request of `length` bytes, always in the same buffer.
#[unsafe(export_name = "cabi_realloc")]
extern "C" fn cabi_realloc(_: usize, _: usize, _: usize, length: usize) -> usize {
    room::reserve(length)
}

fn answer(length: usize, verb: impl FnOnce(&[u8]) -> String) -> usize {
    // `usize::MAX`: the buffer is never freed, because a host may remember its address.
    room::answer(length, usize::MAX, |request, answer| answer.write(verb(request).into_bytes()))
}

fn text(answer: Result<String, Error>) -> String {
    match answer {
        Ok(answer) => answer,
        // Written by hand, or the fields would be sorted; three strings can always be written.
        Err(error) => format!("{{\"error\":{}}}", serde_json::to_string(&error).unwrap_or_default()),
    }
}
