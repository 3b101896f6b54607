//! The promotions of a view beside each other, and whether a page decides with them as the server does.

use super::Place;
use crate::base::money::{Bounded, Time};
use crate::base::text::Name;
use crate::documents::charge::MAX_REFERENCES;
use crate::documents::choose::Choose;
use crate::documents::lifts::Lifts;
use crate::documents::promo::{Pool, Promo};
use crate::judge::best::{MAX_WEIGHED, is_fixed};
use crate::judge::limits::{of_code, of_policy};
use crate::judge::set::Member;
use crate::organise::times;

/// A promotion, and what the view has of it.
pub(super) struct Shown<'a> {
    pub member: Member<'a>,
    pub seen: Promo,
}

/// The promotions of a view: the code that was typed, then automatic ones as the documents have them.
#[derive(Default)]
pub(super) struct Together<'a> {
    shown: Vec<Shown<'a>>,
    /// Whether the code is not accepted. Then every order is refused, and nothing else applies.
    refused: bool,
}

impl<'a> Together<'a> {
    /// Takes the code that was typed, if the browser may know it.
    pub(super) fn put(&mut self, typed: Shown<'a>, told: bool) {
        self.refused = !told;
        self.join(typed, told);
    }

    /// Takes a promotion if it may apply to an order in view.
    pub(super) fn join(&mut self, shown: Shown<'a>, may_apply: bool) {
        self.shown.extend(Some(shown).filter(|_| may_apply && !self.refused));
    }

    /// Leaves out what never applies beside the others. The answer is whether the view decides as the server does, and
    /// until when.
    pub(super) fn choose(&mut self, place: &Place<'a>) -> (bool, Option<Time>) {
        let remain = self.shown.len();
        let typed = self.shown.first().map(|shown| shown.member).filter(|member| member.typed);
        let choose = place.asked.policy.choose;
        self.shown.retain(|Shown { member, .. }| match choose {
            _ if member.typed => true,
            Choose::Entered => typed.is_none_or(|typed| member.stands_with(&typed)),
            // What takes nothing off is no better than nothing, unless it stands in for a code that was typed.
            Choose::Best => !member.promo.takes().is_none() || typed.is_some_and(|typed| !is_fixed(&typed)),
        });
        let is_weighed = match choose {
            Choose::Entered => self.shown.len() <= MAX_WEIGHED,
            Choose::Best => self.shown.len() <= 1 && remain <= MAX_WEIGHED,
        };
        let complete = is_weighed && !self.share_limits() && self.is_recordable(place);
        let until = |shown: &Shown| times::until(shown.member.promo, place.asked.policy, place.asked.now_ms);
        (complete, self.shown.iter().filter_map(until).min())
    }

    /// What the browser sees of the promotions. Of their habits with each other it sees those that matter.
    pub(super) fn seen(self) -> Vec<Promo> {
        if self.shown.len() < 2 {
            return self.shown.into_iter().map(|shown| shown.seen).collect();
        }
        let promos: Vec<&Promo> = self.shown.iter().map(|shown| shown.member.promo).collect();
        let seen = self.shown.into_iter().map(|Shown { member: Member { promo, .. }, seen }| Promo {
            combines: promo.combines,
            group: group(promo, &promos),
            priority: rank(promo, &promos),
            ..seen
        });
        seen.collect()
    }

    /// Whether two promotions name a pool that one of them limits: the limit that the view has for one of them does not
    /// know what the other one uses.
    fn share_limits(&self) -> bool {
        let pools = |shown: &Shown<'a>| -> &'a [Pool] { &shown.member.promo.pools };
        let limits = |pool: &Pool| {
            pool.max_uses.is_some() || pool.max_uses_per_identity.is_some() || pool.budget.is_some()
        };
        let share = |one: &Pool, other: &Pool| one.id == other.id && (limits(one) || limits(other));
        self.shown.iter().enumerate().any(|(place, one)| {
            let others = self.shown.iter().take(place).flat_map(pools);
            pools(one).iter().any(|own| others.clone().any(|other| share(own, other)))
        })
    }

    /// Whether no order in view charges more than a record may have. If it does, automatic promotions are left out.
    fn is_recordable(&self, place: &Place<'a>) -> bool {
        if self.shown.iter().all(|shown| shown.member.typed) {
            return true;
        }
        let of_event = of_policy(&place.sight(None, true).scene, Lifts::default()).len();
        let of_promo = |Shown { member: Member { code, promo, typed }, .. }: &Shown<'a>| {
            of_code(promo, code, &place.sight(Some(promo), *typed).scene, None).len()
        };
        let counters = self.shown.iter().map(of_promo).fold(of_event, usize::saturating_add);
        let references = u64::try_from(counters).unwrap_or(u64::MAX).saturating_mul(place.up_to);
        usize::try_from(references).is_ok_and(|references| references <= MAX_REFERENCES)
    }
}

/// The promotion's group under another name, if one of the others is in it.
fn group(promo: &Promo, promos: &[&Promo]) -> Option<Name> {
    let mut grouped = promos.iter().enumerate().filter(|(_, other)| other.is_grouped_with(promo));
    let (first, _) = grouped.next()?;
    grouped.next().and_then(|_| Name::new(first.to_string()))
}

/// How many lower priorities there are.
fn rank(promo: &Promo, promos: &[&Promo]) -> Bounded<0, 1000> {
    let mut lower: Vec<u64> = promos.iter().map(|other| other.priority.get()).collect();
    lower.retain(|priority| *priority < promo.priority.get());
    lower.sort_unstable();
    lower.dedup();
    u64::try_from(lower.len()).ok().and_then(Bounded::new).unwrap_or_default()
}
