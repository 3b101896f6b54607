use super::bound::{Bound, bound, per_order};
use super::{Found, Subject};
use crate::documents::order::MAX_TICKETS;
use crate::documents::promo::CountBy;

/// One use makes all tickets of an order free, and nothing limits how many those are.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let by_order = promo.takes().makes_free() && promo.count_by() == CountBy::Order;
    // A code without any limit is the problem `free_without_limit`, and only that is reported.
    if by_order && !per_order(subject) && bound(subject, true) != Bound::Nobody {
        let leak =
            format!("one use of {} makes a whole order free, up to {MAX_TICKETS} tickets", subject.code);
        found.say(subject.at("count_by"), leak);
    }
}

#[test]
fn a_use_for_an_order_wants_a_bound_on_the_order() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::FreeWholeOrders, fields);
    let free = json!({"discount": {"kind": "free"}, "count_by": "order", "single_use": true});
    assert_eq!(found(free.clone()), ["promos[0].count_by"]);
    for bound in ["max_tickets_per_order", "max_tickets", "max_discount", "budget"] {
        let mut free = free.clone();
        free[bound] = 2.into();
        assert!(found(free).is_empty(), "{bound}");
    }
    let mut pooled = free.clone();
    pooled["pools"] = json!([{"id": "p"}]);
    assert_eq!(found(pooled.clone()).len(), 1);
    pooled["pools"] = json!([{"id": "p"}, {"id": "q", "budget": 2}]);
    assert!(found(pooled).is_empty());
    for cap in ["max_tickets_per_identity", "max_free_tickets_per_identity"] {
        let mut promo = free.clone();
        promo["code"] = "X".into();
        let request = json!({"promos": [promo], "policy": {cap: 2}});
        assert!(fixture::found_in(Problem::FreeWholeOrders, request).is_empty(), "{cap}");
    }
    assert!(found(json!({"discount": {"kind": "free"}, "single_use": true})).is_empty());
    assert!(found(json!({"discount_percent": 50, "count_by": "order", "single_use": true})).is_empty());
}
