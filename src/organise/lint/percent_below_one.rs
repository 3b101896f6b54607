use super::{Found, Subject};

/// One percent, in ten-thousandths.
const ONE: u32 = 10_000;

/// Less than one percent off: most often a fraction of 1 where a number up to 100 is wanted.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    for (field, discount) in subject.discounts() {
        let percent = discount.percent().map(|percent| percent.ten_thousandths());
        let Some(percent) = percent.filter(|percent| (1..ONE).contains(percent)) else { continue };
        let written = format!("0.{percent:04}");
        let message = format!(
            "{} takes {} percent off, which is less than one; a fifth of the price is 20",
            subject.code,
            written.trim_end_matches('0')
        );
        found.say(subject.at(&field), message);
    }
}

#[test]
fn in_both_spellings() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |percent: f64| {
        let short = json!({"discount_percent": percent});
        let long = json!({"discount": {"kind": "percent", "percent": percent}});
        [short, long].map(|fields| fixture::found(Problem::PercentBelowOne, fields))
    };
    for percent in [0.2, 0.0001, 0.9999] {
        assert_eq!(found(percent), [["promos[0].discount_percent"], ["promos[0].discount"]], "{percent}");
    }
    for percent in [0.0, 1.0, 1.5, 20.0] {
        assert!(found(percent).iter().all(Vec::is_empty), "{percent}");
    }
}
