//! A second reading of which promotions apply: each set is judged as if its codes were typed, and the best is found by
//! trying them all.

use redeemable::{Choose, Decision, PassedOverReason, Promo, Reason, ValidateRequest};

use crate::book::{self, Judged, Refusal};
use crate::codes::canonical;
use crate::naive::{self, Limit};
use crate::prices;

/// What is expected of a decision.
pub struct Expected {
    pub judged: Judged,
    /// Each promotion that takes no part, and the name of the reason.
    pub passed_over: Vec<(&'static str, String)>,
    pub not_needed: Vec<&'static str>,
}

/// A promotion that may apply: its code, whether it was typed, and why it takes no part.
struct Member<'a> {
    code: &'static str,
    promo: &'a Promo,
    typed: bool,
    cause: Option<String>,
}

/// The counters that an accepted order may charge: those of the codes that are applied, as all that are judged together
/// limit them, and those of the policy, as the applied codes lift them. The codes `kept` keep their time.
pub fn limits(request: &ValidateRequest, decision: &Decision, kept: &[&str]) -> Vec<Limit> {
    let applied: Vec<&str> = decision.applied.iter().map(|applied| applied.code.as_str()).collect();
    let members = members(request);
    let of = |judged: &dyn Fn(&Member) -> bool| {
        let codes = members.iter().filter(|own| judged(own)).map(|own| own.promo.code.clone()).collect();
        naive::limits_kept(&ValidateRequest { codes, ..request.clone() }, kept)
    };
    let is_applied = |own: &Member| applied.contains(&own.code);
    let is_charged = |limit: &Limit| {
        let own = members.iter().find(|own| Some(own.code) == limit.code);
        own.is_some_and(|own| is_applied(own) && (own.typed || limit.most.is_some()))
    };
    let entered = request.policy.choose == Choose::Entered;
    let of_codes = of(&|own| is_applied(own) || own.typed && entered).into_iter().filter(is_charged);
    of_codes.chain(of(&is_applied).into_iter().filter(|limit| limit.code.is_none())).collect()
}

pub fn name(reason: PassedOverReason) -> String {
    serde_json::to_value(reason).unwrap().as_str().unwrap().to_owned()
}

fn named(reason: Reason) -> String {
    name(PassedOverReason::Violation(reason))
}

fn is_for(promo: &Promo, event: &str) -> bool {
    let lists = |events: &Option<Vec<redeemable::Name>>| events.iter().flatten().any(|name| &**name == event);
    (promo.events.is_none() || lists(&promo.events)) && !lists(&promo.exclude_events)
}

/// The codes that were typed, as entered, then the automatic promotions for the event that were not, as documented.
fn members(request: &ValidateRequest) -> Vec<Member<'_>> {
    let entered = naive::entered(request);
    let member = |code, promo, typed| Member { code, promo, typed, cause: None };
    let typed = entered.iter().filter_map(|code| Some(member(*code, naive::promo(request, code)?, true)));
    let automatic = request.promos.iter().filter(|promo| promo.automatic);
    let automatic = automatic.filter(|promo| is_for(promo, &request.order.event_id));
    let automatic = automatic.map(|promo| (canonical(&promo.code).unwrap(), promo));
    let automatic = automatic.filter(|(code, _)| !entered.contains(code));
    typed.chain(automatic.map(|(code, promo)| member(code, promo, false))).collect()
}

fn may_stand_together(one: &Member, other: &Member) -> bool {
    let grouped = one.promo.group.is_some() && one.promo.group == other.promo.group;
    let combine = one.promo.combines.with_others() && other.promo.combines.with_others();
    let counts = |one: &Member, other: &Member| prices::takes_nothing(one.promo) && !other.typed;
    !grouped && (combine || counts(one, other) || counts(other, one))
}

/// The members at these places, judged as if they were typed.
fn together(request: &ValidateRequest, members: &[Member], places: &[usize]) -> Judged {
    judged(request, members, places, false)
}

fn judged(request: &ValidateRequest, members: &[Member], places: &[usize], in_time: bool) -> Judged {
    let codes = places.iter().map(|place| members[*place].promo.code.clone()).collect();
    let typed: Vec<&str> =
        places.iter().map(|place| &members[*place]).filter(|own| own.typed).map(|own| own.code).collect();
    book::judged(&ValidateRequest { codes, ..request.clone() }, Vec::new(), &typed, in_time)
}

/// The first reason why a member cannot stand in a set that is refused.
fn first(code: &str, refused: &[Refusal]) -> String {
    let own = refused.iter().find(|(of, _)| *of == Some(code));
    let policy = refused.iter().find(|(of, _)| of.is_none());
    named(own.or(policy).map_or(Reason::CannotCombine, |(_, reason)| *reason))
}

/// The places of the members, those of higher priority first.
fn by_priority(members: &[Member]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..members.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(members[*place].promo.priority.get()));
    places
}

pub fn expected(request: &ValidateRequest) -> Expected {
    let mut members = members(request);
    let best = if request.policy.choose == Choose::Best { best(request, &mut members) } else { None };
    let judged = best.unwrap_or_else(|| entered(request, &mut members));
    let (mut passed_over, mut not_needed) = (Vec::new(), Vec::new());
    if judged.refused.is_empty() {
        for member in &mut members {
            if judged.late.contains(&member.code) {
                member.cause = Some("nothing_left".to_owned());
            }
            let spared =
                ["nothing_left", "better_offer"].contains(&member.cause.as_deref().unwrap_or_default());
            not_needed.extend((member.typed && spared).then_some(member.code));
        }
        let places = by_priority(&members).into_iter();
        passed_over.extend(places.filter_map(|at| Some((members[at].code, members[at].cause.clone()?))));
    }
    Expected { judged, passed_over, not_needed }
}

