//! Judges an order with the naive implementation: the reasons that refuse it, or the price of each ticket.

use redeemable::{Decision, Op, Promo, Reason, Status, ValidateRequest, WhenShort};
use std::collections::BTreeMap;

use crate::Check;
use crate::checks::used_before;
use crate::conditions::{Case, standing};
use crate::groups::{self, Group};
use crate::naive::{self, Limit};
use crate::prices;

/// The state after the codes so far: the prices that they left, and what they charged.
struct Basket<'a> {
    request: &'a ValidateRequest,
    limits: Vec<Limit>,
    tickets: Vec<prices::Ticket<'a>>,
    marks: Vec<Vec<&'a str>>,
    charged: BTreeMap<String, u64>,
    /// The tickets in a group of a code so far.
    grouped: Vec<usize>,
}

/// The tickets that one code discounts, and by how much.
struct Take {
    tickets: Vec<usize>,
    shares: Vec<u64>,
    partial: bool,
    /// The groups of a code of kind `per_group`.
    groups: Vec<Group>,
}

pub fn order_is_judged_by_the_book(request: &ValidateRequest, decision: &Decision) -> Check {
    let codes = naive::entered(&request.codes);
    let tickets = prices::tickets(&request.order);
    let marks = vec![Vec::new(); tickets.len()];
    let limits = naive::limits(request);
    let (charged, grouped) = (BTreeMap::new(), Vec::new());
    let mut basket = Basket { request, limits, tickets, marks, charged, grouped };
    let mut expected: Vec<(Option<&str>, Reason)> = Vec::new();
    for code in &codes {
        match naive::promo(request, code) {
            None => expected.push((Some(code), Reason::UnknownCode)),
            Some(promo) if codes.len() > 1 && !promo.combines => {
                expected.push((Some(code), Reason::CannotCombine));
            }
            Some(_) => {}
        }
    }
    let (mut applied, mut grouped) = (Vec::new(), Vec::new());
    for (code, promo) in naive::by_priority(request) {
        match basket.judge(code, promo) {
            Err(reasons) => expected.extend(reasons.into_iter().map(|reason| (Some(code), reason))),
            Ok(_) if expected.contains(&(Some(code), Reason::CannotCombine)) => {}
            Ok(take) => {
                applied.push((code, take.shares.iter().sum::<u64>(), take.partial));
                grouped.push((code, promo, take.groups.clone()));
                basket.apply(code, promo, take);
            }
        }
    }
    expected.extend(basket.policy().into_iter().map(|reason| (None, reason)));

    let found = decision.violations.iter().map(|violation| (violation.code.as_deref(), violation.reason));
    let found: Vec<_> = found.collect();
    ensure!(found == expected, "refused for {found:?}, expected {expected:?}");
    if decision.status == Status::Rejected {
        return Ok(());
    }
    let took =
        decision.applied.iter().map(|applied| (&*applied.code, applied.discount.get(), applied.partial));
    let took: Vec<_> = took.collect();
    ensure!(took == applied, "takes off {took:?}, expected {applied:?} of code, discount, partial");
    let quoted = decision.quote.tickets.iter().map(|ticket| (ticket.price.get(), ticket.codes.clone()));
    let quoted: Vec<_> = quoted.collect();
    let prices = basket.tickets.iter().map(|ticket| ticket.2).zip(basket.marks);
    let same =
        quoted.iter().map(|(price, codes)| (*price, codes.iter().map(String::as_str).collect())).eq(prices);
    ensure!(same, "quotes {quoted:?}, expected {:?}", basket.tickets);
    grouped
        .into_iter()
        .try_for_each(|(code, promo, groups)| charges_have(request, decision, (code, promo), &groups))
}

