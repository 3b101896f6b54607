"""What is wrong with an organiser's files, and what is suspicious, each with its file and its promotion."""

import re
from typing import Any

from .bounds import engine
from .files import Documents

Found = dict[str, Any]


def faults_of(documents: Documents) -> list[Found]:
    """The faults of the tables and of all documents."""
    of_tables = [
        {
            "file": file,
            "line": error["line"],
            "promotion": None,
            "code": None,
            "field": error["path"],
            "severity": "fault",
            "problem": None,
            "message": error["message"],
        }
        for file, error in documents.errors
    ]
    faults = engine().validate_promos({"promos": documents.promos, "policy": documents.policy})["faults"]
    return of_tables + [placed(documents, {**fault, "severity": "fault", "problem": fault["code"]}) for fault in faults]


def placed(documents: Documents, finding: Any) -> Found:
    """A finding about `promos[2].max_uses` or `policy.zone`, with the file and the promotion that this is."""
    file, promotion, code, field = documents.policy_file, None, None, finding["path"]
    if path := re.fullmatch(r"promos\[(\d+)\]\.?(.*)", field, re.DOTALL):
        index, field = int(path[1]), path[2]
        file, promotion = documents.places[index]
        promo = documents.promos[index]
        written = promo.get("code") if isinstance(promo, dict) else None
        code = written if isinstance(written, str) else None
    return {
        "file": file,
        "line": None,
        "promotion": promotion,
        "code": code,
        "field": field,
        "severity": finding["severity"],
        "problem": finding["problem"],
        "message": finding["message"],
    }


def sentence(found: Found) -> str:
    """`promos.json: promotion 2 (TEN), max_uses: warning: …`"""
    place = ""
    if found["line"] is not None:
        place = f"line {found['line']}"
    elif found["promotion"] is not None:
        place = f"promotion {found['promotion']}"
    if found["code"]:
        place += f" ({found['code']})"
    where = ", ".join(filter(None, [place, found["field"]]))
    parts = filter(None, [found["file"], where, found["severity"], found["message"]])
    return ": ".join(parts) + (f" ({found['problem']})" if found["problem"] else "")
