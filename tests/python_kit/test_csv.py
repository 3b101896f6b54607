"""Promos to CSV and back: the table of cases that both packages share, every promo of the vectors, and faulty files."""

import json
import random
import re
import zoneinfo
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from redeemable import Engine, InvalidRequest
from redeemable._csv_columns import COLUMNS
from redeemable.csv import from_csv, to_csv

TESTS = Path(__file__).resolve().parents[1]
# The table, with the names of all columns where it says `<columns>`: a new field of a promo is a new column.
TABLE = json.loads(
    (TESTS / "csv.json").read_text("utf-8").replace("<columns>", ", ".join(name for name in COLUMNS if "." not in name))
)


def given(value: Any) -> Any:
    """A promo without its null fields, at any depth: null and absent mean the same."""
    if isinstance(value, dict):
        return {name: given(inner) for name, inner in value.items() if inner is not None}
    return [given(inner) for inner in value] if isinstance(value, list) else value


def test_promos_are_written_as_in_the_table_and_read_back() -> None:
    for case in TABLE["both"]:
        assert to_csv(case["promos"], delimiter=case.get("delimiter", ",")) == case["csv"]
        assert from_csv(case["csv"]) == {"promos": case["promos"], "errors": []}


def test_files_that_other_programs_wrote_are_read() -> None:
    for case in TABLE["read"]:
        assert from_csv(case["csv"], **case.get("options", {})) == {"promos": case["promos"], "errors": []}


def test_a_file_with_mistakes_gives_no_promo_and_each_mistake_names_its_line() -> None:
    for case in TABLE["wrong"]:
        assert from_csv(case["csv"], **case.get("options", {})) == {"promos": None, "errors": case["errors"]}


def test_every_well_formed_promo_of_the_vectors_comes_back() -> None:
    engine = Engine()
    cases = [
        case
        for path in sorted((TESTS / "vectors").glob("*.json"))
        for case in json.loads(path.read_text("utf-8")).get("cases", [])
    ]
    cases = [case for case in cases if case["call"] != "validatePromos" and case.get("error") is None]
    promos = [
        promo for case in cases for promo in case["request"].get("promos") or [] if "\0" not in (promo.get("id") or "")
    ]
    assert len(promos) > 500
    for promo in promos:
        assert given(from_csv(to_csv([promo], engine=engine), engine=engine)["promos"]) == [given(promo)]


def test_every_field_of_a_promo_has_a_column() -> None:
    promos = json.loads((TESTS / "documents.json").read_text("utf-8"))["validateRedemption"]["promos"]
    assert from_csv(to_csv(promos))["promos"] == [given(promo) for promo in promos]


def test_every_text_comes_back_unchanged_and_no_cell_is_a_formula_whatever_the_delimiter() -> None:
    chosen = random.Random(1)

    def text() -> str:
        return "".join(chosen.choices("=+-@'\",;\t\r\n ＝＋a7ä{\\\ufeff", k=chosen.randint(1, 6)))

    for round in range(500):
        only_for = {"email": [f"a{text()}", f"{text()}a"]}
        promos: Any = [
            {"code": f"C{round}", "id": text(), "discount_percent": 1, "events": [text(), text()], "only_for": only_for}
        ]
        for delimiter in ",;\t":
            written = to_csv(promos, delimiter=delimiter)
            assert from_csv(written) == {"promos": promos, "errors": []}, repr(promos)
            # No cell is a formula, not even to a program that ignores quotes and splits the file at each delimiter.
            assert not [cell for cell in re.split("[,;\t\r\n]", written) if re.match('"*[=+\\-@＝＋－＠]', cell)], repr(
                written
            )


def test_an_amount_in_major_units_is_read_to_the_minor_unit_in_every_currency() -> None:
    chosen = random.Random(2)
    currencies = json.loads((TESTS.parent / "messages" / "currencies.json").read_text("utf-8"))
    for decimals, names in [*currencies.items(), ("0", "sat msat")]:
        for currency in names.split():
            budget = chosen.randint(0, 10 ** chosen.randint(1, 12))
            digits = str(budget).rjust(int(decimals) + 1, "0")
            at = len(digits) - int(decimals)
            amount = f"{digits[:at]},{digits[at:]}" if digits[at:] else digits
            read = from_csv(f"code;discount_percent;currency;budget (major comma)\nA;1;{currency};{amount}\n")
            assert read["promos"] == [{"code": "A", "discount_percent": 1, "currency": currency, "budget": budget}], (
                amount
            )


