"""C functions written for one law and used for others: a rule that is worded alike and reads what is shaped alike is written once.

While a function is written, what it asks of its law is noted with the answers. In another law where the same rule gets the
same answers, the same text would come of it; asking is much quicker than writing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")
# What was asked of a law, and how it answered.
Asked = dict[Any, Hashable]


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer of a law that has no compiled form for what is asked, and why."""

    reason: str
    where: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Same:
    """A rule itself: the same only as itself."""

    of: object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.of is self.of

    def __hash__(self) -> int:
        return id(self.of)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[Made]):
    """`of` is kept with the number it is found by, which may not come to mean something else."""

    of: object
    asked: Asked
    made: Made


@dataclass
class Reuse(Generic[Made]):
    """What was written for any law of a kernel."""

    _kept: dict[Hashable, list[_Kept[Made]]] = field(default_factory=dict)

    def find(self, key: Hashable, of: object, answer: Callable[[Any], Hashable]) -> Made | None:
        """What was written of a rule (its number among the key), under a law that answers as `answer` does."""
        for each in self._kept.get((key, id(of)), ()):
            if all(answer(question) == told for question, told in each.asked.items()):
                return each.made
        return None

    def keep(self, key: Hashable, of: object, asked: Asked, made: Made) -> None:
        self._kept.setdefault((key, id(of)), []).append(_Kept(of, asked, made))
