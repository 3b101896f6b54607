//! Usage: what the host read of its two tables.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::given::given;
use crate::base::money::Integer;
use crate::base::text::repeated;
use crate::documents::redemption::Redemption;

/// What the host read from its two tables before it asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Usage {
    /// How much is used of each counter, by key, in uses, tickets or minor units. A counter that is missing is 0.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::base::given::Given<String, Integer>"))]
    pub counters: BTreeMap<String, Integer>,
    /// Lapsed holds, which the plan releases to free what they hold. An empty list is always correct.
    pub lapsed: Vec<Redemption>,
    /// The stored record with the order's id. Null if there is none.
    pub existing: Option<Redemption>,
}

impl Usage {
    /// Checks what the Rust types do not ensure. Paths start at the usage.
    pub(crate) fn verify(&self, order_id: Option<&str>) -> Result<(), Error> {
        if let Some(existing) = &self.existing {
            existing.verify().map_err(|error| error.in_field("existing"))?;
            match order_id {
                None => {
                    let expected = "expected nothing, because the order is a preview";
                    return Err(Error::new("existing", expected));
                }
                Some(id) if *id != *existing.id => {
                    return Err(Error::new("id", "expected the id of the order").in_field("existing"));
                }
                Some(_) => {}
            }
        }
        for (index, lapsed) in self.lapsed.iter().enumerate() {
            lapsed.verify().map_err(|error| error.in_element(index).in_field("lapsed"))?;
        }
        if let Some(index) =
            repeated(&mut self.lapsed.iter().map(|lapsed| Some(&*lapsed.id))).first().copied()
        {
            let twice = Error::new("id", "expected each redemption once");
            return Err(twice.in_element(index).in_field("lapsed"));
        }
        Ok(())
    }
}

#[test]
fn a_reader_that_is_not_ours_is_told_what_was_expected() {
    let error = serde_json::from_str::<Usage>(r#"{"counters": []}"#).unwrap_err().to_string();
    assert!(error.starts_with("invalid type: sequence, expected an object"), "{error}");
}
