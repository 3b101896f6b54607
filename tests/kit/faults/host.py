"""The host of host.js in Python, on several nodes of a database. It talks to its parent as a child of Node does."""

import json
import os
import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pymysql
from redeemable import host
from redeemable.mysql import MysqlStore
from redeemable.postgres import PostgresStore

SILENCE = 4  # seconds; for so long a buyer waits for a node's answer
FAULTS = (pymysql.Error, psycopg.Error, OSError)
parent = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))
speaking = threading.Lock()


def tell(**message: Any) -> None:
    with speaking:
        parent.sendall(json.dumps(message).encode() + b"\n")


class Buyer(threading.Thread):
    """Serves orders one after the other on a connection of its own, until none is left."""

    def __init__(self, task: dict[str, Any], number: int, orders: list[dict[str, Any]]) -> None:
        super().__init__(daemon=True)
        self.task, self.orders = task, orders
        self.random = random.Random(task["seed"] * 10 + number)
        self.turn = 0
        self.connection: Any = None
        self.store: Any = None
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            while True:
                try:
                    order = self.orders.pop(0)
                except IndexError:
                    break
                self.serve(order)
            self.until_answered(lambda: host.sweep(self.store, write=self.write, now=self.now))
        except BaseException as error:
            self.failed = error
            raise
        finally:
            self.leave()

    def now(self) -> int:
        return int(time.time() * 1000 + self.task["offset"])

    def connect(self) -> None:
        nodes = self.task["place"]["nodes"]
        url = urlsplit(nodes[self.turn % len(nodes)])
        if url.scheme == "mysql":
            place: Any = {"host": url.hostname, "port": url.port, "user": url.username, "database": url.path[1:]}
            limits: Any = {"connect_timeout": SILENCE, "read_timeout": SILENCE}
            self.connection = pymysql.connect(**place, **limits, init_command="SET SESSION wsrep_sync_wait = 1")
            self.store = MysqlStore(self.connection)
        else:
            self.connection = psycopg.connect(url.geturl(), connect_timeout=SILENCE)
            self.store = PostgresStore(self.connection)

    def leave(self) -> None:
        if self.connection is not None:
            with suppress(*FAULTS):
                self.connection.close()
        self.store = None

    def write(self, connection: Any, redemptions: list[Any]) -> None:
        cursor = connection.cursor()
        for record in redemptions:
            cursor.execute("DELETE FROM tickets WHERE order_id = %s", [record["id"]])
            for position, ticket in enumerate(record["tickets"]):
                if not ticket.get("released"):
                    cursor.execute("INSERT INTO tickets VALUES (%s, %s, %s)", [record["id"], position, record["state"]])

    def until_answered(self, call: Callable[[], Any]) -> tuple[Any, bool]:
        """The answer of the call, on the first node that gives one, and whether the call was repeated."""
        end, again = time.monotonic() + self.task["patience"] / 1000, False
        while True:
            try:
                if self.store is None:
                    self.connect()
                return call(), again
            except host.Busy:
                tell(fault="busy")
            except FAULTS as error:
                tell(fault=code_of(error))
                self.leave()
                self.turn += 1
                if time.monotonic() > end:
                    raise
            again = True
            time.sleep(self.random.uniform(0.002, 0.022))

    def serve(self, order: dict[str, Any]) -> None:
        id, fate = order["id"], order["fate"]
        told = order["told"] or {}
        resumed = order.get("resumed", False)

        def ask(verb: Any, *values: Any) -> tuple[Any, bool]:
            answer, again = self.until_answered(lambda: verb(self.store, *values, write=self.write, now=self.now))
            return answer, again or resumed

        quantity, total = order["quantity"], told.get("total")
        while not told:
            lines = [{"unit_price": 1000, "quantity": quantity}]
            asked = {"id": id, "event_id": "gala", "currency": "EUR", "lines": lines}
            asked["identities"] = {"email": order["email"]}
            asked["hold_until_ms"] = self.now() + (20 if fate == "late" else self.task["hold"])
            decision, again = ask(
                host.redeem, {"codes": [order["code"]], "promos": self.task["promos"], "order": asked}
            )
            if decision["status"] == "accepted":
                if decision["replayed"] and again:
                    tell(seen="replay")
                total = decision["quote"]["total"]
                tell(id=id, state="held", quantity=quantity, total=total)
                break
            quantity = min(violation["remaining"] for violation in decision["violations"])
            if quantity <= 0:
                return tell(id=id, state="refused")
        if fate == "late":
            time.sleep(0.025)
            ask(host.sweep)
        if fate == "leave":
            return None
        if fate == "fail":
            answer, again = ask(host.release, id, "payment_failed")
            if answer["status"] == "already_released" and again:
                tell(seen="replay")
            return tell(id=id, state="failed")
        if told.get("state") != "paid":
            paid, again = ask(host.confirm, id, {"id": f"paid-{id}", "total": total, "currency": "EUR"})
            if paid["status"] == "already_confirmed" and again:
                tell(seen="replay")
            elif paid["status"] == "late_payment_conflict" or (paid["status"] == "already_returned" and again):
                return tell(id=id, state="refunded")
            elif paid["status"] != "confirmed":
                raise AssertionError(f"the payment of {id} was answered with {paid['status']}")
            tell(id=id, state="paid")
        if fate == "return":
            answer, again = ask(host.release, id, "buyer_released", [0])
            if answer["status"] == "already_released" and again:
                tell(seen="replay")
            tell(id=id, state="returned")
        return None


def code_of(error: BaseException) -> str:
    """The database's own code for the fault, "broken" for a connection that broke."""
    if isinstance(error, psycopg.Error) and error.sqlstate:
        return error.sqlstate
    number = error.args[0] if isinstance(error, pymysql.Error) and error.args else 0
    return "broken" if number in (0, 2003, 2006, 2013) or not isinstance(number, int) else str(number)


def work(task: dict[str, Any]) -> None:
    orders = list(task["orders"])
    buyers = [Buyer(task, number, orders) for number in range(task["atOnce"])]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    if any(buyer.failed for buyer in buyers):
        os._exit(1)
    tell(done=True)


tell(ready=True)
for line in parent.makefile():
    message = json.loads(line)
    if "orders" in message:
        work(message)
