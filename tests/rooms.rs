//! Checks that the files in `src/` import only what the table of rooms in DESIGN.md allows.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// No file in `src/` has more lines than this.
const LONGEST: usize = 300;
/// Crates that only `crossing/` may use, because they know JavaScript or JSON.
const HOSTS: [&str; 5] = ["wasm_bindgen", "js_sys", "web_sys", "serde_json", "schemars"];
/// Helpers of several lints, which are no lints themselves.
const SHARED: [&str; 2] = ["bound", "looks"];
/// The folders whose files never import each other.
const PEERS: [&str; 2] = ["judge/rules", "organise/lint"];

/// For each room in DESIGN.md's table, the rooms from which it may import.
fn table() -> BTreeMap<String, BTreeSet<String>> {
    let design = include_str!("../DESIGN.md");
    let rows = design.lines().skip_while(|line| *line != "| room | holds | may import |").skip(2);
    let names = |cell: &str| -> BTreeSet<String> {
        let quoted = cell.split('`').skip(1).step_by(2);
        quoted.map(|name| name.trim_end_matches('/').to_owned()).collect()
    };
    rows.take_while(|line| line.starts_with('|'))
        .map(|row| {
            let cells: Vec<_> = row.split('|').collect();
            (names(cells[1]).pop_first().unwrap(), names(cells[3]))
        })
        .collect()
}

