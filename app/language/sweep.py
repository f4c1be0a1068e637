"""What is wrong anywhere: every sum of files that some day, place and proposal has, looked at once.

Schemes are swept one by one, over their own days and places: a rulebook of many schemes has few sums of files a scheme,
and very many combinations of them. Only a circle may need several schemes to close. It is looked for in all wordings of
all times together first; where these have none, no law has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from graphlib import CycleError, TopologicalSorter

from . import ir
from .amendment import Scheme, applicable
from .errors import Fault, RuleError
from .links import References, check_names, uses_in
from .model import RuleFile
from .regions import lineage
from .scope import ELIGIBLE
from .symbols import LoweredFile

# Sums up some files of one scheme, with every row that was ever published. Raises RuleError.
Fold = Callable[[str, list[LoweredFile]], Scheme]


def sweep(files: tuple[LoweredFile, ...], founds: Callable[[RuleFile], bool], fold: Fold, references: References) -> Iterator[Fault]:
    """The faults of every sum of files of every scheme, circles apart; `founds` says of a file whether a scheme stands on it."""
    by_scheme: dict[str, list[LoweredFile]] = {}
    for each in files:
        by_scheme.setdefault(each.file.scheme, []).append(each)
    for scheme, own in by_scheme.items():
        for members in _sums(own, founds):
            try:
                found = fold(scheme, members)
            except RuleError as error:
                yield from error.faults
                continue
            yield from check_names({scheme: found}, uses_in([found], (), references))


def _sums(files: list[LoweredFile], founds: Callable[[RuleFile], bool]) -> Iterator[list[LoweredFile]]:
    """The different lists of files, in the order they apply, that the days, places and proposals of a scheme have."""
    seen: set[tuple[int, ...]] = set()
    first = min(_days(files))
    proposals = sorted({each.file.proposal for each in files if each.file.proposal})
    for region in {each.file.region for each in files}:
        places = set(lineage(region))
        there = [each for each in files if each.file.region in places]
        for reforms in ((), *((proposal,) for proposal in proposals)):
            for day in {first, *_days(there)}:
                members = applicable(there, day, region, reforms)
                key = tuple(map(id, members))
                if key not in seen:
                    seen.add(key)
                    if any(founds(each.file) for each in members):
                        yield members


def _days(files: list[LoweredFile]) -> set[date]:
    """The days on which a file begins, or has just ended."""
    return {each.file.start for each in files} | {each.file.end + timedelta(days=1) for each in files if each.file.end}


def may_be_circular(files: tuple[LoweredFile, ...], references: References) -> bool:
    """Whether the wordings of all times and places together have a circle; without one, no law has."""
    graph: dict[ir.Name, set[ir.Name]] = {}
    for each in files:
        for name, definition in each.definitions.items():
            full = ir.Name(each.file.scheme, name)
            used = references.of([definition.guard, definition.body, definition.shortfall])
            graph.setdefault(full, set()).update(used)
            if definition.clause.kind == "condition":
                graph.setdefault(ir.Name(each.file.scheme, ELIGIBLE), set()).add(full)
    return _has_circle(graph)


def _has_circle(graph: Mapping[ir.Name, set[ir.Name]]) -> bool:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return True
    return False
