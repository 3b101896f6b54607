use super::bound::{names_a_person, per_person};
use super::{Found, Subject};

/// Limits per person count a kind of identity that many buyers share, such as a role, as one person.
///
/// If the policy names such a kind in `identity_kinds`, it is taken to identify one person, unless the limits of the
/// promotion show that many buyers share it.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    if !per_person(subject, promo.takes().makes_free()) {
        return;
    }
    for (kind, entries) in promo.only_for.iter().flatten() {
        // If each listed value were one person, all these persons together could not use `max_uses` up.
        let listed = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let for_many = promo
            .max_uses()
            .zip(promo.max_uses_per_identity)
            .is_some_and(|(all, each)| each.get().saturating_mul(listed) < all.get());
        let counted = match &subject.policy.identity_kinds {
            None => true,
            Some(kinds) => kinds.contains(kind) && for_many,
        };
        if counted && !entries.is_empty() && !names_a_person(kind) {
            let message = "and limits per person count all buyers with the same";
            let message = format!("{} lists buyers by {kind}, {message} {kind} as one person", subject.code);
            found.say(subject.at(&format!("only_for.{kind}")), message);
        }
    }
}

#[test]
fn a_role_is_no_person() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |listed: Value, max_uses: Value, policy: Value| {
        let mut promo = fixture::promo(json!({"only_for": listed, "max_uses": max_uses}));
        promo["max_uses_per_identity"] = 1.into();
        fixture::found_in(Problem::SharedKindCounted, json!({"promos": [promo], "policy": policy}))
    };
    let (null, member) = (json!(null), json!({"role": ["member"]}));
    let kinds = |kinds: &[&str]| json!({"identity_kinds": kinds});
    assert_eq!(found(member.clone(), json!(500), json!({})), ["promos[0].only_for.role"]);
    assert_eq!(found(member.clone(), null.clone(), json!({})), ["promos[0].only_for.role"]);
    // These documents do what they should: members are listed by role and counted by e-mail.
    assert!(found(member.clone(), json!(500), kinds(&["email"])).is_empty());
    // The policy says that a badge belongs to one person. That is believed, unless `max_uses` is more than the listed
    // badges can use.
    assert!(found(json!({"badge": ["1", "2"]}), json!(2), kinds(&["badge"])).is_empty());
    assert_eq!(
        found(json!({"badge": ["1", "2"]}), json!(3), kinds(&["badge"])),
        ["promos[0].only_for.badge"]
    );
    assert!(found(member.clone(), null.clone(), kinds(&["email", "role"])).is_empty());
    for kind in ["email", "npub", "account", "card", "phone", "user", "customer"] {
        assert!(found(json!({kind: ["a"]}), json!(500), json!({})).is_empty(), "{kind}");
    }
    assert!(found(json!({"role": []}), null, json!({})).is_empty());
}

#[test]
fn whatever_limits_a_person() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |percent, policy| {
        let promo = json!({"code": "X", "discount_percent": percent, "only_for": {"role": ["member"]}});
        fixture::found_in(Problem::SharedKindCounted, json!({"promos": [promo], "policy": policy})).len()
    };
    assert_eq!(found(10, json!({})), 0);
    assert_eq!(found(10, json!({"max_tickets_per_identity": 4})), 1);
    assert_eq!(found(10, json!({"max_free_tickets_per_identity": 4})), 0);
    assert_eq!(found(100, json!({"max_free_tickets_per_identity": 4})), 1);
}
