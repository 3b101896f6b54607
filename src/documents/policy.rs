//! Policy: rules of the event that hold whatever the codes; and which release reasons give uses back.

use serde::{Deserialize, Serialize};

use crate::base::money::{Bounded, Integer, Time};
use crate::base::text::{Kind, Name};
use crate::documents::choose::Choose;
use crate::documents::zone::ZoneOffset;

/// Rules of the event that hold whatever the codes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// How many tickets with a payable price of 0 one person may have at the event, with or without a code. Null is
    /// no limit.
    pub max_free_tickets_per_identity: Option<Integer>,
    /// How many tickets one person may have at the event. Null is no limit.
    pub max_tickets_per_identity: Option<Integer>,
    /// The kinds of identity by which persons are counted. Null is every kind. With an empty list nobody is counted,
    /// so an order is rejected wherever something is limited per person.
    pub identity_kinds: Option<Vec<Kind>>,
    /// Whether aliases of one mailbox are one person.
    pub email_aliases: EmailAliases,
    /// What a release gives back, by reason. These rules hold for the policy's own counters, and for codes whose
    /// promotion has no rule for the reason.
    pub release: ReleaseRules,
    /// How long an unpaid order holds its tickets at most, in milliseconds after it was first accepted: from 60
    /// 000 (a minute) to 31 622 400 000 (366 days). Null is 172 800 000 (48 hours).
    pub max_hold_ms: Option<HoldTime>,
    /// The local time of the event: its offsets from UTC, ascending, 1 to 400 of them, as `zone("Europe/Berlin", …)` of
    /// the kits writes them. Codes with hours or limits per period need it. Null: there is no local time.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = crate::documents::zone::MAX_OFFSETS)))]
    pub zone: Option<Vec<ZoneOffset>>,
    /// Ticket types that nobody may buy without a code that `unlocks` them. Null and an empty list lock none.
    pub locked_ticket_types: Option<Vec<Name>>,
    /// Which of the codes that were typed and of the automatic promotions apply to an order.
    pub choose: Choose,
}

/// From a minute to 366 days, in milliseconds.
pub type HoldTime = Bounded<60_000, 31_622_400_000>;

const MAX_HOLD_MS: u64 = 172_800_000;

impl Policy {
    /// Whether the policy limits what one person may have.
    pub(crate) fn caps(&self) -> bool {
        self.max_free_tickets_per_identity.is_some() || self.max_tickets_per_identity.is_some()
    }

    /// Whether tickets of this type need a code that unlocks them.
    pub(crate) fn locks(&self, ticket_type: Option<&Name>) -> bool {
        let locked = self.locked_ticket_types.as_ref();
        ticket_type.is_some_and(|name| locked.is_some_and(|types| types.contains(name)))
    }

    /// When a hold that was first accepted at `created` lapses, if it is asked to last until `wanted`.
    pub(crate) fn hold_until(&self, created: Time, wanted: Time) -> Time {
        let most = self.max_hold_ms.map_or(MAX_HOLD_MS, HoldTime::get);
        created.get().checked_add(most).and_then(Time::new).map_or(wanted, |latest| wanted.min(latest))
    }
}

/// Whether aliases of one mailbox are one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EmailAliases {
    /// Aliases of one mailbox are one person: a `+` and what follows it are ignored, and at Gmail dots are, too.
    #[default]
    Fold,
    /// Each spelling is a person of its own; only upper and lower case make no difference.
    Exact,
}

