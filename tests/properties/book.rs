//! Judges an order with the naive implementation: the reasons that refuse it, or the price of each ticket.

use redeemable::{Combines, CountBy, Decision, Op, Promo, Reason, Status, ValidateRequest, WhenShort};
use std::collections::BTreeMap;

use crate::Check;
use crate::checks::used_before;
use crate::choice::{self, Expected};
use crate::codes::{self, meant};
use crate::conditions::{Case, standing};
use crate::groups::{self, Group};
use crate::keeping;
use crate::locks;
use crate::naive::{self, Limit};
use crate::prices;

/// The shortages of a code, in the order of its violations.
const SHORTAGES: [Reason; 8] = [
    Reason::UsesExhausted,
    Reason::IdentityUsesExhausted,
    Reason::PeriodUsesExhausted,
    Reason::PeriodIdentityUsesExhausted,
    Reason::PoolExhausted,
    Reason::PoolIdentityUsesExhausted,
    Reason::BudgetExhausted,
    Reason::PoolBudgetExhausted,
];

/// The state after the codes so far: the prices that they left, and what they charged.
struct Basket<'a> {
    request: &'a ValidateRequest,
    limits: Vec<Limit>,
    tickets: Vec<prices::Ticket<'a>>,
    marks: Vec<Vec<&'static str>>,
    charged: BTreeMap<String, u64>,
    /// The tickets in a group of a code so far.
    grouped: Vec<usize>,
    /// Of each code so far that takes something off: whether it shares no ticket, and the tickets that it has.
    holders: Vec<(bool, Vec<usize>)>,
    applied: Vec<&'a Promo>,
}

/// The tickets that one code discounts, and by how much.
#[derive(Default)]
struct Take {
    tickets: Vec<usize>,
    shares: Vec<u64>,
    partial: bool,
    /// The groups of a code of kind `per_group`.
    groups: Vec<Group>,
}

