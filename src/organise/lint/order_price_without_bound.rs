use super::{Found, Subject};
use crate::documents::discount::Discount;
use crate::documents::order::MAX_TICKETS;

/// All tickets of an order together have one price, and nothing bounds how many these are.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let discounts = subject.discounts();
    let priced = discounts.iter().find(|(_, discount)| matches!(discount, Discount::OrderPrice { .. }));
    let bounded = promo.max_tickets.is_some() || promo.max_tickets_per_order.is_some();
    if let Some((field, _)) = priced.filter(|_| !bounded) {
        let message = format!(
            "{} sells a whole order for one price, up to {MAX_TICKETS} tickets; \
             set max_tickets or max_tickets_per_order",
            subject.code
        );
        found.say(subject.at(field), message);
    }
}

#[test]
fn unless_the_tickets_are_bounded() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::OrderPriceWithoutBound, fields);
    let family = json!({"discount": {"kind": "order_price", "price": 9900}, "max_uses": 50});
    assert_eq!(found(family.clone()), ["promos[0].discount"]);
    for bound in ["max_tickets", "max_tickets_per_order"] {
        let mut family = family.clone();
        family[bound] = 4.into();
        assert!(found(family).is_empty(), "{bound}");
    }
    assert!(found(json!({"discount": {"kind": "fixed_price", "price": 9900}})).is_empty());
}
