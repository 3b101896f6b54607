use super::{Case, Reason, Violation};

/// The order has fewer tickets in the promo's scope than it asks for.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let (least, has) = (case.promo.min_tickets?, case.in_scope);
    if has >= least {
        return None;
    }
    let (n, m) = (least.get(), has.get());
    let rest = format!("needs at least {n} tickets in its scope, the order has {m}");
    let mended = case.more_in_scope(least);
    case.refuse(Reason::BelowMinTickets, rest).map(|violation| violation.bound(least, has).mended_by(mended))
}

#[test]
fn the_bound_itself_is_enough() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"min_tickets": 3})));
    assert!(!refuses(condition, serde_json::json!({"min_tickets": 2})));
}
