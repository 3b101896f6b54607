//! `PreparedRules`: promos and a policy that are read, checked and indexed once, for many orders.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::{Integer, Time};
use crate::documents::draft::Draft;
use crate::documents::exchange::ExchangeTerms;
use crate::documents::order::Order;
use crate::documents::payment::PaymentReport;
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;
use crate::documents::redemption::Redemption;
use crate::documents::request::{Asked, Index};
use crate::documents::usage::Usage;

/// Promos and a policy, read, checked and indexed once. They are the same for many orders.
///
/// # Example
/// ```
/// use redeemable::{Discount, Policy, Promo, PreparedRules, PreparedRequest, Status, json};
///
/// let rules = PreparedRules::new(vec![Promo::new("CREW", Discount::Free)], Policy::default())?;
/// let request: PreparedRequest = json::read(br#"{
///     "codes": ["crew"], "now_ms": 1800000000000,
///     "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 1}]}
/// }"#)?;
/// assert_eq!(rules.validate_redemption(&request)?.status, Status::Accepted);
/// # Ok::<(), redeemable::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PreparedRules {
    promos: Vec<Promo>,
    policy: Policy,
    index: Index,
}

/// A request to prepared rules. It has no promotions and no policy, because the rules hold them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreparedRequest {
    /// The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::request::MAX_CODES)))]
    pub codes: Vec<String>,
    /// What the buyer wants.
    pub order: Order,
    /// The counters that `usageKeys` names, and the record with the order's id.
    #[serde(default)]
    pub usage: Usage,
    /// The time of the decision: the same for `usageKeys` and for `validateRedemption`.
    pub now_ms: Time,
}

/// As `UsageKeysRequest`, without what prepared rules hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreparedKeysRequest {
    /// The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::request::MAX_CODES)))]
    pub codes: Vec<String>,
    /// What the buyer wants.
    pub order: Order,
    /// It plays no part.
    #[serde(default)]
    pub usage: Usage,
    /// The time of the decision: the same for `usageKeys` and for `validateRedemption`.
    pub now_ms: Time,
    /// The record that the order is exchanged for. Null if it is not exchanged.
    #[serde(default)]
    pub redemption: Option<Redemption>,
}

impl From<PreparedRequest> for PreparedKeysRequest {
    fn from(request: PreparedRequest) -> Self {
        let PreparedRequest { codes, order, usage, now_ms } = request;
        Self { codes, order, usage, now_ms, redemption: None }
    }
}

/// As `ExchangeRequest`, without what prepared rules hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreparedExchangeRequest {
    /// The record of the paid order, as it is stored.
    pub redemption: Redemption,
    /// The tickets that go back, by their index in the record. Null is all that are left.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tickets: Option<Vec<Integer>>,
    /// The order that takes their place.
    pub request: PreparedExchangeOrder,
    /// What was authorised for `due`. Null: nothing.
    #[serde(default)]
    pub payment: Option<PaymentReport>,
    /// Whether what is left over is paid back. Otherwise the buyer forgoes it.
    #[serde(default)]
    pub refund: bool,
    /// When the tickets are exchanged.
    pub now_ms: Time,
}

/// As `ExchangeOrder`, without what prepared rules hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreparedExchangeOrder {
    /// The codes that the buyer typed, in any spelling: at most 16. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::request::MAX_CODES)))]
    pub codes: Vec<String>,
    /// What the buyer wants instead, under an id of its own and in the record's currency.
    pub order: Order,
    /// The counters that `usageKeys` names, and the record with the order's id.
    #[serde(default)]
    pub usage: Usage,
}

/// What prepared rules are made of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareRequest {
    /// The organiser's promotions. If `unsound` is `leave_out`, an entry may be any value: one with faults is left out.
    pub promos: Vec<Draft<Promo, 1>>,
    /// The event's policy. A fault in it is always an error.
    #[serde(default)]
    pub policy: Policy,
    /// What happens to promotions with faults.
    #[serde(default)]
    pub unsound: Unsound,
}

/// What happens to promotions in which `validatePromos` finds faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unsound {
    /// A single promotion with faults is an error, and nothing is sold.
    #[default]
    Refuse,
    /// Promotions with faults are left out: their codes are unknown to buyers, and the other promotions are sold.
    LeaveOut,
}

impl PreparedRules {
    /// The rules, if the promos are well-formed and no two share a code or an id.
    ///
    /// # Errors
    /// If a promo is malformed, or two share a code or an id: then the path begins with `promos`. If the policy is.
    pub fn new(promos: Vec<Promo>, policy: Policy) -> Result<Self, Error> {
        let index = Index::new(&promos)?;
        policy.verify()?;
        Ok(Self { promos, policy, index })
    }

    /// The request together with the promos and the policy of these rules.
    pub(crate) fn asked<'a>(&'a self, request: &'a PreparedRequest) -> Asked<'a> {
        let Self { promos, policy, index } = self;
        let PreparedRequest { codes, order, usage, now_ms } = request;
        Asked { codes, promos, index, policy, order, usage, now_ms: *now_ms }
    }
}

impl PreparedKeysRequest {
    /// The request together with the promos and the policy of these rules.
    pub(crate) fn asked<'a>(&'a self, rules: &'a PreparedRules) -> Asked<'a> {
        let PreparedRules { promos, policy, index } = rules;
        let Self { codes, order, usage, now_ms, .. } = self;
        Asked { codes, promos, index, policy, order, usage, now_ms: *now_ms }
    }
}

impl PreparedExchangeRequest {
    pub(crate) fn terms(&self) -> ExchangeTerms<'_> {
        let Self { redemption, tickets, payment, refund, now_ms, .. } = self;
        let (tickets, payment) = (tickets.as_deref(), payment.as_ref());
        ExchangeTerms { redemption, tickets, payment, refund: *refund, now_ms: *now_ms }
    }

    /// The request together with the promos and the policy of these rules.
    pub(crate) fn asked<'a>(&'a self, rules: &'a PreparedRules) -> Asked<'a> {
        let PreparedRules { promos, policy, index } = rules;
        let PreparedExchangeOrder { codes, order, usage } = &self.request;
        Asked { codes, promos, index, policy, order, usage, now_ms: self.now_ms }
    }
}

impl TryFrom<PrepareRequest> for PreparedRules {
    type Error = Error;

    fn try_from(PrepareRequest { promos: drafts, policy, unsound }: PrepareRequest) -> Result<Self, Error> {
        let (promos, index) = match unsound {
            Unsound::Refuse => {
                let promo = |(index, draft): (usize, Draft<Promo, 1>)| {
                    draft.sound().map_err(|error| error.in_promo(index))
                };
                let promos = drafts.into_iter().enumerate().map(promo).collect::<Result<Vec<_>, _>>()?;
                let index = Index::without_clash(&promos)?;
                (promos, index)
            }
            Unsound::LeaveOut => Index::leaving_out(drafts),
        };
        policy.verify()?;
        Ok(Self { promos, policy, index })
    }
}
