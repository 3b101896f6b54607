//! The JavaScript face: plain objects in, plain objects out, `Error` objects thrown.
//!
//! Objects are read by our own reader, not by serde-wasm-bindgen: that one asks an object only for the fields
//! it knows, so a misspelt one would pass, and it takes a `BigInt` for a number.

use js_sys::{Array, JsString, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::error::Error;
use crate::read::{Node, Shape, read};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// The keys of the counters that the plan for this request may charge, sorted.
/// `usage` and `now_ms` play no part.
#[wasm_bindgen(js_name = usageKeys, unchecked_return_type = "string[]")]
pub fn usage_keys(
    #[wasm_bindgen(unchecked_param_type = "UsageKeysRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::usage_keys)
}

/// Decides whether the order may be had with these codes, at what price, and what the host commits.
#[wasm_bindgen(js_name = validateRedemption, unchecked_return_type = "Decision")]
pub fn validate_redemption(
    #[wasm_bindgen(unchecked_param_type = "ValidateRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::validate_redemption)
}

/// Confirms what was paid for: a hold even past its expiry, and one that lapsed if its charges still fit.
#[wasm_bindgen(js_name = confirmRedemption, unchecked_return_type = "Confirmation")]
pub fn confirm_redemption(
    #[wasm_bindgen(unchecked_param_type = "ConfirmRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::confirm_redemption)
}

/// Releases tickets, and gives back what the terms in the record say for the reason.
#[wasm_bindgen(js_name = applyRelease, unchecked_return_type = "ReleaseAnswer")]
pub fn apply_release(
    #[wasm_bindgen(unchecked_param_type = "ReleaseRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::apply_release)
}

/// One call: read, decide, write.
fn answer<Request: DeserializeOwned, Answer: Serialize>(
    request: JsValue,
    verb: fn(&Request) -> Result<Answer, Error>,
) -> Result<JsValue, JsValue> {
    let answer =
        read(Value::Read(request)).and_then(|request| verb(&request)).map_err(|error| thrown(&error))?;
    Ok(answer.serialize(&Serializer::json_compatible())?)
}

/// An `Error` with `code` and `path`.
fn thrown(error: &Error) -> JsValue {
    let object = js_sys::Error::new(&error.message);
    let code = error.code.serialize(&Serializer::json_compatible());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&object, &"code".into(), &code.unwrap_or(JsValue::NULL));
    let _ = Reflect::set(&object, &"path".into(), &error.path.as_str().into());
    object.into()
}

// What js-sys offers of these lets an exception of a proxy pass through our frames, which leaks.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    fn keys(object: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["Object", "prototype", "toString"], js_name = call)]
    fn tag(object: &JsValue) -> Result<String, JsValue>;
}

/// A value of the host, if it could be read.
enum Value {
    Read(JsValue),
    Unreadable,
}

const UNREADABLE: &str = "a value that cannot be read";

impl Value {
    fn of(object: &JsValue, key: &JsValue) -> Self {
        Reflect::get(object, key).map_or(Self::Unreadable, Self::Read)
    }
}

impl Node for Value {
    type Items = Items;
    type Fields = Fields;

    fn shape(self) -> Shape<Self> {
        let Self::Read(value) = self else { return Shape::Other(UNREADABLE) };
        if value.is_null() || value.is_undefined() {
            return Shape::Null;
        }
        if let Some(value) = value.as_bool() {
            return Shape::Bool(value);
        }
        if let Some(number) = value.as_f64() {
            return Shape::Number(number);
        }
        if let Some(text) = value.dyn_ref::<JsString>() {
            return text_shape(text);
        }
        if value.is_bigint() {
            return Shape::Other("a bigint");
        }
        if value.is_symbol() {
            return Shape::Other("a symbol");
        }
        if value.is_function() {
            return Shape::Other("a function");
        }
        match is_array(&value) {
            Ok(true) => return Shape::List(Items { length: length(&value), list: value, index: 0 }),
            Ok(false) => {}
            Err(_) => return Shape::Other(UNREADABLE),
        }
        match tag(&value).as_deref() {
            Ok("[object Object]") => match keys(&value) {
                Ok(keys) => Shape::Object(Fields { object: value, keys: keys.into_iter() }),
                Err(_) => Shape::Other(UNREADABLE),
            },
            Ok(_) => Shape::Other("an object that is not plain"),
            Err(_) => Shape::Other(UNREADABLE),
        }
    }
}

/// The text, unless half of a surrogate pair is missing, which the conversion replaces by U+FFFD.
fn text_shape(text: &JsString) -> Shape<Value> {
    let converted = String::from(text);
    if converted.contains('\u{FFFD}') && !text.is_valid_utf16() {
        return Shape::Fault("expected Unicode text, found a lone surrogate");
    }
    Shape::Text(converted)
}

fn length(list: &JsValue) -> u32 {
    list.unchecked_ref::<Array>().length()
}

struct Items {
    list: JsValue,
    index: u32,
    length: u32,
}

impl Iterator for Items {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        let index = self.index;
        self.index = index.checked_add(1).filter(|_| index < self.length)?;
        Some(Reflect::get_u32(&self.list, index).map_or(Value::Unreadable, Value::Read))
    }
}

struct Fields {
    object: JsValue,
    keys: js_sys::ArrayIntoIter,
}

impl Iterator for Fields {
    type Item = (String, Value);

    fn next(&mut self) -> Option<(String, Value)> {
        let key = self.keys.next()?;
        let value = Value::of(&self.object, &key);
        Some((String::from(JsString::from(key)), value))
    }
}
