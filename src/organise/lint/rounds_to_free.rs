use super::{Found, Subject};
use crate::base::money::{Integer, Percent, Rounding};

/// Prices below this, in minor units, are not reported: no ticket is so cheap.
const PRICE: u64 = 10;

/// The payable part of a small price is rounded to 0, and the ticket is free.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    for (field, discount) in subject.discounts() {
        let most = discount.percent().and_then(|percent| largest_free(percent, subject.promo.rounding));
        if let Some(most) = most.filter(|most| *most >= PRICE) {
            let message = format!("{} makes tickets of up to {most} free by rounding", subject.code);
            found.say(subject.at(&field), message);
        }
    }
}

/// The largest price of which nothing is payable; `None` at 100 percent, where that is every price.
fn largest_free(percent: Percent, rounding: Rounding) -> Option<u64> {
    // What is payable of a price of 1, in millionths.
    let kept = 1_000_000_u64.saturating_sub(u64::from(percent.ten_thousandths()));
    let estimate = 1_000_000_u64.checked_div(kept)?;
    // What is payable never falls when the price rises. Of the price after the estimate, 1 or more is payable, however
    // it is rounded. So the largest free price is at most the estimate.
    let free = |price: &u64| {
        Integer::new(*price).is_some_and(|price| percent.payable(price, rounding) == Integer::ZERO)
    };
    let (mut least, mut most) = (0, estimate);
    while least < most {
        let middle = least.midpoint(most.saturating_add(1));
        if free(&middle) { least = middle } else { most = middle.saturating_sub(1) }
    }
    Some(least)
}

#[test]
fn the_largest_price_that_is_rounded_to_nothing() {
    let free = |percent, rounding| largest_free(Percent::new(percent).unwrap(), rounding);
    use Rounding::*;
    // At 99 percent a hundredth is kept: 49 keeps 0.49, 50 keeps 0.5, 99 keeps 0.99.
    assert_eq!(
        [HalfUp, HalfDown, HalfEven, Down, Up].map(|rounding| free(99.0, rounding)),
        [49, 50, 50, 99, 0].map(Some)
    );
    // At 90 percent: 4 keeps 0.4, 5 keeps 0.5, 9 keeps 0.9.
    assert_eq!(
        [HalfUp, HalfDown, HalfEven, Down, Up].map(|rounding| free(90.0, rounding)),
        [4, 5, 5, 9, 0].map(Some)
    );
    // At 70 percent: 1 keeps 0.3, 2 keeps 0.6, 3 keeps 0.9.
    assert_eq!(
        [HalfUp, HalfDown, HalfEven, Down, Up].map(|rounding| free(70.0, rounding)),
        [1, 1, 1, 3, 0].map(Some)
    );
    assert_eq!(free(99.9999, Down), Some(999_999));
    assert_eq!(free(100.0, Up), None);
}

#[test]
fn from_a_price_that_somebody_asks() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |percent, rounding: &str| {
        fixture::found(Problem::RoundsToFree, json!({"discount_percent": percent, "rounding": rounding}))
    };
    assert_eq!(found(99.0, "half_up"), ["promos[0].discount_percent"]);
    assert!(found(99.0, "up").is_empty());
    assert!(found(90.0, "down").is_empty());
    assert!(found(100.0, "down").is_empty());
}
