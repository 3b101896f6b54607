"""Plays some rounds of every kind of fault on each database; `python -m faults` plays more."""

from collections.abc import Iterator
from typing import Any

import pytest
from faults.databases import Postgres, Sqlite
from faults.rounds import KINDS, Round


@pytest.fixture(scope="module", params=[Sqlite, Postgres], ids=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest) -> Iterator[Any]:
    place = request.param()
    yield place
    place.remove()


@pytest.mark.parametrize("kind", KINDS)
def test_everything_adds_up_after(kind: str, place: Any) -> None:
    """Plays until the fault has happened in two rounds.

    A round that fails prints its seed: `python -m faults DATABASE --kind KIND --again SEED` plays it again.
    """
    struck = 0
    for number in range(20):
        round = Round(place, kind, f"test.{number}")
        round.play()
        struck += round.struck
        if struck == 2:
            return
    raise AssertionError(f"the fault struck {struck} of 20 rounds")
