//! Reading a document strictly, from whatever a host hands in, and saying where it is wrong.
//!
//! Serde's derived types say what a document looks like. This reader stands between them and the host's values,
//! and adds what deriving alone does not give: an unknown field is an error in every host and with every value,
//! null means absent, and a mistake carries the path of the caller's field.

use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::error::Error;

/// A host's value, which can say what it is.
pub(crate) trait Node: Sized {
    type Items: Iterator<Item = Self>;
    type Fields: Iterator<Item = (String, Self)>;

    fn shape(self) -> Shape<Self>;
}

/// What a value is.
pub(crate) enum Shape<N: Node> {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(N::Items),
    Object(N::Fields),
    /// None of these; how it is called after "found".
    #[allow(dead_code, reason = "only JavaScript has such values")]
    Other(&'static str),
    /// Wrong in itself; the whole message.
    Fault(&'static str),
}

/// Reads one value.
pub(crate) struct Reader<N: Node>(Shape<N>);

impl<N: Node> Reader<N> {
    pub(crate) fn new(node: N) -> Self {
        Self(node.shape())
    }

    fn refuse<T>(self, expected: &dyn Expected) -> Result<T, Error> {
        let found = match &self.0 {
            Shape::Null => Unexpected::Unit,
            Shape::Bool(value) => Unexpected::Bool(*value),
            Shape::Number(value) => Unexpected::Float(*value),
            Shape::Text(text) => Unexpected::Str(text),
            Shape::List(_) => Unexpected::Seq,
            Shape::Object(_) => Unexpected::Map,
            Shape::Other(name) => Unexpected::Other(name),
            Shape::Fault(message) => return Err(Error::new("", *message)),
        };
        Err(Error::invalid_type(found, expected))
    }
}

impl<'de, N: Node> Deserializer<'de> for Reader<N> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Shape::Null => visitor.visit_unit(),
            Shape::Bool(value) => visitor.visit_bool(value),
            Shape::Number(value) => visitor.visit_f64(value),
            Shape::Text(text) => visitor.visit_string(text),
            Shape::List(items) => visitor.visit_seq(Items { items, index: 0 }),
            Shape::Object(fields) => visitor.visit_map(Fields::<N> { fields, known: None, value: None }),
            Shape::Other(_) | Shape::Fault(_) => self.refuse(&visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Shape::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Shape::Bool(value) => visitor.visit_bool(value),
            _ => self.refuse(&"true or false"),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Shape::List(items) => visitor.visit_seq(Items { items, index: 0 }),
            _ => self.refuse(&"a list"),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Shape::Object(fields) => visitor.visit_map(Fields::<N> { fields, known: None, value: None }),
            _ => self.refuse(&"an object"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Shape::Object(fields) => {
                visitor.visit_map(Fields::<N> { fields, known: Some(known), value: None })
            }
            _ => self.refuse(&"an object"),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Shape::Text(name) => visitor.visit_enum(name.into_deserializer()),
            _ => self.refuse(&format!("one of {}", variants.join(", ")).as_str()),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items<I> {
    items: I,
    index: usize,
}

impl<'de, N: Node, I: Iterator<Item = N>> SeqAccess<'de> for Items<I> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index = index.saturating_add(1);
        seed.deserialize(Reader::new(item)).map(Some).map_err(|error| error.in_element(index))
    }
}

/// The fields of an object, of which `known` are allowed; without, it is a map and allows any.
struct Fields<N: Node> {
    fields: N::Fields,
    known: Option<&'static [&'static str]>,
    value: Option<(String, Reader<N>)>,
}

impl<'de, N: Node> MapAccess<'de> for Fields<N> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        for (name, node) in self.fields.by_ref() {
            if let Some(known) = self.known.filter(|known| !known.contains(&name.as_str())) {
                return Err(Error::unknown_field(&name, known));
            }
            let reader = Reader::new(node);
            if self.known.is_some() && matches!(reader.0, Shape::Null) {
                continue;
            }
            let key: StringDeserializer<Error> = name.clone().into_deserializer();
            let key = seed.deserialize(key).map_err(|error| error.in_field(&name))?;
            self.value = Some((name, reader));
            return Ok(Some(key));
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let Some((name, reader)) = self.value.take() else {
            return Err(Error::custom("expected a value after a key"));
        };
        seed.deserialize(reader).map_err(|error| error.in_field(&name))
    }
}
