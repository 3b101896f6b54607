//! `validatePromos`: everything that is wrong with an organiser's documents, all at once.

use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorCode};
use crate::base::money::Integer;
use crate::base::step::Step;
use crate::documents::draft::Draft;
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;
use crate::documents::request::{Index, clash};

/// The most faults that are reported for one document: nobody corrects so many at once, and to find each of them the
/// document is read again.
const MOST_FAULTS: usize = 100;

/// Documents as the organiser wrote them. They may be any values.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PromosRequest {
    /// All promotions that are sold together: they are compared with each other.
    pub promos: Vec<Draft<Promo, MOST_FAULTS>>,
    /// The event's policy.
    #[serde(default)]
    pub policy: Draft<Policy, MOST_FAULTS>,
}

/// What is wrong with the documents, and which promotions are sound.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PromosAnswer {
    /// Every fault, promotion by promotion, then the policy's; of one document at most 100.
    pub faults: Vec<Fault>,
    /// The positions of the promotions without a fault: these can be sold together.
    pub sound: Vec<Integer>,
}

/// Something wrong with a document.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fault {
    /// The field, such as `promos[3].max_uses`. It may be a field that the document does not have.
    pub path: String,
    /// The path as data: the fields and positions that lead to the field, such as `["promos", 3, "max_uses"]`.
    pub at: Vec<Step>,
    /// The kind of mistake.
    pub code: ErrorCode,
    /// What was expected there: lower-case, no full stop.
    pub message: String,
}

/// Everything that is wrong with these documents, and which promotions are sound.
///
/// A promotion is sound if it is well-formed, no other promotion has its id, and no other has its code at an event that
/// both are for. If two promotions clash, neither is sound.
///
/// It never fails: whatever is wrong inside a document is a fault in the answer.
///
/// # Example
/// ```
/// use redeemable::{json, validate_promos};
///
/// let request = json::read(br#"{"promos": [
///     {"code": "CREW", "discount": {"kind": "free"}},
///     {"code": "EARLY", "discount_percent": 200, "max_usse": 5}
/// ]}"#)?;
/// let answer = validate_promos(&request);
/// let paths: Vec<_> = answer.faults.iter().map(|fault| fault.path.as_str()).collect();
/// assert_eq!(paths, ["promos[1].max_usse", "promos[1].discount_percent"]);
/// assert_eq!(answer.sound[0].get(), 0);
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn validate_promos(request: &PromosRequest) -> PromosAnswer {
    let drafts = request.promos.iter();
    let (promos, mut found): (Vec<Promo>, Vec<Vec<Error>>) =
        drafts.map(|draft| (draft.document.clone(), draft.faults.clone())).unzip();
    Index::of(&promos, &mut |field, earlier, later| {
        let clash = clash(field);
        for position in [earlier, later] {
            if let Some(errors) = found.get_mut(position).filter(|errors| !errors.contains(&clash)) {
                errors.push(clash.clone());
            }
        }
    });
    let mut answer = PromosAnswer { faults: Vec::new(), sound: Vec::new() };
    for (position, errors) in found.into_iter().enumerate() {
        if errors.is_empty() {
            answer.sound.push(Integer::count(position));
        }
        answer.faults.extend(errors.into_iter().map(|error| Fault::from(error.in_promo(position))));
    }
    let policy = request.policy.faults.iter().cloned();
    answer.faults.extend(policy.map(|error| Fault::from(error.in_field("policy"))));
    answer
}

impl From<Error> for Fault {
    fn from(Error { code, path, at, message }: Error) -> Self {
        Self { path, at, code, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crossing::json::read;

    fn paths(request: &str) -> Vec<String> {
        let answer = validate_promos(&read(request.as_bytes()).unwrap());
        answer.faults.into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn each_field_that_is_given_twice_is_told() {
        let twice = r#"{"code": "A", "id": "a", "code": "B", "discount": {"kind": "free", "kind": "free"},
            "id": "b", "id": "c"}"#;
        assert_eq!(
            paths(&format!(r#"{{"promos": [{twice}, {{"code": "A", "discount_percent": 5}}]}}"#)),
            ["promos[0].code", "promos[0].id", "promos[0].discount.kind"]
        );
    }

    #[test]
    fn a_document_is_told_its_first_hundred_faults_and_the_others_theirs() {
        let misspelt: String = (0..150).map(|n| format!(r#", "max_usse_{n}": {n}"#)).collect();
        let faulty = format!(r#"{{"code": "A", "discount_percent": 5{misspelt}}}"#);
        let told = paths(&format!(
            r#"{{"promos": [{faulty}, {{"code": "B"}}, {{"code": "a", "discount_percent": 5}}]}}"#
        ));
        let expected = (0..100).map(|n| format!("promos[0].max_usse_{n}"));
        let rest = ["promos[0].code", "promos[1].discount", "promos[2].code"].map(str::to_owned);
        assert_eq!(told, expected.chain(rest).collect::<Vec<_>>());
    }
}
