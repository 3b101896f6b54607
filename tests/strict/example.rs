//! The calls, and an example request for each as text of which every part is known.

use redeemable::{Error, ErrorCode, Integer, Step, json};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::fields::Is::{self, *};
use crate::fields::{COUNT, Field, fields, names, request};

pub type Verb = fn(&[u8]) -> Result<String, Error>;

macro_rules! calls {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {
        const FROM_TEXT: &[(&str, Verb)] = &[$(($js, json::$verb)),*];
    };
}
redeemable::verbs!(calls);

/// Every function, by its name.
pub fn calls() -> impl Iterator<Item = (&'static str, Verb)> + Clone {
    FROM_TEXT
        .iter()
        .map(|&(name, verb)| (name, if name == "validatePromos" { validate_promos } else { verb }))
}

/// The one fault as the error that it is elsewhere; several are none that is expected.
fn validate_promos(request: &[u8]) -> Result<String, Error> {
    let answer = json::validate_promos(request)?;
    let told: Value = serde_json::from_str(&answer).unwrap();
    let faults = told["faults"].as_array().unwrap();
    let text = |fault: &Value, field: &str| fault[field].as_str().unwrap().to_owned();
    for fault in faults {
        assert_same_path(fault);
    }
    let Some((first, others)) = faults.split_first() else { return Ok(answer) };
    let code = match text(first, "code").as_str() {
        "invalid_promo" => ErrorCode::InvalidPromo,
        "duplicate_code" => ErrorCode::DuplicateCode,
        _ => ErrorCode::InvalidRequest,
    };
    let mut message = text(first, "message");
    // A field that is misspelt is also missed.
    let missed = |other: &Value| {
        let other = text(other, "message");
        message.starts_with("unknown field")
            && (other.starts_with("missing") || other.ends_with("found none"))
    };
    if !others.iter().all(missed) {
        message.push_str(", and other faults");
    }
    let step = |at: &Value| match at {
        Value::Number(index) => Step::Index(Integer::new(index.as_u64().unwrap()).unwrap()),
        name => Step::Field(name.as_str().unwrap().to_owned()),
    };
    let at = first["at"].as_array().unwrap().iter().map(step).collect();
    Err(Error { code, path: text(first, "path"), at, message })
}

/// The path as text is the path as data.
fn assert_same_path(mistake: &Value) {
    let written = mistake["at"].as_array().unwrap().iter().fold(String::new(), |path, at| match at {
        Value::Number(index) => format!("{path}[{index}]"),
        name => step(&path, name.as_str().unwrap()),
    });
    // JSON escapes other control characters than a path does.
    assert!(mistake["path"] == *written || written.contains(|c: char| c.is_control() || c == '\\'));
}

/// The example request of a call.
pub struct Example {
    pub verb: Verb,
    pub text: String,
    pub nodes: Vec<Node>,
}

/// A value in the text of a request.
pub struct Node {
    pub path: String,
    pub value: Value,
    pub is: Is,
    pub at: Range<usize>,
    pub entry: Option<Entry>,
}

/// A value's place in the object that holds it.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    /// The path of that object.
    pub of: String,
    /// The fields of that object; a map has none.
    pub fields: Option<&'static [Field]>,
    /// The name and the value in the text.
    pub at: Range<usize>,
    /// The same with one of the commas beside it.
    pub with_comma: Range<usize>,
}

impl Entry {
    pub fn required(&self) -> bool {
        self.fields.is_some_and(|fields| fields.iter().any(|field| field.name == self.name && field.required))
    }
}

pub fn examples() -> Vec<Example> {
    let documents: Value = serde_json::from_str(include_str!("../documents.json")).unwrap();
    let example = |(call, verb): (&str, Verb)| {
        let (mut text, mut nodes) = (String::new(), Vec::new());
        write(&documents[call], request(call), "", None, &mut text, &mut nodes);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), documents[call]);
        Example { verb, text, nodes: last_of_each_shape(nodes) }
    };
    calls().map(example).collect()
}

