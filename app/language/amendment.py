"""Amendment, the one mechanism for time, place and proposal: which files hold, and what they add up to.

The rules for (as of, region, reforms) are the fold of the files that apply: national before provincial
before municipal, earlier before later, proposals last. A local value stands until a later binding
national file says otherwise. A file with `applies_when` is a savings clause: its definitions hold for the
cases it names, the amended ones for the others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar

from . import ir
from .claim_clauses import Claim, add_up
from .errors import Fault, RuleError
from .facts import Changes
from .model import Band, Extension, Kind, PaidTo, ParameterClause, Rounding, RuleFile, Source, Standing, TableRow, Title
from .regions import level, lineage
from .symbols import LoweredConclusion, LoweredDefinition, LoweredFile, LoweredParameter, Symbols, file_order
from .types import NumberType, Type
from .units import ONE, Unit

_Stated = TypeVar("_Stated", LoweredFile, LoweredDefinition, LoweredParameter, LoweredConclusion)


@dataclass(frozen=True, slots=True)
class DefinitionVersion:
    """One wording of a definition: it holds where `guard` does (always, if None)."""

    guard: ir.Expr | None
    body: ir.Expr
    lowered: LoweredDefinition
    rounding: Rounding | None
    rounding_source: Source | None
    rounding_standing: Standing | None

    @property
    def source(self) -> Source:
        return self.lowered.clause.source

    @property
    def file(self) -> RuleFile:
        return self.lowered.file


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition, benefit or condition as it holds; versions are latest first, the last without a guard."""

    name: ir.Name
    kind: Kind
    title: Title
    type: Type
    output: bool
    versions: tuple[DefinitionVersion, ...]
    paid_to: PaidTo | None = None
    counts_as: str | None = None
    # Whether a person can change the figure itself, as a month of contributions paid; None where that is not said.
    changes: Changes | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as it holds. Rows are in key order; one row with key None for a single value."""

    name: ir.Name
    title: Title
    type: Type
    unit: Unit | None
    key_type: Type | None
    at: ir.Expr | None
    match: str
    rows: tuple[TableRow, ...]
    bands: tuple[Band, ...]
    extend: Extension | None
    clause: ParameterClause
    file: RuleFile
    gaps_are_known: bool


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme as it holds on a day in a place."""

    id: str
    title: Title
    library: bool
    source: Source
    files: tuple[RuleFile, ...]
    parameters: dict[str, Parameter] = field(hash=False)
    definitions: dict[str, Definition] = field(hash=False)
    conclusions: tuple[LoweredConclusion, ...] = ()
    # Made of the conditions when the scheme is whole (`derived.eligibility`).
    eligible: Definition | None = None
    claim: Claim | None = None

    @property
    def timeline(self) -> str | None:
        """The fact whose months a timeline of the scheme runs over: when it is claimed, or what it is paid for."""
        stated = [file.timeline.text for file in self.files if file.timeline is not None]
        return stated[-1] if stated else None

    def conditions(self) -> list[Definition]:
        return [each for each in self.definitions.values() if each.kind == "condition"]

    def benefits(self) -> list[Definition]:
        return [each for each in self.definitions.values() if each.kind == "benefit"]


def applicable(files: Iterable[LoweredFile], as_of: date, region: str, reforms: tuple[str, ...]) -> list[LoweredFile]:
    """The files that hold, in the order they apply."""
    places = set(lineage(region))
    chosen = [
        each
        for each in files
        if each.file.region in places
        and (each.file.proposal in reforms if each.file.proposal else each.file.start <= as_of)
        and (each.file.end is None or as_of <= each.file.end)
    ]
    return sorted(chosen, key=lambda each: (reforms.index(each.file.proposal) if each.file.proposal else -1, file_order(each.file)))


