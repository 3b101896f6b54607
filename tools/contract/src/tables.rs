//! Makes the tables of `DESIGN.md` from `contract/reasons.json`; each stands between two marks.

use serde_json::Value;
use std::fmt::Write;

/// The text of `DESIGN.md` with its tables made anew.
pub fn design(text: &str, reasons: &Value) -> String {
    let mut text = text.to_owned();
    for (name, table) in [
        ("reasons", of_reasons(reasons)),
        ("problems", of_problems(reasons)),
        ("faults of requests", of_faults(reasons, "requests")),
        ("faults of records", of_faults(reasons, "records")),
    ] {
        let (open, close) = (format!("<!-- made: {name} -->\n"), "<!-- made up to here -->");
        let Some((before, rest)) = text.split_once(&open) else { panic!("DESIGN.md has no mark {open}") };
        let Some((_, after)) = rest.split_once(close) else { panic!("DESIGN.md has no end of {name}") };
        text = [before, &open, &table, close, after].concat();
    }
    text
}

fn of_reasons(reasons: &Value) -> String {
    let mut table = "| reason | a buyer is told | message |\n|---|---|---|\n".to_owned();
    for reason in list(&reasons["reasons"]) {
        let (name, public) = (word(&reason["reason"]), word(&reason["public_reason"]));
        let _ = writeln!(table, "| `{name}` | `{public}` | {} |", examples(reason));
    }
    table
}

fn of_problems(reasons: &Value) -> String {
    let mut table = "| problem | when | message |\n|---|---|---|\n".to_owned();
    let mut severity = &Value::Null;
    for problem in list(&reasons["problems"]) {
        if *severity != problem["severity"] {
            severity = &problem["severity"];
            let _ = writeln!(table, "| **{}** | | |", word(severity));
        }
        let (name, when) = (word(&problem["problem"]), word(&problem["description"]));
        let _ = writeln!(table, "| `{name}` | {when} | {} |", examples(problem));
    }
    table
}

fn of_faults(reasons: &Value, of: &str) -> String {
    let below = if of == "records" { ", below the record" } else { "" };
    let mut table = format!("| fault | path{below} | message |\n|---|---|---|\n");
    for fault in list(&reasons["faults"]).iter().filter(|fault| fault["of"] == of) {
        let code = match fault["code"].as_str() {
            Some(code @ ("duplicate_code" | "amount_out_of_range")) => format!(" (`{code}`)"),
            _ => String::new(),
        };
        let path = match fault["path"].as_str() {
            None => word(&fault["at"]).to_owned(),
            Some("") => "empty".to_owned(),
            Some(path) if of == "records" => format!("`{}`", below_the_record(path)),
            Some(path) => format!("`{path}`"),
        };
        let messages: Vec<_> =
            list(&fault["messages"]).iter().map(|message| format!("`{}`", word(message))).collect();
        let _ = writeln!(table, "| {}{code} | {path} | {} |", word(&fault["fault"]), messages.join(", "));
    }
    table
}

/// The path without the record in front: `tickets[0].price` for `redemption.tickets[0].price`.
fn below_the_record(path: &str) -> &str {
    let in_list = path.starts_with("redemptions[") || path.starts_with("usage.lapsed[");
    let inside = if in_list { path.split_once("].").map(|(_, inside)| inside) } else { None };
    let inside =
        inside.or_else(|| path.strip_prefix("redemption.")).or_else(|| path.strip_prefix("usage.existing."));
    inside.unwrap_or(path)
}

/// The example messages of a reason or a problem, each with the case in which the engine says it.
fn examples(told: &Value) -> String {
    let sentences = list(&told["sentences"]).iter();
    let said = sentences.map(|sentence| match sentence["when"].as_str() {
        Some(when) => format!("{when}: `{}`", word(&sentence["example"])),
        None => format!("`{}`", word(&sentence["example"])),
    });
    said.collect::<Vec<_>>().join("; ")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
