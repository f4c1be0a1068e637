"""The steps of an evaluation from the amounts down: each after whatever uses it, and beside it as far as that goes."""

from __future__ import annotations

from collections.abc import Iterable

from app.engine import Evaluation, Outcome, Walk


def descent(evaluation: Evaluation, walk: Walk, outcome: Outcome) -> list[int]:
    """The definitions behind a scheme's result: its benefits first, each other one after all that use it.

    What is not due has no amounts to begin from: then the conditions do. Conditions themselves are no steps.
    """
    conditions = [each.unit.number for each in outcome.plan.conditions]
    shown = outcome.plan.benefits if outcome.status != "not_eligible" else ()
    tops = (*shown, *outcome.plan.outputs, *conditions)
    reached = walk.reach(tops)
    waiting_for = dict.fromkeys(reached, 0)
    for number in reached:
        for used in walk.used(number).definitions:
            waiting_for[used] += 1
    ready = [number for number in reversed(tops) if number in reached and not waiting_for[number]]
    order: list[int] = []
    while ready:
        number = ready.pop()
        order.append(number)
        for used in reversed(walk.used(number).definitions):
            waiting_for[used] -= 1
            if not waiting_for[used]:
                ready.append(used)
    own = set(conditions)
    return [number for number in order if number not in own and evaluation.program.definitions[number].kind != "condition"]


def parameters_below(walk: Walk, order: Iterable[int]) -> list[int]:
    """The published figures that steps read, in the order they are first met."""
    return list(dict.fromkeys(each for number in order for each in walk.used(number).parameters))


def facts_below(evaluation: Evaluation, walk: Walk, order: Iterable[int]) -> list[str]:
    """The facts that were stated and that steps read, in the order they are first met."""
    stated = evaluation.request.facts
    return list(dict.fromkeys(each for number in order for each in walk.used(number).facts if stated.get(each) is not None))
