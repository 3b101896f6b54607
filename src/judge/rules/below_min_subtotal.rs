use super::{Case, Reason, Violation};
use crate::documents::promo::SubtotalOf;

/// The order, or its tickets in the promo's scope, cost less before any discount than the promo asks for.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let least = case.money(&case.promo.min_subtotal)?;
    let of = case.subtotal_of();
    let has = case.subtotal(of);
    if has >= least {
        return None;
    }
    let (n, m) = (least.get(), has.get());
    let rest = match case.promo.subtotal_of {
        SubtotalOf::Order => format!("needs a subtotal of at least {n}, the order has {m}"),
        SubtotalOf::Scope => format!("needs a subtotal of at least {n} in its scope, the order has {m}"),
    };
    let mended = case.more_subtotal(&[of], least.minus(has));
    case.refuse(Reason::BelowMinSubtotal, rest).map(|violation| violation.bound(least, has).mended_by(mended))
}

#[test]
fn the_bound_itself_is_enough() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"min_subtotal": 1001})));
    assert!(!refuses(condition, serde_json::json!({"min_subtotal": 1000})));
}

#[test]
fn only_tickets_in_scope_add_up_if_it_says_so() {
    use super::fixture::refuses;
    let of = |of: &str| serde_json::json!({"min_subtotal": 1, "ticket_types": ["vip"], "subtotal_of": of});
    assert!(refuses(condition, of("scope")));
    assert!(!refuses(condition, of("order")));
}
