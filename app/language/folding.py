"""Files that hold, in the order they apply, to the scheme that they add up to."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TypeVar

from . import ir
from .amendment import Definition, DefinitionVersion, Parameter, Scheme
from .claim_clauses import Claim, add_up
from .errors import Fault, RuleError
from .model import ParameterClause, RuleFile, TableRow, Title
from .regions import level
from .symbols import LoweredConclusion, LoweredDefinition, LoweredFile, LoweredParameter, Symbols
from .types import NumberType, Type
from .units import ONE

_Stated = TypeVar("_Stated", LoweredFile, LoweredDefinition, LoweredParameter, LoweredConclusion)
_Made = TypeVar("_Made")
_Ids = tuple[int, ...]


class Folds:
    """What was added up already: most places state few names, and share the others with the nation.

    Files and their clauses live as long as the rulebook, so that their ids name them.
    """

    def __init__(self, symbols: Symbols) -> None:
        self._symbols = symbols
        self._definition: dict[_Ids, Definition] = {}
        self._parameter: dict[_Ids, Parameter] = {}
        self._definitions: dict[_Ids, dict[str, Definition]] = {}
        self._conclusions: dict[_Ids, tuple[LoweredConclusion, ...]] = {}
        self._claims: dict[_Ids, Claim | None] = {}

    def parameters(self, files: list[LoweredFile], as_of: date) -> dict[str, Parameter]:
        """The parameters that some files state, by name."""
        return {name: self._parameter_of(turn, as_of) for name, turn in _by_name(files, [each.parameters for each in files]).items()}

    def _parameter_of(self, turn: list[LoweredParameter], as_of: date) -> Parameter:
        seen = sum([bisect_right(each.published, as_of) for each in turn if each.published])
        return _once(self._parameter, (seen, *map(id, turn)), lambda: fold_parameter(turn, as_of))

    def definitions(self, files: list[LoweredFile]) -> dict[str, Definition]:
        """Conditions, definitions and benefits that some files state, by name. Raises RuleError."""
        stating = [each for each in files if each.definitions]

        def add_all_up() -> dict[str, Definition]:
            turns = _by_name(stating, [each.definitions for each in stating])
            return _by_kind({name: self._definition_of(turn) for name, turn in turns.items()})

        return _once(self._definitions, tuple(map(id, stating)), add_all_up)

    def _definition_of(self, turn: list[LoweredDefinition]) -> Definition:
        return _once(self._definition, tuple(map(id, turn)), lambda: fold_definition(turn, self._symbols))

    def conclusions(self, files: list[LoweredFile]) -> tuple[LoweredConclusion, ...]:
        """The conclusions that some files state, of each name the last wording."""
        stating = [each for each in files if each.conclusions]

        def last_wordings() -> tuple[LoweredConclusion, ...]:
            return tuple(turn[-1] for turn in _by_name(stating, [each.conclusions for each in stating]).values())

        return _once(self._conclusions, tuple(map(id, stating)), last_wordings)

    def claim(self, files: list[LoweredFile]) -> Claim | None:
        """How the scheme is claimed, as some files say."""
        stating = [each for each in files if each.file.claim is not None]
        return _once(self._claims, tuple(map(id, stating)), lambda: add_up(each.file.claim for each in _in_turn(stating) if each.file.claim is not None))


def _once(kept: dict[_Ids, _Made], key: _Ids, make: Callable[[], _Made]) -> _Made:
    """What was made for a key before, else made now."""
    if key not in kept:
        kept[key] = make()
    return kept[key]


def fold(scheme: str, files: list[LoweredFile], as_of: date, folds: Folds) -> Scheme:
    """Add up the files of one scheme. Raises RuleError where an amendment has nothing to amend."""
    parameters, definitions = folds.parameters(files, as_of), folds.definitions(files)
    first = files[0].file
    title = next((each.file.title for each in files if each.file.title), None)
    if title is None:
        raise RuleError([Fault(first.place, f"the scheme {scheme} has no title. Add 'title: {{zh: ..., en: ...}}' to the file that founds it.")])
    return Scheme(
        id=scheme,
        title=title,
        library=first.library,
        source=files[-1].file.source if files[-1].file.region == first.region else first.source,
        files=tuple([each.file for each in files]),
        parameters=parameters,
        definitions=definitions,
        conclusions=folds.conclusions(files),
        claim=folds.claim(files),
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


def fold_parameter(turn: list[LoweredParameter], as_of: date) -> Parameter:
    """Add up a parameter's clauses, at least one, each after what it amends."""
    parameter: Parameter | None = None
    for each in turn:
        parameter = _amend_parameter(parameter, each, as_of)
    assert parameter is not None
    return parameter


def fold_definition(turn: list[LoweredDefinition], symbols: Symbols) -> Definition:
    """Add up a definition's clauses, at least one, each after what it amends. Raises RuleError."""
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
