"""Why a population's results moved: the amendments of a run, ranked by how much of the whole change each carries.

Every law in between is asked of the same people. In each place only the amendments that hold there count, so the
shares are found place by place and added up; Shapley values allow that, as they are linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.engine.shares import MOST_SHAPLEY, Made, Method, coalitions, exact_shares, in_units, method_for, rounded
from app.engine.values import unit_of
from app.language import NATION, Amendment, Title

from ..columns import REGION, WEIGHT, Conformed, conform, given_types
from ..results import ResultColumn
from .finished import FinishedRun
from .in_between import InBetween, Places
from .totals import Groups, entitled_values, whole_values

SAMPLE = 100_000
ENTITLED = "entitled"
_CENT = Decimal("0.01")
_ENTITLED_TITLE = Title("符合条件的人数", "Persons entitled")


@dataclass(frozen=True, slots=True)
class ReasonsProgress:
    """How far the reasons are: rows asked about of those to ask, each once for every law."""

    rows: int
    total: int
    laws: int


Watch = Callable[[ReasonsProgress], None]


@dataclass(frozen=True, slots=True)
class AmendmentShare:
    """What an amendment has in a change, in the change's unit, summed over the places where it holds."""

    amendment: Amendment
    share: Decimal


@dataclass(frozen=True, slots=True)
class MeasureReasons:
    """One benefit's change (or of the number entitled, `local` empty), weighted; `shares`, the largest first, add up to `total`."""

    scheme: str
    local: str
    scheme_title: Title
    title: Title
    unit: str | None
    total: Decimal
    shares: tuple[AmendmentShare, ...]


@dataclass(frozen=True, slots=True)
class RunReasons:
    """Why a run's results moved. `seed` is None where everyone was asked; then `asked` is `rows`.

    `joint`: in some place some amendments could only be computed together, and share equally.
    """

    measures: tuple[MeasureReasons, ...]
    method: Method
    joint: bool
    rows: int
    asked: int
    seed: int | None
    evaluator: Literal["switched", "separate"]


def run_reasons(
    run: FinishedRun, *, sample: int | None = SAMPLE, seed: int = 0, most: int = MOST_SHAPLEY, exact: bool = False, watch: Watch | None = None
) -> RunReasons:
    """The amendments behind a run's change, on everyone (`sample` None) or on so many people drawn at random with a seed.

    `exact` asks the exact engine instead of compiled rules. A scheme that only one of the laws has is left out: all it pays is
    due to the file that founds or ends it. Raises InputError, CompilerError.
    """
    run = run.of_shared_schemes()
    drawn = sample is not None and sample < run.rows
    rng = np.random.default_rng(seed)
    wanted = np.sort(rng.choice(run.rows, sample, replace=False)) if drawn else np.arange(run.rows)
    return _Reasons(run, wanted, seed if drawn else None, most, exact, watch or (lambda _: None)).go()


