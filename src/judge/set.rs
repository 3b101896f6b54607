//! A set of promotions that are judged together.

use crate::base::error::Error;
use crate::base::money::{Integer, descending, sum};
use crate::documents::charge::Charge;
use crate::documents::decision::Violation;
use crate::documents::order::Identity;
use crate::documents::promo::Promo;
use crate::documents::redemption::Applied;
use crate::documents::request::Asked;
use crate::documents::ticket::Ticket;
use crate::judge::account::Account;
use crate::judge::basket::Basket;
use crate::judge::keep::Keeper;
use crate::judge::limits::Scene;

/// The most promotions that apply to one order.
pub(crate) const MAX_APPLIED: usize = 16;

/// A promotion that may apply to the order.
#[derive(Clone, Copy)]
pub(crate) struct Member<'a> {
    pub code: &'a str,
    pub promo: &'a Promo,
    /// Whether the buyer typed its code. If not, it is automatic.
    pub typed: bool,
}

impl Member<'_> {
    /// Whether both may stand in one order.
    pub(crate) fn stands_with(&self, other: &Self) -> bool {
        let (own, its) = (self.promo, other.promo);
        let only_counts = |one: &Self, beside: &Self| !beside.typed && one.promo.takes().is_none();
        let combine = own.combines.with_others() && its.combines.with_others();
        !own.is_grouped_with(its) && (combine || only_counts(self, other) || only_counts(other, self))
    }
}

/// What every set of promotions is judged on.
pub(crate) struct Court<'a> {
    pub asked: &'a Asked<'a>,
    pub identities: &'a [Identity],
    /// What is used of each counter before the order.
    pub account: Account<'a>,
    /// The records whose place the order takes: their codes keep their time.
    pub keepers: &'a [Keeper<'a>],
}

/// An order that a set of promotions makes.
pub(crate) struct Sold {
    pub tickets: Vec<Ticket>,
    pub applied: Vec<Applied>,
    pub charges: Vec<Charge>,
    /// The codes that came too late to take something off.
    pub late: Vec<String>,
}

impl Sold {
    pub(crate) fn total(&self) -> Integer {
        // The sum is in range: `Order::verify` has added the unit prices up.
        sum(self.tickets.iter().map(|ticket| ticket.price)).unwrap_or_default()
    }
}

impl<'a> Court<'a> {
    fn scene(&self, members: &[Member<'a>]) -> Scene<'a> {
        Scene::new(self.asked, &mut members.iter().map(|member| member.promo), self.identities)
    }

    /// Judges these promotions together, and then the whole order. They are in the order that counts among those of one
    /// priority. `violations` are those that were found before; a code that has one takes nothing off.
    pub(crate) fn judge(
        &self,
        members: &[Member<'a>],
        mut violations: Vec<Violation>,
    ) -> Result<Result<Sold, Vec<Violation>>, Error> {
        let scene = self.scene(members);
        let mut basket = Basket::new(&scene, self.account.clone(), self.asked.now_ms, self.keepers);
        let mut late = Vec::new();
        let in_order = descending(members.iter().map(|member| member.promo.priority.get()));
        for member in in_order.filter_map(|place| members.get(place)) {
            match basket.judge(member) {
                Err(found) if found.is_empty() => late.push(member.code.to_owned()),
                Err(found) => violations.extend(found),
                Ok(_) if violations.iter().any(|v| v.code.as_deref() == Some(member.code)) => {}
                Ok(take) => basket.apply(member.code, take)?,
            }
        }
        let (caps, of_policy) = basket.judge_policy()?;
        violations.extend(caps);
        if !violations.is_empty() {
            return Ok(Err(violations));
        }
        let (tickets, applied, mut charges) = basket.close();
        charges.extend(of_policy);
        Ok(Ok(Sold { tickets, applied, charges, late }))
    }

    /// What speaks against the promotion if the order had no other one. It keeps its time: only a whole set must keep
    /// within what the record has of it.
    pub(crate) fn alone(&self, member: &Member<'a>) -> Vec<Violation> {
        let scene = self.scene(&[*member]);
        let basket = Basket::new(&scene, self.account.clone(), self.asked.now_ms, self.keepers);
        basket.judge_in_time(member).err().unwrap_or_default()
    }
}
