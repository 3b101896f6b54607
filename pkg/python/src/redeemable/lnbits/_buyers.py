"""Who buys."""

import re

from lnbits.utils.nostr import hex_to_npub, normalize_public_key


def identities(email: str | None = None, npub: str | None = None) -> dict[str, str]:
    """The `identities` of an order: who buys.

    A Nostr key may be given as `npub1…` or in hex; both are the same person. Any other `npub` raises a `ValueError`.
    """
    named = {}
    if email and email.strip():
        named["email"] = email
    if npub and npub.strip():
        try:
            # LNbits accepts some texts that are no keys: shorter ones, and texts with spaces or underscores.
            key = normalize_public_key(npub.strip().lower())
            if not re.fullmatch("[0-9a-f]{64}", key):
                raise ValueError
        except (AssertionError, ValueError):
            raise ValueError("npub: expected npub1… or 64 hexadecimal digits") from None
        named["npub"] = hex_to_npub(key)
    return named
