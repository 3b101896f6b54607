"""What the organiser is told."""

from collections.abc import Sequence
from typing import Any

from ..engine import Engine
from . import _documents, _report
from ._answers import Report, Uses
from ._documents import Finding, Wave
from ._tables import now_ms
from ._till import Till


class Office(Till):
    engine: Engine

    async def check(self, extra: Any, waves: Sequence[Wave]) -> list[Finding]:
        """What the organiser should look at, when an event is saved.

        A mistake that upstream's forms cannot make, such as an unknown field, is an `HTTPException` 400 that names it.
        """
        return _documents.check(self.engine, extra, waves, now_ms())

    async def uses(self, event_id: str, extra: Any) -> dict[str, Uses]:
        """How often each code is used, by the code as the organiser wrote it."""
        return await _report.uses(self.store, self.engine, event_id, _documents.read(self.engine, extra))

    async def taken(self, event_id: str) -> dict[str, int]:
        """How many seats of each wave are sold or held."""
        seats: dict[str, int] = {}
        for row in await self.store.rows("taken", event_id=event_id, now_ms=now_ms()):
            seats[row.ticket_type] = seats.get(row.ticket_type, 0) + row.seats
        return seats

    async def report(self, event_id: str) -> Report:
        """What the event has sold at the desk, by wave and by code, and which payments go back."""
        return await _report.report(self.store, event_id, await self.refunds(event_id))
