//! Counter: what a host counts under a key. Each kind of counter has one row in `counters!`, which says all about it.

use crate::documents::decision::Reason;

/// What is known of a kind of counter.
pub(crate) struct Facts {
    /// The fixed words of its key, between which data stands: `["code/", "/uses"]` for `code/id:x/uses`. The words are
    /// frozen, because hosts have stored keys.
    pub key: &'static [&'static str],
    pub breadth: Breadth,
    pub unit: Unit,
    /// The field of a promo, a pool or the policy that limits it.
    pub limit: &'static str,
    /// The reason of the violation if an order needs more than is left.
    pub shortage: Reason,
    /// The first half of the violation's message. `left` is a text such as `1 of 5`.
    pub has: fn(code: &str, left: &str) -> String,
}

/// How many orders share a counter. A plan locks the counters that most orders share last, so for the shortest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    Identity,
    /// All orders of a code in one period: a code's counter of all time is needed by more.
    Period,
    Code,
    Pool,
}

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Uses,
    /// Uses of one person, which a code may count in another way.
    UsesOfPerson,
    Money,
    FreeTickets,
    Tickets,
}

macro_rules! counters {
    ($(
        $(#[$doc:meta])* $counter:ident:
            $key:expr, $breadth:ident, $unit:ident, $limit:literal, $shortage:ident, $has:expr;
    )*) => {
        /// The kinds of counter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Counter {
            $($(#[$doc])* $counter),*
        }

        impl Counter {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$counter),*];

            /// The kind of counter that has this key; `None` if it is no key of the engine.
            pub(crate) fn of(key: &str) -> Option<Self> {
                $(if is_of(&$key, key) == Some(true) {
                    return Some(Self::$counter);
                })*
                None
            }

            #[inline]
            pub(crate) fn facts(self) -> &'static Facts {
                match self {
                    $(Self::$counter => const {
                        &Facts {
                            key: &$key,
                            breadth: Breadth::$breadth,
                            unit: Unit::$unit,
                            limit: $limit,
                            shortage: Reason::$shortage,
                            has: $has,
                        }
                    }),*
                }
            }
        }
    };
}

// One row for each counter: its key, who shares it, what it counts, the field that limits it, and what is said when
// too little is left.
counters! {
    /// Uses of a code.
    CodeUses: ["code/", "/uses"], Code, Uses, "max_uses",
        UsesExhausted, |code, left| format!("{code} has {left} uses left");
    /// Uses of a code by one person.
    CodeBy: ["code/", "/by/", ""], Identity, UsesOfPerson, "max_uses_per_identity",
        IdentityUsesExhausted, |code, left| format!("{code} has {left} uses left for this person");
    /// Uses of a code in one local day.
    CodeDay: ["code/", "/day/", "/uses"], Period, Uses, "max_uses",
        PeriodUsesExhausted, |code, left| format!("{code} has {left} uses left in this period");
    /// Uses of a code in one local day by one person.
    CodeDayBy: ["code/", "/day/", "/by/", ""], Identity, UsesOfPerson, "max_uses_per_identity",
        PeriodIdentityUsesExhausted, |code, left| format!("{code} has {left} uses left in this period for this person");
    /// Uses of a code in one week.
    CodeWeek: ["code/", "/week/", "/uses"], Period, Uses, "max_uses",
        PeriodUsesExhausted, |code, left| format!("{code} has {left} uses left in this period");
    /// Uses of a code in one week by one person.
    CodeWeekBy: ["code/", "/week/", "/by/", ""], Identity, UsesOfPerson, "max_uses_per_identity",
        PeriodIdentityUsesExhausted, |code, left| format!("{code} has {left} uses left in this period for this person");
    /// Uses of a code in one month.
    CodeMonth: ["code/", "/month/", "/uses"], Period, Uses, "max_uses",
        PeriodUsesExhausted, |code, left| format!("{code} has {left} uses left in this period");
    /// Uses of a code in one month by one person.
    CodeMonthBy: ["code/", "/month/", "/by/", ""], Identity, UsesOfPerson, "max_uses_per_identity",
        PeriodIdentityUsesExhausted, |code, left| format!("{code} has {left} uses left in this period for this person");
    /// Uses of all codes of a pool.
    PoolUses: ["pool/", "/uses"], Pool, Uses, "max_uses",
        PoolExhausted, |code, left| format!("a pool of {code} has {left} uses left");
    /// Uses of all codes of a pool by one person.
    PoolBy: ["pool/", "/by/", ""], Identity, UsesOfPerson, "max_uses_per_identity",
        PoolIdentityUsesExhausted, |code, left| format!("a pool of {code} has {left} uses left for this person");
    /// Money that a code took off, in one currency.
    CodeSpend: ["code/", "/spend/", ""], Code, Money, "budget",
        BudgetExhausted, |code, left| format!("the budget of {code} has {left} left");
    /// Money that all codes of a pool took off, in one currency.
    PoolSpend: ["pool/", "/spend/", ""], Pool, Money, "budget",
        PoolBudgetExhausted, |code, left| format!("a pool budget of {code} has {left} left");
    /// Free tickets of one person at one event.
    EventFree: ["event/", "/free/", ""], Identity, FreeTickets, "max_free_tickets_per_identity",
        FreeTicketsExhausted, |_, left| format!("this person has {left} free tickets left");
    /// Tickets of one person at one event.
    EventTickets: ["event/", "/tickets/", ""], Identity, Tickets, "max_tickets_per_identity",
        TicketsExhausted, |_, left| format!("this person has {left} tickets left");
}

