//! Order: the tickets that a buyer wants, at the host's own prices, and who the buyer is.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::error::Error;
use crate::base::given::given;
use crate::base::money::{Bounded, Integer, Time, sum};
use crate::base::text::{Currency, Kind, Name, Text, canonical_identity};
use crate::documents::fact::Facts;
use crate::documents::policy::{EmailAliases, Policy};
use crate::documents::ticket::Ticket;

/// The most tickets in one order.
pub const MAX_TICKETS: u64 = 1000;
const MAX_LINES: usize = 100;
const MAX_IDENTITIES: usize = 100;
const MAX_FACTS: usize = 100;

/// What one buyer wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The order's id, which the host makes before it asks. The same order asked again under its id is sold once.
    /// Null makes it a preview: the answer has no plan.
    #[serde(default)]
    pub id: Option<Name>,
    /// The event that the tickets are for.
    pub event_id: Name,
    /// The currency of every amount in the order, compared as spelt.
    pub currency: Currency,
    /// 1 to 100 lines, with at most 1000 tickets in all. If each ticket is counted once for each counter that it is
    /// charged to, at most 100 000: for example 1000 tickets with 100 counters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_LINES)))]
    pub lines: Vec<Line>,
    /// Who buys, by kind of identity (`email`, `npub`, `account` …): at most 100. An entry that is null counts as
    /// absent.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::base::given::Given<Kind, Text<320>>"))]
    pub identities: BTreeMap<Kind, Text<320>>,
    /// What the host knows of the order or the buyer, by name, for the conditions in `only_if`: at most 100. A fact is
    /// no identity: no limit counts it, and no record has it. An entry that is null counts as absent.
    #[serde(default, deserialize_with = "given")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::documents::fact::GivenFacts"))]
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "the host's own")))]
    pub facts: Facts,
    /// When the hold lapses if it is not paid; earlier if the policy's `max_hold_ms` says so. It may be null only
    /// for a preview, a replay or an order that costs nothing.
    #[serde(default)]
    pub hold_until_ms: Option<Time>,
    /// The most that the buyer has agreed to pay, in minor units: an order that would cost more is refused. Null is any
    /// price.
    #[serde(default)]
    pub max_total: Option<Integer>,
}

/// Tickets of one type at one price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The type of the tickets. Null: no list of ticket types includes them.
    #[serde(default)]
    pub ticket_type: Option<Name>,
    /// The price of one ticket before any discount, in minor units.
    pub unit_price: Integer,
    /// How many tickets.
    pub quantity: Bounded<1, MAX_TICKETS>,
}

impl Order {
    /// Checks what the Rust types do not ensure. Paths of errors start at the order.
    pub(crate) fn verify(&self) -> Result<(), Error> {
        let lines = self.lines.len();
        if !(1..=MAX_LINES).contains(&lines) {
            return Err(Error::new("lines", format!("expected 1 to {MAX_LINES} lines, found {lines}")));
        }
        let tickets: u64 = self.lines.iter().fold(0, |n, line| n.saturating_add(line.quantity.get()));
        if tickets > MAX_TICKETS {
            let expected = format!("expected at most {MAX_TICKETS} tickets, found {tickets}");
            return Err(Error::new("lines", expected));
        }
        let identities = self.identities.len();
        if identities > MAX_IDENTITIES {
            let expected = format!("expected at most {MAX_IDENTITIES} identities, found {identities}");
            return Err(Error::new("identities", expected));
        }
        for (kind, value) in &self.identities {
            verify_identity(value).map_err(|error| error.in_field(kind).in_field("identities"))?;
        }
        let facts = self.facts.len();
        if facts > MAX_FACTS {
            return Err(Error::new("facts", format!("expected at most {MAX_FACTS} facts, found {facts}")));
        }
        let prices = self.lines.iter().flat_map(|line| (0..line.quantity.get()).map(|_| line.unit_price));
        sum(prices).map(|_| ()).ok_or_else(|| Error::out_of_range("lines"))
    }

    /// The tickets of all lines, one by one, at full price.
    pub(crate) fn tickets(&self) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        for (index, line) in self.lines.iter().enumerate() {
            tickets.extend((0..line.quantity.get()).map(|_| Ticket {
                line: Integer::count(index),
                ticket_type: line.ticket_type.clone(),
                unit_price: line.unit_price,
                price: line.unit_price,
                codes: Arc::default(),
                off: Arc::default(),
                released: None,
            }));
        }
        tickets
    }

    /// Who buys, as `kind:value` in canonical form, sorted by kind.
    pub(crate) fn canonical_identities(&self, policy: &Policy) -> Vec<Identity> {
        let fold = policy.email_aliases == EmailAliases::Fold;
        let identities = self.identities.iter().map(|(kind, value)| Identity {
            canonical: [&**kind, ":", &canonical_identity(kind, value, fold)].concat(),
            capped: policy.identity_kinds.as_ref().is_none_or(|kinds| kinds.contains(kind)),
        });
        identities.collect()
    }
}

/// One identity of an order.
pub(crate) struct Identity {
    /// The identity as `kind:value`, in canonical form.
    pub canonical: String,
    /// Whether limits per person count this kind of identity.
    pub capped: bool,
}

/// Refuses an identity whose value is nothing but white space.
pub(crate) fn verify_identity(value: &str) -> Result<(), Error> {
    if value.trim().is_empty() {
        return Err(Error::new("", "expected a string that is not blank"));
    }
    Ok(())
}
