//! What one code takes off an order, or what speaks against it.

use super::Basket;
use crate::base::money::{Integer, share};
use crate::documents::counter::Unit;
use crate::documents::decision::{Reason, Violation};
use crate::documents::lifts::Lifts;
use crate::documents::promo::{Combines, CountBy, WhenShort};
use crate::judge::groups::{self, Group};
use crate::judge::keep::{Amounts, Keeper};
use crate::judge::limits::{Limit, Need, judge, left, of_code};
use crate::judge::locks::{self, Unlocked};
use crate::judge::pricing::{Pricing, picked, total};
use crate::judge::rules::{self, Case};
use crate::judge::set::Member;

/// What an accepted code takes off, and from which tickets.
pub(crate) struct Take {
    /// The indexes of the tickets that the code discounts or unlocks. The same tickets are marked with it and counted.
    pub(super) tickets: Vec<usize>,
    pub(super) discounts: Vec<Integer>,
    /// The groups that these tickets form; empty unless the discount is of kind `per_group`.
    pub(super) groups: Vec<Group>,
    pub(super) count_by: CountBy,
    pub(super) count_by_identity: CountBy,
    pub(super) partial: bool,
    pub(super) limits: Vec<Limit>,
    pub(super) lifts: Lifts,
    pub(super) unlocked: Unlocked,
    /// Whether it stands on no ticket with another promotion.
    pub(super) per_ticket: bool,
}

