use super::{Case, Reason, Violation};
use crate::documents::promo::Requirement;
use crate::judge::mend::{Tickets, in_words};

/// The order has more tickets of some types than the promo allows beside it.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let required = case.promo.requires.as_ref()?;
    let surplus = |entry: &Requirement| {
        let (most, has) = (entry.max_tickets?, case.tickets(Tickets::from(entry)));
        (has > most).then_some((most, has))
    };
    let (entry, (most, has)) = required.iter().find_map(|entry| Some((entry, surplus(entry)?)))?;
    // One ticket less mends all entries that have too many if its type is in all of them.
    let all = required.iter().filter_map(|entry| Some((Tickets::from(entry), surplus(entry)?)));
    let (of, by): (Vec<_>, Vec<_>) = all.map(|(of, (most, has))| (of, has.minus(most))).unzip();
    let mended = case.fewer_tickets(&of, by.into_iter().max().unwrap_or_default());
    let (n, tickets, m) = (most.get(), in_words(entry.ticket_types.as_deref()), has.get());
    let rest = format!("allows at most {n} {tickets}, the order has {m}");
    case.refuse(Reason::SurplusTickets, rest).map(|violation| violation.bound(most, has).mended_by(mended))
}

#[test]
fn none_is_a_bound_too() {
    use super::fixture::refuses;
    let requires = |types: &[&str], most| {
        refuses(condition, serde_json::json!({"requires": [{"ticket_types": types, "max_tickets": most}]}))
    };
    assert!(requires(&["vip", "seat"], 1));
    assert!(!requires(&["vip", "seat"], 2));
    assert!(requires(&["seat"], 0));
    assert!(!requires(&["vip"], 0));
}
