//! Makes `contract/reasons.json`: every message of the engine, taken from the vectors.
//!
//! The engine makes the messages, and the vectors hold every runtime to them. `told.json` says which vector shows which
//! message, and which words of the message are values: in "X has 5 of 50 left", 5 is `left` and 50 is `limit`.

use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The document `contract/reasons.json`, and complaints about what `told.json` leaves out.
pub fn document(schema: &Value) -> (Value, Vec<String>) {
    let told: Value = serde_json::from_str(include_str!("../told.json")).unwrap();
    let vectors = vectors();
    let mut complaints = Vec::new();
    let mut say = |complaint: String| complaints.push(complaint);
    let values = |name: &str| schema["$defs"][name]["oneOf"].as_array().unwrap().clone();

    let shown = shown(&vectors, &["violations"], "reason");
    let mut reasons = Vec::new();
    for value in values("Reason") {
        let name = value["const"].as_str().unwrap();
        let sentences = sentences(name, &told["reasons"][name], &shown, &mut say);
        let shown = shown.get(name).map(Vec::as_slice).unwrap_or_default();
        let of = |field: &str| -> BTreeSet<String> {
            shown.iter().filter_map(|(_, violation)| violation[field].as_str().map(str::to_owned)).collect()
        };
        // A violation may be `not_accepted` in public only because of another violation of the same code. So prefer any
        // other public reason in the vectors: that is the one which belongs to this reason.
        let public = of("public_reason");
        let public = public.iter().find(|reason| *reason != "not_accepted").or(public.first());
        let given = |field: &&str| shown.iter().any(|(_, violation)| !violation[*field].is_null());
        let arguments: Vec<&str> = ["code", "limit", "used", "remaining"].into_iter().filter(given).collect();
        let changes: BTreeSet<_> = shown
            .iter()
            .filter_map(|(_, violation)| violation["to_qualify"].as_object())
            .flat_map(|change| change.keys().filter(|name| *name != "of").cloned())
            .collect();
        let about: Vec<&str> = [("code", false), ("order", true)]
            .into_iter()
            .filter(|(_, null)| shown.iter().any(|(_, violation)| violation["code"].is_null() == *null))
            .map(|(about, _)| about)
            .collect();
        reasons.push(json!({
            "reason": name,
            "description": value["description"],
            "public_reason": public,
            "about": about,
            "arguments": arguments,
            "to_qualify": changes,
            "sentences": sentences,
        }));
    }

    let shown = self::shown(&vectors, &[], "problem");
    let mut problems = Vec::new();
    for value in values("Problem") {
        let name = value["const"].as_str().unwrap();
        let sentences = sentences(name, &told["problems"][name], &shown, &mut say);
        problems.push(json!({
            "problem": name,
            "severity": shown.get(name).and_then(|findings| findings.first()).map(|(_, finding)| &finding["severity"]),
            "description": value["description"],
            "sentences": sentences,
        }));
    }

    let mut faults = Vec::new();
    for fault in told["faults"].as_array().unwrap() {
        match fault["vector"].as_str().map(|name| vectors.iter().find(|vector| vector["name"] == name)) {
            None => faults.push(fault.clone()),
            Some(Some(vector)) if vector["error"].is_object() => {
                let error = &vector["error"];
                faults.push(json!({
                    "of": fault["of"],
                    "fault": fault["fault"],
                    "code": error["code"],
                    "path": error["path"],
                    "messages": [error["message"]],
                }));
            }
            Some(_) => say(format!("told.json: no vector {} is an error", fault["vector"])),
        }
    }
    let described = |name: &str, key: &str| -> Vec<Value> {
        let described = |value: &Value| json!({ key: value["const"], "description": value["description"] });
        values(name).iter().map(described).collect()
    };
    let changes = values("ToQualify").iter().map(change).collect::<Vec<_>>();
    let document = json!({
        "reasons": reasons,
        "public_reasons": described("PublicReason", "reason"),
        "to_qualify": changes,
        "problems": problems,
        "severities": described("Severity", "severity"),
        "errors": described("ErrorCode", "code"),
        "faults": faults,
    });
    (document, complaints)
}

/// Writes the reasons into the cases of a violation: `cases.json` says of each case which figures it has and what a
/// buyer is told, and a reason belongs to the one case that has these.
pub fn into_cases(schema: &mut Value, reasons: &Value) -> Vec<String> {
    let mut complaints = Vec::new();
    let cases = schema["$defs"]["Violation"]["oneOf"].as_array_mut().unwrap();
    let mut found: Vec<Vec<&Value>> = vec![Vec::new(); cases.len()];
    for reason in reasons["reasons"].as_array().unwrap() {
        for about in reason["about"].as_array().unwrap() {
            let places: Vec<_> = (0..cases.len()).filter(|at| is_case(&cases[*at], reason, about)).collect();
            match places[..] {
                [place] if found[place].contains(&&reason["reason"]) => {}
                [place] => found[place].push(&reason["reason"]),
                _ => complaints.push(format!(
                    "cases.json: {} cases of Violation have the figures of {}",
                    places.len(),
                    reason["reason"]
                )),
            }
        }
    }
    for (case, names) in cases.iter_mut().zip(found) {
        case["properties"]["reason"] = match names[..] {
            [one] => json!({ "const": one }),
            _ => json!({ "enum": names }),
        };
    }
    complaints
}

