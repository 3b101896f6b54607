//! The first later moment at which a code that was refused for its time may be used.

use crate::base::money::Time;
use crate::documents::counter::Counter;
use crate::documents::decision::{Reason, Violation};
use crate::documents::period::Every;
use crate::documents::policy::Policy;
use crate::documents::promo::Promo;
use crate::organise::times::{begin_of_hours, end_of_period};

/// The first moment after `now` at which this violation may be gone. `None` if it does not go by itself.
pub(super) fn next(violation: &Violation, promo: &Promo, policy: &Policy, now: Time) -> Option<Time> {
    let is = |reason| violation.reason == reason;
    if is(Reason::NotStarted) {
        promo.starts_at_ms
    } else if is(Reason::OutsideHours) {
        begin_of_hours(promo.weekly.as_ref()?, policy, now)
    } else if is(Reason::PeriodUsesExhausted) || is(Reason::PeriodIdentityUsesExhausted) {
        end_of_period(period(violation)?, policy, now)
    } else {
        None
    }
}

/// The period that the violation's counter counts in.
fn period(violation: &Violation) -> Option<Every> {
    let counter = Counter::of(violation.counter.as_ref()?)?;
    Every::ALL.into_iter().find(|every| <[Counter; 2]>::from(every.counters()).contains(&counter))
}
