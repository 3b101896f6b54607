//! `reportUsage`: what each code was used for and what came in, from the records alone.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::error::Error;
use crate::base::money::Integer;
use crate::documents::charge::Charge;
use crate::documents::counter::Counter;
use crate::documents::redemption::{Applied, Redemption, State};
use crate::documents::ticket::Ticket;
use crate::sell::audit::verify;

/// All records of a store, or a share of them: the numbers of the shares may be added up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// The stored records, in any order and any state, each once.
    pub redemptions: Vec<Redemption>,
    /// Whether each person gets rows of their own, too. An order with several identities is in the rows of each.
    #[serde(default)]
    pub by_person: bool,
}

/// What the records say of the codes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// A row for each code and currency and, if asked, each person; before them the rows of all orders, with or without
    /// codes. They are sorted by code, currency and person, and null comes first.
    pub rows: Vec<ReportRow>,
}

/// What one code was used for, or all orders together.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReportRow {
    /// The canonical code. Null: all orders, in which each ticket counts once, whatever its codes. A ticket with two
    /// codes is in the rows of both, so the rows of the codes do not add up to this one.
    pub code: Option<String>,
    /// The currency of the amounts.
    pub currency: String,
    /// Who bought, as `kind:value` in canonical form. Null is everybody together.
    pub person: Option<String>,
    /// What is held: orders that are not paid yet.
    pub held: Figures,
    /// What is confirmed: orders that are paid, or cost nothing.
    pub confirmed: Figures,
    /// What was released: tickets that came back, and orders of which no ticket is left.
    pub released: Figures,
}

/// Orders, tickets, uses and money in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// How many orders are in this state. An order of which some tickets came back is still held or confirmed.
    #[cfg_attr(feature = "schema", schemars(extend("x-unit" = "orders")))]
    pub orders: Integer,
    /// How many tickets are in this state.
    pub tickets: Integer,
    /// How many uses: `held` and `confirmed` are still taken, `released` were given back. A use that a release kept is
    /// still taken.
    pub uses: Integer,
    /// What the tickets cost before any discount, in minor units.
    pub list: Integer,
    /// What was taken off: by the code; in a row of all orders by all codes. In minor units.
    pub discount: Integer,
    /// What is payable for the tickets, in minor units: `list` less what all of their codes took off.
    pub paid: Integer,
}

/// The rows by code, currency and person.
type Rows = BTreeMap<(Option<String>, String, Option<String>), [Figures; 3]>;

/// What each code was used for: orders, tickets, uses and money, by state.
///
/// A host with many records asks in shares, and adds up the numbers of the rows with the same code, currency and
/// person, because each record counts by itself.
///
/// # Errors
/// If a record is malformed or given twice, or a sum is above the largest integer.
///
/// # Example
/// ```
/// use redeemable::{json, report_usage};
///
/// let request = json::read(br#"{"redemptions": [{
///     "schema": 1, "id": "o-1", "revision": 1, "state": "held", "event_id": "gala", "currency": "EUR",
///     "codes": ["TEN"], "identities": [],
///     "tickets": [{"line": 0, "unit_price": 4500, "price": 4050, "codes": ["TEN"]}],
///     "applied": [{"code": "TEN", "tickets": 1, "uses": 1, "discount": 450, "partial": false}],
///     "charges": [
///         {"key": "code/event:gala:TEN/uses", "code": "TEN", "amount": 1, "tickets": [0], "each": 1, "back": []}
///     ],
///     "created_at_ms": 1799999000000, "expires_at_ms": 1800000900000
/// }]}"#)?;
/// let report = report_usage(&request)?;
/// let [all, ten] = &report.rows[..] else { panic!() };
/// assert_eq!((all.code.as_deref(), all.held.paid.get()), (None, 4050));
/// assert_eq!((ten.code.as_deref(), ten.held.discount.get()), (Some("TEN"), 450));
/// # Ok::<(), redeemable::Error>(())
/// ```
pub fn report_usage(request: &ReportRequest) -> Result<Report, Error> {
    verify(&request.redemptions)?;
    let mut rows = Rows::new();
    for (index, record) in request.redemptions.iter().enumerate() {
        let persons = record.identities.iter().filter(|_| request.by_person).map(Some);
        for person in [None].into_iter().chain(persons) {
            add(&mut rows, record, person)
                .map_err(|error| error.in_element(index).in_field("redemptions"))?;
        }
    }
    let rows = rows.into_iter().map(|((code, currency, person), [held, confirmed, released])| ReportRow {
        code,
        currency,
        person,
        held,
        confirmed,
        released,
    });
    Ok(Report { rows: rows.collect() })
}

