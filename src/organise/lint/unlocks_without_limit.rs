use super::bound::{Bound, bound};
use super::{Found, Subject};

/// The code unlocks a locked ticket type for anybody who learns the code, and for any number of tickets. A code that
/// makes tickets free is another problem.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let mut unlocks = subject.promo.unlocks.iter().flatten();
    let index = unlocks.position(|name| subject.policy.locks(Some(name)));
    let Some(index) = index.filter(|_| !subject.promo.takes().makes_free()) else { return };
    if bound(subject, false) == Bound::Nobody {
        let message = "unlocks a ticket type for everybody who learns the code, without any limit";
        found.say(subject.at(&format!("unlocks[{index}]")), format!("{} {message}", subject.code));
    }
}

#[test]
fn a_key_that_everybody_can_use() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |name: &str, value: Value| {
        let mut promo = fixture::promo(json!({"unlocks": ["seat", "vip"]}));
        promo[name] = value;
        let policy = json!({"locked_ticket_types": ["vip"]});
        let request = json!({"promos": [promo], "policy": policy});
        fixture::found_in(Problem::UnlocksWithoutLimit, request)
    };
    assert_eq!(found("active", json!(true)), ["promos[0].unlocks[1]"]);
    assert_eq!(found("max_tickets_per_order", json!(1)).len(), 1);
    assert!(found("unlocks", json!(["seat"])).is_empty());
    assert!(found("max_uses", json!(5)).is_empty());
    assert!(found("max_uses_per_identity", json!(1)).is_empty());
    assert!(found("only_for", json!({"email": ["ann@example.org"]})).is_empty());
    assert!(found("discount_percent", json!(100)).is_empty());
}
