use std::collections::BTreeMap;

use super::{Found, Subject, written};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::documents::policy::Policy;

/// Promotions state different limits for one pool: each code stops at its own limit, so the pool has no one limit.
///
/// Inactive promotions count, too: entered beside another code of the pool, they lower its limit all the same.
pub(super) fn lint(subjects: &[Subject], _: &Policy, found: &mut Found) {
    let pools: Vec<_> = subjects
        .iter()
        .flat_map(|subject| (0..).zip(&subject.promo.pools).map(move |pool| (subject, pool)))
        .collect();
    let mut first = BTreeMap::new();
    for (position, (subject, (index, pool))) in pools.iter().enumerate() {
        let place = *first.entry(pool.id.to_string()).or_insert(Integer::count(position));
        let Some((earlier, (_, stated))) = pools.get(place.index()) else { continue };
        let uses = [pool.max_uses, stated.max_uses].map(|most| most.map(Amount::from));
        let of_person = [pool.max_uses_per_identity, stated.max_uses_per_identity];
        let of_person = of_person.map(|most| most.map(Amount::from));
        let budgets = [pool.budget.clone(), stated.budget.clone()];
        for (field, [here, there]) in
            [("max_uses", uses), ("max_uses_per_identity", of_person), ("budget", budgets)]
        {
            if here != there {
                let each =
                    |limit: Amount| limit.numbers().map(|(of, most)| written(most, of)).collect::<Vec<_>>();
                let says =
                    |limit: Option<Amount>| limit.map_or("none".into(), |limit| each(limit).join(", "));
                let (id, here, there) = (&pool.id, says(here), says(there));
                // Two promotions, for different events, have one code: the index tells them apart.
                let earlier = if earlier.code == subject.code {
                    format!("promos[{}]", earlier.index)
                } else {
                    earlier.code.clone()
                };
                let message = format!(
                    "{field} of the pool {id} is {here} in {} and {there} in {earlier}: \
                     each code stops at its own limit",
                    subject.code
                );
                found.say(subject.at(&format!("pools[{index}].{field}")), message);
            }
        }
    }
}

#[test]
fn each_limit_is_compared_with_the_first_statement() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |pools: [serde_json::Value; 3]| {
        let promos: Vec<_> = (0..)
            .zip(pools)
            .map(|(index, pools)| json!({"code": format!("X{index}-CODE"), "discount_percent": 20, "pools": pools}))
            .collect();
        fixture::found_in(Problem::PoolLimitsDiffer, json!({ "promos": promos }))
    };
    let p = |uses: u64| json!([{"id": "q", "budget": 7}, {"id": "p", "max_uses": uses}]);
    assert!(found([p(3), p(3), json!([])]).is_empty());
    assert_eq!(found([p(3), p(4), p(3)]), ["promos[1].pools[1].max_uses"]);
    let person = |uses: u64| json!([{"id": "p", "max_uses_per_identity": uses}]);
    assert_eq!(found([person(1), person(1), person(2)]), ["promos[2].pools[0].max_uses_per_identity"]);
    assert_eq!(
        found([p(3), json!([{"id": "p"}]), json!([{"id": "q"}])]),
        ["promos[1].pools[0].max_uses", "promos[2].pools[0].budget"]
    );
}
