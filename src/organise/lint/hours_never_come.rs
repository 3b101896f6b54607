use super::{Found, Subject};
use crate::base::money::Time;

const MINUTE: u64 = 60_000;
/// Two weeks, in minutes. So every hour of the week comes, even if clocks are put forward over it once.
const LONG: u64 = 20_160;

/// No moment between `starts_at_ms` and `ends_at_ms` is within the hours.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let Some(weekly) = &subject.promo.weekly else { return };
    if subject.policy.zone.is_none() {
        return; // that is the problem `without_zone`
    }
    let within = |at: Time| {
        subject.policy.local(at).is_some_and(|local| weekly.iter().any(|hours| hours.contain(local)))
    };
    let window = subject.promo.starts_at_ms.zip(subject.promo.ends_at_ms).filter(|(start, end)| start < end);
    let comes = match window {
        None => weekly.iter().any(|hours| !hours.days.is_empty()),
        // Hours begin and end with a minute, so one moment of each minute is enough: its first one in the window.
        Some((start, end)) => (0..=LONG)
            .map(|minutes| start.get().saturating_add(minutes.saturating_mul(MINUTE)))
            .map(|at| if at == start.get() { at } else { at.saturating_sub(at % MINUTE) })
            .map_while(|at| Time::new(at).filter(|at| *at < end))
            .any(within),
    };
    if !comes {
        let message =
            format!("none of the hours of {} is in its time window, so it is never accepted", subject.code);
        found.say(subject.at("weekly"), message);
    }
}

#[test]
fn one_minute_of_the_window_is_enough() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    // Monday 2026-11-30 00:00 in UTC, 01:00 there.
    let monday = 1_795_996_800_000_u64;
    let found = |start: Value, end: Value, days: Value| {
        let hours = json!([{"days": days, "from_minute": 120, "to_minute": 180}]);
        let promo = fixture::promo(json!({"weekly": hours, "starts_at_ms": start, "ends_at_ms": end}));
        let zone = json!([{"from_ms": monday, "offset_minutes": 60}]);
        fixture::found_in(Problem::HoursNeverCome, json!({"promos": [promo], "policy": {"zone": zone}}))
    };
    let at = |minutes: u64, ms: u64| json!(monday + minutes * 60_000 + ms);
    assert_eq!(found(at(0, 0), at(60, 0), json!([1])), ["promos[0].weekly"]);
    assert!(found(at(0, 0), at(60, 1), json!([1])).is_empty());
    assert!(found(at(119, 59_999), at(300, 0), json!([1])).is_empty());
    assert_eq!(found(at(120, 0), at(300, 0), json!([1])).len(), 1);
    assert!(found(at(0, 1), at(8 * 1440, 0), json!([7])).is_empty());
    // Only the first millisecond of a minute is within, and the window begins in the minute before.
    assert!(found(at(59, 30_000), at(60, 1), json!([1])).is_empty());
    // A window that never begins is another problem.
    assert!(found(at(0, 0), at(0, 0), json!([1])).is_empty());
    assert!(found(at(1, 0), at(0, 0), json!([1])).is_empty());
    assert!(found(at(0, 0), json!(null), json!([7])).is_empty());
    assert_eq!(found(at(0, 0), json!(null), json!([])).len(), 1);
}
