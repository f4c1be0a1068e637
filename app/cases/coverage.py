"""Rule coverage: of everything the rule files say, what has some case exercised, and what none has.

A wording, a rounding or a figure counts as exercised when a known value was computed with it; a condition
when it was found met, and when it was found not met; an `if` when each of its branches was taken; a file
(a date) when it was the latest of its place in a case; a region when a case was asked under its rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.engine import Evaluation
from app.engine.case import UNSET
from app.engine.conditions import Choice, Formula, Junction, Negation, read_formula
from app.engine.walk import Walk
from app.language import Place, Rulebook, RuleFile, ir
from app.language.model import ParameterClause
from app.language.symbols import LoweredDefinition, LoweredFile

Kind = Literal["wording", "rounding", "branch", "outcome", "row", "conclusion", "date", "region", "figure"]

KIND_TITLES: dict[Kind, str] = {
    "wording": "wordings",
    "rounding": "roundings",
    "branch": "branches",
    "outcome": "conditions met and not met",
    "row": "decision table rows",
    "conclusion": "conclusions",
    "date": "dates",
    "region": "regions",
    "figure": "figures",
}


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One thing the rules say; `detail` tells apart the items of one name and line."""

    place: Place
    kind: Kind
    scheme: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SchemeCoverage:
    """Per kind how many items were exercised and how many there are; what was missed, by file and line."""

    scheme: str
    counts: dict[Kind, tuple[int, int]]
    missed: tuple[Item, ...]

    def total(self) -> tuple[int, int]:
        """Exercised and all, of the rules themselves: the published figures are counted apart, they are data."""
        rules = [count for kind, count in self.counts.items() if kind != "figure"]
        return sum(hit for hit, _ in rules), sum(every for _, every in rules)


