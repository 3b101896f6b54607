//! Reads the promos of a request.

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;

use super::Promo;

/// Reads the promos of a request. They are a newtype, which tells the reader that a fault in one is `invalid_promo`.
pub(crate) fn promos<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Promo>, D::Error> {
    deserializer.deserialize_newtype_struct("promos", PromosVisitor)
}

struct PromosVisitor;

impl<'de> Visitor<'de> for PromosVisitor {
    type Value = Vec<Promo>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Promo>, D::Error> {
        Vec::deserialize(deserializer)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<Promo>, A::Error> {
        let mut promos = Vec::new();
        while let Some(promo) = items.next_element()? {
            promos.push(promo);
        }
        Ok(promos)
    }
}
