use std::collections::BTreeMap;

use super::{Found, Subject};
use crate::base::money::Integer;
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;

/// An id or a pool counts over several events, and each event has a database of its own.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    // A promotion whose list of events is empty is never used, so it counts nothing.
    let subjects: Vec<_> =
        subjects.iter().filter(|subject| subject.sharded && !is_for_none(subject.promo)).collect();
    let each = "but each event has a database of its own, which counts by itself";
    for subject in
        subjects.iter().filter(|subject| subject.promo.id.is_some() && only_event(subject.promo).is_none())
    {
        found.say(subject.at("id"), format!("the id of {} is for several events, {each}", subject.code));
    }
    let mut first = BTreeMap::new();
    for (position, subject) in subjects.iter().enumerate() {
        let event = only_event(subject.promo);
        for (index, pool) in subject.promo.pools.iter().enumerate() {
            let place = *first.entry(pool.id.to_string()).or_insert(Integer::count(position));
            let of_first = subjects.get(place.index()).and_then(|first| only_event(first.promo));
            if event.is_none() || event != of_first {
                let message =
                    format!("the pool {} of {} is for several events, {each}", pool.id, subject.code);
                found.say(subject.at(&format!("pools[{index}]")), message);
            }
        }
    }
}

fn is_for_none(promo: &Promo) -> bool {
    promo.events.as_ref().is_some_and(Vec::is_empty)
}

/// The one event that the promotion is for. `None` if it is for several, or for any.
fn only_event(promo: &Promo) -> Option<&str> {
    let (first, others) = promo.events.as_deref()?.split_first()?;
    others.iter().all(|event| event == first).then_some(first)
}

#[test]
fn an_id_of_several_events() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |id: Value, events: Value, sharded: Value| {
        let promo = json!({"code": "X", "discount_percent": 20, "id": id, "events": events});
        fixture::found_in(Problem::SpansDatabases, json!({"promos": [promo], "sharded": sharded}))
    };
    let (id, yes, null) = (json!("x"), json!(true), json!(null));
    assert_eq!(found(id.clone(), json!(["a", "b"]), yes.clone()), ["promos[0].id"]);
    assert_eq!(found(id.clone(), null.clone(), yes.clone()), ["promos[0].id"]);
    assert!(found(id.clone(), json!(["a", "a"]), yes.clone()).is_empty());
    assert!(found(id.clone(), json!([]), yes.clone()).is_empty());
    assert!(found(null.clone(), json!(["a", "b"]), yes).is_empty());
    assert!(found(id.clone(), null.clone(), json!(false)).is_empty());
    assert!(found(id, null.clone(), null).is_empty());
}

#[test]
fn a_pool_of_several_events() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |events: &[Value]| {
        let promos: Vec<_> = (0..)
            .zip(events)
            .map(|(index, events)| {
                let pools = json!([{"id": format!("own{index}"), "max_uses": 5}, {"id": "p", "max_uses": 5}]);
                json!({"code": format!("X{index}-CODE"), "discount_percent": 20, "events": events, "pools": pools})
            })
            .collect();
        fixture::found_in(Problem::SpansDatabases, json!({"promos": promos, "sharded": true}))
    };
    let (a, b, none) = (json!(["a"]), json!(["b"]), json!([]));
    assert!(found(&[a.clone(), a.clone(), none.clone()]).is_empty());
    assert_eq!(found(&[none, a.clone(), b.clone(), a.clone()]), ["promos[2].pools[1]"]);
    let both = ["promos[0].pools[0]", "promos[0].pools[1]"];
    assert_eq!(found(&[json!(null)]), both);
    assert_eq!(found(&[json!(["a", "b"])]), both);
}
