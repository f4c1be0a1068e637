"""Official tables as cases: every row of a CSV file is one case.

`columns` says what each column is: the name of a fact or of a given figure, `as_of`, `region`, or
`scheme:name` for a value the scheme must answer (`scheme:status` and `scheme:standing` too). A column may
also be a mapping: `{to: ..., as: "{}-01"}` writes the cell into a text, and `{to: ..., times: 12}` multiplies
it; the numbers of several columns with one target are added up, so that years and months make months.
An empty cell states nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath

from app.language import FactDictionary, Fault, Place, RuleError, Standing
from app.language.errors import suggestion
from app.language.marked_yaml import Mapping, Node

from .model import Expectation, ExpectationKind
from .request_body import MERGED_KEYS, Parts

TABLE_KEYS = frozenset({"file", "columns", "name", "where"})
COLUMN_KEYS = frozenset({"to", "as", "times"})
_SINGLE = ("as_of", "region")
_STATUSES = frozenset({"eligible", "not_eligible", "undetermined"})
_STANDINGS = frozenset(standing.word for standing in Standing)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: what it states and what it expects."""

    name: str
    place: Place
    parts: Parts
    expectations: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    target: str
    template: str | None
    times: Decimal | None
    place: Place

    def read(self, cell: str, place: Place) -> str | Decimal:
        """The cell as text, or as a number where it is to be multiplied."""
        if self.times is not None:
            return Node(place, text=cell).as_decimal(f"'{self.name}'") * self.times
        return cell if self.template is None else self.template.replace("{}", cell)


def read_table_cases(entries: Mapping, path: Path, shown: str, dictionary: FactDictionary) -> Iterator[TableRow]:
    """Read the table at `path`, which an entry of a case file names. Raises RuleError with file and line."""
    file_node = entries.require("file", "'table'")
    if not path.is_file():
        file_node.fail(f"there is no table '{file_node.text}' beside this file.")
    table = str(PurePosixPath(shown).parent / (file_node.text or ""))
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    header = list(reader.fieldnames or ())
    columns = _columns(entries.require("columns", "'table'"), header)
    where = _where(entries.get("where"), header)
    name = entries.get("name")
    template = None if name is None else name.as_text("'name'")
    for cells in reader:
        if all((cells[column] or "") in allowed for column, allowed in where.items()):
            yield _row(cells, Place(table, reader.line_num), columns, template, dictionary)


def _columns(node: Node, header: list[str]) -> list[_Column]:
    columns = []
    for name, value in node.as_map("'columns'"):
        _known(name, header, value.place)
        if value.entries is None:
            columns.append(_Column(name, value.as_text(f"what the column '{name}' is"), None, None, value.place))
            continue
        fields = value.as_map(f"the column '{name}'", COLUMN_KEYS)
        template, times = fields.get("as"), fields.get("times")
        if template is not None and (times is not None or "{}" not in template.as_text("'as'")):
            template.fail("'as' is a text with {} where the cell goes, such as \"{}-01\"; it does not go together with 'times'.")
        columns.append(
            _Column(
                name,
                fields.require("to", f"the column '{name}'").as_text("'to'"),
                None if template is None else template.text,
                None if times is None else times.as_decimal("'times'"),
                value.place,
            )
        )
    return columns


def _known(column: str, header: list[str], place: Place) -> None:
    if column not in header:
        raise RuleError([Fault(place, f"the table has no column '{column}'.{suggestion(column, header)} Columns: {', '.join(header)}.")])


def _where(node: Node | None, header: list[str]) -> dict[str, frozenset[str]]:
    """The rows that are cases: per column, the cells it may hold."""
    found: dict[str, frozenset[str]] = {}
    for column, value in () if node is None else node.as_map("'where'"):
        _known(column, header, value.place)
        cells = (value,) if value.items is None else value.items
        found[column] = frozenset(cell.as_text("a cell") for cell in cells)
    return found


def _row(cells: dict[str, str], place: Place, columns: list[_Column], template: str | None, dictionary: FactDictionary) -> TableRow:
    single: dict[str, Node] = {}
    merged: dict[str, dict[str, Node]] = {key: {} for key in MERGED_KEYS}
    expectations: list[Expectation] = []
    for target, text in _targets(cells, place, columns).items():
        node = Node(place, text=text)
        if ":" in target:
            expectations.append(_expectation(target, node))
        elif target in _SINGLE:
            single[target] = node
        else:
            key = "facts" if target in dictionary.facts else "assumptions" if target in dictionary.assumptions else "given"
            merged[key][target] = node
    shown = str(place) if template is None else _filled(template, cells, place)
    return TableRow(shown, place, Parts(single, merged), tuple(expectations))


def _targets(cells: dict[str, str], place: Place, columns: list[_Column]) -> dict[str, str]:
    """What the row says by target; the columns of one target are added up."""
    stated: dict[str, list[str | Decimal]] = {}
    for column in columns:
        cell = (cells[column.name] or "").strip()
        if cell:
            stated.setdefault(column.target, []).append(column.read(cell, place))
    return {target: _joined(target, values, place) for target, values in stated.items()}


def _joined(target: str, values: list[str | Decimal], place: Place) -> str:
    if len(values) == 1:
        return str(values[0])
    what = f"a part of '{target}'"
    numbers = (value if isinstance(value, Decimal) else Node(place, text=value).as_decimal(what) for value in values)
    return format(sum(numbers, Decimal(0)), "f")


def _expectation(target: str, node: Node) -> Expectation:
    scheme, _, name = target.partition(":")
    kind: ExpectationKind = "status" if name == "status" else "standing" if name == "standing" else "value"
    allowed = {"status": _STATUSES, "standing": _STANDINGS}.get(name)
    if allowed is not None and node.text not in allowed:
        node.fail(f"'{node.text}' is not a {name}. It may be {', '.join(sorted(allowed))}.")
    return Expectation(scheme, kind, name, node.text, node.place)


def _filled(template: str, cells: dict[str, str], place: Place) -> str:
    """The name of a row: the template with cells in it, and the line, which makes it unlike any other."""
    for column, cell in cells.items():
        template = template.replace(f"{{{column}}}", cell or "")
    return f"{template} (line {place.line})"