class Coverage:
    """Collects what the evaluations of one rulebook exercised; the engine must be made with `cover=True`."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._all: dict[Item, None] = {}
        self._branches: dict[int, dict[bool, Item]] = {}
        self._regions: dict[tuple[str, str], Item] = {}
        self._hit: set[Item] = set()
        for lowered in rulebook.lowered():
            self._add_file(lowered)

    # -- what there is ------------------------------------------------------------------------

    def _add(self, item: Item) -> Item:
        self._all.setdefault(item)
        return item

    def _add_file(self, lowered: LoweredFile) -> None:
        file = lowered.file
        self._add(_date(file))
        if (file.scheme, file.region) not in self._regions:
            self._regions[file.scheme, file.region] = self._add(Item(file.place, "region", file.scheme, file.region))
        for parameter in lowered.parameters.values():
            for item in _figures(file.scheme, parameter.clause):
                self._add(item)
        for definition in lowered.definitions.values():
            self._add_definition(definition)
        for conclusion in lowered.conclusions.values():
            self._add(Item(conclusion.clause.place, "conclusion", file.scheme, conclusion.clause.name))

    def _add_definition(self, lowered: LoweredDefinition) -> None:
        clause, scheme = lowered.clause, lowered.file.scheme
        if clause.round is not None:
            self._add(Item(clause.round.place, "rounding", scheme, clause.name))
        if lowered.body is None:
            return
        self._add(Item(clause.place, "wording", scheme, clause.name))
        if clause.kind == "condition":
            for met in (True, False):
                self._add(_outcome(lowered, met))
        ifs = dict.fromkeys(id(node) for node in ir.walk(lowered.body) if isinstance(node, ir.If))
        for position, branching in enumerate(ifs, 1):
            taken = {True: "then", False: "else"}
            self._branches[branching] = {
                way: self._add(Item(clause.place, "branch", scheme, clause.name, f"'{word}' of if {position}")) for way, word in taken.items()
            }
        for node in ir.walk(lowered.body):
            if isinstance(node, ir.Decide):
                for row in node.rows:
                    self._add(Item(Place(node.file, row.line), "row", scheme, clause.name))

    # -- what was exercised -------------------------------------------------------------------

    def record(self, evaluation: Evaluation) -> None:
        """Note what one evaluation exercised."""
        walk, case, program = Walk(evaluation), evaluation.case, evaluation.program
        touched = set(evaluation.request.schemes)
        for number in case.order:
            if number not in case.given and case.memo[number] is not None and case.memo[number] is not UNSET:
                touched.add(program.definitions[number].name.scheme)
                self._record_definition(number, walk)
        self._record_figures(walk, touched)
        for (owner, branch, taken) in case.branches:
            items = self._branches.get(id(program.branches.get((owner, branch))))
            if items is not None:
                self._hit.add(items[taken])
        for outcome in evaluation.outcomes:
            for drawn in outcome.conclusions:
                clause = drawn.lowered.clause
                self._hit.add(Item(clause.place, "conclusion", outcome.scheme, clause.name))
        for scheme in touched & program.law.schemes.keys():
            self._record_files(program.law.schemes[scheme].files)

    def _record_definition(self, number: int, walk: Walk) -> None:
        definition, version = walk.program.definitions[number], walk.version(number)
        lowered, scheme = version.lowered, definition.name.scheme
        self._hit.add(Item(lowered.clause.place, "wording", scheme, lowered.clause.name))
        if version.rounding is not None and number in walk.case.before_rounding:
            self._hit.add(Item(version.rounding.place, "rounding", scheme, lowered.clause.name))
        lines = {line for owner, line in walk.case.rows_hit if owner == number}
        if lines:
            tables = [node for node in ir.walk(version.body) if isinstance(node, ir.Decide)]
            self._hit.update(
                Item(Place(table.file, row.line), "row", scheme, lowered.clause.name) for table in tables for row in table.rows if row.line in lines
            )
        if definition.kind == "condition":
            self._record_condition(number, lowered, walk)

    def _record_condition(self, number: int, lowered: LoweredDefinition, walk: Walk) -> None:
        decided, unit = walk.decided(number), walk.program.units[number]
        if decided is None or unit is None or unit.conditional is None or lowered.body is None:
            return
        self._hit.add(_outcome(lowered, walk.case.memo[number] is True))
        chosen, truths = decided
        for node, taken in _choices(lowered.body, unit.conditional.versions[chosen][1], truths):
            self._hit.add(self._branches[id(node)][taken])

    def _record_figures(self, walk: Walk, touched: set[str]) -> None:
        program, case = walk.program, walk.case
        for (number, _), reading in case.readings.items():
            if reading.row is not None:
                name = program.parameters[number].name
                touched.add(name.scheme)
                self._hit.add(Item(reading.row.place, "figure", name.scheme, name.local, _key(reading.row.key)))
        for owner, index in case.rows_hit:
            if owner < 0:
                parameter = program.parameters[-1 - owner]
                band = parameter.bands[index]
                self._hit.add(Item(band.place, "figure", parameter.name.scheme, parameter.name.local, f"above {band.above}"))

    def _record_files(self, files: tuple[RuleFile, ...]) -> None:
        latest: dict[str, RuleFile] = {}
        for file in files:
            self._hit.add(self._regions[file.scheme, file.region])
            if file.proposal is not None:
                self._hit.add(_date(file))
            elif file.region not in latest or latest[file.region].start <= file.start:
                latest[file.region] = file
        self._hit.update(_date(file) for file in latest.values())

    # -- the report ---------------------------------------------------------------------------

    def report(self) -> list[SchemeCoverage]:
        """Coverage by scheme, in alphabetical order."""
        schemes: dict[str, list[Item]] = {}
        for item in self._all:
            schemes.setdefault(item.scheme, []).append(item)
        return [self._of_scheme(scheme, schemes[scheme]) for scheme in sorted(schemes)]

    def _of_scheme(self, scheme: str, items: list[Item]) -> SchemeCoverage:
        counts: dict[Kind, tuple[int, int]] = {}
        for kind in KIND_TITLES:
            of_kind = [item for item in items if item.kind == kind]
            if of_kind:
                counts[kind] = (sum(item in self._hit for item in of_kind), len(of_kind))
        return SchemeCoverage(scheme, counts, tuple(sorted(item for item in items if item not in self._hit)))


def _date(file: RuleFile) -> Item:
    return Item(file.place, "date", file.scheme, str(file.id))


def _outcome(lowered: LoweredDefinition, met: bool) -> Item:
    return Item(lowered.clause.place, "outcome", lowered.file.scheme, lowered.clause.name, "met" if met else "not met")


def _figures(scheme: str, clause: ParameterClause) -> Iterator[Item]:
    for row in clause.rows or ():
        yield Item(row.place, "figure", scheme, clause.name, _key(row.key))
    for band in clause.bands or ():
        yield Item(band.place, "figure", scheme, clause.name, f"above {band.above}")


def _key(key: ir.Scalar) -> str:
    return "" if key is None else str(key)


def _choices(node: ir.Expr, formula: Formula, truths: tuple[bool | None, ...]) -> Iterator[tuple[ir.If, bool]]:
    """The `if`s a condition decided by, and which way: a condition and its formula have one shape."""
    if isinstance(node, ir.And | ir.Or) and isinstance(formula, Junction):
        for item, part in zip(node.items, formula.parts, strict=True):
            yield from _choices(item, part, truths)
    elif isinstance(node, ir.Not) and isinstance(formula, Negation):
        yield from _choices(node.operand, formula.part, truths)
    elif isinstance(node, ir.If) and isinstance(formula, Choice):
        yield from _choices(node.condition, formula.test, truths)
        taken = read_formula(formula.test, truths)
        if taken is not None:
            yield node, taken
            yield from _choices(node.then if taken else node.otherwise, formula.then if taken else formula.otherwise, truths)
