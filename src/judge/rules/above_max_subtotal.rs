use super::{Case, Reason, Violation};
use crate::documents::promo::SubtotalOf;

/// The order, or its tickets in the promo's scope, cost more before any discount than the promo allows.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let most = case.money(&case.promo.max_subtotal)?;
    let of = case.subtotal_of();
    let has = case.subtotal(of);
    if has <= most {
        return None;
    }
    let (n, m) = (most.get(), has.get());
    let rest = match case.promo.subtotal_of {
        SubtotalOf::Order => format!("allows a subtotal of at most {n}, the order has {m}"),
        SubtotalOf::Scope => format!("allows a subtotal of at most {n} in its scope, the order has {m}"),
    };
    let mended = case.less_subtotal(of, has.minus(most));
    case.refuse(Reason::AboveMaxSubtotal, rest).map(|violation| violation.bound(most, has).mended_by(mended))
}

#[test]
fn the_bound_itself_is_allowed() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"max_subtotal": 999})));
    assert!(!refuses(condition, serde_json::json!({"max_subtotal": 1000})));
}

#[test]
fn only_tickets_in_scope_add_up_if_it_says_so() {
    use super::fixture::refuses;
    let of = |of: &str| serde_json::json!({"max_subtotal": 999, "ticket_types": ["vip"], "subtotal_of": of});
    assert!(!refuses(condition, of("scope")));
    assert!(refuses(condition, of("order")));
}
