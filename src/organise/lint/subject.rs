//! What a problem is looked for in, and where it was found.

use std::borrow::Cow;

use crate::base::amount::Amount;
use crate::base::money::{Integer, Time};
use crate::base::text::Currency;
use crate::documents::discount::Discount;
use crate::documents::policy::Policy;
use crate::documents::promo::{Promo, Takes};
use crate::documents::tiers::TiersBy;
use crate::organise::problem::{Finding, Problem, Severity};

/// One promotion under the policy: what most problems look at.
pub(super) struct Subject<'a> {
    pub(super) promo: &'a Promo,
    /// The code, canonical.
    pub(super) code: String,
    pub(super) policy: &'a Policy,
    pub(super) now: Option<Time>,
    /// Whether each event has a database of its own.
    pub(super) sharded: bool,
    pub(super) index: usize,
}

impl Subject<'_> {
    /// The path of a field of the promotion.
    pub(super) fn at(&self, field: &str) -> String {
        format!("promos[{}].{field}", self.index)
    }

    /// Whether the promotion names several different events.
    pub(super) fn spans_events(&self) -> bool {
        let events = self.promo.events.as_deref().unwrap_or_default();
        events.iter().any(|event| Some(event) != events.first())
    }

    /// The field that says what the code takes off, whichever of the three the promotion has.
    pub(super) fn discount_field(&self) -> &'static str {
        match (&self.promo.discounts, &self.promo.discount) {
            (Some(_), _) => "discounts",
            (None, Some(_)) => "discount",
            (None, None) => "discount_percent",
        }
    }

    /// Each discount with its field, such as `discounts[1].discount`.
    pub(super) fn own_discounts(&self) -> Vec<(String, Cow<'_, Discount>)> {
        let field = self.discount_field();
        match &self.promo.discounts {
            Some(entries) => {
                let name = |place| format!("{field}[{place}].discount");
                let discounts = entries.iter().map(|entry| Cow::Borrowed(&entry.discount));
                (0..).map(name).zip(discounts).collect()
            }
            None => match self.promo.takes() {
                Takes::One(discount) => vec![(field.to_owned(), discount)],
                Takes::ByType(_) => Vec::new(),
            },
        }
    }

    /// The same, but in place of tiers the discount of each tier, and in place of groups the discount of a group.
    pub(super) fn discounts(&self) -> Vec<(String, Discount)> {
        let mut all = Vec::new();
        for (field, discount) in self.own_discounts() {
            let within = |place: usize| match discount.groups() {
                Some(_) => format!("{field}.discount"),
                None => format!("{field}.tiers[{place}].discount"),
            };
            match discount.leaves() {
                Some(leaves) => all.extend((0..).map(within).zip(leaves.into_iter().cloned())),
                None => all.push((field, discount.into_owned())),
            }
        }
        all
    }

    /// Each amount of the promotion with its field, in the order of the document.
    pub(super) fn amounts(&self) -> Vec<(String, Amount)> {
        let mut amounts = Vec::new();
        for (field, discount) in self.discounts() {
            amounts.extend(discount.amount().map(|amount| (format!("{field}.amount"), amount.clone())));
            amounts.extend(discount.price().map(|price| (format!("{field}.price"), price.clone())));
        }
        for (field, discount) in self.own_discounts() {
            if let Discount::Tiers { by: TiersBy::Subtotal, tiers, .. } = &*discount {
                let name = |tier| format!("{field}.tiers[{tier}].from");
                amounts.extend((0..).map(name).zip(tiers.iter().map(|tier| tier.from.clone())));
            }
        }
        amounts.extend(self.promo.max_discount.clone().map(|most| ("max_discount".to_owned(), most)));
        amounts.extend(self.budgets().map(|(field, budget)| (field, budget.clone())));
        amounts.extend(self.promo.min_subtotal.clone().map(|least| ("min_subtotal".to_owned(), least)));
        amounts.extend(self.promo.max_subtotal.clone().map(|most| ("max_subtotal".to_owned(), most)));
        let required = self.promo.requires.iter().flatten().enumerate();
        amounts.extend(required.filter_map(|(index, entry)| {
            Some((format!("requires[{index}].min_subtotal"), entry.min_subtotal.clone()?))
        }));
        amounts
    }

    /// The budgets of the promotion and of its pools, each with its field.
    pub(super) fn budgets(&self) -> impl Iterator<Item = (String, &Amount)> {
        let own = self.promo.budget.iter().map(|budget| ("budget".to_owned(), budget));
        let pools = self.promo.pools.iter().enumerate();
        own.chain(
            pools.filter_map(|(index, pool)| Some((format!("pools[{index}].budget"), pool.budget.as_ref()?))),
        )
    }

    /// The path of the first discount that makes tickets free.
    pub(super) fn at_free(&self) -> Option<String> {
        let free = self.discounts().into_iter().find(|(_, discount)| discount.makes_free());
        free.filter(|_| self.promo.takes().makes_free()).map(|(field, _)| self.at(&field))
    }
}

/// A number with its currency, if it is of one: `500`, or `500 EUR`.
pub(super) fn written(number: Integer, currency: Option<&Currency>) -> String {
    currency.map_or(number.get().to_string(), |currency| format!("{} {currency}", number.get()))
}

/// Where one problem was found.
pub(super) struct Found<'a> {
    pub(super) problem: Problem,
    pub(super) severity: Severity,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Found<'_> {
    pub(super) fn say(&mut self, path: String, message: String) {
        let Self { problem, severity, .. } = *self;
        self.findings.push(Finding { path, problem, severity, message });
    }
}
