"""Which definitions, parameters and facts a finished evaluation used, and how firm each result is."""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any

from app.language import Band, DefinitionVersion, Parameter, Standing

from .case import UNSET, Case, Decided, Reading
from .compiled import Uses
from .evaluate import Evaluation
from .program import Program
from .shape import Shapes

_NOTHING = Uses((), (), ())


class Walk:
    """Reads the graph of one evaluation: from each definition to what it was computed from.

    `versions` says which wording of a definition applied (0, the latest, where it says nothing), `standings`
    how firm each computed definition is (official where it says nothing), `rows` which lines of decision tables were hit.

    `all_readings` holds the (key, reading) pairs taken from each parameter, as they were read.

    `outline` keeps what explanations of a scheme share with those of the same shape.

    What a definition may read and this case computed counts as used by it, whoever had it computed: what is told of a case
    does not hang on the order in which things were asked.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.program: Program = evaluation.program
        self.case: Case = evaluation.case
        self.all_readings: dict[int, list[tuple[Any, Reading]]] = {}
        for (parameter, key), reading in self.case.readings.items():
            self.all_readings.setdefault(parameter, []).append((key, reading))
        self._open = {parameter for parameter, _ in self.case.unpublished}
        self._parameter_standings = {
            parameter: max([reading.standing for _, reading in rows]) for parameter, rows in self.all_readings.items()
        }
        for owner, index in self.case.rows_hit:
            if owner < 0:  # a scale of bands, numbered from -1 down: the bands that were charged
                band = self.program.parameters[-1 - owner].bands[index]
                self._parameter_standings[-1 - owner] = max(band.standing, self._parameter_standings.get(-1 - owner, Standing.OFFICIAL))
        # How often what is said of the case was found by looking into the records it was given.
        self.looked_into = 0
        self.rows: dict[int, list[int]] = {}
        for owner, row in self.case.rows_hit:
            self.rows.setdefault(owner, []).append(row)
        self._shapes = Shapes(self.program, self.case, self._parameter_standings)

    def outline(self, scheme: str) -> dict[Any, Any]:
        """A store for what explanations of a scheme share where its rules came to the same, whatever the values."""
        return self._shapes.of(scheme)

    def shape(self, scheme: str) -> Hashable:
        """All that explanations of a scheme depend on but values (`shape.py`)."""
        return self._shapes.key(scheme)

    @cached_property
    def asked(self) -> frozenset[str]:
        """The facts that were asked for and not given."""
        return self.case.facts.asked()

    @cached_property
    def versions(self) -> dict[int, int]:
        """For definitions with several wordings, which one applied."""
        versions = dict(self.case.version)
        versions.update((number, chosen) for number, (chosen, _) in self.case.decided.items() if chosen)
        return versions

    def decided(self, number: int) -> Decided | None:
        """Of a condition that was read the version that applied, and the truth of each comparison."""
        return self.case.decided.get(number)

    def version_index(self, number: int) -> int:
        """Which wording applied: 0 is the latest."""
        return self.versions.get(number, 0)

    def version(self, number: int) -> DefinitionVersion:
        return self.program.definitions[number].versions[self.version_index(number)]

    def uses(self, number: int) -> Uses:
        """What the applied wording may read; `used` says which of it this case computed."""
        unit = self.program.units[number]
        if unit is None or number in self.case.given:
            return _NOTHING
        return unit.uses[self.version_index(number)]

    def used(self, number: int) -> Uses:
        """What the applied wording read, as far as this case computed it."""
        uses, memo = self.uses(number), self.case.memo
        definitions = tuple([each for each in uses.definitions if memo[each] is not UNSET])
        parameters = tuple([each for each in uses.parameters if self.is_read(each)])
        return Uses(definitions, parameters, uses.facts)

    def is_read(self, parameter: int) -> bool:
        return parameter in self.all_readings or parameter in self._open or bool(self.program.parameters[parameter].bands)

    def reach(self, roots: tuple[int, ...], scheme: str | None = None) -> set[int]:
        """The definitions that took part in computing the roots, roots included; known again where they are a scheme's."""
        if scheme is None:
            return self._reach(roots)
        outline = self.outline(scheme)
        found: set[int] | None = outline.get(("reach", roots))
        if found is None:
            found = outline["reach", roots] = self._reach(roots)
        return found

    def _reach(self, roots: tuple[int, ...]) -> set[int]:
        memo, units = self.case.memo, self.program.units
        versions, given = self.versions, self.case.given
        seen = {root for root in roots if memo[root] is not UNSET}
        waiting = list(seen)
        while waiting:
            number = waiting.pop()
            unit = units[number]
            if unit is None or number in given:
                continue
            for each in unit.uses[versions.get(number, 0)].definitions:
                if each not in seen and memo[each] is not UNSET:
                    seen.add(each)
                    waiting.append(each)
        return seen

    def readings(self, parameter: int) -> list[tuple[Any, Reading]]:
        """The (key, reading) pairs taken from a parameter, in key order."""
        found = self.all_readings.get(parameter, [])
        return sorted(found, key=lambda pair: (pair[0] is not None, pair[0])) if len(found) > 1 else found

    def parameter_standing(self, parameter: int) -> Standing:
        """The worst standing among the rows that were read, or the bands that were charged."""
        return self._parameter_standings.get(parameter, Standing.OFFICIAL)

    def doubtful_bands(self, parameter: int) -> list[Band]:
        """The bands of a scale that were charged and are not official."""
        bands = self.program.parameters[parameter].bands
        charged = [bands[index] for owner, index in self.case.rows_hit if owner == -1 - parameter]
        return [band for band in charged if band.standing != Standing.OFFICIAL]

    def standing(self, number: int) -> Standing:
        """The worst standing among a definition's wording, its rounding and everything it was computed from."""
        return self.standings.get(number, Standing.OFFICIAL)

    def worst(self, roots: tuple[int, ...], scheme: str) -> Standing:
        """The worst standing among roots of a scheme."""
        outline = self.outline(scheme)
        kept: Standing | None = outline.get(("standing", roots))
        if kept is None:
            kept = outline["standing", roots] = max(map(self.standing, roots), default=Standing.OFFICIAL)
        return kept

    @cached_property
    def standings(self) -> dict[int, Standing]:
        settled: dict[int, Standing] = {}
        versions, doubtful = self.versions, _doubtful(self.program)
        memo, given = self.case.memo, self.case.given
        for number in [each for each in doubtful if memo[each] is not UNSET and each not in given]:
            unit = self.program.units[number]
            assert unit is not None
            index = versions.get(number, 0)
            worst, uses = unit.own_standings[index], unit.uses[index]
            for parameter in uses.parameters:
                standing = self._parameter_standings.get(parameter)
                if standing is not None and standing > worst:
                    worst = standing
            for each in uses.definitions:
                standing = settled.get(each)
                if standing is not None and standing > worst:
                    worst = standing
            if worst:
                settled[number] = worst
        return settled


def _doubtful(program: Program) -> tuple[int, ...]:
    """The definitions whose results may be other than official, in some case; each after those it uses."""
    return program.kept.once(("doubtful", program.compiled), lambda: _find_doubtful(program))


def _find_doubtful(program: Program) -> tuple[int, ...]:
    units = {unit.number: unit for unit in program.units if unit is not None}
    uses = {number: frozenset(each for uses in unit.uses for each in uses.definitions if each in units) for number, unit in units.items()}
    found: dict[int, None] = {}
    for number in TopologicalSorter(uses).static_order():
        unit = units[number]
        read = [program.parameters[each] for uses_ in unit.uses for each in uses_.parameters]
        if any(unit.own_standings) or any(map(_in_doubt, read)) or not uses[number].isdisjoint(found.keys()):
            found[number] = None
    return tuple(found)


def _in_doubt(parameter: Parameter) -> bool:
    """Whether a figure may be read that is not official, or carried on beyond those that are published."""
    return parameter.extend is not None or any(row.standing for row in parameter.rows) or any(band.standing for band in parameter.bands)
