"""Runs the FastAPI example with the wheel, started as its README says: buys, pays and gives tickets back."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from support import ROOT


@pytest.fixture
def shop(installed: Path, tmp_path: Path) -> Iterator[httpx.Client]:
    # Outside the repository, so that `redeemable` can only come from the wheel.
    folder = shutil.copytree(ROOT / "examples/fastapi", tmp_path / "shop")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"PYTHONPATH": str(installed), "DATA": str(tmp_path / "shop.sqlite"), "PAYMENTS_SECRET": "secret"}
    command = [sys.executable, "-m", "uvicorn", "main:app", "--port", str(port), "--log-level", "warning"]
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, **settings})
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(600):
                assert server.poll() is None, "the server ended"
                try:
                    client.get("/openapi.json")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield client
    finally:
        server.terminate()
        server.wait()


def test_the_example_sells_is_paid_and_takes_tickets_back(shop: httpx.Client) -> None:
    order = f"/orders/{uuid4()}"
    # 2 × 45.00 less 20 % is 72.00.
    sale = {"lines": {"regular": 2}, "codes": ["early20"], "email": "ann@example.org", "max_total": 7200}
    assert shop.put(order, json=sale).json()["quote"]["total"] == 7200
    asked = shop.post(f"{order}/payments").json()
    paid = shop.post(
        f"/payments/{asked['payment_id']}", json={"total": 7200, "currency": "EUR"}, headers={"secret": "secret"}
    )
    assert paid.json() == {"money": "kept"}
    back = f"{order}/releases/{uuid4()}"
    assert shop.put(back).json() == {"status": "released", "refundable": 7200}
    assert shop.put(back).json() == {"status": "already_released", "refundable": 7200}