class RuleFolds:
    """Sums of single rules that were made already: most places state few names, and share the others with the nation.

    A clause lives as long as the files, so that its id names it.
    """

    def __init__(self) -> None:
        self._definitions: dict[tuple[int, ...], Definition] = {}
        self._parameters: dict[tuple[int, ...], Parameter] = {}

    def definition(self, turn: list[LoweredDefinition], symbols: Symbols) -> Definition:
        """What the clauses of a definition, in the order they apply, add up to. Raises RuleError."""
        key = tuple(map(id, turn))
        found = self._definitions.get(key)
        if found is None:
            found = self._definitions[key] = _fold_definition(turn, symbols)
        return found

    def parameter(self, turn: list[LoweredParameter], as_of: date) -> Parameter:
        """What the clauses of a parameter, in the order they apply, add up to on a day."""
        seen = sum([bisect_right(each.published, as_of) for each in turn if each.published])
        key = (seen, *map(id, turn))
        found = self._parameters.get(key)
        if found is None:
            found = self._parameters[key] = _fold_parameter(turn, as_of)
        return found


def fold(scheme: str, files: list[LoweredFile], as_of: date, symbols: Symbols, folds: RuleFolds) -> Scheme:
    """Add up the files of one scheme. Raises RuleError where an amendment has nothing to amend."""
    parameters = {name: folds.parameter(turn, as_of) for name, turn in _by_name(files, [each.parameters for each in files]).items()}
    definitions = {name: folds.definition(turn, symbols) for name, turn in _by_name(files, [each.definitions for each in files]).items()}
    conclusions = [turn[-1] for turn in _by_name(files, [each.conclusions for each in files]).values()]
    first = files[0].file
    title = next((each.file.title for each in files if each.file.title), None)
    if title is None:
        raise RuleError([Fault(first.place, f"the scheme {scheme} has no title. Add 'title: {{zh: ..., en: ...}}' to the file that founds it.")])
    return Scheme(
        id=scheme,
        title=title,
        library=first.library,
        source=files[-1].file.source if files[-1].file.region == first.region else first.source,
        files=tuple(each.file for each in files),
        parameters=parameters,
        definitions=_by_kind(definitions),
        conclusions=tuple(conclusions),
        claim=add_up(each.file.claim for each in _in_turn([each for each in files if each.file.claim is not None]) if each.file.claim is not None),
    )


def _by_name(files: list[LoweredFile], sections: list[dict[str, _Stated]]) -> dict[str, list[_Stated]]:
    """By name, the clauses that one section of each file has for it, each after what it amends."""
    found: dict[str, list[_Stated]] = {}
    for section in sections:
        for name, clause in section.items():
            if name in found:
                found[name].append(clause)
            else:
                found[name] = [clause]
    if any(each.file.binding for each in files):
        return {name: _in_turn(clauses) for name, clauses in found.items()}
    return found


def fold_parameter(name: str, files: list[LoweredFile], as_of: date) -> Parameter:
    """Add up what files of one scheme, in the order they apply, say of a parameter that at least one of them states."""
    return _fold_parameter([each.parameters[name] for each in in_turn(files, name)], as_of)


def _fold_parameter(turn: list[LoweredParameter], as_of: date) -> Parameter:
    parameter: Parameter | None = None
    for each in turn:
        parameter = _amend_parameter(parameter, each, as_of)
    assert parameter is not None
    return parameter


def fold_definition(name: str, files: list[LoweredFile], symbols: Symbols) -> Definition:
    """Add up what files of one scheme, in the order they apply, say of a definition that at least one of them states. Raises RuleError."""
    return _fold_definition([each.definitions[name] for each in in_turn(files, name)], symbols)


def _fold_definition(turn: list[LoweredDefinition], symbols: Symbols) -> Definition:
    definition: Definition | None = None
    for each in turn:
        definition = _amend_definition(definition, each, symbols)
    assert definition is not None
    return definition


def in_turn(files: list[LoweredFile], name: str) -> list[LoweredFile]:
    """The files that state a parameter or definition, each after what it amends."""
    return _in_turn([each for each in files if name in each.parameters or name in each.definitions])


def _by_kind(definitions: dict[str, Definition]) -> dict[str, Definition]:
    order = {"condition": 0, "definition": 1, "benefit": 2}
    return dict(sorted(definitions.items(), key=lambda pair: order[pair[1].kind]))


