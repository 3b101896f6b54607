//! For JavaScript and the component: the memory into which the host writes requests and from which it reads answers,
//! and the rules that the host has prepared.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::base::error::Error;
use crate::crossing::answer::Answer;
use crate::documents::prepared::PreparedRules;

#[derive(Default)]
struct Room {
    request: Vec<u8>,
    answer: Answer,
    /// The address and the length of the answer's text, and those of its list of doubles.
    place: [usize; 4],
}

thread_local! {
    // A call takes the room and puts it back at its end. If JavaScript aborts a call that runs out of stack, the room
    // is lost, and the next call makes a new one. A `RefCell` would stay borrowed for ever.
    static ROOM: Cell<Option<Box<Room>>> = const { Cell::new(None) };
    static RULES: RefCell<Vec<Option<Rc<PreparedRules>>>> = const { RefCell::new(Vec::new()) };
}

/// The address where a request of `length` bytes is to be written, until the next call.
#[must_use]
pub fn reserve(length: usize) -> usize {
    let mut room = ROOM.take().unwrap_or_default();
    if room.request.len() < length {
        room.request.resize(length, 0);
    }
    let address = room.request.as_ptr().addr();
    ROOM.set(Some(room));
    address
}

/// Answers the request of `length` bytes that the host has written. Returns the address of four numbers: the address
/// and the length of the answer's text, and those of its list of doubles. The buffer of a request longer than `keep`
/// is freed.
pub fn answer(length: usize, keep: usize, answer: impl FnOnce(&[u8], &mut Answer)) -> usize {
    let mut room = ROOM.take().unwrap_or_default();
    answer(room.request.get(..length).unwrap_or_default(), &mut room.answer);
    if length > keep {
        room.request = Vec::new();
    }
    let (text, slots) = (&room.answer.text, &room.answer.slots);
    room.place = [text.as_ptr().addr(), text.len(), slots.as_ptr().addr(), slots.len()];
    let address = room.place.as_ptr().addr();
    ROOM.set(Some(room));
    address
}

/// Keeps rules until `drop_rules`, and returns their number, by which [`rules`] finds them.
pub fn keep_rules(rules: PreparedRules) -> usize {
    let rules = Some(Rc::new(rules));
    RULES.with_borrow_mut(|kept| {
        let free = kept.iter().position(Option::is_none).unwrap_or(kept.len());
        match kept.get_mut(free) {
            Some(place) => *place = rules,
            None => kept.push(rules),
        }
        free
    })
}

/// The rules of this number.
///
/// # Errors
/// If there are no rules with this number, or they were dropped.
pub fn rules(number: usize) -> Result<Rc<PreparedRules>, Error> {
    // Copy the pointer, so that `RULES` is not borrowed while the rules decide: JavaScript may abort the call, and
    // `RULES` would stay borrowed for ever.
    let rules = RULES.with_borrow(|kept| kept.get(number).cloned().flatten());
    rules.ok_or_else(|| Error::new("", "expected rules that are prepared"))
}

/// Drops these rules. Their number may then be given to others.
pub fn drop_rules(number: usize) {
    RULES.with_borrow_mut(|kept| kept.get_mut(number).and_then(Option::take));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Discount, Policy, Promo};

    fn prepared(code: &str) -> PreparedRules {
        PreparedRules::new(vec![Promo::new(code, Discount::Free)], Policy::default()).unwrap()
    }

    #[test]
    fn rules_are_found_by_their_number_until_they_are_dropped() {
        let (one, other) = (keep_rules(prepared("ONE")), keep_rules(prepared("OTHER")));
        assert_eq!((one, other), (0, 1));
        assert_eq!(*rules(one).unwrap(), prepared("ONE"));
        drop_rules(one);
        assert_eq!(rules(one).unwrap_err().message, "expected rules that are prepared");
        assert_eq!(*rules(other).unwrap(), prepared("OTHER"));
        // The number of dropped rules is used again.
        assert_eq!(keep_rules(prepared("NEXT")), one);
        assert_eq!(*rules(one).unwrap(), prepared("NEXT"));
        assert!(rules(2).is_err());
        drop_rules(2);
    }

    #[test]
    fn a_long_request_is_given_back_and_a_short_one_stays() {
        let keep = 4;
        let short = reserve(4);
        assert_eq!(reserve(3), short);
        answer(4, keep, |request, _| assert_eq!(request, [0; 4]));
        assert_eq!(reserve(4), short);
        let _ = reserve(5);
        answer(5, keep, |request, _| assert_eq!(request, [0; 5]));
        answer(1, keep, |request, _| assert_eq!(request, [0; 0], "there is no room any more"));
    }
}
