"""How many decimals each currency has, from ISO 4217's list of minor units (messages/currencies.json)."""

import json
from importlib.resources import files

_TABLE = json.loads((files(__package__) / "_messages" / "currencies.json").read_text("utf-8"))
DECIMALS: dict[str, int] = {name: int(decimals) for decimals, names in _TABLE.items() for name in names.split()}
