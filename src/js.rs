//! The JavaScript face: requests as bytes, answers as numbers and one text, and no JavaScript object in between.
//!
//! `pkg/js/wire.js` writes the one and reads the other. A function takes the length of the request, and returns the
//! address of four words: where the numbers of the answer are and how many, where its text is and how long. The first
//! number is 0 before an answer, and 1 before an error.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answer::Answer;
use crate::error::Error;
use crate::read::read;

#[wasm_bindgen(js_name = usageKeys)]
pub fn usage_keys(length: usize) -> usize {
    answer(length, crate::usage_keys)
}

#[wasm_bindgen(js_name = validateRedemption)]
pub fn validate_redemption(length: usize) -> usize {
    answer(length, crate::validate_redemption)
}

#[wasm_bindgen(js_name = confirmRedemption)]
pub fn confirm_redemption(length: usize) -> usize {
    answer(length, crate::confirm_redemption)
}

#[wasm_bindgen(js_name = applyRelease)]
pub fn apply_release(length: usize) -> usize {
    answer(length, crate::apply_release)
}

#[wasm_bindgen(js_name = auditUsage)]
pub fn audit_usage(length: usize) -> usize {
    answer(length, crate::audit_usage)
}

#[wasm_bindgen(js_name = publicView)]
pub fn public_view(length: usize) -> usize {
    answer(length, crate::public_view)
}

#[wasm_bindgen(js_name = checkPromo)]
pub fn check_promo(length: usize) -> usize {
    answer(length, crate::check_promo)
}

#[wasm_bindgen(js_name = simulate)]
pub fn simulate(length: usize) -> usize {
    answer(length, crate::simulate)
}

#[wasm_bindgen(js_name = generateCodes)]
pub fn generate_codes(length: usize) -> usize {
    answer(length, crate::generate_codes)
}

/// Where a request of `length` bytes is to be written, until the next call.
#[wasm_bindgen]
pub fn room(length: usize) -> usize {
    MEMORY.with_borrow_mut(|memory| {
        if memory.request.len() < length {
            memory.request.resize(length, 0);
        }
        memory.request.as_ptr().addr()
    })
}

/// What JavaScript writes into and reads from.
#[derive(Default)]
struct Memory {
    request: Vec<u8>,
    answer: Answer,
    place: [usize; 4],
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// One call: read, decide, write.
fn answer<Request: DeserializeOwned, T: Serialize>(
    length: usize,
    verb: fn(&Request) -> Result<T, Error>,
) -> usize {
    MEMORY.with_borrow_mut(|Memory { request, answer, place }| {
        let request = request.get(..length).unwrap_or_default();
        match read(request).and_then(|request| verb(&request)) {
            Ok(value) => answer.write(false, &value),
            Err(error) => answer.write(true, &error),
        }
        let (slots, text) = (&answer.slots, &answer.text);
        *place = [slots.as_ptr().addr(), slots.len(), text.as_ptr().addr(), text.len()];
        place.as_ptr().addr()
    })
}
