//! Whether a code may be used together with others.

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Whether a code may be used together with others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combines {
    /// The code is used alone.
    #[default]
    Never,
    /// It may be used together with other codes that combine.
    Always,
    /// It may stand in one order with other codes that combine, but not on one ticket with any of them.
    PerTicket,
}

const PER_TICKET: &str = "per_ticket";

impl Combines {
    /// Whether it may stand in one order with other codes.
    pub fn with_others(self) -> bool {
        match self {
            Self::Never => false,
            Self::Always | Self::PerTicket => true,
        }
    }
}

impl From<bool> for Combines {
    fn from(combines: bool) -> Self {
        if combines { Self::Always } else { Self::Never }
    }
}

impl Serialize for Combines {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Never => serializer.serialize_bool(false),
            Self::Always => serializer.serialize_bool(true),
            Self::PerTicket => serializer.serialize_str(PER_TICKET),
        }
    }
}

impl<'de> Deserialize<'de> for Combines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CombinesVisitor)
    }
}

struct CombinesVisitor;

impl Visitor<'_> for CombinesVisitor {
    type Value = Combines;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "true, false or {PER_TICKET}")
    }
    /// A stand-in, which `crossing/draft.rs` explains.
    fn visit_unit<E>(self) -> Result<Combines, E> {
        Ok(Combines::default())
    }
    fn visit_bool<E>(self, combines: bool) -> Result<Combines, E> {
        Ok(combines.into())
    }
    fn visit_str<E: Error>(self, word: &str) -> Result<Combines, E> {
        if word == PER_TICKET {
            return Ok(Combines::PerTicket);
        }
        Err(E::custom(format!("expected true, false or {PER_TICKET}, found another string")))
    }
}
