//! `Rules`: promos and a policy that are read, checked and indexed once, for many orders.

use serde::{Deserialize, Serialize};

use crate::decision::Decision;
use crate::error::Error;
use crate::money::Time;
use crate::order::Order;
use crate::policy::Policy;
use crate::promo::Promo;
use crate::request::{Asked, Index};
use crate::usage::Usage;
use crate::{usage_keys, validate};

/// Promos and a policy, checked and indexed: what does not change from one order to the next.
///
/// # Example
/// ```
/// use redeemable::{Discount, Policy, Promo, Rules, RulesRequest, Status, json};
///
/// let rules = Rules::new(vec![Promo::new("CREW", Discount::Free)], Policy::default())?;
/// let request: RulesRequest = json::read(br#"{
///     "codes": ["crew"], "now_ms": 1800000000000,
///     "order": {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 4500, "quantity": 1}]}
/// }"#)?;
/// assert_eq!(rules.validate_redemption(&request)?.status, Status::Accepted);
/// # Ok::<(), redeemable::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    promos: Vec<Promo>,
    policy: Policy,
    index: Index,
}

/// What a host asks of [`Rules`]: a [`Request`](crate::Request) without what they hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesRequest {
    /// What the buyer typed: 0 to 16 codes.
    pub codes: Vec<String>,
    /// What the buyer wants.
    pub order: Order,
    /// What the host read of its tables.
    #[serde(default)]
    pub usage: Usage,
    /// The present instant; `usage_keys` does without.
    #[serde(default)]
    pub now_ms: Option<Time>,
}

/// What [`Rules`] are made of, as a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesDocument {
    /// The organiser's documents.
    pub promos: Vec<Promo>,
    /// What the event says, whatever the code.
    #[serde(default)]
    pub policy: Policy,
}

impl Rules {
    /// The rules, if the promos are well-formed and no two share a code or an id.
    ///
    /// # Errors
    /// If they are not; the path begins with `promos`.
    pub fn new(promos: Vec<Promo>, policy: Policy) -> Result<Self, Error> {
        let index = Index::new(&promos)?;
        Ok(Self { promos, policy, index })
    }

    /// [`validate_redemption`](crate::validate_redemption) under these rules.
    ///
    /// # Errors
    /// If the request is malformed, or a sum leaves the range.
    pub fn validate_redemption(&self, request: &RulesRequest) -> Result<Decision, Error> {
        validate::decide(&self.asked(request))
    }

    /// [`usage_keys`](crate::usage_keys()) under these rules.
    ///
    /// # Errors
    /// If the request is malformed.
    pub fn usage_keys(&self, request: &RulesRequest) -> Result<Vec<String>, Error> {
        usage_keys::keys(&self.asked(request))
    }

    fn asked<'a>(&'a self, request: &'a RulesRequest) -> Asked<'a> {
        let Self { promos, policy, index } = self;
        let RulesRequest { codes, order, usage, now_ms } = request;
        Asked { codes, promos, index, policy, order, usage, now_ms: *now_ms }
    }
}

impl TryFrom<RulesDocument> for Rules {
    type Error = Error;

    fn try_from(RulesDocument { promos, policy }: RulesDocument) -> Result<Self, Error> {
        Self::new(promos, policy)
    }
}
