"""Amendment, the one mechanism for time, place and proposal: which files hold, and what they add up to (`folding` adds up).

The rules for (as of, region, reforms) are the fold of the files that apply: national before provincial
before municipal, earlier before later, proposals last. A local value stands until a later binding
national file says otherwise. A file with `applies_when` is a savings clause: its definitions hold for the
cases it names, the amended ones for the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from . import ir
from .claim_clauses import Claim
from .facts import Changes
from .model import Band, Extension, Kind, PaidTo, ParameterClause, Rounding, RuleFile, Source, Standing, TableRow, Title
from .regions import lineage
from .symbols import LoweredConclusion, LoweredDefinition, LoweredFile, LoweredParameter, file_order
from .types import Type
from .units import Unit

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
