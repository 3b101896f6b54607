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

    async def sold(self, event_id: str) -> int:
        """How many tickets of the event were ever paid or free, also before the desk. Taking one back changes nothing.

        That is upstream's `event.sold`: with it, a conditional event that had enough buyers is not cancelled later.
        """
        return await self.store.sold(event_id)

    async def counted(self, event: Any) -> Any:
        """The event as it was read, with `left` in each of its waves, `amount_tickets` (left in all) and `sold`.

        Sales write nothing in the event's row. `amount_tickets` of a wave is how many the desk may sell in all.
        """
        taken = await self.taken(event.id)
        for wave in event.extra.ticket_waves:
            wave.left = max(0, wave.amount_tickets - taken.get(wave.id, 0))
        event.amount_tickets = sum(wave.left for wave in event.extra.ticket_waves)
        event.sold = max(event.sold, await self.sold(event.id))
        return event

    async def report(self, event_id: str, extra: Any) -> Report:
        """What the event has sold at the desk, by wave and by code, the codes' `uses`, and which payments go back."""
        uses = await self.uses(event_id, extra)
        return await _report.report(self.store, event_id, uses, await self.refunds(event_id))
