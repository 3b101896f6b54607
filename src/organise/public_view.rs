//! `publicView`: what a browser may know of one code, so that it can preview by itself.

mod accepts;
mod bounds;
mod discount;
mod locks;
mod policy;
mod sight;
mod together;

use serde::{Deserialize, Serialize};

use crate::base::amount::Amount;
use crate::base::error::Error;
use crate::base::money::{Bounded, Integer, Time};
use crate::documents::counter::Unit;
use crate::documents::discount::Discount;
use crate::documents::order::{MAX_TICKETS, Order};
use crate::documents::policy::{Policy, ReleaseRules};
use crate::documents::promo::{Combines, CountBy, Promo, SubtotalOf, Takes, promos};
use crate::documents::request::{Entered, Index, ValidateRequest};
use crate::documents::usage::Usage;
use crate::judge::account::Account;
use crate::judge::choice;
use crate::judge::limits::of_code;
use crate::judge::pricing::Pricing;
use crate::judge::set::Member;
use discount::{Amounts, most_groups, times};
use sight::{Place, Sight};
use together::{Shown, Together};

/// What a host asks so that a browser can preview: as for `validateRedemption`, with at most one code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewRequest {
    /// What the buyer typed: at most one code, besides blank ones, which are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::request::MAX_CODES)))]
    pub codes: Vec<String>,
    /// The organiser's promotions. All must be well-formed, also those whose code was not typed.
    #[serde(deserialize_with = "promos")]
    pub promos: Vec<Promo>,
    /// The event's policy, which holds whatever the codes.
    #[serde(default)]
    pub policy: Policy,
    /// Who buys, and the ticket types and prices to choose from. The quantities play no part, and `id` must be null.
    pub order: Order,
    /// The counters that `usageKeys` names, and names if the code of each automatic promotion is typed: an order in
    /// view may have more tickets than this one. A counter that is missing is 0.
    #[serde(default)]
    pub usage: Usage,
    /// The time of the view.
    pub now_ms: Time,
    /// The largest order, in tickets, that the browser can price by itself.
    #[serde(default = "ten")]
    pub reveal_up_to: Bounded<1, MAX_TICKETS>,
}

/// What a browser may know. With an order and the time, `codes`, `promos` and `policy` are a request of
/// `validateRedemption`, without `usage`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublicView {
    /// The code in canonical form, if one was typed: that of the promotion, or of the text if the code is not accepted.
    pub codes: Vec<String>,
    /// The code's promotion, and those automatic promotions that may apply to an order in view, as far as a browser may
    /// know them: their limits are what is left of the real limits. Empty if the code is not accepted, for whatever
    /// reason.
    pub promos: Vec<Promo>,
    /// The event's policy, whose limits are what is left for these identities.
    pub policy: Policy,
    /// Whether the view decides an order exactly as the server does. If not, the page asks the server for the price.
    pub complete: bool,
    /// When the first promotion of the view, its hours or a period of its limits end: then the page asks for another
    /// view. Null if nothing ends. Other promotions may begin earlier; a view never tells when.
    pub valid_until_ms: Option<Time>,
}

fn ten() -> Bounded<1, MAX_TICKETS> {
    Bounded::new(10).unwrap_or(Bounded::LEAST)
}

