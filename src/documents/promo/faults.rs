//! What is wrong with a promotion although each of its fields is well-formed.

use super::{CountBy, MAX_CONDITIONS, MAX_DISCOUNTS, MAX_HOURS, MAX_POOLS, MAX_REQUIREMENTS, Promo};
use crate::base::error::Error;
use crate::base::money::Integer;
use crate::base::text::{is_code, repeated};
use crate::documents::discount::Discount;
use crate::documents::order::verify_identity;
use crate::documents::period::Hours;

impl Promo {
    /// Checks what the Rust types do not ensure: the error is the first of [`Self::faults`].
    pub(crate) fn verify(&self, canonical_code: &str) -> Result<(), Error> {
        self.faults(canonical_code).into_iter().next().map_or(Ok(()), Err)
    }

    /// Finds what the Rust types do not exclude. Paths start at the promo.
    pub(crate) fn faults(&self, canonical_code: &str) -> Vec<Error> {
        let mut faults = Vec::new();
        if !is_code(canonical_code) {
            let expected = "expected 1 to 64 characters in canonical form and no control character";
            faults.push(Error::new("code", expected));
        }
        let given = [
            ("discount", self.discount.is_some()),
            ("discount_percent", self.discount_percent.is_some()),
            ("discounts", self.discounts.is_some()),
        ];
        let given: Vec<_> = given.into_iter().filter(|(_, given)| *given).map(|(field, _)| field).collect();
        if given.len() != 1 {
            let found = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
            let expected = "expected exactly one of discount, discount_percent and discounts, found";
            faults.push(Error::new("discount", format!("{expected} {found}")));
        }
        let entries = self.discounts.as_ref().map(Vec::len);
        if let Some(entries) = entries.filter(|entries| !(1..=MAX_DISCOUNTS).contains(entries)) {
            let expected = format!("expected 1 to {MAX_DISCOUNTS} discounts, found {entries}");
            faults.push(Error::new("discounts", expected));
        }
        let of_discount = self.discount.iter().flat_map(Discount::faults);
        faults.extend(of_discount.map(|error| error.in_field("discount")));
        for (index, entry) in self.discounts.iter().flatten().enumerate() {
            let in_entry = |error: Error| error.in_field("discount").in_element(index).in_field("discounts");
            match entry.discount.groups() {
                Some(_) => faults.push(in_entry(Error::new("kind", "expected any kind but per_group"))),
                None => faults.extend(entry.discount.faults().into_iter().map(in_entry)),
            }
        }
        // Without a discount, nobody knows whether there are groups.
        let has_groups = (given.len() == 1).then(|| self.takes().groups().is_some());
        if self.count_by == Some(CountBy::Ticket) && has_groups == Some(true) {
            faults.push(Error::new("count_by", "expected group or order, because of the kind per_group"));
        }
        for (field, count_by) in [("count_by", self.count_by), ("count_by_identity", self.count_by_identity)]
        {
            if count_by == Some(CountBy::Group) && has_groups == Some(false) {
                faults.push(Error::new(field, "expected ticket or order without the kind per_group"));
            }
        }
        if let Some(uses) = self.max_uses.map(Integer::get).filter(|&uses| self.single_use && uses != 1) {
            faults.push(Error::new("max_uses", format!("expected 1 beside single_use, found {uses}")));
        }
        let pools = self.pools.len();
        if pools > MAX_POOLS {
            faults.push(Error::new("pools", format!("expected at most {MAX_POOLS} pools, found {pools}")));
        }
        for index in repeated(&mut self.pools.iter().map(|pool| Some(&*pool.id))) {
            let twice = Error::new("id", "expected each pool once");
            faults.push(twice.in_element(index).in_field("pools"));
        }
        self.period_faults(&mut faults);
        self.unlock_faults(&mut faults);
        if self.automatic && self.unlocks.as_ref().is_some_and(|types| !types.is_empty()) {
            faults.push(Error::new("unlocks", "expected no ticket type of an automatic promotion"));
        }
        if self.automatic && self.lifts.is_some() {
            faults.push(Error::new("lifts", "expected nothing of an automatic promotion"));
        }
        if has_groups == Some(true) && self.unlocks.as_ref().is_some_and(|types| !types.is_empty()) {
            faults.push(Error::new("unlocks", "expected no ticket type beside the kind per_group"));
        }
        let entries = self.requires.as_ref().map_or(1, Vec::len);
        if !(1..=MAX_REQUIREMENTS).contains(&entries) {
            let expected = format!("expected 1 to {MAX_REQUIREMENTS} entries, found {entries}");
            faults.push(Error::new("requires", expected));
        }
        for (index, entry) in self.requires.iter().flatten().enumerate() {
            faults.extend(entry.verify().err().map(|error| error.in_element(index).in_field("requires")));
        }
        let conditions = self.only_if.as_ref().map_or(1, Vec::len);
        if !(1..=MAX_CONDITIONS).contains(&conditions) {
            let expected = format!("expected 1 to {MAX_CONDITIONS} conditions, found {conditions}");
            faults.push(Error::new("only_if", expected));
        }
        for (index, condition) in self.only_if.iter().flatten().enumerate() {
            faults.extend(condition.verify().err().map(|error| error.in_element(index).in_field("only_if")));
        }
        for (kind, values) in self.only_for.iter().flatten() {
            for (index, value) in values.iter().enumerate() {
                let wrong = verify_identity(value).err();
                faults.extend(wrong.map(|error| error.in_element(index).in_field(kind).in_field("only_for")));
            }
        }
        faults
    }

    fn unlock_faults(&self, faults: &mut Vec<Error>) {
        for (index, name) in self.unlocks.iter().flatten().enumerate() {
            if !self.covers(Some(name)) {
                let outside = Error::new("", "expected a ticket type that the code is for");
                faults.push(outside.in_element(index).in_field("unlocks"));
            }
        }
    }

    fn period_faults(&self, faults: &mut Vec<Error>) {
        for (index, period) in self.per_period.iter().enumerate() {
            let of_period = |error: Error| error.in_element(index).in_field("per_period");
            if self.per_period.iter().take(index).any(|earlier| earlier.every == period.every) {
                faults.push(of_period(Error::new("every", "expected each period once")));
            }
            if period.max_uses.or(period.max_uses_per_identity).is_none() {
                faults.push(of_period(Error::new(
                    "",
                    "expected at least one of max_uses, max_uses_per_identity",
                )));
            }
        }
        let Some(weekly) = &self.weekly else { return };
        let hours = weekly.len();
        if hours == 0 || hours > MAX_HOURS {
            faults.push(Error::new("weekly", format!("expected 1 to {MAX_HOURS} spans, found {hours}")));
        }
        for (index, Hours { from_minute, to_minute, .. }) in weekly.iter().enumerate() {
            let (from, to) = (from_minute.get(), to_minute.get());
            if to <= from {
                let expected = format!("expected more than from_minute, {from}, found {to}");
                faults.push(Error::new("to_minute", expected).in_element(index).in_field("weekly"));
            }
        }
    }
}
