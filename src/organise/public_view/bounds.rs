//! What a browser may know of the amounts and numbers that bound an order.

use super::{Sight, times};
use crate::base::amount::Amount;
use crate::base::money::{Integer, MAX_INTEGER, Positive};
use crate::base::text::Currency;
use crate::documents::discount::Discount;
use crate::documents::promo::{CountBy, Promo, Requirement};

impl Sight<'_> {
    /// The amount in the order's currency.
    pub(super) fn money(&self, amount: &Option<Amount>) -> Option<Integer> {
        amount.as_ref()?.of(&self.scene.order.currency)
    }

    /// What else an order must hold. A largest number that no order can reach is left out.
    pub(super) fn requires(&self, promo: &Promo, needed: u64) -> Option<Vec<Requirement>> {
        let entries = promo.requires.iter().flatten().cloned();
        let seen = entries.map(|entry| Requirement {
            max_tickets: self.below(entry.max_tickets, needed),
            min_subtotal: self.money(&entry.min_subtotal).map(Amount::from),
            ..self.required(promo, entry)
        });
        let seen: Vec<_> = seen.filter(|entry| !entry.is_empty()).collect();
        (!seen.is_empty()).then_some(seen)
    }

    /// The largest subtotal. That of a typed code is never left out: it decides which changes a violation names.
    pub(super) fn max_subtotal(&self, promo: &Promo) -> Option<Integer> {
        let most = self.money(&promo.max_subtotal)?;
        match self.typed {
            true => Some(most.min(self.dearest_order(promo))),
            false => Some(most).filter(|most| *most < times(self.up_to, self.dearest())),
        }
    }

    /// The highest unit price.
    pub(super) fn dearest(&self) -> Integer {
        self.scene.order.lines.iter().map(|line| line.unit_price).max().unwrap_or_default()
    }

    /// The most that an order may cost, or that it costs after the change in `to_qualify`.
    fn dearest_order(&self, promo: &Promo) -> Integer {
        let required =
            promo.requires.iter().flatten().filter_map(|entry| self.money(&entry.min_subtotal)).max();
        let most = times(self.up_to, self.dearest()).plus(required.unwrap_or_default());
        most.or(Integer::new(MAX_INTEGER)).max(self.money(&promo.min_subtotal)).unwrap_or_default()
    }

    /// The most tickets of one order that may be discounted, if orders may have more of them. It may also be too little
    /// for one group, of which `discounted` tickets are: then it is still less than what the view shows of that number.
    pub(super) fn per_order(&self, most: Option<Positive>, discounted: Option<Positive>) -> Option<Positive> {
        let most = most?;
        let below_group = discounted.is_some_and(|discounted| discounted > most);
        match most.get() < self.up_to {
            true => Some(most),
            false => Positive::new(self.up_to.max(2).saturating_sub(1)).filter(|_| below_group),
        }
    }

    /// A promo that lacks an amount in the order's currency: the page refuses it for its currency, which stands for
    /// everything that a buyer may be told, and sees no limit and no amount of it.
    pub(super) fn elsewhere(&self, promo: &Promo, code: &str) -> Promo {
        // No order in view is in this currency, and it tells nothing of those that the promo has.
        let none = if *self.scene.order.currency == *"-" { "--" } else { "-" };
        Promo {
            currency: Currency::new(none),
            // Without a discount there are no groups to count.
            count_by: Some(promo.count_by()).filter(|count_by| *count_by != CountBy::Group),
            ..Promo::new(code, Discount::None)
        }
    }
}
