"""The lines of a report."""

from ..types import Report
from .words import money, table


def lines_of(report: Report, by_person: bool) -> list[str]:
    """A line for each row and each state in which the row has something."""
    lines: list[list[str | int]] = []
    for row in report["rows"]:
        for state, figures in (
            ("held", row["held"]),
            ("confirmed", row["confirmed"]),
            ("released", row["released"]),
        ):
            if figures["orders"] + figures["tickets"] + figures["uses"] == 0:
                continue
            amounts = [money(figures[name], row["currency"]) for name in ("list", "discount", "paid")]
            person = [row["person"] or "everybody"] if by_person else []
            counts = [figures["orders"], figures["tickets"], figures["uses"]]
            lines.append([row["code"] or "all orders", *person, state, *counts, *amounts])
    if not lines:
        return ["there is no order"]
    person = ["person"] if by_person else []
    return table(["code", *person, "state", "orders", "tickets", "uses", "list price", "taken off", "paid"], lines)
