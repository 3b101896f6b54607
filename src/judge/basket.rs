//! The basket: one order's tickets while its codes are judged and applied one after the other.

mod late;
mod take;

use std::mem::replace;
use std::sync::Arc;

use crate::base::error::Error;
use crate::base::money::{Integer, Time};
use crate::documents::charge::{Charge, Each, MAX_REFERENCES};
use crate::documents::counter::Unit;
use crate::documents::decision::{Reason, Violation};
use crate::documents::lifts::Lifts;
use crate::documents::promo::CountBy;
use crate::documents::redemption::Applied;
use crate::documents::ticket::Ticket;
use crate::judge::account::Account;
use crate::judge::groups::Group;
use crate::judge::keep::Keeper;
use crate::judge::limits::{Need, Scene, judge, of_policy};
use crate::judge::locks;
use crate::judge::pricing::total;
pub(crate) use take::Take;

pub(crate) struct Basket<'a> {
    scene: &'a Scene<'a>,
    account: Account<'a>,
    now: Time,
    /// The records whose place the order takes: their codes keep their time.
    keepers: &'a [Keeper<'a>],
    /// The tickets at the prices that the codes so far left.
    pub tickets: Vec<Ticket>,
    applied: Vec<Applied>,
    charges: Vec<Charge>,
    /// How many tickets the charges name. A ticket with three charges counts three times.
    references: usize,
    /// For each ticket, whether it is in a group of a code so far; empty as long as there is no group.
    grouped: Vec<bool>,
    /// For each ticket, whether a code so far shares it with no other; empty as long as there is no such code.
    exclusive: Vec<bool>,
    /// By how much the codes so far raise the policy's limits per person.
    lifts: Lifts,
    /// The tickets that the codes so far have unlocked.
    unlocked: Vec<usize>,
}

impl<'a> Basket<'a> {
    pub(crate) fn new(
        scene: &'a Scene<'a>,
        account: Account<'a>,
        now: Time,
        keepers: &'a [Keeper<'a>],
    ) -> Self {
        let tickets = scene.order.tickets();
        Self {
            scene,
            account,
            now,
            keepers,
            tickets,
            applied: Vec::new(),
            charges: Vec::new(),
            references: 0,
            grouped: Vec::new(),
            exclusive: Vec::new(),
            lifts: Lifts::default(),
            unlocked: Vec::new(),
        }
    }

    /// Lowers the prices, marks the tickets with the code, and charges the code's counters.
    pub(crate) fn apply(&mut self, code: &str, take: Take) -> Result<(), Error> {
        let Take { tickets, discounts, groups, count_by, count_by_identity, partial, .. } = take;
        let Take { limits, lifts, unlocked, per_ticket, .. } = take;
        self.lifts = self.lifts.and(lifts);
        self.unlocked.extend(tickets.iter().filter(|index| unlocked.has(**index)));
        self.unlocked.sort_unstable();
        self.refer(tickets.len(), limits.len())?;
        let (code, mut codes, mut offs) = (code.to_owned(), None, None);
        for (index, discount) in tickets.iter().zip(&discounts) {
            if let Some(ticket) = self.tickets.get_mut(*index) {
                ticket.price = ticket.price.minus(*discount);
                push(&mut ticket.codes, &code, &mut codes);
                push(&mut ticket.off, discount, &mut offs);
            }
        }
        let marked = indexes(&tickets);
        let discount = total(&discounts);
        let marked_of = |group: &Group| group.marked.iter().map(|&index| Integer::count(index)).collect();
        let uses_by = |count_by: CountBy| match count_by {
            CountBy::Ticket => (Integer::count(tickets.len()), Some(Each::Uses(Integer::ONE)), None),
            CountBy::Order => (Integer::ONE, None, None),
            CountBy::Group => {
                (Integer::count(groups.len()), None, Some(groups.iter().map(marked_of).collect()))
            }
        };
        let (uses, ..) = uses_by(count_by);
        for limit in limits {
            let (amount, each, groups) = match limit.unit() {
                Unit::Money => (discount, Some(Each::Money(discounts.clone())), None),
                Unit::UsesOfPerson => uses_by(count_by_identity),
                Unit::Uses | Unit::FreeTickets | Unit::Tickets => uses_by(count_by),
            };
            // A code that unlocks tickets may take nothing off. A charge of 0 is none.
            if amount == Integer::ZERO {
                continue;
            }
            self.account.charge(&limit.key, amount)?;
            self.charges.push(Charge { groups, ..limit.charge(Some(&code), amount, &marked, each) });
        }
        let mark = |marks: &mut Vec<bool>, index: usize| {
            marks.resize(self.tickets.len(), false);
            marks.get_mut(index).into_iter().for_each(|mark| *mark = true);
        };
        for index in groups.iter().flat_map(|group| &group.members) {
            mark(&mut self.grouped, *index);
            if per_ticket {
                mark(&mut self.exclusive, *index);
            }
        }
        for (index, _) in
            tickets.iter().zip(&discounts).filter(|(_, off)| per_ticket && **off > Integer::ZERO)
        {
            mark(&mut self.exclusive, *index);
        }
        self.applied.push(Applied {
            code,
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
            let marked = indexes(tickets);
            for limit in limits.extract_if(.., |limit| limit.unit() == *unit) {
                self.account.charge(&limit.key, need)?;
                charges.push(limit.charge(None, need, &marked, Some(Each::Uses(Integer::ONE))));
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

/// Adds the item to a list that several tickets share. Those whose lists were one before have one afterwards: `last` is
/// a list before and after.
fn push<T: Clone + PartialEq>(list: &mut Arc<[T]>, item: &T, last: &mut Option<[Arc<[T]>; 2]>) {
    if let Some([before, after]) = last
        && Arc::ptr_eq(before, list)
        && after.last() == Some(item)
    {
        *list = after.clone();
        return;
    }
    let after: Arc<[T]> = list.iter().chain([item]).cloned().collect();
    *last = Some([replace(list, after.clone()), after]);
}

fn indexes(tickets: &[usize]) -> Arc<[Integer]> {
    tickets.iter().map(|&index| Integer::count(index)).collect()
}
