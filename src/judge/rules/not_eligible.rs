use super::{Case, Reason, Violation};
use crate::base::text::canonical_identity;
use crate::documents::policy::EmailAliases;

/// The code is only for listed buyers, and the order has none of the listed identities; or the order's facts do not
/// meet a condition.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let conditions = case.promo.only_if.as_ref();
    let met = conditions.is_none_or(|all| all.iter().all(|condition| condition.holds(&case.order.facts)));
    if met && is_listed(case) {
        return None;
    }
    case.refuse(Reason::NotEligible, "is only for listed buyers")
}

fn is_listed(case: &Case) -> bool {
    let Some(listed) = &case.promo.only_for else { return true };
    let fold = case.policy.email_aliases == EmailAliases::Fold;
    let admits = |kind: &str, entry: &str, value: &str| {
        let entry = canonical_identity(kind, entry, fold);
        let of_domain = kind == "email" && entry.starts_with('@');
        // A domain is what follows the last `@`, so that its subdomains are other domains.
        let domain = value.rfind('@').and_then(|at| value.get(at..));
        if of_domain { domain == Some(entry.as_str()) } else { entry == value }
    };
    let mut identities = case.identities.iter().filter_map(|identity| identity.canonical.split_once(':'));
    identities.any(|(kind, value)| {
        listed.get(kind).is_some_and(|entries| entries.iter().any(|entry| admits(kind, entry, value)))
    })
}

#[test]
fn any_listed_identity_admits() {
    use super::fixture::refuses;
    let refused = |only_for| refuses(condition, serde_json::json!({ "only_for": only_for }));
    assert!(!refused(serde_json::json!({"npub": ["npub1x"], "email": ["ANN@example.org "]})));
    assert!(!refused(serde_json::json!({"email": ["@Example.org"]})));
    assert!(refused(serde_json::json!({"email": ["@org", "@n@example.org", "@sub.example.org"]})));
    assert!(refused(serde_json::json!({"account": ["ann@example.org"]})));
    assert!(refused(serde_json::json!({"email": []})));
    assert!(refused(serde_json::json!({})));
}
