//! The answer as it crosses: every number, truth, length and name of a variant as a double, in the order of the fields,
//! and the texts behind one another. JavaScript knows the order by the type: `pkg/js/answers.js`.

use serde::ser::{self, Serialize, Serializer};
use std::fmt;

/// Numbers beside one text.
#[derive(Default)]
pub(crate) struct Answer {
    pub slots: Vec<f64>,
    pub text: String,
}

impl Answer {
    /// Begins anew.
    pub(crate) fn write<T: Serialize>(&mut self, is_error: bool, answer: &T) {
        self.slots.clear();
        self.text.clear();
        // No type of ours holds anything that cannot be written.
        let _ = self.serialize_bool(is_error).and_then(|()| answer.serialize(self));
    }

    #[allow(clippy::as_conversions, reason = "exact: no integer of ours has more than 53 bits")]
    fn integer(&mut self, value: i64) -> Written {
        self.slots.push(value as f64);
        Ok(())
    }

    /// Lists begin with a number below 0, so that `each` is either.
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
    /// In the units in which JavaScript counts.
    fn serialize_str(self, text: &str) -> Written {
        let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
        self.text.push_str(text);
        self.integer(i64::try_from(units).map_err(|_| fmt::Error)?)
    }
    fn serialize_none(self) -> Written {
        self.serialize_f64(f64::NAN)
    }
    /// An object whose first field is absent is told from an absent object by an infinity before it.
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        let start = self.slots.len();
        value.serialize(&mut *self)?;
        if self.slots.get(start).is_some_and(|first| first.is_nan()) {
            self.slots.insert(start, f64::INFINITY);
        }
        Ok(())
    }
    /// Where the module keeps the name; it is read once.
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Written {
        let place = name.as_ptr().addr().saturating_mul(64).saturating_add(name.len());
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

    // No answer of ours has any of these.
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
    fn end(self) -> Written {
        Ok(())
    }
}
