"""A ticket shop with promo codes: `DATA=shop.sqlite PAYMENTS_SECRET=… uvicorn main:app`.

The buyer's page makes an order's id, a random UUID. Whoever knows the id may change, pay and give back that order, so
nobody must be able to guess it.
The shop asks for a payment while the order is held, and the payment expires with the hold. After the hold has lapsed,
the buyer orders again, at the price of that day.
Only your payment system, which knows the secret, reports payments. Money that goes back is a row in `refunds`, one for
each payment and each release.
"""

import asyncio
import logging
import os
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from redeemable import InvalidRequest, host
from redeemable.sqlite import SqliteStore

PRICES = {"regular": 4500, "student": 2000}  # in cents
SEATS = 100
# By canonical code, as in a table of your database.
PROMOS: Any = {
    "EARLY20": {"code": "EARLY20", "discount_percent": 20, "max_uses": 20},
    "CREW": {"code": "CREW", "discount": {"kind": "free"}, "max_uses": 20, "max_uses_per_identity": 1},
}
POLICY: Any = {
    "max_hold_ms": 60 * 60_000
}  # an unpaid order that is asked for again keeps its seats for an hour at most
HOLD_MS = 17 * 60_000  # the payment expires after 15 minutes; the rest lets a payment of the last second arrive
OWED = ("buyer_released", "organizer_cancelled", "refunded")  # after `disputed` the bank has paid the money back
CODES_PER_MINUTE = int(os.environ.get("CODES_PER_MINUTE", "60"))
TABLES = """
    CREATE TABLE IF NOT EXISTS tickets (order_id TEXT, seat INTEGER, state TEXT, PRIMARY KEY (order_id, seat));
    CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, order_id TEXT);
    CREATE TABLE IF NOT EXISTS refunds (id TEXT PRIMARY KEY, order_id TEXT, amount INTEGER, currency TEXT);
"""


class Basket(BaseModel):
    lines: dict[Literal["regular", "student"], int]
    codes: list[str] = []
    email: str


class Sale(Basket):
    max_total: int  # the total that the buyer has agreed to: nothing is sold above it


class Paid(BaseModel):
    total: int
    currency: str


class SoldOut(Exception):
    pass


def open_store() -> Iterator[SqliteStore]:
    # One request may run in several threads, one after the other.
    connection = sqlite3.connect(os.environ["DATA"], timeout=10, check_same_thread=False)
    try:
        yield SqliteStore(connection)
    finally:
        connection.close()


for store in open_store():
    store.migrate()
    store.connection.executescript(TABLES)


def issue_tickets(connection: sqlite3.Connection, redemptions: list[Any]) -> None:
    """Stores the tickets, and the money that goes back, together with the record: a crash loses neither."""
    before = seats_taken(connection)
    for record in redemptions:
        connection.execute("DELETE FROM tickets WHERE order_id = ?", (record["id"],))
        kept = [
            (record["id"], seat, record["state"])
            for seat, ticket in enumerate(record["tickets"])
            if not ticket.get("released")
        ]
        connection.executemany("INSERT INTO tickets VALUES (?, ?, ?)", kept)
        for payment in record.get("payments", []):
            if payment["outcome"] == "returned":
                refund(connection, payment["id"], record["id"], payment["total"], payment["currency"])
        for release in record.get("releases", []):
            if release["refundable"] > 0 and release["reason"] in OWED:
                refund(
                    connection,
                    f"{record['id']} {release['id']}",
                    record["id"],
                    release["refundable"],
                    record["currency"],
                )
    if seats_taken(connection) > max(SEATS, before):
        raise SoldOut("no seats are left for this order")


