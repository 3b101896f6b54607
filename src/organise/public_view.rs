//! `publicView`: what a browser may know of one code, so that it can preview by itself.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::{Bounded, Integer, MAX_INTEGER, Time};
use crate::documents::counter::Unit;
use crate::documents::decision::PublicReason;
use crate::documents::discount::Discount;
use crate::documents::order::{MAX_TICKETS, Order};
use crate::documents::policy::{EmailAliases, Policy, ReleaseRules};
use crate::documents::promo::{CountBy, Promo, promos};
use crate::documents::request::{Entered, Index, ValidateRequest};
use crate::documents::usage::Usage;
use crate::judge::account::Account;
use crate::judge::limits::{Limit, Scene, left, of_code, of_policy, pools};
use crate::judge::pricing::off;
use crate::judge::rules::{self, Case};

/// What a host asks so that a browser can preview: as for `validateRedemption`, with at most one code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewRequest {
    /// What the buyer typed: at most one code. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::request::MAX_CODES)))]
    pub codes: Vec<String>,
    /// The organiser's promotions. Those that no code names are ignored, once they are well-formed.
    #[serde(deserialize_with = "promos")]
    pub promos: Vec<Promo>,
    /// What the event says, whatever the code.
    #[serde(default)]
    pub policy: Policy,
    /// Who asks, and the ticket types and prices to choose from. The quantities play no part, and there is no
    /// id.
    pub order: Order,
    /// The counters that `usageKeys` names.
    #[serde(default)]
    pub usage: Usage,
    /// The time of the view.
    pub now_ms: Time,
    /// The largest order, in tickets, that the browser can price by itself.
    #[serde(default = "ten")]
    pub reveal_up_to: Bounded<1, MAX_TICKETS>,
}

/// What a browser may know. `validateRedemption` takes it with an order, and with nothing read.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PublicView {
    /// The code, canonical, if one was typed.
    pub codes: Vec<String>,
    /// What it takes off and asks for, with what is left as its limits. Empty if the code is not accepted,
    /// whatever the reason.
    pub promos: Vec<Promo>,
    /// What the event's caps leave to these identities.
    pub policy: Policy,
}

fn ten() -> Bounded<1, MAX_TICKETS> {
    Bounded::new(10).unwrap_or(Bounded::LEAST)
}

/// What a browser may know: for the identities of this order, up to so many tickets of its lines, at this instant.
///
/// For each such order a preview over the view has the status, the quote, what would mend the order and, each once
/// per code, the public reasons of a preview over everything. The view names no counter, pool, id, event, recipient
/// or other code, and no number is larger than those orders need: what is used is taken off the limits, and a limit
/// that they cannot reach is left out. A code that is not accepted reads like one that nobody wrote.
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
    let request = ValidateRequest { codes, promos, policy, order, usage, now_ms: Some(now_ms) };
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
    let scene = Scene { order, policy, identities: &identities, pools: pools(&entered, order) };
    let sight = Sight { scene: &scene, account, up_to: reveal_up_to.get() };
    // A code that nobody wrote is judged as this one, so that the time of the answer does not tell the two apart.
    let decoy = Promo::new("-", Discount::Free);
    let mut view = PublicView { codes: Vec::new(), promos: Vec::new(), policy: sight.of_policy() };
    for Entered { code, promo, .. } in &entered {
        let seen = sight.of_promo(promo.unwrap_or(&decoy), code);
        let accepted = sight.accepts(promo.unwrap_or(&decoy), code, now_ms);
        view.promos.extend(Some(seen).filter(|_| promo.is_some() && accepted));
        view.codes.push(code.clone());
    }
    Ok(view)
}

/// What is visible from outside, in orders of at most so many tickets.
struct Sight<'a> {
    scene: &'a Scene<'a>,
    account: Account<'a>,
    up_to: u64,
}