/// What a browser may know so that it can preview, at this instant, orders of these identities with at most
/// `reveal_up_to` tickets of these lines.
///
/// If the view is `complete`, then for each such order a preview with the view has the same status, quote and
/// `to_qualify` as a preview with all documents, and the same public reasons, each once per code. The view names no
/// counter, pool, id, event, listed buyer or other code. No number in it is larger than these orders need: what is
/// used is taken off the limits, and a limit that the orders cannot reach is left out. A code that is not accepted
/// looks like one that does not exist.
///
/// # Errors
/// If the request is malformed, has several codes, or its order has an id.
///
/// # Example
/// ```
/// use redeemable::{json, public_view};
///
/// let request = json::read(br#"{
///     "codes": ["crew"],
///     "promos": [{"code": "CREW", "discount": {"kind": "free"}, "max_uses": 20},
///                {"code": "PRESS", "discount_percent": 50}],
///     "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 1}]},
///     "usage": {"counters": {"code/event:gala:CREW/uses": 17}}, "now_ms": 1800000000000
/// }"#)?;
/// let view = public_view(&request)?;
/// assert_eq!((view.promos.len(), view.promos[0].max_uses.map(|left| left.get())), (1, Some(3)));
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn public_view(request: &ViewRequest) -> Result<PublicView, Error> {
    let ViewRequest { codes, promos, policy, order, usage, now_ms, reveal_up_to } = request.clone();
    let request = ValidateRequest { codes, promos, policy, order, usage, now_ms };
    request.policy.verify()?;
    let index = Index::new(&request.promos)?;
    let asked = request.asked(&index);
    asked.verify()?;
    let ValidateRequest { order, policy, usage, .. } = &request;
    if order.id.is_some() {
        let expected = "expected nothing, because a view is for previews";
        return Err(Error::new("id", expected).in_field("order"));
    }
    usage.verify(None).map_err(|error| error.in_field("usage"))?;
    let entered = asked.entered();
    if entered.len() > 1 {
        let expected = "expected at most one code, because the server prices several together, found";
        return Err(Error::new("codes", format!("{expected} {}", entered.len())));
    }

    let mut account = Account::new(&usage.counters);
    for (index, hold) in usage.lapsed.iter().enumerate().filter(|(_, hold)| hold.has_lapsed(now_ms)) {
        let in_hold = |error: Error| error.in_element(index).in_field("lapsed").in_field("usage");
        account.reclaim(hold, &hold.lapsed(now_ms).map_err(in_hold)?)?;
    }
    let identities = order.canonical_identities(policy);
    let place =
        Place { asked: &asked, identities: &identities, account: &account, up_to: reveal_up_to.get() };
    // This promo is judged in place of one that does not exist, so that the time which the answer takes does not tell
    // whether the code exists.
    let decoy = Promo::new("-", Discount::Free);
    let policy = place.sight(None, true).of_policy();
    let (mut codes, mut locked, mut together) = (Vec::new(), policy.locked_ticket_types, Together::default());
    for Entered { code, loosely, promo, .. } in &entered {
        let member = Member { code, promo: promo.unwrap_or(&decoy), typed: true };
        let sight = place.sight(Some(member.promo), true);
        let seen = sight.of_promo(member.promo, code);
        let accepted = sight.accepts(member.promo, code, now_ms);
        let told = promo.is_some() && accepted;
        locked = sight.locked(Some(&seen).filter(|_| told));
        codes.push(loosely.as_ref().filter(|_| !told).unwrap_or(code).clone());
        together.put(Shown { member, seen }, told);
    }
    let automatic = choice::automatic(&asked, &entered);
    for member in automatic.iter().map(choice::named) {
        let sight = place.sight(Some(member.promo), false);
        let seen = Promo { automatic: true, ..sight.of_promo(member.promo, member.code) };
        let may_apply = sight.accepts(member.promo, member.code, now_ms) && sight.may_apply(&seen);
        together.join(Shown { member, seen }, may_apply);
    }
    let (complete, valid_until_ms) = together.choose(&place);
    let policy = Policy { locked_ticket_types: locked, ..policy };
    Ok(PublicView { codes, promos: together.seen(), policy, complete, valid_until_ms })
}

