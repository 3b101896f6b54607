use super::{Case, Reason, Violation};

/// The organiser switched the code off.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    if case.promo.active {
        return None;
    }
    case.refuse(Reason::Inactive, "is not active")
}

#[test]
fn only_an_inactive_code_is_refused() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"active": false})));
    assert!(!refuses(condition, serde_json::json!({"active": true})));
    assert!(!refuses(condition, serde_json::json!({})));
}
