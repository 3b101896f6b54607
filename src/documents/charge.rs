//! Charge: what a redemption added to one counter, and how much of it is still held.

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

use crate::base::error::Error;
use crate::base::money::{Integer, sum};
use crate::documents::counter::Counter;
use crate::documents::policy::{Back, gives_back};
use crate::documents::ticket::Ticket;

/// The most tickets that all charges of one new record may name. A ticket with three charges counts three times.
pub(crate) const MAX_REFERENCES: usize = 100_000;

/// What one redemption added to a counter, and which reasons give it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The counter's key.
    pub key: String,
    /// The canonical code that was charged. Null for a counter of the policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The counter's limit when the order was accepted, in uses, tickets or minor units. Null is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Integer>,
    /// How much was added, in uses, tickets or minor units.
    pub amount: Integer,
    /// The indexes of the tickets for which it was added, ascending.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tickets: Arc<[Integer]>,
    /// How much of the amount belongs to each ticket, in uses, tickets or minor units: one number that is the same
    /// for every ticket, or for money a list with a number for each ticket. Null: it was charged once for the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    /// The groups for which it was added, one use each, as the indexes of their tickets: a group's use is held until
    /// each of these tickets is given back. Null: it was not added for groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<Vec<Integer>>>,
    /// The release reasons that give the amount back, sorted by name. Null is every reason but `forfeited`,
    /// `no_show` and `disputed`, at any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back: Option<Vec<Back>>,
    /// How much of the amount is still held, in uses, tickets or minor units, now that some tickets were released.
    /// Null: all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Integer>,
}

/// How much of a charge belongs to each ticket.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Each {
    /// The same number for every ticket: uses or tickets.
    Uses(Integer),
    /// An amount for each ticket: money.
    Money(Vec<Integer>),
}

impl<'de> Deserialize<'de> for Each {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EachVisitor)
    }
}

struct EachVisitor;

impl<'de> Visitor<'de> for EachVisitor {
    type Value = Each;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an integer or a list of integers")
    }
    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Each, E> {
        Integer::deserialize(serde::de::value::U64Deserializer::new(value)).map(Each::Uses)
    }
    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Each, E> {
        Integer::deserialize(serde::de::value::F64Deserializer::new(value)).map(Each::Uses)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Each, A::Error> {
        let mut amounts = Vec::new();
        while let Some(amount) = items.next_element()? {
            amounts.push(amount);
        }
        Ok(Each::Money(amounts))
    }
}

impl Charge {
    /// What remains charged, now that some of `tickets` were given back.
    pub(crate) fn held(&self, tickets: &[Ticket]) -> Integer {
        let kept = |index: &Integer| !tickets.get(index.index()).is_some_and(|t| self.gives_back(t));
        let kept_of = |amounts: &mut dyn Iterator<Item = (&Integer, Integer)>| {
            // The sum is in range: `verify` has seen that all of these together are the charge's amount.
            let kept = amounts.filter(|(index, _)| kept(index)).map(|(_, amount)| amount);
            sum(kept).unwrap_or(self.amount)
        };
        if let Some(groups) = &self.groups {
            return Integer::count(groups.iter().filter(|group| group.iter().any(kept)).count());
        }
        match &self.each {
            None if self.tickets.iter().any(kept) => self.amount,
            None => Integer::ZERO,
            Some(Each::Uses(uses)) => kept_of(&mut self.tickets.iter().map(|index| (index, *uses))),
            Some(Each::Money(each)) => kept_of(&mut self.tickets.iter().zip(each.iter().copied())),
        }
    }

    /// Whether its counter counts the uses of one day, week or month.
    pub(crate) fn is_of_period(&self) -> bool {
        matches!(
            Counter::of(&self.key),
            Some(
                Counter::CodeDay
                    | Counter::CodeDayBy
                    | Counter::CodeWeek
                    | Counter::CodeWeekBy
                    | Counter::CodeMonth
                    | Counter::CodeMonthBy
            )
        )
    }

    fn gives_back(&self, ticket: &Ticket) -> bool {
        ticket
            .released
            .is_some_and(|released| gives_back(self.back.as_deref(), released.reason, released.at_ms))
    }

    /// Checks that the fields agree with each other and with the record's tickets. Paths start at the charge.
    pub(crate) fn verify(&self, tickets: &[Ticket]) -> Result<(), Error> {
        self.verify_amount(tickets.len())?;
        self.verify_held(tickets)
    }

    fn verify_amount(&self, tickets: usize) -> Result<(), Error> {
        if Counter::of(&self.key).is_none() {
            return Err(Error::new("key", "expected a counter key"));
        }
        if self.tickets.is_empty() {
            return Err(Error::new("tickets", "expected at least one index"));
        }
        let mut least = 0;
        for (position, index) in self.tickets.iter().map(|index| index.index()).enumerate() {
            if index < least || index >= tickets {
                let expected = Error::new("", "expected ascending indexes of tickets");
                return Err(expected.in_element(position).in_field("tickets"));
            }
            least = index.saturating_add(1);
        }
        if let Some(groups) = &self.groups {
            self.verify_groups(groups)?;
        }
        let total = match &self.each {
            None => Some(self.amount),
            Some(Each::Uses(uses)) => sum(self.tickets.iter().map(|_| *uses)),
            Some(Each::Money(each)) if each.len() != self.tickets.len() => {
                return Err(Error::new("each", "expected one amount per ticket"));
            }
            Some(Each::Money(each)) => sum(each.iter().copied()),
        };
        if total != Some(self.amount) {
            return Err(Error::new("amount", "expected the sum of each"));
        }
        Ok(())
    }

    /// Checks what the charge says is held. A charge that does not say it is from an older record, and is believed.
    fn verify_held(&self, tickets: &[Ticket]) -> Result<(), Error> {
        let Some(said) = self.held else { return Ok(()) };
        let held = self.held(tickets);
        if said != held {
            let expected = format!("expected what the tickets hold, {}, found {}", held.get(), said.get());
            return Err(Error::new("held", expected));
        }
        Ok(())
    }

    /// Checks that each of the charge's tickets is in exactly one group, and that each group is one use.
    fn verify_groups(&self, groups: &[Vec<Integer>]) -> Result<(), Error> {
        if self.each.is_some() {
            return Err(Error::new("each", "expected nothing beside groups"));
        }
        let mut grouped: Vec<&Integer> = Vec::new();
        for (index, group) in groups.iter().enumerate() {
            let in_group = |error: Error| error.in_element(index).in_field("groups");
            if group.is_empty() {
                return Err(in_group(Error::new("", "expected at least one index in each group")));
            }
            let mut before = None;
            for (position, ticket) in group.iter().enumerate() {
                if before >= Some(ticket) || self.tickets.binary_search(ticket).is_err() {
                    let expected = Error::new("", "expected ascending indexes of the charge's tickets");
                    return Err(in_group(expected.in_element(position)));
                }
                before = Some(ticket);
            }
            grouped.extend(group);
        }
        grouped.sort_unstable();
        if !grouped.into_iter().eq(self.tickets.iter()) {
            return Err(Error::new("groups", "expected each of the tickets in exactly one group"));
        }
        if Integer::count(groups.len()) != self.amount {
            return Err(Error::new("amount", "expected the number of groups"));
        }
        Ok(())
    }
}
