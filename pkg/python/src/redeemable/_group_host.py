"""Group commit in threads, and grouped reads."""

from collections.abc import Callable, Sequence
from typing import Any

from . import sql
from ._group import ALONE, Caution, ids_of, is_undone, may_share, merged, read_many, share, take, take_reads
from ._lane_host import Call, Lane
from ._steps import Document


class Group:
    """Commits plans together, by the store's `_commit`, which commits one. With `reads`, it groups reads, too.

    `ask(queries, *values)` answers queries of `sql`. A plan with `write` goes alone, because the host's `write` may use
    what belongs to its thread.
    """

    def __init__(self, store: Any, is_on: bool, ask: Any = None, reads: bool = True) -> None:
        self._store = store
        self._is_on = is_on
        self._ask = ask
        self._reads_too = is_on and reads
        self._caution = Caution()
        self._commits: Lane[_Plan] = Lane(self._alone, self._together, take)
        self._reads: Lane[_Read] = Lane(self._read, self._read_together, take_reads)

    def commit(self, ops: Sequence[Document], write: Callable[..., object] | None = None) -> bool:
        if not self._is_on or write is not None or not may_share(ops) or self._caution.goes_alone():
            return bool(self._store._commit(ops, write))
        return bool(self._commits.answer(_Plan(ops)))

    def read(self, keys: Sequence[str], id: str | None) -> Document:
        read = _Read(keys, id)
        return self._reads.answer(read) if self._reads_too else self._read(read)

    def _alone(self, plan: "_Plan") -> Any:
        return self._store._commit(plan.ops, None)

    def _together(self, plans: list["_Plan"]) -> list[Any]:
        told: Any = ALONE
        try:
            if self._store._commit(merged(plan.ops for plan in plans), None):
                told = True
        except Exception as error:
            if not is_undone(error):
                told = error
        self._caution.note(len(plans), told is True)
        return [told] * len(plans)

    def _read(self, read: "_Read") -> Document:
        return self._ask(sql.read, read.keys, read.id)

    def _read_together(self, reads: list["_Read"]) -> list[Any]:
        try:
            found = self._ask(read_many, [read.keys for read in reads], [read.id for read in reads])
        except Exception:
            return [ALONE] * len(reads)
        return [share(found, read.keys, read.id) for read in reads]


class _Read(Call):
    def __init__(self, keys: Sequence[str], id: str | None) -> None:
        super().__init__()
        self.keys, self.id = keys, id


class _Plan(Call):
    writes = False

    def __init__(self, ops: Sequence[Document]) -> None:
        super().__init__()
        self.ops = ops
        self.ids = ids_of(ops)
