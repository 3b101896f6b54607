//! The best of several: the codes that were typed and the automatic promotions are weighed in every set.

use crate::base::error::Error;
use crate::base::money::{Integer, descending};
use crate::documents::decision::{Reason, Violation};
use crate::documents::passed_over::{PassedOverReason, Spared};
use crate::documents::request::Entered;
use crate::judge::choice::{Cause, Chosen, cannot_combine, chosen, first, spared, unknown};
use crate::judge::set::{Court, MAX_APPLIED, Member, Sold};

/// The most promotions that are weighed: there are 64 sets of them.
pub(crate) const MAX_WEIGHED: usize = 6;

/// A set that passes, and what decides which one is best.
struct Offer {
    total: Integer,
    weighed: u32,
    set: u32,
    sold: Sold,
}

/// The best order, or what speaks against the codes that were typed. `None` if no set passes. `members` are the codes
/// that were typed, as entered, and the automatic promotions, as the documents have them.
pub(crate) fn choose<'a>(
    court: &Court<'a>,
    entered: &[Entered<'a>],
    members: &[Member<'a>],
) -> Result<Option<Result<Chosen, Vec<Violation>>>, Error> {
    let refused = refusals(court, entered, members)?;
    if !refused.is_empty() {
        return Ok(Some(Err(refused)));
    }
    let mut causes: Vec<Option<Cause>> = vec![None; members.len()];
    let weighed = weighed(court, members, &mut causes);
    // A code that only counts or unlocks is in every set.
    let (fixed, typed): (Vec<usize>, Vec<usize>) = (0..members.len())
        .filter(|place| is_typed(members, *place))
        .partition(|place| !weighed.contains(place));
    let members_of = |set: u32| -> Option<Vec<Member<'a>>> {
        let in_set = |place: &usize| fixed.contains(place) || bit_of(&weighed, *place) & set > 0;
        let own: Vec<Member> =
            (0..members.len()).filter(in_set).filter_map(|at| members.get(at).copied()).collect();
        let stands =
            |(place, one): (usize, &Member<'a>)| own.iter().take(place).all(|other| one.stands_with(other));
        own.iter().enumerate().all(stands).then_some(own)
    };
    let mut best: Option<Offer> = None;
    let mut held = 0;
    // The sets are tried so that of two that are alike, that with the earlier promotion comes first.
    for set in (0..1 << weighed.len()).rev().filter(|set| *set > 0 || typed.is_empty()) {
        let Some(own) = members_of(set) else { continue };
        // A set that would charge more than a record may have does not pass.
        let Ok(Ok(sold)) = court.judge(&own, Vec::new()) else { continue };
        if sold.applied.len() > MAX_APPLIED {
            continue;
        }
        held |= set;
        let offer = Offer { total: sold.total(), weighed: set.count_ones(), set, sold };
        if best.as_ref().is_none_or(|best| (offer.total, offer.weighed) < (best.total, best.weighed)) {
            best = Some(offer);
        }
    }
    let Some(Offer { set: best, sold, .. }) = best else { return Ok(None) };
    for place in &weighed {
        let bit = bit_of(&weighed, *place);
        let cause = match members.get(*place) {
            Some(_) if bit & best > 0 => None,
            Some(_) if bit & held > 0 => Some(spared(Spared::BetterOffer)),
            Some(member) => Some(match members_of(bit).map(|own| court.judge(&own, Vec::new())) {
                None => (PassedOverReason::Violation(Reason::CannotCombine), None),
                Some(Ok(Err(violations))) => first(member.code, violations),
                Some(Ok(Ok(_)) | Err(_)) => spared(Spared::NotWeighed),
            }),
            None => None,
        };
        if let Some(own) = causes.get_mut(*place) {
            *own = cause;
        }
    }
    Ok(Some(Ok(chosen(members, causes, sold))))
}

fn is_typed(members: &[Member], place: usize) -> bool {
    members.get(place).is_some_and(|member| member.typed)
}

/// The bit of a weighed member in a set: the earlier one has the higher bit. 0 if it is not weighed.
fn bit_of(weighed: &[usize], place: usize) -> u32 {
    let behind = weighed.iter().rev().position(|own| *own == place);
    behind
        .and_then(|behind| u32::try_from(behind).ok())
        .and_then(|behind| 1_u32.checked_shl(behind))
        .unwrap_or(0)
}

/// Whether a code that was typed is in every set: it takes nothing off by itself, or unlocks types.
pub(crate) fn is_fixed(member: &Member) -> bool {
    let unlocks = member.promo.unlocks.as_ref().is_some_and(|types| !types.is_empty());
    member.typed && (unlocks || member.promo.takes().is_none())
}

/// What speaks against the codes that were typed, each by itself; then what speaks against the order without codes.
fn refusals(court: &Court, entered: &[Entered], members: &[Member]) -> Result<Vec<Violation>, Error> {
    let mut weighed = 0_usize;
    let mut refused = Vec::new();
    let mut codes = members.iter().filter(|member| member.typed);
    for entered in entered {
        if entered.promo.is_none() {
            refused.push(unknown(entered));
        } else if codes.next().is_some_and(|member| !is_fixed(member)) {
            weighed = weighed.saturating_add(1);
            refused.extend((weighed > MAX_WEIGHED).then(|| cannot_combine(entered)));
        }
    }
    for place in descending(members.iter().map(|member| member.promo.priority.get())) {
        refused.extend(
            members.get(place).filter(|member| member.typed).into_iter().flat_map(|m| court.alone(m)),
        );
    }
    if !refused.is_empty() {
        refused.extend(court.judge(&[], Vec::new())?.err().unwrap_or_default());
    }
    Ok(refused)
}

/// The places of the members that are weighed, ascending: the codes that were typed, then automatic promotions that
/// pass by themselves, by priority. Writes the causes of the other automatic ones.
fn weighed<'a>(court: &Court<'a>, members: &[Member<'a>], causes: &mut [Option<Cause>]) -> Vec<usize> {
    let of_typed = |(_, member): &(usize, &Member)| member.typed && !is_fixed(member);
    let mut weighed: Vec<usize> =
        members.iter().enumerate().filter(of_typed).map(|(place, _)| place).collect();
    for place in descending(members.iter().map(|member| member.promo.priority.get())) {
        let Some(member) = members.get(place).filter(|member| !member.typed) else { continue };
        let violations = court.alone(member);
        let cause = if !violations.is_empty() {
            first(member.code, violations)
        } else if weighed.len() == MAX_WEIGHED {
            spared(Spared::NotWeighed)
        } else {
            weighed.push(place);
            continue;
        };
        if let Some(own) = causes.get_mut(place) {
            *own = Some(cause);
        }
    }
    weighed.sort_unstable();
    weighed
}
