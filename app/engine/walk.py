"""Which definitions, parameters and facts a finished evaluation used, and how firm each result is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.language import Band, DefinitionVersion, Standing, ir

from .case import UNSET, Atoms, Case, Reading
from .conditions import undecided
from .evaluate import Evaluation
from .program import Program, Uses

_NOTHING = Uses((), (), ())


@dataclass(frozen=True, slots=True)
class Blame:
    """What keeps results unknown: facts not given (of a list that was, the fields left out), figures not published by
    (parameter, key), definitions that divide by zero, rules that are not in force, and rules that say nothing of such a case."""

    facts: dict[str, tuple[str, ...]]
    figures: dict[tuple[int, Any], None]
    zero: dict[int, None]
    absent: dict[int, None]
    silent: dict[int, None]


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

    def blame(self, roots: Iterable[int]) -> Blame:
        """What keeps unknown roots unknown, through lists and records that hold something unknown as well."""
        found = Blame({}, {}, {}, {}, {})
        seen: set[int] = set()
        waiting = [root for root in roots if self.case.memo[root] is None]
        while waiting:
            number = waiting.pop(0)
            if number in seen:
                continue
            seen.add(number)
            if self.program.stands_in(number):
                found.absent[number] = None
                continue
            used = self._blamed(number)
            facts = [fact for fact in used.facts if fact in self.case.facts.asked]
            figures = [(parameter, key) for parameter, key in self.case.unpublished if parameter in used.parameters]
            unknown = [each for each in used.definitions if holds_unknown(self.case.memo[each])]
            found.facts.update((fact, ()) for fact in facts)
            found.figures.update(dict.fromkeys(figures))
            if number in self.case.zero_divisions:
                found.zero[number] = None
            elif not (unknown or facts or figures):
                self._blame_items(number, used, found)
            waiting.extend(unknown)
        return found

    def _blame_items(self, number: int, used: Uses, found: Blame) -> None:
        """Where nothing else explains it, a field was left out that the rule reads, or else the rule itself says nothing."""
        fields = self._fields_read(number)
        silent = True
        for fact, items in self._records(used).items():
            left_out = tuple(name for name in fields if any(name not in item for item in items))
            if left_out:
                silent = False
                found.facts[fact] = tuple(dict.fromkeys((*found.facts.get(fact, ()), *left_out)))
        if silent:
            found.silent[number] = None

    def _fields_read(self, number: int) -> list[str]:
        """The fields that a rule's applied wording reads and has no default for."""
        if self.program.units[number] is None:
            return []
        version = self.version(number)
        nodes = [node for wording in (version.body, version.guard) if wording is not None for node in ir.walk(wording)]
        defaulted = [node.operand for node in nodes if isinstance(node, ir.IsNull)]
        defaulted += [node.arguments[0] for node in nodes if isinstance(node, ir.Call) and node.function == "or_else"]
        return [node.field for node in nodes if isinstance(node, ir.Field) and node.nullable and node not in defaulted]

    def _records(self, used: Uses) -> dict[str, Sequence[Mapping[str, Any]]]:
        """The facts given as records, or lists of them, that a rule reads, itself or through others that give these on."""
        facts = dict.fromkeys(used.facts)
        waiting, seen = list(used.definitions), set(used.definitions)
        for each in waiting:
            value = self.case.memo[each]
            if isinstance(value, Mapping) or (isinstance(value, list | tuple) and value and isinstance(value[0], Mapping)):
                below = self.used(each)
                facts |= dict.fromkeys(below.facts)
                waiting.extend(more for more in below.definitions if more not in seen)
                seen.update(below.definitions)
        stated = {fact: self.case.facts.get(fact) for fact in facts}
        return {fact: (value,) if isinstance(value, Mapping) else value for fact, value in stated.items() if isinstance(value, Mapping | tuple)}

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


def holds_unknown(value: Any) -> bool:
    """Whether a value, an item of a list or a field of a record is unknown."""
    if value is None:
        return True
    if isinstance(value, list):
        return any(map(holds_unknown, value))
    return isinstance(value, Mapping) and any(map(holds_unknown, value.values()))
