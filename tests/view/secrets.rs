//! Checks that a view holds only names and numbers that the buyer's own orders need.

use redeemable::{
    Discount, Integer, Promo, PublicReason, Reason, SubtotalOf, ValidateRequest, ViewRequest, public_view,
    validate_redemption,
};
use serde_json::Value;

use crate::codes::{self, CODES, canonical, meant};
use crate::conditions::LISTED;
use crate::scenario::{EVENTS, int};
use crate::{Check, Coverage};

/// The automatic promotions that the view has. Each applies by itself to this buyer, here and now: if its code is
/// typed, nothing speaks against it that a buyer may not know.
fn automatic<'a>(view: &Value, asked: &'a ViewRequest) -> Result<Vec<&'a Promo>, String> {
    let seen = view["promos"].as_array().unwrap().iter().filter(|promo| promo["automatic"] == true);
    let mut named = Vec::new();
    for seen in seen {
        let is_meant = |promo: &&Promo| promo.automatic && canonical(&promo.code) == seen["code"].as_str();
        let promo = asked.promos.iter().find(is_meant).ok_or_else(|| format!("nobody wrote {seen}"))?;
        let alone = ValidateRequest {
            codes: vec![promo.code.clone()],
            promos: vec![Promo { automatic: false, ..promo.clone() }],
            policy: asked.policy.clone(),
            order: asked.order.clone(),
            usage: asked.usage.clone(),
            now_ms: asked.now_ms,
        };
        let decision = validate_redemption(&alone).unwrap();
        for violation in decision.violations.iter().filter(|violation| violation.code.is_some()) {
            let hidden = [PublicReason::NotAccepted, PublicReason::IdentityRequired];
            let never = hidden.contains(&violation.public_reason)
                || violation.reason == Reason::WrongCurrency
                || violation.remaining == Some(Integer::ZERO);
            ensure!(!never, "{violation:?}, but {seen} is in the view");
        }
        let bought = match &promo.discount {
            Some(Discount::PerGroup { buy: Some(buy), .. }) => buy.ticket_types.clone(),
            _ => Vec::new(),
        };
        let required = promo.requires.iter().flatten().flat_map(|entry| entry.ticket_types.iter().flatten());
        for name in promo.ticket_types.iter().flatten().chain(required).chain(&bought) {
            let is_asked = asked.order.lines.iter().any(|line| line.ticket_type.as_ref() == Some(name));
            let tells = seen.to_string().contains(&format!("\"{}\"", &**name));
            ensure!(is_asked || !tells, "{name:?}, which no line has, is in {seen}");
        }
        named.push(promo);
    }
    Ok(named)
}

/// The most that each number of an automatic promotion may be: what the orders in view need.
fn most_of_automatic(field: &str, tickets: u64, dearest: u64) -> u64 {
    match field {
        "max_uses" | "max_uses_per_identity" | "max_tickets" => tickets - 1,
        "max_tickets_per_order" => (tickets - 1).max(1),
        "priority" => 4,
        "min_tickets" | "size" | "tickets" | "max_groups" => tickets,
        "min_subtotal" | "amount" | "from" => tickets.max(dearest),
        "max_subtotal" | "max_discount" | "budget" => dearest.saturating_sub(1),
        // A fixed price is that of one ticket, an order price that of all of them.
        "price" => dearest,
        "percent" => 100,
        "discounted" => tickets.max(2),
        other => panic!("a number in {other} of an automatic promotion, which nobody expects"),
    }
}

