use super::{Case, Reason, Violation};

/// The code is for other events.
pub(crate) fn check(case: &Case) -> Option<Violation> {
    let event = &case.order.event_id;
    if case.promo.events.as_ref().is_none_or(|events| events.contains(event)) {
        return None;
    }
    case.refuse(Reason::WrongEvent, format_args!("is not for the event {event}"))
}

#[test]
fn an_empty_list_admits_no_event() {
    use super::fixture::refuses;
    assert!(refuses(check, serde_json::json!({"events": []})));
    assert!(refuses(check, serde_json::json!({"events": ["Gala"]})));
    assert!(!refuses(check, serde_json::json!({"events": ["ball", "gala"]})));
    assert!(!refuses(check, serde_json::json!({})));
}
