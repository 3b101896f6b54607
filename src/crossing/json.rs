//! The engine for hosts that speak JSON text, with the same documents and errors as in JavaScript, and one more error:
//! a text that is no JSON.

use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

use crate::crossing::wire;
use crate::*; // the types that the list of verbs names

macro_rules! from_text {
    ($(
        #[doc = $sentence:literal]
        $heat:ident $file:literal $verb:ident($js:literal, $wit:literal)[$($fails:tt)?]:
            $request:ident => $answer:ty;
    )*) => {$(
        #[doc = $sentence]
        ///
        /// From JSON text to JSON text.
        ///
        /// # Errors
        /// If the text is no JSON, or the request is malformed.
        pub fn $verb(request: &[u8]) -> Result<String, Error> {
            let request: $request = read(request)?;
            let answer: $answer = crate::$verb(&request)$($fails)?;
            write(&answer)
        }
    )*};
}
crate::verbs!(from_text);

/// [`PreparedRules`] from JSON text.
///
/// # Errors
/// If the text is no JSON, or the promos or the policy are malformed.
pub fn prepare(document: &[u8]) -> Result<PreparedRules, Error> {
    PreparedRules::try_from(read::<PrepareRequest>(document)?)
}

macro_rules! from_text_under_rules {
    ($(
        #[doc = $sentence:literal]
        $method:ident $verb:ident($js:literal, $wit:literal): $request:ident => $answer:ty;
    )*) => {$(
        #[doc = $sentence]
        ///
        /// From JSON text to JSON text.
        ///
        /// # Errors
        /// If the text is no JSON, or the request is malformed.
        pub fn $verb(rules: &PreparedRules, request: &[u8]) -> Result<String, Error> {
            let request: $request = read(request)?;
            let answer: $answer = rules.$method(&request)?;
            write(&answer)
        }
    )*};
}
crate::prepared_verbs!(from_text_under_rules);

/// The longest text that is read. In the format of `wire.rs` it may take nine times as many bytes, and their number
/// must fit into 32 bits.
const LONGEST: usize = 1 << 28;

/// Reads one document strictly: an unknown field, a field twice and a wrong value are errors with their path.
///
/// # Errors
/// If the text is no JSON, or no such document.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    if text.len() > LONGEST {
        return Err(Error::new("", format!("expected JSON of at most {LONGEST} bytes")));
    }
    let mut bytes = Vec::new();
    let mut parser = serde_json::Deserializer::from_slice(text);
    let parsed = parser.deserialize_any(Writer(&mut bytes)).and_then(|()| parser.end());
    parsed.map_err(|error| Error::new("", format!("expected JSON: {error}")))?;
    crate::crossing::read::read(&bytes)
}

fn write<T: Serialize>(answer: &T) -> Result<String, Error> {
    serde_json::to_string(answer).map_err(|error| Error::new("", error.to_string()))
}

/// Writes any JSON value in the format of `wire.rs`.
struct Writer<'a>(&'a mut Vec<u8>);

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        self.0.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Writes the tag and room for the length; returns where the contents begin.
    fn open(&mut self, tag: u8) -> usize {
        self.0.push(tag);
        self.0.extend([0; 4]);
        self.0.len()
    }

    /// Writes the length of the contents that begin at `start`.
    fn close(&mut self, start: usize) {
        let length = self.0.len().saturating_sub(start);
        let place = self.0.get_mut(start.saturating_sub(4)..).and_then(|bytes| bytes.first_chunk_mut());
        // The length always fits: no byte of JSON becomes more than nine bytes (`1` is a tag and a double).
        if let Some((place, length)) = place.zip(u32::try_from(length).ok()) {
            *place = length.to_le_bytes();
        }
    }

    /// Puts the tag `TWICE` before the value of each field that the object has already. `fields` are the places where
    /// each name and its value begin.
    fn mark_repeated(&mut self, mut fields: Vec<(usize, usize)>) {
        let bytes = &*self.0;
        let name = |&(name, value): &(usize, usize)| bytes.get(name..value);
        fields.sort_unstable_by(|one, other| name(one).cmp(&name(other)).then(one.cmp(other)));
        // Sorted by name and then by place, so a repeated field stands directly behind its first occurrence.
        let again = fields.windows(2).filter_map(|pair| match pair {
            [one, other] if name(one) == name(other) => Some(other.1),
            _ => None,
        });
        let mut again: Vec<usize> = again.collect();
        again.sort_unstable();
        let Some(first) = again.first().copied() else { return };
        let (rest, mut from) = (self.0.split_off(first), 0);
        for value in again.iter().map(|value| value.saturating_sub(first)) {
            self.0.extend(rest.get(from..value).unwrap_or_default());
            self.0.push(wire::TWICE);
            from = value;
        }
        self.0.extend(rest.get(from..).unwrap_or_default());
    }
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.push(wire::NULL);
        Ok(())
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.push(if value { wire::TRUE } else { wire::FALSE });
        Ok(())
    }
    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.0.push(wire::NUMBER);
        self.0.extend(value.to_le_bytes());
        Ok(())
    }
    // Every integer that a document may contain is exact as a double. A larger integer is rounded, and is still refused
    // as too large.
    #[allow(clippy::as_conversions, reason = "as above")]
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }
    #[allow(clippy::as_conversions, reason = "as above")]
    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }
    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.0.push(wire::TEXT);
        self.text(text);
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let start = self.open(wire::LIST);
        while items.next_element_seed(Writer(self.0))?.is_some() {}
        self.close(start);
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        let start = self.open(wire::OBJECT);
        let mut places = Vec::new();
        loop {
            let name = self.0.len();
            if fields.next_key_seed(FieldName(self.0))?.is_none() {
                break;
            }
            places.push((name, self.0.len()));
            fields.next_value_seed(Writer(self.0))?;
        }
        self.mark_repeated(places);
        self.close(start);
        Ok(())
    }
}

/// Writes the name of a field: a text without its tag.
struct FieldName<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for FieldName<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for FieldName<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_str<E>(self, name: &str) -> Result<(), E> {
        Writer(self.0).text(name);
        Ok(())
    }
}

#[test]
fn text_is_read_up_to_its_bound() {
    let complaint = |length| read::<bool>(&vec![0; length]).unwrap_err().message;
    assert!(complaint(LONGEST).starts_with("expected JSON: "));
    assert_eq!(complaint(LONGEST + 1), "expected JSON of at most 268435456 bytes");
}

#[test]
fn a_field_that_is_given_twice_is_an_error_at_its_name() {
    let complaint = |text: &str| {
        let error = read::<crate::documents::policy::Policy>(text.as_bytes()).unwrap_err();
        (error.path, error.message)
    };
    let expected = |path: &str| (path.to_owned(), "expected each field once".to_owned());
    let cap = r#""max_tickets_per_identity": 2"#;
    assert_eq!(complaint(&format!("{{{cap}, {cap}}}")), expected("max_tickets_per_identity"));
    let between = r#""identity_kinds": ["email"]"#;
    assert_eq!(complaint(&format!("{{{cap}, {between}, {cap}}}")), expected("max_tickets_per_identity"));
}
