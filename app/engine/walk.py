"""Which definitions, parameters and facts a finished evaluation used, and how firm each result is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.language import Band, DefinitionVersion, Standing

from .case import UNSET, Atoms, Case, Reading
from .conditions import undecided
from .evaluate import Evaluation
from .program import Program, Uses

_NOTHING = Uses((), (), ())


class Walk:
    """Reads the graph of one evaluation: from each definition to what it was computed from.

    `versions` says which wording of a definition applied (0, the latest, where it says nothing), `standings`
    how firm each computed definition is (official where it says nothing).

    `outline` keeps what evaluations of the same shape share.

    Definitions were finished in the order of `case.order`, so each stands after everything it used and one
    pass settles the standings.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.program: Program = evaluation.program
        self.case: Case = evaluation.case
        self._readings: dict[int, list[tuple[Any, Reading]]] = {}
        for (parameter, key), reading in self.case.readings.items():
            self._readings.setdefault(parameter, []).append((key, reading))
        self._open = {parameter for parameter, _ in self.case.unpublished}
        self._parameter_standings = {
            parameter: max([reading.standing for _, reading in rows]) for parameter, rows in self._readings.items()
        }
        for owner, index in self.case.rows_hit:
            if owner < 0:  # a scale of bands, numbered from -1 down: the bands that were charged
                band = self.program.parameters[-1 - owner].bands[index]
                self._parameter_standings[-1 - owner] = max(band.standing, self._parameter_standings.get(-1 - owner, Standing.OFFICIAL))
        self.versions = self._applied_versions()
        case = self.case
        shape = (tuple(case.order), tuple(self.versions.items()), tuple(self._parameter_standings.items()), tuple(self._open), case.given)
        self.outline = self.program.outline(shape)
        self.standings: dict[int, Standing] = self.outline.get("standings") or self.outline.setdefault("standings", self._settle())

    def _applied_versions(self) -> dict[int, int]:
        """For definitions with several wordings, which one applied."""
        versions = dict(self.case.version)
        # What was read of this case, not every condition of every scheme there is.
        for key, atoms in self.case.atoms.items():
            if atoms[0] and key in self.program.condition_numbers:
                versions[self.program.condition_numbers[key]] = atoms[0]
        return versions

    def atoms(self, number: int) -> Atoms | None:
        """What was read of a condition: the version that applied, the sides and the truth of each comparison."""
        key = self.program.condition_keys.get(number)
        return None if key is None else self.case.atoms.get(key)

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
        return parameter in self._readings or parameter in self._open or bool(self.program.parameters[parameter].bands)

    def reach(self, roots: tuple[int, ...]) -> set[int]:
        """The definitions that took part in computing the roots, roots included."""
        found: set[int] | None = self.outline.get(("reach", roots))
        if found is None:
            found = self.outline["reach", roots] = self._reach(roots)
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
        found = self._readings.get(parameter, [])
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

    def _settle(self) -> dict[int, Standing]:
        settled: dict[int, Standing] = {}
        versions = self.versions
        for number in self.case.order:
            if number in self.case.given:
                continue
            unit = self.program.units[number]
            if unit is None:
                continue
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
            settled[number] = worst
        return settled

    def blame(self, roots: Iterable[int]) -> tuple[list[str], list[tuple[int, object]], list[int], list[int]]:
        """What keeps unknown roots unknown: facts not given, (parameter, key) not published, divisions by zero, rules not in force."""
        facts: dict[str, None] = {}
        figures: dict[tuple[int, object], None] = {}
        zero: dict[int, None] = {}
        absent: dict[int, None] = {}
        seen: set[int] = set()
        waiting = [root for root in roots if self.case.memo[root] is None]
        while waiting:
            number = waiting.pop(0)
            if number in seen:
                continue
            seen.add(number)
            if self.program.stands_in(number):
                absent[number] = None
                continue
            used = self._blamed(number)
            facts.update((fact, None) for fact in used.facts if fact in self.case.facts.asked)
            figures.update(((parameter, key), None) for parameter, key in self.case.unpublished if parameter in used.parameters)
            if number in self.case.zero_divisions:
                zero[number] = None
            unknown = [each for each in used.definitions if self.case.memo[each] is None]
            if not unknown and not any(fact in facts for fact in used.facts) and number not in zero:
                self._blame_lists(used, figures, facts)
            waiting.extend(unknown)
        return list(facts), list(figures), list(zero), list(absent)

    def _blame_lists(self, used: Uses, figures: dict[tuple[int, object], None], facts: dict[str, None]) -> None:
        """Where nothing else explains it, the unknown lies in a field left out of a list."""
        if not any(parameter in used.parameters for parameter, _ in figures):
            facts.update((fact, None) for fact in used.facts if isinstance(self.case.facts.get(fact), tuple))

    def _blamed(self, number: int) -> Uses:
        """What an unknown definition read; of a condition, only what its undecided comparisons read."""
        unit, atoms = self.program.units[number], self.atoms(number)
        if unit is None or unit.conditional is None or atoms is None:
            return self.used(number)
        chosen, _, truths = atoms
        guard, body = unit.conditional.versions[chosen]
        formulas = [body] if guard is None else [guard, body]
        open_atoms = dict.fromkeys(atom for formula in formulas for atom in undecided(formula, truths))
        sides = [side for atom in open_atoms for side in (unit.conditional.atoms[atom].left, unit.conditional.atoms[atom].right) if side is not None]
        return self.program.reads(sides)
