use std::collections::BTreeMap;

use super::{Found, Subject};
use crate::base::money::Integer;
use crate::base::text::loose_code;
use crate::documents::policy::Policy;

/// Two codes differ only by signs that buyers leave out or type in other ways: nobody can tell which one a buyer means.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let mut first = BTreeMap::new();
    for (position, subject) in subjects.iter().enumerate() {
        let loose = loose_code(&subject.code);
        if loose.is_empty() {
            continue;
        }
        let place = *first.entry(loose).or_insert(Integer::count(position));
        if let Some(earlier) = subjects.get(place.index()).filter(|earlier| earlier.code != subject.code) {
            let message = format!(
                "{} differs from {} only by blanks, dashes and the like: typed in another way, neither is found",
                subject.code, earlier.code
            );
            found.say(subject.at("code"), message);
        }
    }
}

#[test]
fn each_with_the_first_of_its_form() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |codes: &[&str]| {
        let promos: Vec<_> = codes.iter().map(|code| json!({"code": code, "discount_percent": 20})).collect();
        fixture::found_in(Problem::SameLooseForm, json!({ "promos": promos }))
    };
    assert_eq!(
        found(&["GALA-2026", "WINTER", "gala 2026", "GALA\u{2013}2026", "gala2026"]),
        ["promos[2].code", "promos[3].code", "promos[4].code"]
    );
    assert!(found(&["GALA-2026", "GALA-2027", "GALA-20-26A"]).is_empty());
    assert!(found(&["-", "...", "_"]).is_empty()); // an empty loose form is compared with none
}
