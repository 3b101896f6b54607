use super::{Found, Subject, written};
use crate::base::amount::Amount;
use crate::base::money::Integer;
use crate::base::text::Name;
use crate::documents::order::MAX_TICKETS;
use crate::documents::promo::{Promo, SubtotalOf};
use crate::judge::mend::in_words;

/// What one part of the promotion asks for is more than another part allows.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let promo = subject.promo;
    let of_scope = scope(promo);
    let mut say = |path: String, types: Option<&[Name]>, least: Integer, most: Option<Integer>| {
        if let Some(most) = most.filter(|most| *most < least) {
            let (code, least, most) = (&subject.code, least.get(), most.get());
            let tickets = in_words(types);
            found.say(path, format!("{code} needs at least {least} {tickets}, and it allows at most {most}"));
        }
    };
    for (index, entry) in promo.requires.iter().flatten().enumerate() {
        let at = |field: &str| subject.at(&format!("requires[{index}].{field}"));
        let types = entry.ticket_types.as_deref();
        let entries =
            promo.requires.iter().flatten().filter(|other| is_part(types, other.ticket_types.as_deref()));
        // A `max_tickets` of 0 refuses everything: that is the problem `zero_refuses`.
        let own = promo.max_tickets.filter(|most| *most > Integer::ZERO && in_scope(promo, types));
        let bounds = entries.filter_map(|entry| entry.max_tickets).chain(own);
        let most =
            bounds.chain(subject.policy.max_tickets_per_identity).chain(Integer::new(MAX_TICKETS)).min();
        let mut asked = entry.min_subtotal.iter().flat_map(Amount::numbers);
        let some = asked.any(|(_, least)| least > Integer::ZERO).then_some(Integer::ONE);
        let needs = [("min_tickets", entry.min_tickets.map(Integer::from)), ("min_subtotal", some)];
        // An entry that names no type is the problem `admits_nobody`.
        for (field, least) in needs.into_iter().filter(|_| types.is_none_or(|types| !types.is_empty())) {
            say(at(field), types, least.unwrap_or_default(), most);
        }
        if is_part(of_scope.as_deref(), types) {
            let least = promo.min_tickets.unwrap_or_default().max(Integer::ONE);
            say(at("max_tickets"), of_scope.as_deref(), least, entry.max_tickets);
        }
    }
    for (index, entry) in promo.requires.iter().flatten().enumerate() {
        let of_order = promo.subtotal_of == SubtotalOf::Order;
        let both = entry.min_subtotal.as_ref().zip(promo.max_subtotal.as_ref());
        let both = both.and_then(|(least, most)| least.beside(most, |least, most| least > most));
        let counts = of_order || in_scope(promo, entry.ticket_types.as_deref());
        if let Some((currency, least, most)) = both.filter(|_| counts) {
            let (code, least, most) = (&subject.code, written(least, currency), written(most, currency));
            let message =
                format!("{code} needs a subtotal of at least {least}, and it allows at most {most}");
            found.say(subject.at(&format!("requires[{index}].min_subtotal")), message);
        }
    }
}

/// Whether all tickets of the first types are tickets of the other types, too. `None` is any type.
fn is_part(types: Option<&[Name]>, of: Option<&[Name]>) -> bool {
    of.is_none_or(|of| types.is_some_and(|types| types.iter().all(|name| of.contains(name))))
}

/// Whether the promotion is for all tickets of these types. `None` is any type.
fn in_scope(promo: &Promo, types: Option<&[Name]>) -> bool {
    types.map_or_else(|| promo.covers_all(), |types| types.iter().all(|name| promo.covers(Some(name))))
}

/// The types that the promotion lists and does not exclude. `None` if it lists none.
fn scope(promo: &Promo) -> Option<Vec<Name>> {
    let covered = |name: &&Name| promo.covers(Some(name));
    promo.ticket_types.as_ref().map(|types| types.iter().filter(covered).cloned().collect())
}

