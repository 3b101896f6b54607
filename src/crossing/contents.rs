//! Reads the items of a list and the fields of an object one by one. A mistake in one of them gets its index or name as
//! the next step of its path.

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess};

use crate::base::error::{Error, Mistake};
use crate::crossing::read::Reader;
use crate::crossing::wire::{Value, take_field};

/// The items of a list.
pub(super) struct Items<'a> {
    pub items: &'a [u8],
    pub index: usize,
    /// Whether the items are the promos of a request: the error of a fault in a promo has the code `invalid_promo`.
    pub of_promos: bool,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mistake> {
        let Some(item) = Value::take(&mut self.items) else { return Ok(None) };
        let index = self.index;
        self.index = index.saturating_add(1);
        match seed.deserialize(Reader(item)) {
            Ok(value) => Ok(Some(value)),
            Err(mistake) => {
                let error = Error::from(mistake);
                let error = if self.of_promos { error.of_promo() } else { error };
                Err(error.in_element(index).into())
            }
        }
    }
}

/// The fields of an object of a known type, in the order of that type.
pub(super) struct Fields<'a> {
    pub known: &'static [&'static str],
    pub values: std::vec::IntoIter<Value<'a>>,
    pub index: usize,
}

impl<'a> Fields<'a> {
    /// The next field, unless it is absent.
    #[inline(never)]
    fn advance(&mut self) -> Option<Reader<'a>> {
        self.index = self.index.saturating_add(1);
        self.values.next().filter(|value| !matches!(value, Value::Null)).map(Reader)
    }

    #[inline(never)]
    fn here(&self, mistake: Mistake) -> Mistake {
        let name = self.known.get(self.index.saturating_sub(1));
        Error::from(mistake).in_field(name.copied().unwrap_or_default()).into()
    }
}

impl<'de> SeqAccess<'de> for Fields<'de> {
    type Error = Mistake;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mistake> {
        let Some(value) = self.advance() else { return Ok(None) };
        seed.deserialize(value).map(Some).map_err(|mistake| self.here(mistake))
    }
}

/// The entries of a map. `name` and `value` are the entry that is being read.
pub(super) struct Entries<'a> {
    pub fields: &'a [u8],
    pub name: &'a str,
    pub value: Value<'a>,
}

impl Entries<'_> {
    #[inline(never)]
    fn here(&self, mistake: Mistake) -> Mistake {
        Error::from(mistake).in_field(self.name).into()
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Mistake;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Mistake> {
        let mut fields = std::iter::from_fn(|| take_field(&mut self.fields));
        let Some((name, value)) = fields.find(|(_, value)| !matches!(value, Value::StandIn)) else {
            return Ok(None);
        };
        (self.name, self.value) = (name, value);
        let name: StrDeserializer<Mistake> = name.into_deserializer();
        seed.deserialize(name).map(Some).map_err(|mistake| self.here(mistake))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Mistake> {
        seed.deserialize(Reader(self.value)).map_err(|mistake| self.here(mistake))
    }
}
