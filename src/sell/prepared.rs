//! `PreparedRules`: promos and a policy that are read, checked and indexed once, for many orders.

use serde::{Deserialize, Serialize};

use crate::base::error::Error;
use crate::base::money::Time;
use crate::documents::decision::Decision;
use crate::documents::draft::Draft;
use crate::documents::order::Order;
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;
use crate::documents::request::{Asked, Index};
use crate::documents::usage::Usage;
use crate::sell::{usage_keys, validate};

/// Promos and a policy, checked and indexed: what does not change from one order to the next.
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

/// What is asked of prepared rules: an order, and not the promotions and the policy that they hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PreparedRequest {
    /// What the buyer typed, in any spelling: at most 16. Blank ones are ignored.
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::request::MAX_CODES)))]
    pub codes: Vec<String>,
    /// What the buyer wants.
    pub order: Order,
    /// The counters that `usageKeys` names, and the record with the order's id.
    #[serde(default)]
    pub usage: Usage,
    /// The time of the decision. Null only for `usageKeys`, where it plays no part.
    #[serde(default)]
    pub now_ms: Option<Time>,
}

/// What `usageKeys` is asked under prepared rules: the same request, whose `now_ms` may be left out.
pub type PreparedKeysRequest = PreparedRequest;

/// What prepared rules are made of.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareRequest {
    /// The organiser's promotions. With `leave_out` they may be anything.
    pub promos: Vec<Draft<Promo, 1>>,
    /// What the event says, whatever the code. Its faults are never left out.
    #[serde(default)]
    pub policy: Policy,
    /// What becomes of promotions with faults.
    #[serde(default)]
    pub unsound: Unsound,
}

/// What becomes of promotions in which `validatePromos` finds faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unsound {
    /// One of them is an error, and nothing is sold.
    #[default]
    Refuse,
    /// They are left out: to a buyer their codes are unknown, and the others are sold.
    LeaveOut,
}

impl PreparedRules {
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
    pub fn validate_redemption(&self, request: &PreparedRequest) -> Result<Decision, Error> {
        validate::decide(&self.asked(request))
    }

    /// [`usage_keys`](crate::usage_keys()) under these rules.
    ///
    /// # Errors
    /// If the request is malformed.
    pub fn usage_keys(&self, request: &PreparedRequest) -> Result<Vec<String>, Error> {
        usage_keys::keys(&self.asked(request))
    }

    fn asked<'a>(&'a self, request: &'a PreparedRequest) -> Asked<'a> {
        let Self { promos, policy, index } = self;
        let PreparedRequest { codes, order, usage, now_ms } = request;
        Asked { codes, promos, index, policy, order, usage, now_ms: *now_ms }
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
        Ok(Self { promos, policy, index })
    }
}

#[test]
fn a_faulty_document_takes_its_code_down_and_no_other() {
    use crate::crossing::json::{prepare, read};
    use crate::documents::decision::{PublicReason, Reason};
    let document = |policy: &str, unsound: &str| {
        format!(
            r#"{{"promos": [
                {{"code": "A", "discount_percent": 10}}, {{"code": "b", "discount_percent": 10, "max_usse": 1}}, 7,
                {{"code": "C", "discount_percent": 10}}, {{"code": "c ", "discount_percent": 20}},
                {{"code": "D", "id": "d", "discount_percent": 10}}, {{"code": 4, "id": "d", "discount_percent": 10}},
                {{"code": "E", "discount_percent": 10, "events": ["gala"]}},
                {{"code": "E", "discount_percent": 20, "events": ["ball"], "max_usse": 1}}
            ], "policy": {policy}, "unsound": {unsound}}}"#
        )
    };
    let refused = |policy, unsound| prepare(document(policy, unsound).as_bytes()).unwrap_err().path;
    assert_eq!(refused("{}", "null"), "promos[1].max_usse");
    assert_eq!(refused("{}", r#""refuse""#), "promos[1].max_usse");
    assert_eq!(refused(r#"{"max_ticket": 4}"#, r#""leave_out""#), "policy.max_ticket");
    assert_eq!(refused("{}", r#""leave_them_out""#), "unsound");

    let rules = prepare(document("{}", r#""leave_out""#).as_bytes()).unwrap();
    let asked = |code: &str, event: &str| -> PreparedRequest {
        let order = format!(
            r#"{{"event_id": "{event}", "currency": "EUR", "lines": [{{"unit_price": 1000, "quantity": 1}}]}}"#
        );
        read(format!(r#"{{"codes": ["{code}"], "order": {order}, "now_ms": 1800000000000}}"#).as_bytes())
            .unwrap()
    };
    let says = |code: &str, event: &str| {
        let decision = rules.validate_redemption(&asked(code, event)).unwrap();
        let violation = decision.violations.into_iter().next();
        violation.map(|violation| {
            assert_eq!(violation.public_reason, PublicReason::NotAccepted);
            (violation.reason, violation.message)
        })
    };
    let left_out = |code: &str| {
        let message = format!("{code} is left out, because its document has faults");
        Some((Reason::UnknownCode, message))
    };
    assert_eq!([says("a", "gala"), says("e", "gala")], [None, None]);
    for code in ["B", "C", "D"] {
        assert_eq!(says(code, "gala"), left_out(code));
        assert_eq!(rules.usage_keys(&asked(code, "gala")).unwrap(), Vec::<String>::new());
    }
    assert_eq!(says("X", "gala"), Some((Reason::UnknownCode, "no promotion has the code X".into())));
    // Its other promotion is sound, and is for the gala only.
    assert_eq!(says("E", "ball"), Some((Reason::WrongEvent, "E is not for the event ball".into())));
}
