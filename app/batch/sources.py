"""Where the command line's cases come from: lines of JSON, or the rows of a CSV table of people."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader
from typing import TYPE_CHECKING, Any, Protocol

from app.engine import InputError, InputFault
from app.language import Rulebook

from .lines import Lines
from .reading import BatchReader
from .work import Item, handfuls

if TYPE_CHECKING:  # pyarrow takes time to load, and lines of JSON need none of it
    from app.population.question import Question

_PIECE = 256 * 1024
AS_OF = "as_of"


class Source(Protocol):
    """Cases in handfuls. `position` is how many bytes of the input have been read, `carried` the names of carried cells."""

    position: int
    carried: tuple[str, ...]

    def __iter__(self) -> Iterator[list[Item]]: ...


class LineSource:
    """Lines of JSON. Defaults in the first line are taken when this is made: InputError where they are wrong."""

    carried: tuple[str, ...] = ()

    def __init__(self, file: BufferedReader, reader: BatchReader, rulebook: Rulebook) -> None:
        self.position = 0
        self._file = file
        self._lines = Lines(reader.limits.size)
        self._pieces = self._read()
        self._first = next(filter(None, self._pieces), [])
        if self._first and _is_defaults(self._first[0], reader, rulebook):
            del self._first[0]

    def _read(self) -> Iterator[list[Item]]:
        """The lines of each piece: what comes slowly is not waited for."""
        while piece := self._file.read1(_PIECE):
            self.position += len(piece)
            yield [Item(*line) for line in self._lines.feed(piece)]
        yield [Item(*line) for line in self._lines.end()]

    def __iter__(self) -> Iterator[list[Item]]:
        yield from handfuls(self._first)
        self._first = []
        for items in self._pieces:
            yield from handfuls(items)


def _is_defaults(item: Item, reader: BatchReader, rulebook: Rulebook) -> bool:
    if not isinstance(item.case, bytes) or b'"defaults"' not in item.case:
        return False
    try:
        value = reader.value(item.case)
    except InputError:
        return False  # told as any line that cannot be read
    return reader.take_defaults(value, rulebook)


class CsvSource:
    """A table of people, its columns those of populations (docs/population.md) and `as_of`. Raises InputError for its columns."""

    def __init__(self, file: BufferedReader, name: str, rulebook: Rulebook, question: Question) -> None:
        import pyarrow as pa

        from app.population.columns import ABOUT, HOUSEHOLD_ID, WEIGHT, check_columns, given_types
        from app.population.rows import RowWriter
        from app.population.runs.csv_input import CsvStream

        self.position = 0
        self._input = CsvStream(file, name)
        self._facts = rulebook.facts
        names = self._input.names
        self._own = [each for each in names if each != AS_OF]
        if names.count(AS_OF) > 1:
            raise InputError([InputFault("/columns/as_of", "repeated", "列 'as_of' 重复。", "there are several columns 'as_of'. Keep one.")])
        check_columns(pa.schema([pa.field(each, pa.string()) for each in self._own]), rulebook.facts)
        self._dated = AS_OF in names
        self._given = _given_types(given_types, rulebook, question, self._own, strict=not self._dated)
        self._writer = RowWriter(rulebook.facts, question)
        self.carried = tuple(each for each in names if each in (HOUSEHOLD_ID, WEIGHT) or each.startswith(ABOUT))

    def __iter__(self) -> Iterator[list[Item]]:
        for piece in self._input.read(self._tell):
            broken = [Item(each.number + 1, each.faults) for each in piece.broken]
            items: Iterator[Item] = iter(broken) if not piece.batch.num_rows else self._items(piece, broken)
            yield from handfuls(items)

    def _tell(self, position: int) -> None:
        self.position = position

    def _items(self, piece: Any, broken: list[Item]) -> Iterator[Item]:
        """The rows of a piece in their order; a slice at a time, as rows take far more memory than columns."""
        for start in range(0, piece.batch.num_rows, _SLICE):
            batch = piece.batch.slice(start, _SLICE)
            for number, item in zip(piece.numbers[start : start + _SLICE] + 1, self._rows(batch), strict=True):
                while broken and broken[0].number < number:
                    yield broken.pop(0)
                yield item._replace(number=int(number))
        yield from broken

    def _rows(self, batch: Any) -> Iterator[Item]:
        from app.population.columns import PERSON_ID, conform

        conformed = conform(batch.select(self._own), self._facts, self._given)
        faults = {reject.row: reject.faults for reject in conformed.rejects}
        days = _texts(batch, AS_OF) if self._dated else [None] * batch.num_rows
        names = _texts(batch, PERSON_ID) if PERSON_ID in self._own else [None] * batch.num_rows
        carried = [_texts(batch, each) for each in self.carried]
        for row, body in enumerate(self._writer.bodies(conformed.batch)):
            cells = tuple(column[row] or "" for column in carried)
            if row in faults:
                yield Item(0, faults[row], names[row], cells)
                continue
            # The question's part of a body stands in the batch's defaults.
            own: dict[str, Any] = {name: body[name] for name in ("facts", "given")}
            own |= {"region": body["region"]} if "region" in self._own else {}
            own |= {AS_OF: days[row]} if days[row] else {}
            yield Item(0, own if names[row] is None else {"id": names[row], **own}, names[row], cells)


_SLICE = 1024


def _texts(batch: Any, name: str) -> list[str | None]:
    """A column as it is written; what is no UTF-8 with marks in its place."""
    return [None if value is None else value.decode(errors="replace") for value in batch.column(name).to_pylist()]


def _given_types(find: Any, rulebook: Rulebook, question: Question, columns: list[str], *, strict: bool) -> dict[str, Any]:
    """As which type given figures are read. With a day in each row a rule may be of another day: then the engine says so, row by row."""
    try:
        return dict(find(rulebook, question, columns))
    except InputError:
        if strict:
            raise
        return {}
