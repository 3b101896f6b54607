//! `explainRedemption`: what each rule says of an order, and which single change would get it accepted.

mod fixes;
mod numbers;
mod rules;
mod steps;
mod times;

use serde::Serialize;

use crate::base::error::Error;
use crate::base::money::{Integer, Positive, Time};
use crate::base::text::Kind;
use crate::documents::decision::{Reason, Status};
use crate::documents::passed_over::PassedOverReason;
use crate::documents::request::{Index, ValidateRequest};
use crate::sell::validate::decide;

/// What each rule says of an order, and what would get it accepted. It names promotions, limits and counters, so it is
/// for whoever runs the shop, and never for a buyer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// Whether the order is accepted.
    pub status: Status,
    /// Whether the order's record answers, so that no rule is asked. Then `promos` and `policy` are empty.
    pub replayed: bool,
    /// What the order costs, in minor units. Null if it is rejected.
    pub total: Option<Integer>,
    /// Each code that was entered, in the order of entry, and then each automatic promotion for the event.
    pub promos: Vec<ExplainedPromo>,
    /// What the policy says of the whole order.
    pub policy: Vec<ExplainedRule>,
    /// Single changes, each of which gets the order accepted as it is otherwise. Empty if it is accepted.
    pub fixes: Vec<Fix>,
    /// What speaks against the order and is mended by no fix, except by one that leaves its code out.
    pub unfixed: Vec<Unfixed>,
    /// How many orders were decided for this answer: at most 32.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "orders")))]
    pub decisions: Integer,
    /// Whether every change that the rules' numbers suggest was tried. If not, there may be more fixes.
    pub complete: bool,
}

/// What each rule of one promotion says of the order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedPromo {
    /// The promotion's canonical code; of an unknown code, what was typed, in canonical form.
    pub code: String,
    /// Whether the promotion is automatic, and its code was not entered. Its rules are then judged as if it were the
    /// only one, at full prices.
    pub automatic: bool,
    /// Why the promotion takes no part in the accepted order, though its rules may be met. Null if it takes part, or if
    /// the order is rejected.
    pub passed_over: Option<PassedOverReason>,
    /// Every rule, in the order in which violations are listed, and every counter that the code may charge.
    pub rules: Vec<ExplainedRule>,
}

/// What one rule says of the order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExplainedRule {
    /// The reason of the violation, if the rule is broken.
    pub reason: Reason,
    /// What the rule says.
    pub outcome: Outcome,
    /// The key of the counter that the rule looks at. Null if it looks at none.
    pub counter: Option<String>,
    /// The counter's limit, or the rule's bound, in uses, tickets, minor units or milliseconds. Null if there is none.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "uses, tickets, minor units or milliseconds")))]
    pub limit: Option<Integer>,
    /// What is used of the counter before this order, or what the order has, in uses, tickets, minor units or
    /// milliseconds. Null if there is neither.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "uses, tickets, minor units or milliseconds")))]
    pub used: Option<Integer>,
    /// What is left of the counter, in uses, tickets or minor units: `limit` less `used`, at least 0. Null if there is
    /// no limit or no counter.
    pub remaining: Option<Integer>,
    /// What the order needs of the counter, in uses, tickets or minor units. Null if enough is left, or no counter is
    /// involved.
    pub needed: Option<Integer>,
    /// A sentence in plain English. Null unless the rule is broken.
    pub message: Option<String>,
}

/// What a rule says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The order meets the rule.
    Met,
    /// The order breaks the rule.
    Broken,
    /// The document does not have this rule: the condition or limit is not set.
    NotAsked,
    /// Another rule is broken, so this one was not looked at.
    NotJudged,
}

/// A single change of the order that was decided and accepted. One ticket or one millisecond less was rejected.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fix {
    /// The change.
    pub change: OrderChange,
    /// What the changed order costs, in minor units.
    pub total: Integer,
}

/// A single change of the order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OrderChange {
    /// A code is left out.
    LeaveOutCode {
        /// The code, as `promos` of the answer names it.
        code: String,
    },
    /// The order is placed later.
    WaitUntil {
        /// The first moment at which it is accepted, if nothing else is sold until then.
        at_ms: Time,
    },
    /// The buyer says who buys. It was tried with a listed person or one who has used nothing yet.
    NameIdentity {
        /// The kind of identity, such as `email`.
        identity: Kind,
    },
    /// Tickets are added to a line.
    AddTickets {
        /// The index of the order's line.
        line: Integer,
        /// How many tickets, at least.
        tickets: Positive,
    },
    /// Tickets are taken out of a line.
    RemoveTickets {
        /// The index of the order's line.
        line: Integer,
        /// How many tickets, at least.
        tickets: Positive,
    },
}

/// What no fix mends.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unfixed {
    /// The code, as `promos` of the answer names it. Null for what speaks against the whole order.
    pub code: Option<String>,
    /// What speaks against it.
    pub reason: Reason,
}

/// What each rule says of the order, with its numbers, and which single change would get the order accepted.
///
/// Each fix was decided and accepted, and the same change by one ticket or one millisecond less was rejected. The
/// changes are tried from the numbers of what speaks against the order, at most 32 decisions in all. What a buyer may
/// be told is in `to_qualify` of a violation; this answer is for whoever runs the shop.
///
/// # Errors
/// If the request is malformed, as for [`validate_redemption`](crate::validate_redemption).
///
/// # Example
/// ```
/// use redeemable::{OrderChange, explain_redemption, json};
///
/// let request = json::read(br#"{
///     "codes": ["four"], "promos": [{"code": "FOUR", "discount_percent": 10, "min_tickets": 4}],
///     "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 1000, "quantity": 2}]},
///     "now_ms": 1800000000000
/// }"#)?;
/// let answer = explain_redemption(&request)?;
/// let more = answer.fixes.iter().find(|fix| matches!(fix.change, OrderChange::AddTickets { .. }));
/// assert_eq!(more.map(|fix| fix.total.get()), Some(3600)); // 2 more tickets, and 10 % off all 4
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn explain_redemption(request: &ValidateRequest) -> Result<Explanation, Error> {
    request.policy.verify()?;
    let index = Index::new(&request.promos)?;
    let asked = request.asked(&index);
    let decision = decide(&asked)?;
    let entered = asked.entered();
    let is_record =
        decision.replayed || decision.violations.iter().any(|v| v.reason == Reason::AlreadyConfirmed);
    let (promos, policy) = match is_record {
        true => (Vec::new(), Vec::new()),
        false => rules::explained(&asked, &entered, &decision)?,
    };
    let trials = fixes::find(&asked, &entered, &decision);
    let unfixed = trials.unfixed(&decision);
    let accepted = decision.status == Status::Accepted;
    Ok(Explanation {
        status: decision.status,
        replayed: decision.replayed,
        total: accepted.then_some(decision.quote.total),
        promos,
        policy,
        fixes: trials.fixes,
        unfixed,
        decisions: Integer::count(trials.decisions),
        complete: trials.complete,
    })
}
