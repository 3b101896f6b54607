"""One store over two databases: each order is stored whole in the database of its event, or it raises."""

import asyncio
import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool
from redeemable import InvalidRequest, aio, host
from redeemable.postgres import AsyncPostgresStore, PostgresStore
from redeemable.sqlite import SqliteStore

NOW = 1_800_000_000_000
CITY = {"gala": "berlin", "a/b:c": "berlin", "fete": "paris"}
ORDERS = {"b": "berlin", "p": "paris", "x": "rome"}
TEN: Any = {"code": "TEN", "discount_percent": 10, "max_uses": 5}


def order(id: str | None, event_id: str, hold_until_ms: int = NOW + 60_000, **changed: Any) -> Any:
    lines = [{"unit_price": 1000, "quantity": 1}]
    own = {"id": id, "event_id": event_id, "currency": "EUR", "hold_until_ms": hold_until_ms, "lines": lines}
    return {"codes": ["ten"], "promos": [TEN], "order": own, **changed}


class Place:
    """Two databases, their sharded store, and the kit on it."""

    def __init__(self, stores: dict[str, Any], looks: dict[str, Any], run: Callable[[Any], Any] | None = None) -> None:
        self.stores, self.looks, self._run = stores, looks, run
        self.store = self.sharded()
        self("migrate")

    def sharded(self, **options: Any) -> Any:
        """The host's functions may be asynchronous in `aio`."""

        async def of_order(id: str) -> str | None:
            return ORDERS.get(id[0])

        if self._run:
            return aio.AsyncShardedStore(self.stores, of_event=CITY.get, of_order=of_order, **options)
        return host.ShardedStore(self.stores, of_event=CITY.get, of_order=lambda id: ORDERS.get(id[0]), **options)

    def __call__(self, verb: str, *args: Any, store: Any = None, now: int = NOW, **options: Any) -> Any:
        store = store or self.store
        if verb == "migrate":
            answer = store.migrate()
        else:
            answer = getattr(aio if self._run else host, verb)(store, *args, now=lambda: now, **options)
        return self._run(answer) if self._run else answer

    def ids(self, shard: str) -> list[str]:
        return [
            id for (id,) in self.looks[shard].execute("SELECT id FROM redeemable_redemptions ORDER BY id").fetchall()
        ]

    def used(self, shard: str) -> dict[str, int]:
        return dict(self.looks[shard].execute("SELECT key, used FROM redeemable_counters").fetchall())


@pytest.fixture
def databases() -> Iterator[dict[str, str]]:
    """The URLs of two new databases."""
    server = os.environ["DATABASE_URL"]
    names = {shard: f"shard_{uuid.uuid4().hex}" for shard in ("berlin", "paris")}
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names.values():
            connection.execute(f"CREATE DATABASE {name}")
        yield {shard: server.rpartition("/")[0] + f"/{name}" for shard, name in names.items()}
        for name in names.values():
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres", "postgres_aio"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            files = {shard: str(tmp_path / f"{shard}.sqlite") for shard in ("berlin", "paris")}
            opened = {shard: stack.enter_context(closing(sqlite3.connect(file))) for shard, file in files.items()}
            looks = {shard: stack.enter_context(closing(sqlite3.connect(file))) for shard, file in files.items()}
            yield Place({shard: SqliteStore(connection) for shard, connection in opened.items()}, looks)
            return
        urls = request.getfixturevalue("databases").items()
        looks = {shard: stack.enter_context(psycopg.connect(url, autocommit=True)) for shard, url in urls}
        if request.param == "postgres":
            connections = {shard: stack.enter_context(psycopg.connect(url)) for shard, url in urls}
            yield Place({shard: PostgresStore(connection) for shard, connection in connections.items()}, looks)
            return
        runner = stack.enter_context(asyncio.Runner())

        async def opened_pools() -> dict[str, Any]:
            pools = {shard: AsyncConnectionPool(url, open=False) for shard, url in urls}
            for pool in pools.values():
                await pool.open()
            return pools

        pools = runner.run(opened_pools())
        for pool in pools.values():
            stack.callback(lambda pool=pool: runner.run(pool.close()))
        yield Place({shard: AsyncPostgresStore(pool) for shard, pool in pools.items()}, looks, runner.run)


