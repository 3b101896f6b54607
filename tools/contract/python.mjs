// Python: the shapes of contract/schema.json as TypedDicts, and the calls of the engine.
import { functions, record, shapes } from "./contract.mjs";
import { alternatives, mentioned, noteOf, nullable, referred, values } from "./schema.mjs";
import { kebab, snake, wrapped } from "./words.mjs";

const WIDTH = 120;

export function pythonTypes() {
  const written = new Map();
  for (const name of Object.keys(shapes)) if (name !== "Error") define(name, written);
  return `"""The shapes of requests and answers.

Amounts are whole minor units of the currency (1 cent, 1 sat). Names that end in \`_ms\` are milliseconds since the Unix
epoch. In a request, None and absent mean the same. An answer has every field; only a record leaves out what is None,
and an empty list of payments or releases.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from typing import TypedDict
else:
    try:
        # Before Python 3.12, pydantic takes only this one, and installs it.
        from typing_extensions import TypedDict
    except ImportError:
        from typing import TypedDict

__all__ = [
${[...written.keys()]
  .sort()
  .map((name) => `    "${name}",\n`)
  .join("")}]


${[...written.values()].join("\n\n")}`;
}

/** Writes a shape, after the shapes that it refers to: a Python annotation can name only what stands above it. */
function define(name, written) {
  if (written.has(name)) return;
  const shape = shapes[name];
  for (const other of mentioned(shape)) if (other !== name) define(other, written);
  const cases = alternatives(shape);
  if (shape.properties) written.set(name, typedDict(name, shape, isGiven(name, shape)));
  else if (values(shape) || !cases) written.set(name, alias(name, shape, type(shape)));
  else {
    for (const one of cases) if (one.title) written.set(one.title, typedDict(one.title, one, false));
    written.set(name, alias(name, shape, cases.map((one) => one.title ?? referred(one)).join(" | ")));
  }
}

/** Whether hosts give this shape: then its type is Sequence or Mapping. What the engine answers has list and dict. */
const isGiven = (name, { "x-side": side, properties, required }) =>
  side === "request" || (!record.has(name) && Object.keys(properties).some((field) => !required?.includes(field)));

/** A type alias, and its docstring with the meaning of each value. */
function alias(name, shape, of) {
  const meanings = (values(shape) ?? []).filter(({ description }) => description);
  const list = meanings.map((one) => `- \`${one.const}\`: ${one.description}`).join("\n");
  return `${broken(name, of)}\n${doc(list ? `${noteOf(shape)}\n\n${list}` : noteOf(shape), "")}`;
}

/** An assignment, broken into lines as ruff would where it is too long. */
function broken(name, of) {
  if (`${name} = ${of}`.length <= WIDTH) return `${name} = ${of}`;
  const literal = /^Literal\[(.*)\]$/.exec(of)?.[1];
  const [open, inner, close] = literal ? ["Literal[", literal, "]"] : ["(", of, ")"];
  const lines = literal ? inner.split(", ").map((item) => `${item},`) : inner.split(/ (?=\| )/);
  const body = inner.length + 4 <= WIDTH ? [inner] : lines;
  return `${name} = ${open}\n${body.map((line) => `    ${line}\n`).join("")}${close}`;
}

/** A TypedDict. Required fields get a base class of their own: `typing` in Python 3.10 has no `NotRequired`. */
function typedDict(name, shape, isGiven) {
  const fields = (isRequired) =>
    Object.entries(shape.properties)
      .filter(([field]) => (shape.required ?? []).includes(field) === isRequired)
      .map(([field, of]) => `    ${field}: ${type(of, isGiven)}\n${doc(noteOf(of), "    ")}`)
      .join("");
  if (Object.keys(shape.properties).some((field) => KEYWORDS.includes(field))) return functional(name, shape, isGiven);
  const [required, optional] = [fields(true), fields(false)];
  const text = doc(noteOf(shape), "    ");
  if (!optional) return `class ${name}(TypedDict):\n${text}\n${required}`;
  if (!required) return `class ${name}(TypedDict, total=False):\n${text}\n${optional}`;
  return `class _${name}(TypedDict):\n${required}\n\nclass ${name}(_${name}, total=False):\n${text}\n${optional}`;
}

