use super::bound::{Bound, bound, per_person};
use super::{Found, Subject};

/// Tickets are free, and only each person is limited: somebody who makes up more identities takes more tickets.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let Some(path) = subject.at_free().filter(|_| bound(subject, true) == Bound::Persons) else { return };
    let leak = if per_person(subject, true) {
        "makes tickets free, limited for each person but not in all: \
         whoever makes up more identities, such as e-mail addresses, takes more seats"
    } else {
        "makes tickets free for listed buyers, without a limit for any of them"
    };
    found.say(path, format!("{} {leak}", subject.code));
}

#[test]
fn listed_persons_with_a_limit_each_are_a_total() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |only_for, cap, kinds| {
        let free = json!({"kind": "free"});
        let promo =
            json!({"code": "X", "discount": free, "only_for": only_for, "max_uses_per_identity": cap});
        let request = json!({"promos": [promo], "policy": {"identity_kinds": kinds}});
        fixture::found_in(Problem::FreeWithoutTotal, request)
    };
    let (none, one) = (json!(null), json!(1));
    let ann = json!({"email": ["ann@example.org"], "npub": ["npub1x"]});
    assert!(found(ann.clone(), one.clone(), none.clone()).is_empty());
    assert_eq!(found(ann.clone(), none.clone(), none.clone()), ["promos[0].discount"]);
    assert_eq!(found(ann, one.clone(), json!(["email"])), ["promos[0].discount"]);
    assert_eq!(found(json!({"email": ["@example.org"]}), one.clone(), none.clone()), ["promos[0].discount"]);
    assert_eq!(found(none.clone(), one, none.clone()), ["promos[0].discount"]);
    assert!(found(none.clone(), none.clone(), none).is_empty());
    // A limit per day and person is none in all, also if there is a last day.
    let day = json!([{"every": "day", "max_uses_per_identity": 1}]);
    let fields = json!({"discount_percent": 100, "per_period": day, "ends_at_ms": 1_900_000_000_000_u64});
    assert_eq!(fixture::found(Problem::FreeWithoutTotal, fields), ["promos[0].discount_percent"]);
}
