"""Calls in threads, of which those that come while others are under way wait and then go together."""

import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from ._group import ALONE, LEAD, PATIENCE, Interrupted


class Call:
    """A call that waits to be told its answer, `ALONE` (it goes by itself) or `LEAD` (it goes with all that wait)."""

    def __init__(self) -> None:
        self.told: Any = None
        self.is_told = threading.Lock()
        self.is_told.acquire()

    def tell(self, told: Any) -> None:
        self.told = told
        self.is_told.release()


C = TypeVar("C", bound=Call)


class Lane(Generic[C]):
    """The first thread leads: its call goes by itself, and then it hands over to the first of those that wait.

    That one goes together with all the others that wait. `take(waiting, first)` takes them from the queue, and
    `together(calls)` returns an answer for each, an exception for each, or `ALONE` if each has to go by itself.
    """

    def __init__(
        self,
        alone: Callable[[C], Any],
        together: Callable[[list[C]], Sequence[Any]],
        take: Callable[[deque[C], C], list[C]],
    ) -> None:
        self._alone, self._together, self._take = alone, together, take
        self.begin()
        _lanes.add(self)

    def begin(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[C] = deque()
        self._leader: C | None = None
        self._since = 0.0

    def answer(self, call: C) -> Any:
        with self._lock:
            leads = self._leader is None
            if leads:
                self._lead_next(call)
            else:
                self._waiting.append(call)
        told = LEAD if leads else self._wait(call)
        if told is LEAD:
            told = self._lead(call)
        if isinstance(told, Exception):
            raise told
        return self._alone(call) if told is ALONE else told

    def _lead(self, call: C) -> Any:
        calls = [call]
        answers: Sequence[Any] = []
        try:
            with self._lock:
                calls = self._take(self._waiting, call)
            if len(calls) == 1:
                return self._alone(call)
            answers = self._together(calls)
            return answers[0]
        finally:
            for index, each in enumerate(calls[1:], 1):
                each.tell(answers[index] if answers else Interrupted())
            with self._lock:
                self._hand_over(call)

    def _hand_over(self, call: C) -> None:
        """The first that waits leads next, unless another one leads already because this one took too long."""
        if self._leader is call:
            self._leader = None
            if self._waiting:
                following = self._waiting.popleft()
                self._lead_next(following)
                following.tell(LEAD)

    def _lead_next(self, call: C) -> None:
        self._leader, self._since = call, time.monotonic()

    def _wait(self, call: C) -> Any:
        try:
            while not call.is_told.acquire(timeout=PATIENCE):
                with self._lock:
                    if call in self._waiting and time.monotonic() >= self._since + PATIENCE:
                        # What is under way takes too long: go beside it.
                        self._waiting.remove(call)
                        self._lead_next(call)
                        return LEAD
            return call.told
        except BaseException:
            # The thread is interrupted: nobody else may wait for it.
            with self._lock:
                if call in self._waiting:
                    self._waiting.remove(call)
                else:
                    self._hand_over(call)
            raise


_lanes: "weakref.WeakSet[Lane[Any]]" = weakref.WeakSet()


def _forked() -> None:
    """In a child process, the threads of the parent do not go on: nobody may wait for them."""
    for lane in _lanes:
        lane.begin()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