/// What a release gives back, by reason. If the promotion has a rule for a reason, the policy's is not used.
/// `hold_expired` and `payment_failed` always give everything back, so there are no rules for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseRules {
    /// The rule for tickets that the buyer gave back. Null is no rule; the default is `restore`.
    pub buyer_released: Option<ReleaseRule>,
    /// The rule for tickets that the organiser cancelled. Null is no rule; the default is `restore`.
    pub organizer_cancelled: Option<ReleaseRule>,
    /// The rule for tickets that were paid back and whose seats are free. Null is no rule; the default is `restore`.
    pub refunded: Option<ReleaseRule>,
    /// The rule for tickets in place of which the buyer has others. Null is no rule; the default is `restore`.
    pub exchanged: Option<ReleaseRule>,
    /// The rule for tickets to which the buyer lost the right. Null is no rule; the default is `keep`.
    pub forfeited: Option<ReleaseRule>,
    /// The rule for tickets with which nobody came. Null is no rule; the default is `keep`.
    pub no_show: Option<ReleaseRule>,
    /// The rule for tickets whose payment was charged back. Null is no rule; the default is `keep`.
    pub disputed: Option<ReleaseRule>,
}

/// What one release reason gives back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseRule {
    /// Whether codes and pools get uses and money back. Null: as without a rule for the reason.
    pub uses: Option<Give>,
    /// Whether the counters of a person get back what they counted. Null: as without a rule for the reason.
    pub identity: Option<Give>,
    /// From this time on the reason gives nothing back. Null: there is no such time.
    pub until_ms: Option<Time>,
}

/// Whether a counter gets back what a ticket took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Give {
    /// The counter gets it back.
    Restore,
    /// The counter keeps it.
    Keep,
}

/// Why tickets come back. `hold_expired` and `payment_failed` end holds only, and leave a confirmed redemption
/// as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReleaseReason {
    /// The buyer gave the tickets back.
    BuyerReleased,
    /// The payment was charged back.
    Disputed,
    /// The buyer has other tickets in their place.
    Exchanged,
    /// The buyer lost the right to the tickets.
    Forfeited,
    /// The hold was not paid in time.
    HoldExpired,
    /// The buyer did not come.
    NoShow,
    /// The organiser cancelled the tickets.
    OrganizerCancelled,
    /// The payment failed.
    PaymentFailed,
    /// The money was paid back, and the seat is free.
    Refunded,
}

/// Which field of a release rule (`uses` or `identity`) decides about a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Uses,
    Identity,
}

/// A release reason that gives a charge back, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Back {
    /// The reason.
    pub reason: ReleaseReason,
    /// From this time on the reason gives nothing back. Null: there is no such time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<Time>,
}

impl ReleaseReason {
    /// Every reason, sorted by name.
    pub const ALL: [Self; 9] = [
        Self::BuyerReleased,
        Self::Disputed,
        Self::Exchanged,
        Self::Forfeited,
        Self::HoldExpired,
        Self::NoShow,
        Self::OrganizerCancelled,
        Self::PaymentFailed,
        Self::Refunded,
    ];

    /// Whether the reason gives back without a rule: DESIGN.md has these defaults in its table of release reasons.
    fn gives_back(self) -> bool {
        match self {
            Self::HoldExpired | Self::PaymentFailed => true,
            Self::BuyerReleased | Self::OrganizerCancelled | Self::Refunded | Self::Exchanged => true,
            Self::Forfeited | Self::NoShow | Self::Disputed => false,
        }
    }

    /// Whether a release for this reason can end a hold only, and never a confirmed order.
    pub(crate) fn ends_holds_only(self) -> bool {
        match self {
            Self::HoldExpired | Self::PaymentFailed => true,
            Self::BuyerReleased | Self::OrganizerCancelled | Self::Refunded | Self::Exchanged => false,
            Self::Forfeited | Self::NoShow | Self::Disputed => false,
        }
    }
}

impl ReleaseRules {
    fn rule(&self, reason: ReleaseReason) -> Option<ReleaseRule> {
        match reason {
            ReleaseReason::BuyerReleased => self.buyer_released,
            ReleaseReason::OrganizerCancelled => self.organizer_cancelled,
            ReleaseReason::Refunded => self.refunded,
            ReleaseReason::Exchanged => self.exchanged,
            ReleaseReason::Forfeited => self.forfeited,
            ReleaseReason::NoShow => self.no_show,
            ReleaseReason::Disputed => self.disputed,
            ReleaseReason::HoldExpired | ReleaseReason::PaymentFailed => None,
        }
    }
}

