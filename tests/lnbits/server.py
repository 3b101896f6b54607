"""Runs LNbits as its users do: a process on loopback, with our two extensions in its folders."""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import httpx

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# LNbits is found without importing it, because an import would make its data folder here.
LNBITS = Path(str(find_spec("lnbits").origin)).parent  # type: ignore[union-attr]
STRIPE_SECRET = "secret"
COMPONENT = ROOT / "component" / "dist" / "redeemable.component.wasm"


class Server:
    """One process of LNbits. Several may share a PostgreSQL database, and then also the keys in `settings`."""

    def __init__(self, folder: Path, outside: str, database_url: str | None = None) -> None:
        folder.mkdir()
        self.folder = folder
        self.outside = outside
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        data, extensions = folder / "data", folder / "extensions" / "extensions"
        self.database = data / "ext_events.sqlite3"
        shutil.copytree(HERE / "events", extensions / "events", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(HERE / "preview", data / "wasm_extensions" / "redeemable")
        shutil.copy(COMPONENT, data / "wasm_extensions" / "redeemable")
        (folder / "lnbits").symlink_to(LNBITS)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "pkg" / "python" / "src"),
            "PYTHONUNBUFFERED": "1",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LNBITS_DATA_FOLDER": str(data),
            "LNBITS_EXTENSIONS_PATH": str(folder / "extensions"),
            "LNBITS_EXTENSIONS_MANIFESTS": "[]",
            "LNBITS_WASM_EXTENSIONS_MANIFESTS": "[]",
            "LNBITS_BACKEND_WALLET_CLASS": "FakeWallet",
            "LNBITS_RATE_LIMIT_NO": "1000000",
            "LNBITS_PRICE_AGGREGATOR_ENABLED": "false",
            "LNBITS_EXCHANGE_RATE_PROVIDERS": json.dumps(
                [{"name": "here", "api_url": f"{outside}/{{TO}}", "path": "$.price"}]
            ),
            "AUTH_HTTPS_ONLY": "false",
            "STRIPE_ENABLED": "true",
            "STRIPE_API_ENDPOINT": outside,
            "STRIPE_API_SECRET_KEY": "key",
            "STRIPE_WEBHOOK_SIGNING_SECRET": STRIPE_SECRET,
            "SATSPAY_URL": outside,
            "LNBITS_LNURL_ALLOW_PRIVATE_IPS": "true",
        }
        if database_url:
            environment["LNBITS_DATABASE_URL"] = database_url
        self._seen = 0
        self._log = open(folder / "log", "wb")  # noqa: SIM115 (the process writes to it)
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "uvicorn",
                "lnbits.__main__:app",
                "--loop",
                "uvloop",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
            ],
            cwd=folder,
            env=environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                httpx.get(f"{self.url}/api/v1/health", timeout=5)
                return
            except httpx.TransportError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"LNbits did not start:\n{self.log()[-3000:]}")

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def faults(self) -> str:
        """The part of the log since the last call, from its first traceback on."""
        log = self.log()
        news, self._seen = log[self._seen :], len(log)
        start = news.find("Traceback")
        return news[start : start + 20_000] if start >= 0 else ""

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()


class Outside(BaseHTTPRequestHandler):
    """Stands in for the servers that LNbits asks.

    An exchange, where a bitcoin costs 50 000 in every currency; Stripe for fiat; SatsPay for on-chain charges; and the
    buyers' wallets for refunds, of which that of `nowhere` makes no invoice. What a buyer owes is paid there by
    `Shop.pay_charge` and `Shop.pay_fiat`.
    """

    charges: ClassVar[dict[str, dict[str, Any]]] = {}
    # What makes an invoice of so many sats for a buyer, by the shop.
    invoices: ClassVar[dict[str, Callable[[int, str], str]]] = {}

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path.startswith("/lnurlp/"):
            shop, buyer = path.removeprefix("/lnurlp/").split("/")
            amount = int(dict(parse_qsl(query)).get("amount", 0))
            if not amount:
                self._answer(
                    {
                        "tag": "payRequest",
                        "callback": f"http://{self.headers['Host']}{path}",
                        "minSendable": 1,
                        "maxSendable": 10**12,
                        "metadata": '[["text/plain", "refund"]]',
                    }
                )
            elif buyer == "nowhere":
                self._answer({"status": "ERROR", "reason": "nobody is there"})
            else:
                self._answer({"pr": self.invoices[shop](amount // 1000, buyer), "routes": []})
            return
        self._answer(self.charges.get(self.path.rpartition("/")[2], {"price": 50000}))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path.startswith("/satspay/"):
            charge = {"id": secrets.token_hex(8), "paid": False, **json.loads(body)}
        else:
            form = dict(parse_qsl(body))
            amount = int(form["line_items[0][price_data][unit_amount]"])
            names = ("payment_hash", "lnbits_amount", "lnbits_currency")
            charge = {
                "id": f"cs_{secrets.token_hex(8)}",
                "url": "https://example.org/checkout",
                "payment_status": "unpaid",
                "amount_total": amount,
                "currency": form["line_items[0][price_data][currency]"],
                "metadata": {name: form[f"metadata[{name}]"] for name in names},
            }
        self.charges[str(charge["id"])] = charge
        self._answer(charge)

    def _answer(self, answer: Any) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@dataclass
class Wallets:
    """The wallet of the user `organiser`, who logs in with a password, and one with money that pays for every buyer."""

    organiser: dict[str, Any]
    payer: dict[str, Any]
    password: str


def first_install(server: Server) -> Wallets:
    password = secrets.token_hex(16)
    with httpx.Client(base_url=server.url, timeout=60) as client:
        answer = client.put(
            "/api/v1/auth/first_install",
            json={"username": "organiser", "password": password, "password_repeat": password},
        )
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        made = [client.post("/api/v1/wallet", json={"name": name}) for name in ("organiser", "payer")]
        organiser, payer = (response.raise_for_status().json() for response in made)
        client.put("/api/v1/extension/events/enable").raise_for_status()
        # The organiser pays back what came on chain, too.
        for wallet in (organiser, payer):
            client.put("/users/api/v1/balance", json={"id": wallet["id"], "amount": 10_000_000}).raise_for_status()
    return Wallets(organiser, payer, password)
