//! Kept time: codes that an order may use again although their time is over, because it takes the place of a record
//! that has them.

use crate::base::key;
use crate::base::money::{Integer, sum};
use crate::documents::counter::Counter;
use crate::documents::order::Order;
use crate::documents::period::Every;
use crate::documents::promo::Promo;
use crate::documents::redemption::Redemption;

/// A record whose place the order takes, in whole or in part. Its codes keep their time: an order that has no more of
/// a code than goes back is not asked again when the code is valid.
pub(crate) struct Keeper<'a> {
    record: &'a Redemption,
    /// The record once the tickets have gone back; `None` if the order replaces all of it.
    after: Option<&'a Redemption>,
}

/// How much an order has of one code.
#[derive(Default)]
pub(crate) struct Amounts {
    pub tickets: Integer,
    pub uses: Integer,
    pub discount: Integer,
}

impl<'a> Keeper<'a> {
    /// `None` if the order is for another event or in another currency: then nothing can be compared.
    pub(crate) fn new(record: &'a Redemption, after: Option<&'a Redemption>, order: &Order) -> Option<Self> {
        let same = record.event_id == order.event_id && record.currency == order.currency;
        same.then_some(Self { record, after })
    }

    /// Whether the record has the code.
    pub(crate) fn has(&self, code: &str) -> bool {
        self.record.applied.iter().any(|applied| applied.code == code)
    }

    /// Whether no more of the code is taken than goes back.
    pub(crate) fn covers(&self, promo: &Promo, code: &str, taken: &Amounts) -> bool {
        let marked: Vec<Integer> = self.marked(code).collect();
        // A sum of discounts is in range: each is a part of a unit price, and `verify` has added those up.
        let discount = sum(marked.iter().copied()).unwrap_or_default();
        let uses = self.uses(promo, code).is_none_or(|uses| taken.uses <= uses);
        uses && taken.tickets <= Integer::count(marked.len()) && taken.discount <= discount
    }

    /// What the code took off each ticket with it that goes back.
    fn marked(&self, code: &str) -> impl Iterator<Item = Integer> {
        let stays = |index: usize| {
            let after = self.after.and_then(|after| after.tickets.get(index));
            after.is_some_and(|ticket| ticket.released.is_none())
        };
        let going = self.record.tickets.iter().enumerate().filter(move |(index, _)| !stays(*index));
        going.filter(|(_, ticket)| ticket.released.is_none()).filter_map(move |(_, ticket)| {
            let place = ticket.codes.iter().position(|mark| mark == code)?;
            ticket.off().get(place).copied()
        })
    }

    /// The uses that the counter of the code gets back. `None` if the record charges no such counter.
    fn uses(&self, promo: &Promo, code: &str) -> Option<Integer> {
        let counts = |key: &str| Counter::of(key) == Some(Counter::CodeUses);
        let own = |charge_code: Option<&str>, key: &str| charge_code == Some(code) && counts(key);
        let charges = self.record.charges.iter().enumerate();
        let mut charges = charges.filter(|(_, charge)| own(charge.code.as_deref(), &charge.key)).peekable();
        charges.peek()?;
        let today = Counter::CodeUses.key(&[&self.scope(promo, code)]);
        // If the promotion counts under another id since, its counter gets nothing back.
        let back = charges.filter(|(_, charge)| charge.key == today).map(|(index, charge)| {
            let kept = self.after.and_then(|after| Some(after.charges.get(index)?.held(&after.tickets)));
            charge.held(&self.record.tickets).minus(kept.unwrap_or_default())
        });
        sum(back)
    }

    /// The period of the record in which the code was charged.
    pub(crate) fn bucket(&self, promo: &Promo, code: &str, every: Every) -> Option<&str> {
        let start = ["code/", &self.scope(promo, code), "/", every.name(), "/"].concat();
        let own = self.record.charges.iter().filter(|charge| charge.code.as_deref() == Some(code));
        own.filter_map(|charge| charge.key.strip_prefix(&start)?.split('/').next()).next()
    }

    /// Whether the record says for each limit per period in which period the code was charged.
    pub(crate) fn has_buckets(&self, promo: &Promo, code: &str) -> bool {
        let mut periods = promo.periods().peekable();
        periods.peek().is_some() && periods.all(|period| self.bucket(promo, code, period.every).is_some())
    }

    fn scope(&self, promo: &Promo, code: &str) -> String {
        key::scope(promo.id.as_deref(), &self.record.event_id, code)
    }
}
