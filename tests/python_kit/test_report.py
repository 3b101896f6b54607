"""`report` says what each code was used for, on each store, with the numbers of tests/kit/report.test.js."""

from typing import Any

import pytest
from conftest import Host
from redeemable import InvalidRequest
from redeemable.csv import report_csv
from support import AT

HOUR = 3_600_000
PROMOS: list[Any] = [
    {"code": "TEN", "discount_percent": 10, "combines": True, "priority": 1},
    {"code": "LESS", "discount": {"kind": "amount_per_ticket", "amount": 100}, "combines": True},
]
ANN = "email:ann@example.org"
NAMES = ("orders", "tickets", "uses", "list", "discount", "paid")


def sell(
    shop: Host,
    id: str,
    quantity: int,
    codes: tuple[str, ...] = ("ten",),
    event: str = "gala",
    email: str | None = None,
    hours: int = 0,
    paid: bool = False,
) -> None:
    """Sells tickets of 10.00."""
    order = {
        "id": id,
        "event_id": event,
        "currency": "EUR",
        "lines": [{"unit_price": 1000, "quantity": quantity}],
        "identities": {} if email is None else {"email": email},
        "hold_until_ms": AT + 99 * HOUR,
    }

    def now() -> int:
        return AT + hours * HOUR

    decision = shop.redeem({"codes": list(codes), "promos": PROMOS, "order": order}, now=now)
    assert decision["status"] == "accepted"
    if paid:
        shop.confirm(id, {"id": f"p-{id}", "total": decision["quote"]["total"], "currency": "EUR"}, now=now)


def figures(*numbers: int) -> dict[str, int]:
    return dict(zip(NAMES, numbers, strict=True))


def row(code: str | None, person: str | None = None, **states: dict[str, int]) -> dict[str, Any]:
    none = dict.fromkeys(("held", "confirmed", "released"), figures(0, 0, 0, 0, 0, 0))
    return {"code": code, "currency": "EUR", "person": person, **none, **states}


def test_orders_tickets_uses_and_money_by_code_archived_orders_too(shop: Host) -> None:
    assert shop.report() == {"rows": []}
    sell(shop, "held", 1)
    sell(shop, "paid", 3, paid=True, hours=1, email="ann@example.org")
    shop.release("paid", "refunded", [0], now=lambda: AT + HOUR)
    sell(shop, "both", 1, ("TEN", "LESS"), paid=True, hours=2, email="ann@example.org")
    sell(shop, "other", 2, (), "ball", paid=True, hours=3)
    # 10 % of 10.00 are 1.00. With both codes, 10.00 less 1.00 less 1.00 are 8.00.
    held, released = figures(1, 1, 1, 1000, 100, 900), figures(0, 1, 1, 1000, 100, 900)
    rows = [
        row(None, held=held, confirmed=figures(3, 5, 4, 5000, 400, 4600), released=released),
        row("LESS", confirmed=figures(1, 1, 1, 1000, 100, 800)),
        row("TEN", held=held, confirmed=figures(2, 3, 3, 3000, 300, 2600), released=released),
    ]
    assert shop.report() == {"rows": rows}
    assert shop.archive(event_id="gala") == 2
    assert shop.report() == {"rows": rows}
    ball = [row(None, confirmed=figures(1, 2, 0, 2000, 0, 2000))]
    assert shop.report(event_id="ball")["rows"] == ball
    assert shop.report(from_ms=AT + 3 * HOUR, to_ms=AT + 4 * HOUR)["rows"] == ball
    assert shop.report(from_ms=AT + 4 * HOUR)["rows"] == []
    assert shop.report(to_ms=AT + 1, code=" ten ")["rows"] == [row(None, held=held), row("TEN", held=held)]
    less = figures(1, 1, 2, 1000, 200, 800)
    assert shop.report(code="less")["rows"] == [row(None, confirmed=less), rows[1]]
    persons = shop.report(by_person=True)["rows"]
    places = [(one["code"], one["person"]) for one in persons]
    assert places == [(code, person) for code in (None, "LESS", "TEN") for person in (None, ANN)]
    of_ann = figures(2, 3, 4, 3000, 400, 2600)
    assert persons[1] == row(None, ANN, confirmed=of_ann, released=released)


def test_more_records_than_a_page_has_some_of_them_in_the_archive(shop: Host) -> None:
    def record(id: str) -> dict[str, Any]:
        return {
            "schema": 2,
            "id": id,
            "revision": 1,
            "state": "confirmed",
            "event_id": "gala",
            "currency": "EUR",
            "codes": ["TEN"],
            "identities": [],
            "tickets": [{"line": 0, "unit_price": 1000, "price": 900, "codes": ["TEN"], "off": [100]}],
            "applied": [{"code": "TEN", "tickets": 1, "uses": 1, "discount": 100, "partial": False}],
            "charges": [{"key": "code/event:gala:TEN/uses", "code": "TEN", "amount": 1, "tickets": [0], "each": 1}],
            "created_at_ms": AT,
            "confirmed_at_ms": AT,
        }

    def commit(ops: list[Any]) -> Any:
        done = shop.store.commit(ops, None)
        return shop.run(done) if shop.is_async else done

    ids = [f"o-{number}" for number in range(1100)]
    assert commit([{"op": "insert", "redemption": record(id)} for id in ids])
    assert commit([{"op": "archive", "id": id, "revision": 1} for id in ids[::3]])
    confirmed = figures(1100, 1100, 1100, 1_100_000, 110_000, 990_000)
    assert shop.report() == {"rows": [row(None, confirmed=confirmed), row("TEN", confirmed=confirmed)]}


def test_a_report_is_a_table_for_spreadsheets_too(open_host: Any) -> None:
    shop = open_host("sqlite3")
    sell(shop, "a", 2, email="=ann@example.org")
    names = [f"{state}_{name}" for state in ("held", "confirmed", "released") for name in NAMES]
    numbers = "1,2,2,2000,200,1800,0,0,0,0,0,0,0,0,0,0,0,0"
    assert report_csv(shop.report(by_person=True)) == "\r\n".join(
        [
            f"\ufeffcode,currency,person,{','.join(names)}",
            f",EUR,,{numbers}",
            f",EUR,email:=ann@example.org,{numbers}",
            f"TEN,EUR,,{numbers}",
            f"TEN,EUR,email:=ann@example.org,{numbers}",
            "",
        ]
    )
    assert report_csv(shop.report(), delimiter=";").split("\r\n")[1] == f";EUR;;{numbers.replace(',', ';')}"
    formula: Any = {"rows": [{**row("=1+1"), "person": 'a;"b'}]}
    assert '\r\n\'=1+1,EUR,"a;""b",0,' in report_csv(formula)
    with pytest.raises(InvalidRequest, match="expected a comma"):
        report_csv({"rows": []}, delimiter="|")


@pytest.mark.parametrize(
    "chosen", [{"event_id": 1}, {"code": 1}, {"from_ms": "2026"}, {"to_ms": 1.5}, {"by_person": 1}]
)
def test_what_is_chosen_is_read_strictly(open_host: Any, chosen: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest) as raised:
        open_host("sqlite3").report(**chosen)
    assert [raised.value.path] == list(chosen)
