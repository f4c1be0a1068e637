"""Marked YAML nodes to the clauses of a rule file: parameters, definitions, conclusions."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from .errors import ExpressionError, Fault, Place, RuleError, suggestion
from .facts import read_title, read_unit
from .ir import ROUNDING_MODES, Scalar
from .marked_yaml import Mapping, Node
from .model import (
    Band,
    Body,
    CarryClause,
    ConclusionClause,
    DecisionClause,
    DefinitionClause,
    Extension,
    Kind,
    ParameterClause,
    Rounding,
    Source,
    SourcePatch,
    Standing,
    TableRow,
    Text,
    Title,
)
from .types import BOOLEAN, DATE, MONTH, STRING, NumberType, Type, YearMonth
from .units import ONE, Unit, parse_unit

SOURCE_KEYS = frozenset({"instrument", "number", "article", "effective", "url", "note"})
_PARAMETER_KEYS = frozenset(
    "title unit by at match value values add_values table bands extend source standing output type gaps".split()
)
_DEFINITION_KEYS = frozenset("applies_when title unit value decide carry round source standing output holds shortfall".split())
_CONCLUSION_KEYS = frozenset({"kind", "when", "text", "source"})
_ROW_KEYS = frozenset({"value", "standing", "source", "published"})
CONCLUSION_KINDS = ("exclusion", "offset", "duplicate", "suggestion", "route")
HIT_POLICIES = (
    "unique", "any", "first", "priority", "rule order", "output order",
    "collect", "collect sum", "collect min", "collect max", "collect count",
)  # fmt: skip
_STANDINGS = {standing.word: standing for standing in Standing}

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
    if word not in _STANDINGS:
        node.fail(f"'{word}' is not a standing.{suggestion(word, _STANDINGS)} Standings: {', '.join(_STANDINGS)}.")
    return _STANDINGS[word]


def read_source_patch(entries: Mapping) -> SourcePatch | None:
    node = entries.get("source")
    if node is None:
        return None
    fields = node.as_map("a source", SOURCE_KEYS)
    return SourcePatch(**{key: value.as_text(f"the source's {key}") for key, value in fields})


def read_text(entries: Mapping, key: str) -> Text | None:
    node = entries.get(key)
    return None if node is None else Text(node.as_text(f"'{key}'"), node.place)


def _require_text(entries: Mapping, key: str, what: str) -> Text:
    node = entries.require(key, what)
    return Text(node.as_text(f"'{key}'"), node.place)


def read_rounding(entries: Mapping) -> Rounding | None:
    node = entries.get("round")
    if node is None or node.text == "none":
        return None
    fields = node.as_map("'round'", frozenset({"to", "mode"}))
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


# -- parameters -----------------------------------------------------------------------------------


def read_parameter(name: str, node: Node, context: FileContext) -> ParameterClause:
    what = f"the parameter '{name}'"
    entries = node.as_map(what, _PARAMETER_KEYS)
    patch = read_source_patch(entries)
    source = context.source.merged(patch)
    standing = read_standing(entries, context.standing)
    shape = context.shapes.get(name, ParameterShape())
    key_type, by_node = None, entries.get("by")
    if by_node is not None:
        by = by_node.as_text("'by'")
        if by not in KEY_TYPES:
            by_node.fail(f"a parameter cannot be looked up by '{by}'.{suggestion(by, KEY_TYPES)} Keys: {', '.join(KEY_TYPES)}.")
        key_type = KEY_TYPES[by]
    title_node = entries.get("title")
    rows = _ParameterRows(name, entries, source, standing, context.read_table, shape)
    match = _match(entries)
    return ParameterClause(
        name=name,
        place=entries.node.place,
        title=None if title_node is None else read_title(title_node, f"the title of '{name}'"),
        unit=read_unit(entries),
        key_type=key_type,
        at=read_text(entries, "at"),
        match=match,
        rows=rows.rows(),
        bands=rows.bands(),
        adds_rows="add_values" in entries.entries,
        extend=_read_extension(entries),
        value_type=rows.value_type(),
        source=source,
        standing=standing,
        output=_flag(entries, "output") or False,
        gaps_are_known=_gaps(entries),
    )


def _gaps(entries: Mapping) -> bool:
    node = entries.get("gaps")
    if node is not None and node.as_text("'gaps'") != "unknown":
        node.fail("'gaps' can only be unknown: values between the rows were never published.")
    return node is not None


def _match(entries: Mapping) -> Literal["exact", "from"]:
    node = entries.get("match")
    word = "exact" if node is None else node.as_text("'match'")
    if node is not None and word not in ("exact", "from"):
        node.fail(f"'match' must be exact (only the keys listed) or from (each value holds until the next key), not '{word}'.")
    return "from" if word == "from" else "exact"


@dataclass(frozen=True, slots=True)
class _ParameterRows:
    """Reads `value`, `values`, `add_values`, `table` or `bands` of one parameter."""

    name: str
    entries: Mapping
    source: Source
    standing: Standing
    read_table: ReadTable
    shape: ParameterShape

    def _declared_key(self) -> Type | None:
        node = self.entries.get("by")
        return KEY_TYPES.get((self.shape.by if node is None else node.text) or "")

    def value_type(self) -> Type | None:
        """The declared type of the values, here or where the parameter was founded; None for numbers."""
        node = self.entries.get("type")
        if node is None:
            return VALUE_TYPES.get(self.shape.type or "")
        word = node.as_text("'type'")
        if word not in VALUE_TYPES:
            node.fail(f"'{word}' is not a type of parameter. Types: {', '.join(VALUE_TYPES)}; a number needs no 'type'.")
        return VALUE_TYPES[word]

    def rows(self) -> tuple[TableRow, ...] | None:
        stated = [key for key in ("value", "values", "add_values", "table") if self.entries.get(key) is not None]
        if len(stated) > 1:
            self.entries.node.fail(f"the parameter '{self.name}' states {' and '.join(stated)}. Keep one.")
        if not stated:
            return None
        node = self.entries.require(stated[0], self.name)
        if stated[0] == "value":
            return (self._row(None, node),)
        if stated[0] == "table":
            return tuple(self._csv_rows(node))
        return tuple(self._keyed_row(key, value) for key, value in node.as_map(f"'{stated[0]}'"))

    def _keyed_row(self, key: str, node: Node) -> TableRow:
        kind = self._declared_key() or NumberType(ONE)
        return self._row(read_scalar(key, kind, node.place, f"a key of '{self.name}'"), node)

    def _row(self, key: Scalar, node: Node) -> TableRow:
        kind = self.value_type() or NumberType(ONE)
        what = f"a value of '{self.name}'"
        if node.entries is None:
            return TableRow(key, read_scalar(node.as_text(what), kind, node.place, what), self.standing, self.source, None, node.place)
        fields = node.as_map(what, _ROW_KEYS)
        value = fields.require("value", what)
        published = fields.get("published")
        return TableRow(
            key,
            read_scalar(value.as_text(what), kind, value.place, what),
            read_standing(fields, self.standing),
            self.source.merged(read_source_patch(fields)),
            None if published is None else published.as_date("'published'"),
            node.place,
        )

    def _csv_rows(self, node: Node) -> list[TableRow]:
        spec = node.as_map("'table'", frozenset({"file", "key", "value"})) if node.entries is not None else None
        file_node = node if spec is None else spec.require("file", "'table'")
        path, text = self.read_table(file_node, file_node.as_text("'table'"))
        key_column = _column(spec, "key", "key")
        value_column = _column(spec, "value", "value")
        reader = csv.DictReader(io.StringIO(text))
        columns = reader.fieldnames or []
        for column in (key_column, value_column):
            if column not in columns:
                raise RuleError([Fault(Place(path, 1), f"the table has no column '{column}'.{suggestion(column, columns)}")])
        kind = self._declared_key() or NumberType(ONE)
        value_kind = self.value_type() or NumberType(ONE)
        rows = []
        for cells in reader:
            place = Place(path, reader.line_num)
            rows.append(
                TableRow(
                    read_scalar(cells[key_column] or "", kind, place, f"'{key_column}'"),
                    read_scalar(cells[value_column] or "", value_kind, place, f"'{value_column}'"),
                    self._csv_standing(cells, place),
                    self.source.merged(self._csv_source(cells)),
                    _csv_date(cells.get("published"), place),
                    place,
                )
            )
        return rows

    def _csv_standing(self, cells: dict[str, str], place: Place) -> Standing:
        word = cells.get("standing") or ""
        if word and word not in _STANDINGS:
            raise RuleError([Fault(place, f"'{word}' is not a standing. Standings: {', '.join(_STANDINGS)}.")])
        return _STANDINGS[word] if word else self.standing

    @staticmethod
    def _csv_source(cells: dict[str, str]) -> SourcePatch | None:
        stated = {key: cells[key] for key in ("instrument", "number", "article", "note") if cells.get(key)}
        return SourcePatch(**stated) if stated else None

    def bands(self) -> tuple[Band, ...] | None:
        node = self.entries.get("bands")
        if node is None:
            return None
        bands = []
        for item in node.as_list("'bands'"):
            fields = item.as_map("a band", frozenset({"above", "rate", "source", "standing"}))
            bands.append(
                Band(
                    fields.require("above", "a band").as_decimal("'above'"),
                    fields.require("rate", "a band").as_decimal("'rate'"),
                    read_standing(fields, self.standing),
                    self.source.merged(read_source_patch(fields)),
                    item.place,
                )
            )
        for before, after in pairwise(bands):
            if after.above <= before.above:
                raise RuleError([Fault(after.place, f"bands must rise: {after.above} does not stand above {before.above}.")])
        return tuple(bands)


def _column(spec: Mapping | None, key: str, default: str) -> str:
    node = None if spec is None else spec.get(key)
    return default if node is None else node.as_text(f"'{key}'")


def _csv_date(text: str | None, place: Place) -> date | None:
    return Node(place, text=text).as_date("'published'") if text else None


def _read_extension(entries: Mapping) -> Extension | None:
    node = entries.get("extend")
    if node is None:
        return None
    fields = node.as_map("'extend'", frozenset({"with", "how", "round", "provisional"}))
    how_node = fields.require("how", "'extend'")
    how = how_node.as_text("'how'")
    if how not in ("grow", "set"):
        how_node.fail(f"'how' must be grow (by the assumed rate each year) or set (the assumed rate is the value), not '{how}'.")
    provisional = fields.get("provisional")
    return Extension(
        fields.require("with", "'extend'").as_text("'with'"),
        "grow" if how == "grow" else "set",
        read_rounding(fields),
        None if provisional is None else provisional.as_text("'provisional'"),
    )


def _flag(entries: Mapping, key: str) -> bool | None:
    node = entries.get(key)
    return None if node is None else node.as_flag(f"'{key}'")


# -- definitions ----------------------------------------------------------------------------------


def read_definition(name: str, kind: Kind, node: Node, context: FileContext) -> DefinitionClause:
    what = f"the {kind} '{name}'"
    entries = node.as_map(what, _DEFINITION_KEYS)
    title_node, round_node = entries.get("title"), entries.get("round")
    return DefinitionClause(
        name=name,
        kind=kind,
        place=entries.node.place,
        title=None if title_node is None else read_title(title_node, f"the title of '{name}'"),
        unit=read_unit(entries),
        body=_read_body(name, kind, entries, context.read_table),
        round=read_rounding(entries),
        unrounded=round_node is not None and round_node.text == "none",
        shortfall=read_text(entries, "shortfall"),
        applies_when=read_text(entries, "applies_when"),
        output=_flag(entries, "output"),
        source=context.source.merged(read_source_patch(entries)),
        standing=read_standing(entries, context.standing),
    )


def _read_body(name: str, kind: Kind, entries: Mapping, read_table: ReadTable) -> Body | None:
    stated = [key for key in ("value", "decide", "carry", "holds") if entries.get(key) is not None]
    if len(stated) > 1:
        entries.node.fail(f"'{name}' states {' and '.join(stated)}. Keep one.")
    if not stated:
        return None
    if (stated[0] == "holds") != (kind == "condition"):
        entries.node.fail(f"'{name}': a condition says 'holds:', a definition or benefit says 'value:', 'decide:' or 'carry:'.")
    if stated[0] == "decide":
        return _read_decision(name, entries.require("decide", name), read_table)
    if stated[0] == "carry":
        return _read_carry(name, entries.require("carry", name))
    return read_text(entries, stated[0])


def _read_carry(name: str, node: Node) -> CarryClause:
    what = f"the carry of '{name}'"
    fields = node.as_map(what, frozenset({"each", "in", "start", "next", "collect", "round"}))
    return CarryClause(
        variable=fields.require("each", what).as_text("'each'"),
        over=_require_text(fields, "in", what),
        start=_require_text(fields, "start", what),
        next=_require_text(fields, "next", what),
        collect=_flag(fields, "collect") or False,
        round=read_rounding(fields),
    )


def _read_decision(name: str, node: Node, read_table: ReadTable) -> DecisionClause:
    what = f"the decision table of '{name}'"
    fields = node.as_map(what, frozenset({"hit", "inputs", "rows", "table", "priorities"}))
    hit_node = fields.require("hit", what)
    hit = hit_node.as_text("'hit'")
    if hit not in HIT_POLICIES:
        hit_node.fail(f"'{hit}' is not a hit policy.{suggestion(hit, HIT_POLICIES)} Policies: {', '.join(HIT_POLICIES)}.")
    inputs = tuple(Text(item.as_text("an input"), item.place) for item in fields.require("inputs", what).as_list("'inputs'"))
    rows_node = fields.get("rows")
    if rows_node is not None:
        rows = tuple(_decision_row([_cell(cell) for cell in row.as_list("a row")], row.place) for row in rows_node.as_list("'rows'"))
        file = node.place.file
    else:
        table = fields.require("table", what)
        file, text = read_table(table, table.as_text("'table'"))
        reader = csv.reader(io.StringIO(text))
        next(reader, None)
        rows = tuple(_decision_row([Text(cell, Place(file, reader.line_num)) for cell in cells], Place(file, reader.line_num)) for cells in reader if cells)
    for tests, output in rows:
        if len(tests) != len(inputs):
            raise RuleError([Fault(output.place, f"the row has {len(tests)} test{'s' if len(tests) != 1 else ''} for {len(inputs)} input{'s' if len(inputs) != 1 else ''}. Write one cell per input, then the output.")])
    priorities_node = fields.get("priorities")
    priorities = () if priorities_node is None else tuple(
        Text(item.as_text("an output"), item.place) for item in priorities_node.as_list("'priorities'")
    )  # fmt: skip
    if (hit in ("priority", "output order")) != bool(priorities):
        hit_node.fail("'priorities' (the outputs, best first) goes with the hit policies priority and output order, which need it.")
    return DecisionClause(hit, inputs, rows, priorities, file)


def _cell(node: Node) -> Text:
    if node.text is None:
        node.fail("a cell must be one text. Put a range or a list in quotes, such as \"[1..3]\".")
    return Text(node.text, node.place)


def _decision_row(cells: list[Text], place: Place) -> tuple[tuple[Text, ...], Text]:
    if len(cells) < 2:
        raise RuleError([Fault(place, "a row needs a test for each input and an output.")])
    return tuple(cells[:-1]), cells[-1]


def read_conclusion(name: str, node: Node, context: FileContext) -> ConclusionClause:
    what = f"the conclusion '{name}'"
    entries = node.as_map(what, _CONCLUSION_KEYS)
    kind_node = entries.require("kind", what)
    kind = kind_node.as_text("'kind'")
    if kind not in CONCLUSION_KINDS:
        kind_node.fail(f"'{kind}' is not a kind of conclusion. Kinds: {', '.join(CONCLUSION_KINDS)}.")
    text: Title = read_title(entries.require("text", what), "a conclusion's text")
    return ConclusionClause(name, kind, entries.node.place, _require_text(entries, "when", what), text, context.source.merged(read_source_patch(entries)))


__all__ = ["Decimal", "ExpressionError", "FileContext", "Unit", "read_conclusion", "read_definition", "read_parameter"]
