//! The packed answer of the hot functions: a list of doubles, and one text.
//!
//! The doubles are the answer's numbers, booleans, lengths and names of variants, in the order of the fields. The text
//! is all texts of the answer, one after the other. An answer has no tags: JavaScript reads the fields in the order of
//! the type, which `pkg/js/answers.js` knows.
//!
//! Why answers do not cross as objects or JSON: Node 20 decides the accepted order of `benches/workloads.json` (a plan
//! of four operations) 59 000 times a second with this answer, 32 000 times with serde-wasm-bindgen, and 28 000 times
//! with JSON text, measured side by side on one core by processor time.
//!
//! - A **text** crosses as its length in UTF-16 units, which is how JavaScript counts.
//! - The **name of a variant** crosses as the address of the name in the module's memory times 64, plus its length:
//!   `"accepted"`, 8 bytes at address 1000, is 64 008. The module has each name once, so JavaScript decodes it once and
//!   then finds it by this number. A name must be shorter than 64 bytes, which `tests/vectors.rs` checks.
//! - An **absent** value is NaN, for every type. JavaScript reads it as null, or leaves the field out where the field
//!   may be missing (in a record).
//! - An **object whose first field is absent** would look absent itself, so an infinity stands before it.
//! - A **list** begins with −1 less its length: two items are −3. So a number below 0 tells a list from a number where
//!   a value may be either (`each` of a charge). An index in a path is also −1 less itself, to tell it from a text.

use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// Every name of a variant is shorter than this many bytes.
const NAME: usize = 64;

/// The doubles and the text of an answer.
#[derive(Default)]
pub struct Answer {
    pub(crate) slots: Vec<f64>,
    pub(crate) text: Vec<u8>,
}

impl Answer {
    /// Packs an answer or an error.
    pub fn pack<T: Serialize>(&mut self, is_error: bool, answer: &T) {
        self.slots.clear();
        self.text.clear();
        // This fails only for a name that is too long. JavaScript takes an answer without numbers for a broken module.
        if self.serialize_bool(is_error).and_then(|()| answer.serialize(&mut *self)).is_err() {
            self.slots.clear();
        }
    }

    /// Sets a text in UTF-8 as the answer, without packing it.
    pub fn write(&mut self, text: Vec<u8>) {
        self.slots.clear();
        self.slots.push(0.0);
        self.text = text;
    }

    #[allow(clippy::as_conversions, reason = "exact: no integer of ours has more than 53 bits")]
    fn integer(&mut self, value: i64) -> Written {
        self.slots.push(value as f64);
        Ok(())
    }

    fn length(&mut self, length: Option<usize>) -> Result<&mut Self, fmt::Error> {
        let length = length.and_then(|length| i64::try_from(length).ok()).ok_or(fmt::Error)?;
        self.integer(length.saturating_neg().saturating_sub(1))?;
        Ok(self)
    }
}

type Written = Result<(), fmt::Error>;

impl Serializer for &mut Answer {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Self;
    type SerializeTuple = Nothing;
    type SerializeTupleStruct = Nothing;
    type SerializeTupleVariant = Nothing;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Nothing;

