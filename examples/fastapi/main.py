"""A ticket shop with promo codes: `DATA=shop.sqlite uvicorn main:app`. Who may report payments and releases is left to you."""

import os
import sqlite3
import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from redeemable import InvalidRequest, host
from redeemable.sqlite import SqliteStore

PRICES = {"regular": 4500, "student": 2000}
# By canonical code, as a table of yours would have them.
PROMOS: Any = {
    "EARLY20": {"code": "EARLY20", "discount_percent": 20, "max_uses": 20},
    "CREW": {"code": "CREW", "discount": {"kind": "free"}, "max_uses_per_identity": 1},
}


class Basket(BaseModel):
    lines: dict[Literal["regular", "student"], int]
    codes: list[str] = []
    email: str


def open_store() -> Iterator[SqliteStore]:
    # One request may run in several threads, one after the other.
    connection = sqlite3.connect(os.environ["DATA"], timeout=10, check_same_thread=False)
    yield SqliteStore(connection)
    connection.close()


for store in open_store():
    store.migrate()
    store.connection.execute("CREATE TABLE IF NOT EXISTS tickets (order_id TEXT, seat INTEGER, state TEXT, PRIMARY KEY (order_id, seat))")


def issue_tickets(connection: sqlite3.Connection, redemptions: list[Any]) -> None:
    for record in redemptions:
        connection.execute("DELETE FROM tickets WHERE order_id = ?", (record["id"],))
        kept = [(record["id"], seat, record["state"]) for seat, ticket in enumerate(record["tickets"]) if ticket["released"] is None]
        connection.executemany("INSERT INTO tickets VALUES (?, ?, ?)", kept)


def promos_of(codes: Any) -> Any:
    return [PROMOS[code["canonical"]] for code in codes if code["canonical"] in PROMOS]


def request(basket: Basket, id: str | None) -> Any:
    lines = [{"ticket_type": kind, "unit_price": PRICES[kind], "quantity": quantity} for kind, quantity in basket.lines.items()]
    order = {"id": id, "event_id": "gala", "currency": "EUR", "lines": lines, "identities": {"email": basket.email}}
    return {"codes": basket.codes, "promos": promos_of, "order": {**order, "hold_until_ms": time.time_ns() // 1_000_000 + 15 * 60_000}}


def for_the_buyer(decision: Any) -> JSONResponse:
    # One reason for each code: more would tell a guesser which codes exist.
    reasons = {violation["code"]: violation["public_reason"] for violation in decision["violations"]}
    answer = {"status": decision["status"], "quote": decision["quote"], "reasons": reasons}
    return JSONResponse(answer, 200 if decision["status"] == "accepted" else 409)


def fault(status: int) -> Any:
    return lambda _, error: JSONResponse({"detail": str(error)}, status)


app = FastAPI(exception_handlers={InvalidRequest: fault(422), host.Busy: fault(503)})
Store = Annotated[SqliteStore, Depends(open_store)]


@app.post("/preview")
def preview(basket: Basket, store: Store) -> JSONResponse:
    return for_the_buyer(host.preview(store, request(basket, None)))


@app.put("/orders/{id}")
def buy(id: str, basket: Basket, store: Store) -> JSONResponse:
    """The same order again is answered again, and sold once."""
    return for_the_buyer(host.redeem(store, request(basket, id), write=issue_tickets))


@app.post("/orders/{id}/payment")
def pay(id: str, total: int, store: Store) -> Any:
    # `already_confirmed` is this payment reported again: a shop that can be paid twice compares the payments' ids.
    answer = host.confirm(store, id, total, write=issue_tickets)
    if answer is None or answer["status"] not in ("confirmed", "already_confirmed"):
        raise HTTPException(409, answer and answer["status"])  # the money goes back
    return {"status": answer["status"]}


@app.post("/orders/{id}/release")
def release(id: str, store: Store) -> Any:
    answer = host.release(store, id, "buyer_released", write=issue_tickets)
    if answer is None:
        raise HTTPException(404)
    return {"status": answer["status"], "refundable": answer["refundable"]}
