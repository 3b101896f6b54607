use super::bound::names_a_person;
use super::{Found, Subject};

/// The code is limited per person and is for listed persons, but the kind that is listed (`npub`, say) is not counted.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let Some(kinds) = subject.policy.identity_kinds.as_ref().filter(|kinds| !kinds.is_empty()) else {
        return;
    };
    if !subject.promo.limits_persons() {
        return;
    }
    for (kind, entries) in subject.promo.only_for.iter().flatten() {
        // A kind that many buyers share, such as a role, is rightly left out.
        if !kinds.contains(kind) && !entries.is_empty() && names_a_person(kind) {
            let message = format!(
                "{} lists buyers by {kind}, but limits per person do not count by {kind}: identity_kinds leaves it out",
                subject.code
            );
            found.say(subject.at(&format!("only_for.{kind}")), message);
        }
    }
}

#[test]
fn each_listed_kind_wants_to_be_counted() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |cap, kinds| {
        let listed = json!({"email": ["ann@example.org"], "npub": ["npub1x"], "card": []});
        let promo =
            json!({"code": "X", "discount_percent": 20, "max_uses_per_identity": cap, "only_for": listed});
        fixture::found_in(
            Problem::CapsMissListed,
            json!({"promos": [promo], "policy": {"identity_kinds": kinds}}),
        )
    };
    assert_eq!(found(json!(1), json!(["email"])), ["promos[0].only_for.npub"]);
    assert!(found(json!(1), json!(["email", "npub"])).is_empty());
    assert!(found(json!(1), json!(null)).is_empty());
    assert!(found(json!(null), json!(["email"])).is_empty());
    let member = fixture::promo(json!({"max_uses_per_identity": 1, "only_for": {"role": ["member"]}}));
    let works = json!({"promos": [member], "policy": {"identity_kinds": ["email"]}});
    assert!(fixture::found_in(Problem::CapsMissListed, works).is_empty());
}
