//! Makes `contract/schema.json`: what schemars derives from the types, together with what the engine's readers allow
//! (null, bounds) and what the doc comments say (units, versions).

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

use crate::functions::{FUNCTIONS, PREPARED};

const MAX_INTEGER: u64 = redeemable::MAX_INTEGER;

/// The generator for the types that are read from requests.
fn requests() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_deserialize().into_generator()
}

/// The generator for the types that are written in answers.
pub fn answers() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

/// The document `contract/schema.json`, and complaints about the doc comments it was made from.
pub fn document() -> (Value, Vec<String>) {
    let (mut reads, mut writes) = (requests(), answers());
    for function in FUNCTIONS.iter().chain(PREPARED) {
        (function.reads)(&mut reads);
        (function.answers)(&mut writes);
    }
    writes.subschema_for::<redeemable::Error>();
    let (reads, writes) = (reads.take_definitions(true), writes.take_definitions(true));

    let mut defs = Map::new();
    let mut complaints = Vec::new();
    let read: BTreeSet<String> = reads.keys().cloned().collect();
    for (name, def) in reads {
        let side = if writes.contains_key(&name) { "both" } else { "request" };
        defs.insert(name.clone(), finished(&name, def, side, &mut complaints));
    }
    for (name, def) in writes.into_iter().filter(|(name, _)| !read.contains(name)) {
        defs.insert(name.clone(), finished(&name, def, "answer", &mut complaints));
    }
    let cases: Map<String, Value> = serde_json::from_str(include_str!("../cases.json")).unwrap();
    for (name, cases) in cases {
        match defs.get_mut(&name) {
            Some(def) => {
                def["oneOf"] = cases;
                in_order(def);
            }
            None => complaints.push(format!("cases.json has cases of {name}, which is no definition")),
        }
    }
    complaints.extend(crate::cases::complaints(&defs));
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "redeemable",
        "description": "Every document, request and answer of the engine. Amounts are whole minor units of the \
            currency (1 cent, 1 sat). In a request, null and absent mean the same.",
        "$defs": defs,
    });
    (document, complaints)
}

/// Completes a definition: no other fields, marked as request or answer, null allowed where a field may be absent.
fn finished(name: &str, mut def: Value, side: &str, complaints: &mut Vec<String>) -> Value {
    tidy(name, &mut def, side != "answer", complaints);
    if def.get("description").is_none() {
        complaints.push(format!("{name} has no sentence"));
    }
    def["x-side"] = side.into();
    in_order(&mut def);
    def
}

/// Completes every schema inside a definition.
fn tidy(path: &str, schema: &mut Value, is_read: bool, complaints: &mut Vec<String>) {
    let Some(fields) = schema.as_object_mut() else { return };
    sentence(path, fields, complaints);
    if fields.shift_remove("format").is_some() {
        // Only `by` of an operation has a `format`: it is the one integer that may be below 0.
        fields.insert("minimum".into(), json!(i64::try_from(MAX_INTEGER).unwrap().saturating_neg()));
        fields.insert("maximum".into(), MAX_INTEGER.into());
    }
    for word in ["oneOf", "anyOf"] {
        let Some(Value::Array(cases)) = fields.get_mut(word) else { continue };
        let nested = cases.iter_mut().flat_map(|case| match case.get_mut("anyOf").map(Value::take) {
            Some(Value::Array(inner)) => inner,
            _ => vec![case.take()],
        });
        *cases = nested.collect();
        for case in cases {
            if let Some(kind) =
                case["properties"].as_object().and_then(|all| all.values().next()?["const"].as_str())
            {
                // A case of `SimpleDiscount` is the same as that of `Discount`.
                let shape = path.strip_prefix("Simple").unwrap_or(path);
                case["title"] = format!("{}{shape}", camel(kind)).into();
            }
            tidy(path, case, is_read, complaints);
        }
    }
    if let Some(items) = fields.get_mut("items") {
        tidy(path, items, is_read, complaints);
    }
    let required = fields.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        for (name, property) in properties.iter_mut() {
            let path = format!("{path}.{name}");
            tidy(&path, property, is_read, complaints);
            if is_read && !required.contains(&Value::from(name.as_str())) {
                *property = nullable(property.take());
            }
            described(&path, property, complaints);
            in_order(property);
        }
        fields.insert("additionalProperties".into(), false.into());
    }
    in_order(schema);
}

/// `amount_per_ticket` as the name of a type: `AmountPerTicket`.
fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    name.split('_').map(capital).collect()
}