/// The view has no names except those of the typed code and of automatic promotions that apply, and no number above
/// what the largest order needs.
pub fn none_in(text: &str, asked: &ViewRequest) -> Check {
    let named = in_view(asked);
    let accepted = !text.contains("\"promos\":[]");
    // Only the view of an accepted code has its own spelling. Otherwise there is nothing but what was typed.
    let typed = asked.codes.first().and_then(|typed| canonical(typed));
    let may_name = if accepted { named } else { typed };
    let view: Value = serde_json::from_str(text).unwrap();
    let automatic = automatic(&view, asked)?;
    let applies = |code: &str| automatic.iter().any(|promo| canonical(&promo.code) == Some(code));
    let others = CODES.iter().filter(|(code, _)| may_name != Some(*code) && !applies(code));
    let others = others.flat_map(|(code, ways)| ways.iter().chain([code])).copied();
    let listed = LISTED.iter().flat_map(|(_, typed, fold, exact)| [*typed, *fold, *exact]);
    let names = others.chain(listed).chain(EVENTS).chain(["staff", "press/1", "friends", "promo/", "lapsed"]);
    for name in names.chain(["/uses", "/spend", "/by/", "/day/", "/week/", "/month/", "/free", "counters"]) {
        // Some codes are a part of others.
        let named = || automatic.iter().any(|promo| canonical(&promo.code).unwrap().contains(name));
        ensure!(!text.contains(name) || named(), "{name} is in the view {text}");
    }
    // A locked type is named only if a line asks for it, or the code, which is accepted, unlocks it.
    let unlocked = view["promos"][0]["unlocks"].as_array().cloned().unwrap_or_default();
    for name in asked.policy.locked_ticket_types.iter().flatten() {
        let is_asked = asked.order.lines.iter().any(|line| line.ticket_type.as_ref() == Some(name));
        let tells = text.contains(&format!("\"{}\"", &**name));
        ensure!(is_asked || unlocked.contains(&(**name).into()) || !tells, "{name:?} is in the view {text}");
    }
    let tickets = asked.reveal_up_to.get();
    let price = asked.order.lines.iter().map(|line| line.unit_price.get()).max().unwrap();
    // A refusal may tell what the order lacks, so these bounds stand in the view unchanged.
    let written = asked.promos.iter().find(|promo| named.is_some() && canonical(&promo.code) == named);
    let money = |amount: &Option<redeemable::Amount>| {
        amount.as_ref().and_then(|amount| amount.of(&asked.order.currency)).map_or(0, Integer::get)
    };
    let least = written.and_then(|promo| promo.min_tickets).map_or(0, Integer::get);
    let subtotal = written.map_or(0, |promo| money(&promo.min_subtotal));
    let entries = || written.iter().flat_map(|promo| promo.requires.iter().flatten());
    let required =
        entries().filter_map(|entry| entry.min_tickets).map(|least| least.get()).max().unwrap_or(0);
    let required_subtotal = entries().map(|entry| money(&entry.min_subtotal)).max().unwrap_or(0);
    let group = match written.and_then(|promo| promo.discount.as_ref()) {
        Some(Discount::PerGroup { size: Some(size), .. }) => size.get(),
        Some(Discount::PerGroup { buy: Some(buy), .. }) => buy.tickets.get(),
        _ => 0,
    };
    // An order may have this many tickets once it has what it lacks.
    let of_scope = written.is_some_and(|promo| promo.subtotal_of == SubtotalOf::Scope);
    let mended = if entries().next().is_none() && !of_scope {
        least.max(tickets + group)
    } else {
        tickets + least.max(required).max(group).max(1)
    };
    let priorities = view["promos"].as_array().unwrap().len().saturating_sub(1);
    let most = |field: &str| match field {
        "max_uses" => tickets - 1,
        // 1 beside groups of which more are discounted: too few for one.
        "max_tickets_per_order" => (tickets - 1).max(group.min(1)),
        "max_tickets" => mended - 1,
        // A cap of the policy is below what the orders need; a code lifts it to as much as they need at most.
        "max_free_tickets_per_identity" | "max_tickets_per_identity" => tickets,
        // If persons are counted like everybody, what is left for this one is part of `max_uses`.
        "max_uses_per_identity" => tickets - 1,
        "priority" => u64::try_from(priorities).unwrap(),
        "min_tickets" => least.max(required),
        "min_subtotal" => subtotal.max(required_subtotal),
        "max_subtotal" => subtotal.max(tickets * price + required_subtotal),
        "max_discount" | "budget" => (tickets * price).saturating_sub(1),
        "amount" => tickets * price,
        // A fixed price is that of one ticket, an order price that of all of them.
        "price" if text.contains("\"order_price\"") => tickets * price,
        "price" => price,
        "percent" => 100,
        // A tier begins at a number of tickets, or at a subtotal.
        "from" => tickets.max(tickets * price),
        // What a group needs is told as it was written.
        "size" | "tickets" => group,
        "discounted" => tickets.max(2),
        "max_groups" => tickets,
        other => panic!("a number in {other}, which nobody expects"),
    };
    let policy = &view["policy"];
    let kinds = &policy["identity_kinds"];
    ensure!(kinds.is_null() || *kinds == serde_json::json!([]), "the kinds of identity are in {text}");
    ensure!(policy["email_aliases"] == "fold", "how aliases are read is in {text}");
    // An order that counts once needs only one use; others need no more uses than the tickets it may discount.
    for cap in ["max_free_tickets_per_identity", "max_tickets_per_identity"] {
        ensure!(policy[cap].as_u64().is_none_or(|cap| cap < tickets), "{cap} is out of reach in {text}");
    }
    for promo in view["promos"].as_array().unwrap() {
        let needed = promo["max_tickets_per_order"].as_u64().unwrap_or(tickets);
        // What a code unlocks is a use also where it gets no discount.
        let needed = if promo["unlocks"].is_null() { needed } else { tickets };
        let needed = if promo["count_by"] == "order" { 1 } else { needed };
        let uses = promo["max_uses"].as_u64();
        ensure!(uses.is_none_or(|uses| uses < needed), "max_uses is more than an order needs in {text}");
    }
    let check = |part: &Value, most: &dyn Fn(&str) -> u64| {
        numbers(part, "", &mut |field, number| {
            ensure!(
                number <= most(field),
                "{field} has {number}, more than {tickets} tickets need, in {text}"
            );
            Ok(())
        })
    };
    check(&view["policy"], &most)?;
    for promo in view["promos"].as_array().unwrap() {
        match promo["automatic"] == true {
            true => check(promo, &|field| most_of_automatic(field, tickets, tickets * price))?,
            false => check(promo, &most)?,
        }
    }
    Ok(())
}

