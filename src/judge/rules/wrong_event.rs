use super::{Case, Reason, Violation};

/// The code is for other events.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let event = &case.order.event_id;
    if case.promo.is_for(event) {
        return None;
    }
    case.refuse(Reason::WrongEvent, format_args!("is not for the event {event}"))
}

#[test]
fn an_empty_list_admits_no_event() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"events": []})));
    assert!(refuses(condition, serde_json::json!({"events": ["Gala"]})));
    assert!(!refuses(condition, serde_json::json!({"events": ["ball", "gala"]})));
    assert!(!refuses(condition, serde_json::json!({})));
}

#[test]
fn an_excluded_event_is_out_also_where_it_is_listed() {
    use super::fixture::refuses;
    assert!(refuses(condition, serde_json::json!({"exclude_events": ["gala"]})));
    assert!(refuses(condition, serde_json::json!({"events": ["gala", "ball"], "exclude_events": ["gala"]})));
    assert!(!refuses(condition, serde_json::json!({"events": ["gala", "ball"], "exclude_events": ["ball"]})));
    assert!(!refuses(condition, serde_json::json!({"exclude_events": []})));
}