def seats_taken(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM tickets").fetchone()
    return int(count)


def refund(connection: sqlite3.Connection, id: str, order_id: str, amount: int, currency: str) -> None:
    """Notes money that is to be sent back, once for each payment and each release."""
    connection.execute(
        "INSERT INTO refunds VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (id, order_id, amount, currency)
    )


def promos_of(codes: Any) -> Any:
    return [PROMOS[code["canonical"]] for code in codes if code["canonical"] in PROMOS]


def request(basket: Basket, id: str | None, max_total: int | None = None) -> Any:
    lines = [
        {"ticket_type": kind, "unit_price": PRICES[kind], "quantity": quantity}
        for kind, quantity in basket.lines.items()
    ]
    order: Any = {
        "id": id,
        "event_id": "gala",
        "currency": "EUR",
        "lines": lines,
        "identities": {"email": basket.email},
    }
    order["hold_until_ms"] = time.time_ns() // 1_000_000 + HOLD_MS
    order["max_total"] = max_total
    return {"codes": basket.codes, "promos": promos_of, "policy": POLICY, "order": order}


def for_the_buyer(decision: Any) -> JSONResponse:
    # One reason for each code, sorted by code: the full list of violations would tell which codes exist.
    reasons = {violation["code"]: violation["public_reason"] for violation in decision["violations"]}
    # If the price has changed: what the order costs now. The quote of a refused order is without promotions.
    dearer = (violation["used"] for violation in decision["violations"] if violation["reason"] == "price_changed")
    answer = {
        "status": decision["status"],
        "quote": decision["quote"],
        "reasons": dict(sorted(reasons.items(), key=str)),
        "new_total": next(dearer, None),
    }
    return JSONResponse(answer, 200 if decision["status"] == "accepted" else 409)


def fault(status: int) -> Any:
    return lambda _, error: JSONResponse({"detail": str(error)}, status)


def sweep() -> None:
    """Releases orders that nobody has paid in time: their tickets are free again."""
    for store in open_store():
        host.sweep(store, write=issue_tickets)


@asynccontextmanager
async def sweeping(_: FastAPI) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            await asyncio.sleep(30)
            try:
                await asyncio.to_thread(sweep)
            except Exception:
                logging.exception("the sweep failed, and is tried again")

    task = asyncio.create_task(forever())
    yield
    task.cancel()


faults: Any = {InvalidRequest: fault(422), host.Busy: fault(503), SoldOut: fault(409)}
app = FastAPI(lifespan=sweeping, exception_handlers=faults)
Store = Annotated[SqliteStore, Depends(open_store)]
tried: dict[tuple[int, str], int] = {}


def count_codes(request: Request, basket: Basket) -> None:
    """Limits how many codes one address may try. Behind a proxy, take the address that the proxy reports."""
    now = (int(time.time() // 60), request.client.host if request.client else "")
    for key in [key for key in tried if key[0] != now[0]]:
        del tried[key]
    tried[now] = tried.get(now, 0) + 1 + len(basket.codes)
    if tried[now] > CODES_PER_MINUTE:
        raise HTTPException(429, "too many codes: try again in a minute")


@app.post("/preview", dependencies=[Depends(count_codes)])
def preview(basket: Basket, store: Store) -> JSONResponse:
    return for_the_buyer(host.preview(store, request(basket, None)))


@app.put("/orders/{id}", dependencies=[Depends(count_codes)])
def buy(id: UUID, basket: Sale, store: Store) -> JSONResponse:
    """The same order asked again gets the same answer, and is sold once."""
    return for_the_buyer(host.redeem(store, request(basket, str(id), basket.max_total), write=issue_tickets))


@app.post("/orders/{id}/payments")
def ask_for_payment(id: UUID, store: Store) -> Any:
    """The page calls it before the buyer pays. The shop notes the payment's id and its order."""
    order = store.read([], str(id))["existing"]
    if order is None or order["state"] != "held" or order["expires_at_ms"] <= time.time_ns() // 1_000_000:
        raise HTTPException(409, "expected an order that waits for its payment")
    payment_id = str(uuid4())  # or the id from your payment system
    with store.connection:
        store.connection.execute("INSERT INTO payments VALUES (?, ?)", (payment_id, str(id)))
    total = sum(ticket["price"] for ticket in order["tickets"] if not ticket.get("released"))
    return {"payment_id": payment_id, "total": total, "currency": order["currency"]}


@app.post("/payments/{payment_id}")
def payment_arrived(payment_id: str, paid: Paid, store: Store, secret: Annotated[str, Header()]) -> Any:
    if not secrets.compare_digest(secret.encode(), os.environ["PAYMENTS_SECRET"].encode()):
        raise HTTPException(403)
    row = store.connection.execute("SELECT order_id FROM payments WHERE id = ?", (payment_id,)).fetchone()
    if row is None:
        raise HTTPException(404, "nobody asked for this payment")
    if store.connection.execute("SELECT id FROM refunds WHERE id = ?", (payment_id,)).fetchone():
        # There may be no record that knows the payment: then only this row remembers that its money goes back.
        return {"money": "returned"}
    payment: Any = {"id": payment_id, "total": paid.total, "currency": paid.currency}
    try:
        answer: Any = host.confirm(store, row[0], payment, write=issue_tickets)
    except SoldOut:  # the hold had lapsed, and its seats are sold
        answer = None
    if answer is None or answer["money"] == "returned":
        with store.connection:
            refund(store.connection, payment_id, row[0], paid.total, paid.currency)
        return {"money": "returned"}
    return {"money": "kept"}


@app.put("/orders/{id}/releases/{release_id}")
def release(id: UUID, release_id: UUID, store: Store) -> Any:
    """The page makes a new release id for each click, so that a repeated request gets the same answer."""
    answer = host.release(store, str(id), "buyer_released", release_id=str(release_id), write=issue_tickets)
    if answer is None:
        raise HTTPException(404)
    return {"status": answer["status"], "refundable": answer["refundable"]}
