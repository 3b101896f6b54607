use super::{Case, Reason, Violation};

/// It is none of the promo's hours. Without a zone there is no local time: a promo that needs it is refused, unless the
/// record with which it keeps its time says in which periods it counts.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    if !case.promo.needs_zone() {
        return None;
    }
    if let Some(kept) = case.kept
        && (case.local.is_some() || kept.has_buckets(case.promo, case.code))
    {
        return None;
    }
    let within = |local| {
        case.promo.weekly.as_ref().is_none_or(|weekly| weekly.iter().any(|hours| hours.contain(local)))
    };
    if case.local.is_some_and(within) {
        return None;
    }
    case.refuse(Reason::OutsideHours, "is not valid at this hour")
}

#[test]
fn hours_are_local() {
    use super::fixture::refuses;
    let refused = |from: u64, to: u64| {
        let hours = serde_json::json!([{"days": [5], "from_minute": from, "to_minute": to}]);
        refuses(condition, serde_json::json!({ "weekly": hours }))
    };
    assert!(!refused(540, 541));
    assert!(refused(541, 600));
    assert!(refused(480, 540));
    let per_day = serde_json::json!([{"every": "day", "max_uses": 0}]);
    assert!(!refuses(condition, serde_json::json!({ "per_period": per_day })));
}
