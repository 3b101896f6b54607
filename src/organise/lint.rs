//! `checkPromo`: what is suspicious in promotions and policy, before a buyer finds out.
//!
//! Each problem is one plain function, in a file that is named after the problem, and one line in [`PROBLEMS`].
//! Each problem is looked for by itself. An inactive or ended promotion is checked as if it were accepted.

mod admits_nobody;
mod aliases_count_apart;
mod amount_below_one_unit;
mod amount_can_be_whole_price;
mod amounts_without_currency;
mod automatic_without_limit;
mod bound;
mod caps_count_nobody;
mod caps_miss_listed;
mod code_not_ascii;
mod combines_with_free;
mod currency_missing;
mod currency_spelling;
mod discount_above_limit;
mod discount_never_applies;
mod email_malformed;
mod email_without_at;
mod empty_window;
mod ended;
mod facts_contradict;
mod first_order_without_limit;
mod free_beside_required;
mod free_part_can_be_kept;
mod free_whole_orders;
mod free_without_limit;
mod free_without_total;
mod gives_lost_uses_back;
mod group_excludes_all;
mod group_never_forms;
mod guessable_code;
mod hours_never_come;
mod keeps_group_price;
mod lifts_nothing;
mod limit_never_reached;
mod limit_per_event;
mod locked_without_code;
mod look_alike_characters;
mod look_alike_codes;
mod looks;
mod min_above_limit;
mod min_above_max;
mod nearly_free_without_limit;
mod never_best;
mod order_price_without_bound;
mod percent_below_one;
mod pool_limits_differ;
mod pool_without_limit;
mod priority_without_combines;
mod requirements_contradict;
mod rounds_to_free;
mod same_loose_form;
mod shared_kind_counted;
mod spans_databases;
mod subject;
mod tier_never_applies;
mod unlocks_nothing;
mod unlocks_without_limit;
mod without_zone;
mod zero_refuses;
mod zone_ends_soon;

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::Time;
use crate::documents::policy::Policy;
use crate::documents::promo::{Promo, promos};
use crate::documents::request::Index;
use crate::organise::problem::{Finding, Problem, Severity};
use subject::{Found, Subject, written};

/// All promotions that are sold under one policy: they are compared with each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The promotions, as they are stored.
    #[serde(deserialize_with = "promos")]
    pub promos: Vec<Promo>,
    /// The event's policy.
    #[serde(default)]
    pub policy: Policy,
    /// The present time. Null: codes that have ended are not reported.
    #[serde(default)]
    pub now_ms: Option<Time>,
    /// Whether each event has a database of its own, so that nothing is counted over several events.
    #[serde(default)]
    pub sharded: bool,
}

/// How a problem is looked for.
enum Look {
    /// In each promotion by itself.
    PerPromo(fn(&Subject, &mut Found)),
    /// In all promotions together, and in the policy.
    All(fn(&[Subject], &Policy, &mut Found)),
}
use Look::{All, PerPromo};

