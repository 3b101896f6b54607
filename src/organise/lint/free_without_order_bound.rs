use super::bound::{Bound, bound, per_order};
use super::{Found, Subject};

/// Whoever buys something gets other tickets free, and nothing bounds how many of them in one order.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    // A code without any limit is the problem `free_without_limit`, and only that is reported.
    if promo.buy().is_some()
        && promo.takes().makes_free()
        && !per_order(subject)
        && bound(subject, true) != Bound::Nobody
    {
        let leak =
            "makes tickets free for whoever buys others, without a bound for one order; set max_groups";
        found.say(subject.at("discount.max_groups"), format!("{} {leak}", subject.code));
    }
}

#[test]
fn what_is_free_beside_other_tickets_has_a_bound() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |discount: Value, name: &str, value: Value| {
        let mut fields = json!({"discount": discount, "max_uses": 50, name: value});
        fields["discount"]["kind"] = "per_group".into();
        fixture::found(Problem::FreeWithoutOrderBound, fields)
    };
    let buy = json!({"ticket_types": ["adult"], "tickets": 1});
    let child = json!({"buy": buy, "discounted": 1});
    assert_eq!(found(child.clone(), "active", json!(true)), ["promos[0].discount.max_groups"]);
    for (name, value) in
        [("max_tickets_per_order", 2), ("max_tickets", 2), ("max_discount", 2), ("budget", 2)]
    {
        assert!(found(child.clone(), name, json!(value)).is_empty(), "{name}");
    }
    assert!(found(child.clone(), "max_uses", json!(null)).is_empty());
    let half = json!({"buy": buy, "discounted": 1, "discount": {"kind": "percent", "percent": 50}});
    assert!(found(half, "active", json!(true)).is_empty());
    assert!(found(json!({"buy": buy, "discounted": 1, "max_groups": 3}), "active", json!(true)).is_empty());
    assert!(found(json!({"size": 3, "discounted": 3}), "active", json!(true)).is_empty());
}
