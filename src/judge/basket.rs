//! The basket: one order's tickets while its codes are judged and applied one after the other.

use crate::base::error::Error;
use crate::base::money::{Integer, Time, share, sum};
use crate::documents::charge::{Charge, Each, MAX_REFERENCES};
use crate::documents::counter::Unit;
use crate::documents::decision::{Reason, Violation};
use crate::documents::promo::{CountBy, Promo, WhenShort};
use crate::documents::redemption::Applied;
use crate::documents::ticket::Ticket;
use crate::judge::account::Account;
use crate::judge::groups::{self, Group};
use crate::judge::limits::{Limit, Need, Scene, judge, of_code, of_policy};
use crate::judge::pricing::{Pricing, picked, total};
use crate::judge::rules::{self, Case};

pub(crate) struct Basket<'a> {
    scene: &'a Scene<'a>,
    account: Account<'a>,
    now: Time,
    subtotal: Integer,
    /// The tickets at the prices that the codes so far left.
    pub tickets: Vec<Ticket>,
    applied: Vec<Applied>,
    charges: Vec<Charge>,
    /// How many tickets the charges name. A ticket with three charges counts three times.
    references: usize,
    /// For each ticket, whether it is in a group of a code so far; empty as long as there is no group.
    grouped: Vec<bool>,
}

/// What an accepted code takes off, and from which tickets.
pub(crate) struct Take {
    /// The indexes of the tickets that the code discounts. The same tickets are marked with it and counted.
    tickets: Vec<usize>,
    discounts: Vec<Integer>,
    /// The groups that these tickets form; empty unless the discount is of kind `per_group`.
    groups: Vec<Group>,
    count_by: CountBy,
    partial: bool,
    limits: Vec<Limit>,
}

impl<'a> Basket<'a> {
    pub(crate) fn new(scene: &'a Scene<'a>, account: Account<'a>, now: Time) -> Self {
        let tickets = scene.order.tickets();
        // The sum is in range: `Order::verify` has added the prices up.
        let subtotal = sum(tickets.iter().map(|ticket| ticket.price)).unwrap_or_default();
        Self {
            scene,
            account,
            now,
            subtotal,
            tickets,
            applied: Vec::new(),
            charges: Vec::new(),
            references: 0,
            grouped: Vec::new(),
        }
    }

