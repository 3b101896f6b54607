//! Runs every vector natively, and compares the whole answer or the whole error as JSON text.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use redeemable::{Error, PreparedRules, json};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[macro_use]
#[path = "vectors/files.rs"]
mod files;

/// Every file of vectors, sorted by name.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// The cases of every file, with the file's name.
fn cases() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for path in files() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let cases = file["cases"].as_array().unwrap().clone();
        all.extend(cases.into_iter().map(|case| (name.clone(), case)));
    }
    all
}

macro_rules! from_text {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {
        /// Each function from text to text, with its names in JavaScript, in the component and in Rust.
        const VERBS: &[(&str, &str, &str, fn(&[u8]) -> Result<String, Error>)] =
            &[$(($js, $wit, stringify!($verb), json::$verb)),*];
    };
}
redeemable::verbs!(from_text);

macro_rules! from_text_under_rules {
    ($(
        #[doc = $sentence:literal]
        $method:ident $verb:ident($js:literal, $wit:literal): $request:ident => $answer:ty;
    )*) => {
        /// The functions under prepared rules, by the Rust name of the plain function.
        const PREPARED: &[(&str, fn(&PreparedRules, &[u8]) -> Result<String, Error>)] =
            &[$((stringify!($method), json::$verb)),*];
        /// Their own names, in JavaScript, in the component and in Rust.
        const PREPARED_NAMES: &[(&str, &str, &str)] = &[$(($js, $wit, stringify!($verb))),*];
    };
}
redeemable::prepared_verbs!(from_text_under_rules);

/// The answer as text, or the error as text.
fn answer(call: &str, request: &[u8]) -> Result<String, String> {
    let Some((_, _, _, verb)) = VERBS.iter().find(|(name, ..)| *name == call) else {
        panic!("no such call: {call}")
    };
    verb(request).map_err(|error| serde_json::to_string(&error).unwrap())
}

#[test]
fn each_function_is_named_alike_in_every_language() {
    let names =
        VERBS.iter().map(|(js, wit, rust, _)| (*js, *wit, *rust)).chain(PREPARED_NAMES.iter().copied());
    for (js, wit, rust) in names {
        let mut words = rust.split('_');
        let first = words.next().unwrap().to_owned();
        let camel = words.fold(first, |name, word| name + &word[..1].to_uppercase() + &word[1..]);
        assert_eq!((js, wit), (camel.as_str(), rust.replace('_', "-").as_str()));
    }
}

