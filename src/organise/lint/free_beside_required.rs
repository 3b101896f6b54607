use super::bound::{Bound, bound};
use super::{Found, Subject};
use crate::base::text::Name;
use crate::documents::promo::{CountBy, Promo, Requirement};

/// One ticket that is required or must be bought makes any number of other tickets of the order free.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let (promo, policy) = (subject.promo, subject.policy);
    let requires =
        promo.requires.iter().flatten().any(Requirement::asks_for_tickets) || promo.buy().is_some();
    let per_order = promo.max_tickets_per_order.is_some()
        || promo.max_tickets.is_some()
        || promo.max_discount.is_some()
        || promo.takes().groups().is_some_and(|kind| kind.max_groups.is_some())
        || promo.limits_persons()
        || policy.max_tickets_per_identity.is_some()
        || policy.max_free_tickets_per_identity.is_some()
        || promo.requires.iter().flatten().any(|entry| bounds_scope(promo, entry));
    // A code without any limit is the problem `free_without_limit`, one whose use is an order `free_whole_orders`.
    let reported = bound(subject, true) == Bound::Nobody || promo.count_by() == CountBy::Order;
    if let Some(path) = subject.at_free().filter(|_| requires && !per_order && !reported) {
        let leak =
            "makes any number of tickets free beside those that it requires: give it max_tickets_per_order";
        found.say(path, format!("{} {leak}", subject.code));
    }
}

/// Whether the entry bounds how many tickets in the promotion's scope the order has.
fn bounds_scope(promo: &Promo, entry: &Requirement) -> bool {
    let all = |types: &Vec<Name>, listed: &Vec<Name>| listed.iter().all(|name| types.contains(name));
    entry.max_tickets.is_some()
        && entry
            .ticket_types
            .as_ref()
            .is_none_or(|types| promo.ticket_types.as_ref().is_some_and(|listed| all(types, listed)))
}

#[test]
fn a_free_ticket_beside_a_required_one_wants_a_bound_on_the_order() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |name: &str, value: Value| {
        let adult = json!({"ticket_types": ["adult"], "min_tickets": 1});
        let mut fields = json!({
            "discount": {"kind": "free"}, "ticket_types": ["child"], "max_uses": 100, "requires": [adult],
        });
        fields[name] = value;
        fixture::found(Problem::FreeBesideRequired, fields)
    };
    assert_eq!(found("active", json!(true)), ["promos[0].discount"]);
    for bound in ["max_tickets_per_order", "max_tickets", "max_discount", "max_uses_per_identity"] {
        assert!(found(bound, json!(2)).is_empty(), "{bound}");
    }
    let adult = json!({"ticket_types": ["adult"], "min_tickets": 1});
    assert!(found("requires", json!([adult, {"ticket_types": ["child"], "max_tickets": 2}])).is_empty());
    assert_eq!(found("requires", json!([adult, {"ticket_types": ["vip"], "max_tickets": 2}])).len(), 1);
    assert!(found("requires", json!([{"ticket_types": ["vip"], "max_tickets": 2}])).is_empty());
    assert!(found("requires", json!([adult, {"max_tickets": 2}])).is_empty());
    assert!(found("max_uses", json!(null)).is_empty()); // it is `free_without_limit`
    assert!(found("count_by", json!("order")).is_empty()); // it is `free_whole_orders`
    assert!(found("discount", json!({"kind": "fixed_price", "price": 1})).is_empty());
    let buy = json!({"ticket_types": ["adult"], "tickets": 1});
    let child = |name: &str, value: Value| {
        let mut discount = json!({"kind": "per_group", "buy": buy, "discounted": 1});
        discount[name] = value;
        let fields = json!({"discount": discount, "max_uses": 50});
        fixture::found(Problem::FreeBesideRequired, fields)
    };
    assert_eq!(child("discounted", json!(1)), ["promos[0].discount.discount"]);
    assert!(child("max_groups", json!(3)).is_empty());
    assert!(child("discount", json!({"kind": "percent", "percent": 50})).is_empty());
}
