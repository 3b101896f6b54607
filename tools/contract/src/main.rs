//! Writes `contract/schema.json`, `functions.json` and `reasons.json` from the engine's types: `make generate`.
//! With the argument `check` it writes nothing, and fails if one of them is not what it would write.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a tool of the house: it stops aloud"
)]

mod functions;
mod reasons;
mod schema;

use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let check = std::env::args().nth(1).is_some_and(|word| word == "check");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contract");
    let (schema, mut complaints) = schema::document();
    let (reasons, untold) = reasons::document(&schema);
    complaints.extend(untold);
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    let mut stale = !complaints.is_empty();
    let documents =
        [("schema.json", schema), ("functions.json", functions::document()), ("reasons.json", reasons)];
    for (name, document) in documents {
        let path = folder.join(name);
        let text = written(&document);
        if std::fs::read_to_string(&path).ok().as_ref() == Some(&text) {
            continue;
        }
        if check {
            eprintln!(
                "contract/{name} is not what the types say: run `make generate` and review what changed"
            );
            stale = true;
        } else {
            std::fs::write(&path, text).unwrap_or_else(|error| panic!("contract/{name}: {error}"));
            println!("contract/{name} is written");
        }
    }
    ExitCode::from(u8::from(stale))
}

/// The text of a document: indented by two, with a last newline.
fn written(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap();
    text.push('\n');
    text
}