fn entered(request: &ValidateRequest, members: &mut [Member]) -> Judged {
    let codes = naive::entered(request);
    let mut refused: Vec<Refusal> = Vec::new();
    for (place, code) in codes.iter().enumerate() {
        let Some(promo) = naive::promo(request, code) else {
            refused.push((Some(*code), Reason::UnknownCode));
            continue;
        };
        let earlier = codes[..place].iter().filter_map(|code| naive::promo(request, code));
        let grouped = earlier.filter(|other| promo.group.is_some() && other.group == promo.group).count() > 0;
        if grouped || codes.len() > 1 && !promo.combines.with_others() {
            refused.push((Some(*code), Reason::CannotCombine));
        }
    }
    let mut taken: Vec<usize> = (0..members.len()).filter(|place| members[*place].typed).collect();
    let mut so_far = book::judged(request, refused, &codes, false);
    if !so_far.refused.is_empty() {
        return so_far;
    }
    for place in by_priority(members) {
        if members[place].typed {
            continue;
        }
        members[place].cause =
            if taken.iter().all(|other| may_stand_together(&members[place], &members[*other])) {
                let mut tried = [&taken[..], &[place]].concat();
                tried.sort_unstable();
                let with = together(request, members, &tried);
                if !with.refused.is_empty() {
                    Some(first(members[place].code, &with.refused))
                } else if with.total() > so_far.total() {
                    Some("better_offer".to_owned())
                } else {
                    (taken, so_far) = (tried, with);
                    None
                }
            } else {
                Some(named(Reason::CannotCombine))
            };
    }
    so_far
}

/// The best set of all, by trying each; `None` if no set passes.
fn best(request: &ValidateRequest, members: &mut [Member]) -> Option<Judged> {
    let alone = |place: usize, members: &[Member]| -> Vec<Refusal> {
        let mut refused = judged(request, members, &[place], true).refused;
        refused.retain(|(code, _)| code.is_some());
        refused
    };
    let fixed = |own: &Member| {
        own.typed
            && (prices::takes_nothing(own.promo)
                || own.promo.unlocks.as_ref().is_some_and(|of| !of.is_empty()))
    };
    let mut refused: Vec<Refusal> = Vec::new();
    let mut count = 0;
    for code in naive::entered(request) {
        match members.iter().find(|member| member.typed && member.code == code) {
            None => refused.push((Some(code), Reason::UnknownCode)),
            Some(member) if !fixed(member) => {
                count += 1;
                refused.extend((count > 6).then_some((Some(code), Reason::CannotCombine)));
            }
            Some(_) => {}
        }
    }
    for place in by_priority(members).into_iter().filter(|place| members[*place].typed) {
        refused.extend(alone(place, members));
    }
    if !refused.is_empty() {
        let mut without = together(request, members, &[]);
        refused.append(&mut without.refused);
        return Some(Judged { refused, ..without });
    }
    let mut weighed: Vec<usize> =
        (0..members.len()).filter(|place| members[*place].typed && !fixed(&members[*place])).collect();
    let was_typed = !weighed.is_empty();
    for place in by_priority(members) {
        if members[place].typed {
            continue;
        }
        let refused = alone(place, members);
        if !refused.is_empty() {
            members[place].cause = Some(first(members[place].code, &refused));
        } else if weighed.len() == 6 {
            members[place].cause = Some("not_weighed".to_owned());
        } else {
            weighed.push(place);
        }
    }
    weighed.sort_unstable();
    let always: Vec<usize> = (0..members.len()).filter(|place| fixed(&members[*place])).collect();
    // Every set that passes, with its members: first the cheapest, then the smallest, then the earliest.
    let mut passing: Vec<(u64, usize, Vec<usize>, Judged)> = Vec::new();
    for bits in 0..1_u32 << weighed.len() {
        let chosen: Vec<usize> =
            (0..weighed.len()).filter(|at| bits >> at & 1 == 1).map(|at| weighed[at]).collect();
        if chosen.is_empty() && was_typed {
            continue;
        }
        let mut set = [&always[..], &chosen[..]].concat();
        set.sort_unstable();
        let stand = set.iter().all(|one| {
            set.iter().all(|other| one == other || may_stand_together(&members[*one], &members[*other]))
        });
        let judged = if stand { together(request, members, &set) } else { continue };
        if judged.refused.is_empty() {
            passing.push((judged.total(), chosen.len(), chosen, judged));
        }
    }
    passing.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
    let winner = passing.first()?.2.clone();
    for place in weighed.into_iter().filter(|place| !winner.contains(place)) {
        let holds = passing.iter().any(|(_, _, set, _)| set.contains(&place));
        let beside = always.iter().all(|other| may_stand_together(&members[place], &members[*other]));
        let mut set = [&always[..], &[place]].concat();
        set.sort_unstable();
        members[place].cause = Some(match (holds, beside) {
            (true, _) => "better_offer".to_owned(),
            (false, false) => named(Reason::CannotCombine),
            (false, true) => first(members[place].code, &together(request, members, &set).refused),
        });
    }
    passing.into_iter().next().map(|(.., judged)| judged)
}
