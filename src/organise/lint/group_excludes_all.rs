use super::{Found, Subject};
use crate::documents::policy::Policy;

/// The promotion combines, and all others that combine are in its group: it stands in no order with any of them.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let combines = |subject: &&Subject| subject.promo.combines.with_others();
    for subject in subjects.iter().filter(combines) {
        let Some(group) = &subject.promo.group else { continue };
        let mut others =
            subjects.iter().filter(combines).filter(|other| other.index != subject.index).peekable();
        if others.peek().is_some() && others.all(|other| other.promo.is_grouped_with(subject.promo)) {
            let message = format!(
                "{} combines, but every other code that combines is in its group, {}",
                subject.code, &**group
            );
            found.say(subject.at("group"), message);
        }
    }
}

#[test]
fn another_code_that_combines_is_enough() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |group: Option<&str>, combines: bool| {
        let promo = |code: &str, group| {
            let mut promo = json!({"code": code, "discount_percent": 10, "max_uses": 5, "combines": true});
            promo["group"] = json!(group);
            promo
        };
        let mut other = promo("OTHER", group);
        other["combines"] = combines.into();
        let promos = [promo("ONE", Some("g")), promo("TWO", Some("g")), other];
        fixture::found_in(Problem::GroupExcludesAll, json!({"promos": promos}))
    };
    assert!(found(None, true).is_empty());
    assert_eq!(found(None, false), ["promos[0].group", "promos[1].group"]);
    assert_eq!(found(Some("g"), true), ["promos[0].group", "promos[1].group", "promos[2].group"]);
}
