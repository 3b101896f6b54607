"""Compares each sentence of tests/messages.json, and checks that faulty catalogues are refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from redeemable import Engine, InvalidRequest
from redeemable._currencies import DECIMALS
from redeemable.messages import Messages, catalogues

ROOT = Path(__file__).resolve().parents[2]
TABLE = json.loads((ROOT / "tests/messages.json").read_text("utf-8"))
SHAPE = json.loads((ROOT / "messages/shape.json").read_text("utf-8"))
LANGUAGES = ("en", "de", "es")


def changed(path: str, *message: Any) -> Any:
    """The English catalogue with the message at `path` replaced, or removed if the new one is None."""
    catalogue = copy.deepcopy(catalogues["en"])
    *sections, last = path.split(".")
    section = catalogue
    for key in sections:
        section = section[key]
    if message:
        section[last] = message[0]
    else:
        del section[last]
    return catalogue


def fails(path: str, message: str, call: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        call()
    assert (caught.value.code, caught.value.path, caught.value.message) == ("invalid_request", path, message)


def refuses(catalogue: Any, path: str, message: str, name: str = "en") -> None:
    place = f".{name}" if name.isalpha() else f'["{name}"]'
    fails(f"catalogues{place}{path}", message, lambda: Messages("de", catalogues={name: catalogue}))


def test_the_package_has_the_catalogues_of_the_repository() -> None:
    for name in (*LANGUAGES, "shape", "currencies"):
        text = (ROOT / f"pkg/python/src/redeemable/_messages/{name}.json").read_text("utf-8")
        assert text == (ROOT / f"messages/{name}.json").read_text("utf-8"), f"{name}: run `make python`"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sentence_of_the_table(language: str) -> None:
    for case in TABLE["buyer"]:
        assert (
            Messages(language).buyer(
                case["violation"], currency=case.get("currency"), ticket_types=case.get("ticketTypes")
            )
            == case[language]
        )
    for case in TABLE["organiser"]:
        say = Messages(language, time_zone=case.get("timeZone", "UTC"), decimals=case.get("decimals"))
        assert (
            say.organiser(case["violation"], currency=case.get("currency"), promo=case.get("promo")) == case[language]
        )


def test_every_violation_of_the_vectors_has_a_sentence_and_buyers_see_no_number_but_what_would_mend_it() -> None:
    cases = [
        case
        for path in sorted((ROOT / "tests/vectors").glob("*.json"))
        for case in json.loads(path.read_text("utf-8")).get("cases", [])
    ]
    says = [Messages(language) for language in LANGUAGES]
    seen = set()
    for case in (case for case in cases if isinstance(case.get("answer"), dict)):
        for violation in case["answer"].get("violations", []):
            currency = (case["request"].get("order") or case["request"].get("redemption"))["currency"]
            seen.add((violation["reason"], violation["code"] is None))
            for say in says:
                told = say.buyer(violation)
                assert not any(
                    (character.isdigit() and not violation["to_qualify"]) or character in "{}_#" for character in told
                )
                said = say.organiser(violation, currency=currency)
                assert not any(character in "{}_#" for character in said.replace(violation["code"] or "{", ""))
    assert seen == {(reason, False) for reason in SHAPE["organiser"]["code"]} | {
        (reason, True) for reason in SHAPE["organiser"]["order"]
    }


def test_a_regions_own_catalogue_and_the_first_locale_that_has_one() -> None:
    violation = {"code": "EARLY20", "reason": "not_started"}
    for case in TABLE["regions"]:
        say = Messages(case["locales"])
        assert (say.locale, say.organiser(violation, promo={"starts_at_ms": 1_800_000_000_000})) == (
            case["locale"],
            case["sentence"],
        )
    for locales in TABLE["unknown"]:
        wanted = [locales] if isinstance(locales, str) else locales
        fails(
            "locales",
            f"expected one with a catalogue, de, en, es; found {json.dumps(wanted)}",
            lambda wanted=wanted: Messages(wanted),
        )


def test_the_syntax_of_messages() -> None:
    violation = {"code": "EARLY20", "reason": "uses_exhausted", "limit": 5, "used": 4, "remaining": 1}
    for case in TABLE["syntax"]:
        catalogue = changed("organiser.code.uses_exhausted", case["message"])
        if "error" in case:
            refuses(catalogue, ".organiser.code.uses_exhausted", case["error"])
        else:
            assert Messages("en", catalogues={"en": catalogue}).organiser(violation) == case["sentence"]


def names(sections: Any) -> list[str]:
    return [
        name + rest
        for name, value in sections.items()
        for rest in ([""] if isinstance(value, list) else ["." + inner for inner in names(value)])
    ]


def test_a_catalogue_with_a_missing_or_unknown_key_is_refused() -> None:
    for path in names(SHAPE):
        refuses(changed(path), f".{path}", "missing message")
    refuses(changed("buyer"), ".buyer", "missing message")
    refuses(changed("seller", {}), ".seller", "unknown field, expected one of buyer, organiser")
    refuses(
        changed("buyer.order.sold_out", "no"),
        ".buyer.order.sold_out",
        "unknown field, expected one of not_accepted, used_up, order_not_eligible, identity_required, price_changed",
    )
    refuses(changed("buyer.code.used_up", None), ".buyer.code.used_up", "expected a message")
    refuses(changed("buyer.code", None), ".buyer.code", "expected an object")
    refuses(
        changed("buyer.code.used_up", "{remaining} left"),
        ".buyer.code.used_up",
        "expected no argument, found remaining",
    )
    for name in ("english", "de-at"):
        refuses(
            catalogues["en"], ".buyer.code.not_accepted", "expected a language tag such as de, de-AT or zh-Hant", name
        )


def test_a_hosts_own_catalogue_uses_the_plural_forms_of_its_language() -> None:
    forms = (
        "{remaining, plural, one {zostało # użycie} few {zostały # użycia} "
        "many {zostało # użyć} other {zostało # użycia}}"
    )
    polish = changed("organiser.code.uses_exhausted", forms)
    # The other messages with English plural forms do without.
    for section in polish["organiser"].values():
        for key, message in section.items():
            if key != "uses_exhausted" and ", plural, " in message:
                section[key] = "{limit}" if "{limit" in message else "{used}"
    for key in ("add_tickets", "remove_tickets"):
        tickets = f"{{{key}, plural, one {{# bilet}} few {{# bilety}} many {{# biletów}} other {{# biletu}}}}"
        polish["buyer"]["to_qualify"][key] = polish["buyer"]["to_qualify"][f"{key}_of"] = tickets
    say = Messages(["pl-PL", "en"], catalogues={"pl": polish})

    def left(remaining: int) -> str:
        return say.organiser({"code": "A", "reason": "uses_exhausted", "limit": 100, "used": 0, "remaining": remaining})

    assert [left(count) for count in (0, 1, 2, 5, 22)] == [
        "zostało 0 użyć",
        "zostało 1 użycie",
        "zostały 2 użycia",
        "zostało 5 użyć",
        "zostały 22 użycia",
    ]
    wrong = changed("organiser.code.uses_exhausted", "{remaining, plural, one {a} other {b}}")
    refuses(wrong, ".buyer.to_qualify.add_tickets", "expected the plural form few of add_tickets", "pl")
    assert (
        say.buyer({"code": "A", "public_reason": "order_not_eligible", "to_qualify": {"add_tickets": 3}}) == "3 bilety"
    )


def test_a_refusal_says_each_code_and_public_reason_once() -> None:
    def violation(code: str | None, reason: str, public_reason: str) -> dict[str, Any]:
        figures = {"counter": "code/event:gala:A/uses", "limit": 1, "used": 1, "remaining": 0, "message": "secret"}
        return {"code": code, "reason": reason, "public_reason": public_reason, **figures}

    assert Messages("en").refusal(
        [
            violation("A", "inactive", "not_accepted"),
            violation("A", "uses_exhausted", "not_accepted"),
            violation("B", "unknown_code", "not_accepted"),
            violation("C", "uses_exhausted", "used_up"),
            violation("C", "below_min_tickets", "order_not_eligible"),
            violation(None, "tickets_exhausted", "used_up"),
            violation(None, "free_tickets_exhausted", "used_up"),
        ]
    ) == [
        {"code": "A", "public_reason": "not_accepted", "to_qualify": None, "message": "This code is not accepted."},
        {"code": "B", "public_reason": "not_accepted", "to_qualify": None, "message": "This code is not accepted."},
        {"code": "C", "public_reason": "used_up", "to_qualify": None, "message": USED_UP},
        {
            "code": "C",
            "public_reason": "order_not_eligible",
            "to_qualify": None,
            "message": "This code does not apply to this order.",
        },
        {
            "code": None,
            "public_reason": "used_up",
            "to_qualify": None,
            "message": "This order goes beyond what one person may have.",
        },
    ]


USED_UP = (
    "This code is used up, or has been used as often as one person may use it, "
    "or too little of it is left for this order."
)


def ask(
    promo: dict[str, Any], order: dict[str, Any] | None = None, counters: dict[str, int] | None = None
) -> list[Any]:
    lines = [{"ticket_type": "x", "unit_price": 2000, "quantity": 1}]
    request: Any = {
        "codes": ["C"],
        "promos": [{"code": "C", "discount_percent": 5, **promo}],
        "order": {"event_id": "fest", "currency": "EUR", "lines": lines, **(order or {})},
        "usage": {"counters": counters or {}},
        "now_ms": 1784541600000,
    }
    return list(Engine().validate_redemption(request)["violations"])


def test_a_refusal_says_what_would_mend_the_order_and_of_several_violations_the_one_that_mends_all() -> None:
    say = Messages("en")
    # The code needs an order of 25.00, and this order is of 20.00.
    short = ask({"min_subtotal": 2500, "currency": "EUR"})
    told = {"code": "C", "public_reason": "order_not_eligible", "to_qualify": {"add_subtotal": 500}}
    assert say.refusal(short, currency="EUR") == [{**told, "message": "This code needs €5.00 more in this order."}]
    assert say.refusal(short)[0]["message"] == "This code needs a larger order."
    # The order has too few tickets and none of the type. A change that would mend only one of the two is not told.
    several = ask({"min_tickets": 3, "ticket_types": ["vip"]})
    assert [violation["reason"] for violation in several] == ["below_min_tickets", "wrong_ticket_type"]
    vip = {
        **told,
        "to_qualify": {"of": ["vip"], "add_tickets": 3},
        "message": "This code needs 3 more tickets in this order: VIP.",
    }
    for violations in (several, several[::-1]):
        assert say.refusal(violations, ticket_types={"vip": "VIP"}) == [vip]


def test_a_used_up_limit_per_person_and_one_over_all_buyers_have_one_message_that_fits_both() -> None:
    def used(key: str, most: int) -> list[Any]:
        promo = {"max_uses": 500, "max_uses_per_identity": 1}
        return ask(promo, {"identities": {"email": "a@example.org"}}, {f"code/event:fest:C/{key}": most})

    by_person, by_all = used("by/email:a@example.org", 1), used("uses", 500)
    assert (by_person[0]["reason"], by_all[0]["reason"]) == ("identity_uses_exhausted", "uses_exhausted")
    for language, *both in (
        ("en", "used up", "one person"),
        ("de", "aufgebraucht", "eine Person"),
        ("es", "agotado", "una persona"),
    ):
        [told] = Messages(language).refusal(by_person)
        assert [told] == Messages(language).refusal(by_all)
        assert all(words in told["message"] for words in both)


def test_the_order_of_a_refusal_does_not_tell_which_of_two_codes_exists() -> None:
    engine = Engine()
    order: Any = {"event_id": "gala", "currency": "EUR", "lines": [{"unit_price": 1000, "quantity": 1}]}

    def told(*known: str) -> list[str | None]:
        promos: Any = [{"code": code, "discount_percent": 50, "active": False, "combines": True} for code in known]
        decision = engine.validate_redemption(
            {
                "codes": ["INSIDERS", "GUESS", "\uff65", "\U0001f600"],
                "promos": promos,
                "order": order,
                "now_ms": 1800000000000,
            }
        )
        return [refusal["code"] for refusal in Messages("en").refusal(decision["violations"])]

    assert told() == told("INSIDERS") == told("GUESS") == ["GUESS", "INSIDERS", "\U0001f600", "\uff65"]


def test_mistakes_are_errors_that_name_the_field() -> None:
    say = Messages("en")
    short = {"code": "A", "reason": "budget_exhausted", "limit": 1, "used": 1, "remaining": 0}
    fails(
        "currency",
        "expected the order's currency, because budget_exhausted is about money",
        lambda: say.organiser(short),
    )
    for used in (None, True, -1, 1.5, 2**53):
        fails(
            "violation.used",
            "expected an integer from 0 to 9007199254740991",
            lambda used=used: say.organiser({**short, "used": used}, currency="EUR"),
        )

    def mended(to_qualify: dict[str, Any]) -> str:
        return say.buyer({"code": "A", "public_reason": "order_not_eligible", "to_qualify": to_qualify})

    fails(
        "violation.to_qualify",
        "expected one of add_tickets, remove_tickets, add_subtotal, remove_subtotal",
        lambda: mended({"wait_until": 1}),
    )
    fails(
        "violation.to_qualify.add_tickets",
        "expected an integer from 0 to 9007199254740991",
        lambda: mended({"add_tickets": "2"}),
    )
    fails("violation.to_qualify.of", "expected a list", lambda: mended({"of": "vip", "add_tickets": 2}))
    reasons = (
        "already_confirmed, identity_required, locked_ticket_type, free_tickets_exhausted, tickets_exhausted, "
        "price_changed"
    )
    fails(
        "violation.reason",
        f"expected one of {reasons}, found ended",
        lambda: say.organiser({"code": None, "reason": "ended"}),
    )
    for zone in ("Mars/Phobos", "../etc/passwd", ""):
        fails(
            "time_zone",
            f'expected a time zone such as Europe/Berlin, found "{zone}"',
            lambda zone=zone: Messages("en", time_zone=zone),
        )
    fails("decimals.BTC", "expected an integer from 0 to 18", lambda: Messages("en", decimals={"BTC": -8}))


def test_every_currency_is_one_that_babel_knows() -> None:
    from babel import Locale

    known = Locale.parse("en").currencies
    # Babel's data do not know the currency XCG yet.
    assert [name for name in DECIMALS if name not in known and name != "XCG"] == []
