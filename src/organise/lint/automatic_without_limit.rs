use super::bound::{Bound, bound};
use super::{Found, Subject};

/// Nobody has to know the code of an automatic promotion: without a limit, every order gets it. Free tickets without a
/// limit are a problem of their own.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let takes = subject.promo.takes();
    let counts_only = takes.is_none() || takes.makes_free();
    if subject.promo.automatic && !counts_only && bound(subject, false) == Bound::Nobody {
        let message =
            format!("{} applies to every order by itself, and nothing limits how many", subject.code);
        found.say(subject.at("automatic"), message);
    }
}

#[test]
fn a_limit_or_a_typed_code() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::AutomaticWithoutLimit, fields);
    assert_eq!(found(json!({"discount_percent": 10, "automatic": true})), ["promos[0].automatic"]);
    assert!(found(json!({"discount_percent": 10})).is_empty());
    assert!(found(json!({"discount_percent": 10, "automatic": true, "max_uses": 5})).is_empty());
    assert!(found(json!({"discount_percent": 0, "automatic": true})).is_empty());
    assert!(found(json!({"discount_percent": 100, "automatic": true})).is_empty());
}
