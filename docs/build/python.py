"""Reads the public modules of a package, without importing it.

Prints JSON of `[{name, doc, items: [{name, doc, code, members}]}]`. The argument is the package's folder:

python3 docs/build/python.py pkg/python/src/redeemable
"""

import ast
import inspect
import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Classes = dict[str, ast.ClassDef]
Bases = dict[str, tuple[str, ast.ClassDef]]


def main(folder: Path) -> None:
    files = sorted(folder.glob("*.py"), key=lambda file: (file.stem != "__init__", file.stem))
    print(
        json.dumps(
            [module(folder.name, file) for file in files if file.stem == "__init__" or not file.stem.startswith("_")]
        )
    )


def module(package: str, file: Path) -> dict[str, object]:
    text = file.read_text()
    tree = ast.parse(text)
    exported = next((ast.literal_eval(value) for node in tree.body if (value := assigned(node, "__all__"))), None)
    is_public = (lambda name: name in exported) if exported is not None else (lambda name: not name.startswith("_"))
    items = []
    bases: Bases = {}
    for node in tree.body:
        # Names that this module takes from a private module and exports are documented here.
        if isinstance(node, ast.ImportFrom) and node.level == 1 and (node.module or "").startswith("_"):
            private = (file.parent / f"{node.module}.py").read_text()
            bases.update(
                {part.name: (private, part) for part in ast.parse(private).body if isinstance(part, ast.ClassDef)}
            )
            names = {alias.name for alias in node.names if alias.name in (exported or [])}
            items += items_of(private, names.__contains__, {})
    items += items_of(text, is_public, bases)
    return {
        "name": package if file.stem == "__init__" else f"{package}.{file.stem}",
        "doc": ast.get_docstring(tree) or "",
        "items": items,
    }


def items_of(text: str, is_public: Callable[[str], bool], bases: Bases) -> list[dict[str, object]]:
    body = ast.parse(text).body
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    named = [(name_of(node), node, following) for node, following in itertools.zip_longest(body, body[1:])]
    return [
        {
            "name": name,
            "doc": doc_of(node, following),
            "code": code_of(text, node, classes),
            "members": members(text, node, bases),
        }
        for name, node, following in named
        if name is not None and is_public(name)
    ]


def name_of(node: ast.stmt) -> str | None:
    if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and not is_type_variable(node):
        return node.targets[0].id
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    return None


def assigned(node: ast.stmt, name: str) -> ast.expr | None:
    """The value that the statement assigns to this name; None for other statements."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name:
        return node.value
    return None


def is_type_variable(node: ast.Assign) -> bool:
    return isinstance(node.value, ast.Call) and getattr(node.value.func, "id", None) == "TypeVar"


def doc_of(node: ast.stmt, following: ast.stmt | None) -> str:
    """The docstring. For an assignment, the string after it is the docstring."""
    if isinstance(node, (ast.ClassDef, *FUNCTIONS)):
        return ast.get_docstring(node) or ""
    if (
        isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
        and isinstance(following.value.value, str)
    ):
        return inspect.cleandoc(following.value.value)
    return ""


def code_of(text: str, node: ast.stmt, classes: Classes) -> str:
    """A function's signature, or a class's head and its fields, required ones first, in the words of the source."""
    lines = text.splitlines()
    if isinstance(node, FUNCTIONS):
        return inspect.cleandoc("\n".join(lines[node.lineno - 1 : node.body[0].lineno - 1])).removesuffix(":")
    if isinstance(node, ast.ClassDef):
        required = inherited(text, node, classes)
        fields = [field if field.startswith("#") else f"{field}  # required" for field in required]
        fields += fields_of(text, node)
        head = "\n".join(lines[node.lineno - 1 : node.body[0].lineno - 1]).rstrip(":")
        return "\n".join([f"{head}:" if fields else head, *(f"    {field}" for field in fields)])
    return ast.get_source_segment(text, node) or ""


def fields_of(text: str, node: ast.ClassDef) -> list[str]:
    """The fields of a class, each below a comment with its docstring."""
    fields = []
    for part, following in itertools.zip_longest(node.body, node.body[1:]):
        if isinstance(part, ast.AnnAssign):
            doc = doc_of(part, following).replace("\n", " ")
            fields += [f"# {doc}"] if doc else []
            fields.append(ast.get_source_segment(text, part) or "")
    return fields


def inherited(text: str, node: ast.ClassDef, classes: Classes) -> list[str]:
    """The fields of private base classes, which hold the required fields of a TypedDict."""
    bases = [
        classes[base.id]
        for base in node.bases
        if isinstance(base, ast.Name) and base.id.startswith("_") and base.id in classes
    ]
    return [field for base in bases for field in [*inherited(text, base, classes), *fields_of(text, base)]]


def members(text: str, node: ast.stmt, bases: Bases) -> list[dict[str, object]]:
    """The public methods of a class and its `__init__`, then the methods of its private base classes."""
    if not isinstance(node, ast.ClassDef):
        return []
    found = [
        part
        for part in node.body
        if isinstance(part, FUNCTIONS) and (part.name == "__init__" or not part.name.startswith("_"))
    ]
    own: list[dict[str, object]] = [
        {"name": part.name, "doc": ast.get_docstring(part) or "", "code": code_of(text, part, {})} for part in found
    ]
    private = [bases[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in bases]
    return own + [member for base in private for member in members(*base, {})]


main(Path(sys.argv[1]))