    // `Step` asks this: here it must write an index as −1 less itself.
    fn is_human_readable(&self) -> bool {
        false
    }
    fn serialize_bool(self, value: bool) -> Written {
        self.integer(value.into())
    }
    fn serialize_i8(self, value: i8) -> Written {
        self.integer(value.into())
    }
    fn serialize_i16(self, value: i16) -> Written {
        self.integer(value.into())
    }
    fn serialize_i32(self, value: i32) -> Written {
        self.integer(value.into())
    }
    fn serialize_i64(self, value: i64) -> Written {
        self.integer(value)
    }
    fn serialize_u8(self, value: u8) -> Written {
        self.integer(value.into())
    }
    fn serialize_u16(self, value: u16) -> Written {
        self.integer(value.into())
    }
    fn serialize_u32(self, value: u32) -> Written {
        self.integer(value.into())
    }
    fn serialize_u64(self, value: u64) -> Written {
        self.integer(i64::try_from(value).map_err(|_| fmt::Error)?)
    }
    fn serialize_f32(self, value: f32) -> Written {
        self.serialize_f64(value.into())
    }
    fn serialize_f64(self, value: f64) -> Written {
        self.slots.push(value);
        Ok(())
    }
    /// Appends the text, and writes its length in UTF-16 units, in which JavaScript counts.
    fn serialize_str(self, text: &str) -> Written {
        let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        self.text.extend(text.as_bytes());
        self.integer(i64::try_from(units).map_err(|_| fmt::Error)?)
    }
    fn serialize_none(self) -> Written {
        self.serialize_f64(f64::NAN)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        let start = self.slots.len();
        value.serialize(&mut *self)?;
        if self.slots.get(start).is_some_and(|first| first.is_nan()) {
            self.slots.insert(start, f64::INFINITY);
        }
        Ok(())
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Written {
        if name.len() >= NAME {
            return Err(fmt::Error);
        }
        let place = name.as_ptr().addr().saturating_mul(NAME).saturating_add(name.len());
        self.integer(i64::try_from(place).map_err(|_| fmt::Error)?)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Written {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }
    fn serialize_seq(self, length: Option<usize>) -> Result<Self, fmt::Error> {
        self.length(length)
    }
    fn serialize_map(self, length: Option<usize>) -> Result<Self, fmt::Error> {
        self.length(length)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, fmt::Error> {
        Ok(self)
    }
    fn serialize_unit(self) -> Written {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_none()
    }

    // No answer of the engine contains values of these types.
    fn serialize_char(self, _: char) -> Written {
        Err(fmt::Error)
    }
    fn serialize_bytes(self, _: &[u8]) -> Written {
        Err(fmt::Error)
    }
    fn serialize_tuple(self, _: usize) -> Result<Nothing, fmt::Error> {
        Err(fmt::Error)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Nothing, fmt::Error> {
        Err(fmt::Error)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nothing, fmt::Error> {
        Err(fmt::Error)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nothing, fmt::Error> {
        Err(fmt::Error)
    }
}

type Nothing = ser::Impossible<(), fmt::Error>;

impl ser::SerializeSeq for &mut Answer {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }
    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeMap for &mut Answer {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        key.serialize(&mut **self)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(&mut **self)
    }
    fn end(self) -> Written {
        Ok(())
    }
}

impl ser::SerializeStruct for &mut Answer {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Written {
        value.serialize(&mut **self)
    }
    /// A field that is left out crosses as absent, and JavaScript leaves it out, too.
    fn skip_field(&mut self, _: &'static str) -> Written {
        self.serialize_f64(f64::NAN)
    }
    fn end(self) -> Written {
        Ok(())
    }
}

#[test]
fn what_crosses_is_told_apart() {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Short,
        ThisNameHasExactlySixtyFourCharactersOnceItIsWrittenInSnakeCaseYes,
    }
    #[derive(serde::Serialize)]
    struct Inner {
        first: Option<u8>,
        second: Option<bool>,
    }
    let mut answer = Answer::default();
    let packed = |answer: &Answer| {
        (
            answer.slots.iter().map(|slot| format!("{slot}")).collect::<Vec<_>>().join(" "),
            String::from_utf8(answer.text.clone()).unwrap(),
        )
    };

    answer.pack(false, &(Inner { first: Some(7), second: None }));
    assert_eq!(packed(&answer), ("0 7 NaN".into(), String::new()));
    answer.pack(true, &Some(Inner { first: None, second: Some(true) }));
    assert_eq!(packed(&answer), ("1 inf NaN 1".into(), String::new()));
    answer.pack(false, &None::<Inner>);
    assert_eq!(packed(&answer), ("0 NaN".into(), String::new()));
    answer.pack(false, &vec!["a", "ß", "🌹"]);
    assert_eq!(packed(&answer), ("0 -4 1 1 2".into(), "aß🌹".into()));
    answer.pack(false, &Vec::<u8>::new());
    assert_eq!(packed(&answer), ("0 -1".into(), String::new()));

    answer.pack(false, &Word::Short);
    assert_eq!(answer.slots.get(1).map(|slot| slot % 64.0), Some(5.0));
    answer.pack(false, &Word::ThisNameHasExactlySixtyFourCharactersOnceItIsWrittenInSnakeCaseYes);
    assert_eq!(packed(&answer), (String::new(), String::new()));
}
