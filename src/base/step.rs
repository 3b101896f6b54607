//! Paths as data: the fields and positions that lead to a mistake.

use serde::{Serialize, Serializer};
use std::fmt::Write;

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
            Self::Index(index) if serializer.is_human_readable() => index.serialize(serializer),
            // In a packed answer a position is −1 less itself. It is below 0, so JavaScript does not take it for the
            // length of a name.
            Self::Index(index) => {
                let index = i64::try_from(index.get()).unwrap_or_default();
                serializer.serialize_i64(index.saturating_neg().saturating_sub(1))
            }
        }
    }
}

/// The path as text, such as `order.lines[0].quantity`. A key that is no plain name stands in brackets, as a JSON
/// string: `counters["pool/x/uses"]`.
pub(crate) fn text(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Index(index) => path.extend(["[", &index.get().to_string(), "]"]),
            Step::Field(name) if is_plain(name) => {
                path.extend([if path.is_empty() { "" } else { "." }, name])
            }
            Step::Field(key) => quote(key, &mut path),
        }
    }
    path
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn quote(key: &str, path: &mut String) {
    path.push_str("[\"");
    for character in key.chars() {
        match character {
            '"' | '\\' => path.extend(['\\', character]),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(path, "\\u{:04x}", u32::from(c));
            }
            c => path.push(c),
        }
    }
    path.push_str("\"]");
}

#[test]
fn a_path_names_every_step() {
    let field = |name: &str| Step::Field(name.to_owned());
    let index = |index| Step::Index(Integer::count(index));
    assert_eq!(text(&[]), "");
    assert_eq!(text(&[field("promos"), index(3), field("max_uses")]), "promos[3].max_uses");
    assert_eq!(text(&[index(3), index(12), field("id")]), "[3][12].id");
    assert_eq!(text(&[field("a"), field("E-Mail"), field("b")]), r#"a["E-Mail"].b"#);
    assert_eq!(text(&[field(""), field("\"\\\n\u{85}ß")]), r#"[""]["\"\\\u000a\u0085ß"]"#);
}