/// Sorts the keywords of a schema for human readers: the description first, the default last.
fn in_order(schema: &mut Value) {
    const FIRST: [&str; 13] = [
        "title",
        "description",
        "x-since",
        "x-side",
        "x-unit",
        "x-decimals",
        "x-document",
        "$ref",
        "type",
        "const",
        "enum",
        "oneOf",
        "anyOf",
    ];
    const LAST: [&str; 4] = ["properties", "required", "additionalProperties", "default"];
    let Some(fields) = schema.as_object_mut() else { return };
    let place = |name: &str| match FIRST.iter().position(|first| *first == name) {
        Some(place) => (0, place),
        None => LAST.iter().position(|last| *last == name).map_or((1, 0), |place| (2, place)),
    };
    let mut sorted: Vec<(String, Value)> = std::mem::take(fields).into_iter().collect();
    sorted.sort_by_key(|(name, _)| place(name));
    fields.extend(sorted);
}

/// Allows null in a field that may be absent: null and absent both mean the default.
fn nullable(property: Value) -> Value {
    let Value::Object(mut fields) = property else { return property };
    let default = match fields.shift_remove("default") {
        // Each field in it has a default of its own, but not the kind of a discount.
        Some(Value::Object(fields)) if !fields.contains_key("kind") => json!({}),
        Some(default) => default,
        None if fields.contains_key("x-document") => json!({}),
        // A list that is not written if it is empty.
        None if fields.get("type") == Some(&json!("array")) => json!([]),
        None => Value::Null,
    };
    match fields.get("type").cloned() {
        Some(Value::String(one)) => {
            fields.insert("type".into(), json!([one, "null"]));
        }
        Some(_) => {}
        None if fields.get("anyOf").is_some_and(|cases| cases.to_string().contains(r#"{"type":"null"}"#)) => {
        }
        None if fields.contains_key("$ref") => {
            let of = fields.shift_remove("$ref");
            fields.insert("anyOf".into(), json!([{ "$ref": of }, { "type": "null" }]));
        }
        None if fields.contains_key("anyOf") => {
            fields["anyOf"].as_array_mut().unwrap().push(json!({ "type": "null" }));
        }
        None => {} // a schema that allows anything allows null already
    }
    fields.insert("default".into(), default);
    Value::Object(fields)
}

/// Puts each paragraph of a description on one line, and moves "Since 0.2." from the text to `x-since`.
fn sentence(path: &str, fields: &mut Map<String, Value>, complaints: &mut Vec<String>) {
    let Some(Value::String(text)) = fields.get("description") else { return };
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    let (since, kept): (Vec<String>, Vec<String>) = paragraphs.partition(|text| text.starts_with("Since "));
    let text = kept.join("\n\n");
    for word in ["`None`", "::", "[`", "`Some", "struct", "enum"] {
        if text.contains(word) {
            complaints.push(format!("{path}: its sentence has the Rust word {word}"));
        }
    }
    fields.insert("description".into(), text.into());
    for version in since.iter().filter_map(|text| text.strip_prefix("Since ")) {
        fields.insert("x-since".into(), version.trim_end_matches('.').into());
    }
}

/// Complains unless a field says what it is, in which unit, and what null means.
fn described(path: &str, property: &mut Value, complaints: &mut Vec<String>) {
    let Some(fields) = property.as_object_mut() else { return };
    let Some(Value::String(text)) = fields.get("description").cloned() else {
        if !fields.contains_key("const") {
            complaints.push(format!("{path} has no sentence"));
        }
        return;
    };
    if fields.get("default") == Some(&Value::Null) && !text.to_lowercase().contains("null") {
        complaints.push(format!("{path}: its sentence does not say what null means"));
    }
    let shape = Value::Object(fields.clone()).to_string();
    if shape.contains("\"integer\"") && !shape.contains("x-unit") {
        match unit(path, &text) {
            Some(unit) => drop(fields.insert("x-unit".into(), unit.into())),
            None => complaints.push(format!(
                "{path}: its sentence does not say its unit; another unit is declared at the field with \
                 #[cfg_attr(feature = \"schema\", schemars(extend(\"x-unit\" = \"...\")))]"
            )),
        }
    }
}

/// The unit that a sentence names, of those that many fields have. A field with another unit declares the unit itself.
fn unit(path: &str, text: &str) -> Option<&'static str> {
    // These numbers have no unit.
    const PLAIN: [&str; 3] = ["priority", "revision", "schema"];
    const UNITS: [(&str, &str); 10] = [
        ("uses, tickets or minor units", "uses, tickets or minor units"),
        ("uses or minor units", "uses or minor units"),
        ("minor unit", "minor units"),
        ("in milliseconds", "milliseconds"),
        ("index", "index"),
        ("position", "index"),
        ("bits", "bits"),
        ("uses", "uses"),
        ("ticket", "tickets"),
        ("code", "codes"),
    ];
    if PLAIN.iter().any(|name| path.ends_with(name)) {
        return Some("number");
    }
    UNITS.iter().find(|(word, _)| text.to_lowercase().contains(word)).map(|(_, unit)| *unit)
}
