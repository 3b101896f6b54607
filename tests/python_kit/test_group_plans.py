"""Which plans go together, what they become, and what is certain after an error."""

import sqlite3
from collections import deque
from typing import Any

import pytest
from group_table import buy, ids
from redeemable import _group
from redeemable._suite import add, held, insert

# A group waits a quarter of a second for a lock.
BRIEFLY = {"op": "wait", "ms": 250}


class Waits:
    def __init__(self, ops: Any) -> None:
        self.ops, self.ids, self.writes = ops, _group.ids_of(ops), False


def taken(*plans: list[Any]) -> tuple[list[list[str]], list[list[str]]]:
    """The records of the plans that go with the first, and of those that stay."""
    waiting = deque(Waits(plan) for plan in plans[1:])
    batch = _group.take(waiting, Waits(plans[0]))
    return [ids(plan.ops) for plan in batch], [ids(plan.ops) for plan in waiting]


def test_plans_become_one_with_records_by_id_and_counters_in_the_order_of_the_engine() -> None:
    of_pool, of_day, of_event = "pool/all/uses", "code/A/day/2026-11-30/uses", "event/gala/tickets/email:b"
    of_person, of_spend = "code/A/by/email:b", "code/A/spend/EUR"
    first = [insert(held("o-2")), add(of_person, 2), add(of_day, 1), add("code/A/uses", 1), add(of_pool, 1)]
    second = [insert(held("o-1")), add(of_event, 4), add(of_spend, 500), add("code/A/uses", 2), add(of_pool, -3)]
    wait, *ops = _group.merged([first, second])
    assert (wait, ids(ops)) == (BRIEFLY, ["o-1", "o-2"])
    assert [(op["key"], op["by"]) for op in ops[2:]] == [
        (of_person, 2),
        (of_event, 4),
        (of_day, 1),
        (of_spend, 500),
        ("code/A/uses", 3),
        # What is given back comes first, so that the charge finds it.
        (of_pool, -3),
        (of_pool, 1),
    ]


def test_the_smallest_limit_counts_and_a_charge_without_a_limit_does_not_lift_it() -> None:
    plans = [[{"op": "add", "key": "k", "by": 2, "at_most": limit}] for limit in (9, None, 7)]
    assert _group.merged(plans) == [BRIEFLY, {"op": "add", "key": "k", "by": 6, "at_most": 7}]
    assert plans[0] == [{"op": "add", "key": "k", "by": 2, "at_most": 9}], "the plans themselves stay as they were"


@pytest.mark.parametrize(
    ("key", "breadth"),
    [
        ("code/id:by/uses", _group.CODE),
        ("code/A/spend/EUR", _group.CODE),
        ("code/A/by/email:day", _group.PERSON),
        ("code/by/week/2026-W48/uses", _group.PERIOD),
        ("code/A/month/2026-11/by/phone:1", _group.PERSON),
        ("event/pool/free/email:a", _group.PERSON),
        ("event/gala/tickets/email:a", _group.PERSON),
        ("pool/by/uses", _group.POOL),
        ("pool/p/spend/EUR", _group.POOL),
        ("pool/p/by/email:a", _group.PERSON),
    ],
)
def test_breadth_of_a_key(key: str, breadth: int) -> None:
    assert _group.breadth(key) == breadth


def test_two_plans_of_one_record_share_no_batch_and_keep_their_order() -> None:
    both = [insert(held("o-1")), insert(held("o-3"))]
    # The last one may not overtake the one of o-1 and o-3, which waits for the first.
    assert taken(buy("o-1"), buy("o-2"), both, buy("o-4"), buy("o-3")) == (
        [["o-1"], ["o-2"], ["o-4"]],
        [["o-1", "o-3"], ["o-3"]],
    )


def test_a_batch_has_at_most_64_plans_and_a_bounded_weight() -> None:
    plans = [buy(f"o-{number}") for number in range(100)]
    assert [len(part) for part in taken(*plans)] == [64, 36]
    heavy = buy("heavy")
    heavy[0]["redemption"]["tickets"] *= 1000
    # 1 000 tickets and at least 2 operations weigh over 1 000, so there is no room for a second one.
    assert [len(part) for part in taken(heavy, *plans[:9])] == [10, 0]
    other = buy("other")
    other[0]["redemption"]["tickets"] *= 1000
    assert taken(heavy, other, buy("o-1")) == ([["heavy"]], [["other"], ["o-1"]])


def test_an_operators_plan_goes_alone() -> None:
    assert _group.may_share(buy("o"))
    for op in ("archive", "restore", "erase", "open", "correct", "forget"):
        assert not _group.may_share([*buy("o"), {"op": op}])
    assert not _group.may_share([])


def test_caution_doubles_while_batches_fail_and_ends_when_one_is_stored() -> None:
    caution = _group.Caution()

    def alone() -> int:
        return next(number for number in range(5000) if not caution.goes_alone())

    assert alone() == 0
    numbers = []
    for _ in range(6):
        caution.note(32, False)
        numbers.append(alone())
    assert numbers == [64, 128, 256, 512, 1024, 1024]
    caution.note(2, True)
    assert alone() == 0


class Server(Exception):
    sqlstate = ""


def server(state: str) -> Server:
    error = Server()
    error.sqlstate = state
    return error


def pymysql(code: int) -> Exception:
    import pymysql

    return pymysql.err.OperationalError(code, "…")


@pytest.mark.parametrize(
    ("error", "is_undone"),
    [
        (ValueError(), True),
        (server("22003"), True),
        (server("23505"), True),
        (server("57014"), True),
        (server("57P01"), False),
        (server("08006"), False),
        (server("40003"), False),
        (sqlite3.IntegrityError(), True),
        (sqlite3.OperationalError("disk I/O error"), False),
        (pymysql(1406), True),
        (pymysql(2013), False),
        (pymysql(1053), False),
        (pymysql(1317), False),
        (pymysql(1927), False),
        (OSError(104, "reset"), False),
        (ConnectionResetError(), False),
        (TimeoutError(), False),
        (RuntimeError("write ended the transaction"), False),
    ],
)
def test_plans_go_again_only_if_nothing_of_them_is_stored(error: Exception, is_undone: bool) -> None:
    assert _group.is_undone(error) == is_undone
