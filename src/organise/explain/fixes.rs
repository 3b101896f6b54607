//! The trials: single changes of the order, each of which is decided like any other order.

use super::rules::is_about;
use super::steps::Broken;
use super::{Fix, OrderChange, Unfixed, times};
use crate::base::money::{Bounded, Integer, Positive, Time};
use crate::base::text::{Kind, Text};
use crate::documents::decision::{Decision, Reason, Status, Violation};
use crate::documents::order::{MAX_TICKETS, Order};
use crate::documents::redemption::Redemption;
use crate::documents::request::{Asked, Entered};
use crate::sell::validate::decide;

/// The most orders that are decided for one answer, that which was asked about included.
const MOST: usize = 32;
/// The most kinds of identity that are tried.
const MOST_KINDS: usize = 4;

/// What was tried, and what was found.
pub(super) struct Trials<'a> {
    asked: &'a Asked<'a>,
    entered: &'a [Entered<'a>],
    pub fixes: Vec<Fix>,
    pub decisions: usize,
    pub complete: bool,
}

/// The answer to a trial.
enum Answer {
    /// The order is accepted at this total.
    Accepted(Integer),
    Refused(Vec<Violation>),
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    More,
    Fewer,
}

/// Tries what the violations of the decision suggest.
pub(super) fn find<'a>(asked: &'a Asked, entered: &'a [Entered<'a>], decision: &Decision) -> Trials<'a> {
    let mut trials = Trials { asked, entered, fixes: Vec::new(), decisions: 1, complete: true };
    let found = &decision.violations;
    // An order that was confirmed before stays as it is, and needs another id.
    if found.is_empty() || found.iter().any(|violation| violation.reason == Reason::AlreadyConfirmed) {
        return trials;
    }
    trials.leave_out_codes();
    trials.wait(found);
    trials.name_identities(found);
    for line in 0..asked.order.lines.len() {
        for direction in [Direction::More, Direction::Fewer] {
            trials.change_line(line, direction, found);
        }
    }
    trials
}

impl<'a> Trials<'a> {
    /// The violations that no fix mends, except by leaving their code out.
    pub(super) fn unfixed(&self, decision: &Decision) -> Vec<Unfixed> {
        let unfixed = decision.violations.iter().filter_map(|violation| {
            let about = self.entered.iter().find(|one| is_about(violation, one)).map(|one| &one.code);
            let mends =
                |fix: &Fix| !matches!(&fix.change, OrderChange::LeaveOutCode { code } if Some(code) == about);
            let code = about.or(violation.code.as_ref()).cloned();
            (!self.fixes.iter().any(mends)).then_some(Unfixed { code, reason: violation.reason })
        });
        unfixed.collect()
    }

    /// Decides the order with another part. `None` if 32 were decided. An order that no host could sell, such as one
    /// of 1001 tickets, is refused.
    fn decide(&mut self, codes: &[String], order: &Order, now_ms: Time) -> Option<Answer> {
        if self.decisions >= MOST {
            self.complete = false;
            return None;
        }
        self.decisions = self.decisions.saturating_add(1);
        let Asked { promos, index, policy, usage, .. } = *self.asked;
        let decision = decide(&Asked { codes, promos, index, policy, order, usage, now_ms });
        Some(match decision {
            Ok(decision) if decision.status == Status::Accepted => Answer::Accepted(decision.quote.total),
            Ok(decision) => Answer::Refused(decision.violations),
            Err(_) => Answer::Refused(Vec::new()),
        })
    }

    /// The order that was asked about. A rejected one need not say how long it would be held.
    fn order(&self) -> Order {
        let mut order = self.asked.order.clone();
        order.hold_until_ms = order.hold_until_ms.or(order.id.as_ref().map(|_| self.asked.now_ms));
        order
    }

    fn list(&mut self, change: OrderChange, total: Integer) {
        self.fixes.push(Fix { change, total });
    }

