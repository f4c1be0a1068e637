"""Parameters as tables of whole numbers, handed to compiled code when it runs: a changed figure compiles nothing anew."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any

from app.engine.case import Case, Facts
from app.engine.numbers import CERTIFIED
from app.engine.tables import Table
from app.language import Parameter, YearMonth
from app.language.types import DateType, MonthType, NumberType, StringType

from .lanes import DAY, FLAG, MONTH, NARROW, TEXT, CannotCompile, Lane, Span, Whole
from .texts import Texts

# Years an assumption carries a series beyond its last row; later ones are left to the exact engine.
EXTENDED = 150
DENSE = 4_096
HELD, LEFT = 1, 2
EPOCH = date(1970, 1, 1).toordinal()
_WIDE = Context(prec=1_000)


@dataclass(frozen=True, slots=True)
class Form:
    """What the text of a look-up depends on: figures may change without it."""

    lane: Lane
    key_scale: int
    match_from: bool
    dense: bool
    # The last key of the law's own rows, where keys beyond all are left to the exact engine.
    left_from: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A parameter ready for compiled code. Keys are scaled by `key_scale`; values by their lane's scale.

    `stated` is the last key of the law's own rows; an assumption may have added more.
    """

    lane: Lane
    key_scale: int
    keys: tuple[int, ...]
    values: tuple[int, ...]
    known: tuple[bool, ...]
    first: int
    stated: int
    beyond: int
    match_from: bool
    dense: bool

    @property
    def form(self) -> Form:
        return Form(self.lane, self.key_scale, self.match_from, self.dense, self.stated if self.beyond == LEFT else None)


def figures(parameter: Parameter, assumptions: Mapping[str, Decimal | bool], texts: Texts) -> Figures | None:
    """The rows of a parameter, extended under the assumptions; None where it has none. Raises CannotCompile."""
    if not parameter.rows:
        return None
    rows = {row.key: row.value for row in parameter.rows}
    extended = _extension(parameter, assumptions)
    lane, values = _values(parameter, [*rows.values(), *extended.values()], texts)
    goes_on = parameter.extend is not None and assumptions.get(parameter.extend.assumption) is not None
    keys = [_key(parameter, key, texts) for key in (*rows, *extended)]
    key_scale = max((scale for _, scale in keys), default=0)
    scaled = [number * 10 ** (key_scale - scale) for number, scale in keys]
    order = sorted(range(len(scaled)), key=scaled.__getitem__)
    pairs = [(scaled[index], values[index]) for index in order]
    beyond = HELD if parameter.match == "from" else LEFT if goes_on else 0
    stated = max(scaled[: len(rows)])
    return _laid_out(lane, key_scale, pairs, stated, beyond, match_from=parameter.match == "from")


def _laid_out(lane: Lane, key_scale: int, pairs: list[tuple[int, int]], stated: int, beyond: int, *, match_from: bool) -> Figures:
    first, last = pairs[0][0], pairs[-1][0]
    if last - first >= DENSE:
        keys, values = zip(*pairs, strict=True)
        if beyond == LEFT:
            raise CannotCompile("a series with keys far apart that an assumption extends")
        return Figures(lane, key_scale, keys, values, (True,) * len(keys), first, stated, beyond, match_from, dense=False)
    by_key = dict(pairs)
    values_, known = [], []
    starts = [key for key, _ in pairs]
    for key in range(first, last + 1):
        found = by_key.get(key)
        if found is None and match_from:
            found = pairs[bisect_right(starts, key) - 1][1]
        values_.append(found if found is not None else 0)
        known.append(found is not None)
    return Figures(lane, key_scale, (), tuple(values_), tuple(known), first, stated, beyond, match_from, dense=True)


def _extension(parameter: Parameter, assumptions: Mapping[str, Decimal | bool]) -> dict[Any, Any]:
    """The rows that assumptions add, by the exact engine's own rule, as far as they fit 64 bits."""
    last = parameter.rows[-1].key
    if parameter.extend is None or parameter.match == "from" or not isinstance(last, Decimal | YearMonth):
        return {}
    table = Table(0, parameter, CERTIFIED)
    case = Case(date.min, "", Facts({}), [], {}, assumptions, frozenset())
    stated = [row.value for row in parameter.rows if isinstance(row.value, Decimal)]
    decimals, largest = max(map(_decimals, stated)), max(map(abs, stated))
    found: dict[Any, Any] = {}
    with CERTIFIED.context():
        for step in range(1, EXTENDED + 1):
            key = YearMonth(last + step) if isinstance(last, YearMonth) else last + step
            reading = table.extend(case, key)
            if reading is None:
                break
            decimals, largest = max(decimals, _decimals(reading.value)), max(largest, abs(reading.value))
            if int(largest.scaleb(decimals)) * 10 >= NARROW:
                break
            found[key] = reading.value
    return found


def _key(parameter: Parameter, key: Any, texts: Texts) -> tuple[int, int]:
    """A row's key as a whole number and its scale."""
    if key is None:
        return 0, 0
    if isinstance(parameter.key_type, StringType):
        return texts.code(str(key)), 0
    if isinstance(parameter.key_type, DateType):
        return key.toordinal() - EPOCH, 0
    if isinstance(key, Decimal):
        scale = _decimals(key)
        return int(key.scaleb(scale, _WIDE)), scale
    return int(key), 0


def _values(parameter: Parameter, values: list[Any], texts: Texts) -> tuple[Lane, list[int]]:
    """The lane all values fit, its range widened to a power of ten so that a changed figure keeps it."""
    kind = parameter.type
    if isinstance(kind, NumberType):
        scale = max(_decimals(value) for value in values)
        numbers = [int(value.scaleb(scale, _WIDE)) for value in values]
        limit = 10 ** len(str(max(abs(number) for number in numbers)))
        if limit >= NARROW:
            raise CannotCompile(f"the figures of '{parameter.name}' do not fit 64 bits")
        return Whole(scale, Span(-limit if min(numbers) < 0 else 0, limit)), numbers
    if isinstance(kind, StringType):
        return TEXT, [texts.code(str(value)) for value in values]
    if isinstance(kind, MonthType):
        return MONTH, [int(value) for value in values]
    if isinstance(kind, DateType):
        return DAY, [value.toordinal() - EPOCH for value in values]
    return FLAG, [int(value) for value in values]


def _decimals(value: Decimal) -> int:
    """How many decimals a number has, zeros at its end not counted."""
    return max(0, -int(value.normalize(_WIDE).as_tuple().exponent))


def band_figures(parameter: Parameter) -> tuple[Figures, Figures]:
    """The lower bounds and the rates of a scale of bands."""

    def column(numbers: list[Decimal]) -> Figures:
        scale = max(_decimals(number) for number in numbers)
        values = tuple(int(number.scaleb(scale, _WIDE)) for number in numbers)
        limit = 10 ** len(str(max(abs(value) for value in values)))
        return Figures(Whole(scale, Span(-limit, limit)), 0, (), values, (True,) * len(values), 0, 0, 0, match_from=False, dense=True)

    return column([band.above for band in parameter.bands]), column([band.rate for band in parameter.bands])
