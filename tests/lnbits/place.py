"""The database of an extension in this process, without an LNbits around it."""

import asyncio
from dataclasses import dataclass
from typing import Any

from lnbits.db import Connection, Database
from pydantic import BaseModel
from redeemable.lnbits import migrate


class Note(BaseModel):
    text: str


@dataclass
class Place:
    """The database of a new extension, with our tables and one table of the host."""

    db: Database
    loop: asyncio.AbstractEventLoop

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def note(self, transaction: Connection, text: str) -> None:
        # The note is in a model, because `execute` of LNbits removes text that looks like HTML.
        await transaction.insert(f"{self.db.schema}.note", Note(text=text))

    def notes(self) -> list[str]:
        return [row["text"] for row in self.run(self.db.fetchall(f"SELECT text FROM {self.db.schema}.note"))]

    async def migrate(self) -> None:
        async with self.db.connect() as connection:
            await migrate(connection)
