use super::{Found, Subject};
use crate::documents::policy::Policy;

/// 366 days.
const YEAR: u64 = 31_622_400_000;

/// The list of offsets ends within a year: after its last entry, clocks are taken not to change any more.
///
/// Who writes a list of one offset says that clocks never change there.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    let (Some(zone), Some(now)) = (&policy.zone, subjects.iter().find_map(|subject| subject.now)) else {
        return;
    };
    let needed = subjects.iter().any(|subject| subject.promo.needs_zone());
    let last = zone.last().filter(|_| zone.len() > 1 && needed);
    if let Some(last) = last.filter(|last| last.from_ms.get() < now.get().saturating_add(YEAR)) {
        let ends = last.from_ms.get();
        let message =
            format!("the list of zone ends at {ends} ms: later changes of the clocks are not known");
        found.say("policy.zone".into(), message);
    }
}

#[test]
fn a_list_of_several_offsets_lasts_a_year() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let offset = |from: u64| json!({"from_ms": from, "offset_minutes": 60});
    let found = |zone: Vec<Value>, fields, now: Value| {
        let request = json!({"promos": [fixture::promo(fields)], "policy": {"zone": zone}, "now_ms": now});
        fixture::found_in(Problem::ZoneEndsSoon, request)
    };
    let (now, later) = (1_800_000_000_000, 1_831_622_400_000);
    let day = || json!({"per_period": [{"every": "day", "max_uses": 3}]});
    assert_eq!(found(vec![offset(now), offset(later - 1)], day(), json!(now)), ["policy.zone"]);
    assert!(found(vec![offset(now), offset(later)], day(), json!(now)).is_empty());
    assert!(found(vec![offset(now), offset(later - 1)], day(), json!(null)).is_empty());
    assert!(found(vec![offset(now), offset(later - 1)], json!({}), json!(now)).is_empty());
    assert!(found(vec![offset(now)], day(), json!(now)).is_empty());
}
