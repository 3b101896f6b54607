"""pydantic accepts the types unchanged, also on Python 3.11, where it refuses the TypedDict of `typing`."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError
from redeemable import Engine
from redeemable.types import Decision, Promo

PROMO = {"code": "EARLY20", "discount_percent": 20, "max_uses": 3, "pools": [{"id": "early"}], "ends_at_ms": None}
ORDER = {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 1000, "quantity": 2}]}


def test_a_promotion() -> None:
    adapter = TypeAdapter(Promo)
    assert adapter.validate_python(PROMO) == PROMO
    for wrong, place in (
        ({"discount_percent": 20}, ("code",)),
        ({**PROMO, "max_uses": "many"}, ("max_uses",)),
        ({**PROMO, "pools": [{"max_uses": 3}]}, ("pools", 0, "id")),
    ):
        with pytest.raises(ValidationError) as caught:
            adapter.validate_python(wrong)
        assert [error["loc"] for error in caught.value.errors()] == [place]


def test_a_decision() -> None:
    adapter = TypeAdapter(Decision)
    request = {"codes": ["early20"], "promos": [PROMO], "order": ORDER, "now_ms": 1_800_000_000_000}
    decision = Engine().validate_redemption(request)
    assert decision["quote"]["total"] == 1600
    assert adapter.validate_python(decision) == decision
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python({**decision, "status": "perhaps"})
    assert [error["loc"] for error in caught.value.errors()] == [("status",)]


def test_the_form_of_a_promotion() -> None:
    schema = TypeAdapter(Promo).json_schema()
    assert schema["required"] == ["code"]
    assert schema["$defs"]["Pool"]["required"] == ["id"]
