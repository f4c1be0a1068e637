"""The fact dictionary: every input, declared once in rules/facts.yaml or rules/facts/; and the assumptions a request may make."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar, cast, get_args

from .errors import ExpressionError, Fault, Place, RuleError
from .marked_yaml import Mapping, Node
from .model import Text, Title
from .types import BOOLEAN, DATE, MONTH, STRING, ListType, NumberType, RecordType, StringType, Type
from .units import ONE, Unit, parse_unit

FactKind = Literal["enum", "date", "month", "whole", "number", "boolean", "region", "list", "record"]
# A fact about the household is the same for its members: as it stands, as their number where nobody says otherwise, or as the
# list of what they are paid.
HouseholdRole = Literal["same", "size", "benefits"]
HOUSEHOLD_ROLES: tuple[HouseholdRole, ...] = get_args(HouseholdRole)
# What a fact about a result is filled in with.
ResultPart = Literal["status", "standing", "monthly", "once", "missing", "findings"]
RESULT_PARTS: tuple[ResultPart, ...] = get_args(ResultPart)
# Whether a person can still change it: never (sex, date of birth), only the proof of what was (past), or yes (can).
Changes = Literal["never", "past", "can"]
CHANGES: tuple[Changes, ...] = ("can", "past", "never")
DEFAULT_LIMIT = Decimal("1000000000000")

DICTIONARY_KEYS = frozenset({"facts", "checks", "assumptions"})
CHECK_KEYS = frozenset({"holds", "pointer", "message"})
ASSUMPTION_KEYS = frozenset({"type", "title", "question", "at_least", "at_most"})
FACT_KEYS = frozenset(
    "type title question lookup code unit values at_least at_most decimals earliest latest item fields max_items order_by one_of required note example changes household result".split()
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One input. Bounds are inclusive; `decimals` is how many digits may follow the point."""

    name: str
    kind: FactKind
    title: Title
    question: Title | None
    lookup: Title | None
    code: str | None
    unit: Unit | None
    values: tuple[tuple[str, Title], ...]
    at_least: Decimal | None
    at_most: Decimal | None
    decimals: int
    earliest: date | None
    latest: date | None
    fields: tuple[Fact, ...]
    max_items: int
    order_by: str | None
    one_of: tuple[str, ...]
    required: bool
    note: Title | None
    example: str | None
    place: Place
    household: HouseholdRole | None = None
    result: ResultPart | None = None
    changes: Changes = "past"

    @property
    def type(self) -> Type:
        """The type of the fact's value in expressions."""
        if self.kind == "enum":
            return StringType(tuple(code for code, _ in self.values))
        if self.kind in ("whole", "number"):
            return NumberType(self.unit or ONE)
        if self.kind in ("list", "record"):
            record = RecordType(tuple((field.name, field.type, not field.required) for field in self.fields))
            return ListType(record) if self.kind == "list" else record
        plain: dict[str, Type] = {"date": DATE, "month": MONTH, "boolean": BOOLEAN, "region": STRING}
        return plain[self.kind]


