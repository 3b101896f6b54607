use super::{Found, Subject, written};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::documents::discount::Discount;

/// The amount is more than a limit in money allows, so that nobody ever gets all of it.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let takes = promo.takes();
    let mut above = |field: &str, most: &Amount| {
        // A limit of 0 refuses everything: that is the problem `zero_refuses`.
        let is = |amount: Integer, most: Integer| most > Integer::ZERO && most < amount;
        let mut amounts = takes.discounts().filter_map(Discount::amount);
        if let Some((currency, amount, most)) = amounts.find_map(|amount| amount.beside(most, is)) {
            let (amount, most) = (written(amount, currency), written(most, currency));
            found.say(
                subject.at(field),
                format!("{} takes {amount} off, and {field} is only {most}", subject.code),
            );
        }
    };
    promo.max_discount.iter().for_each(|most| above("max_discount", most));
    subject.budgets().for_each(|(field, budget)| above(&field, budget));
}

#[test]
fn less_than_one_ticket_or_one_order() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |kind: &str, most: u64| {
        let discount = json!({"kind": kind, "amount": 500});
        let pools = json!([{"id": "p"}, {"id": "q", "budget": most}]);
        let fields = json!({"discount": discount, "max_discount": most, "budget": most, "pools": pools});
        fixture::found(Problem::DiscountAboveLimit, fields)
    };
    let fields = ["max_discount", "budget", "pools[1].budget"].map(|field| format!("promos[0].{field}"));
    assert_eq!(found("amount_per_ticket", 499), fields);
    assert_eq!(found("amount_per_order", 499), fields);
    assert!(found("amount_per_ticket", 500).is_empty());
    assert!(found("amount_per_ticket", 0).is_empty());
}
