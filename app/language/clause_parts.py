"""What clauses of every kind are made of: standings, sources, texts, roundings, typed cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .errors import Place, suggestion
from .ir import ROUNDING_MODES, Scalar
from .marked_yaml import Mapping, Node
from .model import (
    Rounding,
    Source,
    SourcePatch,
    Standing,
    Text,
)
from .types import BOOLEAN, DATE, MONTH, STRING, NumberType, Type, YearMonth
from .units import ONE, parse_unit

SOURCE_KEYS = frozenset({"instrument", "number", "article", "effective", "url", "note"})
ROUNDING_KEYS = frozenset({"to", "mode"})
STANDINGS = {standing.word: standing for standing in Standing}

# What a parameter may be looked up by: the name says the key's type.
KEY_TYPES: dict[str, Type] = {
    "year": NumberType(ONE),
    "number": NumberType(ONE),
    "age_years": NumberType(parse_unit("year")),
    "months": NumberType(parse_unit("month")),
    "date": DATE,
    "month": MONTH,
    "code": STRING,
}

VALUE_TYPES: dict[str, Type] = {"boolean": BOOLEAN, "date": DATE, "month": MONTH, "string": STRING}

ReadTable = Callable[[Node, str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ParameterShape:
    """What a parameter is looked up by and which type it has, as the first file that says so states it."""

    by: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class FileContext:
    """What a clause inherits from its file, and the shapes of its scheme's parameters."""

    source: Source
    standing: Standing
    read_table: ReadTable
    shapes: dict[str, ParameterShape]


def read_standing(entries: Mapping, inherited: Standing) -> Standing:
    node = entries.get("standing")
    if node is None:
        return inherited
    word = node.as_text("'standing'")
    if word not in STANDINGS:
        node.fail(f"'{word}' is not a standing.{suggestion(word, STANDINGS)} Standings: {', '.join(STANDINGS)}.")
    return STANDINGS[word]


def read_source_patch(entries: Mapping) -> SourcePatch | None:
    node = entries.get("source")
    if node is None:
        return None
    fields = node.as_map("a source", SOURCE_KEYS)
    return SourcePatch(**{key: value.as_text(f"the source's {key}") for key, value in fields})


def read_text(entries: Mapping, key: str) -> Text | None:
    node = entries.get(key)
    return None if node is None else Text(node.as_text(f"'{key}'"), node.place)


def require_text(entries: Mapping, key: str, what: str) -> Text:
    node = entries.require(key, what)
    return Text(node.as_text(f"'{key}'"), node.place)


def read_rounding(entries: Mapping) -> Rounding | None:
    node = entries.get("round")
    if node is None or node.text == "none":
        return None
    fields = node.as_map("'round'", ROUNDING_KEYS)
    step = fields.require("to", "'round'").as_decimal("the step of a rounding")
    digits = step.normalize().as_tuple().digits
    if step <= 0 or digits not in ((1,), (2,), (5,)):
        node.fail(f"amounts are rounded to 1, 2 or 5 of a decimal place (1, 0.5, 0.1, 0.01), not to {step}.")
    mode = fields.require("mode", "'round'").as_text("the mode of a rounding")
    if mode not in ROUNDING_MODES:
        node.fail(f"'{mode}' is not a rounding mode.{suggestion(mode, ROUNDING_MODES)} Modes: {', '.join(ROUNDING_MODES)}.")
    return Rounding(step, mode, node.place)


def read_scalar(text: str, kind: Type, place: Place, what: str) -> Scalar:
    """Read a cell of a table as a value of a type. Raises RuleError."""
    node = Node(place, text=text)
    if isinstance(kind, NumberType):
        return node.as_decimal(what)
    if kind == DATE:
        return node.as_date(what)
    if kind == MONTH:
        try:
            return YearMonth.parse(text)
        except ValueError:
            node.fail(f"{what} must be a month written YYYY-MM, not '{text}'.")
    if kind == BOOLEAN:
        return node.as_flag(what)
    return text


def read_flag(entries: Mapping, key: str) -> bool | None:
    node = entries.get(key)
    return None if node is None else node.as_flag(f"'{key}'")
