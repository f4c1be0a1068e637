"""What keeps results unknown: facts not given, figures not published, rules that say nothing of such a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from app.language import ir

from .case import Case, holds_unknown
from .compiled import Uses
from .conditions import undecided
from .program import Program
from .walk import Walk


@dataclass(frozen=True, slots=True)
class Blame:
    """What keeps results unknown: facts not given (of a list that was, the fields left out), figures not published by
    (parameter, key), definitions that divide by zero, rules that are not in force, and rules that say nothing of such a case.

    `by_items` where it was told by looking into records, which differ from case to case.
    """

    facts: dict[str, tuple[str, ...]]
    figures: dict[tuple[int, Any], None]
    zero: dict[int, None]
    absent: dict[int, None]
    silent: dict[int, None]
    by_items: bool = False


@dataclass(frozen=True, slots=True)
class _Cause:
    """Why one definition is unknown: itself in one of the ways of `Blame`, by what it read, or by unknown definitions."""

    kind: Literal["", "zero", "absent", "silent"] = ""
    facts: tuple[str, ...] = ()
    figures: tuple[tuple[int, Any], ...] = ()
    unknown: tuple[int, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_items: bool = False


class Blaming:
    """Finds what keeps the results of one evaluation unknown."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._program: Program = walk.program
        self._case: Case = walk.case
        self._causes: dict[int, _Cause] = {}

    def of(self, roots: Iterable[int]) -> Blame:
        """What keeps unknown roots unknown, through lists and records that hold something unknown as well; the nearest first."""
        causes = list(self._behind(roots))
        self._walk.looked_into += sum(cause.by_items for _, cause in causes)
        found = Blame({}, {}, {}, {}, {}, any(cause.by_items for _, cause in causes))
        kinds = {"zero": found.zero, "absent": found.absent, "silent": found.silent}
        for number, cause in causes:
            found.facts.update(dict.fromkeys(cause.facts, ()))
            found.figures.update(dict.fromkeys(cause.figures))
            for fact, names in cause.fields.items():
                found.facts[fact] = tuple(dict.fromkeys((*found.facts.get(fact, ()), *names)))
            if cause.kind:
                kinds[cause.kind][number] = None
        return found

    def _behind(self, roots: Iterable[int]) -> Iterable[tuple[int, _Cause]]:
        memo, causes = self._case.memo, self._causes
        waiting = [root for root in roots if memo[root] is None]
        seen = set(waiting)
        for number in waiting:  # grows while it is read
            cause = causes.get(number)
            if cause is None:
                cause = causes[number] = self._cause(number)
            yield number, cause
            for each in cause.unknown:
                if each not in seen:
                    seen.add(each)
                    waiting.append(each)

    def _cause(self, number: int) -> _Cause:
        """What of its own keeps a definition unknown, and which unknown definitions it read."""
        if self._program.stands_in(number):
            return _Cause("absent")
        used, case = self._used(number), self._case
        asked, memo = self._walk.asked, case.memo
        facts = tuple([fact for fact in used.facts if fact in asked])
        figures = tuple([figure for figure in case.unpublished if figure[0] in used.parameters])
        unknown = tuple([each for each in used.definitions if memo[each] is None or holds_unknown(memo[each])])
        if number in case.zero_divisions:
            return _Cause("zero", facts, figures, unknown)
        if unknown or facts or figures:
            return _Cause("", facts, figures, unknown)
        names = self._fields_read(number)
        fields = self._left_out(names, used)
        return _Cause("" if fields else "silent", fields=fields, by_items=bool(names))

    def _used(self, number: int) -> Uses:
        """What an unknown definition read; of a condition, only what its undecided comparisons read."""
        unit, decided = self._program.units[number], self._walk.decided(number)
        if unit is None or unit.conditional is None or decided is None:
            return self._walk.used(number)
        chosen, truths = decided
        guard, body = unit.conditional.versions[chosen]
        formulas = [body] if guard is None else [guard, body]
        open_atoms = dict.fromkeys(atom for formula in formulas for atom in undecided(formula, truths))
        sides = [side for atom in open_atoms for side in (unit.conditional.atoms[atom].left, unit.conditional.atoms[atom].right) if side is not None]
        return self._program.reads(sides)

    # -- records ------------------------------------------------------------------------------

    def _left_out(self, names: list[str], used: Uses) -> dict[str, tuple[str, ...]]:
        """By list or record that was given: those of the fields which were left out."""
        if not names:
            return {}
        records = self._records(used).items()
        return {fact: absent for fact, items in records if (absent := tuple(name for name in names if any(name not in item for item in items)))}

    def _fields_read(self, number: int) -> list[str]:
        """The fields that a rule's applied wording reads and has no default for."""
        if self._program.units[number] is None:
            return []
        version = self._walk.version(number)
        nodes = [node for wording in (version.body, version.guard) if wording is not None for node in ir.walk(wording)]
        defaulted = [node.operand for node in nodes if isinstance(node, ir.IsNull)]
        defaulted += [node.arguments[0] for node in nodes if isinstance(node, ir.Call) and node.function == "or_else"]
        return [node.field for node in nodes if isinstance(node, ir.Field) and node.nullable and node not in defaulted]

    def _records(self, used: Uses) -> dict[str, Sequence[Mapping[str, Any]]]:
        """The facts given as records, or lists of them, that a rule reads, itself or through others that give these on."""
        facts = dict.fromkeys(used.facts)
        waiting, seen = list(used.definitions), set(used.definitions)
        for each in waiting:
            value = self._case.memo[each]
            if isinstance(value, Mapping) or (isinstance(value, list | tuple) and value and isinstance(value[0], Mapping)):
                below = self._walk.used(each)
                facts |= dict.fromkeys(below.facts)
                waiting.extend(more for more in below.definitions if more not in seen)
                seen.update(below.definitions)
        stated = {fact: self._case.facts.get(fact) for fact in facts}
        return {fact: (value,) if isinstance(value, Mapping) else value for fact, value in stated.items() if isinstance(value, Mapping | tuple)}

