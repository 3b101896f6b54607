"""Old records move out of the table, persons are erased, and no counter forgets what was sold."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg
import pytest
from conftest import Host
from kinds import SQLITE
from ledger import CREATE
from redeemable import InvalidRequest, aio, host
from redeemable._plans import _breadth, _in_key, _in_order
from redeemable.postgres import PostgresStore
from redeemable.sqlite import SqliteStore
from support import AT, SPEND, SUMMER, USES, Clock, request
from test_audit import rival
from test_races import USES as SOLD
from test_races import python, redeem, run

TEN = {**SUMMER, "max_uses": 10}
ANN = "email:ann@example.org"
BY_ANN = "code/event:gala:SUMMER/by/email:ann@example.org"


def order(id: str, quantity: int = 1, email: str | None = None) -> Any:
    if email is None:
        return request(id, quantity, promo=TEN)
    asked = request(id, quantity, promo={**TEN, "max_uses_per_identity": 8})
    asked["order"]["identities"] = {"email": email}
    return asked


def buy(shop: Host, id: str, quantity: int = 1, email: str | None = None) -> None:
    assert shop.redeem(order(id, quantity, email), now=Clock())["status"] == "accepted"
    payment = {"id": f"paid-{id}", "total": 800 * quantity, "currency": "EUR"}
    assert shop.confirm(id, payment, now=Clock())["status"] == "confirmed"


def live(shop: Host) -> list[str]:
    return sorted(id for (id,) in shop.look.execute("SELECT id FROM redeemable_redemptions").fetchall())


def archived(shop: Host) -> list[str]:
    return sorted(id for (id,) in shop.look.execute("SELECT id FROM redeemable_archive").fetchall())


def test_archived_orders_still_count_against_the_limit(shop: Host) -> None:
    for id in "abcde":
        buy(shop, id)
    shop.redeem(order("held", 1), now=Clock())
    shop.release("e", "buyer_released", now=Clock())
    assert shop.counters() == {USES: 5, SPEND: 1000}
    assert shop.archive(before_ms=AT) == 0, "they were made at that time, and not before"
    assert shop.archive(event_id="gale") == 0
    shop.run(three(shop)) if shop.is_async else three(shop)
    assert (live(shop), archived(shop)) == (["d", "e", "held"], ["a", "b", "c"])
    assert (shop.audit(), shop.repair()) == ([], [])
    assert shop.counters() == {USES: 5, SPEND: 1000}
    assert shop.redeem(order("f", 6), now=Clock())["status"] == "rejected"
    assert shop.redeem(order("f", 5), now=Clock())["status"] == "accepted"
    assert shop.archive(before_ms=AT + 1, event_id="gala") == 2
    assert (live(shop), shop.audit(), shop.counters()[USES]) == (["f", "held"], [], 10)


def three(shop: Host) -> Any:
    """Moves the first three orders, of which the kit would move all."""
    ops = [{"op": "archive", "id": id, "revision": 2} for id in "abc"]
    return shop.store.commit([*ops, {"op": "open", "key": USES, "by": 3}, {"op": "open", "key": SPEND, "by": 600}])


def test_an_archived_order_comes_back_when_it_is_changed(shop: Host) -> None:
    for id in "abc":
        buy(shop, id)
    assert shop.archive(event_id="gala") == 3
    again = shop.redeem(order("a"), now=Clock())
    assert (again["replayed"], again["ops"], live(shop)) == (True, [], []), "a replay changes nothing"
    assert shop.confirm("a", {"id": "paid-a", "total": 800, "currency": "EUR"}, now=Clock())["money"] == "kept"
    assert live(shop) == []
    second = {"id": "another", "total": 800, "currency": "EUR"}
    assert shop.confirm("a", second, dry=True, now=Clock())["money"] == "returned"
    assert live(shop) == []
    noted: list[str] = []

    def write(transaction: Any, redemptions: Any) -> Any:
        noted.extend(record["id"] for record in redemptions)
        return shop.note_each(transaction, redemptions)

    assert shop.release("b", "refunded", write=write, now=Clock())["status"] == "released"
    assert (noted, shop.notes()) == (["b"], ["b:released"]), "it writes once"
    assert (live(shop), archived(shop)) == (["b"], ["a", "c"])
    assert (shop.counters(), shop.audit()) == ({USES: 2, SPEND: 400}, [])
    assert shop.release("b", "refunded", now=Clock())["ops"] == []
    assert shop.release("nobody's", "refunded", now=Clock()) is None
    # With one attempt, too.
    assert shop.release("c", "refunded", attempts=1, now=Clock())["status"] == "released"
    assert (shop.counters(), shop.audit()) == ({USES: 1, SPEND: 200}, [])


def test_a_late_payment_and_a_new_purchase_bring_an_archived_order_back(shop: Host) -> None:
    clock = Clock()
    for id in "ab":
        shop.redeem(order(id, 2), now=clock)
    clock.ms += 1_000_000
    assert shop.sweep(now=clock) == 2
    assert (shop.archive(event_id="gala"), shop.counters()) == (2, {USES: 0, SPEND: 0})
    late = shop.confirm("a", {"id": "late", "total": 1600, "currency": "EUR"}, now=clock)
    assert (late["status"], shop.counters(), live(shop)) == ("confirmed", {USES: 2, SPEND: 400}, ["a"])
    again = order("b", 3)
    again["order"]["hold_until_ms"] += 2_000_000
    assert shop.redeem(again, now=clock)["status"] == "accepted"
    assert (shop.counters(), live(shop), archived(shop), shop.audit()) == (
        {USES: 5, SPEND: 1000},
        ["a", "b"],
        [],
        [],
    )


def test_records_leave_through_a_function_of_the_host_and_come_back(shop: Host) -> None:
    for id, email in [("a", "ann@example.org"), ("b", "ben@example.org"), ("c", None)]:
        buy(shop, id, 2, email)
    left: list[Any] = []

    def to(records: list[Any]) -> None:
        assert live(shop) == ["a", "b", "c"], "the host has them before they leave"
        left.extend(records)

    async def later(records: list[Any]) -> None:
        to(records)

    assert shop.archive(event_id="gala", to=later if shop.is_async else to) == 3
    assert [record["id"] for record in left] == ["a", "b", "c"]
    assert (live(shop), archived(shop), everything(shop, "example.org")) == ([], [], COUNTED)
    assert (shop.counters()[USES], shop.audit(), shop.repair()) == (6, [], [])
    assert shop.release("a", "refunded", now=Clock()) is None
    assert shop.redeem(order("d", 5), now=Clock())["status"] == "rejected"
    assert shop.restore_records(left[:2]) == 2
    with pytest.raises(InvalidRequest, match="expected an id that is not there, found a") as raised:
        shop.restore_records([left[0]])
    assert raised.value.path == "redemptions[0].id"
    assert (live(shop), shop.record("a"), shop.audit()) == (["a", "b"], left[0], [])
    assert shop.release("a", "refunded", now=Clock())["status"] == "released"
    assert shop.erase("email:ben@example.org") == 1
    assert (shop.counters()[USES], shop.audit()) == (4, [])

    def fails(_: Any) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        shop.archive(event_id="gala", to=fails)
    assert (live(shop), shop.audit()) == (["a", "b"], [])


# What is left of persons whose orders have left: their counters, in their keys.
COUNTED = sorted(f"redeemable_counters: code/event:gala:SUMMER/by/email:{name}@example.org" for name in ("ann", "ben"))


def everything(shop: Host, text: str) -> list[str]:
    """The keys, or else the tables, of all rows that contain this text."""
    found = []
    tables = [f"redeemable_{name}" for name in ("redemptions", "counters", "held", "persons", "archive", "parts")]
    for table in tables:
        if table == "redeemable_parts" and shop.kind in SQLITE:
            continue
        for row in shop.look.execute(f"SELECT * FROM {table}").fetchall():
            texts = [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in row]
            if any(text in each for each in texts):
                key = next((each for each in texts if each.startswith("code/")), "") if "counters" in table else ""
                found.append(f"{table}: {key}")
    return sorted(found)


def test_a_person_is_erased_from_records_counters_and_the_archive(shop: Host) -> None:
    for id, quantity, email in [("a", 2, "Ann@example.org"), ("b", 1, "ben@example.org"), ("c", 3, "ann@example.org")]:
        buy(shop, id, quantity, email)
    assert shop.archive(event_id="gala") == 3
    shop.redeem(order("held", 1, "ann@example.org"), now=Clock())
    shop.redeem(order("gone", 1, "ann@example.org"), now=Clock())
    shop.release("gone", "buyer_released", now=Clock())
    # A hold that is placed again for somebody else keeps nothing of her.
    shop.redeem(order("again", 1, "ann@example.org"), now=Clock())
    shop.release("again", "buyer_released", now=Clock())
    shop.redeem(order("again", 1, "ben@example.org"), now=Clock())
    assert shop.counters()[BY_ANN] == 6
    written: list[str] = []

    def write(_: Any, redemptions: Any) -> Any:
        written.extend(record["id"] for record in redemptions)
        return shop.note_each(_, redemptions)

    assert shop.erase(ANN, write=write) == 4
    assert sorted(written) == ["a", "c", "gone", "held"]
    assert (everything(shop, "ann@"), everything(shop, "Ann@")) == ([], [])
    assert (shop.audit(), shop.erase(ANN)) == ([], 0)
    assert (live(shop), archived(shop)) == (["again", "gone", "held"], ["a", "b", "c"])
    (erased,) = {key for key in shop.counters() if "/by/email:erased-" in key}
    assert shop.counters()[erased] == 6, "her limit holds among her orders as before"
    assert shop.counters()["code/event:gala:SUMMER/by/email:ben@example.org"] == 2
    name = erased.partition("/by/")[2]
    assert [shop.record(id)["identities"] for id in ("a", "held", "b")] == [[name], [name], ["email:ben@example.org"]]

    assert shop.release("a", "refunded", now=Clock())["status"] == "released"
    assert shop.confirm("held", {"id": "p", "total": 800, "currency": "EUR"}, now=Clock())["status"] == "confirmed"
    assert (shop.counters()[erased], shop.counters()[USES], shop.audit()) == (4, 6, [])
    assert shop.erase(name) == 4, "who is erased can be erased"
    assert (everything(shop, name), shop.audit()) == ([], [])
    buy(shop, "new", 1, "ann@example.org")
    assert (shop.counters()[BY_ANN], shop.audit()) == (1, [])


def test_an_unpaid_order_that_is_asked_for_in_another_name_keeps_nothing_of_the_first(shop: Host) -> None:
    shop.redeem(order("a", 2, "ann@example.org"), now=Clock())
    assert shop.counters()[BY_ANN] == 2
    assert shop.redeem(order("a", 2, "ben@example.org"), now=Clock())["status"] == "accepted"
    assert BY_ANN not in shop.counters()
    assert (everything(shop, "ann@"), shop.audit()) == ([], [])


def test_a_buyer_takes_over_the_lapsed_hold_of_a_person_who_was_erased(shop: Host) -> None:
    clock = Clock()
    shop.redeem(order("a", 2, "ann@example.org"), now=clock)
    assert shop.erase(ANN) == 1
    clock.ms += 1_000_000
    for id, quantity, email in [("b", 8, "ben@example.org"), ("c", 1, "cat@example.org")]:
        asked = order(id, quantity, email)
        asked["order"]["hold_until_ms"] += 2_000_000
        assert shop.redeem(asked, now=clock)["status"] == "accepted"
    assert [shop.record(id)["state"] for id in "abc"] == ["released", "held", "held"]
    assert (shop.counters()[USES], shop.audit(), shop.sweep(now=clock)) == (9, [], 0)


@pytest.mark.parametrize("value", ["a~b/c:d%e é", "+49 170", "x" * 200])
def test_a_person_whose_name_needs_an_encoding_is_erased(open_host: Any, value: str) -> None:
    shop = open_host("sqlite3")
    asked = order("a", 2, "")
    asked["order"]["identities"] = {"member": value}
    shop.redeem(asked, now=Clock())
    (name,) = shop.record("a")["identities"]
    (key,) = {key for key in shop.counters() if "/by/" in key}
    assert key.endswith(f"/by/{_in_key(name)}"), "the engine has encoded it so"
    assert shop.erase(name) == 1
    assert (everything(shop, _in_key(name).partition(":")[2]), shop.audit()) == ([], [])


def test_a_record_that_somebody_changes_meanwhile_stays(shop: Host) -> None:
    for id in "abc":
        buy(shop, id)
    with rival(shop) as other:
        gone: list[Any] = []

        def to(records: list[Any]) -> None:
            if not gone:
                gone.append(host.release(other, "b", "refunded", now=Clock()))

        assert shop.archive(event_id="gala", to=to) == 2
    assert (live(shop), shop.counters(), shop.audit()) == (["b"], {USES: 2, SPEND: 400}, [])
    assert shop.archive(event_id="gala") == 1


def test_more_records_than_one_plan_moves(open_host: Any) -> None:
    shop = open_host("sqlite3")
    unlimited = {**SUMMER, "max_uses": None}
    for number in range(120):
        shop.redeem(request(f"o-{number:03}", promo=unlimited), now=Clock())
    shop.look.execute("UPDATE redeemable_redemptions SET state = 'confirmed', expires_at_ms = NULL WHERE id < 'o-105'")
    sizes: list[int] = []
    assert shop.archive(event_id="gala", to=lambda records: sizes.append(len(records))) == 105
    assert sizes == [50, 50, 5]
    assert (len(live(shop)), shop.counters(), shop.audit()) == (15, {USES: 120, SPEND: 24_000}, [])


def test_within_a_transaction_of_the_host(open_host: Any) -> None:
    shop = open_host("sqlite3")
    buy(shop, "a")
    assert shop.archive(event_id="gala") == 1
    with closing(sqlite3.connect(shop.place)) as connection:
        connection.execute("INSERT INTO notes VALUES ('mine')")
        released = host.release(shop.store, "a", "refunded", transaction=connection, now=Clock())
        assert released is not None and released["status"] == "released"
        assert archived(shop) == ["a"]
        connection.commit()
    assert (live(shop), archived(shop), shop.counters()) == (["a"], [], {USES: 0, SPEND: 0})
    assert (shop.audit(), shop.notes()) == ([], ["mine"])


def test_what_is_asked_must_make_sense() -> None:
    store: Any = None
    text: Any = "2026"
    number: Any = 7
    for path, message, call in [
        ("before_ms", "expected before_ms, event_id or both", lambda: host.archive(store)),
        ("before_ms", "expected a time in milliseconds, found '2026'", lambda: host.archive(store, before_ms=text)),
        ("event_id", "expected a string, found 7", lambda: host.archive(store, event_id=number)),
        ("to", "expected a function, found '2026'", lambda: host.archive(store, event_id="a", to=text)),
        ("identity", 'expected an identity such as "email:ann@example.org"', lambda: host.erase(store, "ann")),
        (
            "redemptions[0].state",
            "expected confirmed or released, found held",
            lambda: host.restore_records(store, [{"state": "held"}]),  # type: ignore[typeddict-item]
        ),
    ]:
        with pytest.raises(InvalidRequest) as raised:
            call()
        assert (raised.value.path, raised.value.message[: len(message)]) == (path, message)
    with pytest.raises(TypeError, match="write: expected a function"):
        host.erase(store, ANN, write=7)  # type: ignore[arg-type]
    assert aio.archive is not host.archive


def test_a_plan_locks_its_counters_in_the_order_of_the_engine() -> None:
    keys = [
        "code/event:gala:A/by/email:ann@example.org",
        "code/id:x/day/2026-11-29/by/email:ann@example.org",
        "event/gala/free/email:ann@example.org",
        "event/gala/tickets/email:ann@example.org",
        "pool/p/by/email:ann@example.org",
        "code/id:x/day/2026-11-29/uses",
        "code/id:by/month/2026-11/uses",
        "code/id:day/uses",
        "code/id:x/spend/EUR",
        "pool/day/uses",
        "pool/p/spend/EUR",
    ]
    assert [_breadth(key) for key in keys] == [0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3]
    mixed: list[Any] = [{"op": "open", "key": key, "by": 1} for key in reversed(keys)]
    mixed[3:3] = [{"op": "restore", "id": "a"}, {"op": "open", "key": keys[7], "by": 2}]
    ordered = _in_order(mixed)
    assert ordered[0] == {"op": "restore", "id": "a"}
    assert [op["key"] for op in ordered[1:]] == [*keys[:5], *sorted(keys[5:7]), *keys[7:]]
    assert [op["by"] for op in ordered[1:] if op["key"] == keys[7]] == [3]


def calls_of(number: int, limit: int) -> list[Any]:
    """A buyer buys, pays, and perhaps gives back, while others do."""
    bought, id, quantity = redeem(f"o-{number}", number % 3 + 1, limit), f"o-{number}", number % 3 + 1
    paid = {"verb": "confirm", "args": [id, {"id": f"p-{number}", "total": 800 * quantity, "currency": "EUR"}]}
    back = {"verb": "release", "args": [id, "refunded"]}
    return [bought, paid, back] if number % 5 == 0 else [bought, paid]


def while_processes_buy(connection: Any, store: Any, commands: list[list[str]]) -> None:
    """Buyers buy, pay and give back, while an operator archives, erases and repairs."""
    moved, erased, answers = [], [], []
    calls = [[], []]  # type: list[list[Any]]
    for number in range(300):
        calls[number % 2] += calls_of(number, limit=150)
    buying = threading.Thread(target=lambda: answers.append(run(list(zip(commands, calls, strict=True)))))
    buying.start()
    while buying.is_alive():
        moved.append(host.archive(store, event_id="gala"))
        assert host.audit(store) == []
        erased.append(host.erase(store, f"email:buyer{len(moved) % 20}@example.org", attempts=40))
        assert host.repair(store, attempts=40) == []
    assert {answer.get("error") for share in answers[0] for answer in share} <= {None, "busy"}
    assert host.audit(store) == []
    assert sum(moved) > 0 and sum(erased) > 0
    for number in range(300, 500):
        host.redeem(store, redeem(f"o-{number}", 1, limit=150)["args"][0], write=lambda *_: None)
    counters = dict(connection.execute("SELECT key, used FROM redeemable_counters").fetchall())
    assert counters[SOLD] == counters["pool/all/uses"] == 150, "every use was sold, and none twice"
    assert sum(used for key, used in counters.items() if key.startswith("code/event:gala:SUMMER/by/")) == 150
    for number in range(20):
        host.erase(store, f"email:buyer{number}@example.org", attempts=40)
    assert host.audit(store) == []
    assert connection.execute("SELECT count(*) FROM redeemable_counters WHERE key LIKE '%:buyer%'").fetchone() == (0,)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_while_processes_buy(kind: str, request: pytest.FixtureRequest) -> None:
    place = request.getfixturevalue(kind)
    opened: Callable[[], Any]
    if kind == "sqlite":
        opened = lambda: sqlite3.connect(place, isolation_level=None, timeout=30)  # noqa: E731
        with closing(opened()) as connection, closing(opened()) as own:
            connection.execute(CREATE)
            while_processes_buy(connection, SqliteStore(own), [python("sqlite3", place)] * 2)
        return
    with psycopg.connect(place, autocommit=True) as connection, psycopg.connect(place, autocommit=True) as own:
        connection.execute("DROP TABLE IF EXISTS tickets")
        connection.execute(CREATE)
        commands = [python("psycopg-pool", place), python("psycopg-async-pool", place)]
        while_processes_buy(connection, PostgresStore(own), commands)
