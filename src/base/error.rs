//! Errors of malformed requests: which field of the caller is wrong, and what was expected there.

use serde::Serialize;
use serde::de::{Expected, Unexpected};
use std::fmt::Display;

use crate::base::money::{Integer, MAX_INTEGER, whole};
use crate::base::step::{Step, text};

/// The error of a malformed request. What speaks against a well-formed request is a violation in the answer instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{path}: {message}")]
pub struct Error {
    /// Which kind of mistake it is.
    pub code: ErrorCode,
    /// The caller's field, such as `order.lines[0].quantity`. Empty for the request itself.
    pub path: String,
    /// The path as data: the fields and positions that lead to the field, such as `["order", "lines", 0]`.
    pub at: Vec<Step>,
    /// What was expected there: lower-case, no full stop.
    pub message: String,
}

/// The kind of a mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Anything malformed that has no code of its own.
    InvalidRequest,
    /// A fault inside one of the promotions.
    InvalidPromo,
    /// Two promotions share a canonical code or an id.
    DuplicateCode,
    /// A sum leaves the range of an integer: it would be above 9 007 199 254 740 991.
    AmountOutOfRange,
}

impl Error {
    /// An `invalid_request` at this field; an empty `field` is the document itself.
    pub(crate) fn new(field: &str, message: impl Into<String>) -> Self {
        let (code, message) = (ErrorCode::InvalidRequest, message.into());
        let root = Self { code, path: String::new(), at: Vec::new(), message };
        if field.is_empty() { root } else { root.in_field(field) }
    }

    /// The error of a sum at this field that is larger than an integer may be.
    pub(crate) fn out_of_range(field: &str) -> Self {
        let expected = format!("expected a sum of at most {MAX_INTEGER}");
        Self { code: ErrorCode::AmountOutOfRange, ..Self::new(field, expected) }
    }

    /// A required field that is not there.
    pub(crate) fn missing(field: &str) -> Self {
        Self::new(field, "missing required field")
    }

    /// A second promo with a code or id that another one has.
    pub(crate) fn duplicate(field: &str, message: impl Into<String>) -> Self {
        Self { code: ErrorCode::DuplicateCode, ..Self::new(field, message) }
    }

    /// The same mistake, seen from the object that holds `name`.
    pub(crate) fn in_field(self, name: &str) -> Self {
        self.under(Step::Field(name.to_owned()))
    }

    /// The same mistake, seen from the list whose element `index` is.
    pub(crate) fn in_element(self, index: usize) -> Self {
        self.under(Step::Index(Integer::count(index)))
    }

    /// The same mistake, seen from the request that has the promo at `index` of its list.
    pub(crate) fn in_promo(self, index: usize) -> Self {
        self.of_promo().in_element(index).in_field("promos")
    }

    /// The same mistake, now known to be inside a promo: `invalid_request` becomes `invalid_promo`. Another error code,
    /// such as `duplicate_code`, stays.
    pub(crate) fn of_promo(mut self) -> Self {
        if self.code == ErrorCode::InvalidRequest {
            self.code = ErrorCode::InvalidPromo;
        }
        self
    }

    fn under(mut self, step: Step) -> Self {
        self.at.insert(0, step);
        self.path = text(&self.at);
        self
    }
}

/// What a message calls a value that was not expected, such as `a string`. The reader passes every number as a double.
#[allow(clippy::wildcard_enum_match_arm, reason = "not our enum, and the reader makes no others")]
fn found(value: Unexpected) -> String {
    let name = match value {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Str(_) => "a string",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        Unexpected::Float(number) if !number.is_finite() => "a number that is not finite",
        Unexpected::Float(number) if number < 0.0 => "a negative number",
        Unexpected::Float(number) => match whole(number) {
            Some(integer) => return integer.to_string(),
            None if number.fract() == 0.0 => return format!("a number above {MAX_INTEGER}"),
            None => "a fraction",
        },
        Unexpected::Other(name) => name,
        _ => "another value",
    };
    name.to_owned()
}

