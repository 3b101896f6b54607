"""JSON Schema 2020-12 of every document, request and answer, for editors, form builders and validators."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, cast

__all__ = ["schema"]


def schema() -> dict[str, Any]:
    """The schema as a dict, a new one at each call. `schema()["$defs"]["Promo"]` is the schema of a promotion."""
    text = (files(__package__) / "_contract" / "schema.json").read_text("utf-8")
    return cast(dict[str, Any], json.loads(text))
