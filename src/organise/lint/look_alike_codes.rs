use std::collections::BTreeMap;

use super::looks::skeleton;
use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::policy::Policy;

/// Two codes differ only by characters that look alike: 0 and O; 1, I and l; 5 and S; 8 and B.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let mut first = BTreeMap::new();
    for (position, subject) in subjects.iter().enumerate() {
        let place = *first.entry(skeleton(&subject.code)).or_insert(Integer::count(position));
        if let Some(earlier) = subjects.get(place.index()).filter(|earlier| earlier.code != subject.code) {
            let message =
                format!("{} looks like {}: one will be typed for the other", subject.code, earlier.code);
            found.say(subject.at("code"), message);
        }
    }
}

#[test]
fn each_with_the_first_that_it_looks_like() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |codes: &[&str]| {
        let promos: Vec<_> = codes.iter().map(|code| json!({"code": code, "discount_percent": 20})).collect();
        fixture::found_in(Problem::LookAlikeCodes, json!({ "promos": promos }))
    };
    assert_eq!(found(&["SOL-1", "WINTER", "s01-i", "5OL-L"]), ["promos[2].code", "promos[3].code"]);
    assert_eq!(found(&["B", "\u{412}", "8"]), ["promos[1].code", "promos[2].code"]);
    assert!(found(&["SUMMER1", "SUMMER2", "SUMMER3"]).is_empty());
    let at = |event: &str| json!({"code": "SUMMER", "discount_percent": 20, "events": [event]});
    let request = json!({"promos": [at("gala"), at("ball")]});
    assert!(fixture::found_in(Problem::LookAlikeCodes, request).is_empty());
}
