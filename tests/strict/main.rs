//! Malformed requests: every field of every document misspelt, left out, given twice and spoilt in turn.
//! What each field expects is in `contract/schema.json`; the requests come from `tests/documents.json`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]
#![allow(clippy::arithmetic_side_effects, reason = "positions in short texts; a test may overflow aloud")]

mod example;
mod fields;
mod garbage;
mod sound;

use redeemable::{ErrorCode, json};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

use example::{examples, step};
use fields::Is::*;
use fields::{MAX, complaint, fields, kinds, names, of_any_kind, phrase};

#[test]
fn the_examples_are_right_and_give_every_field() {
    for example in examples() {
        (example.verb)(example.text.as_bytes()).unwrap();
        // Objects of the same kind count together: one promo may leave out a field that another promo gives.
        let mut given: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (_, entry) in example.entries(false) {
            given.entry(names(entry.fields.unwrap())).or_default().push(&entry.name);
        }
        for (known, mut given) in given {
            given.sort_unstable();
            given.dedup();
            let mut all = known.clone();
            all.sort_unstable();
            assert_eq!(given, all, "tests/documents.json gives every field of {known:?}");
        }
        let discounts = example.nodes.iter().filter(|node| node.is == Discount);
        let given: BTreeSet<_> = discounts.filter_map(|node| node.value["kind"].as_str()).collect();
        // Some examples have only one discount in the form of an object; the others must have every kind.
        if given.len() > 1 {
            assert_eq!(
                given,
                kinds().into_iter().collect(),
                "tests/documents.json gives every kind of discount"
            );
        }
    }
}

#[test]
fn a_misspelt_field_is_unknown_at_every_depth_whatever_its_value() {
    let mut count = 0;
    for example in examples() {
        for (node, entry) in example.entries(false) {
            let known = entry.fields.unwrap();
            let known = match known.first() {
                // The error for a discount lists the fields of all kinds, because its kind may not have been read yet.
                Some(first) if first.name == "kind" => of_any_kind().join(", "),
                _ => names(known).join(", "),
            };
            let message = format!("unknown field, expected one of {known}");
            let field = &example.text[entry.at.clone()];
            let value = node.value.to_string();
            // `discounts` with a letter too few is another field.
            let names = names(entry.fields.unwrap());
            for misspelt in misspellings(&entry.name).into_iter().filter(|name| !names.contains(&&**name)) {
                let path = step(&entry.of, &misspelt);
                let misspelt = Value::from(misspelt);
                for value in [value.as_str(), "null"] {
                    let wrong = format!("{misspelt}:{value}");
                    example.assert_error(&entry.at, &wrong, &path, &message);
                    example.assert_error(&entry.at, &format!("{field},{wrong}"), &path, &message);
                    count += 2;
                }
            }
        }
    }
    println!("{count} misspellings");
}

/// The name with a letter too many, with one too few, with two swapped, in capitals, and with a space.
fn misspellings(name: &str) -> Vec<String> {
    let (first, rest) = name.split_at(1);
    let (second, end) = rest.split_at(1);
    let swapped = format!("{second}{first}{end}");
    vec![format!("{name}x"), name[..name.len() - 1].into(), swapped, name.to_uppercase(), format!("{name} ")]
}

#[test]
fn a_field_of_another_kind_of_discount_is_unknown() {
    for example in examples() {
        for node in example.nodes.iter().filter(|node| node.is == Discount && node.value.is_object()) {
            let known = names(fields(Discount, &node.value));
            let message = format!("unknown field, expected one of {}", known.join(", "));
            for foreign in of_any_kind().iter().filter(|name| !known.contains(name)) {
                let brace = node.at.end - 1..node.at.end;
                // A value that the field has under its own kind, so that only the place is wrong.
                let own = example.nodes.iter().filter(|other| other.is == Discount);
                let own = own.map(|other| &other.value).find_map(|other| other.get(foreign));
                let wrong = format!(",\"{foreign}\":{}}}", own.unwrap_or(&Value::Null));
                example.assert_error(&brace, &wrong, &format!("{}.{foreign}", node.path), &message);
            }
        }
    }
}

