use super::{Case, Reason, Violation};
use crate::judge::mend::Tickets;

/// The order has more tickets in the promo's scope than it allows.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let (most, has) = (case.promo.max_tickets?, case.in_scope);
    if has <= most {
        return None;
    }
    let (n, m) = (most.get(), has.get());
    let rest = format!("allows at most {n} tickets in its scope, the order has {m}");
    let mended = case.fewer_tickets(&[Tickets::Scope], has.minus(most));
    case.refuse(Reason::AboveMaxTickets, rest).map(|violation| violation.bound(most, has).mended_by(mended))
}

#[test]
fn the_bound_itself_is_allowed() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"max_tickets": 1})));
    assert!(!refuses(condition, serde_json::json!({"max_tickets": 2})));
}
