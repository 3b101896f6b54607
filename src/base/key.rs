//! Encodes the parts of a counter's key. The encoding is frozen, because hosts have stored keys.

use std::borrow::Cow;
use std::fmt::Write;

/// The part of a key that says where a code is counted: by its promotion's id or, without an id, by event and code.
pub(crate) fn scope(id: Option<&str>, event: &str, code: &str) -> String {
    match id {
        Some(id) => ["id:", &encode(id)].concat(),
        None => ["event:", &encode(event), ":", &encode(code)].concat(),
    }
}

/// Encodes an identity `kind:value`. Only the value needs it: a kind has only letters, digits and `_`.
pub(crate) fn person(identity: &str) -> Cow<'_, str> {
    match identity.split_once(':') {
        Some((kind, value)) => Cow::Owned([kind, ":", &encode(value)].concat()),
        None => encode(identity),
    }
}

/// Percent-encodes every byte outside `A-Z a-z 0-9 . _ @ + -`.
pub(crate) fn encode(part: &str) -> Cow<'_, str> {
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
        assert_eq!(person("email:a+b@x.org"), "email:a+b@x.org");
        assert_eq!(person("card:1/2:3"), "card:1%2F2%3A3");
        assert_eq!(encode("€"), "%E2%82%AC");
    }
}
