"""The `events` extension over HTTP, as an organiser and as buyers use it."""

import asyncio
import itertools
import json
import time
from datetime import datetime, timezone
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

    def event(
        self,
        *,
        price: float = 21,
        currency: str = "sat",
        codes: tuple[dict[str, Any], ...] = (),
        policy: dict[str, Any] | None = None,
    ) -> str:
        answer = self.create_event(
            {
                "wallet": self.wallets.organiser["id"],
                "name": "Gala",
                "price_per_ticket": price,
                "currency": currency,
                "extra": {"promo_codes": list(codes), "policy": policy or {}},
            }
        )
        return str(answer.raise_for_status().json()["id"])

    def change_event(self, event: str, **changes: Any) -> None:
        body = {"wallet": self.wallets.organiser["id"], "name": "Gala", **changes}
        self.organiser("PUT", f"events/{event}", body).raise_for_status()

    def create_event(self, body: dict[str, Any]) -> httpx.Response:
        return self.organiser("POST", "events", body)

    def organiser(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self._request(self.clients[0], method, path, body, self.wallets.organiser["adminkey"])

    def buy(self, event: str, email: str = "ann@example.org", code: str | None = None, **more: Any) -> httpx.Response:
        return self._request(
            self.clients[0], "POST", f"tickets/{event}", {"name": "Ann", "email": email, "promo_code": code, **more}
        )

    def preview(self, event: str, email: str = "ann@example.org", code: str | None = None) -> httpx.Response:
        return self._request(
            self.clients[0], "POST", f"tickets/{event}/preview", {"name": "Ann", "email": email, "promo_code": code}
        )

    def stampede(self, event: str, buyers: list[dict[str, Any]]) -> list[httpx.Response]:
        """Makes all calls at once, spread over the LNbits processes in turn."""

        async def run() -> list[httpx.Response]:
            limits = httpx.Limits(max_connections=None)
            async with httpx.AsyncClient(timeout=120, limits=limits) as client:
                servers = itertools.cycle(self.servers)
                return await asyncio.gather(
                    *(
                        client.post(f"{next(servers).url}/events/api/v1/tickets/{event}", json={"name": "Ann", **buyer})
                        for buyer in buyers
                    )
                )

        return asyncio.run(run())

    def sats(self, sale: dict[str, Any]) -> int:
        """The amount of the invoice."""
        return int(self._details(sale)["amount"]) // 1000

    def expires_at_ms(self, sale: dict[str, Any]) -> int:
        """The time when the invoice expires."""
        end = datetime.fromisoformat(self._details(sale)["expiry"])
        return int((end if end.tzinfo else end.replace(tzinfo=timezone.utc)).timestamp() * 1000)

    def _details(self, sale: dict[str, Any]) -> dict[str, Any]:
        headers = {"X-Api-Key": self.wallets.organiser["adminkey"]}
        answer = self.clients[0].get(f"/api/v1/payments/{sale['payment_hash']}", headers=headers)
        return dict(answer.raise_for_status().json()["details"])

    def ticket(self, id: str) -> dict[str, Any]:
        return dict(self._request(self.clients[-1], "GET", f"tickets/{id}").raise_for_status().json())

    def pay(self, sale: dict[str, Any], payer: str = "payer", extra: dict[str, Any] | None = None) -> None:
        """Pays from another wallet of the same LNbits; of several processes, another one than the one that sold."""
        headers = {"X-Api-Key": getattr(self.wallets, payer)["adminkey"]}
        body = {"out": True, "bolt11": sale["payment_request"], "extra": extra or {}}
        answer = self.clients[-1].post("/api/v1/payments", json=body, headers=headers)
        assert answer.status_code == 201, answer.text

    def ask_invoice(self, payee: str, sats: int, extra: dict[str, Any], **more: Any) -> httpx.Response:
        """An invoice that belongs to no ticket; everybody with the wallet's invoice key can make one."""
        headers = {"X-Api-Key": getattr(self.wallets, payee)["inkey"]}
        body = {"out": False, "amount": sats, "memo": "Gala", "extra": extra, **more}
        return self.clients[0].post("/api/v1/payments", json=body, headers=headers)

    def invoice(self, payee: str, sats: int, extra: dict[str, Any]) -> dict[str, Any]:
        payment = self.ask_invoice(payee, sats, extra).raise_for_status().json()
        return {"payment_hash": payment["payment_hash"], "payment_request": payment["bolt11"]}

    def tell(self, sale: dict[str, Any], extra: dict[str, Any]) -> None:
        """Changes the notes in a payment, as the wallet's owner can."""
        self._rewrite_payment(sale, "extra", json.dumps(extra))

    def move(self, sale: dict[str, Any], payee: str) -> None:
        """Gives the invoice to another wallet."""
        self._rewrite_payment(sale, "wallet_id", getattr(self.wallets, payee)["id"])

    def lapse(self, sale: dict[str, Any]) -> None:
        """Makes the order's hold lapse; a payment may still be under way."""
        self.ledger.rewrite(sale["ticket_id"], expires_at_ms=int(time.time() * 1000) - 1)

    def expire(self, sale: dict[str, Any]) -> None:
        """Makes the invoice expire, as LNbits does when it looks through invoices that wait."""
        self._rewrite_payment(sale, "status", "failed")

    def miss(self, sale: dict[str, Any]) -> None:
        """Pays as if LNbits had stopped before it reported the payment: LNbits knows of it, its listeners do not."""
        self._rewrite_payment(sale, "status", "success")

    def _rewrite_payment(self, sale: dict[str, Any], column: str, value: str) -> None:
        which = f"payment_hash = '{sale['payment_hash']}'"
        self.ledger.write_core(f"UPDATE apipayments SET {column} = '{value}' WHERE {which}")

    def state(self, id: str, wanted: str) -> None:
        """Waits until the ticket's row is in this state: LNbits reports payments in the background."""
        deadline = time.monotonic() + 30
        mark = self.ledger.placeholder
        while True:
            [(paid, released)] = self.ledger.rows(
                f"SELECT paid, released FROM {self.ledger.schema}ticket WHERE id = {mark}", id
            )
            found = "released" if released else "paid" if paid else "held"
            if found == wanted:
                return
            assert time.monotonic() < deadline, f"{id} is {found}, not {wanted}"
            time.sleep(0.05)

    def refunds(self, event: str, wanted: list[str]) -> None:
        """Waits until exactly these payments are to be given back."""
        deadline = time.monotonic() + 30
        while (found := self.refunded(event)) != sorted(wanted):
            assert time.monotonic() < deadline, f"{found}, not {sorted(wanted)}"
            time.sleep(0.05)

    def refunded(self, event: str) -> list[str]:
        return sorted(
            refund["payment_hash"]
            for refund in self.organiser("GET", f"events/{event}/refunds").raise_for_status().json()
        )

    def sweep(self, event: str) -> None:
        self._request(self.clients[0], "GET", f"events/{event}").raise_for_status()

    def _request(
        self, client: httpx.Client, method: str, path: str, body: Any = None, key: str | None = None
    ) -> httpx.Response:
        return client.request(method, f"/events/api/v1/{path}", json=body, headers={"X-Api-Key": key} if key else {})
