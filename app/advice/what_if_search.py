"""The nearest value that reaches a goal, by branch and bound: exact, and proven, whether or not the answer keeps order.

Values are steps on a line (whole numbers); `worth` says of a stretch whether a value in it may reach the goal, and may be wrong
only by saying yes; `test` asks the exact engine of one value. A stretch that is not worth it is left out, any other is halved.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from time import monotonic

# Stretches of so few values are tried one by one: that costs less than bounding them.
FEW = 24
MOST_LOOKS = 20_000
MOST_PROBES = 100_000


@dataclass(slots=True)
class Budget:
    """What a search may spend: stretches looked at, values tried, and time (`until`, by the monotonic clock)."""

    until: float
    looks: int = MOST_LOOKS
    probes: int = MOST_PROBES

    def spent(self) -> bool:
        return self.looks <= 0 or self.probes <= 0 or monotonic() > self.until


@dataclass(frozen=True, slots=True)
class Nearest:
    """The step found, None where no step is; `proven` is False where the budget ran out before it was certain."""

    step: int | None
    proven: bool


@dataclass(frozen=True, slots=True)
class Line:
    """Steps from `first` to `last`; `origin` is where the case stands, between two steps perhaps; `stated` False where it stands nowhere."""

    first: int
    last: int
    origin: Fraction
    stated: bool = True


@dataclass(order=True, slots=True)
class _Stretch:
    """Steps from the near end to the far one, away from the origin; `down` orders two that are equally near."""

    distance: Fraction
    down: int
    near: int = field(compare=False)
    far: int = field(compare=False)

    @property
    def side(self) -> int:
        return -self.down


Worth = Callable[[int, int], bool]
Test = Callable[[int], bool]


class Search:
    """One search from an origin, to the sides named (1 is up, -1 is down); of two steps equally near the upper one is found."""

    def __init__(self, line: Line, worth: Worth, test: Test, budget: Budget, sides: Sequence[int] = (1, -1)) -> None:
        self._line = line
        self._worth = worth
        self._test = test
        self._budget = budget
        self._open: list[_Stretch] = []
        self._best: _Stretch | None = None
        for side, near, far in self._sides(sides):
            self._push(side, near, far)

    def _sides(self, sides: Sequence[int]) -> list[tuple[int, int, int]]:
        line = self._line
        above, below = -(-line.origin.numerator // line.origin.denominator), line.origin.numerator // line.origin.denominator
        if above == below and line.stated:
            above, below = above + 1, below - 1
        elif above == below:
            below -= 1
        ends = {1: (max(above, line.first), line.last), -1: (min(below, line.last), line.first)}
        return [(side, *ends[side]) for side in sides]

    def run(self) -> Nearest:
        while self._open:
            stretch = heapq.heappop(self._open)
            if self._best is not None and stretch >= self._best:
                break
            if self._budget.spent():
                heapq.heappush(self._open, stretch)
                return Nearest(self._near_enough(), proven=False)
            self._try(stretch)
        return Nearest(None if self._best is None else self._best.near, proven=True)

    def _try(self, stretch: _Stretch) -> None:
        side, near, far = stretch.side, stretch.near, stretch.far
        if abs(far - near) < FEW:
            for step in range(near, far + side, side):
                if self._reaches(side, step):
                    return
            return
        if self._reaches(side, near):
            return
        near += side
        self._budget.looks -= 1
        if not self._worth(min(near, far), max(near, far)):
            return
        middle = (near + far) // 2
        self._push(side, near, middle)
        self._push(side, middle + side, far)

    def _reaches(self, side: int, step: int) -> bool:
        """Whether a step reaches the goal; the nearest that does is kept."""
        self._budget.probes -= 1
        if not self._test(step):
            return False
        found = self._stretch(side, step, step)
        if self._best is None or found < self._best:
            self._best = found
        return True

    def _push(self, side: int, near: int, far: int) -> None:
        if side * near <= side * far:
            heapq.heappush(self._open, self._stretch(side, near, far))

    def _stretch(self, side: int, near: int, far: int) -> _Stretch:
        return _Stretch(abs(near - self._line.origin), -side, near, far)

    # -- when the budget is spent -------------------------------------------------------------

    def _near_enough(self) -> int | None:
        """Some step that reaches the goal: ever farther ones are tried, then those between a miss and a hit."""
        for side in dict.fromkeys(each.side for each in self._open) if self._best is None else ():
            near = min(each.near * side for each in self._open if each.side == side) * side
            far = max(each.far * side for each in self._open if each.side == side) * side
            self._gallop(side, near, far)
        return None if self._best is None else self._best.near

    def _gallop(self, side: int, near: int, far: int) -> None:
        missed, stride = near - side, 1
        while True:
            step = min(near * side + stride - 1, far * side) * side
            if self._reaches(side, step):
                break
            missed = step
            if step == far:
                return
            stride *= 2
        while abs(step - missed) > 1:
            middle = (step + missed) // 2
            if self._reaches(side, middle):
                step = middle
            else:
                missed = middle
