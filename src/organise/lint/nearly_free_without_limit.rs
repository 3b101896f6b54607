use super::bound::{Bound, bound};
use super::{Found, Subject};

/// 90 percent, in ten-thousandths of a percent.
const NEARLY: u32 = 900_000;

/// A leaked code of 90 percent or more, without any limit, costs nearly as much as a free one.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    // The other tickets of a group cost their price.
    let leaves = subject.discounts().into_iter().filter(|_| subject.promo.takes().groups().is_none());
    for (field, discount) in leaves {
        let percent = discount.percent().map(|percent| percent.ten_thousandths());
        let nearly = percent.is_some_and(|percent| percent >= NEARLY) && !discount.makes_free();
        if nearly && bound(subject, false) == Bound::Nobody {
            let message = format!("{} takes nearly the whole price off, without any limit", subject.code);
            found.say(subject.at(&field), message);
        }
    }
}

#[test]
fn from_ninety_percent_on() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |fields| fixture::found(Problem::NearlyFreeWithoutLimit, fields);
    assert_eq!(found(json!({"discount_percent": 90})), ["promos[0].discount_percent"]);
    assert!(found(json!({"discount_percent": 89.9999})).is_empty());
    assert!(found(json!({"discount_percent": 100})).is_empty());
    assert!(found(json!({"discount_percent": 90, "max_uses": 5})).is_empty());
    // A ticket for a cent is no free ticket.
    let free = json!({
        "promos": [{"code": "X", "discount_percent": 99}], "policy": {"max_free_tickets_per_identity": 1}
    });
    assert_eq!(fixture::found_in(Problem::NearlyFreeWithoutLimit, free).len(), 1);
}
