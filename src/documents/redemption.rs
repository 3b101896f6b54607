//! Redemption: the record of an accepted order, which the host stores as it is.

use serde::{Deserialize, Serialize, Serializer};

use crate::base::error::Error;
use crate::base::money::{Bounded, Integer, Positive, Time, sum};
use crate::base::text::{Currency, Name};
use crate::documents::charge::Charge;
use crate::documents::exchange::Exchanged;
use crate::documents::order::MAX_TICKETS;
use crate::documents::payment::{NotedPayment, NotedRelease, verify_notes};
use crate::documents::policy::{ReleaseReason, back_of_schema_1};
use crate::documents::ticket::{Released, Ticket};

/// The record of an accepted order, which the host stores as it is. A field that is null, and an empty list of
/// payments, releases or what codes take off, is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// The version of this document. The engine writes 2, and also reads 1, which has no payments and no releases.
    pub schema: Schema,
    /// The order's id.
    pub id: Name,
    /// The number of this version of the record: 1 at first, and one more with each update.
    pub revision: Positive,
    /// Whether the order is unpaid, paid or over.
    pub state: State,
    /// The event that the tickets are for.
    pub event_id: Name,
    /// The currency of every amount in the record.
    pub currency: Currency,
    /// The codes that were entered, canonical, each once.
    pub codes: Vec<String>,
    /// Who bought, as `kind:value` in canonical form, sorted by kind.
    pub identities: Vec<String>,
    /// Each ticket of the order, released ones too: 1 to 1000.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_TICKETS)))]
    pub tickets: Vec<Ticket>,
    /// What each code did, in the order of application.
    #[serde(serialize_with = "without_nulls")]
    pub applied: Vec<Applied>,
    /// What the order added to which counter, and which release reasons give that back.
    pub charges: Vec<Charge>,
    /// When the order was first accepted. An amendment keeps it.
    pub created_at_ms: Time,
    /// When the hold lapses. Null unless the state is `held`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at_ms: Option<Time>,
    /// When the order was confirmed; it stays after a release. Null if the order was never confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at_ms: Option<Time>,
    /// Every payment that was reported for the order: at most 100, never forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::payment::MAX_PAYMENTS)))]
    pub payments: Vec<NotedPayment>,
    /// The releases that had an id: at most 1000, never forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::payment::MAX_RELEASES)))]
    pub releases: Vec<NotedRelease>,
    /// What the tickets are in exchange for. Null if they were bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchanged: Option<Exchanged>,
}

/// The version of a record.
pub type Schema = Bounded<1, 2>;

/// Whether an order is unpaid, paid or over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The order is not paid yet.
    Held,
    /// The order is paid, or costs nothing.
    Confirmed,
    /// All tickets of the order were released.
    Released,
}

/// What one code did to the order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// The canonical code.
    pub code: String,
    /// How many tickets the code discounts; if its discount is of kind `none`, how many it counts.
    pub tickets: Integer,
    /// How many uses the code took.
    pub uses: Integer,
    /// What the code took off the order, in minor units.
    pub discount: Integer,
    /// Whether too little was left, and the order got what was left because `when_short` is `partial`.
    pub partial: bool,
    /// How many uses are left after the order; of several limits, the one that leaves least. Null is no limit.
    #[serde(default)]
    pub remaining: Option<Integer>,
}

/// Writes what each code did as a record has it. A decision has the same with each field, `remaining` too.
fn without_nulls<S: Serializer>(applied: &[Applied], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Noted<'a> {
        code: &'a str,
        tickets: Integer,
        uses: Integer,
        discount: Integer,
        partial: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        remaining: Option<Integer>,
    }
    serializer.collect_seq(applied.iter().map(|applied| {
        let Applied { code, tickets, uses, discount, partial, remaining } = applied;
        let (tickets, uses, discount) = (*tickets, *uses, *discount);
        Noted { code, tickets, uses, discount, partial: *partial, remaining: *remaining }
    }))
}

impl Redemption {
    /// The version that the engine writes.
    pub(crate) const SCHEMA: Schema = Schema::MOST;

    /// The record as the engine writes it: converted to today's version, and each charge says what is held of it.
    pub(crate) fn renewed(mut self) -> Self {
        if self.schema < Self::SCHEMA {
            self.schema = Self::SCHEMA;
            for charge in &mut self.charges {
                charge.back = charge.back.take().and_then(back_of_schema_1);
            }
        }
        for ticket in self.tickets.iter_mut().filter(|ticket| ticket.off.is_empty()) {
            ticket.off = ticket.off();
        }
        for charge in &mut self.charges {
            charge.held = Some(charge.held(&self.tickets)).filter(|held| *held != charge.amount);
        }
        self
    }

    /// Each charge, and how much of it is not given back yet.
    pub(crate) fn held(&self) -> impl Iterator<Item = (&Charge, Integer)> {
        self.charges.iter().map(|charge| (charge, charge.held(&self.tickets)))
    }

    /// Whether it is an unpaid hold that has lapsed.
    pub(crate) fn has_lapsed(&self, now: Time) -> bool {
        self.state == State::Held && self.expires_at_ms.is_none_or(|expires| expires <= now)
    }

    /// Whether it is an unpaid hold that has not lapsed.
    pub(crate) fn is_live(&self, now: Time) -> bool {
        self.state == State::Held && !self.has_lapsed(now)
    }

    /// The tickets that are not released.
    pub(crate) fn left(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.iter().filter(|ticket| ticket.released.is_none())
    }

    /// Releases the wanted tickets that are not released yet, and returns their indexes. If no ticket is left, the
    /// state becomes `released`.
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

    /// The record after this lapsed hold is released.
    pub(crate) fn lapsed(&self, now: Time) -> Result<Self, Error> {
        let mut released = self.clone();
        released.release(Released { reason: ReleaseReason::HoldExpired, at_ms: now }, |_| true);
        released.revision = self.next_revision()?;
        Ok(released)
    }

    /// The next revision of this record; an error if it would be larger than an integer may be.
    pub(crate) fn next_revision(&self) -> Result<Positive, Error> {
        let next = self.revision.get().checked_add(1).and_then(Positive::new);
        next.ok_or_else(|| Error::out_of_range("revision"))
    }

    /// Checks that the fields agree with each other, which the Rust types do not ensure. Paths start at the record.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let most = usize::try_from(MAX_TICKETS).unwrap_or(usize::MAX);
        let count = self.tickets.len();
        if !(1..=most).contains(&count) {
            return Err(Error::new("tickets", format!("expected 1 to {most} tickets, found {count}")));
        }
        for (index, ticket) in self.tickets.iter().enumerate() {
            ticket.verify().map_err(|error| error.in_element(index).in_field("tickets"))?;
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
        verify_notes(&self.payments, &self.releases)?;
        for (index, charge) in self.charges.iter().enumerate() {
            charge.verify(&self.tickets).map_err(|error| error.in_element(index).in_field("charges"))?;
        }
        Ok(())
    }
}
