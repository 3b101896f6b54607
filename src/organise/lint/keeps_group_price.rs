use super::{Found, Subject};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::documents::discount::Discount;
use crate::documents::promo::Requirement;
use crate::documents::tiers::TiersMode;

/// The promotion has a price for groups. A ticket keeps that price when the rest of its group is released.
///
/// `amount_per_order` alone is no such price: the amount is shared among the tickets, and a ticket that is released
/// takes its share along.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    if promo.takes().is_none() {
        return;
    }
    for (field, discount) in subject.own_discounts() {
        let Discount::Tiers { mode: TiersMode::Volume, tiers, .. } = &*discount else { continue };
        if tiers
            .iter()
            .any(|tier| tier.from.numbers().any(|(_, from)| from > Integer::ONE) && !tier.discount.is_none())
        {
            let message = format!(
                "the tier of {} is found only when an order is placed: \
                 a ticket keeps its price when the others are released",
                subject.code
            );
            found.say(subject.at(&format!("{field}.tiers")), message);
        }
    }
    for (field, given) in [
        ("min_tickets", promo.min_tickets.is_some_and(|least| least > Integer::ONE)),
        (
            "min_subtotal",
            promo.min_subtotal.iter().flat_map(Amount::numbers).any(|(_, least)| least > Integer::ZERO),
        ),
        ("requires", promo.requires.iter().flatten().any(Requirement::asks_for_tickets)),
    ] {
        if given {
            let message = format!(
                "{field} of {} is checked only when an order is placed: \
                 a ticket keeps its price when the others are released",
                subject.code
            );
            found.say(subject.at(field), message);
        }
    }
}

#[test]
fn for_more_than_one_ticket() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::KeepsGroupPrice, fields);
    assert_eq!(
        found(json!({"min_tickets": 2, "min_subtotal": 1})),
        ["promos[0].min_tickets", "promos[0].min_subtotal"]
    );
    let requires = |bound: &str, n| json!({"requires": [{"ticket_types": ["vip"], bound: n}]});
    assert_eq!(found(requires("min_tickets", 1)), ["promos[0].requires"]);
    assert_eq!(found(requires("min_subtotal", 1)), ["promos[0].requires"]);
    assert!(found(requires("min_subtotal", 0)).is_empty());
    assert!(found(requires("max_tickets", 1)).is_empty());
    assert!(found(json!({"min_tickets": 1, "min_subtotal": 0})).is_empty());
    assert!(found(json!({"min_tickets": 2, "discount": {"kind": "none"}})).is_empty());
    assert!(found(json!({"discount": {"kind": "amount_per_order", "amount": 500}})).is_empty());
    let tiers = |mode: &str, from: u64| {
        let tiers = json!([{"from": from, "discount": {"kind": "percent", "percent": 10}}]);
        found(json!({"discount": {"kind": "tiers", "by": "tickets", "mode": mode, "tiers": tiers}}))
    };
    assert_eq!(tiers("volume", 2), ["promos[0].discount.tiers"]);
    assert!(tiers("volume", 1).is_empty());
    assert!(tiers("graduated", 2).is_empty());
}
