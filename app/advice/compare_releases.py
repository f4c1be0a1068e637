"""A case under two releases: each reads it with its own dictionary, and what only the other one knows is left out, and told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.engine import CaseReasons, InputError, InputFault
from app.intake import ExtendedReader, FaultList, pointer_to
from app.language import Rulebook
from app.releases import FileChanges, changed_files

from .call import Desk, Json
from .compare import Side, compare_sides, of_against


@dataclass(frozen=True, slots=True)
class BetweenReleases:
    """A comparison of two releases: the files that differ, and what of the case either side did not know, as JSON pointers."""

    reasons: CaseReasons
    files: FileChanges
    left_out: tuple[tuple[str, ...], tuple[str, ...]]


def compare_releases(before: Desk, after: Desk, case: Any, against: Mapping[str, Any], allowed: tuple[str, ...]) -> BetweenReleases:
    """A case's JSON values under its own release, and under another one with what `against` says of the law besides.

    Raises InputError with every fault, and the release it is a fault under where it is one under only one of them.
    """
    beside = FaultList()
    for name in against:
        if name not in allowed:
            beside.unknown_field(name, allowed, pointer_to("against", name))
    stated = frozenset(against) & frozenset(allowed)
    first, left_first = _read(before, after.rulebook, case)
    second, left_second = _read(after, before.rulebook, {**case, **{name: against[name] for name in stated}})
    if isinstance(second, tuple):
        second = tuple(of_against(each, stated) for each in second)
    if beside.faults or isinstance(first, tuple) or isinstance(second, tuple):
        told = _told((before.release, first if isinstance(first, tuple) else ()), (after.release, second if isinstance(second, tuple) else ()))
        raise InputError([*beside.faults, *told])
    _agree(first, second)
    reasons = compare_sides(first, second, stated, evaluated=_evaluated)
    return BetweenReleases(reasons, changed_files(before.rulebook.contents, after.rulebook.contents), (left_first, left_second))


def _read(desk: Desk, other: Rulebook, case: Json) -> tuple[Side | tuple[InputFault, ...], tuple[str, ...]]:
    """A case as a release reads it, or its faults there; and what of it only the other release knows."""
    known, left_out = _known(case, desk.rulebook, other)
    schemes = known.get("schemes")
    if schemes == [] and case["schemes"] != []:  # all of them are the other's: there is nothing to ask here
        known["schemes"] = desk.rulebook.scheme_ids()[:1]
    try:
        request = ExtendedReader(desk.cases, {}).read_value(known).request
    except InputError as error:
        return error.faults, left_out
    return Side(desk.engine, request if schemes != [] else replace(request, schemes=())), left_out


def _known(case: Json, own: Rulebook, other: Rulebook) -> tuple[Json, tuple[str, ...]]:
    """A case without the facts, assumptions and schemes that only the other release has."""
    found, left_out = dict(case), []
    names = (
        ("facts", own.facts.facts, other.facts.facts),
        ("assumptions", own.facts.assumptions, other.facts.assumptions),
    )
    for field, here, there in names:
        stated = case.get(field)
        if stated.__class__ is dict:
            foreign = [name for name in stated if name in there and name not in here]
            found[field] = {name: value for name, value in stated.items() if name not in foreign}
            left_out += [pointer_to(field, name) for name in foreign]
    schemes = case.get("schemes")
    if schemes.__class__ is list:
        here_too, there_too = set(own.scheme_ids()), set(other.scheme_ids())
        foreign_schemes = [each for each in schemes if each.__class__ is str and each in there_too and each not in here_too]
        found["schemes"] = [each for each in schemes if each not in foreign_schemes]
        left_out += [pointer_to("schemes", schemes.index(each)) for each in foreign_schemes]
    return found, tuple(left_out)


def _agree(before: Side, after: Side) -> None:
    """Refuse facts that the two releases read as different values: a law in between would have to be asked both."""
    first, second = before.request.facts, after.request.facts
    faults = [
        InputFault(
            pointer_to("facts", name),
            "read_otherwise",
            f"版本 {before.release} 与 {after.release} 对此项事实的规定不同，读出的值也不同，无法比较。请省去此项。",
            f"releases {before.release} and {after.release} declare this fact otherwise and read another value of it, so they cannot be compared. Leave it out.",
        )
        for name in first
        if name in second and (first[name] != second[name] or first[name].__class__ is not second[name].__class__)
    ]
    if faults:
        raise InputError(faults)


def _evaluated(side: Side) -> None:
    """Have the release of a side answer, so that what it alone refuses is told of it."""
    try:
        side.engine.evaluate(side.request)
    except InputError as error:
        raise InputError([under(side.release, fault) for fault in error.faults]) from None


def _told(*sides: tuple[str, Iterable[InputFault]]) -> list[InputFault]:
    """The faults of both sides: those of both once, and of the others under which release they are."""
    (first, faults_first), (second, faults_second) = ((release, list(faults)) for release, faults in sides)
    both = [each for each in faults_first if each in faults_second]
    found = [each if each in both else under(first, each) for each in faults_first]
    return found + [under(second, each) for each in faults_second if each not in both]


def under(release: str, fault: InputFault) -> InputFault:
    """A fault that is one under this release."""
    return replace(fault, zh=f"按版本 {release}：{fault.zh}", en=f"under release {release}: {fault.en}")
