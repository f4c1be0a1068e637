"""What if: a case under two laws, of another day, place or reform; the amendments between them and what each carries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from app.engine import CaseReasons, Engine, InputError, InputFault, Request, compare_case
from app.engine.given import find_rule
from app.engine.program import Program

from .steps import step

# A law in between takes some 0.1 s: at most so many, and the shares of at most so many amendments averaged over all orders.
MOST_LAWS = 40
MOST_SHAPLEY = 5
_ASKED = ("as_of", "region", "reforms")


@dataclass(frozen=True, slots=True)
class Against:
    """The other law; None: as in the case."""

    as_of: date | None = None
    region: str | None = None
    reforms: tuple[str, ...] | None = None


def compare(engine: Engine, request: Request, against: Against) -> CaseReasons:
    """The case as it is, and under the other law. A scheme that only one of them has is compared with nothing.

    Raises InputError where the laws are one and the same, or one cannot be asked.
    """
    stated = {name: value for name in _ASKED if (value := getattr(against, name)) is not None}
    other = replace(request, **stated)
    if all(getattr(other, name) == getattr(request, name) for name in _ASKED):
        zh = "against 与案例本身相同，没有可比较的。请给出另一个 as_of、region 或 reforms。"
        raise InputError([InputFault("/against", "same_law", zh, "against is the same as the case itself. Give another as_of, region or reforms.")])
    first, second = _in_force(engine, request, other)
    before = _program(engine, first)
    try:
        after = _program(engine, second)
    except InputError as error:  # faults of the other law's own fields are told where they were said
        raise InputError([_of_against(fault, stated) for fault in error.faults]) from None
    kept = [_given_known(*each) for each in ((first, before, after), (second, after, before))]
    return compare_case((engine, kept[0]), (engine, kept[1]), most=MOST_SHAPLEY, most_laws=MOST_LAWS, watch=lambda *_: step())


def _program(engine: Engine, request: Request) -> Program:
    return engine.program(request.as_of, request.region, request.reforms, request.schemes)


def _given_known(request: Request, own: Program, other: Program) -> Request:
    """Without the given figures that only the other law has a rule for: this one has nothing to put them in place of."""

    def foreign(name: str) -> bool:
        return find_rule(name, own, request.schemes) is None and find_rule(name, other, request.schemes) is not None

    return replace(request, given={name: value for name, value in request.given.items() if not foreign(name)})


def _in_force(engine: Engine, request: Request, other: Request) -> tuple[Request, Request]:
    """Both questions with the schemes that are in force there and then. Where neither has one, it stays, for the engine to say so."""
    held = [engine.rulebook.at(each.as_of, each.region, each.reforms).schemes for each in (request, other)]
    sides = []
    for each, schemes in zip((request, other), held, strict=True):
        sides.append(replace(each, schemes=tuple(name for name in each.schemes if name in schemes or not any(name in one for one in held))))
    return sides[0], sides[1]


def _of_against(fault: InputFault, stated: dict[str, object]) -> InputFault:
    name = fault.pointer.split("/")[1] if fault.pointer else ""
    return replace(fault, pointer=f"/against{fault.pointer}") if name in stated else fault
