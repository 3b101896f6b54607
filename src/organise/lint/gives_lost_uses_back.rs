use super::{Found, Subject};
use crate::documents::policy::{Give, Policy, ReleaseRules};

/// A rule gives uses back for a no-show, a dispute or a forfeit, which keep them by default.
pub(super) fn lint(subjects: &[Subject], policy: &Policy, found: &mut Found) {
    for subject in subjects {
        rules(&subject.promo.release, &subject.at("release"), &subject.code, found);
    }
    rules(&policy.release, "policy.release", "the policy", found);
}

fn rules(rules: &ReleaseRules, path: &str, whose: &str, found: &mut Found) {
    for (reason, rule) in
        [("forfeited", rules.forfeited), ("no_show", rules.no_show), ("disputed", rules.disputed)]
    {
        let rule = rule.unwrap_or_default();
        for (field, says, what) in
            [("uses", rule.uses, "uses"), ("identity", rule.identity, "a person's uses")]
        {
            if says == Some(Give::Restore) {
                found.say(
                    format!("{path}.{reason}.{field}"),
                    format!("{whose} gives {what} back when a ticket is released as {reason}"),
                );
            }
        }
    }
}

#[test]
fn only_what_the_table_keeps() {
    use super::{Problem, fixture};
    use serde_json::json;
    let release = json!({
        "refunded": {"uses": "restore"},
        "forfeited": {"uses": "restore", "identity": "keep"},
        "no_show": {"identity": "restore"},
        "disputed": {"until_ms": 1_800_000_000_000_u64},
    });
    assert_eq!(
        fixture::found(Problem::GivesLostUsesBack, json!({"release": release})),
        ["promos[0].release.forfeited.uses", "promos[0].release.no_show.identity"]
    );
    let policy = json!({"release": {"disputed": {"uses": "restore", "identity": "restore"}}});
    assert_eq!(
        fixture::found_in(Problem::GivesLostUsesBack, json!({"promos": [], "policy": policy})),
        ["policy.release.disputed.uses", "policy.release.disputed.identity"]
    );
}