impl Sight<'_> {
    // Every field is written out, so that whoever adds a field must decide here whether a browser may see it.
    fn of_promo(&self, promo: &Promo, code: &str) -> Promo {
        let order = self.scene.order;
        if promo.lacks(&order.currency).is_some() {
            return self.elsewhere(promo, code);
        }
        let limits = of_code(promo, code, &self.scene, None);
        let covered = || order.lines.iter().filter(|line| promo.covers(line.ticket_type.as_ref()));
        let all_covered = covered().count() == order.lines.len();
        let dearest = |price: Option<Integer>| price.unwrap_or_default();
        let price = dearest(covered().map(|line| line.unit_price).max());

        // The most tickets that the code may discount in one order, before its uses are looked at.
        let per_order = promo.max_tickets_per_order.map_or(self.up_to, |most| most.get().min(self.up_to));
        // It counts all tickets that it unlocks, and all of a group, also those that it does not discount.
        let unlocks = covered().any(|line| promo.opens(line.ticket_type.as_ref()));
        let takes = promo.takes();
        let kind = takes.groups();
        let counted = if unlocks || kind.is_some() { self.up_to } else { per_order };
        let groups = |kind| most_groups(self.up_to, &kind, promo.max_tickets_per_order);
        let left = |unit, count_by| {
            let needed = match count_by {
                CountBy::Ticket => counted,
                CountBy::Order => 1,
                CountBy::Group => kind.map_or(0, groups),
            };
            self.below(self.left(&limits, unit), needed)
        };
        let uses_of_all = left(Unit::Uses, promo.count_by());
        let uses_of_person = left(Unit::UsesOfPerson, promo.count_by_identity());
        let least = |one: Option<Integer>, other: Option<Integer>| one.into_iter().chain(other).min();
        let alike = promo.count_by() == promo.count_by_identity();
        // At least 1: if no use is left, the preview must say so, and not that the code takes nothing off.
        let uses = least(uses_of_all, uses_of_person);
        let by_ticket = uses.filter(|_| kind.is_none());
        let discounted = by_ticket.map_or(per_order, |uses| uses.get().min(per_order)).max(1);
        // The most that the code can take off one order. A larger amount or limit would show more than an order needs.
        let pricing = Pricing::new(promo, order);
        let amounts =
            Amounts { pricing: &pricing, lines: &order.lines, tickets: self.up_to, discounted, per_order };
        let whole = amounts.whole().min(times(per_order, price));
        let money = |amount: &Option<Amount>| self.money(amount);
        let max_discount = money(&promo.max_discount).filter(|most| *most < whole);
        let budget = self.left(&limits, Unit::Money).filter(|left| *left < max_discount.unwrap_or(whole));

        let (discount, discounts) = match &pricing.takes {
            Takes::One(discount) => (Some(self.bought(promo, amounts.seen(discount, 0))), None),
            Takes::ByType(entries) => (None, Some(amounts.entries(entries))),
        };
        let bounds_subtotal = promo.min_subtotal.is_some() || promo.max_subtotal.is_some();
        let names_types = !all_covered
            || self.typed
                && (kind.is_some()
                    || promo.min_tickets.is_some()
                    || promo.requires.is_some()
                    || (bounds_subtotal && promo.subtotal_of == SubtotalOf::Scope));
        let names_types_to_add = promo.requires.is_some()
            || (promo.min_subtotal.is_some() && promo.subtotal_of == SubtotalOf::Scope);
        // The most tickets that a bound on them is compared with: an order's, after the change in `to_qualify`.
        let of_group = kind.map_or(0, |kind| kind.needed());
        let by_itself = promo.min_tickets.map_or(0, Integer::get).max(self.up_to.saturating_add(of_group));
        let by_itself = if self.typed { by_itself } else { self.up_to };
        let required = promo.requires.iter().flatten().filter_map(|entry| entry.min_tickets);
        let least = required.map(Integer::from).chain(promo.min_tickets).max().map_or(1, Integer::get);
        let beside = self.up_to.saturating_add(least.max(of_group).max(1));
        let beside = if self.typed { beside } else { self.up_to };

        Promo {
            code: code.to_owned(),
            id: None,
            active: true,
            automatic: false,
            discount,
            discount_percent: None,
            discounts,
            currency: promo.currency.clone().filter(|currency| *currency != order.currency),
            count_by: Some(promo.count_by()),
            count_by_identity: promo.count_by_identity.filter(|_| !alike && uses_of_person.is_some()),
            max_uses: if alike { uses } else { uses_of_all },
            single_use: false,
            // What is left for this person is part of `max_uses`, unless it is counted in another way.
            max_uses_per_identity: match promo.per_person() {
                Some(_) if self.scene.names_nobody() => Some(Integer::ZERO),
                Some(_) | None => uses_of_person.filter(|_| !alike),
            },
            per_period: Vec::new(), // they are part of `max_uses`, too
            max_tickets_per_order: self
                .per_order(promo.max_tickets_per_order, kind.map(|kind| kind.discounted)),
            pick: promo.pick,
            max_discount: max_discount.map(Amount::from),
            budget: budget.filter(|_| uses != Some(Integer::ZERO)).map(Amount::from),
            pools: Vec::new(),
            lifts: promo.lifts.map(|lifts| self.of_lifts(lifts)),
            when_short: promo.when_short,
            starts_at_ms: None,
            ends_at_ms: None,
            weekly: None,
            events: None,
            exclude_events: None,
            // A violation tells the buyer these bounds and types, so they stay as written, without hidden types.
            ticket_types: promo
                .types()
                .filter(|_| names_types)
                .map(|types| self.known(promo, types.into_owned())),
            exclude_ticket_types: self.excluded(promo).filter(|_| names_types),
            unlocks: promo.unlocks.clone(), // so that the page can offer them
            min_tickets: promo.min_tickets,
            max_tickets: self.below(promo.max_tickets, if names_types_to_add { beside } else { by_itself }),
            min_subtotal: money(&promo.min_subtotal).map(Amount::from),
            max_subtotal: self.max_subtotal(promo).map(Amount::from),
            subtotal_of: if bounds_subtotal { promo.subtotal_of } else { SubtotalOf::default() },
            requires: self.requires(promo, beside),
            only_for: None,
            only_if: None,
            combines: Combines::default(),
            group: None,
            priority: Bounded::default(),
            rounding: promo.rounding,
            release: ReleaseRules::default(),
        }
    }
}
