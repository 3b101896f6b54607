"""The code in the guide is the code of the extension with which the other tests sell."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from server import HERE, ROOT

GUIDE = (ROOT / "docs" / "lnbits-events.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"^```(?:python|js|html)\n(?:#|//|<!--) ([\w/]+\.\w+)(?: -->)?\n(.*?)^```$",
    GUIDE,
    flags=re.MULTILINE | re.DOTALL,
)
PYTHON = ("models.py", "migrations.py", "crud.py", "services.py", "tasks.py", "views_api.py")
PAGES = ("index.js", "index.vue", "display.js", "display.vue", "i18n/en.js", "i18n/de.js", "i18n/es.js")


def test_every_block_names_its_file() -> None:
    assert len(BLOCKS) == sum(GUIDE.count(f"```{language}") for language in ("python", "js", "html"))
    assert {name for name, _ in BLOCKS} == {*PYTHON, *(f"static/js/{page}" for page in PAGES)}
    assert GUIDE.count("```python") >= 30
    assert GUIDE.count("```") == 2 * len(BLOCKS)


@pytest.mark.parametrize(("name", "block"), BLOCKS)
def test_a_block_is_the_extensions_code(name: str, block: str) -> None:
    source = (HERE / "events" / name).read_text(encoding="utf-8")
    missing = [part for part in block.split("\n\n\n") if f"\n{part.strip(chr(10))}\n" not in f"\n{source}"]
    assert missing == []


def test_the_package_works_from_inside_an_extension(tmp_path: Path) -> None:
    package = tmp_path / "someextension"
    shutil.copytree(
        ROOT / "pkg" / "python" / "src" / "redeemable",
        package / "redeemable",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    (package / "__init__.py").write_text(
        "from .redeemable import Engine, aio\nfrom .redeemable.lnbits import Desk, LnbitsStore, migrate\n"
    )
    code = """
import someextension, someextension.redeemable.sql as sql
from someextension.redeemable.lnbits._sentences import rejection
order = {"event_id": "e", "currency": "sat", "lines": [{"unit_price": 1, "quantity": 1}]}
print(someextension.Engine().usage_keys({"codes": [], "promos": [], "order": order, "now_ms": 1_700_000_000_000}))
refused = {"violations": [{"code": "HALF", "public_reason": "not_accepted"}]}
print(rejection("de-AT, en", refused).detail, someextension.Desk.__name__)
print(len(sql.tables("sqlite")) > 100, len(sql.tables("postgres")) > 1000)
"""
    environment = {"PYTHONPATH": str(tmp_path), "LNBITS_DATA_FOLDER": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("[]\nDieser Code wird nicht angenommen. Desk\nTrue True\n", 0), (
        done.stderr
    )
