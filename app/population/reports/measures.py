"""What of a scheme's results is money paid, and how often: which columns add up to a person's benefit."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from app.language import Definition, Rulebook, Title, ir
from app.language.types import NumberType

Basis = Literal["month", "once", "none"]
Kind = Literal["benefit", "contribution"]

# All recurring benefits of a person together.
TOGETHER = "all"
TOGETHER_TITLE = Title("各项合计", "All schemes together")

MONTHS_OF_YEAR = 12
# How often an amount of a unit is paid in a year; None is paid once.
_TIMES_A_YEAR: dict[str, int | None] = {"CNY/month": MONTHS_OF_YEAR, "CNY/year": 1, "CNY": None}
# Of these names the interface says that they are what a person pays, not a benefit.
_OWN_SHARE = frozenset({"own_pays"})
_CONTRIBUTIONS = "contributions."
# A part of the contributions that are columns of their own already.
_PART_OF_CONTRIBUTIONS = frozenset({"account_credit"})


@dataclass(frozen=True, slots=True)
class Benefit:
    """One benefit of a scheme whose values are numbers; `whole`: no other benefit of the scheme is computed from it."""

    scheme: str
    local: str
    title: Title
    unit: str
    whole: bool

    @property
    def column(self) -> str:
        return f"{self.scheme}.{self.local}"

    @property
    def is_money(self) -> bool:
        return self.unit in _TIMES_A_YEAR


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a report: a scheme, and the columns that add up to what it pays on one basis.

    `parts` are (column, times a year); the amounts of a `month` entry are summed up by the year and shown by the
    month; those of a `once` entry are paid once; an entry of basis `none` pays no money and is only counted.
    """

    scheme: str
    title: Title
    kind: Kind
    basis: Basis
    parts: tuple[tuple[str, int], ...]

    @property
    def recurring(self) -> bool:
        """Whether it counts in what all schemes together pay a month."""
        return self.kind == "benefit" and self.basis == "month"


class MeasureError(ValueError):
    """A measure was named that is no money benefit of its scheme."""


def scheme_titles(rulebook: Rulebook, as_of: date, reforms: tuple[str, ...]) -> dict[str, Title]:
    """The title of every scheme, as it stands anywhere."""
    titles: dict[str, Title] = {}
    for region in rulebook.regions():
        for name, scheme in rulebook.at(as_of, region, reforms).schemes.items():
            titles.setdefault(name, scheme.title)
    return titles


def number_benefits(rulebook: Rulebook, as_of: date, reforms: tuple[str, ...], schemes: Collection[str]) -> tuple[Benefit, ...]:
    """The benefits that are numbers, of any region, scheme by scheme."""
    found: dict[ir.Name, Definition] = {}
    parts: set[ir.Name] = set()
    names: dict[int, frozenset[ir.Name]] = {}
    for region in rulebook.regions():
        law = rulebook.at(as_of, region, reforms)
        for name in schemes:
            scheme = law.schemes.get(name)
            for benefit in scheme.benefits() if scheme is not None else ():
                found.setdefault(benefit.name, benefit)
                parts |= _benefits_below(benefit, law.schemes[name].definitions, names)
    return tuple(
        Benefit(name.scheme, name.local, benefit.title, "" if benefit.type.unit is None else str(benefit.type.unit), name not in parts)
        for scheme in schemes
        for name, benefit in found.items()
        if name.scheme == scheme and isinstance(benefit.type, NumberType)
    )


def _benefits_below(benefit: Definition, definitions: Mapping[str, Definition], names: dict[int, frozenset[ir.Name]]) -> set[ir.Name]:
    """The other benefits of the scheme that a benefit is computed from, directly or through definitions.

    `names` keeps the names in each clause: the laws of all regions share most of their clauses.
    """
    reached: set[ir.Name] = set()
    open_ = [benefit]
    while open_:
        for name in _names(open_.pop(), names):
            if name not in reached and name.scheme == benefit.name.scheme and name.local in definitions:
                reached.add(name)
                open_.append(definitions[name.local])
    return {name for name in reached if definitions[name.local].kind == "benefit"}


def _names(definition: Definition, names: dict[int, frozenset[ir.Name]]) -> Iterable[ir.Name]:
    for version in definition.versions:
        key = id(version.lowered)
        if key not in names:
            expressions = [each for each in (version.body, version.guard) if each is not None]
            names[key] = frozenset(node.name for each in expressions for node in ir.walk(each) if isinstance(node, ir.DefinitionRef))
        yield from names[key]


def entries(
    benefits: Iterable[Benefit], titles: Mapping[str, Title], schemes: Iterable[str], chosen: Mapping[str, tuple[str, ...]]
) -> tuple[Entry, ...]:
    """The lines of a report. `chosen` names the benefits that count for a scheme, instead of the rule below.

    Otherwise every money benefit counts from which no other benefit of the scheme is computed, except what a person
    pays (`own_pays`). Raises MeasureError where a chosen benefit is none.
    """
    by_scheme: dict[str, list[Benefit]] = {}
    for benefit in benefits:
        by_scheme.setdefault(benefit.scheme, []).append(benefit)
    _check_chosen(by_scheme, chosen)
    found: list[Entry] = []
    for scheme in schemes:
        kind: Kind = "contribution" if scheme.startswith(_CONTRIBUTIONS) else "benefit"
        counted = [each for each in by_scheme.get(scheme, ()) if each.is_money and _counts(each, chosen.get(scheme))]
        often = tuple((each.column, times) for each in counted if (times := _TIMES_A_YEAR[each.unit]) is not None)
        once = tuple((each.column, 1) for each in counted if _TIMES_A_YEAR[each.unit] is None)
        title = titles.get(scheme, Title(scheme, scheme))
        found += [Entry(scheme, title, kind, basis, parts) for basis, parts in _bases(often, once)]
    recurring = [entry for entry in found if entry.recurring]
    if len(recurring) > 1:
        found.append(Entry(TOGETHER, TOGETHER_TITLE, "benefit", "month", tuple(part for entry in recurring for part in entry.parts)))
    return tuple(found)


def _bases(often: tuple[tuple[str, int], ...], once: tuple[tuple[str, int], ...]) -> Iterable[tuple[Basis, tuple[tuple[str, int], ...]]]:
    if often:
        yield "month", often
    if once:
        yield "once", once
    if not often and not once:
        yield "none", ()


def _counts(benefit: Benefit, chosen: tuple[str, ...] | None) -> bool:
    if chosen is not None:
        return benefit.local in chosen
    return benefit.whole and benefit.local not in _OWN_SHARE | _PART_OF_CONTRIBUTIONS


def _check_chosen(by_scheme: Mapping[str, list[Benefit]], chosen: Mapping[str, tuple[str, ...]]) -> None:
    for scheme, names in chosen.items():
        known = [benefit.local for benefit in by_scheme.get(scheme, ()) if benefit.is_money]
        for name in names:
            if name not in known:
                there = f"Its money benefits are: {', '.join(known)}." if known else "It has no money benefit."
                raise MeasureError(f"'{name}' is no benefit of '{scheme}' that is paid in yuan. {there}")