#[test]
fn parts_that_exclude_each_other() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |name: &str, value: Value, requires: Value| {
        fixture::found(Problem::RequirementsContradict, json!({name: value, "requires": requires}))
    };
    let alone = |requires| found("active", json!(true), requires);
    let entry = |types: &[&str], bound: &str, n: u64| json!({"ticket_types": types, bound: n});
    let both = json!([{"ticket_types": ["vip"], "min_tickets": 2, "max_tickets": 1}]);
    assert_eq!(alone(both), ["promos[0].requires[0].min_tickets"]);
    let pair = |one, other| alone(json!([one, other]));
    let none = entry(&["vip", "seat"], "max_tickets", 0);
    assert_eq!(pair(none.clone(), entry(&["vip"], "min_tickets", 1)), ["promos[0].requires[1].min_tickets"]);
    assert_eq!(
        pair(none.clone(), entry(&["vip"], "min_subtotal", 1)),
        ["promos[0].requires[1].min_subtotal"]
    );
    assert!(pair(none.clone(), entry(&["vip"], "min_subtotal", 0)).is_empty());
    assert!(pair(none, entry(&["vip", "crew"], "min_tickets", 1)).is_empty());
    let two = entry(&["vip"], "max_tickets", 2);
    assert!(pair(two.clone(), entry(&["vip"], "min_tickets", 2)).is_empty());
    assert_eq!(alone(json!([entry(&["vip"], "min_tickets", 1001)])).len(), 1);
    assert_eq!(alone(json!([{"min_tickets": 2, "max_tickets": 1}])), ["promos[0].requires[0].min_tickets"]);
    assert!(alone(json!([{"ticket_types": [], "min_tickets": 2, "max_tickets": 1}])).is_empty());
    let of_all = json!({"max_tickets": 2});
    assert_eq!(pair(of_all, entry(&["vip"], "min_tickets", 3)), ["promos[0].requires[1].min_tickets"]);

    let vip = json!([entry(&["vip"], "min_tickets", 3)]);
    assert_eq!(found("max_tickets", json!(2), vip.clone()), ["promos[0].requires[0].min_tickets"]);
    assert!(found("max_tickets", json!(0), vip.clone()).is_empty());
    assert!(found("max_tickets", json!(3), vip).is_empty());
    let scoped =
        json!({"max_tickets": 2, "ticket_types": ["seat"], "requires": [entry(&["vip"], "min_tickets", 3)]});
    assert!(fixture::found(Problem::RequirementsContradict, scoped).is_empty());

    let excluded = json!({
        "max_tickets": 2, "exclude_ticket_types": ["vip"], "requires": [entry(&["vip"], "min_tickets", 3)],
    });
    assert!(fixture::found(Problem::RequirementsContradict, excluded).is_empty());

    let no_vip = json!([entry(&["vip"], "max_tickets", 0)]);
    assert_eq!(found("ticket_types", json!(["vip"]), no_vip.clone()), ["promos[0].requires[0].max_tickets"]);
    assert!(found("ticket_types", json!(["vip", "seat"]), no_vip).is_empty());
    let dear = json!([entry(&["vip"], "min_subtotal", 501)]);
    assert_eq!(found("max_subtotal", json!(500), dear.clone()), ["promos[0].requires[0].min_subtotal"]);
    assert!(found("max_subtotal", json!(501), dear.clone()).is_empty());
    for (subtotal_of, name, contradicts) in [("scope", "seat", 0), ("scope", "vip", 1), ("order", "seat", 1)]
    {
        let fields = json!({
            "max_subtotal": 500, "subtotal_of": subtotal_of, "ticket_types": [name], "requires": dear,
        });
        assert_eq!(fixture::found(Problem::RequirementsContradict, fields).len(), contradicts);
    }
    let partly = json!([entry(&["vip", "seat"], "min_tickets", 3)]);
    let fields = json!({"max_tickets": 2, "ticket_types": ["seat"], "requires": partly});
    assert!(fixture::found(Problem::RequirementsContradict, fields).is_empty());
}