#[test]
fn a_missing_required_field_is_an_error_and_null_means_absent() {
    let mut count = [0, 0];
    for example in examples() {
        for (node, entry) in example.entries(true) {
            let null = format!("{}:null", Value::from(entry.name.as_str()));
            count[usize::from(entry.required())] += 1;
            if entry.required() {
                example.assert_error(&entry.with_comma, "", &node.path, "missing required field");
                example.assert_error(&entry.at, &null, &node.path, "missing required field");
            } else {
                let (absent, null) = (example.with(&entry.with_comma, ""), example.with(&entry.at, &null));
                assert_eq!(absent, null, "{}", node.path);
                let read = !absent.is_err_and(|error| error.message == "missing required field");
                assert!(read, "{} is optional", node.path);
            }
        }
    }
    println!("{} required fields, {} optional ones", count[1], count[0]);
}

#[test]
fn each_malformed_value_is_an_error_at_its_field() {
    let mut values: Vec<Value> = serde_json::from_str(
        r#"[1.5, -1, -0.5, 0, 1, 3, 1000, 1001, 1800000000, 99999999999, 100000000000, 9007199254740991,
            9007199254740992, 18446744073709551616, 1e300, 100.5, true, false, null, [], ["x"], {}, {"x": 1},
            "", " ", "3", "x", "true", "null"]"#,
    )
    .unwrap();
    values.extend([17, 33, 257, 321].map(|length| "x".repeat(length).into()));
    values.push("\u{1F339}".repeat(257).into());

    let (mut wrong, mut right) = (0, 0);
    for example in examples() {
        for node in &example.nodes {
            for value in &values {
                if value.is_null() && node.entry.is_some() {
                    continue; // null means absent, which another test covers
                }
                match complaint(node.is, value) {
                    Some(message) => {
                        example.assert_error(&node.at, &value.to_string(), &node.path, &message);
                        wrong += 1;
                    }
                    None => {
                        let phrase = format!("expected {}, found ", phrase(node.is));
                        if let Err(error) = example.with(&node.at, &value.to_string()) {
                            let read = error.path != node.path || !error.message.starts_with(&phrase);
                            assert!(read, "{value} at {error}");
                        }
                        right += 1;
                    }
                }
            }
        }
    }
    println!("{wrong} malformed values, {right} that may stand there");
}

#[test]
fn a_field_given_twice_is_an_error_at_every_depth() {
    let mut count = 0;
    for example in examples() {
        for (node, entry) in example.entries(true) {
            let field = &example.text[entry.at.clone()];
            let null = format!("{}:null", Value::from(entry.name.as_str()));
            let first = entry.name.chars().next().unwrap();
            let escaped = field.replacen(first, &format!("\\u{:04x}", u32::from(first)), 1);
            for twice in [
                format!("{field},{field}"),
                format!("{field},{null}"),
                format!("{null},{field}"),
                format!("{null},{null}"),
                format!("{field},{escaped}"),
                format!("{field},{field},{field}"),
            ] {
                example.assert_error(&entry.at, &twice, &node.path, "expected each field once");
                count += 1;
            }
        }
    }
    println!("{count} fields given twice");
}

