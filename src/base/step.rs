//! Paths as data: the fields and positions that lead to a mistake.

use serde::{Serialize, Serializer};

use crate::base::money::Integer;

/// One step of a path as data: the name of a field, or a position in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The name of a field, or the key of a map.
    Field(String),
    /// A position in a list, from 0.
    Index(Integer),
}

impl Step {
    /// Whether it is the field of this name.
    pub(crate) fn is(&self, field: &str) -> bool {
        matches!(self, Self::Field(name) if name == field)
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Field(name) => serializer.serialize_str(name),
            Self::Index(index) => index.serialize(serializer),
        }
    }
}

/// The steps of a path as `Error::in_field` and `in_element` write it.
pub(crate) fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (key, after) = unquoted(quoted);
            steps.push(Step::Field(key));
            rest = after;
        } else if let Some((index, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            steps.push(Step::Index(Integer::count(index.parse().unwrap_or_default())));
            rest = after;
        } else {
            let name = rest.strip_prefix('.').unwrap_or(rest);
            let (name, after) = name.split_at(name.find(['.', '[']).unwrap_or(name.len()));
            steps.push(Step::Field(name.to_owned()));
            rest = after;
        }
    }
    steps
}

/// The key up to the end of its quotation, and what stands behind the bracket.
fn unquoted(quoted: &str) -> (String, &str) {
    let mut key = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next().filter(|character| *character != '"') {
        let escaped = if character == '\\' { characters.next() } else { None };
        key.extend(match escaped {
            Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
            }
            escaped => escaped.or(Some(character)),
        });
    }
    let rest = characters.as_str();
    (key, rest.strip_prefix(']').unwrap_or(rest))
}

#[test]
fn a_path_is_read_as_it_was_written() {
    use crate::base::error::Error;
    let field = |name: &str| Step::Field(name.to_owned());
    let keys = [
        "a",
        "max_uses",
        "",
        "E-Mail",
        "x.y",
        "[0]",
        "\"",
        "\\",
        "\\u0041",
        "a\n\u{7f}\u{85}",
        "ß",
        "\u{1F339}",
    ];
    for (index, key) in keys.iter().enumerate() {
        for (position, other) in keys.iter().enumerate() {
            let path =
                Error::new("", "").in_field(other).in_element(position).in_field(key).in_field("promos");
            let written = [field("promos"), field(key), Step::Index(Integer::count(position)), field(other)];
            assert_eq!(steps(&path.path), written, "{} of {index}", path.path);
        }
    }
    assert_eq!(steps(""), []);
    let nested = Error::missing("id").in_element(12).in_element(3).path;
    assert_eq!(
        steps(&nested),
        [Step::Index(Integer::count(3)), Step::Index(Integer::count(12)), field("id")]
    );
}