/// Every problem, in the order in which they are listed: the worst first.
const PROBLEMS: &[(Problem, Severity, Look)] = &[
    (Problem::FreeWithoutLimit, Severity::Danger, PerPromo(free_without_limit::lint)),
    (Problem::FreeWholeOrders, Severity::Danger, PerPromo(free_whole_orders::lint)),
    (Problem::OrderPriceWithoutBound, Severity::Danger, PerPromo(order_price_without_bound::lint)),
    (Problem::FreeBesideRequired, Severity::Danger, PerPromo(free_beside_required::lint)),
    (Problem::FreeWithoutTotal, Severity::Warning, PerPromo(free_without_total::lint)),
    (Problem::NearlyFreeWithoutLimit, Severity::Warning, PerPromo(nearly_free_without_limit::lint)),
    (Problem::UnlocksWithoutLimit, Severity::Warning, PerPromo(unlocks_without_limit::lint)),
    (Problem::GuessableCode, Severity::Warning, PerPromo(guessable_code::lint)),
    (Problem::AliasesCountApart, Severity::Warning, All(aliases_count_apart::lint)),
    (Problem::CapsCountNobody, Severity::Warning, All(caps_count_nobody::lint)),
    (Problem::CapsMissListed, Severity::Warning, PerPromo(caps_miss_listed::lint)),
    (Problem::SharedKindCounted, Severity::Warning, PerPromo(shared_kind_counted::lint)),
    (Problem::LimitPerEvent, Severity::Warning, PerPromo(limit_per_event::lint)),
    (Problem::SpansDatabases, Severity::Warning, All(spans_databases::lint)),
    (Problem::PoolLimitsDiffer, Severity::Warning, All(pool_limits_differ::lint)),
    (Problem::PoolWithoutLimit, Severity::Warning, All(pool_without_limit::lint)),
    (Problem::LimitNeverReached, Severity::Warning, All(limit_never_reached::lint)),
    (Problem::LockedWithoutCode, Severity::Warning, All(locked_without_code::lint)),
    (Problem::UnlocksNothing, Severity::Warning, PerPromo(unlocks_nothing::lint)),
    (Problem::LiftsNothing, Severity::Warning, PerPromo(lifts_nothing::lint)),
    (Problem::AmountsWithoutCurrency, Severity::Warning, PerPromo(amounts_without_currency::lint)),
    (Problem::CurrencyMissing, Severity::Warning, PerPromo(currency_missing::lint)),
    (Problem::CurrencySpelling, Severity::Warning, All(currency_spelling::lint)),
    (Problem::AmountBelowOneUnit, Severity::Warning, PerPromo(amount_below_one_unit::lint)),
    (Problem::PercentBelowOne, Severity::Warning, PerPromo(percent_below_one::lint)),
    (Problem::DiscountAboveLimit, Severity::Warning, PerPromo(discount_above_limit::lint)),
    (Problem::DiscountNeverApplies, Severity::Warning, PerPromo(discount_never_applies::lint)),
    (Problem::TierNeverApplies, Severity::Warning, PerPromo(tier_never_applies::lint)),
    (Problem::GroupNeverForms, Severity::Warning, PerPromo(group_never_forms::lint)),
    (Problem::FreePartCanBeKept, Severity::Warning, PerPromo(free_part_can_be_kept::lint)),
    (Problem::AdmitsNobody, Severity::Warning, PerPromo(admits_nobody::lint)),
    (Problem::ZeroRefuses, Severity::Warning, All(zero_refuses::lint)),
    (Problem::EmptyWindow, Severity::Warning, PerPromo(empty_window::lint)),
    (Problem::WithoutZone, Severity::Warning, PerPromo(without_zone::lint)),
    (Problem::ZoneEndsSoon, Severity::Warning, All(zone_ends_soon::lint)),
    (Problem::HoursNeverCome, Severity::Warning, PerPromo(hours_never_come::lint)),
    (Problem::MinAboveMax, Severity::Warning, PerPromo(min_above_max::lint)),
    (Problem::RequirementsContradict, Severity::Warning, PerPromo(requirements_contradict::lint)),
    (Problem::FactsContradict, Severity::Warning, PerPromo(facts_contradict::lint)),
    (Problem::FirstOrderWithoutLimit, Severity::Warning, PerPromo(first_order_without_limit::lint)),
    (Problem::MinAboveLimit, Severity::Warning, PerPromo(min_above_limit::lint)),
    (Problem::EmailWithoutAt, Severity::Warning, PerPromo(email_without_at::lint)),
    (Problem::EmailMalformed, Severity::Warning, PerPromo(email_malformed::lint)),
    (Problem::SameLooseForm, Severity::Warning, All(same_loose_form::lint)),
    (Problem::LookAlikeCodes, Severity::Warning, All(look_alike_codes::lint)),
    (Problem::LookAlikeCharacters, Severity::Warning, PerPromo(look_alike_characters::lint)),
    (Problem::CombinesWithFree, Severity::Warning, All(combines_with_free::lint)),
    (Problem::GroupExcludesAll, Severity::Warning, All(group_excludes_all::lint)),
    (Problem::NeverBest, Severity::Warning, PerPromo(never_best::lint)),
    (Problem::AutomaticWithoutLimit, Severity::Notice, PerPromo(automatic_without_limit::lint)),
    (Problem::PriorityWithoutCombines, Severity::Notice, PerPromo(priority_without_combines::lint)),
    (Problem::AmountCanBeWholePrice, Severity::Notice, PerPromo(amount_can_be_whole_price::lint)),
    (Problem::RoundsToFree, Severity::Notice, PerPromo(rounds_to_free::lint)),
    (Problem::KeepsGroupPrice, Severity::Notice, PerPromo(keeps_group_price::lint)),
    (Problem::GivesLostUsesBack, Severity::Notice, All(gives_lost_uses_back::lint)),
    (Problem::CodeNotAscii, Severity::Notice, PerPromo(code_not_ascii::lint)),
    (Problem::Ended, Severity::Notice, PerPromo(ended::lint)),
];

