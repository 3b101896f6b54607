//! A document as an organiser wrote it, before anybody has said whether it is sound.

use serde::Deserialize;
use serde::de::{Deserializer, Visitor};

use std::fmt;

use crate::base::error::Error;
use crate::base::text::{Name, is_code};
use crate::crossing::read::read_fields;
use crate::crossing::wire::{Value, take_field};
use crate::documents::discount::Discount;
use crate::documents::promo::Promo;

/// A document that is read later, so that its faults are none of the request's.
///
/// [`json::read`](crate::crossing::json::read) makes one, where a request has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft(Result<Vec<u8>, String>); // the fields as they crossed, or what stands there instead of an object

impl Default for Draft {
    fn default() -> Self {
        Self(Ok(Vec::new()))
    }
}

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(DraftVisitor)
    }
}

struct DraftVisitor;

impl Visitor<'_> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_bytes<E>(self, fields: &[u8]) -> Result<Draft, E> {
        Ok(Draft(Ok(fields.to_vec())))
    }
    fn visit_str<E>(self, complaint: &str) -> Result<Draft, E> {
        Ok(Draft(Err(complaint.to_owned())))
    }
}

impl Draft {
    /// The fields as they crossed, if it is an object.
    pub(crate) fn fields(&self) -> Result<&[u8], Error> {
        self.0.as_deref().map_err(|complaint| Error::new("", complaint))
    }

    /// The promo, if it is sound by itself.
    pub(crate) fn promo(&self) -> Result<Promo, Error> {
        let promo: Promo = read_fields(self.fields()?)?;
        promo.check(&promo.canonical_code())?;
        Ok(promo)
    }

    /// A promo with what can be read of its code (else it is empty), its id and its events, whatever else is wrong.
    pub(crate) fn label(&self) -> Promo {
        let mut label = Promo::new("", Discount::None);
        let mut fields = self.0.as_deref().unwrap_or_default();
        while let Some((field, value)) = take_field(&mut fields) {
            match (field, value) {
                ("code", Value::Text(code)) => label.code = code.to_owned(),
                ("code", _) => label.code.clear(),
                ("id", Value::Text(id)) => label.id = Name::new(id),
                ("id", _) => label.id = None,
                ("events", Value::List(events)) => label.events = names(events),
                ("events", _) => label.events = None,
                _ => {}
            }
        }
        if !is_code(&label.canonical_code()) {
            label.code.clear();
        }
        label
    }
}

/// The names, if all of them are.
fn names(mut items: &[u8]) -> Option<Vec<Name>> {
    let mut names = Vec::new();
    while let Some(item) = Value::take(&mut items) {
        let Value::Text(name) = item else { return None };
        names.push(Name::new(name)?);
    }
    Some(names)
}