def _in_turn(stating: list[_Stated]) -> list[_Stated]:
    """The files that state one name (or their clauses), in the order they apply: a local file before a wider one that binds and is not older."""
    if not any(each.file.binding for each in stating):
        return stating
    turn: list[_Stated] = []
    for each in stating:
        position = next((index for index, other in enumerate(turn) if _binds(other.file, each.file)), len(turn))
        turn.insert(position, each)
    return turn


def _binds(wider: RuleFile, local: RuleFile) -> bool:
    if local.proposal or wider.proposal or not wider.binding:
        return False
    return level(wider.region) < level(local.region) and wider.start >= local.start


def _amend_parameter(before: Parameter | None, lowered: LoweredParameter, as_of: date) -> Parameter:
    clause = lowered.clause
    rows = _rows(before, clause, as_of)
    if before is None:
        title = clause.title or Title(clause.name, clause.name)
        kind: Type = clause.value_type or NumberType(clause.unit or ONE)
        return Parameter(
            ir.Name(lowered.file.scheme, clause.name), title, kind, clause.unit, clause.key_type, lowered.at, clause.match,
            rows, clause.bands or (), clause.extend, clause, lowered.file, clause.gaps_are_known,
        )  # fmt: skip
    return replace(
        before,
        title=clause.title or before.title,
        at=lowered.at or before.at,
        rows=rows,
        bands=clause.bands or before.bands,
        extend=clause.extend or before.extend,
        clause=clause,
        file=lowered.file,
        gaps_are_known=clause.gaps_are_known or (before.gaps_are_known and (clause.adds_rows or clause.rows is None)),
    )


def _rows(before: Parameter | None, clause: ParameterClause, as_of: date) -> tuple[TableRow, ...]:
    old = before.rows if before else ()
    if clause.rows is None:
        return old
    stated = {row.key: row for row in clause.rows if row.published is None or row.published <= as_of}
    merged = {**{row.key: row for row in old}, **stated} if clause.adds_rows else stated
    return tuple(sorted(merged.values(), key=lambda row: (row.key is not None, row.key)))


def _amend_definition(before: Definition | None, lowered: LoweredDefinition, symbols: Symbols) -> Definition:
    clause = lowered.clause
    versions = _versions(before, lowered, lowered.guard)
    if before is None:
        if clause.title is None and clause.kind != "definition":
            raise RuleError([Fault(clause.place, f"the {clause.kind} '{clause.name}' has no title. Add 'title: {{zh: ..., en: ...}}'.")])
        if clause.applies_when is not None:
            message = f"'{clause.name}' is new here, so nothing would hold where its 'applies_when' does not. Write 'if ... then ... else null', or state it for everyone first."
            raise RuleError([Fault(clause.place, message)])
        name = ir.Name(lowered.file.scheme, clause.name)
        title = clause.title or Title(clause.name, clause.name)
        output = clause.output or False
        return Definition(name, clause.kind, title, symbols.definition_type(name), output, versions, clause.paid_to, clause.counts_as, clause.changes)
    return replace(
        before,
        title=clause.title or before.title,
        output=before.output if clause.output is None else clause.output,
        versions=versions,
        paid_to=clause.paid_to or before.paid_to,
        counts_as=clause.counts_as or before.counts_as,
        changes=clause.changes or before.changes,
    )


def _versions(before: Definition | None, lowered: LoweredDefinition, guard: ir.Expr | None) -> tuple[DefinitionVersion, ...]:
    clause = lowered.clause
    old = before.versions if before else ()
    if lowered.body is None:
        if not old:
            raise RuleError([Fault(clause.place, f"'{clause.name}' has no value yet, so nothing can be amended here. Add 'value:'.")])
        if clause.round is None and not clause.unrounded:
            return old
        return tuple(replace(version, rounding=clause.round, rounding_source=clause.source, rounding_standing=clause.standing) for version in old)
    if clause.round is None and not clause.unrounded and old:
        rounding = (old[0].rounding, old[0].rounding_source, old[0].rounding_standing)
    else:
        rounding = (clause.round, clause.source, clause.standing)
    new = DefinitionVersion(guard if old else None, lowered.body, lowered, *rounding)
    return (new,) if guard is None else (new, *old)
