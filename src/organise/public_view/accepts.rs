//! Which promotions a view is about.

use super::Sight;
use crate::base::money::{Integer, Time};
use crate::documents::decision::PublicReason;
use crate::documents::promo::Promo;
use crate::judge::limits::Scene;
use crate::judge::rules::{self, Case};

impl Sight<'_> {
    /// Whether a buyer may know that the code exists. The quantities in the order make no difference.
    pub(super) fn accepts(&self, promo: &Promo, code: &str, now: Time) -> bool {
        let Scene { order, policy, identities, .. } = self.scene;
        let (in_scope, local) = (Integer::ZERO, self.scene.local);
        let case = Case { promo, code, order, identities, policy, in_scope, now, local, kept: None };
        rules::violations(&case).iter().all(|violation| violation.public_reason != PublicReason::NotAccepted)
    }

    /// Whether an automatic promotion may apply to an order in view.
    pub(super) fn may_apply(&self, promo: &Promo, code: &str, now: Time) -> bool {
        let order = self.scene.order;
        let covers = order.lines.iter().any(|line| promo.covers(line.ticket_type.as_ref()));
        covers && promo.lacks(&order.currency).is_none() && self.accepts(promo, code, now)
    }
}
