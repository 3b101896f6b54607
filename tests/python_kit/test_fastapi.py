"""The FastAPI example: called directly, and as two processes with many buyers at once."""

import asyncio
import importlib.util
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.testclient import TestClient

EXAMPLE = Path(__file__).parents[2] / "examples" / "fastapi"
SECRET = "a secret of the payment system"


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("DATA", str(tmp_path / "shop.sqlite"))
    monkeypatch.setenv("PAYMENTS_SECRET", SECRET)
    spec = importlib.util.spec_from_file_location("fastapi_example", EXAMPLE / "main.py")
    main = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(main)
    return main


@pytest.fixture
def shop(main: ModuleType) -> TestClient:
    return TestClient(main.app, raise_server_exceptions=False)


def basket(quantity: int, *codes: str, email: str = "ann@example.org") -> dict:
    return {"lines": {"regular": quantity}, "codes": list(codes), "email": email}


def sale(total: int, quantity: int, *codes: str, email: str = "ann@example.org") -> dict:
    return {**basket(quantity, *codes, email=email), "max_total": total}


def tickets(file: Path) -> list[tuple]:
    with sqlite3.connect(file) as connection:
        return connection.execute("SELECT order_id, state, count(*) FROM tickets GROUP BY 1, 2 ORDER BY 1").fetchall()


def order(number: int) -> str:
    return str(UUID(int=number, version=4))


def pay(shop: TestClient, id: str, total: int, currency: str = "EUR", secret: str = SECRET) -> httpx.Response:
    return shop.post(f"/payments/{id}", json={"total": total, "currency": currency}, headers={"secret": secret})


def refunds(file: Path) -> dict[str, tuple[int, str]]:
    with sqlite3.connect(file) as connection:
        return {
            id: (amount, currency)
            for id, amount, currency in connection.execute("SELECT id, amount, currency FROM refunds")
        }


