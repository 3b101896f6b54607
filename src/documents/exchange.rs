//! Exchange: the request and the answer of `exchangeRedemption`, and what a record remembers of it.

use serde::{Deserialize, Serialize};

use crate::base::money::{Integer, Time};
use crate::base::text::Name;
use crate::documents::decision::{Decision, Violation};
use crate::documents::op::Op;
use crate::documents::order::Order;
use crate::documents::passed_over::PassedOver;
use crate::documents::payment::{Money, PaymentReport};
use crate::documents::policy::Policy;
use crate::documents::promo::{Promo, promos};
use crate::documents::quote::Quote;
use crate::documents::redemption::{Applied, Redemption};
use crate::documents::request::{Asked, Index};
use crate::documents::usage::Usage;

/// What a host asks when a buyer wants other tickets in place of those that are paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExchangeRequest {
    /// The record of the paid order, as it is stored.
    pub redemption: Redemption,
    /// The tickets that go back, by their index in the record. Null is all that are left.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tickets: Option<Vec<Integer>>,
    /// The order that takes their place.
    pub request: ExchangeOrder,
    /// What was authorised for `due`. Null: nothing.
    #[serde(default)]
    pub payment: Option<PaymentReport>,
    /// Whether what is left over is paid back. Otherwise the buyer forgoes it.
    #[serde(default)]
    pub refund: bool,
    /// When the tickets are exchanged.
    pub now_ms: Time,
}

/// The order in an exchange, with what `validateRedemption` takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ExchangeOrder {
    /// The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::request::MAX_CODES)))]
    pub codes: Vec<String>,
    /// The organiser's promotions. All must be well-formed, also those whose code was not typed.
    #[serde(deserialize_with = "promos")]
    pub promos: Vec<Promo>,
    /// The event's policy, which holds whatever the codes.
    #[serde(default)]
    pub policy: Policy,
    /// What the buyer wants instead, under an id of its own and in the record's currency.
    pub order: Order,
    /// The counters that `usageKeys` names, and the record with the order's id.
    #[serde(default)]
    pub usage: Usage,
}

/// What the tickets of a record are in exchange for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Exchanged {
    /// The id of the record whose tickets went back.
    pub from: Name,
    /// What the tickets that went back had cost, in minor units.
    pub credit: Integer,
    /// What was paid on top of that, in minor units.
    pub due: Integer,
    /// What was left over and is paid back, in minor units.
    pub refundable: Integer,
}

/// Whether the tickets are exchanged, what is due or left over, and what the host commits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExchangeAnswer {
    /// Whether the tickets are exchanged.
    pub status: ExchangeStatus,
    /// Whether the exchange was made before, and is answered from the new order's record.
    pub replayed: bool,
    /// The price of the new order with every code applied. Unless the order is judged and accepted: the price without
    /// any code.
    pub quote: Quote,
    /// What each code does in the new order, in the order of application.
    pub applied: Vec<Applied>,
    /// The codes that were typed and the automatic promotions that take no part in the new order, each with the first
    /// reason. It is for the host, and never for a buyer.
    pub passed_over: Vec<PassedOver>,
    /// Everything that speaks against the new order.
    pub violations: Vec<Violation>,
    /// The plan: what the host commits with its own rows.
    pub ops: Vec<Op>,
    /// What is left over and paid back to the buyer, in minor units.
    pub refundable: Integer,
    /// What the new order costs more than the tickets that go back, in minor units.
    pub due: Integer,
    /// What is left over and not paid back, in minor units.
    pub forgone: Integer,
    /// Whose the payment's money is. This is final. Null without a payment.
    pub money: Option<Money>,
}

/// Whether tickets are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExchangeStatus {
    /// The tickets are exchanged, now or when it was asked before.
    Accepted,
    /// The new order would be accepted, and costs more than what goes back. The host has `due` authorised, and asks
    /// again with the payment.
    PaymentDue,
    /// The new order is rejected.
    Rejected,
    /// The new order is rejected, and the payment goes back.
    ExchangeRefused,
    /// The payment is not of what is due, and goes back.
    StalePayment,
    /// The tickets were exchanged before, and were paid: this further payment goes back.
    PaidTwice,
    /// The new order's id belongs to another order that is confirmed; or the payment pays for an order already.
    AlreadyConfirmed,
    /// The payment was reported before, and its money went back.
    AlreadyReturned,
    /// None of the tickets is left, or a release with the new order's id was made before.
    AlreadyReleased,
    /// The order whose tickets should go back was never confirmed.
    NotConfirmed,
    /// One of the two records remembers 100 payments already, and takes no more.
    TooManyPayments,
}

/// What is exchanged and paid, whether the rules are in the request or prepared.
#[derive(Clone, Copy)]
pub(crate) struct ExchangeTerms<'a> {
    pub redemption: &'a Redemption,
    pub tickets: Option<&'a [Integer]>,
    pub payment: Option<&'a PaymentReport>,
    pub refund: bool,
    pub now_ms: Time,
}

impl ExchangeRequest {
    pub(crate) fn terms(&self) -> ExchangeTerms<'_> {
        let Self { redemption, tickets, payment, refund, now_ms, .. } = self;
        let (tickets, payment) = (tickets.as_deref(), payment.as_ref());
        ExchangeTerms { redemption, tickets, payment, refund: *refund, now_ms: *now_ms }
    }
}

impl ExchangeOrder {
    /// The request with the index of its promos.
    pub(crate) fn asked<'a>(&'a self, index: &'a Index, now_ms: Time) -> Asked<'a> {
        let Self { codes, promos, policy, order, usage } = self;
        Asked { codes, promos, index, policy, order, usage, now_ms }
    }
}

impl ExchangeAnswer {
    /// The answer with what the engine says of the new order.
    pub(crate) fn new(status: ExchangeStatus, decision: Decision) -> Self {
        let Decision { replayed, quote, applied, passed_over, violations, ops, .. } = decision;
        let (refundable, due, forgone) = Default::default();
        Self {
            status,
            replayed,
            quote,
            applied,
            passed_over,
            violations,
            ops,
            refundable,
            due,
            forgone,
            money: None,
        }
    }
}
