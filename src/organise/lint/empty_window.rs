use super::{Found, Subject};

/// The window ends when it starts, or before.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let window = subject.promo.starts_at_ms.zip(subject.promo.ends_at_ms);
    if let Some((start, end)) = window.filter(|(start, end)| end <= start) {
        let message = format!(
            "{} starts at {} ms and has ended at {} ms, so it is never accepted",
            subject.code,
            start.get(),
            end.get()
        );
        found.say(subject.at("ends_at_ms"), message);
    }
}

#[test]
fn a_window_of_a_millisecond_is_one() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |end: u64| {
        fixture::found(
            Problem::EmptyWindow,
            json!({"starts_at_ms": 1_800_000_000_000_u64, "ends_at_ms": end}),
        )
    };
    assert_eq!(found(1_799_999_999_999), ["promos[0].ends_at_ms"]);
    assert_eq!(found(1_800_000_000_000), ["promos[0].ends_at_ms"]);
    assert!(found(1_800_000_000_001).is_empty());
}
