//! The basket: one order's tickets while its codes are judged and applied one after the other.

use crate::base::error::Error;
use crate::base::money::{Integer, Time, share};
use crate::documents::charge::{Charge, Each, MAX_REFERENCES};
use crate::documents::counter::Unit;
use crate::documents::decision::{Reason, Violation};
use crate::documents::lifts::Lifts;
use crate::documents::promo::{CountBy, Promo, WhenShort};
use crate::documents::redemption::Applied;
use crate::documents::ticket::Ticket;
use crate::judge::account::Account;
use crate::judge::limits::{Limit, Need, Scene, judge, of_code, of_policy};
use crate::judge::locks::{self, Unlocked};
use crate::judge::mend::Tickets;
use crate::judge::pricing::{Pricing, picked, total};
use crate::judge::rules::{self, Case};

pub(crate) struct Basket<'a> {
    scene: &'a Scene<'a>,
    account: Account<'a>,
    now: Time,
    /// The tickets at the prices that the codes so far left.
    pub tickets: Vec<Ticket>,
    applied: Vec<Applied>,
    charges: Vec<Charge>,
    /// How many tickets the charges name. A ticket with three charges counts three times.
    references: usize,
    /// By how much the codes so far raise the policy's limits per person.
    lifts: Lifts,
    /// The tickets that the codes so far have unlocked.
    unlocked: Vec<usize>,
}

/// What an accepted code takes off, and from which tickets.
pub(crate) struct Take {
    /// The indexes of the tickets that the code discounts or unlocks. The same tickets are marked with it and counted.
    tickets: Vec<usize>,
    discounts: Vec<Integer>,
    count_by: CountBy,
    count_by_identity: CountBy,
    partial: bool,
    limits: Vec<Limit>,
    lifts: Lifts,
    unlocked: Unlocked,
}

impl<'a> Basket<'a> {
    pub(crate) fn new(scene: &'a Scene<'a>, account: Account<'a>, now: Time) -> Self {
        let tickets = scene.order.tickets();
        Self {
            scene,
            account,
            now,
            tickets,
            applied: Vec::new(),
            charges: Vec::new(),
            references: 0,
            lifts: Lifts::default(),
            unlocked: Vec::new(),
        }
    }

    /// Judges one code at the prices that the codes before it left. The answer is what it takes off, or all that speaks
    /// against it. Nothing is changed yet.
    pub(crate) fn judge(&self, code: &str, promo: &Promo) -> Result<Take, Vec<Violation>> {
        let pricing = Pricing::new(promo, self.scene.order);
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
            violations.push(
                refuse(Reason::WrongTicketType, rest)
                    .mended_by(case.more_tickets(&[Tickets::Scope], Integer::ONE)),
            );
            return Err(violations);
        }
        let unlocked = Unlocked::by(promo, &self.tickets, &in_scope);
        let mut tickets = pricing.candidates(&self.tickets, in_scope);
        let without_discount = unlocked.add_to(&mut tickets);
        if tickets.is_empty() {
            violations.push(nothing());
            return Err(violations);
        }

        let per_person = self.scene.per_person(promo);
        if per_person.is_some() && self.scene.names_nobody() {
            let rest = "is limited per person, and the order names none";
            let required = refuse(Reason::IdentityRequired, rest);
            violations.push(Violation { limit: per_person, ..required });
        }
        let limits = of_code(promo, code, self.scene);
        let count_by = promo.count_by();
        let count_by_identity = promo.count_by_identity.unwrap_or(count_by);
        let may_cut = promo.when_short == WhenShort::Partial;
        let mut partial = false;
        let verdict = |of: &dyn Fn(Unit) -> Option<Integer>| {
            judge(&limits, &Need { of, partial: may_cut, code: Some(code) }, &self.account)
        };

