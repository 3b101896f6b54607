//! Choice: which promotions apply to an order, and why the others do not.

use crate::base::error::Error;
use crate::base::money::descending;
use crate::documents::choose::Choose;
use crate::documents::decision::{Reason, Violation};
use crate::documents::passed_over::{PassedOver, PassedOverReason, Spared};
use crate::documents::promo::Promo;
use crate::documents::request::{Asked, Entered};
use crate::judge::best;
use crate::judge::set::{Court, MAX_APPLIED, Member, Sold};

/// The order, and the promotions that take no part in it.
pub(crate) struct Chosen {
    pub sold: Sold,
    pub passed_over: Vec<PassedOver>,
    pub not_needed: Vec<String>,
}

/// Why a promotion takes no part, and the counter that leaves too little.
pub(crate) type Cause = (PassedOverReason, Option<String>);

/// The automatic promotions that may join the order, with their codes, as the documents have them: those for its event
/// that were not typed.
pub(crate) fn automatic<'a>(asked: &Asked<'a>, entered: &[Entered<'a>]) -> Vec<(String, Member<'a>)> {
    let typed = |promo: &Promo| {
        entered.iter().any(|entered| entered.promo.is_some_and(|own| std::ptr::eq(own, promo)))
    };
    let promos = asked.automatic().filter(|promo| promo.is_for(&asked.order.event_id) && !typed(promo));
    promos.map(|promo| (promo.canonical_code(), Member { code: "", promo, typed: false })).collect()
}

/// The codes that were typed and have a promotion.
pub(crate) fn typed<'a>(entered: &'a [Entered<'a>]) -> impl Iterator<Item = Member<'a>> {
    entered
        .iter()
        .filter_map(|entered| Some(Member { code: &entered.code, promo: entered.promo?, typed: true }))
}

/// Judges the codes that were typed and the automatic promotions. The answer is the order, or what speaks against it.
pub(crate) fn choose<'a>(
    court: &Court<'a>,
    entered: &'a [Entered<'a>],
    automatic: &'a [(String, Member<'a>)],
) -> Result<Result<Chosen, Vec<Violation>>, Error> {
    let members: Vec<Member> = typed(entered).chain(automatic.iter().map(named)).collect();
    match court.asked.policy.choose {
        Choose::Entered => {}
        Choose::Best => {
            if let Some(chosen) = best::choose(court, entered, &members)? {
                return Ok(chosen);
            }
        }
    }
    // The codes that were typed, as if there were no automatic promotion: what refuses them refuses the order.
    let codes = members.iter().take_while(|member| member.typed).count();
    let mut sold = match court.judge(members.get(..codes).unwrap_or_default(), look_up(entered))? {
        Ok(sold) => sold,
        Err(violations) => return Ok(Err(violations)),
    };
    if automatic.is_empty() && sold.late.is_empty() {
        return Ok(Ok(Chosen { sold, passed_over: Vec::new(), not_needed: Vec::new() }));
    }
    // Then each automatic promotion that may join those so far, and makes the order no dearer.
    let mut causes: Vec<Option<Cause>> = vec![None; members.len()];
    let mut joins: Vec<bool> = members.iter().map(|member| member.typed).collect();
    for place in descending(members.iter().map(|member| member.promo.priority.get())) {
        let Some(member) = members.get(place).filter(|member| !member.typed) else { continue };
        let mut so_far = members.iter().zip(&joins).filter(|(_, joins)| **joins).map(|(member, _)| member);
        let cause = if so_far.all(|other| member.stands_with(other)) {
            let wanted = |(other, joins): &(usize, &bool)| *other == place || **joins;
            let tried = joins.iter().enumerate().filter(wanted).filter_map(|(place, _)| members.get(place));
            match court.judge(&tried.copied().collect::<Vec<_>>(), Vec::new()) {
                Ok(Ok(with)) if with.applied.len() > MAX_APPLIED => Some(spared(Spared::NotWeighed)),
                Ok(Ok(with)) if with.total() > sold.total() => Some(spared(Spared::BetterOffer)),
                Ok(Ok(with)) => {
                    sold = with;
                    None
                }
                Ok(Err(violations)) => Some(first(member.code, violations)),
                // It would charge more than a record may have. What nobody typed refuses no order.
                Err(_) => Some(spared(Spared::NotWeighed)),
            }
        } else {
            Some((PassedOverReason::Violation(Reason::CannotCombine), None))
        };
        if let Some(joins) = joins.get_mut(place) {
            *joins = cause.is_none();
        }
        if let Some(own) = causes.get_mut(place) {
            *own = cause;
        }
    }
    Ok(Ok(chosen(&members, causes, sold)))
}

