//! The expected value of each field of each document, from `contract/schema.json`, and the errors for other values.
//!
//! The schema says which values are allowed, and the tests ask the engine whether it accepts exactly these.

use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

/// The values that a field allows.
#[derive(Clone, Copy, PartialEq)]
pub enum Is {
    Whole(u64, u64),
    /// A multiple of 15 from -840 to 840.
    Offset,
    Percent,
    Flag,
    /// A string of so many characters at most, and at least one.
    Text(usize),
    /// Any string; rules beyond the type are not tested here.
    Words,
    IdentityKind,
    OneOf(&'static [&'static str]),
    /// An integer or a list of integers.
    Each,
    /// True, false, an integer or a string.
    Operand,
    /// True, false, an integer, a string or a list of strings.
    Fact,
    /// An integer or integers by currency.
    Amount,
    /// True, false or one word.
    Combines,
    List(&'static Self),
    Map(&'static Self),
    Object(&'static [Field]),
    /// An object whose fields depend on its `kind`.
    Discount,
}
use Is::*;

#[derive(PartialEq)]
pub struct Field {
    pub name: &'static str,
    pub required: bool,
    pub is: Is,
}

pub const MAX: u64 = 9_007_199_254_740_991;
pub const COUNT: Is = Whole(0, MAX);

/// The shape of a function's request.
pub fn request(call: &str) -> Is {
    let functions: Value = serde_json::from_str(include_str!("../../contract/functions.json")).unwrap();
    let functions = functions["functions"].as_array().unwrap();
    let function = functions.iter().find(|function| function["name"] == call).unwrap();
    what(&function["request"])
}

/// The definitions of the schema, and the shapes made from them so far.
static DEFS: LazyLock<Value> = LazyLock::new(|| {
    let mut schema: Value = serde_json::from_str(include_str!("../../contract/schema.json")).unwrap();
    schema["$defs"].take()
});
static MADE: Mutex<BTreeMap<&str, Is>> = Mutex::new(BTreeMap::new());

fn def(name: &'static str) -> Is {
    if let Some(is) = MADE.lock().unwrap().get(name) {
        return *is;
    }
    let is = what(&DEFS[name]);
    MADE.lock().unwrap().insert(name, is);
    is
}

/// The shape that a schema describes.
fn what(schema: &Value) -> Is {
    let keyword = |name: &str| schema.get(name);
    let one = |name: &str| keyword(name).and_then(Value::as_u64);
    if let Some(name) = keyword("$ref").and_then(Value::as_str) {
        return def(leaked(name.rsplit('/').next().unwrap()));
    }
    if let Some(name) = keyword("x-document").and_then(Value::as_str) {
        return def(leaked(name));
    }
    if let (Some(cases), None) = (keyword("oneOf").and_then(Value::as_array), keyword("properties")) {
        let names: Option<Vec<_>> = cases.iter().map(|case| case["const"].as_str().map(leaked)).collect();
        return names.map_or(Discount, |names| OneOf(names.leak()));
    }
    if let Some(cases) = keyword("anyOf").and_then(Value::as_array) {
        if cases.iter().any(|case| case["const"] == "per_ticket") {
            return Combines;
        }
        let is: Vec<Is> = cases.iter().filter(|case| case["type"] != "null").map(what).collect();
        return match is[..] {
            [is] => is,
            [Flag, _, _] => Operand,
            [Flag, ..] => Fact,
            [_, Map(_)] => Amount,
            _ => Each,
        };
    }
    match keyword("type").map(|kind| kind.get(0).unwrap_or(kind)).and_then(Value::as_str) {
        Some("integer") if keyword("multipleOf").is_some() => Offset,
        Some("integer") => Whole(one("minimum").unwrap(), one("maximum").unwrap()),
        Some("number") => Percent,
        Some("boolean") => Flag,
        Some("array") => List(Box::leak(Box::new(what(&schema["items"])))),
        Some("object") if keyword("properties").is_none() => {
            Map(Box::leak(Box::new(what(&schema["additionalProperties"]))))
        }
        Some("object") => Object(fields_of(schema)),
        Some("string") if keyword("pattern").is_some_and(|pattern| pattern == "^[a-z0-9_]{1,32}$") => {
            IdentityKind
        }
        Some("string") => one("maxLength").map_or(Words, |most| Text(usize::try_from(most).unwrap())),
        _ => panic!("no document holds {schema}"),
    }
}

fn fields_of(schema: &Value) -> &'static [Field] {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let field = |(name, schema): (&String, &Value)| Field {
        name: leaked(name),
        required: required.contains(&Value::from(name.as_str())),
        is: what(schema),
    };
    schema["properties"].as_object().unwrap().iter().map(field).collect::<Vec<_>>().leak()
}

/// The text with a static lifetime; its memory is not freed while the tests run.
fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// The kinds of discount, each with its fields.
static KINDS: LazyLock<Vec<(&str, &[Field])>> = LazyLock::new(|| {
    let cases = DEFS["Discount"]["oneOf"].as_array().unwrap();
    let names = cases.iter().map(|case| leaked(case["properties"]["kind"]["const"].as_str().unwrap()));
    let kind = OneOf(names.clone().collect::<Vec<_>>().leak());
    let fields = cases.iter().map(|case| -> &[Field] {
        let fields = fields_of(case).iter();
        let field =
            |field: &Field| Field { is: if field.name == "kind" { kind } else { field.is }, ..*field };
        fields.map(field).collect::<Vec<_>>().leak()
    });
    names.zip(fields).collect()
});

