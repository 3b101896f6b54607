use super::{Found, Subject};
use crate::base::money::Integer;
use crate::base::text::Names;
use crate::documents::policy::Policy;
use crate::documents::promo::Pool;

/// No promotion gives the pool a limit, so the pool limits nothing.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let uses = |pool: &Pool| pool.max_uses.or(pool.max_uses_per_identity);
    let unlimited = |pool: &Pool| uses(pool).is_none() && pool.budget.is_none();
    let mut limited = Names::new();
    for pool in subjects.iter().flat_map(|subject| &subject.promo.pools).filter(|pool| !unlimited(pool)) {
        limited.insert(pool.id.to_string(), Integer::ZERO);
    }
    for subject in subjects {
        let pools = subject.promo.pools.iter().enumerate();
        // A pool that another promotion limits is the problem `pool_limits_differ`.
        for (index, pool) in pools.filter(|(_, pool)| unlimited(pool) && !limited.contains_key(&*pool.id)) {
            let message = format!(
                "the pool {} of {} has no limit of uses or money, and limits nothing",
                pool.id, subject.code
            );
            found.say(subject.at(&format!("pools[{index}]")), message);
        }
    }
}

#[test]
fn unless_it_is_limited_elsewhere() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |p| {
        let first = json!({"code": "FIRST", "discount_percent": 20, "pools": [{"id": "q", "budget": 5}, {"id": "p"}]});
        let second = json!({"code": "SECOND", "discount_percent": 20, "pools": [p]});
        fixture::found_in(Problem::PoolWithoutLimit, json!({"promos": [first, second]}))
    };
    assert_eq!(found(json!({"id": "p"})), ["promos[0].pools[1]", "promos[1].pools[0]"]);
    assert!(found(json!({"id": "p", "max_uses": 5})).is_empty());
    assert!(found(json!({"id": "p", "max_uses_per_identity": 5})).is_empty());
}