/// The member of an automatic promotion, with its code.
pub(crate) fn named<'a>((code, member): &'a (String, Member<'a>)) -> Member<'a> {
    Member { code, ..*member }
}

/// The order with what takes no part in it; `causes` has the reason of each member that does not.
pub(crate) fn chosen(members: &[Member], mut causes: Vec<Option<Cause>>, sold: Sold) -> Chosen {
    for (member, cause) in members.iter().zip(&mut causes) {
        if cause.is_none() && sold.late.iter().any(|code| code == member.code) {
            *cause = Some(spared(Spared::NothingLeft));
        }
    }
    let unneeded = |cause: &Option<Cause>| {
        cause.as_ref().is_some_and(|(reason, _)| match reason {
            PassedOverReason::Spared(Spared::NothingLeft | Spared::BetterOffer) => true,
            PassedOverReason::Spared(Spared::NotWeighed) | PassedOverReason::Violation(_) => false,
        })
    };
    let not_needed = members.iter().zip(&causes).filter(|(member, cause)| member.typed && unneeded(cause));
    let not_needed = not_needed.map(|(member, _)| member.code.to_owned()).collect();
    let in_order = descending(members.iter().map(|member| member.promo.priority.get()));
    let passed_over = in_order.filter_map(|place| {
        let (reason, counter) = causes.get_mut(place)?.take()?;
        Some(PassedOver { code: members.get(place)?.code.to_owned(), reason, counter })
    });
    let passed_over = passed_over.collect();
    Chosen { sold, passed_over, not_needed }
}

pub(crate) fn spared(why: Spared) -> Cause {
    (PassedOverReason::Spared(why), None)
}

/// The first reason why the promotion cannot take part: its own, else the policy's. Without either, it makes another
/// one fail.
pub(crate) fn first(code: &str, violations: Vec<Violation>) -> Cause {
    let own = violations.iter().position(|violation| violation.code.as_deref() == Some(code));
    let place = own.or_else(|| violations.iter().position(|violation| violation.code.is_none()));
    match place.and_then(|place| violations.into_iter().nth(place)) {
        Some(violation) => (PassedOverReason::Violation(violation.reason), violation.counter),
        None => (PassedOverReason::Violation(Reason::CannotCombine), None),
    }
}

/// The violations that no order could mend, in the order in which the codes were entered: a code is unknown, or does
/// not combine with the others.
fn look_up(entered: &[Entered]) -> Vec<Violation> {
    let several = entered.len() > 1;
    let violation = |(place, own): (usize, &Entered)| {
        let Some(promo) = own.promo else { return Some(unknown(own)) };
        let mut earlier = entered.iter().take(place).filter_map(|entered| entered.promo);
        let grouped = earlier.any(|earlier| earlier.is_grouped_with(promo));
        (grouped || several && !promo.combines.with_others()).then(|| cannot_combine(own))
    };
    entered.iter().enumerate().filter_map(violation).collect()
}

pub(crate) fn unknown(entered: &Entered) -> Violation {
    let code = entered.code.as_str();
    let message = if entered.left_out {
        format!("{code} is left out, because its document has faults")
    } else {
        format!("no promotion has the code {code}")
    };
    Violation::new(Some(code), Reason::UnknownCode, message)
}

pub(crate) fn cannot_combine(entered: &Entered) -> Violation {
    let code = entered.code.as_str();
    Violation::new(Some(code), Reason::CannotCombine, format!("{code} cannot be combined with other codes"))
}

#[test]
fn what_nobody_typed_makes_no_order_too_large_to_record() {
    use crate::documents::decision::Status;
    use serde_json::json;
    // 1000 tickets in the charges of each of 101 counters are more than 100 000 references.
    let pools: Vec<_> = (0..100).map(|n| json!({"id": format!("pool {n}"), "max_uses": 5000})).collect();
    let request = json!({
        "codes": [], "now_ms": 1_800_000_000_000_u64,
        "promos": [{"code": "SALE", "automatic": true, "discount_percent": 10, "max_uses": 5000, "pools": pools}],
        "order": {"event_id": "e", "currency": "EUR", "lines": [{"unit_price": 10, "quantity": 1000}]},
    });
    let decided = |mut request: serde_json::Value, choose: &str| {
        request["policy"] = json!({ "choose": choose });
        let request = crate::json::read(request.to_string().as_bytes()).unwrap();
        crate::validate_redemption(&request).unwrap()
    };
    for choose in ["entered", "best"] {
        let decision = decided(request.clone(), choose);
        let reasons: Vec<_> = decision.passed_over.iter().map(|passed| passed.reason).collect();
        let expected = PassedOverReason::Spared(Spared::NotWeighed);
        assert_eq!((decision.status, reasons), (Status::Accepted, vec![expected]));
    }
}