/// Checks that a code's charges of uses name its groups, and no other charge does.
fn charges_have(
    request: &ValidateRequest,
    decision: &Decision,
    (code, promo): (&str, &Promo),
    groups: &[Group],
) -> Check {
    let counted = groups::has_groups(promo) && !prices::counts_orders(promo);
    let marked = |group: &Group| group.takes.keys().map(|&index| groups::count(index)).collect::<Vec<_>>();
    let expected: Option<Vec<Vec<u64>>> = counted.then(|| groups.iter().map(marked).collect());
    for op in &decision.ops {
        let (Op::Insert { redemption } | Op::Update { redemption, .. }) = op else { continue };
        if Some(&redemption.id) != request.order.id.as_ref() {
            continue;
        }
        for charge in redemption.charges.iter().filter(|charge| charge.code.as_deref() == Some(code)) {
            let found = charge.groups.as_ref().map(|groups| -> Vec<Vec<u64>> {
                groups.iter().map(|group| group.iter().map(|index| index.get()).collect()).collect()
            });
            let expected = expected.clone().filter(|_| !charge.key.contains("/spend/"));
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

    /// The reasons to reject an order that needs so much, each once, and the least that the code's limits leave.
    fn short(&self, code: &str, money: bool, need: u64, may_cut: bool) -> (Vec<Reason>, Option<u64>) {
        let limits = || self.limits.iter().filter(|limit| limit.code == Some(code) && limit.money == money);
        let refuses = |left: u64| if may_cut { left == 0 && need > 0 } else { left < need };
        let short = limits().filter(|limit| self.left(limit).is_some_and(refuses));
        let mut reasons: Vec<_> = short.map(|limit| limit.reason).collect();
        reasons.dedup();
        (reasons, limits().filter_map(|limit| self.left(limit)).min())
    }

    fn judge(&self, code: &str, promo: &Promo) -> Result<Take, Vec<Reason>> {
        let covered = self.tickets.iter().filter(|ticket| prices::covers(promo, ticket.1)).count();
        let mut reasons = standing(&Case {
            request: self.request,
            promo,
            identities: naive::identities(&self.request.order, self.request.policy.email_aliases),
            in_scope: u64::try_from(covered).unwrap(),
            subtotal: prices::tickets(&self.request.order).iter().map(|ticket| ticket.2).sum(),
        });
        let currency = &self.request.order.currency;
        if prices::lacks(promo, currency) {
            // Where no ticket is in scope, the last reason says so, and is not reached either.
            reasons.retain(|reason| *reason != Reason::WrongTicketType);
            return Err(reasons);
        }
        if groups::has_groups(promo) && covered > 0 {
            return self.judge_groups(code, promo, reasons);
        }
        let mut tickets = prices::candidates(promo, currency, &self.tickets);
        if tickets.is_empty() {
            reasons.extend((covered > 0).then_some(Reason::NothingToDiscount));
            return Err(reasons);
        }
        reasons.extend(self.identity_required(code, promo));
        let may_cut = promo.when_short == WhenShort::Partial;
        let mut partial = false;

        let need = if prices::counts_orders(promo) { 1 } else { u64::try_from(tickets.len()).unwrap() };
        let (short, left) = self.short(code, false, need, may_cut);
        if let Some(left) = left.filter(|left| *left < need && short.is_empty()) {
            prices::pick(promo, &self.tickets, &mut tickets, left);
            partial = true;
        }
        reasons.extend(short);

        let mut shares = prices::shares(promo, currency, &self.tickets, &tickets);
        let whole: u64 = shares.iter().sum();
        let (short, left) = self.short(code, true, whole, may_cut);
        if let Some(left) = left.filter(|left| *left < whole && short.is_empty()) {
            shares = prices::scaled(left, &shares);
            partial = true;
        }
        reasons.extend(short);
        let none = prices::takes_nothing(promo);
        if whole == 0 && !none {
            reasons.push(Reason::NothingToDiscount);
        }
        if !reasons.is_empty() {
            return Err(reasons);
        }
        let discounted = tickets.into_iter().zip(shares).filter(|(_, share)| none || *share > 0);
        let (tickets, shares) = discounted.unzip();
        Ok(Take { tickets, shares, partial, groups: Vec::new() })
    }

    /// The reason that refuses a code with a cap per person where the order names nobody.
    fn identity_required(&self, code: &str, promo: &Promo) -> Option<Reason> {
        let of_code = || self.limits.iter().filter(|limit| limit.code == Some(code));
        let caps = naive::caps(promo, &self.request.order.event_id);
        let unnamed = |cap: &naive::Cap| {
            cap.most.is_some() && of_code().all(|limit| !limit.key.starts_with(&cap.prefix))
        };
        caps.iter().any(unnamed).then_some(Reason::IdentityRequired)
    }

    /// Judges a code of kind `per_group`, beside the reasons of its standing conditions.
    fn judge_groups(&self, code: &str, promo: &Promo, mut reasons: Vec<Reason>) -> Result<Take, Vec<Reason>> {
        let mut found =
            match groups::groups(promo, &self.request.order.currency, &self.tickets, &self.grouped) {
                Ok(found) => found,
                Err(reason) => {
                    reasons.extend(Some(reason).filter(|reason| !reasons.contains(reason)));
                    return Err(reasons);
                }
            };
        reasons.extend(self.identity_required(code, promo));
        let may_cut = promo.when_short == WhenShort::Partial;
        let mut partial = false;
        let need = if prices::counts_orders(promo) { 1 } else { groups::count(found.len()) };
        let (short, left) = self.short(code, false, need, may_cut);
        if let Some(left) = left.filter(|left| *left < need && short.is_empty()) {
            found.truncate(usize::try_from(left).unwrap());
            partial = true;
        }
        reasons.extend(short);

        let (tickets, whole): (Vec<usize>, Vec<u64>) = groups::takes(&found).into_iter().unzip();
        let most = prices::money(&promo.max_discount, &self.request.order.currency);
        let mut shares = most.map_or(whole.clone(), |most| prices::scaled(most, &whole));
        let whole: u64 = shares.iter().sum();
        let (short, left) = self.short(code, true, whole, may_cut);
        if let Some(left) = left.filter(|left| *left < whole && short.is_empty()) {
            shares = prices::scaled(left, &shares);
            partial = true;
        }
        reasons.extend(short);
        reasons.extend((whole == 0).then_some(Reason::NothingToDiscount));
        if !reasons.is_empty() {
            return Err(reasons);
        }
        let found = groups::cut(promo, found, &tickets.into_iter().zip(shares).collect());
        let (tickets, shares) = groups::takes(&found).into_iter().unzip();
        Ok(Take { tickets, shares, partial, groups: found })
    }

    fn apply(&mut self, code: &'a str, promo: &Promo, take: Take) {
        let counted = if groups::has_groups(promo) { take.groups.len() } else { take.tickets.len() };
        let uses = if prices::counts_orders(promo) { 1 } else { u64::try_from(counted).unwrap() };
        self.grouped.extend(take.groups.iter().flat_map(|group| &group.members));
        for limit in self.limits.iter().filter(|limit| limit.code == Some(code)) {
            let amount = if limit.money { take.shares.iter().sum() } else { uses };
            *self.charged.entry(limit.key.clone()).or_default() += amount;
        }
        for (index, share) in take.tickets.into_iter().zip(take.shares) {
            self.tickets[index].2 -= share;
            self.marks[index].push(code);
        }
    }

    /// The reasons to refuse the order by the policy's limits, at the prices that the codes left.
    fn policy(&self) -> Vec<Reason> {
        let policy = &self.request.policy;
        let free = self.tickets.iter().filter(|ticket| ticket.2 == 0).count();
        let (mut reasons, mut required) = (Vec::new(), false);
        for (free, count, cap, reason) in [
            (true, free, policy.max_free_tickets_per_identity, Reason::FreeTicketsExhausted),
            (false, self.tickets.len(), policy.max_tickets_per_identity, Reason::TicketsExhausted),
        ] {
            let need = u64::try_from(count).unwrap();
            let mut limits = self.limits.iter().filter(|limit| limit.code.is_none() && limit.free == free);
            required |= cap.is_some() && need > 0 && limits.clone().next().is_none();
            if limits.any(|limit| self.left(limit).is_some_and(|left| left < need)) {
                reasons.push(reason);
            }
        }
        reasons.extend(required.then_some(Reason::IdentityRequired));
        reasons
    }
}
