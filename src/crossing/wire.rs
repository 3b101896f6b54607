//! The format in which a host's value crosses: bytes.
//!
//! A request is one value. A value begins with its tag, which is one byte. In a number, a double follows the tag. In a
//! text, the length in bytes and the UTF-8 follow. In a list or an object, the length of the contents in bytes and the
//! contents follow; an object's contents are names (texts without a tag) and values in turn. Lengths are `u32`, and
//! everything is little-endian. For example, `true` is the byte 2, and `"a"` is the bytes 4, 1 0 0 0, 97.
//! `pkg/js/wire.js` and `json.rs` write this format.

use crate::base::step::Step;

pub(crate) const NULL: u8 = 0;
pub(crate) const FALSE: u8 = 1;
pub(crate) const TRUE: u8 = 2;
pub(crate) const NUMBER: u8 = 3;
pub(crate) const TEXT: u8 = 4;
pub(crate) const LIST: u8 = 5;
pub(crate) const OBJECT: u8 = 6;
/// The tag that stands before the value of a field that the object has already.
pub(crate) const TWICE: u8 = 7;
/// The tag of a stand-in, which takes the place of a value whose fault is reported already; see `draft.rs`. No host
/// writes it.
const STAND_IN: u8 = 15;
const BROKEN_TEXT: u8 = 8;
const TOO_LARGE: u8 = 9;
const BIGINT: u8 = 10;
const SYMBOL: u8 = 11;
const FUNCTION: u8 = 12;
const NOT_PLAIN: u8 = 13;

const BROKEN: &str = "expected Unicode text, found a lone surrogate";

