//! Which promotions a view is about.

use super::Sight;
use crate::base::money::{Integer, Time};
use crate::documents::decision::PublicReason;
use crate::documents::promo::Promo;
use crate::judge::limits::Scene;
use crate::judge::rules::{self, Case};
use crate::judge::set::Member;

impl Sight<'_> {
    /// Whether a buyer may know that the code exists. The quantities in the order make no difference.
    pub(super) fn accepts(&self, promo: &Promo, code: &str, now: Time) -> bool {
        let Scene { order, policy, identities, .. } = self.scene;
        let (in_scope, local) = (Integer::ZERO, self.scene.local);
        let case = Case { promo, code, order, identities, policy, in_scope, now, local, kept: None };
        rules::violations(&case).iter().all(|violation| violation.public_reason != PublicReason::NotAccepted)
    }

    /// Whether none of the automatic promotions may apply to an order in view.
    pub(super) fn is_complete(&self, automatic: &[(String, Member)], now: Time) -> bool {
        let order = self.scene.order;
        let covers = |promo: &Promo| order.lines.iter().any(|line| promo.covers(line.ticket_type.as_ref()));
        !automatic.iter().any(|(code, Member { promo, .. })| {
            covers(promo) && promo.lacks(&order.currency).is_none() && self.accepts(promo, code, now)
        })
    }
}
