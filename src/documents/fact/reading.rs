//! Reads facts, and what they are compared with. A value says by itself of which kind it is.

use serde::Deserialize;
use serde::de::value::{F64Deserializer, StrDeserializer, U64Deserializer};
use serde::de::{Deserializer, SeqAccess, Visitor};
use std::fmt;

use super::{Fact, Operand};
use crate::base::money::Integer;
use crate::base::text::Name;

impl<'de> Deserialize<'de> for Fact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FactVisitor)
    }
}

impl<'de> Deserialize<'de> for Operand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OperandVisitor)
    }
}

struct FactVisitor;

impl<'de> Visitor<'de> for FactVisitor {
    type Value = Fact;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("true, false, an integer, a string or a list of strings")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Fact, E> {
        Ok(Fact::Bool(value))
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Fact, E> {
        Integer::deserialize(U64Deserializer::new(value)).map(Fact::Integer)
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Fact, E> {
        Integer::deserialize(F64Deserializer::new(value)).map(Fact::Integer)
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Fact, E> {
        text(value).map(Fact::Text)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Fact, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Fact::List(list))
    }
}

struct OperandVisitor;

impl Visitor<'_> for OperandVisitor {
    type Value = Operand;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("true, false, an integer or a string")
    }
    fn visit_bool<E>(self, value: bool) -> Result<Operand, E> {
        Ok(Operand::Bool(value))
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Operand, E> {
        Integer::deserialize(U64Deserializer::new(value)).map(Operand::Integer)
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Operand, E> {
        Integer::deserialize(F64Deserializer::new(value)).map(Operand::Integer)
    }
    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Operand, E> {
        text(value).map(Operand::Text)
    }
}

fn text<E: serde::de::Error>(value: &str) -> Result<Name, E> {
    Name::deserialize(StrDeserializer::new(value))
}