/// A refusal: the code that it is about, unless it is about the order, and the reason.
pub type Refusal = (Option<&'static str>, Reason);

/// What the codes of a request make of the order.
pub struct Judged {
    pub refused: Vec<Refusal>,
    /// The price and the codes of each ticket.
    pub tickets: Vec<(u64, Vec<&'static str>)>,
    /// Each code that is applied, what it takes off, and whether it was cut; and its groups.
    pub applied: Vec<(&'static str, u64, bool)>,
    pub groups: Vec<Vec<Group>>,
    /// The codes that come too late.
    pub late: Vec<&'static str>,
    /// The codes that keep their time.
    pub kept: Vec<&'static str>,
    pub locked: usize,
}

impl Judged {
    pub fn total(&self) -> u64 {
        self.tickets.iter().map(|ticket| ticket.0).sum()
    }
}

/// Judges the codes of the request together, and then the order. Codes that are refused already take nothing off. Those
/// that were `typed` may come too late.
/// With `in_time`, a code of a hold keeps its time for any number of tickets.
pub fn judged(request: &ValidateRequest, mut refused: Vec<Refusal>, typed: &[&str], in_time: bool) -> Judged {
    let tickets = prices::tickets(&request.order);
    let marks = vec![Vec::new(); tickets.len()];
    let limits = naive::limits(request);
    let (charged, grouped, so_far) = (BTreeMap::new(), Vec::new(), Vec::new());
    let holders = Vec::new();
    let mut basket = Basket { request, limits, tickets, marks, charged, grouped, holders, applied: so_far };
    let (mut applied, mut groups) = (Vec::new(), Vec::new());
    let (mut late, mut kept) = (Vec::new(), Vec::new());
    for (code, promo) in naive::by_priority(request) {
        match basket.judge_in_time((code, typed.contains(&code)), promo, in_time, &mut kept) {
            Err(reasons) if reasons.is_empty() => late.push(code),
            Err(reasons) => refused.extend(reasons.into_iter().map(|reason| (Some(code), reason))),
            Ok(_) if refused.contains(&(Some(code), Reason::CannotCombine)) => {}
            Ok(take) => {
                applied.push((code, take.shares.iter().sum::<u64>(), take.partial));
                groups.push(take.groups.clone());
                basket.apply(code, promo, take);
            }
        }
    }
    refused.extend(basket.policy().into_iter().map(|reason| (None, reason)));
    let tickets = basket.tickets.iter().map(|ticket| ticket.2).zip(basket.marks.clone()).collect();
    Judged { refused, tickets, applied, groups, late, kept, locked: basket.still_locked() }
}

/// Judges the order. The answer is the codes that keep their time.
pub fn order_is_judged_by_the_book(
    request: &ValidateRequest,
    decision: &Decision,
) -> Result<Vec<&'static str>, String> {
    let Expected {
        judged: Judged { mut refused, tickets, applied, groups, kept, locked: count, .. },
        passed_over,
        not_needed,
    } = choice::expected(request);
    let total: u64 = tickets.iter().map(|ticket| ticket.0).sum();
    if refused.is_empty() && request.order.max_total.is_some_and(|agreed| total > agreed.get()) {
        refused.push((None, Reason::PriceChanged));
    }

    let known = codes::of(&request.promos);
    let named = |code: &'_ Option<String>| code.as_deref().map(|code| meant(code, &known).to_owned());
    let found = decision.violations.iter().map(|violation| (named(&violation.code), violation.reason));
    let expected: Vec<_> =
        refused.into_iter().map(|(code, reason)| (code.map(str::to_owned), reason)).collect();
    let found: Vec<_> = found.collect();
    ensure!(found == expected, "refused for {found:?}, expected {expected:?}");
    let locked = decision.violations.iter().find(|violation| violation.reason == Reason::LockedTicketType);
    let says = locked.map(|locked| locked.used.unwrap().get());
    let count = if locked.is_some() { count } else { 0 };
    ensure!(says.unwrap_or(0) == u64::try_from(count).unwrap(), "{count} tickets are locked: {locked:?}");
    if decision.status == Status::Rejected {
        return Ok(kept);
    }
    let took =
        decision.applied.iter().map(|applied| (&*applied.code, applied.discount.get(), applied.partial));
    let took: Vec<_> = took.collect();
    ensure!(took == applied, "takes off {took:?}, expected {applied:?} of code, discount, partial");
    let passed = decision.passed_over.iter().map(|passed| (&*passed.code, choice::name(passed.reason)));
    let passed: Vec<_> = passed.collect();
    ensure!(passed == passed_over, "passes over {passed:?}, expected {passed_over:?}");
    ensure!(decision.quote.not_needed == not_needed, "{:?}, expected {not_needed:?}", decision.quote);
    let quoted = decision.quote.tickets.iter().map(|ticket| (ticket.price.get(), ticket.codes.clone()));
    let quoted: Vec<_> = quoted.collect();
    for ticket in &decision.quote.tickets {
        let off: u64 = ticket.off.iter().map(|off| off.get()).sum();
        ensure!(ticket.off.len() == ticket.codes.len() && off == ticket.discount.get(), "is off: {ticket:?}");
    }
    let each = decision.applied.iter().map(|applied| {
        let of = |ticket: &redeemable::QuotedTicket| {
            let place = ticket.codes.iter().position(|code| *code == applied.code);
            place.map_or(0, |place| ticket.off[place].get())
        };
        (applied.discount.get(), decision.quote.tickets.iter().map(of).sum::<u64>())
    });
    ensure!(each.clone().all(|(whole, sum)| whole == sum), "takes off {:?}", each.collect::<Vec<_>>());
    let same = quoted
        .iter()
        .map(|(price, codes)| (*price, codes.iter().map(String::as_str).collect()))
        .eq(tickets.iter().cloned());
    ensure!(same, "quotes {quoted:?}, expected {tickets:?}");
    applied.iter().zip(groups).try_for_each(|((code, ..), groups)| {
        charges_have(request, decision, (code, naive::promo(request, code).unwrap()), &groups)
    })?;
    Ok(kept)
}

/// Checks that a code's charges of uses name its groups, and no other charge does.
fn charges_have(
    request: &ValidateRequest,
    decision: &Decision,
    (code, promo): (&str, &Promo),
    groups: &[Group],
) -> Check {
    let marked = |group: &Group| group.takes.keys().map(|&index| groups::count(index)).collect::<Vec<_>>();
    let expected: Vec<Vec<u64>> = groups.iter().map(marked).collect();
    for op in &decision.ops {
        let (Op::Insert { redemption } | Op::Update { redemption, .. }) = op else { continue };
        if Some(&redemption.id) != request.order.id.as_ref() {
            continue;
        }
        for charge in redemption.charges.iter().filter(|charge| charge.code.as_deref() == Some(code)) {
            let found = charge.groups.as_ref().map(|groups| -> Vec<Vec<u64>> {
                groups.iter().map(|group| group.iter().map(|index| index.get()).collect()).collect()
            });
            let unit = prices::unit(promo, charge.key.contains("/by/"));
            let counted = unit == CountBy::Group && !charge.key.contains("/spend/");
            let expected = counted.then(|| expected.clone());
            ensure!(found == expected, "the groups are {expected:?}: {charge:?}");
        }
    }
    Ok(())
}

impl<'a> Basket<'a> {
    fn left(&self, limit: &Limit) -> Option<u64> {
        let charged = self.charged.get(&limit.key).copied().unwrap_or(0);
        Some(limit.most?.saturating_sub(used_before(self.request, &limit.key) + charged))
    }

    /// The reasons to reject an order that needs so much of each limit, each once, and the least that a limit leaves of
    /// those that leave too little.
    fn short(
        &self,
        code: &str,
        money: bool,
        need: impl Fn(&Limit) -> u64,
        may_cut: bool,
    ) -> (Vec<Reason>, Option<u64>) {
        let limits = || self.limits.iter().filter(|limit| limit.code == Some(code) && limit.money == money);
        let too_few = || limits().filter(|limit| self.left(limit).is_some_and(|left| left < need(limit)));
        let short = too_few().filter(|limit| !may_cut || self.left(limit) == Some(0));
        let short: Vec<_> = short.map(|limit| limit.reason).collect();
        let reasons = SHORTAGES.iter().copied().filter(|reason| short.contains(reason)).collect();
        (reasons, too_few().filter_map(|limit| self.left(limit)).min())
    }

    /// The tickets that the promotion may no longer discount, because it or an earlier one shares no ticket.
    fn taken(&self, promo: &Promo) -> Vec<usize> {
        let alone = promo.combines == Combines::PerTicket;
        let of = self.holders.iter().filter(|(per_ticket, _)| alone || *per_ticket);
        of.flat_map(|(_, tickets)| tickets.clone()).collect()
    }

    /// Judges a code with its time kept if the order has no more of it than the hold that it amends, else as of now. No
    /// reason, and nothing taken: the code comes too late.
    fn judge_in_time(
        &mut self,
        (code, typed): (&'static str, bool),
        promo: &Promo,
        in_time: bool,
        kept: &mut Vec<&'static str>,
    ) -> Result<Take, Vec<Reason>> {
        let told = |(take, reasons): (Option<Take>, Vec<Reason>)| {
            if reasons.is_empty() { take.ok_or(reasons) } else { Err(reasons) }
        };
        if let Some(hold) = keeping::hold_with(self.request, code) {
            kept.push(code);
            self.limits = naive::limits_kept(self.request, kept);
            let judged = self.judge(code, &keeping::without_time(promo), typed);
            let nothing = Take::default();
            let Take { tickets, shares, groups, .. } = judged.0.as_ref().unwrap_or(&nothing);
            let count = u64::try_from(tickets.len()).unwrap();
            let uses =
                if tickets.is_empty() { 0 } else { prices::uses(promo, false, tickets.len(), groups.len()) };
            if in_time || keeping::covers(hold, promo, code, (count, uses, shares.iter().sum())) {
                return told(judged);
            }
            kept.pop();
            self.limits = naive::limits_kept(self.request, kept);
        }
        told(self.judge(code, promo, typed))
    }

    /// What the code takes, as far as that is known, and the reasons that refuse it.
    fn judge(&self, code: &str, promo: &Promo, typed: bool) -> (Option<Take>, Vec<Reason>) {
        let tickets = prices::tickets(&self.request.order).into_iter();
        let tickets = tickets.map(|(_, name, price, _)| (name, price, prices::covers(promo, name)));
        let case = Case {
            request: self.request,
            promo,
            identities: naive::identities(&self.request.order, self.request.policy.email_aliases),
            tickets: tickets.collect(),
        };
        let covered = case.in_scope();
        let mut reasons = standing(&case);
        let currency = &self.request.order.currency;
        if prices::lacks(promo, currency) {
            // Where no ticket is in scope, the last reason says so, and is not reached either.
            reasons.retain(|reason| *reason != Reason::WrongTicketType);
            return (None, reasons);
        }
        if groups::has_groups(promo) && covered > 0 {
            return self.judge_groups(code, promo, typed, reasons);
        }
        let taken = if prices::takes_nothing(promo) { Vec::new() } else { self.taken(promo) };
        let mut tickets = prices::candidates(promo, currency, &self.tickets, &taken);
        let discounted = tickets.clone();
        let unlocked = |index: &usize| locks::unlocks(promo, self.tickets[*index].1);
        tickets.extend((0..self.tickets.len()).filter(unlocked));
        tickets.sort_unstable();
        tickets.dedup();
        if tickets.is_empty() {
            let all = prices::tickets(&self.request.order);
            let alone = prices::candidates(promo, currency, &all, &[]);
            let off: u64 = prices::shares(promo, currency, &all, &alone).iter().sum();
            let late = typed && off > 0;
            reasons.extend((covered > 0 && !late).then_some(Reason::NothingToDiscount));
            return (None, reasons);
        }
        reasons.extend(self.identity_required(promo));
        let may_cut = promo.when_short == WhenShort::Partial;
        let mut partial = false;

        let need = |limit: &Limit| prices::uses(promo, limit.person, tickets.len(), 0);
        let (short, left) = self.short(code, false, need, may_cut);
        if let Some(left) = left.filter(|_| short.is_empty()) {
            prices::pick(promo, &self.tickets, &mut tickets, left);
            partial = true;
        }
        reasons.extend(short);

        // What is unlocked without a discount has a share of nothing.
        let priced: Vec<usize> = tickets.iter().copied().filter(|index| discounted.contains(index)).collect();
        let of_priced = prices::shares(promo, currency, &self.tickets, &priced);
        let share =
            |index: &usize| priced.iter().position(|priced| priced == index).map_or(0, |at| of_priced[at]);
        let mut shares: Vec<u64> = tickets.iter().map(share).collect();
        let whole: u64 = shares.iter().sum();
        let (short, left) = self.short(code, true, |_| whole, may_cut);
        if let Some(left) = left.filter(|_| short.is_empty()) {
            shares = prices::scaled(left, &shares);
            partial = true;
        }
        reasons.extend(short);
        let none = prices::takes_nothing(promo);
        if whole == 0 && !none && !tickets.iter().any(unlocked) {
            reasons.push(Reason::NothingToDiscount);
        }
        let counted = |(index, share): &(usize, u64)| none || *share > 0 || unlocked(index);
        let (tickets, shares) = tickets.into_iter().zip(shares).filter(counted).unzip();
        (Some(Take { tickets, shares, partial, groups: Vec::new() }), reasons)
    }

    /// The reason that refuses a code with a cap per person where the order names nobody.
    fn identity_required(&self, promo: &Promo) -> Option<Reason> {
        let capped = naive::caps_in(self.request, promo).iter().any(|cap| cap.most.is_some());
        (capped && naive::people(self.request).is_empty()).then_some(Reason::IdentityRequired)
    }

    /// Judges a code of kind `per_group`, beside the reasons of its standing conditions.
    fn judge_groups(
        &self,
        code: &str,
        promo: &Promo,
        typed: bool,
        mut reasons: Vec<Reason>,
    ) -> (Option<Take>, Vec<Reason>) {
        let currency = &self.request.order.currency;
        let most = prices::money(&promo.max_discount, currency);
        let taken = [self.grouped.clone(), self.taken(promo)].concat();
        let mut found = match groups::groups(promo, currency, &self.tickets, &taken) {
            Ok(found) => found,
            Err(reason) => {
                let alone = groups::groups(promo, currency, &prices::tickets(&self.request.order), &[]);
                if typed && alone.is_ok() && most != Some(0) {
                    return (None, reasons);
                }
                reasons.extend(Some(reason).filter(|reason| !reasons.contains(reason)));
                return (None, reasons);
            }
        };
        reasons.extend(self.identity_required(promo));
        let may_cut = promo.when_short == WhenShort::Partial;
        let mut partial = false;
        let marked = |groups: &[Group]| groups.iter().map(|group| group.takes.len()).sum::<usize>();
        let need = |limit: &Limit| prices::uses(promo, limit.person, marked(&found), found.len());
        let (short, left) = self.short(code, false, need, may_cut);
        if left.is_some() && short.is_empty() {
            // The most of the first groups for which every limit leaves enough.
            let fits = |most: &usize| {
                let need = |limit: &Limit| prices::uses(promo, limit.person, marked(&found[..*most]), *most);
                self.short(code, false, need, false).0.is_empty()
            };
            match (1..found.len()).rev().find(fits) {
                Some(most) => found.truncate(most),
                None => {
                    let of_first = |limit: &Limit| prices::uses(promo, limit.person, found[0].takes.len(), 1);
                    reasons.extend(self.short(code, false, of_first, false).0);
                }
            }
            partial = true;
        }
        reasons.extend(short);

        let (tickets, whole): (Vec<usize>, Vec<u64>) = groups::takes(&found).into_iter().unzip();
        let mut shares = most.map_or(whole.clone(), |most| prices::scaled(most, &whole));
        let whole: u64 = shares.iter().sum();
        let (short, left) = self.short(code, true, |_| whole, may_cut);
        if let Some(left) = left.filter(|left| *left < whole && short.is_empty()) {
            shares = prices::scaled(left, &shares);
            partial = true;
        }
        reasons.extend(short);
        reasons.extend((whole == 0).then_some(Reason::NothingToDiscount));
        let found = groups::cut(promo, found, &tickets.into_iter().zip(shares).collect());
        let (tickets, shares) = groups::takes(&found).into_iter().unzip();
        (Some(Take { tickets, shares, partial, groups: found }), reasons)
    }

    fn apply(&mut self, code: &'static str, promo: &'a Promo, take: Take) {
        self.applied.push(promo);
        self.grouped.extend(take.groups.iter().flat_map(|group| &group.members));
        for limit in self.limits.iter().filter(|limit| limit.code == Some(code)) {
            let uses = prices::uses(promo, limit.person, take.tickets.len(), take.groups.len());
            let amount = if limit.money { take.shares.iter().sum() } else { uses };
            *self.charged.entry(limit.key.clone()).or_default() += amount;
        }
        let discounted = take.tickets.iter().zip(&take.shares).filter(|(_, share)| **share > 0);
        let mut has: Vec<usize> = discounted.map(|(index, _)| *index).collect();
        has.extend(take.groups.iter().flat_map(|group| &group.members));
        self.holders.push((promo.combines == Combines::PerTicket, has));
        for (index, share) in take.tickets.into_iter().zip(take.shares) {
            self.tickets[index].2 -= share;
            self.marks[index].push(code);
        }
    }

    fn still_locked(&self) -> usize {
        let promos = |codes: &Vec<&'static str>| -> Vec<&Promo> {
            codes.iter().filter_map(|code| naive::promo(self.request, code)).collect()
        };
        let marks: Vec<_> = self.marks.iter().map(promos).collect();
        locks::still_locked(self.request, &self.tickets, &marks)
    }

    /// The reasons to refuse the order by the policy's locks and limits, at the prices that the codes left.
    fn policy(&self) -> Vec<Reason> {
        let [most_free, most] = naive::lifted(&self.request.policy, self.applied.iter().copied());
        let free = self.tickets.iter().filter(|ticket| ticket.2 == 0).count();
        let mut reasons = Vec::from_iter((self.still_locked() > 0).then_some(Reason::LockedTicketType));
        let mut required = false;
        for (free, count, cap, reason) in [
            (true, free, most_free, Reason::FreeTicketsExhausted),
            (false, self.tickets.len(), most, Reason::TicketsExhausted),
        ] {
            let need = u64::try_from(count).unwrap();
            let mut limits = self.limits.iter().filter(|limit| limit.code.is_none() && limit.free == free);
            required |= cap.is_some() && need > 0 && limits.clone().next().is_none();
            let most = cap.map(|cap| cap.get());
            let left =
                |limit: &Limit| most.map(|most| most.saturating_sub(used_before(self.request, &limit.key)));
            if limits.any(|limit| left(limit).is_some_and(|left| left < need)) {
                reasons.push(reason);
            }
        }
        reasons.extend(required.then_some(Reason::IdentityRequired));
        reasons
    }
}
