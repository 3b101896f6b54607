//! Checks `cases.json` against the enums: a value without a case would be in no type of TypeScript, and no answer with
//! it would pass the schema.

use serde_json::{Map, Value};

/// What the cases of the definitions leave out of an enum, and what is in none.
pub fn complaints(defs: &Map<String, Value>) -> Vec<String> {
    let mut complaints = Vec::new();
    for (name, def) in defs {
        let (Some(cases), Some(properties)) = (def["oneOf"].as_array(), def["properties"].as_object()) else {
            continue;
        };
        for (field, of) in properties {
            let Some(values) = values(defs, of) else { continue };
            // Per case, the values that it allows; a case that allows all says nothing of the field.
            let told: Vec<_> = cases.iter().map(|case| allowed(&case["properties"][field])).collect();
            for value in told.iter().flatten().flatten().filter(|value| !value.is_null()) {
                if !values.contains(value) {
                    complaints.push(format!("cases.json: {field} of {name} is never {value}"));
                }
            }
            for value in values.iter().filter(|_| told.iter().all(Option::is_some)) {
                if !told.iter().flatten().flatten().any(|told| told == value) {
                    complaints.push(format!("cases.json has no case of {name} whose {field} is {value}"));
                }
            }
        }
    }
    complaints
}

/// The values of the enum that a field refers to.
fn values<'a>(defs: &'a Map<String, Value>, field: &Value) -> Option<Vec<&'a Value>> {
    let refers = |schema: &Value| Some(schema["$ref"].as_str()?.rsplit('/').next()?.to_owned());
    let name = refers(field).or_else(|| field["anyOf"].as_array()?.iter().find_map(refers))?;
    defs.get(&name)?["oneOf"].as_array()?.iter().map(|one| one.get("const")).collect()
}

/// The values to which a case narrows a field, if it does.
fn allowed(field: &Value) -> Option<Vec<&Value>> {
    match field.get("const") {
        Some(one) => Some(vec![one]),
        None => field["enum"].as_array().map(|all| all.iter().collect()),
    }
}

#[test]
fn a_value_without_a_case_and_a_case_without_a_value_are_named() {
    let defs = serde_json::json!({
        "Size": { "oneOf": [{ "const": "small" }, { "const": "large" }, { "const": "huge" }] },
        "Shirt": {
            "properties": { "size": { "$ref": "#/$defs/Size" }, "other": { "$ref": "#/$defs/Size" } },
            "oneOf": [
                { "properties": { "size": { "const": "small" }, "other": { "const": "small" } } },
                { "properties": { "size": { "enum": ["large", "lagre"] } } },
            ],
        },
    });
    assert_eq!(
        complaints(defs.as_object().unwrap()),
        [
            r#"cases.json: size of Shirt is never "lagre""#,
            r#"cases.json has no case of Shirt whose size is "huge""#,
        ]
    );
}