impl Sight<'_> {
    /// Whether a buyer may know that there is such a code; no quantity changes that.
    fn accepts(&self, promo: &Promo, code: &str, now: Time) -> bool {
        let Scene { order, policy, identities, .. } = self.scene;
        let email_aliases = policy.email_aliases;
        let (in_scope, subtotal) = (Integer::ZERO, Integer::ZERO);
        let case = Case { promo, code, order, identities, email_aliases, in_scope, subtotal, now };
        rules::violations(&case).iter().all(|violation| violation.public_reason != PublicReason::NotAccepted)
    }

    /// What is left for the identities of this order is a limit without anything used.
    fn of_policy(&self) -> Policy {
        let limits = of_policy(self.scene);
        let cap = |most: Option<Integer>, unit| match self.scene.names_nobody() {
            // With nobody to count, any cap asks for somebody.
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
        }
    }

    // Every field is written out, so that a new one is not handed out, or forgotten, without a thought.
    fn of_promo(&self, promo: &Promo, code: &str) -> Promo {
        let order = self.scene.order;
        let limits = of_code(promo, code, self.scene);
        let covered = || order.lines.iter().filter(|line| promo.covers(line.ticket_type.as_ref()));
        let all_covered = covered().count() == order.lines.len();
        let dearest = |price: Option<Integer>| price.unwrap_or_default();
        let price = dearest(covered().map(|line| line.unit_price).max());

        // How many tickets may be discounted, as far as the limits do not refuse the order whatever it costs.
        let per_order = promo.max_tickets_per_order.map_or(self.up_to, |most| most.get().min(self.up_to));
        let needed = if promo.count_by() == CountBy::Ticket { per_order } else { 1 };
        let uses = self.below(self.left(&limits, Unit::Uses), needed);
        let discounted = uses.map_or(per_order, Integer::get).max(1);
        let whole = match promo.discount().shared() {
            Some(amount) => amount.min(times(discounted, price)),
            None => times(discounted, dearest(covered().map(|line| off(promo, line.unit_price)).max())),
        };
        let max_discount = promo.max_discount.filter(|most| *most < whole);
        let budget = self.left(&limits, Unit::Money).filter(|left| *left < max_discount.unwrap_or(whole));

        Promo {
            code: code.to_owned(),
            id: None,
            active: true,
            discount: Some(match promo.discount() {
                Discount::AmountPerTicket { amount } => {
                    Discount::AmountPerTicket { amount: amount.min(price) }
                }
                Discount::AmountPerOrder { .. } => Discount::AmountPerOrder { amount: whole },
                Discount::FixedPrice { price: fixed } => Discount::FixedPrice { price: fixed.min(price) },
                same @ (Discount::Percent { .. } | Discount::Free | Discount::None) => same,
            }),
            discount_percent: None,
            currency: promo.currency.clone().filter(|currency| *currency != order.currency),
            count_by: Some(promo.count_by()),
            max_uses: uses,
            single_use: false,
            // With somebody to count, what is left to that person is part of the uses.
            max_uses_per_identity: promo
                .per_person()
                .filter(|_| self.scene.names_nobody())
                .map(|_| Integer::ZERO),
            max_tickets_per_order: promo.max_tickets_per_order.filter(|most| most.get() < self.up_to),
            max_discount,
            budget: budget.filter(|_| uses != Some(Integer::ZERO)),
            pools: Vec::new(),
            when_short: promo.when_short,
            starts_at_ms: None,
            ends_at_ms: None,
            events: None,
            // What a refusal says that the order lacks: the types and the bounds are as written.
            ticket_types: promo.ticket_types.clone().filter(|_| !all_covered || promo.min_tickets.is_some()),
            min_tickets: promo.min_tickets,
            max_tickets: self
                .below(promo.max_tickets, promo.min_tickets.map_or(self.up_to, |n| n.get().max(self.up_to))),
            min_subtotal: promo.min_subtotal,
            only_for: None,
            combines: false,
            priority: Bounded::default(),
            rounding: promo.rounding,
            release: ReleaseRules::default(),
        }
    }

    fn left(&self, limits: &[Limit], unit: Unit) -> Option<Integer> {
        left(limits, unit, &self.account)
    }

    /// The limit, if what is needed at most goes beyond it.
    fn below(&self, limit: Option<Integer>, needed: u64) -> Option<Integer> {
        limit.filter(|limit| limit.get() < needed)
    }
}

/// So many of this price; more than can be added up is as good as the most that can.
fn times(count: u64, price: Integer) -> Integer {
    Integer::new(count.saturating_mul(price.get()).min(MAX_INTEGER)).unwrap_or_default()
}
