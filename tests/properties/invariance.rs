//! Checks what must not change an answer: asking again, asking in JSON or in types, the order of keys and lists, and
//! documents whose codes were not typed.

use redeemable::{Decision, Error, Promo, ValidateRequest, json, usage_keys, validate_redemption};
use serde::Serialize;
use serde_json::Value;

use crate::Check;
use crate::checks::{Fate, fate, used_before};
use crate::codes::{CODES, alike, canonical};
use crate::coverage::Coverage;
use crate::keeping;
use crate::naive;
use crate::scenario::int;

fn text(document: &impl Serialize) -> String {
    serde_json::to_string(document).unwrap()
}

/// The same document, with the fields of every object in reverse order.
fn reversed(document: Value) -> Value {
    match document {
        Value::Object(fields) => {
            fields.into_iter().rev().map(|(key, value)| (key, reversed(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(reversed).collect(),
        plain => plain,
    }
}

/// Checks that the call with JSON text gives the same answer as the call with types, whatever the order of keys.
pub fn in_json(
    request: &impl Serialize,
    answer: &impl Serialize,
    call: fn(&[u8]) -> Result<String, Error>,
    reverse: bool,
    coverage: &mut Coverage,
) -> Check {
    let request = if reverse {
        coverage.saw("json with its keys reversed");
        reversed(serde_json::to_value(request).unwrap()).to_string()
    } else {
        coverage.saw("json in and out");
        text(request)
    };
    let (typed, told) = (text(answer), call(request.as_bytes()));
    ensure!(told.as_ref() == Ok(&typed), "JSON is answered {told:?}, types {typed}");
    Ok(())
}

/// Checks one of the properties that compare several answers to one question. They take turns, because each of them
/// costs several calls.
pub fn compare(request: &ValidateRequest, decision: &Decision, turn: u64, coverage: &mut Coverage) -> Check {
    match turn % 5 {
        0 => in_json(request, decision, json::validate_redemption, turn.is_multiple_of(10), coverage),
        1 => irrelevant_order(request, decision, coverage),
        2 => preview(request, decision, coverage),
        3 => keys(request, decision, turn, coverage),
        _ => {
            let again = validate_redemption(&request.clone()).map_err(|error| error.to_string())?;
            ensure!(
                text(&again) == text(decision),
                "the same request has two answers: {again:?}, {decision:?}"
            );
            Ok(())
        }
    }
}

/// Checks that these do not change an answer: the order of promos and lapsed holds, other promos, and other counters.
fn irrelevant_order(request: &ValidateRequest, decision: &Decision, coverage: &mut Coverage) -> Check {
    coverage.saw("irrelevant order");
    let codes = naive::entered(request);
    let mut other = request.clone();
    other.promos.reverse();
    other.usage.lapsed.reverse();
    // What was typed may look like a code that it does not mean.
    let typed = request.codes.iter().filter_map(|typed| canonical(typed));
    let near: Vec<_> = typed.chain(codes).collect();
    other.promos.retain(|promo| {
        canonical(&promo.code).is_some_and(|code| near.iter().any(|typed| alike(typed, code)))
    });
    if let Some(promo) = request.promos.first() {
        let stranger = Promo { code: "Stranger".to_owned(), id: None, ..promo.clone() };
        other.promos.insert(0, stranger);
    }
    let keys = usage_keys(&request.clone().into()).map_err(|error| error.to_string())?;
    other.usage.counters.retain(|key, _| keys.contains(key));
    other.usage.counters.insert("code/id:stranger/uses".to_owned(), int(7));
    other.usage.counters.insert("something else".to_owned(), int(7));
    let answer = validate_redemption(&other).map_err(|error| error.to_string())?;
    ensure!(answer == *decision, "what is irrelevant changes the answer: {answer:?}, {decision:?}");
    Ok(())
}

/// Checks that a preview decides like the order itself, if what the order holds already is taken off the counters.
fn preview(request: &ValidateRequest, decision: &Decision, coverage: &mut Coverage) -> Check {
    let keeps = |code: &&str| keeping::hold_with(request, code).is_some();
    let keeps = naive::entered(request).iter().any(keeps);
    if request.order.id.is_none() || fate(request) != Fate::Judged || keeps {
        return Ok(()); // a preview does not know the hold with which a code keeps its time
    }
    coverage.saw("preview beside the order");
    let mut other = request.clone();
    other.order.id = None;
    other.order.hold_until_ms = None;
    other.usage.existing = None;
    other.usage.lapsed.clear();
    for (key, used) in &mut other.usage.counters {
        *used = int(used_before(request, key));
    }
    let answer = validate_redemption(&other).map_err(|error| error.to_string())?;
    let same = (answer.status, &answer.quote, &answer.applied, &answer.violations)
        == (decision.status, &decision.quote, &decision.applied, &decision.violations);
    ensure!(same, "a preview decides otherwise: {answer:?}, {decision:?}");
    ensure!(answer.ops.is_empty(), "a preview has a plan: {:?}", answer.ops);
    Ok(())
}

/// Checks that `usageKeys` lists, in order, every counter that the order may charge, whatever the usage and the time.
fn keys(request: &ValidateRequest, decision: &Decision, turn: u64, coverage: &mut Coverage) -> Check {
    let keys = usage_keys(&request.clone().into()).map_err(|error| error.to_string())?;
    let mut expected: Vec<String> = naive::limits(request).into_iter().map(|limit| limit.key).collect();
    expected.sort();
    expected.dedup();
    ensure!(keys == expected, "usageKeys are {keys:?}, expected {expected:?}");
    for op in &decision.ops {
        if let redeemable::Op::Add { key, by: 1.., .. } = op {
            // The periods of the hold that it amends are in no request of `usageKeys`.
            let kept = naive::limits_kept(request, &naive::entered(request));
            let known = keys.contains(key) || kept.iter().any(|limit| limit.key == *key);
            ensure!(known, "charges {key}, which usageKeys does not list: {keys:?}");
        }
    }
    let blind = ValidateRequest { usage: redeemable::Usage::default(), ..request.clone() };
    let unread = usage_keys(&blind.into()).map_err(|error| error.to_string())?;
    ensure!(unread == keys, "usageKeys depends on what was read: {unread:?}, {keys:?}");
    let known = CODES.iter().any(|(code, _)| naive::promo(request, code).is_some());
    ensure!(known || keys.iter().all(|key| key.starts_with("event/")), "an unknown code has keys: {keys:?}");
    if !turn.is_multiple_of(4) {
        return Ok(());
    }
    in_json(request, &keys, json::usage_keys, turn.is_multiple_of(8), coverage)
}
