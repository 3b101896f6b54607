//! Counter keys: the names under which a host stores what is used. The grammar is frozen.

use std::borrow::Cow;
use std::fmt::Write;

/// How widely a counter is shared; a plan locks the most shared last, for the shortest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Breadth {
    Identity,
    Code,
    Pool,
}

/// What kind of counter a key names; `None` if it is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counter {
    CodeUses,
    CodeSpend,
    CodeBy,
    PoolUses,
    PoolSpend,
    EventFree,
    EventTickets,
}

impl Counter {
    /// Reads the kind off a key, from its parts; a part holds no `/`, since that is encoded.
    pub(crate) fn of(key: &str) -> Option<Self> {
        let mut parts = key.split('/');
        let parts = [(); 5].map(|()| parts.next());
        if parts.contains(&Some("")) {
            return None;
        }
        match parts {
            [Some("code"), Some(_), Some("uses"), None, None] => Some(Self::CodeUses),
            [Some("code"), Some(_), Some("spend"), Some(_), None] => Some(Self::CodeSpend),
            [Some("code"), Some(_), Some("by"), Some(_), None] => Some(Self::CodeBy),
            [Some("pool"), Some(_), Some("uses"), None, None] => Some(Self::PoolUses),
            [Some("pool"), Some(_), Some("spend"), Some(_), None] => Some(Self::PoolSpend),
            [Some("event"), Some(_), Some("free"), Some(_), None] => Some(Self::EventFree),
            [Some("event"), Some(_), Some("tickets"), Some(_), None] => Some(Self::EventTickets),
            _ => None,
        }
    }

    pub(crate) fn breadth(self) -> Breadth {
        match self {
            Self::CodeBy | Self::EventFree | Self::EventTickets => Breadth::Identity,
            Self::CodeUses | Self::CodeSpend => Breadth::Code,
            Self::PoolUses | Self::PoolSpend => Breadth::Pool,
        }
    }
}

/// The scope in which a code is counted: its promotion's id, else the event and the code.
pub(crate) fn scope(id: Option<&str>, event: &str, code: &str) -> String {
    match id {
        Some(id) => ["id:", &encode(id)].concat(),
        None => ["event:", &encode(event), ":", &encode(code)].concat(),
    }
}

pub(crate) fn code_uses(scope: &str) -> String {
    ["code/", scope, "/uses"].concat()
}
pub(crate) fn code_spend(scope: &str, currency: &str) -> String {
    ["code/", scope, "/spend/", &encode(currency)].concat()
}
pub(crate) fn code_by(scope: &str, identity: &str) -> String {
    ["code/", scope, "/by/", &person(identity)].concat()
}
pub(crate) fn pool_uses(id: &str) -> String {
    ["pool/", &encode(id), "/uses"].concat()
}
pub(crate) fn pool_spend(id: &str, currency: &str) -> String {
    ["pool/", &encode(id), "/spend/", &encode(currency)].concat()
}
pub(crate) fn event_free(event: &str, identity: &str) -> String {
    ["event/", &encode(event), "/free/", &person(identity)].concat()
}
pub(crate) fn event_tickets(event: &str, identity: &str) -> String {
    ["event/", &encode(event), "/tickets/", &person(identity)].concat()
}

/// `kind:value`, of which only the value needs encoding.
fn person(identity: &str) -> Cow<'_, str> {
    match identity.split_once(':') {
        Some((kind, value)) => Cow::Owned([kind, ":", &encode(value)].concat()),
        None => encode(identity),
    }
}

/// Percent-encodes every byte outside `A-Z a-z 0-9 . _ @ + -`.
fn encode(part: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    if part.bytes().all(is_plain) {
        return Cow::Borrowed(part);
    }
    let mut encoded = String::with_capacity(part.len());
    for byte in part.bytes() {
        if is_plain(byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Cow::Owned(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_plain_ascii() {
        assert_eq!(scope(None, "a/b:c", "20%É"), "event:a%2Fb%3Ac:20%25%C3%89");
        assert_eq!(scope(Some("x y"), "e", "C"), "id:x%20y");
        assert_eq!(code_by("id:x", "email:a+b@x.org"), "code/id:x/by/email:a+b@x.org");
        assert_eq!(event_free("e", "card:1/2:3"), "event/e/free/card:1%2F2%3A3");
        assert_eq!(pool_spend("p", "€"), "pool/p/spend/%E2%82%AC");
    }

    #[test]
    fn the_kind_is_read_off_the_key() {
        assert_eq!(Counter::of(&code_by("id:by", "email:x")), Some(Counter::CodeBy));
        assert_eq!(Counter::of("pool/p/uses").map(Counter::breadth), Some(Breadth::Pool));
        assert_eq!(Counter::of("pool/p/by/x"), None);
        assert_eq!(Counter::of("event/e"), None);
        assert_eq!(Counter::of("code//uses"), None);
    }
}
