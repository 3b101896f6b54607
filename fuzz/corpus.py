#!/usr/bin/env python3
"""Unpacks the fuzz corpora for cargo-fuzz, and packs them again.

    fuzz/corpus.py unpack [TARGET…]   writes a file in fuzz/corpus/TARGET/ for each line of fuzz/corpus/TARGET.jsonl
    fuzz/corpus.py pack [TARGET…]     lets cargo-fuzz minimise these files, and writes them as lines again

Without TARGET it takes all targets. Each line of a .jsonl file is one input: a JSON string whose characters are its
bytes.
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "fuzz/corpus"
# The length of the longest input that each target takes, in bytes.
TARGETS = {"text": 1400, "records": 256, "calls": 400}
# An input of the target `text` begins with the letter of a function. The letters stand in fuzz/src/text.rs, in lines
# like `(usage_keys) => {` and `(b'u', keys)`.
LETTERS = dict(re.findall(r"^    \((\w+)\) => \{\n +\(b'(\w)'", (ROOT / "fuzz/src/text.rs").read_text(), re.MULTILINE))


def read(target: str) -> list[bytes]:
    lines = (CORPUS / f"{target}.jsonl").read_text("ascii").splitlines()
    return [json.loads(line).encode("latin-1") for line in lines]


def write(target: str, inputs: set[bytes]) -> None:
    # Sorted by the name that libFuzzer gives to the file of an input, so that a new input adds one line to the diff.
    ordered = sorted(inputs, key=name)
    text = "".join(f"{json.dumps(one.decode('latin-1'))}\n" for one in ordered)
    (CORPUS / f"{target}.jsonl").write_text(text, "ascii")


def name(one: bytes) -> str:
    return hashlib.sha1(one).hexdigest()


def save(folder: Path, inputs: list[bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for one in inputs:
        (folder / name(one)).write_bytes(one)


def load(folder: Path) -> set[bytes]:
    return {file.read_bytes() for file in folder.iterdir()}


def vectors() -> list[bytes]:
    """The requests of the vectors. The corpus needs no input for code that these already reach."""
    requests = []
    for file in sorted((ROOT / "tests/vectors").glob("*.json")):
        for case in json.loads(file.read_text()).get("cases", []):
            name = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", case["call"])
            request = json.dumps(case["request"], ensure_ascii=False, separators=(",", ":"))
            requests.append(f"{LETTERS[name]}{request}".encode())
    return requests


def pack(target: str) -> None:
    """Keeps only the inputs that reach code which no vector and no shorter input reaches."""
    known = vectors() if target == "text" else []
    with tempfile.TemporaryDirectory() as folder:
        least = Path(folder)
        save(least, known)
        options = ["-merge=1", "-use_counters=0", f"-max_len={TARGETS[target]}"]
        command = [
            "cargo",
            "fuzz",
            "run",
            target,
            "--sanitizer",
            "none",
            "--",
            *options,
            str(least),
            str(CORPUS / target),
        ]
        subprocess.run(command, cwd=ROOT, check=True)
        write(target, load(least) - set(known))


def main(action: str, *targets: str) -> None:
    for target in targets or TARGETS:
        if action == "unpack":
            save(CORPUS / target, read(target))
        elif action == "pack":
            pack(target)
        else:
            sys.exit(__doc__)
        print(f"{target}: {len(read(target))} inputs")


main(*sys.argv[1:] or ["help"])