        let needed = |count_by: CountBy| match count_by {
            CountBy::Ticket => Integer::count(tickets.len()),
            CountBy::Order => Integer::ONE,
        };
        let (of_all, of_person) = (needed(count_by), needed(count_by_identity));
        let uses = verdict(&|unit| match unit {
            Unit::Uses => Some(of_all),
            Unit::UsesOfPerson => Some(of_person),
            Unit::Money | Unit::FreeTickets | Unit::Tickets => None,
        });
        let short_of_uses = !uses.violations.is_empty();
        violations.extend(uses.violations);
        // Too few uses are left, but `when_short` is `partial`: the code discounts only the tickets that it picks. Only
        // a limit that counts tickets can leave some and too few.
        if let Some(left) = uses.left.filter(|_| !short_of_uses) {
            tickets = picked(promo.pick, &self.tickets, tickets, left);
            partial = true;
        }

        let off = |tickets: &[usize]| pricing.discounts(&self.tickets, tickets);
        let mut discounts = locks::discounts(&tickets, &without_discount, off);
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
            // If rounding or a short budget leaves no discount for a ticket, the ticket is not counted, unless the code
            // unlocks it.
            if discounts.contains(&Integer::ZERO) {
                let takes = tickets.into_iter().zip(discounts);
                let counts = |(index, off): &(usize, Integer)| *off > Integer::ZERO || unlocked.has(*index);
                (tickets, discounts) = takes.filter(counts).unzip();
            }
        }
        if !violations.is_empty() {
            return Err(violations);
        }
        let lifts = promo.lifts.unwrap_or_default();
        Ok(Take { tickets, discounts, count_by, count_by_identity, partial, limits, lifts, unlocked })
    }

    /// Lowers the prices, marks the tickets with the code, and charges the code's counters.
    pub(crate) fn apply(&mut self, code: &str, take: Take) -> Result<(), Error> {
        let Take { tickets, discounts, count_by, count_by_identity, partial, limits, lifts, unlocked } = take;
        self.lifts = self.lifts.and(lifts);
        self.unlocked.extend(tickets.iter().filter(|index| unlocked.has(**index)));
        self.unlocked.sort_unstable();
        self.refer(tickets.len(), limits.len())?;
        for (index, discount) in tickets.iter().zip(&discounts) {
            if let Some(ticket) = self.tickets.get_mut(*index) {
                ticket.price = ticket.price.minus(*discount);
                ticket.codes.push(code.to_owned());
            }
        }
        let discount = total(&discounts);
        let uses_by = |count_by: CountBy| match count_by {
            CountBy::Ticket => (Integer::count(tickets.len()), Some(Each::Uses(Integer::ONE))),
            CountBy::Order => (Integer::ONE, None),
        };
        let (uses, _) = uses_by(count_by);
        for limit in limits {
            let (amount, each) = match limit.unit() {
                Unit::Money => (discount, Some(Each::Money(discounts.clone()))),
                Unit::UsesOfPerson => uses_by(count_by_identity),
                Unit::Uses | Unit::FreeTickets | Unit::Tickets => uses_by(count_by),
            };
            // A code that unlocks tickets may take nothing off. A charge of 0 is none.
            if amount == Integer::ZERO {
                continue;
            }
            self.account.charge(&limit.key, amount)?;
            self.charges.push(limit.charge(Some(code), amount, &tickets, each));
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
        let [most_free, most] = policy.lifted(self.lifts);
        let all: Vec<usize> = (0..self.tickets.len()).collect();
        let is_free = |ticket: &Ticket| ticket.price == Integer::ZERO;
        let free: Vec<usize> =
            (0..).zip(&self.tickets).filter(|(_, t)| is_free(t)).map(|(index, _)| index).collect();
        let mut limits = of_policy(self.scene, self.lifts);
        let (mut violations, mut charges) = (Vec::new(), Vec::new());
        violations.extend(locks::violation(policy, &self.tickets, &self.unlocked));
        let caps = [(most_free, Unit::FreeTickets, free), (most, Unit::Tickets, all)];
        for (_, unit, tickets) in &caps {
            let need = Integer::count(tickets.len());
            let of = |asked: Unit| (asked == *unit).then_some(need);
            let asked = Need { of: &of, partial: false, code: None };
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
