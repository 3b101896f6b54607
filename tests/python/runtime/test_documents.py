"""The example documents: accepted unchanged, refused with a field misspelt, spoilt or given twice."""

from __future__ import annotations

import json
import typing
from typing import Any

import pytest
import redeemable
from redeemable import types
from support import CALLS, FUNCTIONS, documents, edited, nodes, spelt

DOCUMENTS = documents()
# Objects whose keys the caller chooses. The examples give amounts by currency in the last two.
MAPS = ("identities", "facts", "counters", "only_for", "amount", "max_discount")
# `A | B` and `Union[A, B]` have different types at run time.
UNIONS = (typing.Union, type(int | str))


def failure(engine: redeemable.Engine, call: str, request: Any) -> redeemable.InvalidRequest:
    with pytest.raises(redeemable.InvalidRequest) as caught:
        raise_fault(call, getattr(engine, CALLS[call][0])(request))
    return caught.value


def raise_fault(call: str, answer: Any) -> None:
    """Raises the fault that `validate_promos` reports, because other functions raise the same fault as an error."""
    if call == "validatePromos" and answer["faults"]:
        (fault,) = answer["faults"]
        assert spelt(tuple(fault["at"])) == fault["path"]
        raise redeemable.InvalidRequest(fault["code"], fault["at"], fault["message"])


def known(engine: redeemable.Engine, call: str, path: tuple[Any, ...], value: dict[str, Any]) -> list[str] | None:
    """The fields that the engine knows at this place; None for maps, whose keys the caller chooses."""
    if path and path[-1] in MAPS:
        return None
    error = failure(engine, call, edited(DOCUMENTS[call], path, {**value, "bogus": None}))
    assert error.path == spelt((*path, "bogus"))
    assert error.message.startswith("unknown field, expected one of ")
    return error.message.removeprefix("unknown field, expected one of ").split(", ")


def least(call: str) -> int:
    """The least number of objects in the function's example: 1 where no field holds an object."""
    return 8 if any(path and isinstance(value, dict) for path, value in nodes(DOCUMENTS[call])) else 1


@pytest.mark.parametrize("call", CALLS)
def test_the_example_is_accepted_as_dicts_and_as_text(engine: redeemable.Engine, call: str) -> None:
    method = CALLS[call][0]
    answer = getattr(engine, method)(DOCUMENTS[call])
    assert json.loads(getattr(engine, method + "_json")(json.dumps(DOCUMENTS[call]))) == answer


@pytest.mark.parametrize("call", CALLS)
def test_an_unknown_field_is_an_error_at_every_depth_with_null_too(engine: redeemable.Engine, call: str) -> None:
    objects = [(path, value) for path, value in nodes(DOCUMENTS[call]) if isinstance(value, dict)]
    seen = [path for path, value in objects if known(engine, call, path, value)]
    assert len(seen) >= least(call)


def is_of_fact(path: tuple[Any, ...]) -> bool:
    """Whether this is a fact, or what one is compared with: it may be a string or a boolean. The vectors test these."""
    return path[-2:-1] == ("facts",) or any(key in ("is", "is_not", "in", "not_in") for key in path)


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_value_in_place_of_a_number_is_an_error_at_its_place(engine: redeemable.Engine, call: str) -> None:
    for path, value in nodes(DOCUMENTS[call]):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        for spoilt in (True, "3", -1, 2**53, 10**30, float("nan"), float("inf")):
            if is_of_fact(path) and isinstance(spoilt, (bool, str)):
                continue
            error = failure(engine, call, edited(DOCUMENTS[call], path, spoilt))
            assert error.path == spelt(path), error
            in_promo = error.path.removeprefix("request.").startswith("promos[")
            assert error.code == ("invalid_promo" if in_promo else "invalid_request")


@pytest.mark.parametrize("call", CALLS)
def test_a_lone_surrogate_is_an_error_at_each_string(engine: redeemable.Engine, call: str) -> None:
    for path, value in nodes(DOCUMENTS[call]):
        if isinstance(value, str):
            error = failure(engine, call, edited(DOCUMENTS[call], path, "a\ud800"))
            assert (error.path, error.message) == (spelt(path), "expected Unicode text, found a lone surrogate")


@pytest.mark.parametrize("call", CALLS)
def test_a_field_twice_in_text_is_an_error(engine: redeemable.Engine, call: str) -> None:
    text = json.dumps(DOCUMENTS[call])
    field = next(iter(DOCUMENTS[call]))
    twice = text[:-1] + f", {json.dumps(field)}: null}}"
    with pytest.raises(redeemable.InvalidRequest) as caught:
        getattr(engine, CALLS[call][0] + "_json")(twice)
    assert (caught.value.path, caught.value.message) == (field, "expected each field once")


# The type of each function's request, from redeemable.types.
REQUESTS = {
    call: getattr(types, function["request"]["$ref"].rpartition("/")[2]) for call, function in FUNCTIONS.items()
}


# The documents inside a request of validatePromos have no type, because they may hold anything.
@pytest.mark.parametrize("call", [call for call in CALLS if call != "validatePromos"])
def test_the_types_have_exactly_the_fields_that_the_engine_knows(engine: redeemable.Engine, call: str) -> None:
    seen = compare(engine, call, (), DOCUMENTS[call], REQUESTS[call])
    assert seen >= least(call)


def compare(engine: redeemable.Engine, call: str, path: tuple[Any, ...], value: Any, shape: Any) -> int:
    """Compares the fields of an object and of everything in it; returns the number of objects."""
    if isinstance(value, dict):
        fields = known(engine, call, path, value)
        if fields is None:
            inner = arguments(shape, "Mapping", "dict")
            return sum(compare(engine, call, (*path, key), item, inner) for key, item in value.items())
        # Not `typing.is_typeddict`: where typing_extensions is installed, the types are its own.
        fitting = [option for option in options(shape) if hasattr(option, "__required_keys__")]
        # A discount may be of several types; the engine names the fields of all of them.
        fields_of = {key: field for option in fitting for key, field in typing.get_type_hints(option).items()}
        # A discount within tiers or groups has no tiers and groups, whose fields the engine names nevertheless.
        within = "tiers" in path or path.count("discount") > 1
        assert set(fields_of) <= set(fields) if within else sorted(fields_of) == sorted(fields), path
        return 1 + sum(compare(engine, call, (*path, key), item, fields_of[key]) for key, item in value.items())
    if isinstance(value, list):
        inner = arguments(shape, "Sequence", "list")
        return sum(compare(engine, call, (*path, index), item, inner) for index, item in enumerate(value))
    return 0


def options(shape: Any) -> tuple[Any, ...]:
    """The members of a union, or the one type itself."""
    return (
        typing.get_args(shape)
        if type(None) in typing.get_args(shape) or typing.get_origin(shape) in UNIONS
        else (shape,)
    )


def arguments(shape: Any, *names: str) -> Any:
    """The type of the elements of a list or a mapping."""
    found = [option for option in options(shape) if getattr(typing.get_origin(option), "__name__", "") in names]
    assert len(found) == 1, shape
    return typing.get_args(found[0])[-1]