#[test]
fn unreadable_text_is_an_error_at_the_root() {
    for example in examples() {
        let text = example.text.as_str();
        let inside = |inner: &str| text.replacen('{', &format!("{{\"policy\":{inner},"), 1);
        let mut unreadable: Vec<Vec<u8>> = vec![
            vec![],
            b" ".to_vec(),
            b"\xEF\xBB\xBF{}".to_vec(),
            b"{\"policy\":\"\xFF\"}".to_vec(),
            b"{\"policy\":\"\xED\xA0\x80\"}".to_vec(), // a surrogate as three bytes
            b"{\"policy\xC3\":1}".to_vec(),
            "[".repeat(100_000).into(),
            "[".repeat(100_000).into_bytes().into_iter().chain("]".repeat(100_000).into_bytes()).collect(),
            "{\"policy\":".repeat(100_000).into(),
            format!("{text} {{}}").into(),
            format!("{text},").into(),
            format!("{text}\0").into(),
            format!("// a comment\n{text}").into(),
            text.replace('"', "'").into(),
        ];
        for inner in [
            [r#""\ud800""#, r#""\udc00""#, r#""\ud83cx""#, r#""\ud83c\u0041""#, r#"{"\ud800":1}"#, r#""\x""#],
            ["NaN", "Infinity", "-", "+1", "01", ".5"],
            ["1.", "1e", "0x10", "1e999", "tru", "undefined"],
            ["[1,]", r#"{"a":1,}"#, r#"{"a"}"#, "{a:1}", "{1:1}", "\"\n\""],
        ]
        .as_flattened()
        {
            unreadable.push(inside(inner).into());
        }
        // The text is cut off at many places.
        unreadable.extend((0..text.len()).step_by(97).map(|length| text.as_bytes()[..length].to_vec()));
        for wrong in unreadable {
            let error = (example.verb)(&wrong).unwrap_err();
            let shown = String::from_utf8_lossy(&wrong);
            assert_eq!(error.code, ErrorCode::InvalidRequest, "{shown:.200}");
            assert_eq!(error.path, "", "{shown:.200}");
            assert!(error.message.starts_with("expected JSON: "), "{error}, given {shown:.200}");
        }
        // White space around the request changes nothing.
        assert_eq!((example.verb)(format!("\r\n\t {text} \n").as_bytes()), (example.verb)(text.as_bytes()));
    }
}

#[test]
fn what_is_no_object_is_an_error_at_the_root() {
    for example in examples() {
        let all = 0..example.text.len();
        for (text, found) in
            [("null", "null"), ("3", "3"), ("\"x\"", "a string"), ("true", "a boolean"), ("[{}]", "a list")]
        {
            example.assert_error(&all, text, "", &format!("expected an object, found {found}"));
        }
    }
}

#[test]
fn every_spelling_of_a_whole_number_is_read() {
    for example in examples() {
        let answer = (example.verb)(example.text.as_bytes());
        for node in example.nodes.iter().filter(|node| node.value.is_u64()) {
            let number = node.value.as_u64().unwrap();
            for written in [format!("{number}.0"), format!("{number}e0"), format!("{number}0E-1")] {
                assert_eq!(example.with(&node.at, &written), answer, "{written} at {}", node.path);
            }
        }
    }
}

#[test]
fn the_largest_amount_is_accepted_and_one_more_is_an_error() {
    let answer = |promo: &str, lines: &str| {
        let order = format!(r#"{{"event_id":"gala","currency":"sat","lines":[{lines}]}}"#);
        let request =
            r#"{"codes":["A"],"promos":[{"code":"A",PROMO}],"order":ORDER,"now_ms":9007199254740991}"#;
        json::validate_redemption(request.replace("PROMO", promo).replace("ORDER", &order).as_bytes())
    };
    let most = r#"{"unit_price":9007199254740991,"quantity":1}"#;
    let limits = r#","max_uses":9007199254740991,"max_tickets_per_order":9007199254740991,
        "max_discount":9007199254740991,
        "budget":9007199254740991,"max_tickets":9007199254740991,"min_subtotal":9007199254740991,
        "max_subtotal":9007199254740991,
        "requires":[{"ticket_types":["x"],"max_tickets":9007199254740991,"min_subtotal":0}],
        "starts_at_ms":9007199254740991,
        "pools":[{"id":"p","max_uses":9007199254740991,"budget":9007199254740991}]"#;
    for (discount, off, total) in [
        (r#""discount":{"kind":"none"}"#, 0, MAX),
        (r#""discount":{"kind":"free"}"#, MAX, 0),
        (r#""discount":{"kind":"amount_per_ticket","amount":9007199254740991}"#, MAX, 0),
        (r#""discount":{"kind":"amount_per_order","amount":9007199254740990}"#, MAX - 1, 1),
        (r#""discount":{"kind":"fixed_price","price":9007199254740990}"#, 1, MAX - 1),
        (r#""discount_percent":50"#, 4_503_599_627_370_495, 4_503_599_627_370_496),
        (r#""discount_percent":0.0001"#, 9_007_199_255, 9_007_190_247_541_736),
    ] {
        let answer = answer(&format!("{discount}{limits}"), most).unwrap();
        let quote = format!(r#""subtotal":{MAX},"discount":{off},"total":{total},"#);
        assert!(answer.contains(r#""status":"accepted""#) && answer.contains(&quote), "{answer}");
    }
    for lines in [
        r#"{"unit_price":9007199254740991,"quantity":2}"#.to_owned(),
        r#"{"unit_price":9007199254740991,"quantity":1000}"#.to_owned(),
        format!(r#"{most},{{"unit_price":1,"quantity":1}}"#),
    ] {
        let error = answer(r#""discount":{"kind":"free"}"#, &lines).unwrap_err();
        assert_eq!((error.code, error.path.as_str()), (ErrorCode::AmountOutOfRange, "order.lines"));
        assert_eq!(error.message, "expected a sum of at most 9007199254740991");
    }
    let edge = r#"{"unit_price":9007199254740991,"quantity":1},{"unit_price":0,"quantity":999}"#;
    assert!(answer(r#""discount":{"kind":"free"}"#, edge).is_ok());
}
