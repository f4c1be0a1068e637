"""Marked YAML and CSV to the clauses of parameters."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from .clause_parts import (
    KEY_TYPES,
    STANDINGS,
    VALUE_TYPES,
    FileContext,
    ParameterShape,
    ReadTable,
    read_rounding,
    read_scalar,
    read_source_patch,
    read_standing,
    read_text,
)
from .errors import Fault, Place, RuleError, suggestion
from .facts import read_title, read_unit
from .ir import Scalar
from .marked_yaml import Mapping, Node
from .model import (
    Band,
    Extension,
    ParameterClause,
    Source,
    SourcePatch,
    Standing,
    TableRow,
)
from .types import NumberType, Type
from .units import ONE

PARAMETER_KEYS = frozenset("title unit by at match value values add_values table bands extend source standing type gaps".split())
ROW_KEYS = frozenset({"value", "standing", "source", "published"})
TABLE_KEYS = frozenset({"file", "key", "value"})
BAND_KEYS = frozenset({"above", "rate", "source", "standing"})
EXTENSION_KEYS = frozenset({"with", "how", "round", "provisional"})


def read_parameter(name: str, node: Node, context: FileContext) -> ParameterClause:
    what = f"the parameter '{name}'"
    entries = node.as_map(what, PARAMETER_KEYS)
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
        fields = node.as_map(what, ROW_KEYS)
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
        spec = node.as_map("'table'", TABLE_KEYS) if node.entries is not None else None
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
        if word and word not in STANDINGS:
            raise RuleError([Fault(place, f"'{word}' is not a standing. Standings: {', '.join(STANDINGS)}.")])
        return STANDINGS[word] if word else self.standing

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
            fields = item.as_map("a band", BAND_KEYS)
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
    fields = node.as_map("'extend'", EXTENSION_KEYS)
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