/// Raises every limit in the documents, whichever there are, by 1000.
fn raise(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| {
            let limits = name.starts_with("max_uses") || name.ends_with("_per_identity") || name == "budget";
            if let ("budget", Value::Object(amounts)) = (&**name, &mut *value) {
                amounts.values_mut().for_each(|most| *most = (most.as_u64().unwrap() + 1000).into());
            }
            match value.as_u64().filter(|_| limits) {
                Some(most) => *value = (most + 1000).into(),
                None => raise(value),
            }
        }),
        Value::Array(items) => items.iter_mut().for_each(raise),
        _ => {}
    }
}

fn numbers(value: &Value, field: &str, check: &mut dyn FnMut(&str, u64) -> Check) -> Check {
    match value {
        Value::Number(number) => check(field, number.as_u64().unwrap_or(1)), // a fraction is a percent
        Value::Array(items) => items.iter().try_for_each(|item| numbers(item, field, check)),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| numbers(value, name, check)),
        _ => Ok(()),
    }
}

/// The code that the typed one means.
fn in_view(asked: &ViewRequest) -> Option<&'static str> {
    let known = codes::of(&asked.promos);
    asked.codes.first().and_then(|typed| canonical(typed)).map(|typed| meant(typed, &known))
}

/// Secrets of the organiser can change, and the view stays the same.
pub fn hidden_changes_nothing(asked: &ViewRequest, text: &str, coverage: &mut Coverage) -> Check {
    let view = |asked: &ViewRequest| serde_json::to_string(&public_view(asked).unwrap()).unwrap();
    let named = in_view(asked);
    let is_typed = |promo: &Promo| named.is_some() && canonical(&promo.code) == named;

    // Limits are raised, and so much more of them is used.
    let mut other = asked.clone();
    for used in other.usage.counters.values_mut() {
        *used = int(used.get() + 1000);
    }
    for key in crate::scene::keys(asked) {
        other.usage.counters.entry(key).or_insert(int(1000));
    }
    for promo in other.promos.iter_mut().filter(|promo| promo.single_use) {
        (promo.single_use, promo.max_uses) = (false, Some(Integer::ONE));
    }
    let mut raised = serde_json::to_value(&other).unwrap();
    raise(&mut raised);
    let other: ViewRequest = redeemable::json::read(raised.to_string().as_bytes()).unwrap();
    ensure!(view(&other) == text, "the view shows what is used: {text}, {}", view(&other));

    // Other promotions are added, and fields that do not affect a price are changed.
    let mut other = asked.clone();
    let seen: Value = serde_json::from_str(text).unwrap();
    let seen = seen["promos"].as_array().unwrap();
    let is_seen = |promo: &Promo| seen.iter().any(|seen| seen["code"].as_str() == canonical(&promo.code));
    other.promos.retain(|promo| is_typed(promo) || is_seen(promo));
    for promo in &mut other.promos {
        promo.release = Default::default();
        if seen.len() < 2 {
            (promo.combines, promo.priority) = Default::default();
        }
    }
    ensure!(view(&other) == text, "the view shows what it need not: {text}, {}", view(&other));

    // The view of a code that is not accepted, for any reason, is that of an unknown code.
    if text.contains("\"promos\":[]") && !asked.codes.is_empty() {
        let wrote = asked.promos.iter().any(is_typed);
        *coverage
            .entry(if wrote { "one that is not accepted" } else { "one that nobody wrote" })
            .or_default() += 1;
        other.promos.clear();
        ensure!(view(&other) == text, "the view shows that there is such a code: {text}, {}", view(&other));
    }
    Ok(())
}