def test_an_order_is_sold_paid_returned_and_swept_in_the_database_of_its_event(place: Place) -> None:
    assert place("redeem", order("b-1", "gala"))["quote"]["total"] == 900
    place("redeem", order("b-2", "a/b:c"))
    place("redeem", order("p-1", "fete"))
    place("redeem", order("p-2", "fete", NOW + 1000))
    assert [place.ids("berlin"), place.ids("paris")] == [["b-1", "b-2"], ["p-1", "p-2"]]
    assert place.used("berlin") == {
        "code/event:a%2Fb%3Ac:TEN/spend/EUR": 100,
        "code/event:a%2Fb%3Ac:TEN/uses": 1,
        "code/event:gala:TEN/spend/EUR": 100,
        "code/event:gala:TEN/uses": 1,
    }
    assert place("redeem", order("b-1", "gala"))["status"] == "accepted"
    payment = {"id": "pay-1", "total": 900, "currency": "EUR"}
    assert place("confirm", "p-1", payment)["money"] == "kept"
    assert place("confirm", "c-1", payment) is None
    assert place("release", "b-1", "buyer_released")["status"] == "released"
    assert place("sweep", now=NOW + 30_000) == 1
    assert place("sweep", now=NOW + 90_000) == 1
    assert place.used("paris") == {"code/event:fete:TEN/spend/EUR": 100, "code/event:fete:TEN/uses": 1}
    assert [place("audit", store=store) for store in place.stores.values()] == [[], []]
    assert place("preview", order(None, "gala", codes=[]))["quote"]["total"] == 1000
    # Each event has its own limit of five.
    answers = [place("redeem", order(f"b-x{number}", "gala"))["status"] for number in range(8)]
    assert answers.count("accepted") == 5


def test_an_order_of_two_databases_raises_and_nothing_is_stored(place: Place) -> None:
    def fails(asked: Any, path: str, message: str, store: Any = None) -> None:
        with pytest.raises(InvalidRequest, match=message) as raised:
            place("redeem", asked, store=store)
        assert raised.value.path == path

    counter = "counter code/event:gala:TEN/spend/EUR"
    fails(
        order("p-1", "gala"), "order", f'expected one shard, found the order "p-1" in paris and the {counter} in berlin'
    )
    # No counter tells the event of this order: the record does.
    fails(order("p-1", "gala", codes=[]), "order", 'the event "gala" in berlin')
    fails(order("c-1", "gala"), "order.id", 'in a shard: the order "c-1"')
    for id, event_id, message in [
        ("x-1", "gala", 'of_order: expected one of berlin, paris for the order "x-1", found rome'),
        ("b-1", "ball", "of_event: expected one of berlin, paris for the counter .*, found None"),
    ]:
        with pytest.raises(ValueError, match=message):
            place("redeem", order(id, event_id))
    everywhere = [{**TEN, "id": "gold"}]
    shared = [{**TEN, "pools": [{"id": "crew", "max_uses": 9}]}]
    fails(order("p-1", "fete", promos=everywhere), "promos", "code/id:gold/spend/EUR; the option of_promotion")
    fails(order("p-1", "fete", promos=shared), "promos", "pool/crew/spend/EUR; the option of_pool")
    # The option says where they are counted: orders of events in the other database remain an error.
    pinned = place.sharded(of_promotion=lambda id: "berlin", of_pool=lambda id: "berlin")
    for promos in (everywhere, shared):
        fails(order("p-1", "fete", promos=promos), "order", "expected one shard", pinned)
    assert [*place.ids("berlin"), *place.ids("paris"), *place.used("berlin"), *place.used("paris")] == []
    for id, promos in [("b-0", everywhere), ("b-1", shared)]:
        place("redeem", order(id, "gala", promos=promos), store=pinned)
    assert place.used("berlin") == {
        "code/event:gala:TEN/spend/EUR": 100,
        "code/event:gala:TEN/uses": 1,
        "code/id:gold/spend/EUR": 100,
        "code/id:gold/uses": 1,
        "pool/crew/spend/EUR": 100,
        "pool/crew/uses": 1,
    }
    assert place.ids("paris") == []
    with pytest.raises(TypeError, match="call them once for each"):
        place("audit")


def test_the_options_are_checked() -> None:
    with pytest.raises(ValueError, match="stores: expected at least one"):
        host.ShardedStore({}, of_event=str, of_order=str)
    stores: Any = {"one": object()}
    wrong: Any = "one"
    with pytest.raises(TypeError, match="of_event: expected a function, found str"):
        host.ShardedStore(stores, of_event=wrong, of_order=str)
    with pytest.raises(TypeError, match="of_pool: expected a function, found str"):
        host.ShardedStore(stores, of_event=str, of_order=str, of_pool=wrong)


def test_a_key_says_whether_its_counter_is_of_one_event_alone() -> None:
    assert host.event_of("code/event:gala:TEN/uses") == "gala"
    assert host.event_of("code/event:a%2Fb%3Ac:20%25/by/email:a@b.org") == "a/b:c"
    assert host.event_of("event/gala/tickets/email:a@b.org") == "gala"
    for shared in ("code/id:gala/uses", "code/id:event%3Agala/uses", "pool/event/uses"):
        assert host.event_of(shared) is None
