use super::{Found, Subject};
use crate::base::money::Integer;
use crate::base::text::Name;
use crate::documents::fact::{Fact, Operand, Test};

/// No value of a fact meets all conditions on it.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let conditions = subject.promo.only_if.as_deref().unwrap_or_default();
    for (index, condition) in conditions.iter().enumerate() {
        let earlier = conditions.get(..index).unwrap_or_default();
        // The conditions that hold in any case: those before this one, and after it for an `any`.
        let others = if condition.any.is_some() { conditions } else { earlier };
        let possible = condition.tests().any(|test| {
            let same = |other: &Test| other.fact == test.fact;
            let mut all: Vec<Test> = others.iter().filter_map(|other| other.one()).filter(same).collect();
            all.push(test);
            candidates(&all).iter().any(|fact| all.iter().all(|test| test.meets(fact)))
        });
        if !possible {
            let message =
                "asks for facts that no order can have beside its other conditions, so it is never accepted";
            found.say(subject.at(&format!("only_if[{index}]")), format!("{} {message}", subject.code));
        }
    }
}

/// Facts of which one meets the conditions, if any does: each value, those next to it, and one that nobody names.
fn candidates(tests: &[Test]) -> Vec<Fact> {
    let named = |test: &Test| -> Vec<Operand> {
        let single = [test.is, test.is_not].into_iter().flatten();
        let lists = [test.among, test.not_among].into_iter().flatten().flatten();
        let numbers = [test.at_least, test.at_most].into_iter().flatten().map(Operand::Integer);
        single.chain(lists).cloned().chain(numbers).collect()
    };
    let denied = |word: &Name| {
        let lists = tests.iter().filter_map(|test| test.not_among).flatten();
        lists.into_iter().any(|value| *value == Operand::Text(word.clone()))
    };
    let mut facts =
        vec![Fact::Bool(true), Fact::Bool(false), Fact::Integer(Integer::ZERO), Fact::List(Vec::new())];
    let mut words = Vec::new();
    for value in tests.iter().flat_map(named) {
        match value {
            Operand::Bool(_) => {}
            Operand::Integer(number) => {
                let next = [number.minus(Integer::ONE), number, number.plus(Integer::ONE).unwrap_or(number)];
                facts.extend(next.map(Fact::Integer));
            }
            Operand::Text(word) => words.push(word),
        }
    }
    // A word that is longer than all others is none of them.
    let longest = words.iter().map(|word| word.chars().count()).max().unwrap_or_default();
    facts.extend(Name::new("x".repeat(longest.saturating_add(1))).map(Fact::Text));
    facts.extend(words.iter().cloned().map(Fact::Text));
    // A list may have every word that is not denied.
    facts.push(Fact::List(words.into_iter().filter(|word| !denied(word)).collect()));
    facts
}

#[test]
fn conditions_that_no_value_meets() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found =
        |conditions: Value| fixture::found(Problem::FactsContradict, json!({ "only_if": conditions }));
    let on = |fact: &str, operator: &str, value: Value| json!({"fact": fact, operator: value});
    let pair = |one: Value, other: Value| found(json!([one, other])).len();
    let age = |operator: &str, n: u64| on("age", operator, json!(n));
    assert_eq!(found(json!([age("at_least", 18), age("at_most", 17)])), ["promos[0].only_if[1]"]);
    assert_eq!(pair(age("at_least", 18), age("at_most", 18)), 0);
    assert_eq!(pair(age("is", 3), age("is", 4)), 1);
    assert_eq!(pair(age("is", 3), on("age", "is", json!("3"))), 1);
    assert_eq!(pair(age("is", 3), on("level", "is", json!("3"))), 0);
    assert_eq!(pair(on("member", "is", json!(true)), on("member", "is_not", json!(true))), 1);
    assert_eq!(pair(on("member", "is", json!(true)), on("member", "is_not", json!(false))), 0);
    // A list may be both; what is denied is neither.
    let role = |operator: &str, value: Value| on("role", operator, value);
    assert_eq!(pair(role("is", json!("crew")), role("is", json!("press"))), 0);
    assert_eq!(pair(role("is", json!("crew")), role("not_in", json!(["crew", "press"]))), 1);
    assert_eq!(pair(role("in", json!(["crew", "press"])), role("not_in", json!(["crew"]))), 0);
    assert_eq!(pair(role("is_not", json!("crew")), role("not_in", json!(["press"]))), 0);
    assert_eq!(pair(role("in", json!(["crew", "press"])), role("is_not", json!("crew"))), 0);
    assert_eq!(pair(role("is_not", json!("xx")), role("not_in", json!(["x"]))), 0);
    let (crew, press) = (role("is", json!("crew")), role("is", json!("press")));
    assert_eq!(found(json!([crew, press, role("not_in", json!(["staff"]))])).len(), 0);
    assert_eq!(pair(age("at_most", 1), on("age", "not_in", json!([0, 1]))), 1);
    assert_eq!(pair(age("at_most", 2), on("age", "not_in", json!([0, 1]))), 0);
    // One of `any` must be possible beside the others, whatever their order.
    let any = json!({"any": [age("at_most", 17), age("is", 20)]});
    assert_eq!(found(json!([any.clone(), age("at_least", 18)])).len(), 0);
    assert_eq!(found(json!([any, age("at_least", 21)])), ["promos[0].only_if[0]"]);
}
