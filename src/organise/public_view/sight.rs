//! What one promotion of a view is judged on.

use crate::base::money::Integer;
use crate::documents::counter::Unit;
use crate::documents::order::Identity;
use crate::documents::promo::Promo;
use crate::documents::request::Asked;
use crate::judge::account::Account;
use crate::judge::limits::{Limit, Scene, left};

/// What all promotions of a view are judged on.
pub(super) struct Place<'a> {
    pub asked: &'a Asked<'a>,
    pub identities: &'a [Identity],
    pub account: &'a Account<'a>,
    pub up_to: u64,
}

impl<'a> Place<'a> {
    /// What a browser may see of this promotion, which the buyer typed, or which is automatic.
    pub fn sight(&self, promo: Option<&'a Promo>, typed: bool) -> Sight<'a> {
        let scene = Scene::new(self.asked, &mut promo.into_iter(), self.identities);
        Sight { scene, account: self.account, up_to: self.up_to, typed }
    }
}

/// What a browser may see, for orders of at most `up_to` tickets.
pub(super) struct Sight<'a> {
    pub scene: Scene<'a>,
    pub account: &'a Account<'a>,
    pub up_to: u64,
    /// Whether the promotion's code was typed. Only then a refusal names what the order lacks.
    pub typed: bool,
}

impl Sight<'_> {
    pub(super) fn left(&self, limits: &[Limit], unit: Unit) -> Option<Integer> {
        left(limits, unit, self.account)
    }

    /// The limit, if orders may need more than it; `None` if they cannot reach it.
    pub(super) fn below(&self, limit: Option<Integer>, needed: u64) -> Option<Integer> {
        limit.filter(|limit| limit.get() < needed)
    }
}
