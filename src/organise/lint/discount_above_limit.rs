use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::discount::Discount;

/// The amount is more than a limit in money allows, so that nobody ever gets all of it.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    // Of several amounts, the largest: each of them may be the only one in an order.
    let Some(amount) = promo.takes().discounts().filter_map(Discount::amount).max() else { return };
    let mut above = |field: &str, most: Option<Integer>| {
        // A limit of 0 refuses everything: that is the problem `zero_refuses`.
        if let Some(most) = most.filter(|most| *most > Integer::ZERO && *most < amount) {
            let message =
                format!("{} takes {} off, and {field} is only {}", subject.code, amount.get(), most.get());
            found.say(subject.at(field), message);
        }
    };
    above("max_discount", promo.max_discount);
    above("budget", promo.budget);
    for (index, pool) in promo.pools.iter().enumerate() {
        above(&format!("pools[{index}].budget"), pool.budget);
    }
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