@dataclass(frozen=True, slots=True)
class FactCheck:
    """A plausibility check between facts; `pointer` is the fact to blame."""

    name: str
    holds: Text
    pointer: str
    message: Title
    place: Place


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something a request may assume of the future: a rate, or a yes/no."""

    name: str
    kind: Literal["rate", "boolean"]
    title: Title
    question: Title | None
    at_least: Decimal
    at_most: Decimal
    place: Place


_Word = TypeVar("_Word", bound=str)
_Declared = TypeVar("_Declared", Fact, FactCheck, Assumption)


@dataclass(frozen=True, slots=True)
class FactDictionary:
    facts: dict[str, Fact]
    checks: tuple[FactCheck, ...]
    assumptions: dict[str, Assumption]


def read_title(node: Node, what: str) -> Title:
    """Read `{zh: ..., en: ...}`."""
    entries = node.as_map(what, frozenset({"zh", "en"}))
    return Title(entries.require("zh", what).as_text(what), entries.require("en", what).as_text(what))


def _optional_title(entries: Mapping, key: str) -> Title | None:
    node = entries.get(key)
    return None if node is None else read_title(node, f"'{key}'")


def read_unit(entries: Mapping) -> Unit | None:
    node = entries.get("unit")
    if node is None:
        return None
    try:
        return parse_unit(node.as_text("a unit"))
    except ExpressionError as error:
        raise RuleError([Fault(node.place, error.message)]) from None


def read_fact_dictionary(nodes: Iterable[Node]) -> FactDictionary:
    """Read the files of the fact dictionary, which are one dictionary. Raises RuleError with every fault."""
    reader = _DictionaryReader()
    for node in nodes:
        reader.read(node)
    if reader.faults:
        raise RuleError(reader.faults)
    return FactDictionary(reader.facts, tuple(reader.checks.values()), reader.assumptions)


class _DictionaryReader:
    """Gathers what the files of the dictionary declare; a name is declared in one place only."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.facts: dict[str, Fact] = {}
        self.checks: dict[str, FactCheck] = {}
        self.assumptions: dict[str, Assumption] = {}

    def read(self, node: Node) -> None:
        top = node.as_map("the fact dictionary", DICTIONARY_KEYS)
        self._section(top, "facts", self.facts, lambda name, entry: _read_fact(name, entry, required=False))
        self._section(top, "checks", self.checks, _read_check)
        self._section(top, "assumptions", self.assumptions, _read_assumption)

    def _section(self, top: Mapping, key: str, found: dict[str, _Declared], read: Callable[[str, Node], _Declared]) -> None:
        section = top.get(key)
        for name, entry in () if section is None else section.as_map(f"'{key}'"):
            try:
                if name in found:
                    first = found[name].place
                    entry.fail(f"'{name}' is already declared in {first.file} on line {first.line}. A name is declared once.")
                found[name] = read(name, entry)
            except RuleError as error:
                self.faults.extend(error.faults)


def _read_fact(name: str, node: Node, *, required: bool) -> Fact:
    entries = node.as_map(f"the fact '{name}'", FACT_KEYS)
    what = f"the fact '{name}'"
    kind = entries.require("type", what).as_text("a fact's type")
    if kind not in get_args(FactKind):
        node.fail(f"'{kind}' is not a type of fact. Types: {', '.join(get_args(FactKind))}.")
    values_node, fields_node = entries.get("values"), entries.get("fields") or entries.get("item")
    values = () if values_node is None else tuple((code, read_title(title, "a value's title")) for code, title in values_node.as_map("'values'"))
    fields = () if fields_node is None else tuple(
        _read_field(field, entry) for field, entry in fields_node.as_map("'item'")
    )  # fmt: skip
    if (kind == "enum") != bool(values):
        node.fail(f"{what}: 'values' goes with type enum, and an enum needs it.")
    if (kind in ("list", "record")) != bool(fields):
        node.fail(f"{what}: 'item' (or 'fields') goes with type list or record, which need it.")
    unit = read_unit(entries)
    if unit is not None and kind not in ("whole", "number"):
        node.fail(f"{what}: only a number has a unit.")
    if kind in ("whole", "number") and entries.get("at_most") is None:
        node.fail(f"{what} has no 'at_most'. Say the largest value that can be meant: it bounds what is computed from it.")
    one_of = entries.get("one_of")
    return Fact(
        name=name,
        kind=cast(FactKind, kind),
        title=read_title(entries.require("title", what), f"the title of '{name}'"),
        question=_optional_title(entries, "question"),
        lookup=_optional_title(entries, "lookup"),
        code=_text(entries, "code"),
        unit=unit,
        values=values,
        at_least=_decimal(entries, "at_least"),
        at_most=_decimal(entries, "at_most"),
        decimals=0 if kind == "whole" else int(_decimal(entries, "decimals") or 2),
        earliest=_date(entries, "earliest"),
        latest=_date(entries, "latest"),
        fields=fields,
        max_items=int(_decimal(entries, "max_items") or 100),
        order_by=_order_by(entries, what, fields),
        one_of=() if one_of is None else tuple(item.as_text("a field name") for item in one_of.as_list("'one_of'")),
        required=required,
        note=_optional_title(entries, "note"),
        example=_text(entries, "example"),
        place=node.place,
        household=read_one_of(entries, "household", HOUSEHOLD_ROLES),
        result=read_one_of(entries, "result", RESULT_PARTS),
        changes=read_changes(entries) or "past",
    )


