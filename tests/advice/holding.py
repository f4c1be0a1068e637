"""What-ifs held to the exact engine: nothing nearer reaches the goal, and both sides of each boundary are as told."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from app.advice import WhatIf
from app.advice.what_if import Alternative
from app.advice.what_if_goal import Aim
from app.advice.what_if_levers import Lever
from app.engine import Engine, Probe
from tests.population.kernel.random_ground import DAYS, NUMBER_HINTS

MOST_TRIED = 3_000  # of a lever with more values, so many are tried at random


class Exact:
    """The same goal, asked of the exact engine value by value."""

    def __init__(self, engine: Engine, found: WhatIf) -> None:
        self.engine = engine
        self.found = found
        self.probe = Probe(engine, found.request, only=(found.goal.scheme,))
        self.aim = Aim(found.goal, self.probe)

    def reaches(self, lever: Lever, value: Any) -> bool:
        facts, stated = ({lever.name: value}, {}) if lever.definition is None else ({}, {lever.definition: value})
        reached = self.aim.reached(self.probe.ask(facts, stated))
        return bool(self.aim.reached(self.probe.ask_in_fractions(facts, stated)) if reached is None else reached)

    def nearer(self, lever: Lever, found: Alternative | None, chance: random.Random) -> Iterator[Any]:
        """Values nearer than the one found (all there are, if none was), every one of them or very many."""
        line = lever.line(self.found.request.as_of)
        reach = None if found is None else abs(lever.position(found.after.value) - line.origin)
        low = line.first if reach is None else max(line.first, int(line.origin - reach) + 1)
        high = line.last if reach is None else min(line.last, int(line.origin + reach))
        steps: Any = range(low, high + 1)
        if high - low >= MOST_TRIED:
            hints = [int(each / lever.step) + more for each in NUMBER_HINTS for more in (-1, 0, 1)] if lever.kind == "number" else []
            hints += [(day + timedelta(more)).toordinal() for day in DAYS for more in (-1, 0, 1)] if lever.kind == "day" else []
            ends = [*range(low, low + 50), *range(high - 50, high + 1)]
            steps = [*ends, *(each for each in hints if low <= each <= high), *(chance.randint(low, high) for _ in range(MOST_TRIED // 10))]
        for step in steps:
            distance = abs(step - line.origin)
            if (reach is None or distance < reach) and (lever.now is None or distance):
                yield lever.value(step)


def hold(engine: Engine, found: WhatIf, chance: random.Random) -> None:
    """Every alternative reaches the goal, the value before it and all nearer ones do not; what was tried in vain has none."""
    exact = Exact(engine, found)
    by_name = {each.lever.name: each for each in found.alternatives}
    assert not found.reached or not found.tried
    for tried in found.tried:
        lever, alternative = tried.lever, by_name.get(tried.lever.name)
        assert tried.found == (alternative is not None)
        if lever.kind == "choice":
            reaching = [choice for choice in lever.choices if exact.reaches(lever, choice)]
            assert reaching == ([alternative.after.value, *alternative.others] if alternative else [])
            continue
        if alternative is not None:
            both_sides(exact, alternative)
        if tried.proven:
            for value in exact.nearer(lever, alternative, chance):
                assert not exact.reaches(lever, value), f"{lever.name} = {value} reaches it, found {alternative and alternative.after.value}"
        if alternative is not None and alternative.until_proven:
            lasts(exact, alternative, chance)


def both_sides(exact: Exact, found: Alternative) -> None:
    lever = found.lever
    assert exact.reaches(lever, found.after.value)
    assert found.after.outcome is not None
    if found.before is not None and found.before.evaluation is not None:
        assert not exact.reaches(lever, found.before.value)
        outcome = found.before.outcome
        assert outcome is not None
        if exact.found.goal.benefit is None:
            assert outcome.status != exact.found.goal.status


def lasts(exact: Exact, found: Alternative, chance: random.Random) -> None:
    """As far as it holds, every case that can be reaches the goal, and the next one does not."""
    lever, line = found.lever, found.lever.line(exact.found.request.as_of)
    start = int(lever.position(found.after.value))
    side = 1 if start >= line.origin else -1
    end = (line.last if side > 0 else line.first) if found.until is None else int(lever.position(found.until))
    for step in {start, end, *(chance.randint(min(start, end), max(start, end)) for _ in range(40))}:
        value = lever.value(step)
        assert exact.reaches(lever, value) or not plausible(exact, lever, value), f"{lever.name} = {value}, held from {start} to {end}"
    if found.until is not None:
        assert not exact.reaches(lever, lever.value(end + side))


def plausible(exact: Exact, lever: Lever, value: Any) -> bool:
    facts, stated = ({lever.name: value}, {}) if lever.definition is None else ({}, {lever.definition: value})
    return exact.probe.ask(facts, stated).plausible


# -- random rules -----------------------------------------------------------------------------------
