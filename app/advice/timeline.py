"""When: a case at each month of a range, what changes from one to the next, and why.

The fact that moves is one day or month of the case (`timeline:` of the scheme, or one that the question names);
everything else stays as it is, the law of `as_of` included.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.engine import Engine, InputError, InputFault, Probe, Probed, Request, Status
from app.engine.case import UNSET, Case
from app.language import Fact, YearMonth
from app.language.types import ListType

MAX_MONTHS = 1_200


@dataclass(frozen=True, slots=True)
class TimelineQuestion:
    """The months asked for, both included; `over` is the fact that moves, None for the schemes' own."""

    first: YearMonth
    last: YearMonth
    over: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A scheme at one month; `benefits` by definition number, None where the status leaves none."""

    month: YearMonth
    status: Status
    benefits: Mapping[int, Any]


@dataclass(frozen=True, slots=True)
class Moved:
    """A rule whose value differs from the month before; `row` is the key of a published figure."""

    number: int
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class MovedFigure:
    """A published figure that another row was read of; the keys, and the values."""

    parameter: int
    before: tuple[Any, Any]
    after: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What is different from the month before: the conditions that flipped, the benefits that moved, and what moved them."""

    month: YearMonth
    before: Status
    after: Status
    conditions: tuple[Moved, ...]
    benefits: tuple[Moved, ...]
    because: tuple[Moved, ...]
    figures: tuple[MovedFigure, ...]


@dataclass(frozen=True, slots=True)
class SchemeTimeline:
    """A month that cannot be (before birth, for one) has no point."""

    scheme: str
    points: tuple[Point, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    request: Request
    over: str
    probe: Probe
    schemes: tuple[SchemeTimeline, ...]


def timeline(engine: Engine, request: Request, question: TimelineQuestion) -> Timeline:
    """The timeline of a case. Raises InputError on a question that has none."""
    probe = Probe(engine, request)
    fact = _moving(engine, probe, question)
    looks = list(_looks(probe, fact, question))
    schemes = tuple(_of_scheme(probe, plan.scheme, looks) for plan in probe.plans)
    return Timeline(request, fact.name, probe, schemes)


def _moving(engine: Engine, probe: Probe, question: TimelineQuestion) -> Fact:
    faults: list[InputFault] = []
    months = question.last - question.first + 1
    if not 1 <= months <= MAX_MONTHS:
        zh, en = f"区间应为 1 至 {MAX_MONTHS} 个月，且起月不晚于止月。", f"the range has 1 to {MAX_MONTHS} months, from the first to the last."
        faults.append(InputFault("/to", "wrong_range", zh, en))
    facts = engine.rulebook.facts.facts
    movable = [name for name, fact in facts.items() if fact.kind in ("date", "month")]
    own = {probe.program.law.schemes[scheme].timeline for scheme in probe.request.schemes}
    over = question.over or (next(iter(own)) if len(own) == 1 else None)
    if over is None:
        zh = f"所问险种没有共同的时间轴，请用 over 指明哪一项日期变动：{'、'.join(movable)}。"
        faults.append(InputFault("/over", "no_timeline", zh, f"the schemes asked for share no timeline. Say with 'over' which date moves: {', '.join(movable)}."))
    elif over not in movable:
        zh, en = f"'{over}' 不是日期或月份。可选：{'、'.join(movable)}。", f"'{over}' is no date or month. There are: {', '.join(movable)}."
        faults.append(InputFault("/over", "unknown_name", zh, en))
    if faults or over is None:
        raise InputError(faults)
    return facts[over]


def _looks(probe: Probe, fact: Fact, question: TimelineQuestion) -> Iterator[tuple[YearMonth, Probed | None]]:
    """The case at each month; None where the fact may not have that month, or no such case can be."""
    stated = probe.request.facts.get(fact.name)
    day = stated.day if isinstance(stated, date) else 31
    for offset in range(question.last - question.first + 1):
        month = YearMonth(question.first + offset)
        value = month if fact.kind == "month" else date(month.year, month.month, min(day, monthrange(month.year, month.month)[1]))
        if not _within(value, fact):
            yield month, None
            continue
        probed = probe.ask({fact.name: value})
        yield month, probed if probed.plausible else None


def _within(value: YearMonth | date, fact: Fact) -> bool:
    day = date(value.year, value.month, 1) if isinstance(value, YearMonth) else value
    return (fact.earliest is None or fact.earliest <= day) and (fact.latest is None or day <= fact.latest)


def _of_scheme(probe: Probe, scheme: str, looks: list[tuple[YearMonth, Probed | None]]) -> SchemeTimeline:
    plan = probe.program.plan(scheme)
    conditions = [each.unit.number for each in plan.conditions]
    points: list[Point] = []
    changes: list[Change] = []
    before: Probed | None = None
    for month, probed in looks:
        if probed is None:
            before = None
            continue
        status = probed.statuses[scheme]
        shown = {number: probed.benefits[number] for number in plan.benefits} if status != "not_eligible" else {}
        points.append(Point(month, status, shown))
        if before is not None:
            change = _change(probe, scheme, month, before, probed, conditions, plan.benefits)
            if change is not None:
                changes.append(change)
        before = probed
    return SchemeTimeline(scheme, tuple(points), tuple(changes))


def _change(
    probe: Probe, scheme: str, month: YearMonth, before: Probed, after: Probed, conditions: list[int], benefits: tuple[int, ...]
) -> Change | None:
    assert before.case is not None and after.case is not None
    flipped = [Moved(number, before.met[number], after.met[number]) for number in conditions if before.met[number] != after.met[number]]
    moved = [
        Moved(number, before.benefits.get(number), after.benefits.get(number))
        for number in benefits
        if "not_eligible" not in (before.statuses[scheme], after.statuses[scheme]) and before.benefits.get(number) != after.benefits.get(number)
    ]
    if before.statuses[scheme] == after.statuses[scheme] and not flipped and not moved:
        return None
    because, figures = _behind(probe, before.case, after.case, [each.number for each in (*flipped, *moved)])
    return Change(month, before.statuses[scheme], after.statuses[scheme], tuple(flipped), tuple(moved), because, figures)


def _behind(probe: Probe, before: Case, after: Case, moved: list[int]) -> tuple[tuple[Moved, ...], tuple[MovedFigure, ...]]:
    """The rules that what moved reads directly and that moved themselves, and the published figures read below them."""
    shown = set(moved)
    direct = dict.fromkeys(used for number in moved for used in probe.dependencies.used(number) if used not in shown)
    because = [Moved(number, before.memo[number], after.memo[number]) for number in direct if _differs(probe, number, before, after)]
    below = {*moved, *(each.number for each in because)}
    figures: list[MovedFigure] = []
    for parameter in sorted({parameter for number in below for parameter in probe.dependencies.parameters(number)}):
        rows = [{key: reading.value for (read, key), reading in case.readings.items() if read == parameter} for case in (before, after)]
        if rows[0] != rows[1] and len(rows[0]) == len(rows[1]) == 1:
            figures.append(MovedFigure(parameter, next(iter(rows[0].items())), next(iter(rows[1].items()))))
    return tuple(because), tuple(figures)


def _differs(probe: Probe, number: int, before: Case, after: Case) -> bool:
    values = before.memo[number], after.memo[number]
    return UNSET not in values and values[0] != values[1] and not isinstance(probe.program.definitions[number].type, ListType)
