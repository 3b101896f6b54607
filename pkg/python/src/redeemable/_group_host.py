"""Group commit in threads."""

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from ._group import PATIENCE, Caution, Interrupted, ids_of, is_undone, may_share, merged, take
from ._steps import Document

# What a waiting thread is told, unless its plan is stored: it stores its plan itself, alone or as the next leader.
ALONE, LEAD = object(), object()


class Group:
    """Commits plans together, each by the store's `_commit`, which commits one.

    The first thread leads: it commits its plan, and then hands over to the first of those that have come meanwhile.
    That one commits its plan together with the plans of all the others that wait.

    A plan with `write` goes alone, because the host's `write` may use what belongs to its thread.
    """

    def __init__(self, store: Any, is_on: bool) -> None:
        self._store = store
        self._is_on = is_on
        self._begin()
        _groups.add(self)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Plan] = deque()
        self._leader: _Plan | None = None
        self._since = 0.0
        self._caution = Caution()

    def commit(self, ops: Sequence[Document], write: Callable[..., object] | None = None) -> bool:
        if not self._is_on or write is not None or not may_share(ops) or self._caution.goes_alone():
            return self._alone(ops, write)
        plan = _Plan(ops)
        with self._lock:
            leads = self._leader is None
            if leads:
                self._lead_next(plan)
            else:
                self._waiting.append(plan)
        told = LEAD if leads else self._wait(plan)
        if told is LEAD:
            told = self._lead(plan)
        if isinstance(told, BaseException):
            raise told
        return self._alone(ops, None) if told is ALONE else bool(told)

    def _alone(self, ops: Sequence[Document], write: object) -> bool:
        is_stored: bool = self._store._commit(ops, write)
        return is_stored

    def _lead(self, plan: "_Plan") -> Any:
        told: Any = Interrupted()
        batch = [plan]
        try:
            with self._lock:
                batch = take(self._waiting, plan)
            if len(batch) == 1:
                return self._alone(plan.ops, None)
            try:
                told = self._alone(merged(each.ops for each in batch), None) or ALONE
            except Exception as error:
                told = ALONE if is_undone(error) else error
            self._caution.note(len(batch), told is True)
            return told
        finally:
            for each in batch[1:]:
                each.tell(told)
            with self._lock:
                self._hand_over(plan)

    def _hand_over(self, plan: "_Plan") -> None:
        """The first that waits leads next, unless another one leads already because this one took too long."""
        if self._leader is plan:
            self._leader = None
            if self._waiting:
                following = self._waiting.popleft()
                self._lead_next(following)
                following.tell(LEAD)

    def _lead_next(self, plan: "_Plan") -> None:
        self._leader, self._since = plan, time.monotonic()

    def _wait(self, plan: "_Plan") -> Any:
        try:
            while not plan.is_told.acquire(timeout=PATIENCE):
                with self._lock:
                    if plan in self._waiting and time.monotonic() >= self._since + PATIENCE:
                        # What is under way takes too long: lead a batch beside it.
                        self._waiting.remove(plan)
                        self._lead_next(plan)
                        return LEAD
            return plan.told
        except BaseException:
            # The thread is interrupted: nobody else may wait for it.
            with self._lock:
                if plan in self._waiting:
                    self._waiting.remove(plan)
                else:
                    self._hand_over(plan)
            raise


class _Plan:
    writes = False

    def __init__(self, ops: Sequence[Document]) -> None:
        self.ops = ops
        self.ids = ids_of(ops)
        self.told: Any = None
        self.is_told = threading.Lock()
        self.is_told.acquire()

    def tell(self, told: Any) -> None:
        self.told = told
        self.is_told.release()


_groups: "weakref.WeakSet[Group]" = weakref.WeakSet()


def _forked() -> None:
    """In a child process, the threads of the parent do not go on: nobody may wait for them."""
    for group in _groups:
        group._begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
