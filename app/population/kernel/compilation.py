"""A question about a rulebook compiled: C source, figures and names, for every place the rules tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.language import NATION, Law, Parameter, Rulebook, ir
from app.language.regions import lineage

from ..question import Question
from ..results import ResultColumn
from .driver import write_driver
from .facts import FactColumns
from .lanes import CannotCompile
from .law import LawCode, Written
from .linking import LinkedLaw
from .numbering import Numbering
from .parameters import ABOVE, RATE
from .reuse import Reuse
from .source import Source
from .tables import Figures, band_figures, figures
from .texts import Texts
from .units import write_units
from .uses import Uses

Places = tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """What a kernel is made of. `laws` numbers the places; `tables` has the figures of each law by parameter number."""

    source: tuple[str, ...]
    laws: dict[Places, int]
    tables: list[list[Figures | None]]
    texts: Texts
    uncompiled: dict[Places, str]


def places(region: str, known: frozenset[str]) -> Places:
    """The places on the way from the nation to a region that have rules of their own."""
    return tuple(code for code in lineage(region) if code in known)


def compile_question(
    rulebook: Rulebook, question: Question, columns: tuple[ResultColumn, ...], facts: FactColumns, given: Mapping[str, int], regions: Iterable[str] = (), numbering: Numbering | None = None
) -> Plan:
    """Compile a question for every place with rules of its own (or only those of some regions), numbering what is new.

    Laws that cannot be compiled are named in `uncompiled` with their reason.
    """
    known = frozenset(rulebook.regions())
    source = Source(numbering or Numbering())
    laws: dict[Places, int] = {}
    linked: list[LinkedLaw] = []
    shared = _Shared(Uses(), Reuse())
    checks = [check.holds for check in rulebook.fact_checks]
    tables: list[dict[int, Figures]] = []
    uncompiled: dict[Places, str] = {}
    for region in regions or rulebook.regions():
        where = places(region, known)
        if where in laws or where in uncompiled:
            continue
        law = rulebook.at(question.as_of, region if where[-1:] == (region,) else where[-1] if where else NATION, question.reforms)
        found = _LawTables(law, question, source, shared.figures)
        try:
            code = LawCode(law, source, facts, given, found.figures, shared.uses.count(law, _needed(law, columns)), shared.reuse)
            linked.append(LinkedLaw(write_driver(code, columns, checks), code.calls))
        except CannotCompile as error:
            uncompiled[where] = str(error)
            continue
        laws[where] = len(laws)
        tables.append({source.parameter(name, part): each for (name, part), each in found.made.items() if each is not None})
    count = len(source.numbering.parameters)
    return Plan(write_units(source, linked) if linked else (), laws, [[each.get(number) for number in range(count)] for each in tables], source.texts, uncompiled)


@dataclass(frozen=True)
class _Shared:
    """What was worked out for one law and holds for others. Parameters are kept with the numbers they are found by."""

    uses: Uses
    reuse: Reuse[Written]
    figures: dict[tuple[int, str], tuple[Parameter, Figures | None]] = field(default_factory=dict)


class _LawTables:
    """The figures of one law, made when code first reads them."""

    def __init__(self, law: Law, question: Question, source: Source, made: dict[tuple[int, str], tuple[Parameter, Figures | None]]) -> None:
        self._law = law
        self._made = made
        self._question = question
        self._source = source
        self.made: dict[tuple[ir.Name, str], Figures | None] = {}

    def figures(self, name: ir.Name, part: str) -> Figures | None:
        key = (name, part)
        if key not in self.made:
            parameter = self._law.parameter(name)
            known = self._made.get((id(parameter), part))
            if known is None:
                known = self._made[id(parameter), part] = (parameter, self._make(parameter, part))
            self.made[key] = known[1]
        return self.made[key]

    def _make(self, parameter: Parameter, part: str) -> Figures | None:
        if part in (ABOVE, RATE):
            return band_figures(parameter)[part == RATE] if parameter.bands else None
        return figures(parameter, self._question.assumptions, self._source.texts)


def _needed(law: Law, columns: tuple[ResultColumn, ...]) -> list[ir.Name]:
    """Everything that a person's results read first."""
    names: list[ir.Name] = []
    for scheme in dict.fromkeys(column.scheme for column in columns):
        if scheme not in law.schemes:
            continue
        stood = law.schemes[scheme]
        names += [each.name for each in (*stood.conditions(), *stood.benefits())]
        names += [stood.definitions[column.local].name for column in columns if column.scheme == scheme and not column.benefit and column.local in stood.definitions]
    return names
