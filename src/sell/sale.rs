//! Sale: an order that is judged together with what it takes the place of.

use std::mem::take;

use crate::base::error::Error;
use crate::base::money::{Integer, Positive};
use crate::base::text::Name;
use crate::documents::charge::Charge;
use crate::documents::decision::{Decision, PublicReason, Reason, Status, Violation};
use crate::documents::op::Op;
use crate::documents::passed_over::PassedOver;
use crate::documents::quote::Quote;
use crate::documents::redemption::{Applied, Redemption, State};
use crate::documents::request::{Asked, Entered};
use crate::documents::ticket::Ticket;
use crate::judge::account::Account;
use crate::judge::choice::{self, Chosen};
use crate::judge::keep::Keeper;
use crate::judge::set::{self, Court};
use crate::sell::plan::{Guard, Plan};

/// What an order takes the place of.
#[derive(Clone, Copy, Default)]
pub(crate) struct Replaced<'a> {
    /// The stored record with the order's id, all of which the order replaces.
    pub existing: Option<&'a Redemption>,
    /// Another record, before and after the tickets go back that the order is exchanged for.
    pub exchanged: Option<(&'a Redemption, &'a Redemption)>,
}

impl<'a> Replaced<'a> {
    /// The hold that is amended. One that was released unpaid, or has lapsed, is over: the order is a new one.
    fn live(&self, asked: &Asked) -> Option<&'a Redemption> {
        self.existing.filter(|hold| hold.is_live(asked.now_ms))
    }
}

/// An order that is accepted.
pub(crate) struct Sold {
    pub quote: Quote,
    pub applied: Vec<Applied>,
    passed_over: Vec<PassedOver>,
    /// The plan so far: it releases lapsed holds. The order's own record is missing.
    pub plan: Plan,
    codes: Vec<String>,
    identities: Vec<String>,
    tickets: Vec<Ticket>,
    charges: Vec<Charge>,
}

/// Judges the order. `Err` in the answer is a rejection.
pub(crate) fn judge(asked: &Asked, replaced: Replaced) -> Result<Result<Sold, Decision>, Error> {
    let Asked { order, policy, usage, now_ms: now, .. } = *asked;
    let entered = asked.entered();
    let mut account = Account::new(&usage.counters);
    let mut plan = Plan::default();
    if let Some(existing) = replaced.existing {
        account.give_back(existing)?;
    }
    if let Some((before, after)) = replaced.exchanged {
        account.reclaim(before, after)?;
    }
    let old = replaced.exchanged.map(|(before, _)| &before.id);
    for (index, hold) in usage.lapsed.iter().enumerate() {
        if hold.has_lapsed(now) && order.id.as_ref() != Some(&hold.id) && old != Some(&hold.id) {
            let in_hold = |error: Error| error.in_element(index).in_field("lapsed").in_field("usage");
            let released = hold.lapsed(now).map_err(in_hold)?;
            account.reclaim(hold, &released)?;
            plan.put(Some(hold), released, Guard::Nothing)?;
        }
    }

    let identities = order.canonical_identities(policy);
    let automatic = choice::automatic(asked, &entered);
    let live = replaced.live(asked).map(|hold| (hold, None));
    let exchanged = replaced.exchanged.map(|(before, after)| (before, Some(after)));
    let keepers = [exchanged, live].into_iter().flatten();
    let keepers: Vec<_> = keepers.filter_map(|(record, after)| Keeper::new(record, after, order)).collect();
    let court = Court { asked, identities: &identities, account, keepers: &keepers };
    let Chosen { sold, passed_over, not_needed } = match choice::choose(&court, &entered, &automatic)? {
        Ok(chosen) => chosen,
        Err(violations) => return Ok(Err(as_typed(Decision::rejected(order, violations), &entered))),
    };
    let set::Sold { tickets, applied, charges, .. } = sold;
    let quote = Quote { not_needed, ..Quote::new(&order.currency, &tickets) };
    if let Some(agreed) = order.max_total.filter(|agreed| quote.total > *agreed) {
        return Ok(Err(Decision::rejected(order, vec![price_changed(agreed, quote.total)])));
    }
    let codes = entered.iter().map(|entered| entered.code.clone()).collect();
    let identities = identities.iter().map(|identity| identity.canonical.clone()).collect();
    Ok(Ok(Sold { quote, applied, passed_over, plan, codes, identities, tickets, charges }))
}

impl Sold {
    /// The record of the order, confirmed now or held, which has the order's tickets from now on. It keeps what the
    /// record in whose place it comes remembers.
    pub(crate) fn record(
        &mut self,
        asked: &Asked,
        id: &Name,
        replaced: Replaced,
        confirmed: bool,
    ) -> Result<Redemption, Error> {
        let Asked { order, policy, now_ms: now, .. } = *asked;
        let (existing, live) = (replaced.existing, replaced.live(asked));
        let revision = existing.map_or(Ok(Positive::LEAST), Redemption::next_revision);
        let created_at_ms = live.map_or(now, |hold| hold.created_at_ms);
        let until = order.hold_until_ms.map(|wanted| policy.hold_until(created_at_ms, wanted));
        // An amendment never makes the hold end earlier than before.
        let expires_at_ms = until.max(live.and_then(|hold| hold.expires_at_ms));
        Ok(Redemption {
            schema: Redemption::SCHEMA,
            id: id.clone(),
            revision: revision.map_err(|error| error.in_field("existing").in_field("usage"))?,
            state: if confirmed { State::Confirmed } else { State::Held },
            event_id: order.event_id.clone(),
            currency: order.currency.clone(),
            codes: take(&mut self.codes),
            identities: take(&mut self.identities),
            tickets: take(&mut self.tickets),
            applied: self.applied.clone(),
            charges: take(&mut self.charges),
            created_at_ms,
            expires_at_ms: expires_at_ms.filter(|_| !confirmed),
            confirmed_at_ms: confirmed.then_some(now),
            payments: existing.map(|existing| existing.payments.clone()).unwrap_or_default(),
            releases: existing.map(|existing| existing.releases.clone()).unwrap_or_default(),
            exchanged: None,
        })
    }

    /// The acceptance with this plan.
    pub(crate) fn accepted(self, ops: Vec<Op>) -> Decision {
        let Self { quote, applied, passed_over, .. } = self;
        let violations = Vec::new();
        Decision { status: Status::Accepted, replayed: false, quote, applied, passed_over, violations, ops }
    }
}

/// The violation of an order that costs more than the buyer has agreed to pay.
fn price_changed(agreed: Integer, total: Integer) -> Violation {
    let message =
        format!("the order costs {}, and the buyer has agreed to pay {}", total.get(), agreed.get());
    Violation::new(None, Reason::PriceChanged, message).bound(agreed, total)
}

/// The rejection, in which a code that is not accepted bears the name that was typed: the promotion's own spelling
/// would show that it exists.
fn as_typed(mut decision: Decision, entered: &[Entered]) -> Decision {
    for violation in decision.violations.iter_mut().filter(|v| v.public_reason == PublicReason::NotAccepted) {
        let meant = entered.iter().find(|entered| violation.code.as_ref() == Some(&entered.code));
        if let Some(Entered { code, loosely: Some(typed), .. }) = meant {
            violation.code = Some(typed.clone());
            if let Some(rest) = violation.message.strip_prefix(code.as_str()) {
                violation.message = [typed, rest].concat();
            }
        }
    }
    decision
}
