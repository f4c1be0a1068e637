"""What a rule file says, as immutable data. Expressions are still text here; `symbols` gives them meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Literal

from .errors import Place
from .ir import HitPolicy, RoundingMode, Scalar
from .types import Type
from .units import Unit

NATION = "000000"


class Standing(IntEnum):
    """How firm a figure is, from best to worst; a result stands as its worst figure."""

    OFFICIAL = 0
    PROVISIONAL = 1
    ESTIMATED = 2
    UNVERIFIED = 3

    @property
    def word(self) -> str:
        return _STANDING_WORDS[self]


_STANDING_WORDS = ("official", "provisional", "estimated", "unverified")


@dataclass(frozen=True, slots=True)
class Title:
    zh: str
    en: str

    def in_language(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Source:
    """Where law says so. `note` holds what a reader of the figure must know."""

    instrument: str
    number: str | None = None
    article: str | None = None
    effective: str | None = None
    url: str | None = None
    note: str | None = None

    def merged(self, other: SourcePatch | None) -> Source:
        """Return this source with what `other` states instead."""
        if other is None:
            return self
        if other.instrument is not None:
            return Source(other.instrument, other.number, other.article, other.effective, other.url, other.note)
        return Source(
            self.instrument,
            other.number or self.number,
            other.article or self.article,
            other.effective or self.effective,
            other.url or self.url,
            other.note or self.note,
        )

    def cite(self) -> str:
        """One line: instrument, number, article."""
        number = f"（{self.number}）" if self.number else ""
        return f"{self.instrument}{number}" + (f" {self.article}" if self.article else "")


@dataclass(frozen=True, slots=True)
class SourcePatch:
    """What a definition or row states of its source; the rest comes from the file."""

    instrument: str | None = None
    number: str | None = None
    article: str | None = None
    effective: str | None = None
    url: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Rule text with its place."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Rounding:
    step: Decimal
    mode: RoundingMode
    place: Place


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a parameter: its value from (or at) a key."""

    key: Scalar
    value: Scalar
    standing: Standing
    source: Source
    published: date | None
    place: Place


@dataclass(frozen=True, slots=True)
class Band:
    """The rate from `above` up to the next band."""

    above: Decimal
    rate: Decimal
    standing: Standing
    source: Source
    place: Place


@dataclass(frozen=True, slots=True)
class Extension:
    """How a series goes on after its last row under an assumption.

    `grow`: last value x (1 + assumption) per year, rounded each year. `set`: the assumption is the value.
    `provisional` names an assumption (a yes/no) that holds the last value for one more year.
    """

    assumption: str
    how: Literal["grow", "set"]
    round: Rounding | None
    provisional: str | None


@dataclass(frozen=True, slots=True)
class ParameterClause:
    name: str
    place: Place
    title: Title | None
    unit: Unit | None
    key_type: Type | None
    at: Text | None
    match: Literal["exact", "from"]
    rows: tuple[TableRow, ...] | None
    bands: tuple[Band, ...] | None
    adds_rows: bool
    extend: Extension | None
    value_type: Type | None
    source: Source
    standing: Standing
    gaps_are_known: bool = False


@dataclass(frozen=True, slots=True)
class DecisionClause:
    """A decision table as written: cells are texts."""

    hit: HitPolicy
    inputs: tuple[Text, ...]
    rows: tuple[tuple[tuple[Text, ...], Text], ...]
    priorities: tuple[Text, ...]
    file: str


@dataclass(frozen=True, slots=True)
class CarryClause:
    variable: str
    over: Text
    start: Text
    next: Text
    collect: bool
    round: Rounding | None
    unrounded: bool


Body = Text | DecisionClause | CarryClause
Kind = Literal["definition", "benefit", "condition"]
# Whom an amount is paid to: to each person, or once to the household.
PaidTo = Literal["person", "household"]


@dataclass(frozen=True, slots=True)
class DefinitionClause:
    """A definition, benefit or condition as one file states it; None is 'not stated here'."""

    name: str
    kind: Kind
    place: Place
    title: Title | None
    unit: Unit | None
    body: Body | None
    round: Rounding | None
    unrounded: bool
    shortfall: Text | None
    applies_when: Text | None
    output: bool | None
    source: Source
    standing: Standing
    # What a condition says where it is not met; {shortfall} in it is by how much.
    unmet: Title | None = None
    paid_to: PaidTo | None = None
    counts_as: str | None = None
    changes: Literal["never", "past", "can"] | None = None


ConclusionKind = Literal["exclusion", "offset", "duplicate", "suggestion", "route", "finding"]
Between = Literal["members"]


@dataclass(frozen=True, slots=True)
class ConclusionClause:
    """Something to tell the reader when a condition holds: exclusion, offset, duplicate, suggestion, route, finding.

    `others` are the schemes (or benefits of them) that an exclusion, an offset or a duplicate is with, `benefit` the own
    benefit it is about (None: all of the scheme); `between` says that the others are another member's.
    """

    name: str
    kind: ConclusionKind
    place: Place
    when: Text
    text: Title
    source: Source
    others: tuple[str, ...] = ()
    benefit: str | None = None
    between: Between | None = None


@dataclass(frozen=True, slots=True)
class ClaimClause:
    """Where a scheme is claimed, with which documents and until when, as one file states it; None is 'not stated here'."""

    place: Place
    where: Title | None
    documents: tuple[Title, ...] | None
    deadline: Title | None
    source: Source
    standing: Standing


@dataclass(frozen=True, slots=True, order=True)
class VersionId:
    """Names a version of a scheme: `pension.employee@2006-01-01`, `.../110000`, or `@some-proposal`."""

    scheme: str
    start: str
    region: str = NATION

    def __str__(self) -> str:
        return f"{self.scheme}@{self.start}" + ("" if self.region == NATION else f"/{self.region}")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One file: founds a scheme or amends it."""

    id: VersionId
    path: str
    place: Place
    title: Title | None
    start: date
    end: date | None
    region: str
    source: Source
    amends: Text | None
    binding: bool
    proposal: str | None
    library: bool
    timeline: Text | None
    applies_when: Text | None
    parameters: dict[str, ParameterClause] = field(hash=False)
    definitions: dict[str, DefinitionClause] = field(hash=False)
    conclusions: dict[str, ConclusionClause] = field(hash=False)
    claim: ClaimClause | None = None

    @property
    def scheme(self) -> str:
        return self.id.scheme
