//! The short run of `make test`: the corpus, the vectors, and a fixed number of changed inputs.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::draw::{Draw, bytes};
use crate::mutate::mutate;
use crate::{calls, records, text};

/// How many changed inputs each target is given.
const TEXTS: u64 = 40_000;
const CALLS: u64 = 3_000;
const RECORDS: u64 = 150_000;

fn path(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // As a test of the root package, this file has the root as its CARGO_MANIFEST_DIR.
    let fuzz = if root.ends_with("fuzz") { root.to_owned() } else { root.join("fuzz") };
    fuzz.join(name)
}

/// The inputs of a target: each line is a JSON string whose characters are the bytes of one input.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let lines = fs::read_to_string(path(&format!("corpus/{target}.jsonl"))).unwrap();
    let bytes = |text: String| text.chars().map(|byte| u8::try_from(byte).unwrap()).collect();
    lines.lines().map(|line| bytes(serde_json::from_str(line).unwrap())).collect()
}

/// Every request of the vectors, as an input of the target `text`: a letter for the function, then the JSON.
fn vectors() -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    let folder = fs::read_dir(path("../tests/vectors")).unwrap();
    let mut files: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = fs::read(file).unwrap();
        let Ok(file) = serde_json::from_slice::<Value>(&text) else { continue }; // README.md and files.rs
        for case in file["cases"].as_array().unwrap() {
            let (_, letter) = text::LETTERS.iter().find(|(name, _)| case["call"] == *name).unwrap();
            requests.push(format!("{}{}", char::from(*letter), case["request"]).into_bytes());
        }
    }
    requests
}

/// Runs every input, then `count` changed inputs.
fn replay(name: &str, run: fn(&[u8]), inputs: &[Vec<u8>], count: u64, change: fn(&[u8], u64) -> Vec<u8>) {
    let started = Instant::now();
    assert!(inputs.len() >= 50, "{name}: only {} inputs", inputs.len());
    inputs.iter().for_each(|input| run(input));
    for seed in 0..count {
        let input = &inputs[usize::try_from(seed).unwrap() % inputs.len()];
        run(&change(input, seed));
    }
    println!("{name}: {} inputs, {count} changed ones, {:.1?}", inputs.len(), started.elapsed());
}

/// Replaces up to four bytes of the input, and appends up to 80 random bytes.
fn bend(input: &[u8], seed: u64) -> Vec<u8> {
    let fresh = bytes(seed, 96);
    let mut draw = Draw::new(&fresh);
    let mut bent = input.to_vec();
    for _ in 0..=draw.below(4) {
        let place = draw.below(bent.len() + 1);
        match bent.get_mut(place) {
            Some(byte) => *byte = draw.byte(),
            None => bent.push(draw.byte()),
        }
    }
    bent.extend(&fresh[16 + draw.below(80)..]);
    bent
}

#[test]
fn request_text() {
    let mut inputs = corpus("text");
    inputs.extend(vectors());
    replay("text", text::run, &inputs, TEXTS, mutate);
}

#[test]
fn sequences_of_calls() {
    replay("calls", calls::run, &corpus("calls"), CALLS, bend);
}

#[test]
fn stored_records() {
    replay("records", records::run, &corpus("records"), RECORDS, bend);
}