/// The names of the kinds of discount.
pub fn kinds() -> Vec<&'static str> {
    KINDS.iter().map(|(kind, _)| *kind).collect()
}

/// The names of the fields of all kinds of discount, each once.
pub fn of_any_kind() -> Vec<&'static str> {
    let mut all = Vec::new();
    for name in KINDS.iter().flat_map(|(_, fields)| names(fields)) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// The fields that an object has.
pub fn fields(is: Is, object: &Value) -> &'static [Field] {
    let of_kind = || KINDS.iter().find(|(kind, _)| object["kind"] == **kind).map(|(_, fields)| *fields);
    match is {
        Object(fields) => Some(fields),
        Discount => of_kind(),
        _ => None,
    }
    .unwrap_or_else(|| panic!("not an object with fields: {object}"))
}

pub fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(|field| field.name).collect()
}

/// The words with which an error says what was expected.
pub fn phrase(is: Is) -> String {
    match is {
        Whole(least, most) => format!("an integer from {least} to {most}"),
        Offset => "a multiple of 15 from -840 to 840".into(),
        Percent => "a number from 0 to 100 with at most 4 decimals".into(),
        Flag => "true or false".into(),
        Text(most) => format!("a string of 1 to {most} characters"),
        Words | IdentityKind => "a string".into(),
        OneOf(names) => format!("one of {}", names.join(", ")),
        Each => "an integer or a list of integers".into(),
        Operand => "true, false, an integer or a string".into(),
        Fact => "true, false, an integer, a string or a list of strings".into(),
        Combines => "true, false or per_ticket".into(),
        Amount => "an integer or an object of integers by currency".into(),
        List(_) => "a list".into(),
        Map(_) | Object(_) | Discount => "an object".into(),
    }
}

/// The message of the error when this value stands there; `None` if reading accepts it. Rules beyond the type are
/// tested in tests/vectors/errors.json.
pub fn complaint(is: Is, value: &Value) -> Option<String> {
    const INTEGER: &str = "an integer from 0 to 9007199254740991";
    let mut expected = phrase(is);
    let found = match (is, value) {
        (Combines, Value::String(word)) if word == "per_ticket" => return None,
        (Combines, Value::String(_)) => "another string".into(),
        (Flag | Combines | Operand | Fact, Value::Bool(_)) | (Words, Value::String(_)) => return None,
        (List(_) | Each | Fact, Value::Array(_))
        | (Map(_) | Object(_) | Discount | Amount, Value::Object(_)) => {
            return None;
        }
        (Whole(least, most), Value::Number(_)) if value.as_u64().is_some_and(|n| least <= n && n <= most) => {
            return None;
        }
        (Offset, Value::Number(_)) if value.as_i64().is_some_and(|n| n % 15 == 0 && n.abs() <= 840) => {
            return None;
        }
        (Whole(..) | Offset, Value::Number(_)) => number(value),
        (Each | Amount | Operand | Fact, Value::Number(_)) if value.as_u64().is_some_and(|n| n <= MAX) => {
            return None;
        }
        (Each | Amount | Operand | Fact, Value::Number(_)) => {
            expected = INTEGER.into();
            number(value)
        }
        (Percent, Value::Number(_)) => match value.as_f64().unwrap() {
            n if (0.0..=100.0).contains(&n) => return None,
            n if n < 0.0 => "a negative number".into(),
            _ => "another number".into(),
        },
        (Text(most), Value::String(text)) => match text.chars().count() {
            0 => "an empty string".into(),
            n if n > most => format!("{n} characters"),
            _ => return None,
        },
        (Operand | Fact, Value::String(_)) => return complaint(Text(256), value),
        (OneOf(names), Value::String(text)) if names.contains(&text.as_str()) => return None,
        (OneOf(_), Value::String(_)) => "another string".into(),
        (IdentityKind, Value::String(text)) => {
            let kind = "expected a kind of 1 to 32 characters from a-z, 0-9 and _".to_owned();
            return (text.is_empty() || text.len() > 32).then_some(kind);
        }
        (_, Value::Null) => "null".into(),
        (_, Value::Bool(_)) => "a boolean".into(),
        (_, Value::Number(_)) => number(value),
        (_, Value::String(_)) => "a string".into(),
        (_, Value::Array(_)) => "a list".into(),
        (_, Value::Object(_)) => "an object".into(),
    };
    Some(format!("expected {expected}, found {found}"))
}

/// The words with which an error names a number that was not expected.
fn number(value: &Value) -> String {
    match (value.as_u64(), value.as_f64().unwrap()) {
        (Some(n), _) if n <= MAX => n.to_string(),
        (_, n) if n < 0.0 => "a negative number".into(),
        (_, n) if n.fract() == 0.0 => "a number above 9007199254740991".into(),
        _ => "a fraction".into(),
    }
}
