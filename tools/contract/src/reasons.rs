//! Makes `contract/reasons.json`: every message of the engine, taken from the vectors.
//!
//! The engine makes the messages, and the vectors hold every runtime to them. `told.json` says what the vectors alone
//! do not tell: which words of a message are values without being figures of its violation; and all faults.

use crate::sentences::sentences;
use serde_json::{Value, json};
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
        let sentences = sentences(name, &told, "reasons", &shown, &mut say);
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
        let sentences = sentences(name, &told, "problems", &shown, &mut say);
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
