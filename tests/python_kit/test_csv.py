"""Promos to CSV and back: the table that both packages share, every promo of the vectors, and what a file may not be."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from redeemable import Engine, InvalidRequest
from redeemable.csv import from_csv, to_csv

TESTS = Path(__file__).resolve().parents[1]
TABLE = json.loads((TESTS / "csv.json").read_text("utf-8"))


def given(promo: dict[str, Any]) -> dict[str, Any]:
    """Null and absent mean the same."""
    fields = {name: value for name, value in promo.items() if value is not None}
    if "discount" in fields:
        fields["discount"] = {name: value for name, value in fields["discount"].items() if value is not None}
    return fields


def test_promos_are_written_as_in_the_table_and_read_back() -> None:
    for case in TABLE["both"]:
        assert to_csv(case["promos"], delimiter=case.get("delimiter", ",")) == case["csv"]
        assert from_csv(case["csv"]) == {"promos": case["promos"], "errors": []}


def test_files_of_others_are_read() -> None:
    for case in TABLE["read"]:
        assert from_csv(case["csv"], **case.get("options", {})) == {"promos": case["promos"], "errors": []}


def test_of_a_file_with_a_mistake_nothing_is_taken_and_each_mistake_has_its_line() -> None:
    for case in TABLE["wrong"]:
        assert from_csv(case["csv"], **case.get("options", {})) == {"promos": None, "errors": case["errors"]}


def test_every_well_formed_promo_of_the_vectors_comes_back() -> None:
    engine = Engine()
    cases = [case for path in sorted((TESTS / "vectors").glob("*.json")) for case in json.loads(path.read_text("utf-8")).get("cases", [])]
    promos = [promo for case in cases if case.get("error") is None for promo in case["request"].get("promos") or [] if "\0" not in (promo.get("id") or "")]
    assert len(promos) > 500
    for promo in promos:
        assert from_csv(to_csv([promo], engine=engine), engine=engine) == {"promos": [given(promo)], "errors": []}


def test_every_field_of_a_promo_has_a_column() -> None:
    promos = json.loads((TESTS / "documents.json").read_text("utf-8"))["validateRedemption"]["promos"]
    assert from_csv(to_csv(promos))["promos"] == [given(promo) for promo in promos]


def test_whatever_a_text_begins_with_it_comes_back_and_no_cell_is_a_formula() -> None:
    chosen = random.Random(1)
    for round in range(1000):
        id = "".join(chosen.choices("=+-@'\",;\t\r\n ＝＋a7ä{\ufeff", k=chosen.randint(1, 6)))
        promos: Any = [{"code": f"C{round}", "id": id, "discount_percent": 1}]
        delimiter = chosen.choice(",;\t")
        text = to_csv(promos, delimiter=delimiter)
        assert from_csv(text) == {"promos": promos, "errors": []}, repr(id)
        cell = text.split(delimiter, 3)[3].removeprefix('"')
        assert not re.match("[=+\\-@\t\r\n＝＋－＠]", cell), repr(text)


def test_a_guest_list_of_any_length_is_one_cell() -> None:
    promos: Any = [{"code": "GUESTS", "discount": {"kind": "free"}, "only_for": {"email": [f"guest-{index}@example.org" for index in range(10_000)]}}]
    assert from_csv(to_csv(promos)) == {"promos": promos, "errors": []}


def test_a_cell_nested_too_deep_is_an_error_of_its_line() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert from_csv(f"code;discount_percent;pools\nA;1;{deep}\n")["promos"] is None


def test_what_cannot_be_written_without_loss_is_an_error() -> None:
    promo: Any = {"code": "A", "discount_percent": 1}

    def fails(code: str, path: str, promos: Any, **options: Any) -> None:
        with pytest.raises(InvalidRequest) as caught:
            to_csv(promos, **options)
        assert (caught.value.code, caught.value.path) == (code, path)

    fails("invalid_promo", "promos[1].max_usse", [promo, {"code": "B", "discount_percent": 1, "max_usse": 5}])
    fails("invalid_promo", "promos[0].discount.amuont", [{"code": "A", "discount": {"kind": "amount_per_order", "amuont": 5}}])
    fails("duplicate_code", "promos[1].code", [promo, {**promo, "code": "a"}])
    fails("invalid_request", "promos[1].id", [promo, {"code": "B", "discount_percent": 1, "id": "a\0"}])
    fails("invalid_request", "delimiter", [promo], delimiter="|")
    for text in (None, b"code\n"):
        with pytest.raises(InvalidRequest, match="expected text"):
            from_csv(text)  # type: ignore[arg-type]
