//! Checks that `simulate` tells of every field of a promotion that changes: of a limit with how it stands, of any other
//! field with a sentence.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};

#[test]
fn every_field_that_changes_is_told() {
    let documents: Value = serde_json::from_str(include_str!("documents.json")).unwrap();
    let whole = &documents["simulate"]["promo"];
    let mut missing = schema_fields();
    // A promotion has only one of the fields that say what it takes off; the others are null.
    for (field, value) in whole.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()) {
        let mut promo = whole.clone();
        // Null is `order`: a percent of the order is a kind of the order.
        promo["count_by"] = "ticket".into();
        if field == "single_use" {
            // Beside it no other number of uses is sound.
            promo["max_uses"] = Value::Null;
        }
        if field == "automatic" {
            // What nobody types raises no limit and unlocks no type.
            (promo["lifts"], promo["unlocks"]) = (Value::Null, Value::Null);
        }
        let mut change = promo.clone();
        change[field] = match value {
            Value::Bool(flag) => (!flag).into(),
            Value::Object(_) if field == "discount" => json!({"kind": "free"}),
            Value::String(_) if field == "code" => "OTHER".into(),
            // Null is the same as `count_by`.
            Value::String(_) if field == "count_by_identity" => "order".into(),
            _ => Value::Null,
        };
        let request = json!({"promo": promo, "change": change, "event_id": "gala", "currency": "EUR"});
        let answer = redeemable::json::simulate(request.to_string().as_bytes()).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let told = answer["limits"].as_array().unwrap().len() + answer["changes"].as_array().unwrap().len();
        assert!(told > 0, "simulate does not tell that {field} changes");
        missing.retain(|name| name != field);
    }
    assert_eq!(missing, ["discount_percent", "discounts"], "tests/documents.json changes no such field");
}

/// The fields of a promotion.
fn schema_fields() -> Vec<String> {
    let schema: Value = serde_json::from_str(include_str!("../contract/schema.json")).unwrap();
    schema["$defs"]["Promo"]["properties"].as_object().unwrap().keys().cloned().collect()
}
