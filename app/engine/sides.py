"""One of two evaluations that are compared, asked by the names of rules: what each is, by which wording or row, from what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.language import Definition, DefinitionVersion, Parameter, Place, Source, Standing, ir

from .case import UNSET, Reading
from .evaluate import Evaluation
from .figures import ABSENT, UNKNOWN, Figure, figure_of
from .numbers import CERTIFIED
from .tables import Table
from .values import render_value, unit_of
from .walk import Walk


@dataclass(frozen=True, slots=True)
class Said:
    """What one of the two laws says, by which source, and the line of the rule file."""

    text: str
    source: Source
    place: Place


class Side:
    """One of the two evaluations, asked by name."""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        self._program, self._case = evaluation.program, evaluation.case
        self._walk = Walk(evaluation)
        self.rules: dict[ir.Name, Definition | Parameter] = {each.name: each for each in self._program.definitions}
        self.rules |= {each.name: each for each in self._program.parameters}
        self.order = [self._program.definitions[number].name for number in self._case.order]
        self._tables: dict[int, Table] = {}

    def reached(self, scheme: str) -> set[ir.Name]:
        """The definitions that took part in a scheme's results."""
        outcome = next((each for each in self.evaluation.outcomes if each.scheme == scheme), None)
        if outcome is None:
            return set()
        shown = outcome.plan.benefits if outcome.status != "not_eligible" else ()
        roots = (*(each.unit.number for each in outcome.plan.conditions), *outcome.plan.outputs, *shown)
        return {self._program.definitions[number].name for number in self._walk.reach(roots)}

    def parameters_of(self, names: Iterable[ir.Name]) -> set[ir.Name]:
        numbers = [self._program.number_of[name] for name in names if name in self._program.number_of]
        return {self._program.parameters[each].name for number in numbers if self._computed(number) for each in self._walk.used(number).parameters}

    def _computed(self, number: int) -> bool:
        return self._case.memo[number] is not UNSET

    def figure(self, name: ir.Name) -> Figure:
        number = self._program.number_of.get(name)
        return ABSENT if number is None else figure_of(self._case.memo[number])

    def version(self, name: ir.Name) -> DefinitionVersion | None:
        """The wording that applied; None where the figure was given, or there is no such rule."""
        number = self._program.number_of.get(name)
        if number is None or number in self._case.given or not self._computed(number):
            return None
        return self._walk.version(number)

    def used(self, name: ir.Name) -> list[ir.Name]:
        """The rules that a definition's wording, and the guards tried before it, read."""
        number = self._program.number_of.get(name)
        if number is None or not self._computed(number):
            return []
        used = self._walk.used(number)
        return [*(self._program.definitions[each].name for each in used.definitions), *(self._program.parameters[each].name for each in used.parameters)]

    def facts(self, name: ir.Name) -> tuple[str, ...]:
        number = self._program.number_of.get(name)
        return () if number is None or not self._computed(number) else self._walk.used(number).facts

    # -- parameters ---------------------------------------------------------------------------

    def reads(self, name: ir.Name) -> bool:
        number = self._program.parameter_number.get(name)
        return number is not None and self._walk.is_read(number)

    def keys(self, name: ir.Name) -> list[Any]:
        """The keys that a parameter was read by, unpublished ones too."""
        number = self._program.parameter_number.get(name)
        if number is None:
            return []
        return [*(key for key, _ in self._walk.readings(number)), *(key for owner, key in self._case.unpublished if owner == number)]

    def row(self, name: ir.Name, key: Any) -> tuple[Figure, Said | None]:
        """A parameter's value at a key, read or not, and where it is stated."""
        number = self._program.parameter_number.get(name)
        if number is None:
            return ABSENT, None
        parameter = self._program.parameters[number]
        reading = self._case.readings.get((number, key)) or self._unread(number, key)
        if reading is None or reading.value is None:
            return UNKNOWN, None
        figure = figure_of(reading.value)
        if reading.given:
            return figure, None
        if reading.row is None:
            return figure, Said(_shown(reading.value, parameter), parameter.clause.source, parameter.clause.place)
        return figure, Said(_shown(reading.value, parameter), reading.row.source, reading.row.place)

    def _unread(self, number: int, key: Any) -> Reading | None:
        """What a parameter would have given, had this case read it by this key."""
        given = self._case.given_parameters.get(number)
        if given is not None and (value := given.get(key, given.get(None))) is not None:
            return Reading(value, Standing.OFFICIAL, None, given=True)
        table = self._tables.setdefault(number, Table(number, self._program.parameters[number], CERTIFIED))
        return table.single() if key is None else table.finder()(key) or table.extend(self._case, key)

    def bands(self, name: ir.Name) -> tuple[tuple[object, object], ...]:
        rule = self.rules.get(name)
        return tuple((band.above, band.rate) for band in rule.bands) if isinstance(rule, Parameter) else ()

    def bands_said(self, name: ir.Name) -> Said | None:
        rule = self.rules.get(name)
        if not isinstance(rule, Parameter) or not rule.bands:
            return None
        text = "; ".join(f"> {render_value(band.above)}: {render_value(band.rate)}" for band in rule.bands)
        return Said(text, rule.bands[0].source, rule.bands[0].place)


def _shown(value: Any, parameter: Parameter) -> str:
    unit = unit_of(parameter.type)
    return f"{render_value(value)}" + ("" if unit in (None, "1") else f" {unit}")
