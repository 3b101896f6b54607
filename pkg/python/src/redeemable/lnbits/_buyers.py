"""Who buys."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import HTTPException
from lnbits.core.models import WalletTypeInfo
from lnbits.settings import settings
from lnbits.utils.nostr import hex_to_npub, normalize_public_key


def identities(
    email: str | None = None,
    npub: str | None = None,
    nip05: str | None = None,
    account: WalletTypeInfo | None = None,
) -> dict[str, str]:
    """The `identities` of an order: who buys.

    A Nostr key may be given as `npub1…` or in hex; both are the same person. `nip05` is a name such as
    `ann@example.org`. Any other text in these two is refused, as `HTTPException` 400.

    `account` is what `Depends(require_invoice_key)` or another dependency of LNbits on a wallet's key answers, so that
    nobody can name another's account. A user's id opens his wallets in LNbits, so the record has only a keyed hash.
    """
    named = {}
    if email and email.strip():
        named["email"] = email
    if npub and npub.strip():
        try:
            # LNbits' `normalize_public_key` accepts some texts that are no keys: shorter ones, and ones with spaces or
            # underscores. They are refused here.
            key = normalize_public_key(npub.strip().lower())
            if not re.fullmatch("[0-9a-f]{64}", key):
                raise ValueError
        except (AssertionError, ValueError):
            raise HTTPException(400, "npub: expected npub1… or 64 hexadecimal digits") from None
        named["npub"] = hex_to_npub(key)
    if nip05 and nip05.strip():
        if not re.fullmatch(r"[a-z0-9._+-]+@[a-z0-9.-]+", nip05.strip().lower()):
            raise HTTPException(400, "nip05: expected a name such as ann@example.org")
        named["nip05"] = nip05.strip().lower()
    if account is not None:
        if not settings.auth_secret_key:
            raise ValueError("account: LNbits has no AUTH_SECRET_KEY, and a user's id is stored only as a keyed hash")
        message = f"redeemable account {account.wallet.user}"
        named["account"] = hmac.new(settings.auth_secret_key.encode(), message.encode(), hashlib.sha256).hexdigest()
    return named


def somebody(policy: Mapping[str, Any] | None) -> dict[str, str]:
    """A person who has bought nothing yet, for a preview that tells nothing about real persons."""
    kinds = policy.get("identity_kinds") if isinstance(policy, Mapping) else None
    named = [kind for kind in kinds if isinstance(kind, str)] if isinstance(kinds, list) else []
    return dict.fromkeys(["email", *named], f"{secrets.token_hex(16)}@nobody.invalid")
