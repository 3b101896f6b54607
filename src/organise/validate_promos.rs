//! `validatePromos`: everything that is wrong with an organiser's documents, all at once.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::base::error::{Error, ErrorCode};
use crate::base::money::{Integer, Percent};
use crate::base::step::{Step, steps};
use crate::crossing::read::read_fields;
use crate::crossing::wire;
use crate::documents::discount::Discount;
use crate::documents::draft::Draft;
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;
use crate::documents::request::{Index, duplicate};

/// No document is told more of its faults: nobody mends so many at once, and each costs another look at it.
const MOST_FAULTS: usize = 100;

/// Documents as they were written, whatever they are.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PromosRequest {
    /// The organiser's promotions: all that are sold together, since they are compared with each other.
    pub promos: Vec<Draft>,
    /// What the event says.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("x-document" = "Policy")))]
    pub policy: Draft,
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
    /// The field, such as `promos[3].max_uses`. A field that is missing is named, too.
    pub path: String,
    /// The same as data, fields and positions: `["promos", 3, "max_uses"]`.
    pub at: Vec<Step>,
    /// The kind of mistake.
    pub code: ErrorCode,
    /// What was expected there: lower-case, no full stop.
    pub message: String,
}

/// Everything that is wrong with these documents, and which promotions are sound.
///
/// A promotion is sound if [`validate_redemption`](crate::validate_redemption) accepts it as a document, and no other
/// one has its code, at an event that both are for, or its id: of two that do neither is sound.
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
    let (promos, mut found): (Vec<Promo>, Vec<Vec<Error>>) = request.promos.iter().map(promo).unzip();
    Index::of(&promos, &mut |field, earlier, later| {
        for position in [earlier, later] {
            let told = |errors: &&mut Vec<Error>| {
                errors.iter().all(|error| error.code != ErrorCode::DuplicateCode || error.path != field)
            };
            if let Some(errors) = found.get_mut(position).filter(told) {
                errors.push(duplicate(field));
            }
        }
    });
    let mut answer = PromosAnswer { faults: Vec::new(), sound: Vec::new() };
    for (position, errors) in found.into_iter().enumerate() {
        if errors.is_empty() {
            answer.sound.push(Integer::count(position));
        }
        let here = errors.into_iter().map(|error| error.in_element(position).in_field("promos"));
        answer.faults.extend(here.map(Fault::from));
    }
    let policy = read_through::<Policy>(&request.policy).1;
    answer.faults.extend(policy.into_iter().map(|error| Fault::from(error.in_field("policy"))));
    answer
}

impl From<Error> for Fault {
    fn from(Error { code, path, message }: Error) -> Self {
        Self { at: steps(&path), path, code, message }
    }
}

/// The promo, or of one with faults what can be read of it; and its faults, which nothing beside it plays a part in.
fn promo(draft: &Draft) -> (Promo, Vec<Error>) {
    let (promo, mut faults, passed) = read_through::<Promo>(draft);
    if let Some(mut promo) = promo {
        // A discount that is wrong is one all the same.
        let wrong = |field: &str| passed.iter().any(|place| place.first().is_some_and(|step| step.is(field)));
        promo.discount = promo.discount.or(wrong("discount").then_some(Discount::None));
        promo.discount_percent =
            promo.discount_percent.or(Percent::new(0.0).filter(|_| wrong("discount_percent")));
        let of_stand_in = |error: &Error| {
            passed.iter().any(|place| place.len() > 1 && steps(&error.path).starts_with(place))
        };
        faults.extend(promo.faults(&promo.canonical_code()).into_iter().filter(|error| !of_stand_in(error)));
        if faults.is_empty() {
            return (promo, faults);
        }
    }
    (draft.label(), faults)
}

/// The document with stand-ins for what is wrong in it, its faults, and where the stand-ins are.
///
/// The reader stops at the first fault; so a stand-in takes the place of what it found, and it reads again.
fn read_through<T: DeserializeOwned>(draft: &Draft) -> (Option<T>, Vec<Error>, Vec<Vec<Step>>) {
    let (mut faults, mut passed) = (Vec::new(), Vec::<Vec<Step>>::new());
    let mut fields = match draft.fields() {
        Ok(fields) => fields.to_vec(),
        Err(fault) => return (None, vec![fault], passed),
    };
    while faults.len() < MOST_FAULTS {
        let fault = match read_fields(&fields) {
            Ok(read) => return (Some(read), faults, passed),
            Err(fault) => fault,
        };
        let mut place = steps(&fault.path);
        if passed.contains(&place) {
            // The stand-in does not do there: one takes the place of what holds it.
            place.pop();
        } else if !passed.iter().any(|passed| passed.starts_with(&place)) {
            faults.push(fault);
        }
        if place.is_empty() {
            break;
        }
        fields = wire::with_stand_in(&fields, &place);
        passed.push(place);
    }
    (None, faults, passed)
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
