use super::{Case, Reason, Violation};
use crate::base::money::Integer;
use crate::documents::promo::Requirement;
use crate::judge::mend::{Tickets, in_words};

/// The order has fewer tickets of some types than the promo requires.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let required = case.promo.requires.as_ref()?;
    let missing = |entry: &Requirement| {
        let (least, has) = (Integer::from(entry.min_tickets?), case.tickets(Tickets::from(entry)));
        (has < least).then_some((least, has))
    };
    let (entry, (least, has)) = required.iter().find_map(|entry| Some((entry, missing(entry)?)))?;
    // A ticket mends all entries that lack tickets if its type is in all of them.
    let all = required.iter().filter_map(|entry| Some((Tickets::from(entry), missing(entry)?)));
    let (of, by): (Vec<_>, Vec<_>) = all.map(|(of, (least, has))| (of, least.minus(has))).unzip();
    let mended = case.more_tickets(&of, by.into_iter().max().unwrap_or_default());
    let (n, tickets, m) = (least.get(), in_words(entry.ticket_types.as_deref()), has.get());
    let rest = format!("needs at least {n} {tickets}, the order has {m}");
    case.refuse(Reason::MissingTickets, rest).map(|violation| violation.bound(least, has).mended_by(mended))
}

#[test]
fn tickets_of_all_types_of_an_entry_count_together() {
    use super::fixture::refuses;
    let requires = |types: &[&str], least| {
        refuses(condition, serde_json::json!({"requires": [{"ticket_types": types, "min_tickets": least}]}))
    };
    assert!(!requires(&["vip", "seat"], 2));
    assert!(requires(&["vip", "seat"], 3));
    assert!(requires(&["vip"], 1));
    assert!(requires(&[], 1));
}
