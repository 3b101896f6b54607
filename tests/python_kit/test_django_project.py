"""A new Django project with the files of docs/stacks/django.md, on each database."""

import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import django_host
import mariadb
import psycopg
import pytest

FILES = Path(__file__).parent / "django_shop"
TOKEN = "t" * 32  # Django compares the cookie with the header


@pytest.fixture(scope="module", params=["sqlite", "postgres", "mysql"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project's folder, after `migrate` on an empty database."""
    folder = tmp_path_factory.mktemp(request.param)
    subprocess.run([sys.executable, "-m", "django", "startproject", "shop", "."], cwd=folder, check=True)
    settings = folder / "shop/settings.py"
    settings.write_text(settings.read_text() + (FILES / "settings.py").read_text())
    for name in ("models.py", "sales.py", "customers.py", "views.py", "urls.py", "tests.py"):
        shutil.copy(FILES / name, folder / "shop")
    with settings.open("a") as file:
        file.write("import os\n\nDATABASES['default']['ATOMIC_REQUESTS'] = 'ATOMIC' in os.environ\n")
    name = f"django_{uuid.uuid4().hex}"
    with ExitStack() as stack:
        if request.param != "sqlite":
            session = request.getfixturevalue({"postgres": "database", "mysql": "mysql_database"}[request.param])
            server: Any = stack.enter_context(
                psycopg.connect(session, autocommit=True)
                if request.param == "postgres"
                else closing(mariadb.connect(session))
            )
            server.cursor().execute(f"CREATE DATABASE {name}")
            stack.callback(lambda: server.cursor().execute(f"DROP DATABASE {name}"))
            place = django_host.described(session.rpartition("/")[0] + f"/{name}")
            with settings.open("a") as file:
                file.write(f"DATABASES['default'] |= {place!r}\n")
            (folder / "shop/__init__.py").write_text("import pymysql\n\npymysql.install_as_MySQLdb()\n")
        manage(folder, "makemigrations shop", "migrate")
        yield folder


def manage(project: Path, *commands: str) -> str:
    """What these commands print. They run in one process, which takes less time."""
    run = f"for command in {commands!r}: execute_from_command_line(['manage.py', *command.split(maxsplit=3)])"
    script = f"from django.core.management import execute_from_command_line\n{run}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=project,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def servers(project: Path) -> Iterator[list[int]]:
    """The ports of three servers, each with a thread for every request; one is in ATOMIC_REQUESTS."""
    with ExitStack() as stack:
        started = []
        for more in ({}, {}, {"ATOMIC": "1"}):
            command = [sys.executable, "-u", "manage.py", "runserver", "--noreload", "--skip-checks", "127.0.0.1:0"]
            server = stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=project,
                    env={**os.environ, **more},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    text=True,
                )
            )
            stack.callback(server.kill)
            started.append(server.stdout)
        yield [int(re.search(r"http://127\.0\.0\.1:(\d+)/", "".join(iter_until_port(out)))[1]) for out in started]


def iter_until_port(lines: Any) -> Iterator[str]:
    for line in lines:
        yield line
        if "http://" in line:
            return


def buy(port: int, id: str, max_total: int = 2250) -> tuple[int, Any]:
    """Buys a ticket; tries again as long as the server answers that it is busy."""
    form = {"kind": "regular", "quantity": 1, "codes": ["summer"], "email": "ann@example.org", "max_total": max_total}
    headers = {"Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
    while True:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("POST", f"/orders/{id}", json.dumps(form), headers)
            response = connection.getresponse()
            answer = json.loads(response.read())
            if response.status != 503:
                return response.status, answer


def test_a_new_project(project: Path) -> None:
    told = manage(project, "makemigrations --check", "sqlmigrate redeemable 0001", "test --noinput")
    assert "No changes detected" in told
    assert "CREATE TABLE" in told
    assert "Ran 2 tests" in told


def test_three_servers_sell_what_there_is_and_no_more(project: Path, servers: list[int]) -> None:
    half = {"code": "SUMMER", "discount_percent": 50, "max_uses": 60}
    manage(project, f"shell -v0 -c from shop.models import Promo; Promo.objects.create(code='SUMMER', document={half})")
    # 90 orders of a ticket, each sent twice, to two servers at the same time; 60 uses.
    ids = [str(uuid.uuid4()) for _ in range(90)]
    status, dearer = buy(servers[0], ids[0], 2249)
    assert (status, list(dearer["reasons"].values()), dearer["new_total"]) == (409, ["price_changed"], 2250)
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: buy(servers[n % 3], ids[n // 2]), range(180)))
    assert Counter((status, answer["status"]) for status, answer in answers) == {
        (200, "accepted"): 120,
        (409, "rejected"): 60,
    }
    sold = {ids[n // 2] for n, (_, answer) in enumerate(answers) if answer["status"] == "accepted"}
    assert len(sold) == 60, "each order has one answer"
    assert {answer["quote"]["total"] for _, answer in answers if answer["status"] == "accepted"} == {2250}
    look = "from shop.models import Ticket; print(*Ticket.objects.values_list('order_id', 'seat', 'state'), sep=';')"
    tickets, audit = manage(project, f"shell -v0 -c {look}", "redeemable_audit --json").splitlines()
    assert sorted(tickets.split(";")) == sorted(f"('{id}', 0, 'held')" for id in sold)
    assert audit == "[]"