/// An error on its way from the value to the root of the document: each list and object around the value adds a step
/// to the path. The error is in a box because it is passed on so often.
#[derive(Debug)]
pub(crate) enum Mistake {
    At(Box<Error>),
    /// A required field is missing: its position among the fields of the object that is being read.
    Missing(usize),
}

impl Mistake {
    /// The same mistake, seen from the object whose fields are `known`: here a missing field gets its name.
    #[inline(never)]
    pub(crate) fn of(self, known: &[&str]) -> Self {
        match self {
            Self::Missing(index) => Error::missing(known.get(index).copied().unwrap_or_default()).into(),
            at => at,
        }
    }
}

impl From<Error> for Mistake {
    #[inline(never)]
    fn from(error: Error) -> Self {
        Self::At(Box::new(error))
    }
}

impl From<Mistake> for Error {
    #[inline(never)]
    fn from(mistake: Mistake) -> Self {
        match mistake {
            Mistake::At(error) => *error,
            Mistake::Missing(_) => Self::missing(""),
        }
    }
}

impl Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::At(error) => error.fmt(f),
            Self::Missing(_) => f.write_str("missing required field"),
        }
    }
}

impl std::error::Error for Mistake {}

/// Our messages in place of serde's: ours name the field, and no type of a programming language.
impl serde::de::Error for Mistake {
    fn custom<T: Display>(message: T) -> Self {
        Error::new("", message.to_string()).into()
    }
    fn invalid_type(value: Unexpected, expected: &dyn Expected) -> Self {
        Error::new("", format!("expected {expected}, found {}", found(value))).into()
    }
    fn invalid_value(value: Unexpected, expected: &dyn Expected) -> Self {
        Self::invalid_type(value, expected)
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let names = expected.join(", ");
        Error::new("", format!("expected one of {names}, found another string")).into()
    }
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let names = expected.join(", ");
        let error = Error::new("", format!("unknown field, expected one of {names}"));
        error.in_field(field).into()
    }
    fn missing_field(field: &'static str) -> Self {
        Error::missing(field).into()
    }
    fn invalid_length(index: usize, _: &dyn Expected) -> Self {
        Self::Missing(index)
    }
    fn duplicate_field(field: &'static str) -> Self {
        Error::new(field, "expected each field once").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_the_callers_own_code() {
        let quantity = Error::missing("quantity").in_element(0).in_field("lines");
        assert_eq!(quantity.in_field("order").path, "order.lines[0].quantity");
        let counter = Error::new("", "").in_field("code/\"x\"\n/uses");
        assert_eq!(counter.in_field("counters").path, r#"counters["code/\"x\"\u000a/uses"]"#);
        assert_eq!(Error::new("", "").in_element(2).in_element(1).path, "[1][2]");
        assert_eq!(Error::new("", "").path, "");
    }

    #[test]
    fn a_path_is_data_too() {
        let quantity = Error::missing("quantity").in_element(0).in_field("lines").in_field("x.y");
        let field = |name: &str| Step::Field(name.to_owned());
        assert_eq!(
            quantity.at,
            [field("x.y"), field("lines"), Step::Index(Integer::ZERO), field("quantity")]
        );
        assert_eq!(quantity.path, r#"["x.y"].lines[0].quantity"#);
    }

    #[test]
    fn a_fault_inside_a_promo_has_its_own_code() {
        let inside = Error::missing("code").in_promo(3);
        assert_eq!((inside.code, inside.path.as_str()), (ErrorCode::InvalidPromo, "promos[3].code"));
        let elsewhere = Error::missing("code").in_element(3).in_field("promos");
        assert_eq!(elsewhere.code, ErrorCode::InvalidRequest);
        let duplicate = Error::duplicate("code", "").in_promo(1);
        assert_eq!(duplicate.code, ErrorCode::DuplicateCode);
    }

    #[test]
    fn a_mistake_on_its_way_reads_like_the_error() {
        assert_eq!(Mistake::from(Error::missing("code")).to_string(), "code: missing required field");
        assert_eq!(Mistake::Missing(0).to_string(), "missing required field");
    }
}
