//! The functions of the engine that prepared rules have as methods.

use crate::base::error::Error;
use crate::documents::decision::Decision;
use crate::documents::exchange::ExchangeAnswer;
use crate::documents::prepared::{
    PreparedExchangeRequest, PreparedKeysRequest, PreparedRequest, PreparedRules,
};
use crate::sell::{exchange, usage_keys, validate};

impl PreparedRules {
    /// [`validate_redemption`](crate::validate_redemption) under these rules.
    ///
    /// # Errors
    /// If the request is malformed, or a sum is above the largest integer.
    pub fn validate_redemption(&self, request: &PreparedRequest) -> Result<Decision, Error> {
        validate::decide(&self.asked(request))
    }

    /// [`usage_keys`](crate::usage_keys()) under these rules.
    ///
    /// # Errors
    /// If the request is malformed.
    pub fn usage_keys(&self, request: &PreparedKeysRequest) -> Result<Vec<String>, Error> {
        usage_keys::keys(&request.asked(self), request.redemption.as_ref())
    }

    /// [`exchange_redemption`](crate::exchange_redemption) under these rules.
    ///
    /// # Errors
    /// If the request is malformed, or a record's fields contradict each other.
    pub fn exchange_redemption(&self, request: &PreparedExchangeRequest) -> Result<ExchangeAnswer, Error> {
        exchange::exchanged(request.terms(), &request.asked(self))
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
        assert_eq!(rules.usage_keys(&asked(code, "gala").into()).unwrap(), Vec::<String>::new());
    }
    assert_eq!(says("X", "gala"), Some((Reason::UnknownCode, "no promotion has the code X".into())));
    // The other promotion with the code E is sound, and is for the gala only.
    assert_eq!(says("E", "ball"), Some((Reason::WrongEvent, "E is not for the event ball".into())));
}
