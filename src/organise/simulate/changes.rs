//! The fields that change and are no limits, each with a sentence.

use std::collections::BTreeMap;

use super::{FieldChange, SimulateRequest, Version};
use crate::base::amount::Amount;
use crate::base::money::{Integer, Time};
use crate::base::text::{Currency, Name};
use crate::documents::counter::Counter;
use crate::documents::promo::{Combines, CountBy, Promo, WhenShort};

/// Each field that changes and is no limit, in the order of the document.
pub(super) fn of(before: &Version, after: &Version, request: &SimulateRequest) -> Vec<FieldChange> {
    let (was, is) = (before.promo, after.promo);
    // Every field is named, so that a new one does not compile before its change has a sentence below.
    let Promo {
        code,
        id,
        active,
        automatic,
        discount: _,
        discount_percent: _, // part of `takes()`, as is the next
        discounts: _,
        currency,
        count_by: _,       // compared below by `count_by()`, which knows the default
        count_by_identity, // its default is `count_by()`
        max_uses: _,       // a limit, as are the next four and those of the pools
        single_use: _,
        max_uses_per_identity: _,
        per_period: _,
        budget: _,
        max_tickets_per_order,
        pick,
        max_discount,
        pools: _, // by name, below
        lifts,
        when_short,
        starts_at_ms,
        ends_at_ms,
        weekly,
        events,
        exclude_events,
        ticket_types,
        exclude_ticket_types,
        unlocks,
        min_tickets,
        max_tickets,
        min_subtotal,
        max_subtotal,
        subtotal_of,
        requires,
        only_for,
        only_if,
        combines,
        group,
        priority,
        rounding,
        release,
    } = was;
    let mut changes = Vec::new();
    let mut say = |field, changed: bool, message: String| {
        if changed {
            changes.push(FieldChange { field, message });
        }
    };
    let used = request.counters.get(&Counter::CodeUses.key(&[&after.scope])).map_or(0, |used| used.get());
    let count = if before.scope == after.scope {
        "its count goes on".to_owned()
    } else {
        format!("its count is another one, which starts at {used}")
    };
    let renamed = format!("buyers type {} instead of {}, and {count}", after.code, before.code);
    let alike = format!("{} is the same code as before", after.code);
    say("code", *code != is.code, if before.code == after.code { alike } else { renamed });
    say("id", *id != is.id, format!("{} has another identity, and {count}", after.code));
    let sold = if is.active {
        "new orders are accepted"
    } else {
        "no new order is accepted; what is held can be paid"
    };
    say("active", *active != is.active, sold.into());
    let by_itself = if is.automatic {
        "it applies to every new order that it fits, without being typed"
    } else {
        "it applies to new orders in which it is typed"
    };
    say("automatic", *automatic != is.automatic, by_itself.into());
    let priced = "new orders are priced by it; who holds a ticket keeps its price";
    say("discount", was.takes() != is.takes(), priced.into());
    say(
        "currency",
        *currency != is.currency,
        match &is.currency {
            Some(currency) => format!("new orders are accepted in {currency} only"),
            None => "new orders are accepted in every currency".into(),
        },
    );
    let counted = match is.count_by() {
        CountBy::Ticket => "each ticket of a new order is a use; what was counted stays as it was counted",
        CountBy::Order => "each new order is one use; what was counted stays as it was counted",
        CountBy::Group => "each group of a new order is a use; what was counted stays as it was counted",
    };
    say("count_by", was.count_by() != is.count_by(), counted.into());
    let counted = match is.count_by_identity() {
        CountBy::Ticket => {
            "each ticket of a new order is a use of the buyer; what was counted stays as it was counted"
        }
        CountBy::Order => "each new order is one use of the buyer; what was counted stays as it was counted",
        CountBy::Group => {
            "each group of a new order is a use of the buyer; what was counted stays as it was counted"
        }
    };
    let differs = *count_by_identity != is.count_by_identity;
    say("count_by_identity", differs && was.count_by_identity() != is.count_by_identity(), counted.into());
    say("max_tickets_per_order", *max_tickets_per_order != is.max_tickets_per_order, priced.into());
    say("pick", *pick != is.pick, priced.into());
    say("max_discount", *max_discount != is.max_discount, priced.into());
    let elsewhere = budgets_elsewhere(before) != budgets_elsewhere(after);
    say("budget", elsewhere, "the budgets in other currencies change; ask for each of them".into());
    let pools = |promo: &Promo| promo.pools.iter().map(|pool| pool.id.to_string()).collect::<Vec<_>>();
    let (pools_before, pools_after) = (pools(was), pools(is));
    let pools = if pools_after.is_empty() {
        "no pool".into()
    } else {
        format!("the pools {}", pools_after.join(", "))
    };
    say("pools", pools_before != pools_after, format!("new orders are counted in {pools}"));
    let lifted = "new orders are held to it; who holds a ticket keeps it";
    say("lifts", lifts.unwrap_or_default() != is.lifts.unwrap_or_default(), lifted.into());
    let short = match is.when_short {
        WhenShort::Reject => "a new order that needs more than is left is refused",
        WhenShort::Partial => "a new order that needs more than is left gets what is left",
    };
    say("when_short", *when_short != is.when_short, short.into());
    let window = |at: Option<Time>, word: &str, none: &str| match at {
        Some(at) => format!("new orders are accepted {word} {} ms", at.get()),
        None => format!("new orders are accepted {none}"),
    };
    say("starts_at_ms", *starts_at_ms != is.starts_at_ms, window(is.starts_at_ms, "from", "from now on"));
    let end = window(is.ends_at_ms, "before", "without an end");
    let paid = if is.ends_at_ms.is_some() { "; what is held can be paid after it" } else { "" };
    say("ends_at_ms", *ends_at_ms != is.ends_at_ms, end + paid);
    let asked = || "it is asked of new orders; who holds a ticket keeps it".to_owned();
    let hours = match is.weekly {
        Some(_) => "new orders are accepted in these hours only; what is held can be paid after them",
        None => "new orders are accepted at every hour",
    };
    say("weekly", *weekly != is.weekly, hours.into());
    say("events", *events != is.events, asked());
    say("exclude_events", *exclude_events != is.exclude_events, asked());
    say("ticket_types", *ticket_types != is.ticket_types, asked());
    say("exclude_ticket_types", *exclude_ticket_types != is.exclude_ticket_types, asked());
    let opened = match is.unlocks.as_deref().unwrap_or_default() {
        [] => "new orders buy no locked ticket type with it; who holds a ticket keeps it",
        [..] => "new orders may buy these ticket types with it; who holds a ticket keeps it",
    };
    let opens = unlocks.as_deref().unwrap_or_default() != is.unlocks.as_deref().unwrap_or_default();
    say("unlocks", opens, opened.into());
    say("min_tickets", *min_tickets != is.min_tickets, asked());
    say("max_tickets", *max_tickets != is.max_tickets, asked());
    say("min_subtotal", *min_subtotal != is.min_subtotal, asked());
    say("max_subtotal", *max_subtotal != is.max_subtotal, asked());
    say("subtotal_of", *subtotal_of != is.subtotal_of, asked());
    say("requires", *requires != is.requires, asked());
    say("only_for", *only_for != is.only_for, asked());
    let beside = match is.combines {
        Combines::Never => "it is accepted alone only",
        Combines::Always => "it may be used beside other codes that combine",
        Combines::PerTicket => "it may be used beside other codes that combine, on other tickets",
    };
    say("only_if", *only_if != is.only_if, asked());
    say("combines", *combines != is.combines, beside.into());
    let grouped = match &is.group {
        Some(group) => format!("in new orders at most one code of the group {} applies", &**group),
        None => "in new orders no group keeps it from others".into(),
    };
    say("group", *group != is.group, grouped);
    say("priority", *priority != is.priority, "beside other codes it is applied in another order".into());
    say("rounding", *rounding != is.rounding, priced.into());
    let terms = "the terms of new orders; who holds a ticket keeps those it was had on";
    say("release", *release != is.release, terms.into());
    changes
}

/// The budgets in other currencies than the one that is asked about, by pool: `None` is the promotion's own.
fn budgets_elsewhere<'a>(version: &Version<'a>) -> BTreeMap<Option<&'a Name>, Vec<(&'a Currency, Integer)>> {
    let pools = version.promo.pools.iter().map(|pool| (Some(&pool.id), &pool.budget));
    let mut elsewhere = BTreeMap::new();
    for (pool, budget) in pools.chain([(None, &version.promo.budget)]) {
        let named = budget.iter().flat_map(Amount::numbers);
        let named = named.filter_map(|(currency, number)| Some((currency?, number)));
        let others: Vec<_> = named.filter(|(currency, _)| Some(*currency) != version.currency).collect();
        if !others.is_empty() {
            elsewhere.insert(pool, others);
        }
    }
    elsewhere
}
