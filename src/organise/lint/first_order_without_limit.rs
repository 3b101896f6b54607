use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::fact::{Operand, Test};

/// The code is for first orders, and only a fact says which order is the first: the host read it before, and two orders
/// at once, in two tabs, both have none before them. Only a counter holds between them.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let counted = promo.limits_persons() && promo.id.is_some();
    let first = |test: &Test| {
        test.fact.is_some_and(|fact| &**fact == "orders_before")
            && (test.at_most == Some(Integer::ZERO) || test.is == Some(&Operand::Integer(Integer::ZERO)))
    };
    for (index, condition) in promo.only_if.iter().flatten().enumerate().filter(|_| !counted) {
        if condition.tests().any(|test| first(&test)) {
            let message = "knows a first order only by a fact: two orders at once are both the first, \
                 unless max_uses_per_identity and an id count them";
            found.say(subject.at(&format!("only_if[{index}]")), format!("{} {message}", subject.code));
        }
    }
}

#[test]
fn a_counter_must_hold_between_two_tabs() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |condition: Value, id: Value, most: Value| {
        let member = json!({"fact": "member", "is": true});
        let fields = json!({"only_if": [member, condition], "id": id, "max_uses_per_identity": most});
        fixture::found(Problem::FirstOrderWithoutLimit, fields)
    };
    let none = json!(null);
    let first = json!({"fact": "orders_before", "at_most": 0});
    assert_eq!(found(first.clone(), none.clone(), none.clone()), ["promos[0].only_if[1]"]);
    assert_eq!(found(first.clone(), json!("first"), none.clone()).len(), 1);
    assert_eq!(found(first.clone(), none.clone(), json!(1)).len(), 1);
    assert!(found(first.clone(), json!("first"), json!(1)).is_empty());
    let member = json!({"fact": "member", "is": true});
    assert_eq!(found(json!({"any": [member, first]}), none.clone(), none.clone()).len(), 1);
    assert_eq!(found(json!({"any": [first]}), none.clone(), none.clone()).len(), 1);
    assert_eq!(found(json!({"fact": "orders_before", "is": 0}), none.clone(), none.clone()).len(), 1);
    assert!(found(json!({"fact": "orders_before", "at_most": 1}), none.clone(), none.clone()).is_empty());
    assert!(found(json!({"fact": "age", "at_most": 0}), none.clone(), none).is_empty());
}