/// A value of the host.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    List(&'a [u8]),
    Object(&'a [u8]),
    /// A value that JSON does not have, by its name in messages: "found a bigint".
    Other(&'static str),
    /// A stand-in, which is read as a valid value of almost any type, such as an empty list; see `draft.rs`.
    #[cfg_attr(all(feature = "engine", not(feature = "organiser")), allow(dead_code))]
    StandIn,
    /// A value that is wrong for every type, with the message.
    Fault(&'static str),
}

impl<'a> Value<'a> {
    /// Takes the first value off these bytes.
    pub(crate) fn take(bytes: &mut &'a [u8]) -> Option<Self> {
        let (tag, rest) = bytes.split_first()?;
        *bytes = rest;
        Some(match *tag {
            NULL => Self::Null,
            FALSE => Self::Bool(false),
            TRUE => Self::Bool(true),
            NUMBER => {
                let (number, rest) = bytes.split_first_chunk()?;
                *bytes = rest;
                Self::Number(f64::from_le_bytes(*number))
            }
            TEXT => std::str::from_utf8(part(bytes)?).map_or(Self::Fault(BROKEN), Self::Text),
            LIST => Self::List(part(bytes)?),
            OBJECT => Self::Object(part(bytes)?),
            TWICE => {
                Self::take(bytes);
                Self::Fault("expected each field once")
            }
            // The wasm file that sells reads no drafts, and so needs no stand-ins.
            #[cfg(not(all(feature = "engine", not(feature = "organiser"))))]
            STAND_IN => Self::StandIn,
            BROKEN_TEXT => Self::Fault(BROKEN),
            TOO_LARGE => Self::Fault("expected a request of at most 64 MiB"),
            BIGINT => Self::Other("a bigint"),
            SYMBOL => Self::Other("a symbol"),
            FUNCTION => Self::Other("a function"),
            NOT_PLAIN => Self::Other("an object that is not plain"),
            _ => Self::Other("a value that cannot be read"),
        })
    }
}

/// Takes the next name and its value off the contents of an object.
pub(crate) fn take_field<'a>(bytes: &mut &'a [u8]) -> Option<(&'a str, Value<'a>)> {
    let name = part(bytes)?;
    let value = Value::take(bytes)?;
    // A name that is not UTF-8 must not be overlooked: it becomes a field with a fault.
    Some(std::str::from_utf8(name).map_or(("\u{FFFD}", Value::Fault(BROKEN)), |name| (name, value)))
}

/// A copy of an object's fields with a stand-in at this place. A field that is missing there is added.
pub(crate) fn with_stand_in(fields: &[u8], place: &[Step]) -> Vec<u8> {
    let mut edited = Vec::new();
    put_in_fields(fields, place, &mut edited);
    edited
}

fn put_in_fields(mut fields: &[u8], place: &[Step], edited: &mut Vec<u8>) {
    let Some((Step::Field(name), inner)) = place.split_first() else { return edited.extend(fields) };
    let mut missing = true;
    let mut whole = fields;
    while let Some((field, value)) = take_field(&mut fields) {
        if field == name {
            missing = false;
            put_name(name, edited);
            put(value, inner, edited);
        } else {
            edited.extend(whole.get(..whole.len().saturating_sub(fields.len())).unwrap_or_default());
        }
        whole = fields;
    }
    if missing {
        put_name(name, edited);
        edited.push(STAND_IN);
    }
}

/// Appends the value with a stand-in at this place within it.
fn put(value: Value, place: &[Step], edited: &mut Vec<u8>) {
    // The contents begin after the tag and the length, which is known only at the end.
    let start = edited.len().saturating_add(5);
    match (value, place.split_first()) {
        (Value::Object(fields), Some(_)) => {
            edited.extend([OBJECT, 0, 0, 0, 0]);
            put_in_fields(fields, place, edited);
        }
        (Value::List(mut items), Some((Step::Index(index), inner))) => {
            edited.extend([LIST, 0, 0, 0, 0]);
            let mut whole = items;
            let mut position = 0;
            while let Some(item) = Value::take(&mut items) {
                if position == index.index() {
                    put(item, inner, edited);
                } else {
                    edited.extend(whole.get(..whole.len().saturating_sub(items.len())).unwrap_or_default());
                }
                whole = items;
                position = position.saturating_add(1);
            }
        }
        _ => return edited.push(STAND_IN),
    }
    let length = u32::try_from(edited.len().saturating_sub(start)).unwrap_or(u32::MAX);
    let place = edited.get_mut(start.saturating_sub(4)..).and_then(|bytes| bytes.first_chunk_mut());
    if let Some(place) = place {
        *place = length.to_le_bytes();
    }
}

fn put_name(name: &str, edited: &mut Vec<u8>) {
    edited.extend(u32::try_from(name.len()).unwrap_or(u32::MAX).to_le_bytes());
    edited.extend(name.as_bytes());
}

/// Takes the length at the start of these bytes, and as many bytes after it.
fn part<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (part, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::given::Given;
    use crate::base::money::{Integer, Percent};
    use crate::crossing::read::read;

    fn complaint<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> (String, String) {
        let error = read::<T>(bytes).map(|_| ()).unwrap_err();
        (error.path, error.message)
    }

    /// A tag and what follows it.
    fn bytes(tag: u8, rest: &[u8]) -> Vec<u8> {
        [&[tag], rest].concat()
    }

    /// These bytes after their length.
    fn counted(part: &[u8]) -> Vec<u8> {
        [&u32::try_from(part.len()).unwrap().to_le_bytes(), part].concat()
    }

    #[test]
    fn what_json_has_not_is_called_by_its_name() {
        for (tag, found) in [
            (BIGINT, "a bigint"),
            (SYMBOL, "a symbol"),
            (FUNCTION, "a function"),
            (NOT_PLAIN, "an object that is not plain"),
            (255, "a value that cannot be read"),
        ] {
            let message = format!("expected an integer from 0 to 9007199254740991, found {found}");
            assert_eq!(complaint::<Integer>(&[tag]), (String::new(), message));
        }
    }

    #[test]
    fn numbers_that_are_not_finite_are_called_so() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(f64::to_le_bytes) {
            let (_, integer) = complaint::<Integer>(&bytes(NUMBER, &number));
            assert_eq!(
                integer,
                "expected an integer from 0 to 9007199254740991, found a number that is not finite"
            );
            let (_, percent) = complaint::<Percent>(&bytes(NUMBER, &number));
            assert_eq!(
                percent,
                "expected a number from 0 to 100 with at most 4 decimals, found a number that is not finite"
            );
        }
    }

    #[test]
    fn what_is_wrong_in_itself_is_wrong_whatever_is_read() {
        let broken = "expected Unicode text, found a lone surrogate";
        let large = "expected a request of at most 64 MiB";
        let twice = "expected each field once";
        for (value, message) in [
            (bytes(TEXT, &counted(b"\xed\xa0\x80")), broken),
            (vec![BROKEN_TEXT], broken),
            (vec![TOO_LARGE], large),
            (vec![TWICE, NULL], twice),
        ] {
            assert_eq!(complaint::<String>(&value), (String::new(), message.to_owned()));
            assert_eq!(complaint::<bool>(&value), (String::new(), message.to_owned()));
            let field = bytes(OBJECT, &counted(&[counted(b"a"), value].concat()));
            assert_eq!(complaint::<Given<String, bool>>(&field), ("a".to_owned(), message.to_owned()));
        }
    }

    #[test]
    fn a_name_that_is_no_text_is_not_overlooked() {
        let object = bytes(OBJECT, &counted(&[counted(b"\xff"), vec![NULL]].concat()));
        let message = "expected Unicode text, found a lone surrogate".to_owned();
        assert_eq!(complaint::<Given<String, bool>>(&object), ("[\"\u{FFFD}\"]".to_owned(), message));
    }

    #[test]
    fn bytes_that_end_too_early_are_no_value() {
        let whole = [
            bytes(NUMBER, &1.0_f64.to_le_bytes()),
            bytes(TEXT, &counted(b"a")),
            bytes(LIST, &counted(b"\0")),
        ];
        for value in &whole {
            let mut rest = value.as_slice();
            assert!(Value::take(&mut rest).is_some() && rest.is_empty());
            for end in 0..value.len() {
                assert!(Value::take(&mut value.get(..end).unwrap()).is_none(), "{value:?} up to {end}");
            }
        }
    }
}
