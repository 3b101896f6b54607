"""Stores over sessions: Flask-SQLAlchemy's `db.session`, SQLModel's `Session`, and what uses another connection."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from contextvars import copy_context
from typing import Any, NamedTuple

import flask
import flask_sqlalchemy
import pytest
import sqlalchemy
import sqlmodel
from kinds import through
from redeemable import aio, host
from redeemable.sqlalchemy import AsyncSqlAlchemyStore, SqlAlchemyStore
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker
from support import SUMMER, USES, Clock, request


class Base(sqlalchemy.orm.DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    note: Mapped[str] = mapped_column(primary_key=True)


class SqlNote(sqlmodel.SQLModel, table=True):
    __tablename__ = "notes"
    note: str = sqlmodel.Field(primary_key=True)


class Shop(NamedTuple):
    """A Flask application on tables of the kit; `look` reads what others see."""

    app: flask.Flask
    db: flask_sqlalchemy.SQLAlchemy
    note: Any
    look: sqlalchemy.Engine

    def notes(self) -> list[str]:
        with self.look.connect() as connection:
            return sorted(connection.scalars(sqlalchemy.text("SELECT note FROM notes")))

    def uses(self) -> Any:
        return SqlAlchemyStore(self.look).read([USES], None)["counters"].get(USES, 0)

    def add(self, session: Any, redemptions: list[Any]) -> None:
        session.add_all(self.note(note=record["id"]) for record in redemptions)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    place = request.getfixturevalue(request.param)
    return f"sqlite:///{place}?timeout=1" if request.param == "sqlite" else through("postgresql+psycopg", place)


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    app = flask.Flask("shop")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db = flask_sqlalchemy.SQLAlchemy(app)

    class FlaskNote(db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "notes"
        note = db.Column(db.Text, primary_key=True)

    look = sqlalchemy.create_engine(url)
    with app.app_context(), ExitStack() as stack:
        stack.callback(look.dispose)
        stack.callback(db.engine.dispose)
        stack.callback(db.session.remove)
        yield Shop(app, db, FlaskNote, look)


def test_flasks_session_is_the_transaction_of_the_plan(shop: Shop) -> None:
    store = SqlAlchemyStore(shop.db.session)
    assert host.preview(store, request(None), now=Clock())["status"] == "accepted"
    assert host.redeem(store, request("a"), write=lambda _, records: shop.add(shop.db.session, records), now=Clock())
    assert host.redeem(store, request("b"), write=shop.add, now=Clock())["status"] == "accepted"
    assert (shop.notes(), shop.uses()) == (["a", "b"], 2)
    assert host.audit(store, now=Clock()) == []

    def refuse(session: Any, records: list[Any]) -> None:
        shop.add(session, records)
        raise LookupError

    with pytest.raises(LookupError):
        host.redeem(store, request("c"), write=refuse, now=Clock())
    assert (shop.notes(), shop.uses(), list(shop.db.session.new)) == (["a", "b"], 2, [])


def test_flasks_session_in_a_request_is_joined(shop: Shop) -> None:
    """A request has read its user: the session is in a transaction, which the host commits."""
    store = SqlAlchemyStore(shop.db.session)

    def buy(id: str) -> Any:
        shop.db.session.scalars(sqlalchemy.select(shop.note)).all()
        shop.db.session.add(shop.note(note=f"cart {id}"))
        with pytest.raises(RuntimeError, match=r"the connection has a transaction open.*transaction="):
            host.redeem(store, request(id), write=shop.add, now=Clock())
        return host.redeem(store, request(id), write=shop.add, transaction=shop.db.session, now=Clock())

    assert buy("a")["status"] == "accepted"
    assert (shop.notes(), shop.uses()) == ([], 0)
    shop.db.session.commit()
    assert (shop.notes(), shop.uses()) == (["a", "cart a"], 1)
    assert buy("b")["status"] == "accepted"
    shop.db.session.rollback()
    assert (shop.notes(), shop.uses()) == (["a", "cart a"], 1)
    assert host.audit(store, now=Clock()) == []


def test_a_plan_that_fails_leaves_the_objects_of_the_host_and_takes_those_of_write_away(shop: Shop) -> None:
    store = SqlAlchemyStore(shop.db.session)
    session = shop.db.session
    promo = {**SUMMER, "max_uses": 1}
    session.add(shop.note(note="cart"))
    tried = []

    def write(session: Any, records: list[Any]) -> None:
        tried.append(records[0]["id"])
        if len(tried) == 1:
            session.add(shop.note(note="first attempt"))
            raise sqlalchemy.exc.OperationalError("", {}, _busy())
        shop.add(session, records)

    with pytest.raises(host.RepeatTransaction):
        host.redeem(store, request("a", promo=promo), write=write, transaction=session, now=Clock())
    session.rollback()
    session.add(shop.note(note="cart"))
    decision = host.redeem(store, request("a", promo=promo), write=write, transaction=session, now=Clock())
    assert (decision["status"], tried) == ("accepted", ["a", "a"])
    session.commit()
    assert (shop.notes(), shop.uses()) == (["a", "cart"], 1)


def _busy() -> Exception:
    error = __import__("sqlite3").OperationalError("database is locked")
    error.sqlite_errorcode = 5
    return error


@pytest.mark.parametrize("way", ["add", "execute", "join"])
def test_a_session_beside_the_plans_connection_is_refused(shop: Shop, way: str) -> None:
    """Its rows would be stored in another transaction than the plan, or never."""
    other = sessionmaker(shop.db.engine)() if way == "join" else shop.db.session

    def write(_: Any, records: list[Any]) -> None:
        if way == "execute":
            other.execute(sqlalchemy.text("INSERT INTO notes (note) VALUES ('lost')"))
        else:
            shop.add(other, records)

    store: Any = SqlAlchemyStore(shop.db.session if way == "join" else shop.db.engine)
    options = {"transaction": shop.db.session} if way == "join" else {}
    with pytest.raises(RuntimeError, match=r"write uses another connection of the engine.*over the session"):
        host.redeem(store, request("a"), write=write, now=Clock(), **options)
    other.rollback()
    shop.db.session.rollback()
    assert (shop.notes(), shop.uses()) == ([], 0)


def test_a_session_on_the_plans_connection_and_other_databases_are_welcome(shop: Shop, tmp_path: Any) -> None:
    elsewhere = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/elsewhere.sqlite")
    Base.metadata.create_all(elsewhere)

    def write(connection: Any, records: list[Any]) -> None:
        with Session(connection) as session:
            session.add(Note(note="within"))
            session.flush()
        with Session(elsewhere) as session:
            session.add(Note(note="elsewhere"))
            session.commit()

    host.redeem(SqlAlchemyStore(shop.db.engine), request("a"), write=write, now=Clock())
    assert (shop.notes(), shop.uses()) == (["within"], 1)
    elsewhere.dispose()


def test_a_task_that_write_has_started_may_go_on_afterwards(shop: Shop) -> None:
    """It has the context of `write`, but `write` is over."""
    contexts = []

    def write(session: Any, records: list[Any]) -> None:
        contexts.append(copy_context())

    host.redeem(SqlAlchemyStore(shop.db.session), request("a"), write=write, now=Clock())
    with Session(shop.db.engine) as other:
        contexts[0].run(lambda: other.add(shop.note(note="later")))
        contexts[0].run(other.commit)
    assert (shop.notes(), shop.uses()) == (["later"], 1)


def test_a_session_that_write_ends_stores_no_counter(shop: Shop) -> None:
    for joined in (False, True):
        for end in ("commit", "rollback"):
            id = f"{end} {joined}"

            def write(session: Any, _: Any, end: str = end) -> None:
                getattr(session, end)()

            options = {"transaction": shop.db.session} if joined else {}
            with pytest.raises(RuntimeError, match="write ended the transaction"):
                host.redeem(SqlAlchemyStore(shop.db.session), request(id), write=write, now=Clock(), **options)
            shop.db.session.rollback()
    assert shop.uses() == 0


def test_sqlmodels_session(url: str) -> None:
    engine = sqlmodel.create_engine(url)
    with sqlmodel.Session(engine) as session:
        store = SqlAlchemyStore(session)

        def write(session: Session, records: list[Any]) -> None:
            session.add_all(SqlNote(note=record["id"]) for record in records)

        assert host.redeem(store, request("a"), write=write, now=Clock())["status"] == "accepted"
        assert session.exec(sqlmodel.select(SqlNote.note)).all() == ["a"]
        joined = host.redeem(store, request("b"), write=write, transaction=session, now=Clock())
        assert joined["status"] == "accepted"
        session.commit()
        assert sorted(session.exec(sqlmodel.select(SqlNote.note)).all()) == ["a", "b"]
    assert SqlAlchemyStore(engine).read([USES], None)["counters"] == {USES: 2}
    engine.dispose()


async def _sell(url: str) -> None:
    import sqlmodel.ext.asyncio.session
    from sqlalchemy.ext.asyncio import async_scoped_session, async_sessionmaker, create_async_engine

    engine = create_async_engine(url)
    make = async_sessionmaker(engine, class_=sqlmodel.ext.asyncio.session.AsyncSession)
    registry = async_scoped_session(make, scopefunc=lambda: 1)
    store = AsyncSqlAlchemyStore(registry)

    async def write(session: Any, records: list[Any]) -> None:
        session.add_all(SqlNote(note=record["id"]) for record in records)

    async def beside(session: Any, records: list[Any]) -> None:
        async with make() as other:
            await write(other, records)

    assert (await aio.preview(store, request(None), now=Clock()))["status"] == "accepted"
    assert (await aio.redeem(store, request("a"), write=write, now=Clock()))["status"] == "accepted"
    async with make() as session:
        joined = await aio.redeem(store, request("b"), write=write, transaction=session, now=Clock())
        assert joined["status"] == "accepted"
        await session.commit()
    with pytest.raises(RuntimeError, match="write uses another connection"):
        await aio.redeem(store, request("c"), write=beside, now=Clock())
    async with make() as session:
        assert sorted((await session.exec(sqlmodel.select(SqlNote.note))).all()) == ["a", "b"]
    assert await aio.audit(store, now=Clock()) == []
    await registry.remove()
    await engine.dispose()


@pytest.mark.parametrize("driver", ["sqlite", "asyncpg", "psycopg"])
def test_sqlmodels_asynchronous_session(driver: str, request: pytest.FixtureRequest) -> None:
    import asyncio

    place = request.getfixturevalue("sqlite" if driver == "sqlite" else "postgres")
    asyncio.run(_sell(f"sqlite+aiosqlite:///{place}" if driver == "sqlite" else through(f"postgresql+{driver}", place)))


def test_the_synchronous_store_needs_no_greenlet() -> None:
    """`redeemable.sqlalchemy` is imported where greenlet is missing; only the asynchronous store asks for it."""
    script = (
        "import sys; sys.modules['greenlet'] = None\n"
        "from redeemable.sqlalchemy import SqlAlchemyStore\n"
        "import sqlalchemy\n"
        "store = SqlAlchemyStore(sqlalchemy.create_engine('sqlite://'))\n"
        "store.migrate()\n"
        "assert store.read(['a'], 'b') == {'counters': {}, 'existing': None, 'archived': False}\n"
        "assert 'sqlalchemy.ext.asyncio' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
