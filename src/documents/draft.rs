//! A document as an organiser wrote it, with its faults beside it.

use crate::base::error::Error;
use crate::documents::promo::Promo;

/// A document whose faults are none of the request's; at most `MOST` of them are kept.
///
/// Only reading a request makes one: a host that has documents in Rust has no use for drafts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft<T, const MOST: usize> {
    /// The document; of one with faults what can be read of it.
    pub(crate) document: T,
    /// What is wrong with it, seen from the document.
    pub(crate) faults: Vec<Error>,
}

impl<const MOST: usize> Draft<Promo, MOST> {
    /// The promo, if it is sound by itself; else the first of its faults.
    pub(crate) fn sound(self) -> Result<Promo, Error> {
        self.faults.into_iter().next().map_or(Ok(self.document), Err)
    }
}
