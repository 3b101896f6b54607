//! A second reading of locked ticket types: what a code unlocks, and what stays locked.

use redeemable::{Name, Promo, ValidateRequest};

use crate::prices::{self, Ticket};

fn lists(types: &Option<Vec<Name>>, ticket_type: Option<&str>) -> bool {
    types.iter().flatten().any(|name| Some(&**name) == ticket_type)
}

/// Whether a ticket of this type is counted by the code although it may get no discount.
pub fn unlocks(promo: &Promo, ticket_type: Option<&str>) -> bool {
    prices::covers(promo, ticket_type) && lists(&promo.unlocks, ticket_type)
}

/// How many tickets of the order need a code and have none that unlocks their type. `marks` are each ticket's codes.
pub fn still_locked(request: &ValidateRequest, tickets: &[Ticket], marks: &[Vec<&Promo>]) -> usize {
    let locked = |(of, marks): &(Option<&str>, &Vec<&Promo>)| {
        lists(&request.policy.locked_ticket_types, *of) && !marks.iter().any(|promo| unlocks(promo, *of))
    };
    tickets.iter().map(|ticket| ticket.1).zip(marks).filter(locked).count()
}

/// Whether a buyer may be told of tickets of this type: no code is needed for them, or the order has some.
pub fn may_name(request: &ValidateRequest, name: &Name) -> bool {
    let ordered = request.order.lines.iter().any(|line| line.ticket_type.as_ref() == Some(name));
    ordered || !lists(&request.policy.locked_ticket_types, Some(name))
}