def test_an_order_from_preview_to_release(shop: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "shop.sqlite"
    assert shop.post("/preview", json=basket(2, "early20")).json()["quote"]["total"] == 7200
    assert tickets(file) == []
    a, b = order(1), order(2)
    changed = shop.put(f"/orders/{a}", json=sale(7199, 2, "early20"))
    assert (changed.status_code, list(changed.json()["reasons"].values())) == (409, ["price_changed"])
    assert changed.json()["new_total"] == 7200
    assert tickets(file) == []
    assert shop.put(f"/orders/{a}", json=basket(2, "early20")).status_code == 422, "the buyer has agreed to nothing"
    bought = shop.put(f"/orders/{a}", json=sale(7200, 2, "early20"))
    assert (bought.status_code, bought.json()["status"], bought.json()["quote"]["total"]) == (200, "accepted", 7200)
    assert shop.put(f"/orders/{a}", json=sale(7200, 2, "early20")).json() == bought.json()
    assert tickets(file) == [(a, "held", 2)]
    stale, first, second = (shop.post(f"/orders/{a}/payments").json()["payment_id"] for _ in range(3))
    for _ in range(2):  # the provider reports each payment twice
        assert pay(shop, stale, 9000).json() == {"money": "returned"}
    for _ in range(2):
        assert pay(shop, first, 7200).json() == {"money": "kept"}
    for _ in range(2):
        assert pay(shop, second, 7200).json() == {"money": "returned"}
    assert tickets(file) == [(a, "confirmed", 2)]
    for status in ("released", "already_released"):
        assert shop.put(f"/orders/{a}/releases/{order(7)}").json() == {"status": status, "refundable": 7200}
    assert tickets(file) == []
    assert pay(shop, first, 7200).json() == {"money": "kept"}, "what is owed for it was said by the release"
    assert refunds(file) == {f"{a} {order(7)}": (7200, "EUR"), second: (7200, "EUR"), stale: (9000, "EUR")}
    assert shop.put(f"/orders/{b}/releases/{order(7)}").status_code == 404
    for nothing_to_pay in (a, b):
        assert shop.post(f"/orders/{nothing_to_pay}/payments").status_code == 409


def test_a_payment_that_met_no_order_buys_none_that_is_made_later(shop: TestClient, tmp_path: Path) -> None:
    """As after a restore that lost the order: its money went back, and the provider reports the payment again."""
    file = tmp_path / "shop.sqlite"
    shop.put(f"/orders/{order(1)}", json=sale(4500, 1))
    payment = shop.post(f"/orders/{order(1)}/payments").json()["payment_id"]
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM redeemable_redemptions")
    assert pay(shop, payment, 4500).json() == {"money": "returned"}
    assert shop.put(f"/orders/{order(1)}", json=sale(4500, 1)).status_code == 200
    assert pay(shop, payment, 4500).json() == {"money": "returned"}
    assert (tickets(file), refunds(file)) == ([(order(1), "held", 1)], {payment: (4500, "EUR")})


def test_a_lapsed_order_is_bought_again_at_the_price_of_the_day(
    shop: TestClient, main: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.put(f"/orders/{order(1)}", json=sale(3600, 1, "EARLY20"))
    assert shop.post(f"/orders/{order(1)}/payments").status_code == 200
    later = time.time_ns() + 17 * 60 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    monkeypatch.setitem(main.PRICES, "regular", 9000)
    assert shop.post(f"/orders/{order(1)}/payments").status_code == 409, "held, but its time is over"
    for store in main.open_store():
        assert main.host.sweep(store, write=main.issue_tickets) == 1
    assert shop.post(f"/orders/{order(1)}/payments").status_code == 409, "released"
    assert shop.put(f"/orders/{order(1)}", json=sale(7200, 1, "EARLY20")).json()["quote"]["total"] == 7200
    assert shop.post(f"/orders/{order(1)}/payments").status_code == 200


def test_refunds_are_stored_with_the_record(
    shop: TestClient, main: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends right after each commit, and nobody repeats the call."""
    shop.put(f"/orders/{order(1)}", json=sale(4500, 1))
    kept, stale = (shop.post(f"/orders/{order(1)}/payments").json()["payment_id"] for _ in range(2))
    assert pay(shop, kept, 4500).json() == {"money": "kept"}

    def cut_after(call: Any) -> Any:
        def cut(*arguments: object, **options: object) -> None:
            call(*arguments, **options)
            raise RuntimeError("the process ends here")

        return cut

    for name in ("confirm", "release"):
        monkeypatch.setattr(main.host, name, cut_after(getattr(main.host, name)))
    assert pay(shop, stale, 5000, "JPY").status_code == 500
    assert shop.put(f"/orders/{order(1)}/releases/{order(7)}").status_code == 500
    assert refunds(tmp_path / "shop.sqlite") == {stale: (5000, "JPY"), f"{order(1)} {order(7)}": (4500, "EUR")}


def test_only_the_provider_can_report_payments_and_order_ids_are_not_payment_ids(shop: TestClient) -> None:
    assert shop.put("/orders/order-1", json=sale(4500, 1)).status_code == 422
    assert shop.put(f"/orders/{order(1)}", json=sale(4500, 1)).status_code == 200
    payment = shop.post(f"/orders/{order(1)}/payments").json()["payment_id"]
    assert shop.post(f"/payments/{payment}", json={"total": 4500, "currency": "EUR"}).status_code == 422
    assert pay(shop, payment, 4500, secret="guessed").status_code == 403
    assert pay(shop, order(1), 4500).status_code == 404, "an order is no payment"
    assert pay(shop, payment, 4500, "JPY").json() == {"money": "returned"}


def test_an_order_that_was_given_back_unpaid_may_be_bought_paid_and_given_back(
    shop: TestClient, tmp_path: Path
) -> None:
    """Each release has an id of its own, so a release of the paid order does not get the answer for the unpaid hold."""
    a = order(1)
    assert shop.put(f"/orders/{a}", json=sale(4500, 1)).status_code == 200
    assert shop.put(f"/orders/{a}/releases/{order(7)}").json() == {"status": "released", "refundable": 0}
    assert shop.put(f"/orders/{a}", json=sale(4500, 1)).status_code == 200
    payment = shop.post(f"/orders/{a}/payments").json()["payment_id"]
    assert pay(shop, payment, 4500).json() == {"money": "kept"}
    assert shop.put(f"/orders/{a}/releases/{order(7)}").json() == {"status": "already_released", "refundable": 0}
    assert shop.put(f"/orders/{a}/releases/{order(8)}").json() == {"status": "released", "refundable": 4500}
    assert refunds(tmp_path / "shop.sqlite") == {f"{a} {order(8)}": (4500, "EUR")}


def test_a_late_payment_goes_back_if_its_seats_are_sold(
    main: ModuleType, shop: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "SEATS", 2)
    a, b = order(1), order(2)
    assert shop.put(f"/orders/{a}", json=sale(9000, 2)).status_code == 200
    payment = shop.post(f"/orders/{a}/payments").json()
    assert (payment["total"], payment["currency"]) == (9000, "EUR")
    full = shop.put(f"/orders/{b}", json=sale(4500, 1))
    assert (full.status_code, full.json()) == (409, {"detail": "no seats are left for this order"})
    later = time.time_ns() + 18 * 60 * 1_000_000_000
    monkeypatch.setattr("time.time_ns", lambda: later)
    monkeypatch.setattr("time.time", lambda: later / 1_000_000_000)
    main.sweep()
    assert shop.put(f"/orders/{b}", json=sale(4500, 1)).status_code == 200
    for _ in range(2):
        assert pay(shop, payment["payment_id"], 9000).json() == {"money": "returned"}
    assert tickets(tmp_path / "shop.sqlite") == [(b, "held", 1)]
    assert refunds(tmp_path / "shop.sqlite") == {payment["payment_id"]: (9000, "EUR")}


def test_nobody_tries_codes_by_the_thousand(shop: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A preview with two codes counts as three tries, so the twenty-first preview is one too many."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    answers = [shop.post("/preview", json=basket(1, "A", "B")).status_code for _ in range(21)]
    assert answers == [409] * 20 + [429]


def test_an_order_that_nobody_pays_is_swept(
    main: ModuleType, shop: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "shop.sqlite"
    a = order(1)
    assert shop.put(f"/orders/{a}", json=sale(7200, 2, "EARLY20")).status_code == 200
    main.sweep()
    assert tickets(file) == [(a, "held", 2)], "not yet"
    later = time.time_ns() + 18 * 60 * 1_000_000_000
    monkeypatch.setattr("time.time_ns", lambda: later)
    monkeypatch.setattr("time.time", lambda: later / 1_000_000_000)
    main.sweep()
    assert tickets(file) == []
    with sqlite3.connect(file) as connection:
        assert connection.execute(
            "SELECT used FROM redeemable_counters WHERE key = 'code/event:gala:EARLY20/uses'"
        ).fetchone() == (0,)


def test_the_sweep_runs_beside_the_shop(main: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep goes on after a fault."""
    swept = threading.Semaphore(0)

    def failing() -> None:
        swept.release()
        raise RuntimeError("the disk is full")

    async def at_once(_: float) -> None:
        await pause(0)

    pause = asyncio.sleep
    monkeypatch.setattr(main, "sweep", failing)
    monkeypatch.setattr(main.asyncio, "sleep", at_once)
    with TestClient(main.app):
        for _ in range(3):
            assert swept.acquire(timeout=30)


def test_the_order_of_reasons_tells_nothing(shop: TestClient) -> None:
    """The reasons are sorted by code, so their order does not tell which of two codes exists."""
    for codes in (("NOBODY", "ANYONE"), ("ANYONE", "NOBODY"), ("EARLY20", "ANYONE"), ("ANYONE", "EARLY20")):
        reasons = shop.post("/preview", json=basket(1, *codes)).json()["reasons"]
        assert list(reasons) == sorted(codes)


def test_a_refusal_says_what_a_buyer_may_know(shop: TestClient) -> None:
    free = shop.put(f"/orders/{order(3)}", json=sale(0, 1, "CREW"))
    assert (free.status_code, free.json()["quote"]["payment"]) == (200, "none")
    again = shop.put(f"/orders/{order(4)}", json=sale(0, 1, "CREW", email="Ann+2@example.org"))
    assert (again.status_code, again.json()["reasons"]) == (409, {"CREW": "used_up"})
    assert shop.put(f"/orders/{order(5)}", json=sale(4500, 1, "NOPE")).json()["reasons"] == {"NOPE": "not_accepted"}
    wrong = shop.put(f"/orders/{order(6)}", json=sale(0, 0))
    assert (wrong.status_code, wrong.json()["detail"]) == (
        422,
        "order.lines[0].quantity: expected an integer from 1 to 1000, found 0",
    )


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[str]]:
    """The addresses of two processes on one file."""
    started = []
    environment = {
        **os.environ,
        "DATA": str(tmp_path / "shop.sqlite"),
        "PAYMENTS_SECRET": SECRET,
        "CODES_PER_MINUTE": "1000",
    }
    for _ in range(2):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port), "--log-level", "warning"]
        started.append((subprocess.Popen(command, cwd=EXAMPLE, env=environment), f"http://127.0.0.1:{port}"))
    try:
        for process, address in started:
            for _ in range(600):
                assert process.poll() is None, "a server ended"
                try:
                    httpx.get(f"{address}/openapi.json")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
        yield [address for _, address in started]
    finally:
        for process, _ in started:
            process.kill()
            process.wait()


def test_many_buyers_at_once(servers: list[str], tmp_path: Path) -> None:
    """EARLY20 is for 20 tickets, each buyer wants one or two, and each order is sent to both servers.

    The buyers who want one ticket take the last one.
    """
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(12) as pool:

        def buy(number: int) -> tuple[int, int]:
            answer = client.put(
                f"{servers[number % 2]}/orders/{order(number // 2)}",
                json=sale(3600 * (1 + number // 2 % 2), 1 + number // 2 % 2, "EARLY20"),
            )
            return number // 2, answer.status_code

        answers = Counter(pool.map(buy, range(80)))
    assert {status for _, status in answers} == {200, 409}
    sold = [order for order, status in answers if status == 200]
    assert sum(1 + order % 2 for order in sold) == 20
    assert sum(count for _, state, count in tickets(tmp_path / "shop.sqlite") if state == "held") == 20
    with sqlite3.connect(tmp_path / "shop.sqlite") as connection:
        assert connection.execute(
            "SELECT used FROM redeemable_counters WHERE key = 'code/event:gala:EARLY20/uses'"
        ).fetchone() == (20,)
