"""The `events` extension over HTTP, as an organiser and as buyers use it."""

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from datetime import datetime, timezone
from typing import Any

import httpx
import lnurl
from books import Books
from ledger import Ledger
from server import STRIPE_SECRET, Outside, Server, Wallets


class Shop(Books):
    def __init__(self, servers: list[Server], wallets: Wallets, ledger: Ledger) -> None:
        super().__init__(wallets, ledger)
        self.clients = [httpx.Client(base_url=server.url, timeout=60) for server in servers]
        self.servers = servers
        Outside.invoices[str(id(self))] = self._invoice_of_a_buyer

    def event(
        self,
        *,
        price: float = 21,
        currency: str = "sat",
        codes: tuple[dict[str, Any], ...] = (),
        policy: dict[str, Any] | None = None,
        waves: tuple[dict[str, Any], ...] = (),
        extra: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        answer = self.create_event(
            {
                "wallet": self.wallets.organiser["id"],
                "name": "Gala",
                "price_per_ticket": price,
                "currency": currency,
                "extra": {
                    "promo_codes": list(codes),
                    "policy": policy or {},
                    "ticket_waves": list(waves),
                    **(extra or {}),
                },
                **more,
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

    def buy_in(self, language: str, event: str, **body: Any) -> httpx.Response:
        body = {"name": "Ann", "email": "ann@example.org", **body}
        path = f"/events/api/v1/tickets/{event}"
        return self.clients[0].post(path, json=body, headers={"Accept-Language": language})

    def preview(self, event: str, code: str | None = None) -> httpx.Response:
        body = {"ticket_wave_id": "primary", "promo_code": code}
        return self._request(self.clients[0], "POST", f"tickets/{event}/preview", body)

    def address(self, buyer: str) -> str:
        """Where this buyer takes refunds: an LNURL."""
        return str(lnurl.encode(f"{self.servers[0].outside}/lnurlp/{id(self)}/{buyer}").bech32)

    def _invoice_of_a_buyer(self, sats: int, buyer: str) -> str:
        """All buyers have one wallet here; the memo says who."""
        headers = {"X-Api-Key": self.wallets.payer["inkey"]}
        body = {"out": False, "amount": sats, "memo": f"refund {buyer}"}
        answer = httpx.post(f"{self.servers[0].url}/api/v1/payments", json=body, headers=headers, timeout=60)
        return str(answer.raise_for_status().json()["bolt11"])

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

    def try_to_pay(self, sale: dict[str, Any]) -> None:
        """Pays, unless LNbits lets nobody pay it: it is paid, or was said to have failed."""
        headers = {"X-Api-Key": self.wallets.payer["adminkey"]}
        body = {"out": True, "bolt11": sale["payment_request"]}
        answer = self.clients[-1].post("/api/v1/payments", json=body, headers=headers)
        assert answer.status_code in (201, 520), answer.text

    def settle(self) -> None:
        """Waits until LNbits has reported all earlier payments: each process reports them in order."""
        for client in self.clients:
            other = self.event(price=1)
            last = self.buy(other, "last@example.org").raise_for_status().json()
            headers = {"X-Api-Key": self.wallets.payer["adminkey"]}
            body = {"out": True, "bolt11": last["payment_request"]}
            assert client.post("/api/v1/payments", json=body, headers=headers).status_code == 201
            self.state(last, "paid")

    def ask_invoice(self, payee: str, sats: int, extra: dict[str, Any], **more: Any) -> httpx.Response:
        """An invoice that belongs to no ticket; everybody with the wallet's invoice key can make one."""
        headers = {"X-Api-Key": getattr(self.wallets, payee)["inkey"]}
        body = {"out": False, "amount": sats, "memo": "Gala", "extra": extra, **more}
        return self.clients[0].post("/api/v1/payments", json=body, headers=headers)

    def invoice(self, payee: str, sats: int, extra: dict[str, Any]) -> dict[str, Any]:
        payment = self.ask_invoice(payee, sats, extra).raise_for_status().json()
        return {"payment_hash": payment["payment_hash"], "payment_request": payment["bolt11"]}

    def state(self, sale: dict[str, Any], wanted: str) -> None:
        """Waits until the ticket is in this state: LNbits reports payments in the background.

        The state is the record's, and the ticket's row must say the same: `paid` or not. An earlier invoice of an order
        that has another ticket is `stale`.
        """
        deadline = time.monotonic() + 30
        while (found := self._state(sale["payment_hash"])) != wanted:
            assert time.monotonic() < deadline, f"{sale['payment_hash']} is {found}, not {wanted}"
            time.sleep(0.05)

    def refunds(self, event: str, wanted: list[str]) -> None:
        """Waits until exactly these payments are to be given back."""
        deadline = time.monotonic() + 30
        while (found := self.refunded(event)) != sorted(wanted):
            assert time.monotonic() < deadline, f"{found}, not {sorted(wanted)}"
            time.sleep(0.05)

    def refunded(self, event: str) -> list[str]:
        return sorted(
            refund["ticket_id"] for refund in self.organiser("GET", f"events/{event}/refunds").raise_for_status().json()
        )

    def pay_charge(self, sale: dict[str, Any], *, told: bool = True) -> None:
        """Pays an on-chain charge at its server, which calls the webhook."""
        Outside.charges[sale["satspay_charge_url"].rpartition("/")[2]]["paid"] = True
        if told:
            self.call_webhook(sale)

    def was_sent(self, event: str, wanted: list[tuple[str, str]]) -> None:
        """Waits until exactly this was sent: a ticket is paid a moment before its buyer is told."""
        deadline = time.monotonic() + 30
        while (found := self.sent(event)) != sorted(wanted):
            assert time.monotonic() < deadline, f"{found}, not {sorted(wanted)}"
            time.sleep(0.05)

    def call_webhook(self, sale: dict[str, Any]) -> None:
        path = httpx.URL(Outside.charges[sale["satspay_charge_url"].rpartition("/")[2]]["webhook"]).path
        self.clients[-1].post(path).raise_for_status()

    def pay_fiat(self, sale: dict[str, Any]) -> None:
        """Pays at Stripe, which calls LNbits."""
        [session] = [
            charge
            for charge in Outside.charges.values()
            if charge.get("metadata", {}).get("payment_hash") == sale["payment_hash"]
        ]
        session["payment_status"] = "paid"
        metadata = {"payment_hash": sale["payment_hash"], "alan_action": "invoice"}
        event = {"id": "evt", "type": "checkout.session.completed", "data": {"object": {"metadata": metadata}}}
        body, now = json.dumps(event), int(time.time())
        signature = hmac.new(STRIPE_SECRET.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={now},v1={signature}", "Content-Type": "application/json"}
        self.clients[-1].post("/api/v1/callback/stripe", content=body, headers=headers).raise_for_status()

    def sweep(self, event: str) -> None:
        self._request(self.clients[0], "GET", f"events/{event}").raise_for_status()

    def _request(
        self, client: httpx.Client, method: str, path: str, body: Any = None, key: str | None = None
    ) -> httpx.Response:
        return client.request(method, f"/events/api/v1/{path}", json=body, headers={"X-Api-Key": key} if key else {})
