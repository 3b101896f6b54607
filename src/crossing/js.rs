//! The JavaScript face: requests as bytes, answers as numbers and one text, and no JavaScript object in between.
//!
//! `pkg/js/wire.js` writes the one and reads the other. A function takes the length of the request, and returns the
//! address of four words: where the numbers of the answer are and how many, where its text is and how long. The first
//! number is 0 before an answer, and 1 before an error.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::cell::Cell;
#[cfg(feature = "engine")]
use std::cell::RefCell;
#[cfg(feature = "engine")]
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::base::error::Error;
#[cfg(feature = "engine")]
use crate::base::money::Integer;
use crate::crossing::answer::Answer;
use crate::crossing::read::read;
#[cfg(feature = "engine")]
use crate::documents::prepared::{PrepareRequest, PreparedRules};

/// What sells: what every buyer's browser downloads.
#[cfg(feature = "engine")]
mod engine {
    use super::*;

    #[wasm_bindgen(js_name = usageKeys)]
    pub fn usage_keys(length: usize) -> usize {
        answer(length, |request| crate::usage_keys(&request))
    }

    #[wasm_bindgen(js_name = validateRedemption)]
    pub fn validate_redemption(length: usize) -> usize {
        answer(length, |request| crate::validate_redemption(&request))
    }

    #[wasm_bindgen(js_name = confirmRedemption)]
    pub fn confirm_redemption(length: usize) -> usize {
        answer(length, |request| crate::confirm_redemption(&request))
    }

    #[wasm_bindgen(js_name = applyRelease)]
    pub fn apply_release(length: usize) -> usize {
        answer(length, |request| crate::apply_release(&request))
    }

    #[wasm_bindgen(js_name = auditUsage)]
    pub fn audit_usage(length: usize) -> usize {
        answer(length, |request| crate::audit_usage(&request))
    }

    #[wasm_bindgen(js_name = canonicalCode)]
    pub fn canonical_code(length: usize) -> usize {
        answer(length, |request| Ok(crate::canonical_code(&request)))
    }

    /// Keeps rules; the answer is the number to ask for them by.
    #[wasm_bindgen]
    pub fn prepare(length: usize) -> usize {
        answer(length, |document: PrepareRequest| {
            let rules = Rc::new(PreparedRules::try_from(document)?);
            RULES.with_borrow_mut(|kept| {
                let free = kept.iter().position(Option::is_none).unwrap_or(kept.len());
                match kept.get_mut(free) {
                    Some(place) => *place = Some(rules),
                    None => kept.push(Some(rules)),
                }
                Ok(Integer::count(free))
            })
        })
    }

    #[wasm_bindgen(js_name = preparedUsageKeys)]
    pub fn prepared_usage_keys(length: usize, rules: usize) -> usize {
        answer(length, |request| kept(rules, |rules| rules.usage_keys(&request)))
    }

    #[wasm_bindgen(js_name = preparedValidateRedemption)]
    pub fn prepared_validate_redemption(length: usize, rules: usize) -> usize {
        answer(length, |request| kept(rules, |rules| rules.validate_redemption(&request)))
    }

    #[wasm_bindgen(js_name = dropRules)]
    pub fn drop_rules(rules: usize) {
        RULES.with_borrow_mut(|kept| kept.get_mut(rules).and_then(Option::take));
    }

    thread_local! {
        static RULES: RefCell<Vec<Option<Rc<PreparedRules>>>> = RefCell::default();
    }

    fn kept<T>(rules: usize, verb: impl FnOnce(&PreparedRules) -> Result<T, Error>) -> Result<T, Error> {
        // Not borrowed while it decides: a call that is cut short gives nothing back.
        match RULES.with_borrow(|kept| kept.get(rules).cloned()) {
            Some(Some(rules)) => verb(&rules),
            _ => Err(Error::new("", "expected rules that were not freed")),
        }
    }
}

/// What is asked on a server or by an organiser: a file of its own, which no buyer downloads.
#[cfg(feature = "organiser")]
mod organiser {
    use super::*;

    #[wasm_bindgen(js_name = publicView)]
    pub fn public_view(length: usize) -> usize {
        answer(length, |request| crate::public_view(&request))
    }

    #[wasm_bindgen(js_name = validatePromos)]
    pub fn validate_promos(length: usize) -> usize {
        answer(length, |request| Ok(crate::validate_promos(&request)))
    }

    #[wasm_bindgen(js_name = checkPromo)]
    pub fn check_promo(length: usize) -> usize {
        answer(length, |request| crate::check_promo(&request))
    }

    #[wasm_bindgen(js_name = simulate)]
    pub fn simulate(length: usize) -> usize {
        answer(length, |request| crate::simulate(&request))
    }

    #[wasm_bindgen(js_name = generateCodes)]
    pub fn generate_codes(length: usize) -> usize {
        answer(length, |request| crate::generate_codes(&request))
    }
}

/// Where a request of `length` bytes is to be written, until the next call.
#[wasm_bindgen]
pub fn room(length: usize) -> usize {
    let mut memory = MEMORY.take().unwrap_or_default();
    if memory.request.len() < length {
        memory.request.resize(length, 0);
    }
    let address = memory.request.as_ptr().addr();
    MEMORY.set(Some(memory));
    address
}

/// The room for a request longer than this is given back after it.
const KEEP: usize = 1 << 20;

/// What JavaScript writes into and reads from.
#[derive(Default)]
struct Memory {
    request: Vec<u8>,
    answer: Answer,
    place: [usize; 4],
}

thread_local! {
    /// Taken for a call and put back after it: one that JavaScript cuts short, for want of stack, leaves nothing
    /// borrowed.
    static MEMORY: Cell<Option<Box<Memory>>> = const { Cell::new(None) };
}

/// One call: read, decide, write.
fn answer<Request: DeserializeOwned, T: Serialize>(
    length: usize,
    verb: impl FnOnce(Request) -> Result<T, Error>,
) -> usize {
    let mut memory = MEMORY.take().unwrap_or_default();
    let Memory { request, answer, place } = &mut *memory;
    match read(request.get(..length).unwrap_or_default()).and_then(verb) {
        Ok(value) => answer.write(false, &value),
        Err(error) => answer.write(true, &error),
    }
    if length > KEEP {
        *request = Vec::new();
    }
    let (slots, text) = (&answer.slots, &answer.text);
    *place = [slots.as_ptr().addr(), slots.len(), text.as_ptr().addr(), text.len()];
    let address = place.as_ptr().addr();
    MEMORY.set(Some(memory));
    address
}
