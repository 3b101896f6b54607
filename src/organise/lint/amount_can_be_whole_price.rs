use super::bound::{Bound, bound};
use super::{Found, Subject};
use crate::base::money::Integer;

/// The code takes an amount off, so tickets that cost no more than this amount are free, and nothing limits how many.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    // The other tickets of a group cost their price.
    let leaves = subject.discounts().into_iter().filter(|_| promo.takes().groups().is_none());
    for (field, discount) in leaves {
        let Some(amount) = discount.amount() else { continue };
        // The amount is off the order, and `min_subtotal` makes sure that the order costs more. So it is never free.
        // Beside other entries, the tickets of this one may cost less.
        let all = promo.discounts.is_none() && discount.is_of_order();
        if all && promo.min_subtotal.is_some_and(|least| least > amount) {
            continue;
        }
        let most = promo.max_discount.map_or(amount, |most| most.min(amount));
        if most > Integer::ZERO && bound(subject, true) == Bound::Nobody {
            let message =
                format!("{} makes tickets of up to {} free, without any limit", subject.code, most.get());
            found.say(subject.at(&format!("{field}.amount")), message);
        }
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
}
