use super::bound::{Bound, bound};
use super::{Found, Subject, written};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::documents::promo::SubtotalOf;

/// The code takes an amount off, so tickets that cost no more than this amount are free, and nothing limits how many.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    // The other tickets of a group cost their price.
    let leaves = subject.discounts().into_iter().filter(|_| promo.takes().groups().is_none());
    for (field, discount) in leaves {
        let Some(amount) = discount.amount() else { continue };
        // The amount is off the order, and `min_subtotal` makes sure that the order costs more. So it is never free.
        // Beside other entries, the tickets of this one may cost less.
        let of_discounted = promo.subtotal_of == SubtotalOf::Scope || promo.covers_all();
        let all = promo.discounts.is_none() && discount.is_of_order() && of_discounted;
        let reached = |least: &Amount| least.beside(amount, |least, amount| least <= amount).is_some();
        if all && promo.min_subtotal.as_ref().is_some_and(|least| !reached(least)) {
            continue;
        }
        let above_zero = |amount: Integer| amount > Integer::ZERO;
        let most = match &promo.max_discount {
            None => amount.numbers().find(|(_, amount)| above_zero(*amount)),
            Some(most) => {
                let both = amount.beside(most, |amount, most| above_zero(amount.min(most)));
                both.map(|(currency, amount, most)| (currency, amount.min(most)))
            }
        };
        if let Some((currency, most)) = most.filter(|_| bound(subject, true) == Bound::Nobody) {
            let most = written(most, currency);
            let message = format!("{} makes tickets of up to {most} free, without any limit", subject.code);
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
    let scoped = |of: &str| {
        let off = json!({"kind": "amount_per_order", "amount": 500});
        let fields = json!({"discount": off, "min_subtotal": 501, "ticket_types": ["a"], "subtotal_of": of});
        fixture::found(Problem::AmountCanBeWholePrice, fields).len()
    };
    assert_eq!((scoped("order"), scoped("scope")), (1, 0));
}
