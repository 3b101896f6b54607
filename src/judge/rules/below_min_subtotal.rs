use super::{Case, Reason, Violation};
use crate::documents::qualify::{Change, ToQualify};

/// The whole order costs less, before any discount, than the promo asks for.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let least = case.promo.min_subtotal.as_ref()?.of(&case.order.currency)?;
    let has = case.subtotal;
    if has >= least {
        return None;
    }
    let (n, m) = (least.get(), has.get());
    let rest = format!("needs a subtotal of at least {n}, the order has {m}");
    let mended = ToQualify { of: None, change: Change::AddSubtotal, by: least.minus(has) };
    case.refuse(Reason::BelowMinSubtotal, rest)
        .map(|violation| violation.bound(least, has).mended_by(Some(mended)))
}

#[test]
fn the_bound_itself_is_enough() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"min_subtotal": 1001})));
    assert!(!refuses(condition, serde_json::json!({"min_subtotal": 1000})));
}