impl Basket<'_> {
    /// Judges one promotion at the prices that those before it left. The answer is what it takes off, or all that
    /// speaks against it. Nothing is changed yet. Nothing speaks against a code that comes too late: it would take
    /// something off, but those before it have left nothing, and it takes no use.
    pub(crate) fn judge(&self, member: &Member) -> Result<Take, Vec<Violation>> {
        let Member { code, promo, .. } = *member;
        for keeper in self.keepers.iter().filter(|keeper| keeper.has(code)) {
            let mut taken = Amounts::default();
            let verdict = self.judge_at(member, Some(keeper), &mut taken);
            if keeper.covers(promo, code, &taken) {
                return verdict;
            }
        }
        self.judge_at(member, None, &mut Amounts::default())
    }

    /// The same, but a code of a keeper's record keeps its time however much the order has of it.
    pub(crate) fn judge_in_time(&self, member: &Member) -> Result<Take, Vec<Violation>> {
        let keeper = self.keepers.iter().find(|keeper| keeper.has(member.code));
        self.judge_at(member, keeper, &mut Amounts::default())
    }

    /// Judges one promotion now or, if the record of a keeper is given, as if it were in time. `taken` becomes how much
    /// the order has of it.
    fn judge_at(
        &self,
        &Member { code, promo, typed }: &Member,
        kept: Option<&Keeper>,
        taken: &mut Amounts,
    ) -> Result<Take, Vec<Violation>> {
        let mut pricing = Pricing::new(promo, self.scene.order);
        let in_scope = pricing.in_scope(&self.tickets);
        let case = Case {
            promo,
            code,
            order: self.scene.order,
            identities: self.scene.identities,
            policy: self.scene.policy,
            in_scope: Integer::count(in_scope.len()),
            now: self.now,
            local: self.scene.local,
            kept,
        };
        let mut violations = rules::violations(&case);
        let refuse = |reason, rest| Violation::new(Some(code), reason, format!("{code} {rest}"));
        let nothing = || refuse(Reason::NothingToDiscount, "takes nothing off this order");
        // Without an amount in the order's currency, nothing can be priced.
        if promo.lacks(&self.scene.order.currency).is_some() {
            return Err(violations);
        }
        // Without a ticket to discount, nothing would be counted, so the limits are not judged.
        if in_scope.is_empty() {
            let rest = "is for none of the ticket types in the order";
            violations
                .push(refuse(Reason::WrongTicketType, rest).mended_by(case.more_in_scope(Integer::ONE)));
            return Err(violations);
        }
        pricing.reach_tiers(&self.tickets, &in_scope);
        let unlocked = Unlocked::by(promo, &self.tickets, &in_scope);
        let kind = pricing.takes.groups();
        let is_taken = |index: usize| self.is_taken(index, promo);
        let mut groups = Vec::new();
        let mut tickets = match &kind {
            Some(kind) => {
                match groups::form(&case, &pricing, kind, (&self.tickets, &is_taken), &in_scope) {
                    Ok(formed) => {
                        groups = formed;
                        groups::marked(&groups).0
                    }
                    Err(_) if typed && self.is_late(&case) => return Err(violations),
                    Err(mut found) => {
                        // Too few for `min_tickets` and too few for a group are one reason.
                        found.retain(|new| violations.iter().all(|earlier| earlier.reason != new.reason));
                        violations.extend(found);
                        return Err(violations);
                    }
                }
            }
            None => pricing.candidates((&self.tickets, &is_taken), in_scope),
        };
        let without_discount = unlocked.add_to(&mut tickets);
        if tickets.is_empty() {
            if !(typed && self.is_late(&case)) {
                violations.push(nothing());
            }
            return Err(violations);
        }

        let per_person = self.scene.per_person(promo);
        if per_person.is_some() && self.scene.names_nobody() {
            let rest = "is limited per person, and the order names none";
            let required = refuse(Reason::IdentityRequired, rest);
            violations.push(Violation { limit: per_person, ..required });
        }
        let mut limits = of_code(promo, code, self.scene, kept);
        if !typed {
            // Every order would charge them, for a count that nobody asked for.
            limits.retain(|limit| limit.most.is_some());
        }
        let count_by = promo.count_by();
        let count_by_identity = promo.count_by_identity.unwrap_or(count_by);
        let may_cut = promo.when_short == WhenShort::Partial;
        let mut partial = false;
        let verdict = |of: &dyn Fn(Unit) -> Option<Integer>| {
            judge(&limits, &Need { of, partial: may_cut, code: Some(code) }, &self.account)
        };

        let of_all = uses_of(count_by, &tickets, &groups);
        let of_person = uses_of(count_by_identity, &tickets, &groups);
        let uses = verdict(&|unit| match unit {
            Unit::Uses => Some(of_all),
            Unit::UsesOfPerson => Some(of_person),
            Unit::Money | Unit::FreeTickets | Unit::Tickets => None,
        });
        let short_of_uses = !uses.violations.is_empty();
        violations.extend(uses.violations);
        // Too few uses are left, but `when_short` is `partial`: the code discounts only the first groups, or the
        // tickets that it picks. Of codes without groups, only a limit that counts tickets can leave some and too few.
        if let Some(least) = uses.left.filter(|_| !short_of_uses) {
            match kind {
                Some(_) => {
                    let fitting = |unit, count_by| {
                        let left = left(&limits, unit, &self.account);
                        left.map_or(usize::MAX, |left| groups::fitting(&groups, count_by, left))
                    };
                    match fitting(Unit::UsesOfPerson, count_by_identity) {
                        // Tickets are left for this person, but too few for the first group.
                        0 => {
                            let first = groups.first().map(|group| Integer::count(group.marked.len()));
                            let of = |unit| first.filter(|_| unit == Unit::UsesOfPerson);
                            let need = Need { of: &of, partial: false, code: Some(code) };
                            violations.extend(judge(&limits, &need, &self.account).violations);
                        }
                        most => groups.truncate(most.min(fitting(Unit::Uses, count_by))),
                    }
                }
                None => tickets = picked(promo.pick, &self.tickets, tickets, least),
            }
            partial = true;
        }

        let mut discounts = match kind {
            Some(_) => {
                let (marked, discounts) = groups::marked(&groups);
                tickets = marked;
                pricing.at_most(discounts)
            }
            None => {
                let off = |tickets: &[usize]| pricing.discounts(&self.tickets, tickets);
                locks::discounts(&tickets, &without_discount, off)
            }
        };
        let whole = total(&discounts);
        let money = verdict(&|unit| (unit == Unit::Money).then_some(whole));
        let short_of_money = !money.violations.is_empty();
        violations.extend(money.violations);
        if let Some(left) = money.left.filter(|_| !short_of_money) {
            discounts = share(left, &discounts);
            partial = true;
        }
        if !pricing.takes.is_none() {
            if whole == Integer::ZERO && !tickets.iter().any(|index| unlocked.has(*index)) {
                violations.push(nothing());
            }
            // If rounding or a short budget leaves no discount for a ticket or a group, it is not counted, unless the
            // code unlocks it.
            if let Some(kind) = &kind {
                groups = groups::with_discounts(kind, groups, &tickets, &discounts);
                (tickets, discounts) = groups::marked(&groups);
            } else if discounts.contains(&Integer::ZERO) {
                let takes = tickets.into_iter().zip(discounts);
                let counts = |(index, off): &(usize, Integer)| *off > Integer::ZERO || unlocked.has(*index);
                (tickets, discounts) = takes.filter(counts).unzip();
            }
        }
        let uses = uses_of(count_by, &tickets, &groups);
        *taken = Amounts { tickets: Integer::count(tickets.len()), uses, discount: total(&discounts) };
        if !violations.is_empty() {
            return Err(violations);
        }
        let lifts = promo.lifts.unwrap_or_default();
        let per_ticket = promo.combines == Combines::PerTicket;
        Ok(Take {
            tickets,
            discounts,
            groups,
            count_by,
            count_by_identity,
            partial,
            limits,
            lifts,
            unlocked,
            per_ticket,
        })
    }
}

/// How many uses these tickets are, in these groups.
fn uses_of(count_by: CountBy, tickets: &[usize], groups: &[Group]) -> Integer {
    match count_by {
        CountBy::Ticket => Integer::count(tickets.len()),
        CountBy::Order => Integer::ONE,
        CountBy::Group => Integer::count(groups.len()),
    }
}
