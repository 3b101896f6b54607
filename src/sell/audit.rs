//! `auditUsage`: what each counter must be, from the records alone.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::money::Integer;
use crate::base::text::repeated;
use crate::documents::redemption::Redemption;

/// All records of a store, or a batch of them: the sums of the batches may be added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    /// The stored records, in any order and any state, each once.
    pub redemptions: Vec<Redemption>,
}

/// What the records say of the counters.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Audit {
    /// By key, what each counter that the records charge must be, in uses, tickets or minor units; 0 where all was
    /// given back. A counter that no record charges is missing here, and must be 0.
    pub counters: BTreeMap<String, Integer>,
}

/// What each counter must be: the sum of what the records hold of it.
///
/// A host with many records asks in batches and adds the sums up, because each record counts by itself.
///
/// # Errors
/// If a record is malformed or given twice, or a sum is above the largest integer.
///
/// # Example
/// ```
/// use redeemable::{audit_usage, json};
///
/// let request = json::read(br#"{"redemptions": [{
///     "schema": 1, "id": "o-1", "revision": 1, "state": "held", "event_id": "gala", "currency": "EUR",
///     "codes": ["CREW"], "identities": [],
///     "tickets": [{"line": 0, "unit_price": 4500, "price": 4500, "codes": ["CREW"]}],
///     "applied": [], "created_at_ms": 1799999000000, "expires_at_ms": 1800000900000,
///     "charges": [{"key": "code/event:gala:CREW/uses", "amount": 1, "tickets": [0], "each": 1, "back": []}]
/// }]}"#)?;
/// assert_eq!(audit_usage(&request)?.counters["code/event:gala:CREW/uses"].get(), 1);
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn audit_usage(request: &AuditRequest) -> Result<Audit, Error> {
    verify(&request.redemptions)?;
    let mut counters = BTreeMap::<String, Integer>::new();
    for (index, record) in request.redemptions.iter().enumerate() {
        for (position, (charge, held)) in record.held().enumerate() {
            let counter = counters.entry(charge.key.clone()).or_default();
            *counter = counter.plus(held).ok_or_else(|| {
                let charge = Error::out_of_range("amount").in_element(position).in_field("charges");
                in_record(index, charge)
            })?;
        }
    }
    Ok(Audit { counters })
}

/// Checks that each record is well-formed, and given once.
pub(crate) fn verify(records: &[Redemption]) -> Result<(), Error> {
    if let Some(index) = repeated(&mut records.iter().map(|record| Some(&*record.id))).first().copied() {
        return Err(in_record(index, Error::new("id", "expected each redemption once")));
    }
    for (index, record) in records.iter().enumerate() {
        record.verify().map_err(|error| in_record(index, error))?;
    }
    Ok(())
}

fn in_record(index: usize, error: Error) -> Error {
    error.in_element(index).in_field("redemptions")
}
