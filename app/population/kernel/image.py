"""What a kernel is loaded from: the compiled library and the layout of its laws, figures and texts, as bytes.

An image is made once for a release and a question, kept on disk, and may be sent to other machines of the same
kind: they need neither a compiler nor the rules' folded form to run it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import orjson

from app import __version__
from app.cache import cache_folder, cached
from app.language import Rulebook

from ..question import Question
from ..results import ResultColumn
from .build import KERNELS, OBJECTS, library_bytes
from .compilation import Plan, compile_question
from .facts import FactColumns
from .numbering import Numbering, kept_numbering
from .tables import Figures

_LENGTH = 8


@dataclass(frozen=True, slots=True)
class FigureRows:
    """The rows of one parameter: dense from `first`, or by rising `keys`."""

    first: int
    beyond: int
    match_from: bool
    dense: bool
    keys: tuple[int, ...]
    values: tuple[int, ...]
    known: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """`laws` numbers the places; `tables` gives, for each law and parameter, which of `figures` it reads (-1 none)."""

    laws: tuple[tuple[tuple[str, ...], int], ...]
    figures: tuple[FigureRows, ...]
    tables: tuple[tuple[int, ...], ...]
    texts: tuple[str, ...]
    functions: tuple[tuple[str, tuple[str, ...]], ...]
    uncompiled: tuple[tuple[tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Image:
    """A compiled question."""

    layout: Layout
    library: bytes

    def to_bytes(self) -> bytes:
        head = orjson.dumps(asdict(self.layout))
        return len(head).to_bytes(_LENGTH, "big") + head + self.library

    @staticmethod
    def from_bytes(data: bytes) -> Image:
        """Read what `to_bytes` wrote. Raises ValueError where it is not that."""
        end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
        return Image(_layout(orjson.loads(data[_LENGTH:end])), data[end:])


def _layout(data: dict[str, list[list[str]]]) -> Layout:
    def rows(each: Mapping[str, object]) -> FigureRows:
        return FigureRows(**{name: tuple(value) if isinstance(value, list) else value for name, value in each.items()})  # type: ignore[arg-type]

    try:
        return Layout(
            laws=tuple((tuple(where), int(number)) for where, number in data["laws"]),
            figures=tuple(rows(each) for each in data["figures"]),  # type: ignore[arg-type]
            tables=tuple(tuple(map(int, each)) for each in data["tables"]),
            texts=tuple(data["texts"]),  # type: ignore[arg-type]
            functions=tuple((name, tuple(constants)) for name, constants in data["functions"]),
            uncompiled=tuple((tuple(where), reason) for where, reason in data["uncompiled"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a kernel's layout") from error


def kernel_image(
    rulebook: Rulebook, question: Question, columns: tuple[ResultColumn, ...], facts: FactColumns, given: Mapping[str, int], regions: Iterable[str] = ()
) -> Image:
    """The image of a question: from disk where it was made before, else compiled and kept. Raises CompilerError."""
    wanted = tuple(regions)

    def make() -> bytes:
        numbers_at = cache_folder() / OBJECTS / f"{_numbers_key(columns, given, wanted)}.json"
        numbering = kept_numbering(numbers_at)
        try:
            plan = compile_question(rulebook, question, columns, facts, given, wanted, numbering)
        except OverflowError:  # full of what is no more
            numbering = Numbering()
            plan = compile_question(rulebook, question, columns, facts, given, wanted, numbering)
        numbering.keep_at(numbers_at)
        return Image(layout_of(plan), library_bytes(plan.source) if plan.source else b"").to_bytes()

    name = f"{KERNELS}/{_key(rulebook, question, columns, given, wanted)}.image"
    try:
        return Image.from_bytes(cached(name, make))
    except ValueError:  # a file that someone else wrote there
        return Image.from_bytes(make())


def layout_of(plan: Plan) -> Layout:
    numbers: dict[FigureRows, int] = {}

    def number(found: Figures | None) -> int:
        if found is None:
            return -1
        rows = FigureRows(found.first, found.beyond, found.match_from, found.dense, found.keys, found.values, found.known)
        return numbers.setdefault(rows, len(numbers))

    tables = tuple(tuple(number(each) for each in law) for law in plan.tables)
    return Layout(
        tuple(plan.laws.items()), tuple(numbers), tables, tuple(plan.texts.all()), tuple(plan.texts.functions), tuple(plan.uncompiled.items())
    )


def _key(rulebook: Rulebook, question: Question, columns: tuple[ResultColumn, ...], given: Mapping[str, int], regions: tuple[str, ...]) -> str:
    """What an image depends on; the day itself is told when it runs."""
    parts = [
        __version__,
        _own_source(),
        rulebook.release,
        rulebook.epoch(question.as_of).isoformat(),
        *question.reforms,
        *(f"{name}={value}" for name, value in sorted(question.assumptions.items())),
        *(f"{column.name}:{column.type}" for column in columns),
        *(f"{name}:{number}" for name, number in given.items()),
        *regions,
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _numbers_key(columns: tuple[ResultColumn, ...], given: Mapping[str, int], regions: tuple[str, ...]) -> str:
    """The same for all rules and reforms that are asked the same schemes."""
    parts = [_own_source(), *dict.fromkeys(column.scheme for column in columns), *(f"{name}:{number}" for name, number in given.items()), *regions]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _own_source() -> str:
    """A hash of the code that compiles, so that no image outlives it."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in (".py", ".h"):
            digest.update(path.read_bytes())
    return digest.hexdigest()