class _Reasons:
    """One finding of reasons."""

    def __init__(self, run: FinishedRun, wanted: Any, seed: int | None, most: int, exact: bool, watch: Watch) -> None:
        self._run, self._wanted, self._seed, self._watch = run, wanted, seed, watch
        self._given = given_types(run.rulebook, run.before, run.population.names()) | given_types(run.rulebook, run.after, run.population.names())
        self._between = InBetween(run.rulebook, run.before, run.after, tuple(self._given), exact=exact)
        # One method for all places, so that their shares can be added up.
        self._most = most if self._between.most_amendments <= most else -1
        self._sets = coalitions(self._between.most_amendments, self._most)
        self._numbers: dict[Places, int] = {}
        # For each law in between and measure: the sums by place.
        self._sums: dict[Made, dict[str, dict[int, Fraction]]] = {made: {} for made in self._sets}

    def go(self) -> RunReasons:
        asked = 0
        for batch in self._batches():
            self._ask(batch)
            asked += batch.num_rows
            self._watch(ReasonsProgress(asked, len(self._wanted), len(self._sets)))
        measures = [self._measure(column) for column in self._columns]
        kept = tuple(each for each, _ in measures if each.total or any(share.share for share in each.shares))
        joint = any(each for _, each in measures)
        method = method_for(self._between.most_amendments, self._most)
        return RunReasons(kept, method, joint, self._run.rows, asked, self._seed, "switched" if self._between.switched else "separate")

    # -- asking -------------------------------------------------------------------------------

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """The wanted rows in canonical columns, without those whose cells cannot be read."""
        for piece in self._run.batches(self._wanted):
            rows = np.flatnonzero(np.isin(piece.numbers, self._wanted, assume_unique=True))
            if len(rows):
                yield _sound(conform(pc.take(piece.batch, pa.array(rows)), self._run.rulebook.facts, self._given))

    def _ask(self, batch: pa.RecordBatch) -> None:
        groups = Groups(self._places(batch), batch.column(WEIGHT).fill_null(1.0).to_numpy(zero_copy_only=False) if WEIGHT in batch.schema.names else None)
        for made in self._sets:
            results = self._between.evaluate(batch, made)
            for column in self._columns:
                place = results.schema.get_field_index(column.name)
                if place < 0:
                    continue
                found = results.column(place)
                values, scale = (whole_values(found), found.type.scale) if column.local else (entitled_values(found), 0)
                groups.add(self._sums[made].setdefault(column.name, {}), values, scale)

    @cached_property
    def _columns(self) -> list[ResultColumn]:
        """What is summed: each scheme's status and benefits that are numbers."""
        return [each for each in self._between.columns if not each.local or (each.benefit and pa.types.is_decimal(each.type))]

    def _places(self, batch: pa.RecordBatch) -> Any:
        """For each row the number of its place."""
        default = self._run.before.region or NATION
        if REGION not in batch.schema.names:
            return np.full(batch.num_rows, self._number(default))
        column = batch.column(REGION)
        numbers = np.array([*(self._number(each) for each in column.dictionary.to_pylist()), self._number(default)])
        return numbers[column.indices.fill_null(len(numbers) - 1).to_numpy(zero_copy_only=False)]

    def _number(self, region: str) -> int:
        return self._numbers.setdefault(self._between.places(region), len(self._numbers))

    # -- sharing out --------------------------------------------------------------------------

    def _measure(self, column: ResultColumn) -> tuple[MeasureReasons, bool]:
        shares: dict[str, tuple[Amendment, Fraction]] = {}
        total, joint = Fraction(0), False
        for places, number in self._numbers.items():
            amendments = self._between.amendments(places)
            values = {made: self._value(column, places, number, made) for made in coalitions(len(amendments), self._most)}
            found = exact_shares(values, len(amendments), self._most)
            assert found is not None
            total += (values[frozenset(range(len(amendments)))] or 0) - (values[frozenset()] or 0)
            joint |= found[1] and any(found[0])
            for amendment, part in zip(amendments, found[0], strict=True):
                shares[amendment.key] = (amendment, shares.get(amendment.key, (amendment, Fraction(0)))[1] + part)
        whole = rounded(total, _CENT)
        parts = in_units([part for _, part in shares.values()], whole, _CENT) if shares else ()
        made = [AmendmentShare(amendment, part) for (amendment, _), part in zip(shares.values(), parts, strict=True) if part]
        made.sort(key=lambda each: (-abs(each.share), each.amendment.key))
        return MeasureReasons(column.scheme, column.local, *self._titles(column), whole, tuple(made)), joint

    def _value(self, column: ResultColumn, places: Places, number: int, made: Made) -> Fraction | None:
        """A place's sum under a law in between; with more amendments elsewhere the set stands for itself there."""
        if not self._between.holds_together(places, made):
            return None
        if column.local and not self._between.shows(places, column.scheme, column.local, made):
            return Fraction(0)
        return self._sums[made].get(column.name, {}).get(number, Fraction(0))

    def _titles(self, column: ResultColumn) -> tuple[Title, Title, str | None]:
        rulebook, run = self._run.rulebook, self._run
        for region in dict.fromkeys((run.after.region, *rulebook.regions())):
            for question in (run.after, run.before):
                scheme = rulebook.at(question.as_of, region, question.reforms).schemes.get(column.scheme)
                if scheme is not None and (not column.local or column.local in scheme.definitions):
                    if not column.local:
                        return scheme.title, _ENTITLED_TITLE, "person"
                    definition = scheme.definitions[column.local]
                    return scheme.title, definition.title, unit_of(definition.type)
        raise AssertionError(f"{column.name} stands nowhere")


def _sound(conformed: Conformed) -> pa.RecordBatch:
    """The rows that could be read."""
    if not conformed.rejects:
        return conformed.batch
    rows = np.setdiff1d(np.arange(conformed.batch.num_rows), [each.row for each in conformed.rejects])
    return pc.take(conformed.batch, pa.array(rows))