/// The Rust files in `src/`, by their path inside it.
fn sources() -> BTreeMap<String, String> {
    fn read(folder: &Path, from: &str, sources: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = format!("{from}{}", entry.file_name().to_str().unwrap());
            if entry.path().is_dir() {
                read(&entry.path(), &format!("{name}/"), sources);
            } else if name.ends_with(".rs") {
                sources.insert(name, fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    let mut sources = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut sources);
    sources
}

/// The lines that are compiled into the engine, with their numbers: without tests, comments and the feature `schema`.
fn code(text: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    let mut rest = (1..).zip(text.lines());
    while let Some((number, line)) = rest.next() {
        let (indent, line) = line.split_at(line.find(|c| c != ' ').unwrap_or(0));
        if line.starts_with("#[test]") || line.starts_with("#[cfg(test)]") {
            // Skips to the brace that ends the item; rustfmt puts that brace below the item's first letter.
            let end = format!("{indent}}}");
            let first = rest.by_ref().find(|(_, inside)| !inside.trim_start().starts_with("#["));
            if first.is_some_and(|(_, inside)| !inside.ends_with(';')) {
                rest.by_ref().find(|(_, inside)| *inside == end);
            }
        } else if !line.starts_with("//") && !line.starts_with(r#"#[cfg_attr(feature = "schema""#) {
            lines.push((number, line.split(" // ").next().unwrap()));
        }
    }
    lines
}

/// The module path of a file, from the root of the crate: `["judge", "rules", "ended"]`.
fn module(file: &str) -> Vec<&str> {
    file.trim_end_matches(".rs").split('/').filter(|step| *step != "lib" && *step != "mod").collect()
}

/// The paths in a line that begin with `crate`, `super` or `self`, written from the root of the crate.
fn paths(line: &str, module: &[&str]) -> Vec<Vec<String>> {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let written = line.split(|c| !word(c)).map(|path| path.split("::").collect::<Vec<_>>());
    let from_here = written.filter(|path| ["crate", "super", "self"].contains(&path[0]) && path.len() > 1);
    from_here
        .map(|path| {
            let up = path.iter().take_while(|step| **step == "super").count();
            let start = if path[0] == "crate" { &[][..] } else { &module[..module.len().saturating_sub(up)] };
            let steps = path.iter().skip_while(|step| ["crate", "super", "self"].contains(step));
            start.iter().chain(steps).filter(|step| !step.is_empty()).map(|step| (*step).to_owned()).collect()
        })
        .collect()
}

/// What a file does that it may not do, line by line.
fn wrongs(file: &str, text: &str, table: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let module = module(file);
    let mut wrongs = Vec::new();
    let mut wrong = |line: usize, what: &str| wrongs.push(format!("src/{file}:{line} {what}"));
    if text.lines().count() > LONGEST {
        wrong(LONGEST + 1, "is longer than a file may be");
    }
    let Some(room) = module.first().filter(|_| module.len() > 1) else { return wrongs };
    let may = &table[*room];
    for (number, line) in code(text) {
        for path in paths(line, &module) {
            let (target, shown) = (path.first().map_or("", String::as_str), path.join("::"));
            let shown = if shown.is_empty() { "a list of paths" } else { &shown };
            let peers = PEERS.iter().find(|peers| file.starts_with(&format!("{peers}/")));
            let peer = peers.filter(|peers| {
                let steps: Vec<_> = peers.split('/').collect();
                path.len() > 2 && path[..2] == steps && path[2] != module[2] && is_module(&path[2])
            });
            if peer.is_some_and(|_| !SHARED.contains(&path[2].as_str())) {
                wrong(number, &format!("imports {shown}, which is another one of {}", peers.unwrap()));
            } else if *room != "crossing" && !table.contains_key(target) {
                wrong(number, &format!("imports {shown} past the rooms"));
            } else if target != *room && table.contains_key(target) && !may.contains(target) {
                wrong(number, &format!("imports {shown}, which {room} may not know"));
            }
        }
        let host = HOSTS.iter().find(|host| *room != "crossing" && line.contains(**host));
        if let Some(host) = host {
            wrong(number, &format!("knows of {host}"));
        }
    }
    wrongs
}

/// Whether the name is that of a module (lower-case) and not that of a type.
fn is_module(name: &str) -> bool {
    name.starts_with(char::is_lowercase) && name != "fixture"
}

#[test]
fn rooms_import_only_what_the_table_says() {
    let (table, sources) = (table(), sources());
    let rooms: BTreeSet<_> = sources.keys().filter_map(|file| Some(file.split_once('/')?.0)).collect();
    assert!(table.keys().map(String::as_str).eq(rooms), "DESIGN.md has other rooms than src/");
    let wrongs: Vec<_> = sources.iter().flat_map(|(file, text)| wrongs(file, text, &table)).collect();
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}

#[test]
fn nothing_is_below_itself() {
    let table = table();
    let mut below = BTreeSet::new();
    while let Some((room, _)) =
        table.iter().find(|(room, may)| !below.contains(*room) && may.is_subset(&below))
    {
        below.insert(room.clone());
    }
    assert_eq!(below.len(), table.len(), "the rooms of DESIGN.md go round in a circle");
    assert_eq!(below.len(), 6);
}

#[test]
fn whatever_is_not_allowed_is_found() {
    let found = |file: &str, text: &str| wrongs(file, text, &table());
    let says = |file: &str, text: &str, what: &str| {
        assert_eq!(found(file, text), [format!("src/{file}:{what}")]);
    };
    says(
        "base/money.rs",
        "//!\nuse crate::judge::limits;",
        "2 imports judge::limits, which base may not know",
    );
    says(
        "documents/promo.rs",
        "    let x = crate::sell::plan::f();",
        "1 imports sell::plan::f, which documents may not know",
    );
    says(
        "documents/promo.rs",
        "use super::super::sell::plan;",
        "1 imports sell::plan, which documents may not know",
    );
    says("sell/plan.rs", "use crate::organise::lint;", "1 imports organise::lint, which sell may not know");
    says(
        "organise/lint.rs",
        "use crate::{sell::plan, base::key};",
        "1 imports a list of paths past the rooms",
    );
    says("judge/limits.rs", "use crate::usage_keys;", "1 imports usage_keys past the rooms");
    says(
        "judge/rules/ended.rs",
        "use super::inactive;",
        "1 imports judge::rules::inactive, which is another one of judge/rules",
    );
    says(
        "organise/lint/ended.rs",
        "use crate::organise::lint::looks;\nuse super::bound::f;\nuse super::zero_refuses::f;",
        "3 imports organise::lint::zero_refuses::f, which is another one of organise/lint",
    );
    says("sell/plan.rs", "fn f(text: &str) { serde_json::from_str(text) }", "1 knows of serde_json");
    says("crossing/js.rs", &"\n".repeat(301), "301 is longer than a file may be");
    assert!(
        found("crossing/js.rs", "use crate::sell::plan;\nuse serde_json::Value;\ncrate::usage_keys()")
            .is_empty()
    );
    assert!(
        found("judge/rules/ended.rs", "use super::{Case, Reason};\nuse crate::documents::order;").is_empty()
    );
    let tests = "#[cfg(test)]\nmod tests {\n    use crate::crossing::json;\n}\n\
        #[test]\nfn f() {\n    serde_json::x();\n}\n";
    assert!(found("base/money.rs", tests).is_empty());
    assert_eq!(found("base/money.rs", &format!("{tests}use crate::sell;")).len(), 1);
    assert!(
        found("base/money.rs", "/// See [`x`](crate::sell::plan).\nfn f() {} // not crate::sell").is_empty()
    );
}
