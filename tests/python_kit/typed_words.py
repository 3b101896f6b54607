"""How hosts use messages and CSV, checked by mypy: a `type: ignore` marks a mistake, or mypy reports it as unused."""

from redeemable.csv import CsvError, from_csv, to_csv
from redeemable.messages import Messages, Refusal, catalogues
from redeemable.types import Decision, Promo


def refuse(decision: Decision, promo: Promo) -> tuple[list[Refusal], list[str]]:
    say = Messages(["fr", "en"], catalogues={"fr": catalogues["en"]}, time_zone="Europe/Berlin", decimals={"BTC": 8})
    Messages("en", timezone="UTC")  # type: ignore[call-arg]
    say.organiser(decision["violations"][0], "EUR")  # type: ignore[call-arg]
    say.refusal(decision["violations"], locale="en")  # type: ignore[call-arg]
    currency = decision["quote"]["currency"]
    return say.refusal(decision["violations"], currency=currency, ticket_types={"regular": "Regular"}), [
        say.organiser(one, currency=currency, promo=promo) for one in decision["violations"]
    ]


def carry(promos: list[Promo]) -> list[Promo] | list[CsvError]:
    imported = from_csv(to_csv(promos, delimiter=";"))
    len(imported["promos"])  # type: ignore[arg-type]
    from_csv("A", amounts="major", decimal=",", zone="Europe/Berlin", defaults={"discount_percent": 20, "max_uses": 1})
    from_csv("A", amounts="cents")  # type: ignore[arg-type]
    from_csv(b"code\n")  # type: ignore[arg-type]
    return imported["errors"] if imported["promos"] is None else imported["promos"]
