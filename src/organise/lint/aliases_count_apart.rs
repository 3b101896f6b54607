use super::{Found, Subject};
use crate::documents::policy::{EmailAliases, Policy};

/// Something is limited per person, and each alias of one mailbox (`ann+2@example.org`) counts as another person.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    let counted =
        policy.identity_kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| &**kind == "email"));
    let exact = policy.email_aliases == EmailAliases::Exact;
    let limited = policy.caps() || subjects.iter().any(|subject| subject.promo.limits_persons());
    if exact && counted && limited {
        let leak = "ann@example.org and ann+2@example.org count as two persons, so one buyer can exceed every limit \
                    per person";
        found.say("policy.email_aliases".into(), leak.into());
    }
}

#[test]
fn only_where_persons_are_limited() {
    use super::{Problem, fixture};
    use serde_json::json;
    let found = |cap, policy| {
        let promo = json!({"code": "X", "discount_percent": 20, "max_uses_per_identity": cap});
        fixture::found_in(Problem::AliasesCountApart, json!({"promos": [promo], "policy": policy}))
    };
    let (none, exact) = (json!(null), json!({"email_aliases": "exact"}));
    assert_eq!(found(json!(1), exact.clone()), ["policy.email_aliases"]);
    assert!(found(none.clone(), exact).is_empty());
    assert!(found(json!(1), json!({})).is_empty());
    assert!(found(json!(1), json!({"email_aliases": "exact", "identity_kinds": ["npub"]})).is_empty());
    let policy =
        json!({"email_aliases": "exact", "identity_kinds": ["email"], "max_tickets_per_identity": 4});
    assert_eq!(found(none, policy).len(), 1);
}
