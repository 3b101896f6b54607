use super::{Case, Reason, Violation};
use crate::base::money::Integer;
use crate::documents::promo::Requirement;
use crate::judge::mend::{Tickets, in_words};

/// The order's tickets of some types cost less, before any discount, than the promo requires.
pub(crate) fn condition(case: &Case) -> Option<Violation> {
    let required = case.promo.requires.as_ref()?;
    let missing = |entry: &Requirement| {
        let (least, has) = (case.money(&entry.min_subtotal)?, case.subtotal(Tickets::from(entry)));
        (has < least).then_some((least, has))
    };
    let (entry, (least, has)) = required.iter().find_map(|entry| Some((entry, missing(entry)?)))?;
    let all = required.iter().filter_map(|entry| Some((Tickets::from(entry), missing(entry)?)));
    let (of, by): (Vec<_>, Vec<_>) = all.map(|(of, (least, has))| (of, least.minus(has))).unzip();
    let mended = case.more_subtotal(&of, by.into_iter().max().unwrap_or(Integer::ZERO));
    let (n, tickets, m) = (least.get(), in_words(entry.ticket_types.as_deref()), has.get());
    let rest = format!("needs {tickets} for at least {n}, the order has {m}");
    case.refuse(Reason::MissingSubtotal, rest).map(|violation| violation.bound(least, has).mended_by(mended))
}

#[test]
fn the_tickets_of_an_entry_add_up() {
    use super::fixture::refuses;
    let requires = |types: &[&str], least| {
        refuses(condition, serde_json::json!({"requires": [{"ticket_types": types, "min_subtotal": least}]}))
    };
    assert!(!requires(&["vip", "seat"], 1000));
    assert!(requires(&["vip", "seat"], 1001));
    assert!(requires(&["vip"], 1));
    assert!(!requires(&["vip"], 0));
}
