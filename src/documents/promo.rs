//! Promo: a promotion as the organiser wrote it. It never contains counts.

mod combines;
mod faults;
mod limits;
mod list;
mod parts;
mod requirement;
mod scope;
mod takes;

use serde::de::Deserializer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::base::amount::Amount;
use crate::base::given::Given;
use crate::base::money::{Bounded, Integer, Percent, Positive, Rounding, Time};
use crate::base::text::{Currency, Kind, Name, Text, canonical_code};
use crate::documents::discount::Discount;
use crate::documents::fact::Condition;
use crate::documents::lifts::Lifts;
use crate::documents::period::{Hours, PeriodLimit};
use crate::documents::policy::ReleaseRules;
pub use combines::Combines;
pub(crate) use list::promos;
pub use parts::{CountBy, Pick, Pool, WhenShort};
pub use requirement::{Requirement, SubtotalOf};
pub use takes::DiscountEntry;
pub(crate) use takes::{Takes, listed};

const MAX_POOLS: usize = 100;
const MAX_HOURS: usize = 50;
const MAX_DISCOUNTS: usize = 32;
const MAX_REQUIREMENTS: usize = 16;
const MAX_CONDITIONS: usize = 16;

/// A promotion: what the organiser wrote about a code. It never contains counts, and has exactly one of
/// `discount`, `discount_percent` and `discounts`. Each amount is one number for whichever currency the order is in, or
/// one for each of 1 to 32 currencies, such as `{"EUR": 500, "USD": 600}`: orders in other currencies are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Promo {
    /// What the buyer types. It is compared without invisible characters and surrounding white space, in upper
    /// case; in that form it has 1 to 64 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub code: String,
    /// The name under which the code is counted; it must never change. With an id, all events count together, and
    /// the count survives a new spelling of the code. Null: each event counts by itself, under the code.
    #[serde(default)]
    pub id: Option<Name>,
    /// Whether new orders may use the code.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether the promotion applies by itself to every order that it fits, without its code being typed. A request has
    /// at most 32 such promotions.
    #[serde(default)]
    pub automatic: bool,
    /// What the code takes off. Null where `discount_percent` or `discounts` says it.
    #[serde(default)]
    pub discount: Option<Discount>,
    /// Short for a discount of kind `percent`: 0 to 100, at most 4 decimals. Null where `discount` or `discounts` says
    /// it.
    #[serde(default)]
    pub discount_percent: Option<Percent>,
    /// What the code takes off tickets of different types: 1 to 32 entries. The first entry that names a ticket's type
    /// is its discount. Tickets that no entry names do not count and get no discount. Null where `discount` or
    /// `discount_percent` says it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_DISCOUNTS)))]
    pub discounts: Option<Vec<DiscountEntry>>,
    /// The only currency of orders that may use the code, compared as spelt. Null is any currency.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// What one use is. Null is `group` for the kind `per_group`; `order` where every discount looks at the order
    /// (`amount_per_order`, `order_price` and `percent` of the order, in tiers too); else `ticket`.
    #[serde(default)]
    pub count_by: Option<CountBy>,
    /// What one use of a person is, for the limits per person of the code, its periods and its pools. Null is
    /// `count_by`.
    #[serde(default)]
    pub count_by_identity: Option<CountBy>,
    /// How many uses all buyers have together. Null is no limit; at 0 nobody may use the code.
    #[serde(default)]
    pub max_uses: Option<Integer>,
    /// Whether the code may be used once: the same as `max_uses` 1.
    #[serde(default)]
    pub single_use: bool,
    /// How many uses each person has. Each identity of the order counts as a person, if its kind is in the policy's
    /// `identity_kinds`. Null is no limit.
    #[serde(default)]
    pub max_uses_per_identity: Option<Integer>,
    /// Limits on the uses within one day, week or month of the event's local time: each period at most once.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = crate::documents::period::Every::ALL.len())))]
    pub per_period: Vec<PeriodLimit>,
    /// How many tickets of one order get the discount; the other tickets cost the full price. Null is no limit.
    #[serde(default)]
    pub max_tickets_per_order: Option<Positive>,
    /// Which tickets get the discount if not all of them may, because of `max_tickets_per_order` or because
    /// `when_short` is `partial`.
    #[serde(default)]
    pub pick: Pick,
    /// The most that the code takes off one order, in minor units. Null is no limit.
    #[serde(default)]
    pub max_discount: Option<Amount>,
    /// The most that the code takes off all orders together, in minor units, counted for each currency. Null is
    /// no limit.
    #[serde(default)]
    pub budget: Option<Amount>,
    /// Limits shared with every other code that names the same pool: at most 100, each once.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(max = MAX_POOLS)))]
    pub pools: Vec<Pool>,
    /// How many tickets one person may have at the event if the order has this code, where the policy allows fewer.
    /// Null: as many as the policy allows.
    #[serde(default)]
    pub lifts: Option<Lifts>,
    /// What happens when fewer uses or less budget is left than the order needs.
    #[serde(default)]
    pub when_short: WhenShort,
    /// The first moment at which the code may be used. Null: from the beginning.
    #[serde(default)]
    pub starts_at_ms: Option<Time>,
    /// The first moment at which the code may no longer be used. Null: it never ends.
    #[serde(default)]
    pub ends_at_ms: Option<Time>,
    /// The hours of the week, in the event's local time, in which the code may be used: 1 to 50 spans. Null is always.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_HOURS)))]
    pub weekly: Option<Vec<Hours>>,
    /// The events that the code is for. Null is any event; an empty list admits none.
    #[serde(default)]
    pub events: Option<Vec<Name>>,
    /// Events that the code is not for, also if `events` admits them. Null and an empty list exclude none.
    #[serde(default)]
    pub exclude_events: Option<Vec<Name>>,
    /// The ticket types that the code is for. Tickets of other types do not count and get no discount. Null is
    /// any type; an empty list admits none.
    #[serde(default)]
    pub ticket_types: Option<Vec<Name>>,
    /// Ticket types that the code is not for, also if `ticket_types` admits them. Null and an empty list exclude none.
    #[serde(default)]
    pub exclude_ticket_types: Option<Vec<Name>>,
    /// Types of the policy's `locked_ticket_types` that may be bought with the code. Each must be one that the code is
    /// for. All tickets of these types count, also those that get no discount. Null and an empty list are none.
    #[serde(default)]
    pub unlocks: Option<Vec<Name>>,
    /// The least number of tickets of the code's types in the order. Null is no limit.
    #[serde(default)]
    pub min_tickets: Option<Integer>,
    /// The largest number of tickets of the code's types in the order. Null is no limit.
    #[serde(default)]
    pub max_tickets: Option<Integer>,
    /// The least subtotal before any discount, in minor units; `subtotal_of` says of which tickets. Null is no limit.
    #[serde(default)]
    pub min_subtotal: Option<Amount>,
    /// The largest subtotal before any discount, in minor units; `subtotal_of` says of which tickets. Null is no limit.
    #[serde(default)]
    pub max_subtotal: Option<Amount>,
    /// Which tickets `min_subtotal` and `max_subtotal` add up.
    #[serde(default)]
    pub subtotal_of: SubtotalOf,
    /// What else the whole order must hold: 1 to 16 entries, and each must be met. Null is nothing.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_REQUIREMENTS)))]
    pub requires: Option<Vec<Requirement>>,
    /// Who may use the code, as lists by kind of identity; the order needs one identity that is listed.
    /// `@example.org` of kind `email` admits everybody of that domain. Null is anybody; an empty list admits nobody.
    #[serde(default, deserialize_with = "some_given")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<Given<Kind, Vec<Text<320>>>>"))]
    pub only_for: Option<BTreeMap<Kind, Vec<Text<320>>>>,
    /// Conditions on the order's `facts`, all of which must hold: 1 to 16. Null is none.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = MAX_CONDITIONS)))]
    pub only_if: Option<Vec<Condition>>,
    /// Whether the code may be used together with other codes that combine, too.
    #[serde(default)]
    pub combines: Combines,
    /// The name of a group of promotions of which at most one applies to an order, even if they combine. Null is none.
    #[serde(default)]
    pub group: Option<Name>,
    /// Of several codes in an order, the one with the higher number is applied first.
    #[serde(default)]
    pub priority: Bounded<0, 1000>,
    /// How the payable price is rounded under a percent discount.
    #[serde(default)]
    pub rounding: Rounding,
    /// What a release gives back, by reason. An order keeps the rules that held when it was accepted.
    #[serde(default)]
    pub release: ReleaseRules,
}

