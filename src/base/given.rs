//! Reads maps whose entries may be null. A null entry counts as absent.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// Reads a map and leaves out the entries whose value is null.
pub(crate) fn given<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Given::deserialize(deserializer).map(|Given(map)| map)
}

/// A map that is read without its null entries, for places that need a type and not the function [`given`].
pub(crate) struct Given<K, V>(pub BTreeMap<K, V>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Given<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(GivenVisitor(PhantomData)).map(Self)
    }
}

struct GivenVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for GivenVisitor<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }
    /// A stand-in, which `crossing/draft.rs` explains, is read as a map without entries.
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(BTreeMap::new())
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut given = BTreeMap::new();
        while let Some(key) = entries.next_key()? {
            if let Some(value) = entries.next_value::<Option<V>>()? {
                given.insert(key, value);
            }
        }
        Ok(given)
    }
}
