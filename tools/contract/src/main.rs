//! Writes `contract/schema.json`, `functions.json` and `reasons.json` from the engine's types, and the tables of
//! `DESIGN.md` from these files; `make generate` calls it. The test fails if a file differs from what it would write.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only developers run this tool: it may panic"
)]

mod cases;
mod functions;
mod reasons;
mod schema;
mod sentences;
mod tables;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (files, complaints) = made();
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    for (name, text) in files.iter().filter(|(name, text)| !is(name, text)) {
        std::fs::write(at(name), text).unwrap_or_else(|error| panic!("{name}: {error}"));
        println!("{name} is written");
    }
    ExitCode::from(u8::from(!complaints.is_empty()))
}

/// Every file, by its path, and the complaints about the sentences that it is made from.
fn made() -> (Vec<(&'static str, String)>, Vec<String>) {
    let (mut schema, mut complaints) = schema::document();
    let (reasons, untold) = reasons::document(&schema);
    complaints.extend(untold);
    complaints.extend(reasons::into_cases(&mut schema, &reasons));
    let design = tables::design(&std::fs::read_to_string(at("DESIGN.md")).unwrap(), &reasons);
    let files = vec![
        ("contract/schema.json", written(&schema)),
        ("contract/functions.json", written(&functions::document())),
        ("contract/reasons.json", written(&reasons)),
        ("DESIGN.md", design),
    ];
    (files, complaints)
}

/// Whether the file has exactly this text.
fn is(name: &str, text: &str) -> bool {
    std::fs::read_to_string(at(name)).is_ok_and(|found| found == text)
}

fn at(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// The document as JSON text, indented by two, with a newline at the end.
fn written(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap();
    text.push('\n');
    text
}

#[test]
fn what_is_committed_is_what_the_types_say() {
    let (files, complaints) = made();
    assert_eq!(complaints, [""; 0]);
    for (name, text) in files {
        assert!(
            is(name, &text),
            "{name} is not what the types say: run `make generate` and review what changed"
        );
    }
}
