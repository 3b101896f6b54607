use super::bound::{Bound, bound};
use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::promo::SubtotalOf;

/// The code takes an amount off, so tickets that cost no more than this amount are free, and nothing limits how many.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let Some(amount) = promo.discount().amount() else { return };
    // The amount is off all discounted tickets together, and `min_subtotal` makes sure that they cost more. So they are
    // never free.
    let of_discounted = promo.subtotal_of == SubtotalOf::Scope || promo.covers_all();
    let dearer = of_discounted && promo.min_subtotal.is_some_and(|least| least > amount);
    if promo.discount().shared().is_some() && dearer {
        return;
    }
    let most = promo.max_discount.map_or(amount, |most| most.min(amount));
    if most > Integer::ZERO && bound(subject, true) == Bound::Nobody {
        let message =
            format!("{} makes tickets of up to {} free, without any limit", subject.code, most.get());
        found.say(subject.at("discount.amount"), message);
    }
}

#[test]
fn unless_something_limits_it() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |kind: &str, name: &str, value: Value| {
        let fields = json!({"discount": {"kind": kind, "amount": 500}, name: value});
        fixture::found(Problem::AmountCanBeWholePrice, fields).len()
    };
    for kind in ["amount_per_ticket", "amount_per_order"] {
        assert_eq!(found(kind, "active", json!(true)), 1);
        assert_eq!(found(kind, "max_uses", json!(5)), 0);
        assert_eq!(found(kind, "max_uses_per_identity", json!(5)), 0);
        assert_eq!(found(kind, "max_discount", json!(0)), 0);
        assert_eq!(found(kind, "min_subtotal", json!(500)), 1);
    }
    assert_eq!(found("amount_per_order", "min_subtotal", json!(501)), 0);
    assert_eq!(found("amount_per_ticket", "min_subtotal", json!(501)), 1);
    let scoped = |of: &str| {
        let off = json!({"kind": "amount_per_order", "amount": 500});
        let fields = json!({"discount": off, "min_subtotal": 501, "ticket_types": ["a"], "subtotal_of": of});
        fixture::found(Problem::AmountCanBeWholePrice, fields).len()
    };
    assert_eq!((scoped("order"), scoped("scope")), (1, 0));
}
