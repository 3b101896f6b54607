use super::{Case, Reason, Violation};

/// The time window has ended. `ends_at_ms` itself is outside the window.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let end = case.promo.ends_at_ms.filter(|end| *end <= case.now && case.kept.is_none())?;
    case.refuse(Reason::Ended, format_args!("ended at {} ms", end.get()))
}

#[test]
fn the_last_instant_is_outside() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"ends_at_ms": 1_800_000_000_000_u64})));
    assert!(!refuses(condition, serde_json::json!({"ends_at_ms": 1_800_000_000_001_u64})));
}
