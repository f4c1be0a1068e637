"""What if: a case under two laws, of another day, place, reform or release; the amendments between them and what each carries."""

from __future__ import annotations

from collections.abc import Callable
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


@dataclass(frozen=True, slots=True)
class Side:
    """A case as one law is asked it."""

    engine: Engine
    request: Request

    @property
    def release(self) -> str:
        return self.engine.rulebook.release

    def law(self) -> tuple[object, ...]:
        """What makes it another law than another."""
        return (self.release, *(getattr(self.request, name) for name in _ASKED))


def compare(engine: Engine, request: Request, against: Against) -> CaseReasons:
    """The case as it is, and under the other law. A scheme that only one of them has is compared with nothing.

    Raises InputError where the laws are one and the same, or one cannot be asked.
    """
    stated = {name: value for name in _ASKED if (value := getattr(against, name)) is not None}
    return compare_sides(Side(engine, request), Side(engine, replace(request, **stated)), frozenset(stated))


def compare_sides(before: Side, after: Side, stated: frozenset[str], *, evaluated: Callable[[Side], None] = lambda _: None) -> CaseReasons:
    """A case under two laws, which may be of two releases; `stated` are the fields that were said of the other law.

    `evaluated` is given each side as it is asked, before they are compared. Raises InputError as `compare` does.
    """
    if before.law() == after.law():
        zh = "against 与案例本身相同，没有可比较的。请给出另一个 as_of、region、reforms 或 release。"
        raise InputError([InputFault("/against", "same_law", zh, "against is the same as the case itself. Give another as_of, region, reforms or release.")])
    first, second = _in_force(before, after)
    own = _program(first)
    try:
        other = _program(second)
    except InputError as error:  # faults of the other law's own fields are told where they were said
        raise InputError([of_against(fault, stated) for fault in error.faults]) from None
    known = (_given_known(first.request, own, other, second.request.schemes), _given_known(second.request, other, own, first.request.schemes))
    first, second = replace(first, request=known[0]), replace(second, request=known[1])
    for each in (first, second):
        evaluated(each)
    return compare_case((first.engine, first.request), (second.engine, second.request), most=MOST_SHAPLEY, most_laws=MOST_LAWS, watch=lambda *_: step())


def _program(side: Side) -> Program:
    asked = side.request
    return side.engine.program(asked.as_of, asked.region, asked.reforms, asked.schemes)


def _given_known(request: Request, own: Program, other: Program, there: tuple[str, ...]) -> Request:
    """Without the given figures that only the other law has a rule for: this one has nothing to put them in place of."""

    def foreign(name: str) -> bool:
        return find_rule(name, own, request.schemes) is None and find_rule(name, other, there) is not None

    return replace(request, given={name: value for name, value in request.given.items() if not foreign(name)})


def _in_force(before: Side, after: Side) -> tuple[Side, Side]:
    """Both questions with the schemes that are in force there and then. Where neither has one, it stays, for the engine to say so."""
    sides = (before, after)
    held = [each.engine.rulebook.at(each.request.as_of, each.request.region, each.request.reforms).schemes for each in sides]
    found = []
    for each, schemes in zip(sides, held, strict=True):
        asked = tuple(name for name in each.request.schemes if name in schemes or not any(name in one for one in held))
        found.append(Side(each.engine, replace(each.request, schemes=asked)))
    return found[0], found[1]


def of_against(fault: InputFault, stated: frozenset[str]) -> InputFault:
    """A fault of the other law, told where its field was said."""
    name = fault.pointer.split("/")[1] if fault.pointer else ""
    return replace(fault, pointer=f"/against{fault.pointer}") if name in stated else fault
