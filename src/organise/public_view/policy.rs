//! What a browser may see of the policy, and of the codes that lift its limits.

use super::Sight;
use crate::base::money::Integer;
use crate::documents::choose::Choose;
use crate::documents::counter::Unit;
use crate::documents::lifts::Lifts;
use crate::documents::policy::{EmailAliases, Policy, ReleaseRules};
use crate::judge::limits::of_policy;

impl Sight<'_> {
    /// The policy with limits lowered to what is left for these identities, so that they hold with nothing used.
    pub(super) fn of_policy(&self) -> Policy {
        let limits = of_policy(&self.scene, Lifts::default());
        let cap = |most: Option<Integer>, unit| match self.scene.names_nobody() {
            // The order names nobody who could be counted, so any limit makes the answer `identity_required`.
            true => most.map(|_| Integer::ZERO),
            false => self.below(self.left(&limits, unit), self.up_to),
        };
        let policy = self.scene.policy;
        Policy {
            max_free_tickets_per_identity: cap(policy.max_free_tickets_per_identity, Unit::FreeTickets),
            max_tickets_per_identity: cap(policy.max_tickets_per_identity, Unit::Tickets),
            identity_kinds: self.scene.names_nobody().then(Vec::new),
            email_aliases: EmailAliases::default(),
            release: ReleaseRules::default(),
            max_hold_ms: None,
            zone: None,
            choose: Choose::default(),
            locked_ticket_types: self.locked(None), // and those that the code unlocks, once it is accepted
        }
    }

    /// The lifts, lowered like the policy's limits. Where the policy has no limit in the view, nothing is lifted.
    pub(super) fn of_lifts(&self, lifts: Lifts) -> Lifts {
        let (seen, lifted) = (self.of_policy(), of_policy(&self.scene, lifts));
        let most = Integer::new(self.up_to);
        let lift = |cap: Option<Integer>, lift: Option<Integer>, unit| {
            let left = self.left(&lifted, unit).min(most).filter(|left| Some(*left) > cap);
            cap.and(lift).and(left)
        };
        let (free, all) = (lifts.max_free_tickets_per_identity, lifts.max_tickets_per_identity);
        Lifts {
            max_tickets_per_identity: lift(seen.max_tickets_per_identity, all, Unit::Tickets),
            max_free_tickets_per_identity: lift(seen.max_free_tickets_per_identity, free, Unit::FreeTickets),
        }
    }
}
