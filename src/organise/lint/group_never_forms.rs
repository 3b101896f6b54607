use super::{Found, Subject};
use crate::base::money::{Bounded, Integer};
use crate::documents::order::MAX_TICKETS;

/// No order has a group: a group has more tickets than an order, the code or a person may have, more of its tickets are
/// discounted than `max_tickets_per_order` allows, or no ticket type counts as bought.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let takes = promo.takes();
    let Some(kind) = takes.groups() else { return };
    // Beside what must be bought, a group has at least one ticket of the code.
    let bought = kind.buy.map(|buy| buy.tickets.get());
    let needed = kind.size.map(Bounded::get).or(bought.map(|bought| bought.saturating_add(1)));
    let (field, needed) = (if kind.buy.is_some() { "buy" } else { "size" }, needed.unwrap_or_default());
    for (most, of) in [
        (promo.max_tickets.filter(|_| kind.buy.is_none()), "it allows"),
        (subject.policy.max_tickets_per_identity, "a person may have"),
        (Integer::new(MAX_TICKETS), "an order may have"),
    ] {
        // A limit of 0 refuses everything: that is the problem `zero_refuses`.
        if let Some(most) = most.map(Integer::get).filter(|most| *most > 0 && *most < needed) {
            let message =
                format!("a group of {} has {needed} tickets, and {of} at most {most}", subject.code);
            found.say(subject.at(&format!("discount.{field}")), message);
        }
    }
    if kind.buy.is_some_and(|buy| buy.ticket_types.is_empty()) {
        let message = "needs bought tickets, and buy names no ticket type";
        found.say(subject.at("discount.buy.ticket_types"), format!("a group of {} {message}", subject.code));
    }
    let (most, discounted) = (promo.max_tickets_per_order, kind.discounted.get());
    if let Some(most) = most.filter(|most| most.get() < discounted) {
        let message = format!(
            "a group of {} has {discounted} discounted tickets, and max_tickets_per_order is {}",
            subject.code,
            most.get()
        );
        found.say(subject.at("max_tickets_per_order"), message);
    }
}

#[test]
fn a_group_fits_into_an_order() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |discount: Value, name: &str, value: Value| {
        let mut discount = discount;
        discount["kind"] = "per_group".into();
        let promo = json!({"code": "TRIO-4821", "discount": discount, name: value});
        let request = json!({"promos": [promo], "policy": {"max_tickets_per_identity": 10}});
        fixture::found_in(Problem::GroupNeverForms, request)
    };
    let three = json!({"size": 3, "discounted": 1});
    assert_eq!(found(three.clone(), "max_tickets", json!(2)), ["promos[0].discount.size"]);
    assert!(found(three.clone(), "max_tickets", json!(3)).is_empty());
    assert!(found(three.clone(), "max_tickets", json!(0)).is_empty());
    assert_eq!(
        found(json!({"size": 11, "discounted": 1}), "active", json!(true)),
        ["promos[0].discount.size"]
    );
    assert_eq!(found(json!({"size": 1001, "discounted": 1}), "active", json!(true)).len(), 2);
    let two = json!({"size": 3, "discounted": 2});
    assert_eq!(found(two.clone(), "max_tickets_per_order", json!(1)), ["promos[0].max_tickets_per_order"]);
    assert!(found(two, "max_tickets_per_order", json!(2)).is_empty());
    let buying = |types: Value, tickets: u64| json!({"ticket_types": types, "tickets": tickets});
    let bought = |types: Value, tickets: u64| json!({"buy": buying(types, tickets), "discounted": 1});
    // What is bought does not count for `max_tickets`.
    assert!(found(bought(json!(["adult"]), 9), "max_tickets", json!(2)).is_empty());
    assert_eq!(found(bought(json!(["adult"]), 10), "active", json!(true)), ["promos[0].discount.buy"]);
    assert_eq!(found(bought(json!([]), 1), "active", json!(true)), ["promos[0].discount.buy.ticket_types"]);
}