/// Adds the record to the row of all orders and to that of each of its codes.
fn add(rows: &mut Rows, record: &Redemption, person: Option<&String>) -> Result<(), Error> {
    let row = |code: Option<&String>| (code.cloned(), record.currency.to_string(), person.cloned());
    let all = rows.entry(row(None)).or_default();
    figures(all, record.state).count(Integer::ONE, |row| &mut row.orders)?;
    for ticket in &record.tickets {
        figures(all, state_of(record, ticket)).add_ticket(ticket, ticket.unit_price.minus(ticket.price))?;
    }
    for applied in &record.applied {
        let own = rows.entry(row(Some(&applied.code))).or_default();
        figures(own, record.state).count(Integer::ONE, |row| &mut row.orders)?;
        for ticket in &record.tickets {
            for (_, off) in ticket.codes.iter().zip(&*ticket.off()).filter(|(code, _)| **code == applied.code)
            {
                figures(own, state_of(record, ticket)).add_ticket(ticket, *off)?;
            }
        }
        for (state, uses) in uses_of(record, applied) {
            for code in [None, Some(&applied.code)] {
                let of = rows.entry(row(code)).or_default();
                figures(of, state).count(uses, |row| &mut row.uses)?;
            }
        }
    }
    Ok(())
}

fn figures(row: &mut [Figures; 3], state: State) -> &mut Figures {
    let [held, confirmed, released] = row;
    match state {
        State::Held => held,
        State::Confirmed => confirmed,
        State::Released => released,
    }
}

fn state_of(record: &Redemption, ticket: &Ticket) -> State {
    if ticket.released.is_some() { State::Released } else { record.state }
}

/// The uses that the code took in this record: those that are still taken, and those that were given back.
fn uses_of(record: &Redemption, applied: &Applied) -> [(State, Integer); 2] {
    let is_own = |charge: &&Charge| {
        charge.code.as_ref() == Some(&applied.code) && Counter::of(&charge.key) == Some(Counter::CodeUses)
    };
    let charge = record.charges.iter().find(is_own);
    let taken = charge.map_or_else(|| uncharged(record, applied), |charge| charge.held(&record.tickets));
    // A released order of which something is kept was confirmed, or nobody will pay for it any more.
    let state = if record.state == State::Held { State::Held } else { State::Confirmed };
    [(state, taken), (State::Released, applied.uses.minus(taken))]
}

/// The uses that are still taken of a code whose uses nobody counts, because they have no limit. Where a use is no
/// ticket, but a group or the order, all are taken until the last ticket is back: nothing says more.
fn uncharged(record: &Redemption, applied: &Applied) -> Integer {
    let left = record.left().filter(|ticket| ticket.codes.contains(&applied.code)).count();
    if applied.uses == applied.tickets {
        Integer::count(left)
    } else if left == 0 {
        Integer::ZERO
    } else {
        applied.uses
    }
}

impl Figures {
    fn add_ticket(&mut self, ticket: &Ticket, off: Integer) -> Result<(), Error> {
        self.count(Integer::ONE, |row| &mut row.tickets)?;
        self.count(ticket.unit_price, |row| &mut row.list)?;
        self.count(off, |row| &mut row.discount)?;
        self.count(ticket.price, |row| &mut row.paid)
    }

    fn count(&mut self, by: Integer, field: fn(&mut Self) -> &mut Integer) -> Result<(), Error> {
        let number = field(self);
        *number = number.plus(by).ok_or_else(|| Error::out_of_range("tickets"))?;
        Ok(())
    }
}
