//! Counter: what a host counts under a key. Everything that is known of one stands in its row here.

use crate::documents::decision::Reason;

/// What is known of a counter.
pub(crate) struct Facts {
    /// Its key: what stands around the parts that hold data. This grammar is frozen.
    pub key: &'static [&'static str],
    pub breadth: Breadth,
    pub unit: Unit,
    /// The field that limits it, of a promo, a pool or the policy.
    pub limit: &'static str,
    /// Why an order is refused that needs more than is left.
    pub shortage: Reason,
    /// Who has how much left, such as `1 of 5`, of what.
    pub has: fn(code: &str, left: &str) -> String,
}

/// How widely a counter is shared; a plan locks the most shared last, for the shortest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    Identity,
    Code,
    Pool,
}

/// What a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Uses,
    Money,
    FreeTickets,
    Tickets,
}

macro_rules! counters {
    ($(
        $(#[$doc:meta])* $counter:ident:
            $key:expr, $breadth:ident, $unit:ident, $limit:literal, $shortage:ident, $has:expr;
    )*) => {
        /// The counters that there are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Counter {
            $($(#[$doc])* $counter),*
        }

        impl Counter {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$counter),*];

            /// Whose key it is; `None` if it is no key of ours.
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
    CodeBy: ["code/", "/by/", ""], Identity, Uses, "max_uses_per_identity",
        IdentityUsesExhausted, |code, left| format!("{code} has {left} uses left for this person");
    /// Uses of all codes of a pool.
    PoolUses: ["pool/", "/uses"], Pool, Uses, "max_uses",
        PoolExhausted, |code, left| format!("a pool of {code} has {left} uses left");
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
    /// The key with these parts, which are encoded.
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

/// Whether the key has these words: whole, with something in each place for data. `None` if the words are others.
/// Inlined, each comparison is of a word that is known when compiling, and costs one instruction and not a call.
#[inline(always)]
fn is_of(words: &[&'static str], key: &str) -> Option<bool> {
    let (first, others) = words.split_first()?;
    let mut rest = key.strip_prefix(first)?;
    for word in others {
        // No data holds a `/`, since that is encoded.
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
            let parts = ["id:by", "email:x"];
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
        for key in
            ["", "pool/p/by/x", "event/e", "code//uses", "code/x/uses/", "code/x/spend", "/code/x/uses"]
        {
            assert_eq!(Counter::of(key), None, "{key}");
        }
        assert_eq!(Counter::of("pool/p/uses").map(|counter| counter.facts().breadth), Some(Breadth::Pool));
    }
}