def read_one_of(entries: Mapping, key: str, words: tuple[_Word, ...]) -> _Word | None:
    """A text that has to be one of a few; None where it is not stated."""
    node = entries.get(key)
    if node is None:
        return None
    word = node.as_text(f"'{key}'")
    found = next((each for each in words if each == word), None)
    if found is None:
        node.fail(f"'{key}' is one of {', '.join(words)}, not '{word}'.")
    return found


def read_changes(entries: Mapping) -> Changes | None:
    """Whether a person can change it; None where that is not said."""
    node = entries.get("changes")
    if node is None:
        return None
    word = node.as_text("'changes'")
    if word not in CHANGES:
        node.fail(f"'changes' must be can, past or never, not '{word}': whether a person can still change it, can only prove what was, or neither.")
    return word


def _read_field(name: str, node: Node) -> Fact:
    """A field of a record or of a list's items."""
    entries = node.as_map(f"the field '{name}'")
    stated = entries.get("changes")
    if stated is not None:
        stated.fail(f"'changes' is said of a whole fact, and '{name}' is a field of one. Move it up to the fact.")
    required = entries.get("required")
    return _read_fact(name, node, required=required is not None and required.as_flag("'required'"))


def _order_by(entries: Mapping, what: str, fields: tuple[Fact, ...]) -> str | None:
    """The required field a list is kept in order of, so that 'carry' and positions mean the same everywhere."""
    node = entries.get("order_by")
    if node is None:
        return None
    name = node.as_text("'order_by'")
    if not any(field.name == name and field.required for field in fields):
        node.fail(f"{what}: 'order_by' has to name a required field of its items, not '{name}'.")
    return name


def _is_set(entries: Mapping, key: str) -> bool:
    flag = entries.get(key)
    return flag is not None and flag.as_flag(f"'{key}'")


def _read_check(name: str, node: Node) -> FactCheck:
    entries = node.as_map(f"the check '{name}'", CHECK_KEYS)
    holds = entries.require("holds", f"the check '{name}'")
    return FactCheck(
        name,
        Text(holds.as_text("'holds'"), holds.place),
        entries.require("pointer", f"the check '{name}'").as_text("'pointer'"),
        read_title(entries.require("message", f"the check '{name}'"), "a message"),
        node.place,
    )


def _read_assumption(name: str, node: Node) -> Assumption:
    what = f"the assumption '{name}'"
    entries = node.as_map(what, ASSUMPTION_KEYS)
    kind = entries.require("type", what).as_text("an assumption's type")
    if kind not in ("rate", "boolean"):
        node.fail(f"{what}: type must be rate or boolean, not '{kind}'.")
    return Assumption(
        name,
        "rate" if kind == "rate" else "boolean",
        read_title(entries.require("title", what), "a title"),
        _optional_title(entries, "question"),
        _decimal(entries, "at_least") or Decimal("-0.5"),
        _decimal(entries, "at_most") or Decimal("0.5"),
        node.place,
    )


def _text(entries: Mapping, key: str) -> str | None:
    node = entries.get(key)
    return None if node is None else node.as_text(f"'{key}'")


def _decimal(entries: Mapping, key: str) -> Decimal | None:
    node = entries.get(key)
    return None if node is None else node.as_decimal(f"'{key}'")


def _date(entries: Mapping, key: str) -> date | None:
    node = entries.get(key)
    return None if node is None else node.as_date(f"'{key}'")