/// A name of a variant crosses as its address times 64 and its length; see `src/crossing/answer.rs`.
#[test]
fn every_name_of_a_variant_is_short_enough_to_cross() {
    fn names(schema: &Value, found: &mut BTreeSet<String>) {
        match schema {
            Value::Object(fields) => {
                found.extend(fields.get("const").and_then(Value::as_str).map(str::to_owned));
                let listed = fields.get("enum").and_then(Value::as_array).into_iter().flatten();
                found.extend(listed.filter_map(Value::as_str).map(str::to_owned));
                fields.values().for_each(|field| names(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| names(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let schema: Value = serde_json::from_str(&fs::read_to_string("contract/schema.json").unwrap()).unwrap();
    let mut found = BTreeSet::new();
    names(&schema, &mut found);
    assert!(found.contains("late_payment_conflict") && found.contains("pool_budget_exhausted"), "{found:?}");
    let long: Vec<_> = found.iter().filter(|name| name.len() >= 64).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn every_function_has_vectors_and_an_example() {
    let (cases, documents) = (cases(), fs::read_to_string("tests/documents.json").unwrap());
    let documents: Map<String, Value> = serde_json::from_str(&documents).unwrap();
    for (name, ..) in VERBS {
        assert!(
            cases.iter().any(|(_, case)| case["call"] == *name),
            "no vector in tests/vectors asks {name}"
        );
        assert!(documents.contains_key(*name), "tests/documents.json has no example of {name}");
    }
}

fn expected(case: &Value) -> Result<String, String> {
    match (case.get("answer"), case.get("error")) {
        (Some(answer), None) => Ok(answer.to_string()),
        (None, Some(error)) => Err(error.to_string()),
        _ => panic!("a case has either an answer or an error: {}", case["name"]),
    }
}

#[test]
fn every_vector_has_exactly_its_answer() {
    let cases = cases();
    let mut wrong = Vec::new();
    for (file, case) in &cases {
        let answer = answer(case["call"].as_str().unwrap(), case["request"].to_string().as_bytes());
        let expected = expected(case);
        if answer != expected {
            let name = case["name"].as_str().unwrap();
            wrong.push(format!("{file}: {name}\n  expected {expected:?}\n  answered {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    println!("{} vectors", cases.len());
}

#[test]
fn every_vector_has_the_same_answer_under_prepared_rules() {
    let mut count = 0;
    for (file, case) in &cases() {
        let plain = VERBS.iter().find(|(name, ..)| case["call"] == *name).map(|(_, _, rust, _)| *rust);
        let Some((_, verb)) = PREPARED.iter().find(|(method, _)| plain == Some(*method)) else { continue };
        let Some(request) = case["request"].as_object() else { continue };
        let expected = expected(case);
        // In an exchange the rules are part of the order.
        let place = request.get("request").and_then(Value::as_object);
        let (document, mut asked): (Map<_, _>, Map<_, _>) = place
            .unwrap_or(request)
            .clone()
            .into_iter()
            .partition(|(field, _)| field == "promos" || field == "policy");
        if place.is_some() {
            asked = request.clone().into_iter().chain([("request".into(), asked.into())]).collect();
        }
        let of_rules = |path: &Value| path[0] == "request" && (path[1] == "promos" || path[1] == "policy");
        if case.get("error").is_some_and(|error| of_rules(&error["at"])) {
            continue; // the path of a mistake in the rules themselves begins there
        }
        let text = |part| Value::Object(part).to_string();
        let answer = json::prepare(text(document).as_bytes())
            .and_then(|rules| verb(&rules, text(asked).as_bytes()))
            .map_err(|error| serde_json::to_string(&error).unwrap());
        // Under rules a request has fewer fields, so the message about an unknown field lists fewer.
        let unknown = |answer: &Result<String, String>| {
            answer.as_ref().is_err_and(|error| error.contains("unknown field"))
        };
        assert!(answer == expected || unknown(&answer) && unknown(&expected), "{file}: {}", case["name"]);
        count += 1;
    }
    assert!(count >= 800, "{count}");
}

#[test]
fn there_are_enough_vectors_and_each_has_its_own_name() {
    let cases = cases();
    let names: BTreeSet<&str> = cases.iter().map(|(_, case)| case["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), cases.len());
    assert!(cases.len() >= 250, "{}", cases.len());
}

macro_rules! names {
    ($($test:ident $file:literal)*) => { vec![$($file),*] };
}

#[test]
fn browsers_are_given_every_file() {
    let files: Vec<_> = files().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(vector_files!(names), files, "tests/vectors/files.rs is out of date: run `make generate`");
}

#[test]
fn every_kind_of_discount_is_sold_in_a_vector() {
    let schema: Value = serde_json::from_str(include_str!("../contract/schema.json")).unwrap();
    let sold: BTreeSet<String> = cases()
        .iter()
        .filter(|(_, case)| case["answer"]["status"] == "accepted")
        .flat_map(|(_, case)| case["request"]["promos"].as_array().cloned().unwrap_or_default())
        .map(|promo| promo["discount"]["kind"].as_str().unwrap_or("percent").to_owned())
        .collect();
    for case in schema["$defs"]["Discount"]["oneOf"].as_array().unwrap() {
        let kind = case["properties"]["kind"]["const"].as_str().unwrap();
        assert!(sold.contains(kind), "no vector sells anything at a discount of kind {kind}");
    }
}
