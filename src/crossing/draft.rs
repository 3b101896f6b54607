//! Reads a document that may have faults. The faults are listed beside the document, and the request is still answered.

use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::{Deserialize, de};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::base::error::Error;
use crate::base::money::Percent;
use crate::base::step::Step;
use crate::base::text::{Name, is_code};
use crate::crossing::read::read_fields;
use crate::crossing::wire::{Value, take_field, with_stand_in};
use crate::documents::discount::Discount;
use crate::documents::draft::Draft;
use crate::documents::policy::Policy;
use crate::documents::promo::{DiscountEntry, Promo};

/// A kind of document that may have faults.
pub(crate) trait Document: DeserializeOwned {
    /// Makes a document with only the fields by which it is recognised, such as a promo's code, from the fields of a
    /// document with faults.
    fn label(fields: &[u8]) -> Self;

    /// What is wrong with the document although each field is well-formed. `stand_ins` are the places where a stand-in
    /// took the place of a faulty value.
    fn faults(&mut self, stand_ins: &[Vec<Step>]) -> Vec<Error>;
}

impl Document for Policy {
    fn label(_: &[u8]) -> Self {
        Self::default()
    }

    fn faults(&mut self, stand_ins: &[Vec<Step>]) -> Vec<Error> {
        let mut faults = Policy::faults(self);
        faults.retain(|error| !stand_ins.iter().any(|place| error.at.starts_with(place)));
        faults
    }
}

impl Document for Promo {
    /// Reads the code (empty if it cannot be read), the id and the events: by these a promo is compared with others.
    fn label(mut fields: &[u8]) -> Self {
        let mut label = Self::new("", Discount::None);
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

    fn faults(&mut self, stand_ins: &[Vec<Step>]) -> Vec<Error> {
        // A discount with a fault must not be reported as missing in addition.
        let wrong = |field| stand_ins.iter().any(|place| place.first().is_some_and(|step| step.is(field)));
        // Whether the uses may be counted so depends on the discount's kind.
        if wrong("discount") || wrong("discounts") {
            (self.count_by, self.count_by_identity) = (None, None);
        }
        self.discount = self.discount.take().or(wrong("discount").then_some(Discount::None));
        self.discount_percent =
            self.discount_percent.or(Percent::new(0.0).filter(|_| wrong("discount_percent")));
        let none = || vec![DiscountEntry { ticket_types: None, discount: Discount::None }];
        self.discounts = self.discounts.take().or_else(|| wrong("discounts").then(none));
        let of_stand_in =
            |error: &Error| stand_ins.iter().any(|place| place.len() > 1 && error.at.starts_with(place));
        // The fields of a discount depend on each other, so a stand-in for one would make others faulty.
        let of_discount = |error: &Error| {
            let first = error.at.first();
            let inside =
                |field| error.at.len() > 1 && wrong(field) && first.is_some_and(|step| step.is(field));
            inside("discount") || inside("discounts")
        };
        // An entry of `requires` or `per_period` whose only bound has a fault, or a condition whose operator has one,
        // must not be reported as without a bound or an operator in addition.
        let of_entry = |error: &Error| {
            let lists = ["requires", "per_period", "only_if"];
            let of_entries = error.at.first().is_some_and(|step| lists.iter().any(|list| step.is(list)));
            let entry = error.at.iter().rposition(|step| matches!(step, Step::Index(_)));
            let entry = entry.and_then(|last| error.at.get(..=last));
            of_entries && entry.is_some_and(|entry| stand_ins.iter().any(|place| place.starts_with(entry)))
        };
        // With a fault in what says which types the code is for, nobody knows whether it is for those that it unlocks.
        let scope = ["ticket_types", "exclude_ticket_types", "discount", "discounts"].into_iter().any(wrong);
        let of_scope = |error: &Error| scope && error.at.first().is_some_and(|step| step.is("unlocks"));
        let mut faults = Promo::faults(self, &self.canonical_code());
        faults.retain(|error| {
            !of_stand_in(error) && !of_discount(error) && !of_entry(error) && !of_scope(error)
        });
        faults
    }
}

/// The names of a list, if all of its items are names.
fn names(mut items: &[u8]) -> Option<Vec<Name>> {
    let mut names = Vec::new();
    while let Some(item) = Value::take(&mut items) {
        let Value::Text(name) = item else { return None };
        names.push(Name::new(name)?);
    }
    Some(names)
}

impl<'de, T: Document, const MOST: usize> Deserialize<'de> for Draft<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(DraftVisitor(PhantomData))
    }
}

struct DraftVisitor<T, const MOST: usize>(PhantomData<T>);

impl<T: Document, const MOST: usize> Visitor<'_> for DraftVisitor<T, MOST> {
    type Value = Draft<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }
    /// The fields of an object, as they crossed.
    fn visit_bytes<E>(self, fields: &[u8]) -> Result<Self::Value, E> {
        Ok(read_through(fields))
    }
    /// A value that is no object arrives as the message of its error.
    fn visit_str<E: de::Error>(self, complaint: &str) -> Result<Self::Value, E> {
        Ok(Draft { document: T::label(&[]), faults: vec![Error::new("", complaint)] })
    }
}

/// The document and its faults.
///
/// The reader stops at the first fault. Then a stand-in, a value that is valid almost everywhere, takes the place of
/// the faulty value, and the document is read again, until no more faults are found. In
/// `{"code": 7, "max_uses": "x"}` the first reading stops at `code`, the second at `max_uses`.
fn read_through<T: Document, const MOST: usize>(given: &[u8]) -> Draft<T, MOST> {
    let (mut faults, mut passed) = (Vec::new(), Vec::<Vec<Step>>::new());
    let mut fields = Cow::Borrowed(given);
    while faults.len() < MOST {
        let fault = match read_fields::<T>(&fields) {
            Ok(mut document) => {
                faults.extend(document.faults(&passed));
                let document = if faults.is_empty() { document } else { T::label(given) };
                return Draft { document, faults };
            }
            Err(fault) => fault,
        };
        let mut place = fault.at.clone();
        if passed.contains(&place) {
            // Here even a stand-in is a fault. Let a stand-in take the place of the list or object around it, and if
            // that does not help, of the one around that: no place is tried twice, so the loop ends.
            while passed.contains(&place) {
                place.pop();
            }
        } else if !passed.iter().any(|passed| passed.starts_with(&place)) {
            faults.push(fault);
        }
        // The functions that sell need only the first fault, so their wasm file does without stand-ins.
        if MOST == 1 || place.is_empty() {
            break;
        }
        fields = Cow::Owned(with_stand_in(&fields, &place));
        passed.push(place);
    }
    Draft { document: T::label(given), faults }
}