/// Of elements of one list that are alike, only the last: each field at each depth once, and not nine times.
fn last_of_each_shape(nodes: Vec<Node>) -> Vec<Node> {
    let shape = |node: &Node| {
        let path: String =
            node.path.split_inclusive('[').map(|part| part.trim_start_matches(char::is_numeric)).collect();
        let siblings = node.entry.as_ref().and_then(|entry| entry.fields).map(names);
        let kind = (node.is == Discount).then(|| node.value["kind"].to_string());
        (path, siblings, kind)
    };
    let last: BTreeMap<_, _> = nodes.iter().enumerate().map(|(index, node)| (shape(node), index)).collect();
    let kept: BTreeSet<usize> = last.into_values().collect();
    nodes.into_iter().enumerate().filter(|(index, _)| kept.contains(index)).map(|(_, node)| node).collect()
}

fn write(value: &Value, is: Is, path: &str, entry: Option<Entry>, text: &mut String, nodes: &mut Vec<Node>) {
    let (start, index) = (text.len(), nodes.len());
    nodes.push(Node { path: path.into(), value: value.clone(), is, at: start..start, entry });
    match (value, is) {
        (Value::Array(items), List(_) | Each | Fact) => {
            text.push('[');
            let item_is = match is {
                List(item_is) => *item_is,
                Fact => Text(256),
                _ => COUNT,
            };
            for (index, item) in items.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                write(item, item_is, &format!("{path}[{index}]"), None, text, nodes);
            }
            text.push(']');
        }
        (Value::Object(entries), Map(_) | Object(_) | Discount | Amount) => {
            text.push('{');
            let fields = (!matches!(is, Map(_) | Amount)).then(|| fields(is, value));
            for (index, (name, value)) in entries.iter().enumerate() {
                let field = fields.map(|fields| fields.iter().find(|field| field.name == name));
                let value_is = match (is, field) {
                    (Map(value_is), _) => *value_is,
                    (Amount, _) => COUNT,
                    (_, Some(Some(field))) => field.is,
                    _ => panic!("the contract has no field {path}.{name}"),
                };
                let before = text.len();
                text.push_str(if index == 0 { "" } else { "," });
                let start = text.len();
                text.push_str(&format!("{}:", Value::from(name.as_str())));
                let place = nodes.len();
                // A null has no parts, whatever it stands for.
                write(value, value_is, &step(path, name), None, text, nodes);
                let end = text.len();
                let with_comma =
                    if index == 0 { start..end + usize::from(entries.len() > 1) } else { before..end };
                let entry = Entry { name: name.clone(), of: path.into(), fields, at: start..end, with_comma };
                nodes[place].entry = Some(entry);
            }
            text.push('}');
        }
        _ => text.push_str(&value.to_string()),
    }
    nodes[index].at = start..text.len();
}

/// The path of a field of the object at `path`.
pub fn step(path: &str, name: &str) -> String {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    match (plain, path) {
        (false, _) => format!("{path}[{}]", Value::from(name)),
        (true, "") => name.into(),
        (true, _) => format!("{path}.{name}"),
    }
}

impl Example {
    /// The answer to the request with another text at that place.
    pub fn with(&self, at: &Range<usize>, text: &str) -> Result<String, Error> {
        (self.verb)([&self.text[..at.start], text, &self.text[at.end..]].concat().as_bytes())
    }

    pub fn assert_error(&self, at: &Range<usize>, text: &str, path: &str, message: &str) {
        let own = path.strip_prefix("request.").unwrap_or(path); // the order of an exchange
        let code = if own.starts_with("promos[") { "invalid_promo" } else { "invalid_request" };
        let expected = serde_json::json!({ "code": code, "path": path, "message": message });
        let answer = self.with(at, text).map_err(|error| {
            let mut error = serde_json::to_value(error).unwrap();
            assert_same_path(&error);
            error.as_object_mut().unwrap().remove("at");
            error
        });
        assert_eq!(answer, Err(expected), "given {text:.200}");
    }

    /// Every field of every object with its place; entries of maps too if `maps`.
    pub fn entries(&self, maps: bool) -> impl Iterator<Item = (&Node, &Entry)> {
        let entries = self.nodes.iter().filter_map(|node| Some((node, node.entry.as_ref()?)));
        entries.filter(move |(_, entry)| maps || entry.fields.is_some())
    }
}