fn some_given<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<Kind, Vec<Text<320>>>>, D::Error> {
    Ok(Option::<Given<_, _>>::deserialize(deserializer)?.map(|Given(map)| map))
}

fn yes() -> bool {
    true
}

impl Promo {
    /// A promotion without limits and conditions. To add some: `Promo { max_uses, ..Promo::new("CREW", discount) }`.
    pub fn new(code: impl Into<String>, discount: Discount) -> Self {
        Self {
            code: code.into(),
            id: None,
            active: true,
            automatic: false,
            discount: Some(discount),
            discount_percent: None,
            discounts: None,
            currency: None,
            count_by: None,
            count_by_identity: None,
            max_uses: None,
            single_use: false,
            max_uses_per_identity: None,
            per_period: Vec::new(),
            max_tickets_per_order: None,
            pick: Pick::default(),
            max_discount: None,
            budget: None,
            pools: Vec::new(),
            lifts: None,
            when_short: WhenShort::default(),
            starts_at_ms: None,
            ends_at_ms: None,
            weekly: None,
            events: None,
            exclude_events: None,
            ticket_types: None,
            exclude_ticket_types: None,
            unlocks: None,
            min_tickets: None,
            max_tickets: None,
            min_subtotal: None,
            max_subtotal: None,
            subtotal_of: SubtotalOf::default(),
            requires: None,
            only_for: None,
            only_if: None,
            combines: Combines::default(),
            group: None,
            priority: Bounded::default(),
            rounding: Rounding::default(),
            release: ReleaseRules::default(),
        }
    }

    /// The code as it is looked up, counted and recorded.
    pub fn canonical_code(&self) -> String {
        canonical_code(&self.code)
    }

    /// Whether both are of one group.
    pub(crate) fn is_grouped_with(&self, other: &Self) -> bool {
        self.group.is_some() && self.group == other.group
    }

    /// What one use is, with the default.
    pub fn count_by(&self) -> CountBy {
        let takes = self.takes();
        let default = match takes.groups() {
            Some(_) => CountBy::Group,
            None if takes.is_of_order() => CountBy::Order,
            None => CountBy::Ticket,
        };
        self.count_by.unwrap_or(default)
    }

    /// What one use of a person is, with the default.
    pub fn count_by_identity(&self) -> CountBy {
        self.count_by_identity.unwrap_or_else(|| self.count_by())
    }

    /// How many uses all buyers have together, from `max_uses` or `single_use`.
    pub fn max_uses(&self) -> Option<Integer> {
        if self.single_use { Some(Integer::ONE) } else { self.max_uses }
    }
}
