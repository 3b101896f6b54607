use super::{Found, Subject};
use crate::base::text::Name;
use crate::documents::promo::listed;

/// An entry of `discounts` is for no ticket type: it names none, or only types that an earlier entry names or that
/// `ticket_types` leaves out.
pub(super) fn lint(subject: &Subject, found: &mut Found) {
    let (promo, takes) = (subject.promo, subject.promo.takes());
    for (place, entry) in promo.discounts.iter().flatten().enumerate() {
        let applies =
            |name: &Name| listed(&promo.ticket_types, Some(name)) && takes.place(Some(name)) == Some(place);
        let none = match (&entry.ticket_types, &promo.ticket_types) {
            (Some(types), _) | (None, Some(types)) => !types.iter().any(applies),
            // Tickets without a type are of no list, so the first entry without one is for them.
            (None, None) => takes.place(None) != Some(place),
        };
        if none {
            let entry = format!("discounts[{place}]");
            let message = "applies to no ticket: earlier entries or ticket_types leave it no ticket type";
            found.say(subject.at(&entry), format!("{entry} of {} {message}", subject.code));
        }
    }
}

#[test]
fn an_entry_needs_a_type_of_its_own() {
    use super::{Problem, fixture};
    use serde_json::{Value, json};
    let found = |types: &[Value], ticket_types: Value| -> Vec<String> {
        let entry =
            |types: &Value| json!({"ticket_types": types, "discount": {"kind": "percent", "percent": 10}});
        let entries: Vec<Value> = types.iter().map(entry).collect();
        let fields = json!({"code": "X1", "discounts": entries, "ticket_types": ticket_types});
        let found = fixture::found_in(Problem::DiscountNeverApplies, json!({"promos": [fields]}));
        found.into_iter().map(|path| path.replace("promos[0].discounts", "")).collect()
    };
    let (a, ab, rest, none) = (json!(["a"]), json!(["a", "b"]), json!(null), json!([]));
    assert!(found(&[a.clone(), ab.clone(), rest.clone()], rest.clone()).is_empty());
    assert_eq!(found(&[ab.clone(), a.clone()], rest.clone()), ["[1]"]);
    assert_eq!(found(&[rest.clone(), a.clone(), rest.clone()], rest.clone()), ["[1]", "[2]"]);
    assert_eq!(found(&[none.clone(), a.clone()], rest.clone()), ["[0]"]);
    // Of the types of the promotion, none is left for the rest.
    assert_eq!(found(&[a.clone(), rest.clone()], a.clone()), ["[1]"]);
    assert!(found(&[a.clone(), rest.clone()], ab.clone()).is_empty());
    assert_eq!(found(&[a, json!(["b"])], json!(["b"])), ["[0]"]);
}
