//! Reads a document strictly from the bytes in which a host's value crosses, and says where it is wrong.
//!
//! The derived `Deserialize` of each type says what a document looks like. This reader is the `Deserializer` that gives
//! it the values. It adds three rules: an unknown field is an error in every host and with any value, null means
//! absent, and a mistake carries the path of the caller's field.
#![allow(clippy::wildcard_enum_match_arm, reason = "any other kind of value is refused")]

use serde::de::{Deserialize, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use std::fmt;

use crate::base::error::{Error, Mistake};
use crate::crossing::contents::{Entries, Fields, Items};
use crate::crossing::wire::{Value, take_field};

/// Reads the whole document.
pub(crate) fn read<'de, T: Deserialize<'de>>(mut bytes: &'de [u8]) -> Result<T, Error> {
    T::deserialize(Reader(Value::take(&mut bytes).unwrap_or(Value::Null))).map_err(Error::from)
}

/// Reads an object from its fields.
pub(crate) fn read_fields<'de, T: Deserialize<'de>>(fields: &'de [u8]) -> Result<T, Error> {
    T::deserialize(Reader(Value::Object(fields))).map_err(Error::from)
}

/// A stand-in (see `draft.rs`) is read as this text: it is well-formed as a code, a name and a kind of identity, and
/// nobody uses it.
const NOBODYS: &str = "________";

/// Reads one value. The compiler copies a generic function for each type, so code that is the same for all types is in
/// plain functions, which are not inlined.
pub(super) struct Reader<'a>(pub Value<'a>);

impl<'a> Reader<'a> {
    #[inline(never)]
    fn refuse(self, expected: &dyn Expected) -> Mistake {
        let found = match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(value),
            Value::Number(value) => Unexpected::Float(value),
            Value::Text(text) => Unexpected::Str(text),
            Value::List(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
            Value::Other(name) => Unexpected::Other(name),
            Value::StandIn => Unexpected::Other("a stand-in"),
            Value::Fault(message) => return Error::new("", message).into(),
        };
        serde::de::Error::invalid_type(found, expected)
    }

    #[inline(never)]
    fn number(self, expected: &dyn Expected) -> Result<f64, Mistake> {
        match self.0 {
            Value::Number(value) => Ok(value),
            _ => Err(self.refuse(expected)),
        }
    }

    #[inline(never)]
    fn text(self, expected: &dyn Expected) -> Result<&'a str, Mistake> {
        match self.0 {
            Value::Text(text) => Ok(text),
            Value::StandIn => Ok(NOBODYS),
            _ => Err(self.refuse(expected)),
        }
    }

    #[inline(never)]
    fn list(self) -> Result<Items<'a>, Mistake> {
        match self.0 {
            Value::List(items) => Ok(Items { items, index: 0, of_promos: false }),
            Value::StandIn => Ok(Items { items: &[], index: 0, of_promos: false }),
            _ => Err(self.refuse(&"a list")),
        }
    }

    #[inline(never)]
    fn map(self) -> Result<Entries<'a>, Mistake> {
        match self.0 {
            Value::Object(fields) => Ok(Entries { fields, name: "", value: Value::Null }),
            _ => Err(self.refuse(&"an object")),
        }
    }

    /// The values of the `known` fields, in that order. A field that is not there is null.
    #[inline(never)]
    fn fields(self, known: &'static [&'static str]) -> Result<Fields<'a>, Mistake> {
        let (mut fields, absent) = match self.0 {
            Value::Object(fields) => (fields, Value::Null),
            Value::StandIn => (&[][..], Value::StandIn),
            _ => return Err(self.refuse(&"an object")),
        };
        let mut values = vec![absent; known.len()];
        while let Some((name, given)) = take_field(&mut fields) {
            let index = known.iter().position(|known| *known == name);
            match index.and_then(|index| values.get_mut(index)) {
                Some(value) => *value = given,
                // A stand-in may take the place of an unknown field, whose fault was reported already.
                None if matches!(given, Value::StandIn) => {}
                None => return Err(serde::de::Error::unknown_field(name, known)),
            }
        }
        Ok(Fields { known, values: values.into_iter(), index: 0 })
    }

    /// Reads a name, and returns its index among `names`.
    #[inline(never)]
    fn one_of(self, names: &'static [&'static str]) -> Result<u32, Mistake> {
        if matches!(self.0, Value::StandIn) {
            return Ok(0);
        }
        let name = self.text(&OneOf(names))?;
        let index = (0..).zip(names).find(|(_, known)| **known == name);
        index.map(|(index, _)| index).ok_or_else(|| serde::de::Error::unknown_variant(name, names))
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Mistake;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(value),
            Value::Number(value) => visitor.visit_f64(value),
            Value::Text(value) => visitor.visit_str(value),
            Value::List(items) => visitor.visit_seq(Items { items, index: 0, of_promos: false }),
            Value::Object(fields) => visitor.visit_map(Entries { fields, name: "", value: Value::Null }),
            Value::StandIn => visitor.visit_unit(),
            _ => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::Null | Value::StandIn => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    /// Reads a request's list of promos. It is our only newtype: so the reader knows that a fault in an element is
    /// `invalid_promo`.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        let items = Items { of_promos: true, ..self.list()? };
        visitor.visit_seq(items)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::Bool(value) => visitor.visit_bool(value),
            Value::StandIn => visitor.visit_bool(false),
            _ => Err(self.refuse(&"true or false")),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        if matches!(self.0, Value::StandIn) {
            return visitor.visit_unit();
        }
        let number = self.number(&visitor)?;
        visitor.visit_f64(number)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let number = self.number(&visitor)?;
        visitor.visit_f64(number)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        let text = self.text(&visitor)?;
        visitor.visit_str(text)
    }

    /// Passes on an object's fields as bytes, for `draft.rs` to read later, or the complaint about any other value.
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        match self.0 {
            Value::Object(fields) => visitor.visit_bytes(fields),
            _ => {
                let complaint = Error::from(self.refuse(&visitor)).message;
                visitor.visit_str(&complaint)
            }
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        visitor.visit_seq(self.list()?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mistake> {
        if matches!(self.0, Value::StandIn) {
            return visitor.visit_unit();
        }
        visitor.visit_map(self.map()?)
    }

    /// Reads an object as the sequence of its type's fields, which is much less code per type than a map.
    /// The derived visitor asks for the fields in their order. For an absent one (`None`) it takes the field's default;
    /// if there is none it reports `invalid_length` with the field's index, and `Mistake::of` finds its name.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_seq(self.fields(known)?).map_err(|mistake| mistake.of(known))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mistake> {
        visitor.visit_enum(self.one_of(variants)?.into_deserializer())
    }

    // These go to `deserialize_any`, which reads what a fact, `Each` and `Amount` may be. No document asks for any of
    // the other types.
    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 char str byte_buf unit unit_struct tuple tuple_struct
        identifier ignored_any
    }
}

struct OneOf(&'static [&'static str]);

impl Expected for OneOf {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "one of {}", self.0.join(", "))
    }
}