/// Everything suspicious in these documents, the worst problem first. The findings of one problem are in the order of
/// the promotions.
///
/// # Errors
/// If a document is malformed, or two share a code or an id.
///
/// # Example
/// ```
/// use redeemable::{Problem, Severity, check_promo, json};
///
/// let request = json::read(br#"{"promos": [{"code": "SPEAKER", "discount": {"kind": "free"}}]}"#)?;
/// let findings = check_promo(&request)?;
/// assert_eq!((findings[0].problem, findings[0].severity), (Problem::FreeWithoutLimit, Severity::Danger));
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn check_promo(request: &CheckRequest) -> Result<Vec<Finding>, Error> {
    Index::new(&request.promos)?;
    request.policy.verify()?;
    let (policy, now, sharded) = (&request.policy, request.now_ms, request.sharded);
    let promos = request.promos.iter().enumerate();
    let subjects: Vec<_> = promos
        .map(|(index, promo)| Subject { promo, code: promo.canonical_code(), policy, now, sharded, index })
        .collect();
    let mut findings = Vec::new();
    for &(problem, severity, ref look) in PROBLEMS {
        let mut found = Found { problem, severity, findings: &mut findings };
        match look {
            PerPromo(lint) => subjects.iter().for_each(|subject| lint(subject, &mut found)),
            All(lint) => lint(&subjects, policy, &mut found),
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod fixture {
    use super::*;
    use crate::crossing::json::read;
    use serde_json::{Value, json};

    /// Where `problem` is found in one promo with these fields, of code SUMMER and 20 percent off unless they say so.
    pub(super) fn found(problem: Problem, fields: Value) -> Vec<String> {
        found_in(problem, json!({ "promos": [promo(fields)] }))
    }

    /// Where `problem` is found in this request.
    pub(super) fn found_in(problem: Problem, request: Value) -> Vec<String> {
        let request: CheckRequest = read(request.to_string().as_bytes()).unwrap();
        let findings = check_promo(&request).unwrap().into_iter();
        findings.filter(|finding| finding.problem == problem).map(|finding| finding.path).collect()
    }

    pub(super) fn promo(fields: Value) -> Value {
        let mut promo = json!({"code": "SUMMER"});
        promo.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        if promo.get("discount").is_none() && promo.get("discount_percent").is_none() {
            promo["discount_percent"] = 20.into();
        }
        promo
    }
}

#[test]
fn every_problem_is_listed_once_the_worst_first() {
    let severities: Vec<_> = PROBLEMS.iter().map(|(_, severity, _)| *severity).collect();
    assert!(severities.is_sorted_by_key(|severity| match severity {
        Severity::Danger => 0,
        Severity::Warning => 1,
        Severity::Notice => 2,
    }));
    for (index, (problem, ..)) in PROBLEMS.iter().enumerate() {
        assert!(PROBLEMS[..index].iter().all(|(earlier, ..)| earlier != problem), "{problem:?}");
    }
}