    /// The promotion of the violation's code.
    fn broken<'b>(&'b self, violation: &'b Violation, order: &'b Order) -> Broken<'b> {
        let promo = self.entered.iter().find(|one| is_about(violation, one)).and_then(|one| one.promo);
        let is_live = |hold: &&Redemption| hold.is_live(self.asked.now_ms);
        let hold = self.asked.usage.existing.as_ref().filter(is_live);
        Broken { violation, promo, policy: self.asked.policy, order, hold }
    }

    fn leave_out_codes(&mut self) {
        let (order, now) = (self.order(), self.asked.now_ms);
        for one in self.entered {
            let is_other = |typed: &&String| {
                let alone = Asked { codes: std::slice::from_ref(*typed), ..*self.asked };
                alone.entered().iter().all(|entered| entered.code != one.code)
            };
            let codes: Vec<String> = self.asked.codes.iter().filter(is_other).cloned().collect();
            if let Some(Answer::Accepted(total)) = self.decide(&codes, &order, now) {
                self.list(OrderChange::LeaveOutCode { code: one.code.clone() }, total);
            }
        }
    }

    fn wait(&mut self, found: &[Violation]) {
        let (order, mut at) = (self.order(), self.asked.now_ms);
        let mut found = found.to_vec();
        loop {
            let next = |violation: &Violation| {
                times::next(violation, self.broken(violation, &order).promo?, self.asked.policy, at)
            };
            // Every violation must go by itself.
            let times: Option<Vec<Time>> = found.iter().map(next).collect();
            let Some(later) = times.into_iter().flatten().max().filter(|later| *later > at) else { return };
            at = later;
            match self.decide(self.asked.codes, &order, at) {
                Some(Answer::Accepted(total)) => {
                    let Some(before) = at.get().checked_sub(1).and_then(Time::new) else { return };
                    if let Some(Answer::Refused(_)) = self.decide(self.asked.codes, &order, before) {
                        self.list(OrderChange::WaitUntil { at_ms: at }, total);
                    }
                    return;
                }
                Some(Answer::Refused(violations)) => found = violations,
                None => return,
            }
        }
    }

    fn name_identities(&mut self, found: &[Violation]) {
        for (kind, value) in self.persons(found) {
            let mut order = self.order();
            order.identities.insert(kind.clone(), value);
            if let Some(Answer::Accepted(total)) = self.decide(self.asked.codes, &order, self.asked.now_ms) {
                self.list(OrderChange::NameIdentity { identity: kind }, total);
            }
        }
    }

    /// Persons whom the order does not name: listed ones where a code is for listed buyers, and anybody where somebody
    /// must be named.
    fn persons(&self, found: &[Violation]) -> Vec<(Kind, Text<320>)> {
        let mut persons: Vec<(Kind, Text<320>)> = Vec::new();
        let mut add = |kind: &Kind, value: String| {
            let new =
                !self.asked.order.identities.contains_key(kind) && persons.iter().all(|(one, _)| one != kind);
            persons.extend(Text::new(value).filter(|_| new).map(|value| (kind.clone(), value)));
        };
        for one in self.entered {
            let refused = |v: &Violation| v.reason == Reason::NotEligible && is_about(v, one);
            let listed =
                one.promo.filter(|_| found.iter().any(refused)).and_then(|promo| promo.only_for.as_ref());
            for (kind, entries) in listed.into_iter().flatten() {
                if let Some(entry) = entries.first() {
                    let of_domain = **kind == *"email" && entry.trim().starts_with('@');
                    add(
                        kind,
                        if of_domain { ["somebody", entry.trim()].concat() } else { entry.to_string() },
                    );
                }
            }
        }
        if found.iter().any(|violation| violation.reason == Reason::IdentityRequired) {
            let email = Kind::new("email").map(|email| vec![email]);
            for kind in self.asked.policy.identity_kinds.as_ref().or(email.as_ref()).into_iter().flatten() {
                add(kind, "somebody@example.invalid".to_owned());
            }
        }
        persons.truncate(MOST_KINDS);
        persons
    }

    /// Looks for the least number of tickets to add to a line or to take out of it.
    fn change_line(&mut self, line: usize, direction: Direction, found: &[Violation]) {
        let asked = self.asked;
        let Some(quantity) = asked.order.lines.get(line).map(|line| line.quantity.get()) else { return };
        let all: u64 = asked.order.lines.iter().fold(0, |all, line| all.saturating_add(line.quantity.get()));
        let most = match direction {
            Direction::More => MAX_TICKETS.saturating_sub(all),
            Direction::Fewer => quantity.min(all.saturating_sub(1)),
        };
        let mut found = found.to_vec();
        // With `refused` tickets more or fewer the order is refused, with `accepted` it is accepted.
        let (mut refused, mut accepted) = (0_u64, None::<(u64, Integer)>);
        loop {
            let by = match accepted {
                Some((by, _)) if by.saturating_sub(1) <= refused => break,
                // The numbers are nearly always exact, so the next is looked at first.
                Some((by, _)) if refused == 0 || by.saturating_sub(refused) < 4 => by.saturating_sub(1),
                Some((by, _)) => refused.midpoint(by),
                None => match self.step(line, direction, refused, &found) {
                    Some(step) => refused.saturating_add(step).min(most),
                    None => return,
                },
            };
            let Some(order) = self.with(line, direction, by).filter(|_| by > refused) else { return };
            match self.decide(asked.codes, &order, asked.now_ms) {
                None => return,
                Some(Answer::Accepted(total)) => accepted = Some((by, total)),
                Some(Answer::Refused(violations)) => {
                    refused = by;
                    if accepted.is_none() {
                        // If nothing got better, more of it does not help.
                        if alike(&violations, &found) {
                            return;
                        }
                        found = violations;
                    }
                }
            }
        }
        if let Some((by, total)) = accepted
            && let Some(tickets) = Positive::new(by)
        {
            let line = Integer::count(line);
            self.list(
                match direction {
                    Direction::More => OrderChange::AddTickets { line, tickets },
                    Direction::Fewer => OrderChange::RemoveTickets { line, tickets },
                },
                total,
            );
        }
    }

    /// How many tickets further all of the violations ask for. `None` if one of them is not mended so.
    fn step(&self, line: usize, direction: Direction, by: u64, found: &[Violation]) -> Option<u64> {
        let order = self.with(line, direction, by)?;
        let line = order.lines.get(line).or(self.asked.order.lines.get(line))?;
        let step = |violation: &Violation| match direction {
            Direction::More => self.broken(violation, &order).more(line),
            Direction::Fewer => self.broken(violation, &order).fewer(line),
        };
        let steps: Option<Vec<u64>> = found.iter().map(step).collect();
        steps?.into_iter().max()
    }

    /// The order with so many tickets more or fewer in this line; a line without tickets is left out.
    fn with(&self, index: usize, direction: Direction, by: u64) -> Option<Order> {
        let mut order = self.order();
        let line = order.lines.get_mut(index)?;
        let quantity = match direction {
            Direction::More => line.quantity.get().checked_add(by)?,
            Direction::Fewer => line.quantity.get().checked_sub(by)?,
        };
        match Bounded::new(quantity) {
            Some(quantity) => line.quantity = quantity,
            None if quantity == 0 => drop(order.lines.remove(index)),
            None => return None,
        }
        Some(order)
    }
}

/// Whether the same speaks against two orders, with the same numbers.
fn alike(one: &[Violation], other: &[Violation]) -> bool {
    let same = |(a, b): (&Violation, &Violation)| {
        (&a.code, a.reason, a.used, a.remaining, a.need) == (&b.code, b.reason, b.used, b.remaining, b.need)
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}