impl Counter {
    /// The key with this data between its words. The data is encoded already.
    pub(crate) fn key(self, parts: &[&str]) -> String {
        let words = self.facts().key;
        let length = |texts: &[&str]| texts.iter().fold(0_usize, |sum, text| sum.saturating_add(text.len()));
        let mut key = String::with_capacity(length(words).saturating_add(length(parts)));
        let mut parts = parts.iter();
        for text in words {
            key.push_str(text);
            key.push_str(parts.next().copied().unwrap_or_default());
        }
        key
    }
}

/// `Some(true)` if the key has exactly these words, and something in each place for data. It is inlined, so that each
/// comparison is with a word that the compiler knows, and costs one instruction and not a call.
#[inline(always)]
fn is_of(words: &[&'static str], key: &str) -> Option<bool> {
    let (first, others) = words.split_first()?;
    let mut rest = key.strip_prefix(first)?;
    for word in others {
        // Data ends at the next `/`, because a `/` within data is encoded.
        let data = rest.find('/').unwrap_or(rest.len());
        rest = rest.get(data..).filter(|_| data > 0)?.strip_prefix(word)?;
    }
    Some(rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        for counter in Counter::ALL {
            let parts = ["id:by", "2026-W48", "email:x"];
            let data = counter.facts().key.len() - 1;
            let key = counter.key(&parts[..data]);
            assert_eq!(Counter::of(&key), Some(*counter), "{key}");
            assert!(!key.ends_with('/'), "{key}");
            assert_eq!(Counter::of(&format!("{key}/x")), None);
            assert_eq!(Counter::of(&format!("x/{key}")), None);
        }
        assert_eq!(Counter::CodeBy.key(&["id:x", "email:a@x.org"]), "code/id:x/by/email:a@x.org");
    }

    #[test]
    fn what_is_no_key_is_none() {
        for key in ["", "pool/p/by/", "event/e", "code//uses", "code/x/uses/", "code/x/spend", "/code/x/uses"]
        {
            assert_eq!(Counter::of(key), None, "{key}");
        }
        assert_eq!(Counter::of("pool/p/uses").map(|counter| counter.facts().breadth), Some(Breadth::Pool));
    }
}
