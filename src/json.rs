//! The engine for hosts that speak JSON text: the same documents and, but for text that is no JSON,
//! the same errors as in JavaScript.

use serde::de::{DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

use crate::error::Error;
use crate::read::{Node, Shape};

/// [`usage_keys`](crate::usage_keys) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn usage_keys(request: &[u8]) -> Result<String, Error> {
    write(&crate::usage_keys(&read(request)?)?)
}

/// [`validate_redemption`](crate::validate_redemption) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn validate_redemption(request: &[u8]) -> Result<String, Error> {
    write(&crate::validate_redemption(&read(request)?)?)
}

/// [`confirm_redemption`](crate::confirm_redemption) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn confirm_redemption(request: &[u8]) -> Result<String, Error> {
    write(&crate::confirm_redemption(&read(request)?)?)
}

/// [`apply_release`](crate::apply_release) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn apply_release(request: &[u8]) -> Result<String, Error> {
    write(&crate::apply_release(&read(request)?)?)
}

/// [`audit_usage`](crate::audit_usage) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn audit_usage(request: &[u8]) -> Result<String, Error> {
    write(&crate::audit_usage(&read(request)?)?)
}

/// [`public_view`](crate::public_view) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn public_view(request: &[u8]) -> Result<String, Error> {
    write(&crate::public_view(&read(request)?)?)
}

/// [`check_promo`](crate::check_promo) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn check_promo(request: &[u8]) -> Result<String, Error> {
    write(&crate::check_promo(&read(request)?)?)
}

/// [`simulate`](crate::simulate()) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn simulate(request: &[u8]) -> Result<String, Error> {
    write(&crate::simulate(&read(request)?)?)
}

/// [`generate_codes`](crate::generate_codes) from JSON text to JSON text.
///
/// # Errors
/// If the text is no JSON, or the request is malformed.
pub fn generate_codes(request: &[u8]) -> Result<String, Error> {
    write(&crate::generate_codes(&read(request)?)?)
}

/// Reads one document strictly: an unknown field, a field twice and a wrong value are errors with their path.
///
/// # Errors
/// If the text is no JSON, or no such document.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    let value: Value =
        serde_json::from_slice(text).map_err(|error| Error::new("", format!("expected JSON: {error}")))?;
    crate::read::read(value)
}

fn write<T: Serialize>(answer: &T) -> Result<String, Error> {
    serde_json::to_string(answer).map_err(|error| Error::new("", error.to_string()))
}

/// Any JSON value, of which a field that is given twice is remembered.
enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(BTreeMap<String, Value>),
    GivenTwice,
}

impl Node for Value {
    type Items = std::vec::IntoIter<Self>;
    type Fields = std::collections::btree_map::IntoIter<String, Self>;

    fn shape(self) -> Shape<Self> {
        match self {
            Self::Null => Shape::Null,
            Self::Bool(value) => Shape::Bool(value),
            Self::Number(value) => Shape::Number(value),
            Self::Text(text) => Shape::Text(text),
            Self::List(items) => Shape::List(items.into_iter()),
            Self::Object(fields) => Shape::Object(fields.into_iter()),
            Self::GivenTwice => Shape::Fault("expected each field once"),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }
    // Every integer that a document may hold is exact as a double, and a rounded larger one stays too large.
    #[allow(clippy::as_conversions, reason = "as above")]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }
    #[allow(clippy::as_conversions, reason = "as above")]
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as f64))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = BTreeMap::new();
        while let Some((name, value)) = fields.next_entry::<String, Value>()? {
            let twice = object.contains_key(&name);
            object.insert(name, if twice { Value::GivenTwice } else { value });
        }
        Ok(Value::Object(object))
    }
}
