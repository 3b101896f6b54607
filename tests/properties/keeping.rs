//! The codes that keep their time because the order amends a live hold, by a naive reading.

use redeemable::{Every, Promo, Redemption, State, ValidateRequest};

use crate::naive;

/// The live hold that the order amends, if what both have of a code can be compared.
pub fn hold(request: &ValidateRequest) -> Option<&Redemption> {
    let hold = request.usage.existing.as_ref()?;
    let live = hold.state == State::Held && hold.expires_at_ms > Some(request.now_ms);
    let order = &request.order;
    (live && hold.event_id == order.event_id && hold.currency == order.currency).then_some(hold)
}

/// The hold if it has the code.
pub fn hold_with<'a>(request: &'a ValidateRequest, code: &str) -> Option<&'a Redemption> {
    hold(request).filter(|hold| hold.applied.iter().any(|applied| applied.code == code))
}

/// The promotion as it is judged if it keeps its time. In the scenarios a code that is in a record has a zone.
pub fn without_time(promo: &Promo) -> Promo {
    Promo { starts_at_ms: None, ends_at_ms: None, weekly: None, ..promo.clone() }
}

/// Whether an order with so many tickets, uses and so much discount of a code has no more of it than the hold.
pub fn covers(hold: &Redemption, promo: &Promo, code: &str, of_order: (u64, u64, u64)) -> bool {
    let (mut tickets, mut discount) = (0, 0);
    for ticket in &hold.tickets {
        if ticket.released.is_none() && ticket.codes.iter().any(|mark| mark == code) {
            tickets += 1;
            discount += naive::off(ticket, code);
        }
    }
    let key = naive::uses_key(promo, &hold.event_id);
    let charges = hold.charges.iter().zip(naive::held(hold));
    let of_code = charges.filter(|(charge, _)| charge.code.as_deref() == Some(code));
    let uses = of_code.filter(|(charge, _)| charge.key == key).map(|(_, held)| held).sum();
    of_order.0 <= tickets && of_order.1 <= uses && of_order.2 <= discount
}

/// The period in which the hold was charged for the code.
pub fn bucket<'a>(hold: &'a Redemption, promo: &Promo, code: &str, every: Every) -> Option<&'a str> {
    let prefix = naive::period_prefix(promo, &hold.event_id, every);
    let charges = hold.charges.iter().filter(|charge| charge.code.as_deref() == Some(code));
    charges.filter_map(|charge| charge.key.strip_prefix(&prefix)?.split('/').next()).next()
}