    /// Judges one code at the prices that the codes before it left. The answer is what it takes off, or all that speaks
    /// against it. Nothing is changed yet.
    pub(crate) fn judge(&self, code: &str, promo: &Promo) -> Result<Take, Vec<Violation>> {
        let mut pricing = Pricing::new(promo, self.scene.order);
        let in_scope = pricing.in_scope(&self.tickets);
        let case = Case {
            promo,
            code,
            order: self.scene.order,
            identities: self.scene.identities,
            email_aliases: self.scene.policy.email_aliases,
            in_scope: Integer::count(in_scope.len()),
            subtotal: self.subtotal,
            now: self.now,
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
            violations.push(refuse(Reason::WrongTicketType, rest).mended_by(case.more_tickets(Integer::ONE)));
            return Err(violations);
        }
        pricing.reach_tiers(&self.tickets, &in_scope);
        let kind = pricing.takes.groups();
        let mut groups = Vec::new();
        let mut tickets = match &kind {
            Some(kind) => {
                match groups::form(&case, &pricing, kind, (&self.tickets, &self.grouped), &in_scope) {
                    Ok(formed) => {
                        groups = formed;
                        groups::marked(&groups).0
                    }
                    Err(mut found) => {
                        // Too few for `min_tickets` and too few for a group are one reason.
                        found.retain(|new| violations.iter().all(|earlier| earlier.reason != new.reason));
                        violations.extend(found);
                        return Err(violations);
                    }
                }
            }
            None => pricing.candidates(&self.tickets, in_scope),
        };
        if tickets.is_empty() {
            violations.push(nothing());
            return Err(violations);
        }

        if promo.limits_persons() && self.scene.names_nobody() {
            let rest = "is limited per person, and the order names none";
            let required = refuse(Reason::IdentityRequired, rest);
            violations.push(Violation { limit: promo.per_person(), ..required });
        }
        let limits = of_code(promo, code, self.scene);
        let count_by = promo.count_by();
        let may_cut = promo.when_short == WhenShort::Partial;
        let mut partial = false;
        let verdict = |unit, amount| {
            let need = Need { unit, amount, partial: may_cut, code: Some(code) };
            judge(&limits, &need, &self.account)
        };

        let needed = match count_by {
            CountBy::Ticket => Integer::count(tickets.len()),
            CountBy::Order => Integer::ONE,
            CountBy::Group => Integer::count(groups.len()),
        };
        let uses = verdict(Unit::Uses, needed);
        let short_of_uses = !uses.violations.is_empty();
        violations.extend(uses.violations);
        // Too few uses are left, but `when_short` is `partial`: the code discounts only the tickets that it picks, or the
        // first groups.
        if let Some(left) = uses.left.filter(|left| *left < needed && !short_of_uses) {
            match kind {
                Some(_) => groups.truncate(left.index()),
                None => tickets = picked(promo.pick, &self.tickets, tickets, left),
            }
            partial = true;
        }

        let mut discounts = match kind {
            Some(_) => {
                let (marked, discounts) = groups::marked(&groups);
                tickets = marked;
                pricing.at_most(discounts)
            }
            None => pricing.discounts(&self.tickets, &tickets),
        };
        let whole = total(&discounts);
        let money = verdict(Unit::Money, whole);
        let short_of_money = !money.violations.is_empty();
        violations.extend(money.violations);
        if let Some(left) = money.left.filter(|left| *left < whole && !short_of_money) {
            discounts = share(left, &discounts);
            partial = true;
        }
        if !pricing.takes.is_none() {
            if whole == Integer::ZERO {
                violations.push(nothing());
            }
            // If rounding or a short budget leaves no discount for a ticket or a group, it is not counted.
            if let Some(kind) = &kind {
                groups = groups::with_discounts(kind, groups, &tickets, &discounts);
                (tickets, discounts) = groups::marked(&groups);
            } else if discounts.contains(&Integer::ZERO) {
                let takes = tickets.into_iter().zip(discounts);
                (tickets, discounts) = takes.filter(|(_, discount)| *discount > Integer::ZERO).unzip();
            }
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        Ok(Take { tickets, discounts, groups, count_by, partial, limits })
    }

    /// Lowers the prices, marks the tickets with the code, and charges the code's counters.
    pub(crate) fn apply(&mut self, code: &str, take: Take) -> Result<(), Error> {
        let Take { tickets, discounts, groups, count_by, partial, limits } = take;
        self.refer(tickets.len(), limits.len())?;
        for (index, discount) in tickets.iter().zip(&discounts) {
            if let Some(ticket) = self.tickets.get_mut(*index) {
                ticket.price = ticket.price.minus(*discount);
                ticket.codes.push(code.to_owned());
            }
        }
        let discount = total(&discounts);
        let (uses, each_use) = match count_by {
            CountBy::Ticket => (Integer::count(tickets.len()), Some(Each::Uses(Integer::ONE))),
            CountBy::Order => (Integer::ONE, None),
            CountBy::Group => (Integer::count(groups.len()), None),
        };
        let indexes = |group: &Group| group.marked.iter().map(|&index| Integer::count(index)).collect();
        let of_groups: Option<Vec<Vec<Integer>>> =
            (count_by == CountBy::Group).then(|| groups.iter().map(indexes).collect());
        for limit in limits {
            let (amount, each) = match limit.unit() {
                Unit::Money => (discount, Some(Each::Money(discounts.clone()))),
                Unit::Uses | Unit::FreeTickets | Unit::Tickets => (uses, each_use.clone()),
            };
            // The amount is never 0: a code of kind `none` has no counters in money, and any other code that takes
            // nothing off was rejected.
            self.account.charge(&limit.key, amount)?;
            let groups = of_groups.clone().filter(|_| limit.unit() == Unit::Uses);
            self.charges.push(Charge { groups, ..limit.charge(Some(code), amount, &tickets, each) });
        }
        for index in groups.iter().flat_map(|group| &group.members) {
            self.grouped.resize(self.tickets.len(), false);
            if let Some(grouped) = self.grouped.get_mut(*index) {
                *grouped = true;
            }
        }
        self.applied.push(Applied {
            code: code.to_owned(),
            tickets: Integer::count(tickets.len()),
            uses,
            discount,
            partial,
            remaining: None, // `close` fills it in, because later codes may still charge the same counters
        });
        Ok(())
    }

    /// Counts the tickets of so many charges; an error beyond the bound, because every host must be able to read the
    /// record of an order that is sold.
    fn refer(&mut self, tickets: usize, counters: usize) -> Result<(), Error> {
        self.references = self.references.saturating_add(tickets.saturating_mul(counters));
        if self.references > MAX_REFERENCES {
            let found = self.references;
            let expected =
                format!("expected at most {MAX_REFERENCES} ticket references in charges, found {found}");
            return Err(Error::new("lines", expected).in_field("order"));
        }
        Ok(())
    }

    /// Judges the whole order by the policy's limits. The answer is what speaks against the order, and its charges.
    pub(crate) fn judge_policy(&mut self) -> Result<(Vec<Violation>, Vec<Charge>), Error> {
        let policy = self.scene.policy;
        let all: Vec<usize> = (0..self.tickets.len()).collect();
        let is_free = |ticket: &Ticket| ticket.price == Integer::ZERO;
        let free: Vec<usize> =
            (0..).zip(&self.tickets).filter(|(_, t)| is_free(t)).map(|(index, _)| index).collect();
        let mut limits = of_policy(self.scene);
        let (mut violations, mut charges) = (Vec::new(), Vec::new());
        let caps = [
            (policy.max_free_tickets_per_identity, Unit::FreeTickets, free),
            (policy.max_tickets_per_identity, Unit::Tickets, all),
        ];
        for (_, unit, tickets) in &caps {
            let need = Integer::count(tickets.len());
            let asked = Need { unit: *unit, amount: need, partial: false, code: None };
            let verdict = judge(&limits, &asked, &self.account);
            if !verdict.violations.is_empty() || tickets.is_empty() {
                violations.extend(verdict.violations);
                continue;
            }
            self.refer(tickets.len(), limits.iter().filter(|limit| limit.unit() == *unit).count())?;
            for limit in limits.extract_if(.., |limit| limit.unit() == *unit) {
                self.account.charge(&limit.key, need)?;
                charges.push(limit.charge(None, need, tickets, Some(Each::Uses(Integer::ONE))));
            }
        }
        let needed = caps.iter().filter(|(_, _, tickets)| !tickets.is_empty());
        let least = needed.filter_map(|(cap, ..)| *cap).min();
        if least.is_some() && self.scene.names_nobody() {
            let message = "tickets are limited per person, and the order names none";
            let required = Violation::new(None, Reason::IdentityRequired, message.to_owned());
            violations.push(Violation { limit: least, ..required });
        }
        Ok((violations, charges))
    }

    /// Ends the basket: the answer is the tickets, what each code did, and the charges of the codes.
    pub(crate) fn close(self) -> (Vec<Ticket>, Vec<Applied>, Vec<Charge>) {
        let Self { account, tickets, mut applied, charges, .. } = self;
        for applied in &mut applied {
            let own = charges.iter().filter(|charge| charge.code.as_ref() == Some(&applied.code));
            // Only counters of uses matter here. A charge in money has an amount for each ticket, so leave it out.
            let uses = own.filter(|charge| !matches!(charge.each, Some(Each::Money(_))));
            let left = uses.filter_map(|charge| Some(charge.limit?.minus(account.used(&charge.key))));
            applied.remaining = left.min();
        }
        (tickets, applied, charges)
    }
}
