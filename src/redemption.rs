//! Redemption: the record that the host stores as it is, and what it holds of each counter.

use serde::de::{Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::error::Error;
use crate::key::Counter;
use crate::money::{Bounded, Integer, Positive, Time, sum};
use crate::payment::{NotedPayment, NotedRelease, check_notes};
use crate::policy::{Back, ReleaseReason, back_of_schema_1, gives_back};
use crate::text::{Currency, Name};

/// The most tickets in one order.
pub const MAX_TICKETS: u64 = 1000;
/// The most tickets that the charges of one new record name, each charge for itself.
pub(crate) const MAX_REFERENCES: usize = 100_000;

/// An order that was accepted, what it was charged to, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// The version of this document: 2 is written, 1 is read.
    pub schema: Schema,
    /// The id of the order.
    pub id: Name,
    /// 1 at first, one more with each update.
    pub revision: Positive,
    /// Whether it is unpaid, paid or over.
    pub state: State,
    /// The event of the order.
    pub event_id: Name,
    /// The currency of every amount.
    pub currency: Currency,
    /// The codes as entered, canonical.
    pub codes: Vec<String>,
    /// Who asked, as `kind:value` in canonical form, sorted by kind.
    pub identities: Vec<String>,
    /// Each ticket of the order.
    pub tickets: Vec<Ticket>,
    /// What each code did, in the order of application.
    pub applied: Vec<Applied>,
    /// What it was charged to.
    pub charges: Vec<Charge>,
    /// When the order was first accepted.
    pub created_at_ms: Time,
    /// When the hold may lapse; `None` unless held.
    #[serde(default)]
    pub expires_at_ms: Option<Time>,
    /// When it was paid; survives a release.
    #[serde(default)]
    pub confirmed_at_ms: Option<Time>,
    /// Every payment that was reported for it, and whose its money is: at most 100, never forgotten.
    #[serde(default)]
    pub payments: Vec<NotedPayment>,
    /// The releases that had an id: at most 1000, never forgotten.
    #[serde(default)]
    pub releases: Vec<NotedRelease>,
}

/// The version of a record.
pub type Schema = Bounded<1, 2>;

/// What became of a redemption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Unpaid.
    Held,
    /// Paid, or free.
    Confirmed,
    /// None of its tickets is left.
    Released,
}

/// One ticket of a redemption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// The index of its line in the order.
    pub line: Integer,
    /// Its type.
    #[serde(default)]
    pub ticket_type: Option<Name>,
    /// Its price before any discount, in minor units.
    pub unit_price: Integer,
    /// Its payable price, in minor units.
    pub price: Integer,
    /// The codes that discount it, in the order of application.
    pub codes: Vec<String>,
    /// Why and when it was released; `None` while the buyer has it.
    #[serde(default)]
    pub released: Option<Released>,
}

/// Why and when a ticket was released.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Released {
    /// Why.
    pub reason: ReleaseReason,
    /// When.
    pub at_ms: Time,
}

/// What one code did for an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// The canonical code.
    pub code: String,
    /// How many tickets it discounts (kind `none`: marks).
    pub tickets: Integer,
    /// How many uses it took.
    pub uses: Integer,
    /// How much it took off, in minor units.
    pub discount: Integer,
    /// Whether less was left than the order needed.
    pub partial: bool,
    /// The least uses left after the whole order; `None` is no limit.
    #[serde(default)]
    pub remaining: Option<Integer>,
}

/// What a redemption added to one counter, and when that is given back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The counter.
    pub key: String,
    /// The code it is for; `None` for the policy's counters.
    #[serde(default)]
    pub code: Option<String>,
    /// The counter's limit at the time; `None` is none.
    #[serde(default)]
    pub limit: Option<Integer>,
    /// How much was added.
    pub amount: Integer,
    /// The tickets it was added for, ascending.
    pub tickets: Vec<Integer>,
    /// How much of it each ticket stands for; `None` when it was charged once for the order.
    #[serde(default)]
    pub each: Option<Each>,
    /// The reasons that give it back, sorted by name; `None` is those of the table of defaults.
    #[serde(default)]
    pub back: Option<Vec<Back>>,
}

