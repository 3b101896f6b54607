//! What limits how many tickets a promotion discounts. The problems about leaked codes share this.

use super::Subject;
use crate::documents::promo::Pool;

/// Whether limits hold for all buyers together, for each person, or not at all.
#[derive(PartialEq)]
pub(super) enum Bound {
    /// There is no limit.
    Nobody,
    /// Each person is limited, or only listed persons may buy. Whoever has more identities can take more.
    Persons,
    /// All buyers together are limited.
    All,
}

/// For whom the limits on this promotion hold. With `free`, the policy's limit on free tickets counts, too.
///
/// `max_discount` and `max_tickets_per_order` limit one order, but a buyer may place any number of orders. A time
/// window does not limit how many tickets are sold within it, but with limits per period it does.
pub(super) fn bound(subject: &Subject, free: bool) -> Bound {
    let Subject { promo, .. } = subject;
    let limits = |pool: &Pool| pool.max_uses.is_some() || pool.budget.is_some();
    // So many uses a day are no limit without a last day.
    let per_period =
        promo.per_period.iter().any(|period| period.max_uses.is_some()) && promo.ends_at_ms.is_some();
    let limited =
        promo.max_uses().is_some() || promo.budget.is_some() || promo.pools.iter().any(limits) || per_period;
    let per_person = per_person(subject, free);
    if limited || (per_person && names_persons(subject)) {
        Bound::All
    } else if per_person || promo.only_for.is_some() {
        Bound::Persons
    } else {
        Bound::Nobody
    }
}

/// Whether something bounds how many tickets one order gets free.
pub(super) fn per_order(subject: &Subject) -> bool {
    let Subject { promo, policy, .. } = subject;
    promo.max_tickets_per_order.is_some()
        || promo.max_tickets.is_some()
        || promo.max_discount.is_some()
        || promo.budget.is_some()
        || promo.pools.iter().any(|pool| pool.budget.is_some())
        || promo.takes().groups().is_some_and(|kind| kind.max_groups.is_some())
        || policy.max_tickets_per_identity.is_some()
        || policy.max_free_tickets_per_identity.is_some()
}

/// Whether a person is limited, by the promotion or by the policy.
pub(super) fn per_person(subject: &Subject, free: bool) -> bool {
    let policy = subject.policy;
    let promo = subject.promo;
    let of_periods = promo.per_period.iter().filter(|period| period.max_uses_per_identity.is_some()).count();
    let without_end = if promo.ends_at_ms.is_none() { of_periods } else { 0 };
    promo.caps().count() > without_end
        || policy.max_tickets_per_identity.is_some()
        || (free && policy.max_free_tickets_per_identity.is_some())
}

/// Whether no two persons have the same identity of this kind, such as `email`. Many may share one of another kind,
/// such as `role`.
pub(super) fn names_a_person(kind: &str) -> bool {
    matches!(kind, "email" | "npub" | "account" | "card" | "phone" | "user" | "customer")
}

/// Whether the promotion is only for listed persons, each of whom the limits per person count. A listed domain
/// (`@example.org`) is any number of persons.
fn names_persons(subject: &Subject) -> bool {
    let kinds = subject.policy.identity_kinds.as_ref();
    subject.promo.only_for.as_ref().is_some_and(|listed| {
        listed.iter().filter(|(_, entries)| !entries.is_empty()).all(|(kind, entries)| {
            let domain = |entry: &str| &**kind == "email" && entry.trim().starts_with('@');
            kinds.is_none_or(|kinds| kinds.contains(kind)) && !entries.iter().any(|entry| domain(entry))
        })
    })
}
