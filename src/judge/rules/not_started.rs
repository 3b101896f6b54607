use super::{Case, Reason, Violation};

/// The time window has not begun. `starts_at_ms` itself is inside the window.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let start = case.promo.starts_at_ms.filter(|start| case.now < *start && case.kept.is_none())?;
    case.refuse(Reason::NotStarted, format_args!("starts at {} ms", start.get()))
}

#[test]
fn the_first_instant_is_inside() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"starts_at_ms": 1_800_000_000_001_u64})));
    assert!(!refuses(condition, serde_json::json!({"starts_at_ms": 1_800_000_000_000_u64})));
}
