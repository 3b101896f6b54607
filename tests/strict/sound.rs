//! Randomly spoilt documents: `validatePromos` calls exactly the acceptable ones sound, and `leave_out` sells these.

use redeemable::json;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use crate::garbage::{Dice, twist};

const ROUNDS: u64 = 1_000;

#[test]
fn sound_documents_are_those_that_are_accepted_one_by_one_and_sold_when_the_others_are_left_out() {
    let documents: Value = serde_json::from_str(include_str!("../documents.json")).unwrap();
    let whole = &documents["validatePromos"]["promos"];
    let (mut sound_ones, mut faulty, mut twins) = (0, 0, 0);
    for seed in 0..ROUNDS {
        let mut dice = Dice::new(seed + 1);
        let mut promos = whole.as_array().unwrap().clone();
        promos.truncate(5);
        for promo in &mut promos {
            for _ in 0..dice.below(3) {
                twist(promo, whole, &mut dice);
            }
            if dice.below(4) == 0 && promo.is_object() {
                promo["code"] = "TWIN".into();
                let events = json!([["gala"], ["ball"], null, ["gala", "ball"], "gala"]);
                promo["events"] = events[dice.below(5)].clone();
            }
        }
        let answer = json::validate_promos(json!({ "promos": promos }).to_string().as_bytes()).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let faults = answer["faults"].as_array().unwrap();
        let all: BTreeSet<String> = faults.iter().map(Value::to_string).collect();
        assert_eq!(all.len(), faults.len(), "each fault once: {answer}");
        let sound: Vec<usize> = answer["sound"]
            .as_array()
            .unwrap()
            .iter()
            .map(|at| usize::try_from(at.as_u64().unwrap()).unwrap())
            .collect();

        for (index, promo) in promos.iter().enumerate() {
            let own: Vec<_> = faults.iter().filter(|fault| fault["at"][1] == index).collect();
            assert_eq!(own.is_empty(), sound.contains(&index), "{answer}");
            let clashes = own.iter().filter(|fault| fault["code"] == "duplicate_code").count();
            match sell(&[promo]) {
                // A document that is accepted alone can only clash with another one, which has the same code or id.
                Ok(_) => assert_eq!(clashes, own.len(), "{promo} is accepted: {answer}"),
                Err(error) => {
                    let path = error.path.replace("promos[0]", &format!("promos[{index}]"));
                    let told = |fault: &&&Value| fault["path"] == path && fault["message"] == error.message;
                    assert!(own.iter().any(|fault| told(&fault)), "{error} in {promo}: {answer}");
                    faulty += 1;
                }
            }
            if clashes > 0 {
                let others = (0..promos.len()).filter(|other| *other != index);
                assert!(others.into_iter().any(|other| twin(promo, &promos[other])), "{promo}: {answer}");
                twins += 1;
            }
        }

        let kept: Vec<&Value> = sound.iter().map(|index| &promos[*index]).collect();
        sell(&kept).unwrap();
        assert_eq!(left_out(&json!(promos), "leave_out"), left_out(&json!(kept), "refuse"), "{answer}");
        sound_ones += sound.len();
    }
    println!("{sound_ones} sound, {faulty} faulty, {twins} that have another's code or id");
    assert!(sound_ones > 1_000 && faulty > 1_000 && twins > 500);
}

fn sell(promos: &[&Value]) -> Result<String, redeemable::Error> {
    let order =
        json!({"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 1000, "quantity": 1}]});
    let request = json!({"codes": [], "promos": promos, "order": order, "now_ms": 1_800_000_000_000_u64});
    json::validate_redemption(request.to_string().as_bytes())
}

/// Whether two documents have the same code or id, as far as they can be read.
fn twin(one: &Value, other: &Value) -> bool {
    let canonical = |promo: &Value| {
        let text = json!({"text": promo["code"]}).to_string();
        json::canonical_code(text.as_bytes()).ok().map(|forms| serde_json::from_str::<Value>(&forms).unwrap())
    };
    canonical(one).is_some_and(|code| canonical(other) == Some(code))
        || one["id"].is_string() && one["id"] == other["id"]
}

/// The decision on each code at two events, without the messages for the organiser.
fn left_out(promos: &Value, unsound: &str) -> Vec<Value> {
    let rules = json::prepare(json!({"promos": promos, "unsound": unsound}).to_string().as_bytes()).unwrap();
    let mut answers = Vec::new();
    for code in ["SUMMER", "FIVE", "TEN", "MINUS2", "FLAT", "TWIN"] {
        for event in ["gala", "ball"] {
            let order =
                json!({"event_id": event, "currency": "EUR", "lines": [{"unit_price": 1000, "quantity": 1}]});
            let request = json!({"codes": [code], "order": order, "now_ms": 1_800_000_000_000_u64});
            let answer = json::prepared_validate_redemption(&rules, request.to_string().as_bytes()).unwrap();
            let mut answer: Value = serde_json::from_str(&answer).unwrap();
            for violation in answer["violations"].as_array_mut().unwrap() {
                if violation["reason"] == "unknown_code" {
                    violation["message"] = Value::Null;
                }
            }
            answers.push(answer);
        }
    }
    answers
}