/// The reasons that give a charge back. For each reason the first of `rules` that has a rule for it decides, else the
/// default. `None` if the result is the same as the defaults, which is so for nearly every charge.
pub(crate) fn terms(rules: &[&ReleaseRules], column: Column) -> Option<Vec<Back>> {
    if rules.iter().all(|rules| **rules == ReleaseRules::default()) {
        return None;
    }
    let back = |reason: ReleaseReason| {
        let rule = rules.iter().find_map(|rules| rules.rule(reason)).unwrap_or_default();
        let says = match column {
            Column::Uses => rule.uses,
            Column::Identity => rule.identity,
        };
        let restores = says.map_or(reason.gives_back(), |says| says == Give::Restore);
        restores.then_some(Back { reason, until_ms: rule.until_ms })
    };
    let mut terms = Vec::with_capacity(ReleaseReason::ALL.len());
    terms.extend(ReleaseReason::ALL.into_iter().filter_map(back));
    unless_default(terms)
}

/// Whether a release for this reason at this time gives back a charge that has these terms.
pub(crate) fn gives_back(terms: Option<&[Back]>, reason: ReleaseReason, at_ms: Time) -> bool {
    let in_time = |back: &Back| back.until_ms.is_none_or(|until| at_ms < until);
    match terms {
        None => reason.gives_back(),
        Some(terms) => terms.iter().any(|back| back.reason == reason && in_time(back)),
    }
}

/// Adds to the terms of a record of schema 1 the reason `exchanged`, which schema 1 did not know: it is treated like
/// `refunded`.
pub(crate) fn back_of_schema_1(mut terms: Vec<Back>) -> Option<Vec<Back>> {
    let exchanged = ReleaseReason::Exchanged;
    let refunded = terms.iter().find(|back| back.reason == ReleaseReason::Refunded).copied();
    if let (Some(refunded), false) = (refunded, terms.iter().any(|back| back.reason == exchanged)) {
        // Insert it where its name belongs. Sorting the list instead would add 4 kB to the wasm.
        let place = terms.iter().take_while(|back| back.reason < exchanged).count();
        terms.insert(place, Back { reason: exchanged, ..refunded });
    }
    unless_default(terms)
}

fn unless_default(terms: Vec<Back>) -> Option<Vec<Back>> {
    let table = ReleaseReason::ALL.into_iter().filter(|reason| reason.gives_back());
    let is_table = terms.iter().copied().eq(table.map(|reason| Back { reason, until_ms: None }));
    Some(terms).filter(|_| !is_table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_names_a_reason_counts_alone() {
        let until_ms = Time::new(200_000_000_000);
        let rule = |uses, identity, until_ms| Some(ReleaseRule { uses, identity, until_ms });
        let promo =
            ReleaseRules { refunded: rule(None, Some(Give::Keep), until_ms), ..ReleaseRules::default() };
        let policy = ReleaseRules {
            refunded: rule(Some(Give::Keep), None, None),
            no_show: rule(Some(Give::Restore), None, None),
            ..ReleaseRules::default()
        };
        let named = |column| -> Vec<_> {
            let terms = terms(&[&promo, &policy], column).unwrap();
            terms.into_iter().map(|back| (back.reason, back.until_ms)).collect()
        };
        use ReleaseReason::*;
        let always = [BuyerReleased, Exchanged, HoldExpired].map(|reason| (reason, None));
        let rest = [OrganizerCancelled, PaymentFailed].map(|reason| (reason, None));
        let uses = [&always[..], &[(NoShow, None)], &rest, &[(Refunded, until_ms)]].concat();
        assert_eq!(named(Column::Uses), uses);
        assert_eq!(named(Column::Identity), [&always[..], &rest].concat());
    }
}
