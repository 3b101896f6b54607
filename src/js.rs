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
use crate::money::whole;
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

/// What each counter must be, from the records alone.
#[wasm_bindgen(js_name = auditUsage, unchecked_return_type = "Audit")]
pub fn audit_usage(
    #[wasm_bindgen(unchecked_param_type = "AuditRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::audit_usage)
}

/// What a browser may know of one code, so that it can preview by itself.
#[wasm_bindgen(js_name = publicView, unchecked_return_type = "PublicView")]
pub fn public_view(
    #[wasm_bindgen(unchecked_param_type = "ViewRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::public_view)
}

/// Everything suspicious in these promotions and the policy, the worst first.
#[wasm_bindgen(js_name = checkPromo, unchecked_return_type = "Finding[]")]
pub fn check_promo(
    #[wasm_bindgen(unchecked_param_type = "CheckRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::check_promo)
}

/// What a change to a promotion means for the next buyers, before it is stored.
#[wasm_bindgen(js_name = simulate, unchecked_return_type = "Simulation")]
pub fn simulate(
    #[wasm_bindgen(unchecked_param_type = "SimulateRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::simulate)
}

/// Codes that cannot be guessed, from entropy that the host brings.
#[wasm_bindgen(js_name = generateCodes, unchecked_return_type = "GeneratedCodes")]
pub fn generate_codes(
    #[wasm_bindgen(unchecked_param_type = "GenerateRequest")] request: JsValue,
) -> Result<JsValue, JsValue> {
    answer(request, crate::generate_codes)
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
    // Not `keys`: a limit that is not enumerable must not be overlooked.
    #[wasm_bindgen(catch, js_namespace = Object, js_name = getOwnPropertyNames)]
    fn names(object: &JsValue) -> Result<Array, JsValue>;
    #[wasm_bindgen(catch, js_namespace = Object, js_name = getPrototypeOf)]
    fn prototype(object: &JsValue) -> Result<JsValue, JsValue>;
}

/// A value of the host, if it could be read.
enum Value {
    Read(JsValue),
    Unreadable,
    /// The value of a field whose name has a lone surrogate.
    Unnamed,
}

const UNREADABLE: &str = "a value that cannot be read";
const LONE_SURROGATE: &str = "expected Unicode text, found a lone surrogate";

impl Value {
    fn of(object: &JsValue, key: &JsValue) -> Self {
        Reflect::get(object, key).map_or(Self::Unreadable, Self::Read)
    }
}

impl Node for Value {
    type Items = Items;
    type Fields = Fields;

    fn shape(self) -> Shape<Self> {
        let value = match self {
            Self::Read(value) => value,
            Self::Unreadable => return Shape::Other(UNREADABLE),
            Self::Unnamed => return Shape::Fault(LONE_SURROGATE),
        };
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
        composite(value).unwrap_or(Shape::Other(UNREADABLE))
    }
}

fn text_shape(text: &JsString) -> Shape<Value> {
    match unicode(text) {
        Ok(text) => Shape::Text(text),
        Err(_) => Shape::Fault(LONE_SURROGATE),
    }
}

/// The text, unless half of a surrogate pair is missing, which the conversion replaces by U+FFFD.
fn unicode(text: &JsString) -> Result<String, String> {
    let converted = String::from(text);
    let suspicious = converted.chars().any(|c| c == '\u{FFFD}');
    if suspicious && !text.is_valid_utf16() { Err(converted) } else { Ok(converted) }
}

/// A list or an object. Each step can run code of the host's, which may throw.
fn composite(value: JsValue) -> Result<Shape<Value>, JsValue> {
    if is_array(&value)? {
        return Ok(match length(&value)? {
            Some(length) => Shape::List(Items { list: value, index: 0, length }),
            None => Shape::Other(UNREADABLE),
        });
    }
    // Plain is what inherits from nothing, or from the `Object.prototype` of any realm.
    let parent = prototype(&value)?;
    if !parent.is_null() && !prototype(&parent)?.is_null() {
        return Ok(Shape::Other("an object that is not plain"));
    }
    Ok(Shape::Object(Fields { keys: names(&value)?.into_iter(), object: value }))
}

/// A proxy may claim any length; only what a list can have is believed.
fn length(list: &JsValue) -> Result<Option<u32>, JsValue> {
    let length = Reflect::get(list, &"length".into())?.as_f64();
    Ok(length.and_then(whole).and_then(|length| u32::try_from(length).ok()))
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
        match unicode(&JsString::from(key)) {
            Ok(name) => Some((name, value)),
            Err(name) => Some((name, Value::Unnamed)),
        }
    }
}
