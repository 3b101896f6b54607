"""The `events` extension over HTTP, as an organiser and as buyers use it."""

import asyncio
import itertools
import time
from typing import Any

import httpx
from ledger import Ledger
from server import Server, Wallets


class Shop:
    def __init__(self, servers: list[Server], wallets: Wallets, ledger: Ledger) -> None:
        self.wallets = wallets
        self.ledger = ledger
        self.clients = [httpx.Client(base_url=server.url, timeout=60) for server in servers]
        self.servers = servers

    def event(self, *, price: float = 21, currency: str = "sat", codes: tuple[dict[str, Any], ...] = (), policy: dict[str, Any] | None = None, hold_seconds: int | None = None) -> str:
        answer = self.create_event({
            "wallet": self.wallets.organiser["id"], "name": "Gala", "price_per_ticket": price, "currency": currency, "hold_seconds": hold_seconds,
            "extra": {"promo_codes": list(codes), "policy": policy or {}},
        })
        return str(answer.raise_for_status().json()["id"])

    def create_event(self, body: dict[str, Any]) -> httpx.Response:
        return self.organiser("POST", "events", body)

    def organiser(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self._request(self.clients[0], method, path, body, self.wallets.organiser["adminkey"])

    def buy(self, event: str, email: str = "ann@example.org", code: str | None = None, **more: Any) -> httpx.Response:
        return self._request(self.clients[0], "POST", f"tickets/{event}", {"name": "Ann", "email": email, "promo_code": code, **more})

    def preview(self, event: str, email: str = "ann@example.org", code: str | None = None) -> httpx.Response:
        return self._request(self.clients[0], "POST", f"tickets/{event}/preview", {"name": "Ann", "email": email, "promo_code": code})

    def stampede(self, event: str, buyers: list[dict[str, Any]]) -> list[httpx.Response]:
        """All at once, in turn on each LNbits process."""

        async def run() -> list[httpx.Response]:
            limits = httpx.Limits(max_connections=None)
            async with httpx.AsyncClient(timeout=120, limits=limits) as client:
                servers = itertools.cycle(self.servers)
                return await asyncio.gather(*(
                    client.post(f"{next(servers).url}/events/api/v1/tickets/{event}", json={"name": "Ann", **buyer}) for buyer in buyers
                ))

        return asyncio.run(run())

    def sats(self, sale: dict[str, Any]) -> int:
        """What the invoice asks for."""
        return int(self.clients[0].get(f"/api/v1/payments/{sale['payment_hash']}", headers={"X-Api-Key": self.wallets.organiser["adminkey"]}).json()["details"]["amount"]) // 1000

    def ticket(self, id: str) -> dict[str, Any]:
        return dict(self._request(self.clients[-1], "GET", f"tickets/{id}").raise_for_status().json())

    def pay(self, sale: dict[str, Any]) -> None:
        """From another wallet of the same LNbits, and with several processes in another one than sold."""
        headers = {"X-Api-Key": self.wallets.payer["adminkey"]}
        answer = self.clients[-1].post("/api/v1/payments", json={"out": True, "bolt11": sale["payment_request"]}, headers=headers)
        assert answer.status_code == 201, answer.text

    def state(self, id: str, wanted: str) -> None:
        """Waits until the row in the extension's own table says so: LNbits reports payments in the background."""
        deadline = time.monotonic() + 30
        mark = self.ledger.placeholder
        while True:
            [(paid, released)] = self.ledger.rows(f"SELECT paid, released FROM {self.ledger.schema}ticket WHERE id = {mark}", id)
            found = "released" if released else "paid" if paid else "held"
            if found == wanted:
                return
            assert time.monotonic() < deadline, f"{id} is {found}, not {wanted}"
            time.sleep(0.05)

    def refunds(self, event: str, wanted: list[str]) -> None:
        """Waits until just these payments go back."""
        deadline = time.monotonic() + 30
        while (found := self.refunded(event)) != sorted(wanted):
            assert time.monotonic() < deadline, f"{found}, not {sorted(wanted)}"
            time.sleep(0.05)

    def refunded(self, event: str) -> list[str]:
        return sorted(refund["payment_hash"] for refund in self.organiser("GET", f"events/{event}/refunds").raise_for_status().json())

    def sweep(self, event: str) -> None:
        self._request(self.clients[0], "GET", f"events/{event}").raise_for_status()

    def _request(self, client: httpx.Client, method: str, path: str, body: Any = None, key: str | None = None) -> httpx.Response:
        return client.request(method, f"/events/api/v1/{path}", json=body, headers={"X-Api-Key": key} if key else {})
