"""The commands for operators."""

import re

from .. import host, sql
from ..csv import report_csv
from .arguments import Options, Refused, expect_words
from .databases import schema_of, store_at
from .files import time_of
from .report import lines_of
from .words import Answer, count

_DATABASES = ("postgres", "mysql", "sqlite")


def migrate(words: list[str], options: Options) -> Answer:
    expect_words(words, 0, 1, "at most one URL")
    database = options["print"]
    if database is None:
        where = {**options, "url": words[0] if words else options["url"]}
        store_at(where, lambda store: store.migrate(), create=True)
        return Answer({"migrated": True}, ["the tables are there"])
    if database not in _DATABASES:
        raise Refused(f"--print: expected {', '.join(_DATABASES)}, found {database}")
    if options["schema"] is not None and database != "postgres":
        raise Refused("--schema is for PostgreSQL alone")
    script = sql.tables(database, schema_of(options["schema"]))
    return Answer({"database": database, "script": script}, text=script)


def audit(words: list[str], options: Options) -> Answer:
    expect_words(words, 0, 0, "no further word")
    drift = store_at(options, host.audit)
    differ = "no counter differs" if not drift else count(len(drift), "counter differs", "counters differ")
    told = [f"{one['key']}: is {one['used']}, must be {one['must']}" for one in drift]
    return Answer(drift, [*told, f"{differ} from what the records say"], code=int(bool(drift)))


def repair(words: list[str], options: Options) -> Answer:
    expect_words(words, 0, 0, "no further word")
    done = store_at(options, host.repair)
    told = [f"{one['key']}: was {one['used']}, is now {one['must']}" for one in done]
    return Answer(done, [*told, f"{count(len(done), 'counter')} set" if done else "no counter differed"])


def report(words: list[str], options: Options) -> Answer:
    expect_words(words, 0, 0, "no further word")
    times = [None if options[name] is None else time_of(options[name], f"--{name}") for name in ("from", "to")]
    by_person = bool(options["by-person"])
    answer = store_at(
        options,
        lambda store: host.report(
            store,
            event_id=options["event"],
            code=options["code"],
            from_ms=times[0],
            to_ms=times[1],
            by_person=by_person,
        ),
    )
    if options["csv"]:
        return Answer(answer, text=report_csv(answer))
    return Answer(answer, lines_of(answer, by_person))


def sweep(words: list[str], options: Options) -> Answer:
    expect_words(words, 0, 0, "no further word")
    # Released without the host's `write`, an order would leave its tickets in the host's own rows.
    if not options["records-only"]:
        raise Refused(
            "sweep releases records and counters, and not your own rows: if your program passes write to the kit, "
            "sweep there; if no rows of your own belong to the orders, add --records-only"
        )
    released = store_at(options, host.sweep)
    return Answer({"released": released}, [f"{count(released, 'lapsed hold')} released"])


def split(words: list[str], options: Options) -> Answer:
    expect_words(words, 2, 2, "a counter's key and a number of parts")
    key, text = words
    if not re.fullmatch("[0-9]{1,3}", text):
        raise Refused(f"PARTS: expected an integer, found {text}")
    parts = int(text)
    keys = store_at(options, lambda store: host.split(store, key, parts))
    told = "is one row again" if parts == 1 else f"is split into {parts} rows"
    return Answer({"parts": parts, "keys": keys}, [f"{each} {told}" for each in keys])


def archive(words: list[str], options: Options) -> Answer:
    expect_words(words, 0, 0, "no further word")
    before, event = options["before"], options["event"]
    if before is None and event is None:
        raise Refused("expected --before, --event or both: which orders shall be archived?")
    before_ms = None if before is None else time_of(before, "--before")
    moved = store_at(options, lambda store: host.archive(store, before_ms=before_ms, event_id=event))
    return Answer({"archived": moved}, [f"{count(moved, 'order')} archived"])


def erase(words: list[str], options: Options) -> Answer:
    expect_words(words, 1, 1, "the identity to erase, such as email:ann@example.org")
    changed = store_at(options, lambda store: host.erase(store, words[0]))
    return Answer({"changed": changed}, [f"{count(changed, 'order')} changed"])
