"""Some rounds of faults on each database, of every kind; `python -m faults` plays more."""

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
    """Two rounds in which the fault has struck.

    A round that is wrong says its seed: `python -m faults DATABASE --kind KIND --again SEED`.
    """
    struck = 0
    for number in range(20):
        round = Round(place, kind, f"test.{number}")
        round.play()
        struck += round.struck
        if struck == 2:
            return
    raise AssertionError(f"the fault struck {struck} of 20 rounds")