def test_every_spelling_of_an_instant_is_read_as_the_same_time() -> None:
    ms = 1_000_000_000_000
    for _ in range(200):
        ms += 86_400_000 * 31 + 7_654_321
        promos: Any = [{"code": "A", "discount_percent": 1, "starts_at_ms": ms, "ends_at_ms": ms + 1}]
        assert from_csv(to_csv(promos))["promos"] == promos
        for zone in ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"):
            local = datetime.fromtimestamp(ms // 1000, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")
            read = from_csv(f"code,discount_percent,starts_at_ms\nA,1,{local}\n", zone=zone)
            if read["promos"] is None:
                assert "once" in read["errors"][0]["message"]
            else:
                assert read["promos"][0]["starts_at_ms"] == ms - ms % 1000


def test_without_zones_on_the_system_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(zone: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(zone)

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    with pytest.raises(InvalidRequest, match="found none: install the package tzdata"):
        from_csv("code\n", zone="Europe/Berlin")


def test_whole_floats_are_written_as_integers() -> None:
    promos: Any = [
        {
            "code": "A",
            "discount_percent": 20.0,
            "max_uses": 3.0,
            "starts_at_ms": 1.7e12,
            "pools": [{"id": "p", "max_uses": 30.0}],
        }
    ]
    assert to_csv(promos).splitlines()[1] == "A,20,3,p,30,2023-11-14T22:13:20Z"


def test_a_guest_list_of_any_length_is_one_cell() -> None:
    promos: Any = [
        {
            "code": "GUESTS",
            "discount": {"kind": "free"},
            "only_for": {"email": [f"guest-{index}@example.org" for index in range(10_000)]},
        }
    ]
    assert from_csv(to_csv(promos)) == {"promos": promos, "errors": []}


def test_a_cell_nested_too_deep_is_an_error_of_its_line() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert from_csv(f"code;discount_percent;pools\nA;1;{deep}\n")["promos"] is None


def test_a_promo_that_csv_cannot_hold_without_loss_is_an_error() -> None:
    promo: Any = {"code": "A", "discount_percent": 1}

    def fails(code: str, path: str, promos: Any, **options: Any) -> None:
        with pytest.raises(InvalidRequest) as caught:
            to_csv(promos, **options)
        assert (caught.value.code, caught.value.path) == (code, path)

    fails("invalid_promo", "promos[1].max_usse", [promo, {"code": "B", "discount_percent": 1, "max_usse": 5}])
    fails(
        "invalid_promo",
        "promos[0].discount.amuont",
        [{"code": "A", "discount": {"kind": "amount_per_order", "amuont": 5}}],
    )
    fails("duplicate_code", "promos[1].code", [promo, {**promo, "code": "a"}])
    fails("invalid_request", "promos[1].id", [promo, {"code": "B", "discount_percent": 1, "id": "a\0"}])
    fails("invalid_request", "delimiter", [promo], delimiter="|")

    def reads(path: str, **options: Any) -> None:
        with pytest.raises(InvalidRequest) as caught:
            from_csv("code\nA\n", **options)
        assert (caught.value.code, caught.value.path) == ("invalid_request", path)

    reads("amounts", amounts="cents")
    reads("decimal", decimal=";")
    reads("zone", zone="Europe/Berlim")
    reads("zone", zone="+02:00")
    reads("zone", zone=5)
    reads("defaults", defaults=[])
    reads("defaults.max_usse", defaults={"max_usse": 1})
    reads("defaults.code", defaults={"code": "A"})
    reads("defaults.discount.amuont", defaults={"discount": {"amuont": 1}})
    for text in (None, b"code\n"):
        with pytest.raises(InvalidRequest, match="expected text"):
            from_csv(text)  # type: ignore[arg-type]