/// Whether a violation of this reason, of a code or of the order, has what this case has.
fn is_case(case: &Value, reason: &Value, about: &Value) -> bool {
    let has = |name: &str| match name {
        "code" => about == "code",
        "to_qualify" => reason["to_qualify"] != json!([]),
        figure => reason["arguments"].as_array().unwrap().iter().any(|known| known == figure),
    };
    let properties = &case["properties"];
    let public = &properties["public_reason"];
    let told = public.get("const").unwrap_or(&public["enum"][0]);
    *told == reason["public_reason"]
        && (properties["code"].is_null() || has("code") != (properties["code"]["type"] == "null"))
        && ["limit", "used", "remaining", "to_qualify"]
            .iter()
            .all(|name| has(name) != (properties[*name]["type"] == "null"))
}

/// The entry of one change that a buyer can make to the order so that a code applies.
fn change(case: &Value) -> Value {
    let properties = case["properties"].as_object().unwrap();
    let name = properties.keys().find(|name| *name != "of").unwrap();
    json!({
        "change": name,
        "description": case["description"],
        "unit": properties[name]["x-unit"],
        "of": properties.contains_key("of"),
    })
}

/// Every case of every file of vectors.
fn vectors() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let cases = |path| {
        let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        file["cases"].as_array().unwrap().clone()
    };
    paths.iter().flat_map(cases).collect()
}

/// The objects in the vectors' answers that have this field, by the field's value, each with the name of its vector.
fn shown(vectors: &[Value], inside: &[&str], field: &str) -> BTreeMap<String, Vec<(String, Value)>> {
    let mut shown = BTreeMap::<String, Vec<_>>::new();
    for vector in vectors {
        let list = inside.iter().fold(&vector["answer"], |answer, name| &answer[*name]);
        for item in list.as_array().into_iter().flatten() {
            if let Some(name) = item[field].as_str() {
                shown
                    .entry(name.into())
                    .or_default()
                    .push((vector["name"].as_str().unwrap().into(), item.clone()));
            }
        }
    }
    shown
}

/// The sentences of a reason or a problem: each with names in place of the values, and one message as an example.
fn sentences(
    name: &str,
    told: &Value,
    shown: &BTreeMap<String, Vec<(String, Value)>>,
    say: &mut impl FnMut(String),
) -> Vec<Value> {
    let shown = shown.get(name).map(Vec::as_slice).unwrap_or_default();
    let Some(told) = told.as_array() else {
        say(format!("told.json has no sentence of {name}"));
        return Vec::new();
    };
    let mut sentences = Vec::new();
    for told in told {
        let values = told["values"].as_object().unwrap();
        let said =
            shown.iter().filter(|(vector, _)| told["vector"] == **vector).map(|(_, item)| &item["message"]);
        let said = said.chain(told.get("message")).filter_map(Value::as_str);
        let Some((example, sentence)) =
            said.map(|message| (message, named(message, values))).find(|(_, sentence)| {
                // A vector may have several messages: take the one that has all the values and no sentence yet.
                values.keys().all(|name| sentence.contains(&format!("{{{name}}}")))
                    && !sentences
                        .iter()
                        .any(|known: &Value| fits(known["sentence"].as_str().unwrap(), sentence))
            })
        else {
            say(format!("told.json: no message of {name} in {} has these values", told["vector"]));
            continue;
        };
        let mut entry = Map::new();
        entry.extend(told.get("when").map(|when| ("when".to_owned(), when.clone())));
        entry.insert("sentence".into(), sentence.into());
        entry.insert("example".into(), example.into());
        sentences.push(Value::Object(entry));
    }
    for (vector, item) in shown {
        let message = item["message"].as_str().unwrap();
        if !sentences.iter().any(|known| fits(known["sentence"].as_str().unwrap(), message)) {
            say(format!("told.json: {name} says another sentence in {vector}: {message}"));
        }
    }
    sentences
}

/// The message with names in place of the values, in the order of `values`: "X has {left} of {limit} left".
fn named(message: &str, values: &Map<String, Value>) -> String {
    let mut sentence = message.to_owned();
    for (name, value) in values {
        let value = value.as_str().unwrap();
        // Only whole words are replaced: the value 5 must not match in 50.
        let places: Vec<_> = sentence.match_indices(value).map(|(at, _)| at).collect();
        let is_word = |at: &usize| {
            let end = at.saturating_add(value.len());
            let before = sentence[..*at].chars().next_back();
            let after = sentence[end..].chars().next();
            [before, after]
                .iter()
                .flatten()
                .all(|c| !c.is_alphanumeric() && *c != '{' && *c != '}' && *c != '_')
        };
        for at in places.iter().rev().filter(|at| is_word(at)).copied().collect::<Vec<_>>() {
            sentence.replace_range(at..at.saturating_add(value.len()), &format!("{{{name}}}"));
        }
    }
    sentence
}

/// Whether the text is this sentence with some text in place of each name.
fn fits(sentence: &str, text: &str) -> bool {
    let mut pieces = sentence
        .split('{')
        .flat_map(|piece| piece.split_once('}').map_or(vec![piece], |(_, after)| vec![after]));
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn a_sentence_names_whole_words_and_fits_messages_with_other_values() {
    let values = json!({ "left": "5", "limit": "50" });
    let sentence = named("X has 5 of 50 left", values.as_object().unwrap());
    assert_eq!(sentence, "X has {left} of {limit} left");
    assert!(fits(&sentence, "X has 0 of 7 left"));
    assert!(!fits(&sentence, "X has 0 of 7 left, and more"));
    assert!(!fits(&sentence, "Y has 0 of 7 left"));
}