/// How much of a charge each ticket stands for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Each {
    /// The same for all: uses.
    Uses(Integer),
    /// One amount per ticket: money.
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
    fn held(&self, tickets: &[Ticket]) -> Integer {
        let kept = |index: &Integer| !tickets.get(index.index()).is_some_and(|t| self.gives_back(t));
        let kept_of = |amounts: &mut dyn Iterator<Item = (&Integer, Integer)>| {
            // In range: `check` saw that all of them together are the amount.
            let kept = amounts.filter(|(index, _)| kept(index)).map(|(_, amount)| amount);
            sum(kept).unwrap_or(self.amount)
        };
        match &self.each {
            None if self.tickets.iter().any(kept) => self.amount,
            None => Integer::ZERO,
            Some(Each::Uses(uses)) => kept_of(&mut self.tickets.iter().map(|index| (index, *uses))),
            Some(Each::Money(each)) => kept_of(&mut self.tickets.iter().zip(each.iter().copied())),
        }
    }

    fn gives_back(&self, ticket: &Ticket) -> bool {
        ticket
            .released
            .is_some_and(|released| gives_back(self.back.as_deref(), released.reason, released.at_ms))
    }

    fn check(&self, tickets: usize) -> Result<(), Error> {
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
}

impl Redemption {
    /// The version that is written.
    pub(crate) const SCHEMA: Schema = Schema::MOST;

    /// The same record as this version writes it.
    pub(crate) fn renewed(mut self) -> Self {
        if self.schema < Self::SCHEMA {
            self.schema = Self::SCHEMA;
            for charge in &mut self.charges {
                charge.back = charge.back.take().and_then(back_of_schema_1);
            }
        }
        self
    }

    /// What it holds of each of its charges' counters, in the order of the charges.
    pub(crate) fn held(&self) -> impl Iterator<Item = (&Charge, Integer)> {
        self.charges.iter().map(|charge| (charge, charge.held(&self.tickets)))
    }

    /// Whether it is an unpaid hold that has lapsed.
    pub(crate) fn has_lapsed(&self, now: Time) -> bool {
        self.state == State::Held && self.expires_at_ms.is_none_or(|expires| expires <= now)
    }

    /// The tickets that the buyer has.
    pub(crate) fn left(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter().filter(|ticket| ticket.released.is_none())
    }

    /// Releases the given tickets that are left; answers which those were, and whether none is left now.
    pub(crate) fn release(&mut self, released: Released, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let mut indexes = Vec::new();
        for (index, ticket) in self.tickets.iter_mut().enumerate() {
            if ticket.released.is_none() && wanted(index) {
                ticket.released = Some(released);
                indexes.push(index);
            }
        }
        if self.left().next().is_none() {
            self.state = State::Released;
            self.expires_at_ms = None;
        }
        indexes
    }

    /// The record of this hold once it is released because it has lapsed.
    pub(crate) fn lapsed(&self, now: Time) -> Result<Self, Error> {
        let mut released = self.clone();
        released.release(Released { reason: ReleaseReason::HoldExpired, at_ms: now }, |_| true);
        released.revision = self.next_revision()?;
        Ok(released)
    }

    /// The next revision of this record; it ends with the range of an integer.
    pub(crate) fn next_revision(&self) -> Result<Positive, Error> {
        let next = self.revision.get().checked_add(1).and_then(Positive::new);
        next.ok_or_else(|| Error::out_of_range("revision"))
    }

    /// What the types cannot say: whether its fields agree. Paths start at the record.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let most = usize::try_from(MAX_TICKETS).unwrap_or(usize::MAX);
        let count = self.tickets.len();
        if !(1..=most).contains(&count) {
            return Err(Error::new("tickets", format!("expected 1 to {most} tickets, found {count}")));
        }
        for (index, ticket) in self.tickets.iter().enumerate() {
            if ticket.price > ticket.unit_price {
                let expected = Error::new("price", "expected at most the unit price");
                return Err(expected.in_element(index).in_field("tickets"));
            }
        }
        if sum(self.tickets.iter().map(|ticket| ticket.unit_price)).is_none() {
            return Err(Error::out_of_range("tickets"));
        }
        if (self.state == State::Held) != self.expires_at_ms.is_some() {
            return Err(Error::new("expires_at_ms", "expected a time exactly while held"));
        }
        let agrees = match self.state {
            State::Held => self.confirmed_at_ms.is_none(),
            State::Confirmed => self.confirmed_at_ms.is_some(),
            State::Released => true,
        };
        if !agrees {
            return Err(Error::new("confirmed_at_ms", "expected a time once confirmed"));
        }
        if (self.state == State::Released) != self.left().next().is_none() {
            return Err(Error::new("state", "expected released exactly when every ticket is"));
        }
        check_notes(&self.payments, &self.releases)?;
        for (index, charge) in self.charges.iter().enumerate() {
            charge.check(count).map_err(|error| error.in_element(index).in_field("charges"))?;
        }
        Ok(())
    }
}
