//! The exports for JavaScript. A request crosses as bytes, an answer as numbers and one text, and no JavaScript object
//! is made in between.
//!
//! `pkg/js/wire.js` writes the request, and `wire-answers.js` reads the answer. A function takes the length of the
//! request, and returns the address of four numbers: the address and the length of the answer's text, and those of its
//! list of doubles. The first double is 0 if an answer follows, and 1 if an error follows.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::ser::{Formatter, Serializer};
use std::io::{self, Write};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::crossing::read::read;
use crate::crossing::room;
use crate::*; // the types that the list of verbs names

macro_rules! exports {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {$(
        #[cfg(feature = $file)]
        #[doc = $sentence]
        #[allow(clippy::needless_question_mark, reason = "only some functions fail")]
        #[wasm_bindgen(js_name = $js)]
        #[allow(clippy::needless_question_mark, reason = "a function that cannot fail has no `?` on its line")]
        pub fn $verb(length: usize) -> usize {
            $heat(length, |request: $request| Ok(crate::$verb(&request)$($fails)?))
        }
    )*};
}
verbs!(exports);

macro_rules! exports_under_rules {
    ($(
        #[doc = $sentence:literal]
        $method:ident $verb:ident($js:literal, $wit:literal): $request:ident => $answer:ty;
    )*) => {$(
        #[cfg(feature = "engine")]
        #[doc = $sentence]
        #[wasm_bindgen(js_name = $js)]
        pub fn $verb(length: usize, rules: usize) -> usize {
            hot(length, |request: $request| room::rules(rules)?.$method(&request))
        }
    )*};
}
prepared_verbs!(exports_under_rules);

/// Prepares rules. The answer is the number of the rules, which the calls under these rules take.
#[cfg(feature = "engine")]
#[wasm_bindgen]
pub fn prepare(length: usize) -> usize {
    hot(length, |document: PrepareRequest| {
        Ok(Integer::count(room::keep_rules(PreparedRules::try_from(document)?)))
    })
}

/// Drops rules that are not needed any more.
#[cfg(feature = "engine")]
#[wasm_bindgen(js_name = dropRules)]
pub fn drop_rules(rules: usize) {
    room::drop_rules(rules);
}

/// The address where JavaScript writes a request of `length` bytes. It is valid until the next call.
#[wasm_bindgen(js_name = room)]
pub fn reserve(length: usize) -> usize {
    room::reserve(length)
}

/// The buffer of a request that is longer than this many bytes is freed after the call.
const KEEP: usize = 1 << 20;

/// A function that is called for every order: the answer is packed, which is the fastest way.
#[cfg(feature = "engine")]
fn hot<Request: DeserializeOwned, T: Serialize>(
    length: usize,
    verb: impl FnOnce(Request) -> Result<T, Error>,
) -> usize {
    room::answer(length, KEEP, |request, answer| match read(request).and_then(verb) {
        Ok(value) => answer.pack(false, &value),
        Err(error) => answer.pack(true, &error),
    })
}

/// A function that is called now and then: the answer is JSON text, which needs no reader of our own.
///
/// Why not serde-wasm-bindgen: it assigns fields, which a setter of a polluted `Object.prototype` would intercept. And
/// the two wasm files would grow by 4.1 % and 5.4 % after compression; with JSON text they grow by 0.6 % and 1.8 %.
fn cold<Request: DeserializeOwned, T: Serialize>(
    length: usize,
    verb: impl FnOnce(Request) -> Result<T, Error>,
) -> usize {
    room::answer(length, KEEP, |request, answer| match read(request).and_then(verb) {
        Ok(value) => {
            let mut text = Vec::new();
            // Writing cannot fail: every value of our types can be written, and a vector takes any length.
            let _ = value.serialize(&mut Serializer::with_formatter(&mut text, Plain));
            answer.write(text);
        }
        Err(error) => answer.pack(true, &error),
    })
}

/// Writes JSON whose only fractions are percents. serde_json's own writer of doubles would add 10 KB after compression.
struct Plain;

impl Formatter for Plain {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        let n = Percent::new(value).map(Percent::ten_thousandths).unwrap_or_default();
        write!(writer, "{}.{:04}", n / 10_000, n % 10_000)
    }
}
