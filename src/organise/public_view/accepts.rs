//! Which promotions a view is about.

use super::Sight;
use super::discount::{Amounts, most_groups};
use crate::base::money::{Integer, Time};
use crate::documents::decision::PublicReason;
use crate::documents::promo::{Promo, Requirement, SubtotalOf};
use crate::judge::limits::Scene;
use crate::judge::pricing::Pricing;
use crate::judge::rules::{self, Case};

impl Sight<'_> {
    /// Whether a buyer may know that the code exists. The quantities in the order make no difference.
    pub(super) fn accepts(&self, promo: &Promo, code: &str, now: Time) -> bool {
        let Scene { order, policy, identities, .. } = self.scene;
        let (in_scope, local) = (Integer::ZERO, self.scene.local);
        let case = Case { promo, code, order, identities, policy, in_scope, now, local, kept: None };
        rules::violations(&case).iter().all(|violation| violation.public_reason != PublicReason::NotAccepted)
    }

    /// Whether there may be an order in view to which the automatic promotion applies. `seen` is what the view has of
    /// it.
    pub(super) fn may_apply(&self, seen: &Promo) -> bool {
        let order = self.scene.order;
        let covered = || order.lines.iter().filter(|line| seen.covers(line.ticket_type.as_ref()));
        if seen.currency.is_some() || covered().next().is_none() {
            return false;
        }
        let used_up = [seen.max_uses, seen.max_uses_per_identity, self.money(&seen.budget)];
        let is_zero = |number: &Option<Integer>| *number == Some(Integer::ZERO);
        if used_up.iter().any(is_zero) {
            return false;
        }
        let prices = || covered().map(|line| line.unit_price);
        let dearest = match seen.subtotal_of {
            SubtotalOf::Order => self.dearest(),
            SubtotalOf::Scope => prices().max().unwrap_or_default(),
        };
        let most = super::times(self.up_to, dearest);
        let least = seen.min_tickets.map_or(1, |least| least.get().max(1));
        let fits = least <= self.up_to
            && seen.max_tickets.is_none_or(|most| least <= most.get())
            && self.money(&seen.min_subtotal).is_none_or(|least| least <= most)
            && self
                .money(&seen.max_subtotal)
                .is_none_or(|most| prices().min().is_some_and(|least| least <= most))
            && seen.requires.iter().flatten().all(|entry| self.may_have(entry));
        fits && self.may_take(seen)
    }

    /// Whether an order in view may hold what the entry of `requires` asks for.
    fn may_have(&self, entry: &Requirement) -> bool {
        let named = entry.ticket_types.as_ref().is_none_or(|types| !types.is_empty());
        let most = super::times(self.up_to, self.dearest());
        (named || !entry.asks_for_tickets())
            && entry.min_tickets.is_none_or(|least| least.get() <= self.up_to)
            && self.money(&entry.min_subtotal).is_none_or(|least| least <= most)
    }

    /// Whether the promotion may take something off an order in view. One that only counts always does its part.
    fn may_take(&self, seen: &Promo) -> bool {
        let order = self.scene.order;
        let pricing = Pricing::new(seen, order);
        if pricing.takes.is_none() {
            return true;
        }
        if let Some(kind) = pricing.takes.groups() {
            let buys = kind.buy.is_none_or(|buy| !buy.ticket_types.is_empty());
            if !buys || most_groups(self.up_to, &kind, seen.max_tickets_per_order) == 0 {
                return false;
            }
        }
        let tickets = self.up_to;
        let amounts = Amounts {
            pricing: &pricing,
            lines: &order.lines,
            tickets,
            discounted: tickets,
            per_order: tickets,
        };
        amounts.whole() > Integer::ZERO && self.money(&seen.max_discount) != Some(Integer::ZERO)
    }
}
