//! What a browser may know of ticket types that need a code: those of the lines, and those that its code unlocks.

use super::Sight;
use crate::base::text::Name;
use crate::documents::discount::Discount;
use crate::documents::promo::{Promo, Requirement};

impl Sight<'_> {
    /// The locked types of the view. `told` is its promotion, if the code is accepted.
    pub(super) fn locked(&self, told: Option<&Promo>) -> Option<Vec<Name>> {
        let locked = self.scene.policy.locked_ticket_types.iter().flatten();
        let unlocked = |name: &Name| told.is_some_and(|promo| promo.opens(Some(name)));
        let seen: Vec<Name> = locked.filter(|name| self.is_asked(name) || unlocked(name)).cloned().collect();
        (!seen.is_empty()).then_some(seen)
    }

    /// Those types of the promo's list that the browser may know. Of an automatic promotion nobody is told what the
    /// order lacks, so these are the types of the lines.
    pub(super) fn known(&self, promo: &Promo, mut types: Vec<Name>) -> Vec<Name> {
        let policy = self.scene.policy;
        let may_be_told = |name: &Name| !policy.locks(Some(name)) || promo.opens(Some(name));
        types.retain(|name| self.is_asked(name) || self.typed && may_be_told(name));
        types
    }

    /// The same for types that the code is not for. A list that loses its last type would exclude none, so it has a
    /// name that is no type of the order.
    pub(super) fn excluded(&self, promo: &Promo) -> Option<Vec<Name>> {
        let types = promo.exclude_ticket_types.clone()?;
        let known = self.known(promo, types.clone());
        if !self.typed {
            return Some(known).filter(|known| !known.is_empty());
        }
        let lost = known.is_empty() && !types.is_empty();
        let other = || ["-", "--"].into_iter().filter_map(Name::new).find(|name| !self.is_asked(name));
        Some(if lost { other().into_iter().collect() } else { known })
    }

    /// The entry of `requires` with those types that the browser may know.
    pub(super) fn required(&self, promo: &Promo, entry: Requirement) -> Requirement {
        Requirement { ticket_types: entry.ticket_types.map(|types| self.known(promo, types)), ..entry }
    }

    /// The discount with those types to buy for its groups that the browser may know.
    pub(super) fn bought(&self, promo: &Promo, mut discount: Discount) -> Discount {
        if let Discount::PerGroup { buy: Some(buy), .. } = &mut discount {
            buy.ticket_types = self.known(promo, std::mem::take(&mut buy.ticket_types));
        }
        discount
    }

    /// Whether the order in view has tickets of this type.
    fn is_asked(&self, name: &Name) -> bool {
        self.scene.order.lines.iter().any(|line| line.ticket_type.as_ref() == Some(name))
    }
}
