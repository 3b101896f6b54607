"""What everybody may read of an event."""

from typing import Any

_FIELDS = (
    "ticket_waves",
    "conditional",
    "min_tickets",
    "email_notifications",
    "nostr_notifications",
    "onchain_enabled",
)


def public_extra(extra: Any) -> dict[str, Any]:
    """The fields of an event's `extra` that the buyer's page reads: no codes, no policy, no wallets."""
    fields = extra if isinstance(extra, dict) else extra.dict()
    return {name: fields[name] for name in _FIELDS if name in fields}
