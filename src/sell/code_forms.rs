//! `canonicalCode`: the forms in which a typed code is looked up, for a host's own table of documents.

use serde::{Deserialize, Serialize};

use crate::base::text;

/// What somebody typed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// The code as it was typed, or as the organiser wrote it.
    pub text: String,
}

/// The forms of a code.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeForms {
    /// What is looked up, counted and recorded. Empty if nothing was typed.
    pub canonical: String,
    /// The canonical form without white space, dashes, dots, underscores, apostrophes and quotation marks. It may be
    /// empty.
    pub loose: String,
}

/// The canonical and the loose form of a code.
///
/// A host that keeps many documents stores both forms beside each document, and reads only the documents whose code was
/// typed. Text that no promo could have as its code has these forms, too; no document is found under them.
///
/// # Example
/// ```
/// use redeemable::{CodeForms, CodeRequest, canonical_code};
///
/// let forms = canonical_code(&CodeRequest { text: " gala‑2027 ".to_owned() });
/// assert_eq!(forms, CodeForms { canonical: "GALA‑2027".to_owned(), loose: "GALA2027".to_owned() });
/// ```
pub fn canonical_code(request: &CodeRequest) -> CodeForms {
    let canonical = text::canonical_code(&request.text);
    CodeForms { loose: text::loose_code(&canonical), canonical }
}
