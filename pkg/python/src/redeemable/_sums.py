"""Adds up, by the engine, what records hold of each counter."""

from collections.abc import Sequence

from ._kit import few
from ._steps import Document
from .engine import Engine
from .errors import EngineStopped, InvalidRequest


def add_up(engine: Engine, sums: dict[str, int], redemptions: Sequence[Document]) -> None:
    """Adds to `sums` what the records hold of each counter. It asks about a share of the records at a time."""
    most = len(redemptions)
    while redemptions:
        share = few(list(redemptions[:most]))
        try:
            counters = engine.audit_usage({"redemptions": share})["counters"]
        except EngineStopped:
            if len(share) == 1:
                raise
            # The host may have made its engine with less fuel or memory than the default: try half of the share.
            most = len(share) // 2
            continue
        except InvalidRequest as error:
            # The error names a position in the share, which tells an operator nothing: so add the order's id.
            match error.at:
                case ["redemptions", int(index), *_]:
                    message = f"{error.message}, in the redemption {share[index].get('id')}"
                    raise InvalidRequest(error.code, error.at, message) from None
            raise
        for key, held in counters.items():
            sums[key] = sums.get(key, 0) + held
        redemptions = redemptions[len(share) :]
