//! A document as an organiser wrote it, with its faults beside it.

use crate::base::error::Error;
use crate::documents::promo::Promo;

/// A document that may have faults, in a request that is answered all the same. At most `MOST` faults are kept.
///
/// Only the reader of requests makes drafts: a host that has its documents as Rust values does not need them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft<T, const MOST: usize> {
    /// The document; if it has faults, the part by which it is recognised, such as a promo's code.
    pub(crate) document: T,
    /// What is wrong with the document. Paths start at the document.
    pub(crate) faults: Vec<Error>,
}

impl<const MOST: usize> Draft<Promo, MOST> {
    /// The promo if it has no fault, else its first fault. Clashes with other promos are not looked for.
    pub(crate) fn sound(self) -> Result<Promo, Error> {
        self.faults.into_iter().next().map_or(Ok(self.document), Err)
    }
}