/** Words of Python that fields have, too. No class can have a field of such a name. */
const KEYWORDS = ["in", "is", "from"];

/** A TypedDict of which every field may be left out, made by a call. The notes of its fields stand below it. */
function functional(name, shape, isGiven) {
  const fields = Object.entries(shape.properties);
  const entries = fields.map(([field, of]) => `        "${field}": "${type(of, isGiven)}",\n`).join("");
  const notes = fields.map(([field, of]) => `- \`${field}\`: ${noteOf(of)}`).join("\n");
  const text = doc(`${noteOf(shape)}\n\n${notes}`, "");
  return `${name} = TypedDict(\n    "${name}",\n    {\n${entries}    },\n    total=False,\n)\n${text}`;
}

function type(shape, isGiven) {
  if (referred(shape)) return referred(shape);
  const [plain, isNullable] = nullable(shape);
  if (isNullable) return `${type(plain, isGiven)} | None`;
  const known = values(shape)?.map((one) => JSON.stringify(one.const));
  if (known) return `Literal[${known.join(", ")}]`;
  const all = alternatives(shape);
  if (all) return all.map((one) => type(one, isGiven)).join(" | ");
  switch (shape.type) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "number":
      return "float";
    case "array":
      return `${isGiven ? "Sequence" : "list"}[${type(shape.items, isGiven)}]`;
    case "object":
      return `${isGiven ? "Mapping" : "dict"}[str, ${type(shape.additionalProperties, isGiven)}]`;
    default:
      // A document that may hold anything: what the organiser wrote.
      return "object";
  }
}

function doc(text, pad) {
  if (!text) return "";
  const words = text
    .replace(/\b[Nn]ull\b/g, "None")
    .replace(/`true`/g, "`True`")
    .replace(/`false`/g, "`False`");
  const line = `${pad}"""${words}"""`;
  if (line.length <= WIDTH && !words.includes("\n")) return `${line}\n`;
  const lines = wrapped(words, WIDTH - pad.length - 3).map((one) => `${pad}${one}`.trimEnd());
  return `${pad}"""${lines.join("\n").trimStart()}\n${pad}"""\n`;
}

/**
 * The request's type, in a union with every type of the same fields that requires more of them or leaves optional ones
 * out. mypy does not accept such a stricter TypedDict in place of the other one.
 */
function requestType(request) {
  const { properties, required } = shapes[referred(request)];
  const same = ([name, field]) => name in properties && type(field) === type(properties[name]);
  const isStricter = (shape) =>
    Object.entries(shape.properties ?? {}).every(same) && required.every((name) => shape.required?.includes(name));
  return Object.keys(shapes)
    .filter((name) => isStricter(shapes[name]))
    .sort()
    .join(" | ");
}

/** The methods of the engine. Each function has two: one takes and returns dicts, the other JSON text. */
export function pythonCalls() {
  const names = [...new Set(functions.flatMap(({ request, answer }) => [...mentioned({ request, answer })]))];
  // The order in which ruff sorts imports.
  names.sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  const calls = functions.map(({ name, request, answer, description }) => {
    const of = type(answer);
    return `    def ${snake(name)}(self, request: ${requestType(request)}) -> ${of}:
${doc(description, "        ")}        answer: ${of} = self._call("${kebab(name)}", request)
        return answer
`;
  });
  const texts = functions.map(
    ({ name }) => `    def ${snake(name)}_json(self, request: str | bytes) -> str:
        """From JSON text to JSON text, as the engine writes it."""
        return self._text("${kebab(name)}", request)
`,
  );
  return `"""The functions of the engine."""

from __future__ import annotations

from typing import Any

from .types import (
${names.map((name) => `    ${name},\n`).join("")})


class Functions:
    """What an engine answers: dicts in, dicts out. Whoever inherits it carries the requests across."""

    def _call(self, verb: str, request: object) -> Any:
        raise NotImplementedError

    def _text(self, verb: str, request: str | bytes) -> str:
        raise NotImplementedError

${[...calls, ...texts].join("\n")}`;
}
