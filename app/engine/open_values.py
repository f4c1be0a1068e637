"""What a rule comes to while facts are still open: values that an answer may still change.

Facts are numbered by their place in the dictionary, and sets of them are bits of whole numbers: these sets are joined at
every step of a reading, and are small.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Open:
    """A value that hangs on facts nobody has answered yet.

    `now` are the facts it hangs on along the branches taken so far; `needed` those of them without which it cannot be
    known (the rule has a default for the others); `later` all that may be asked for on the way to it, `now` included.
    """

    now: int
    needed: int
    later: int

    def also(self, later: int) -> Open:
        """The same, with more that may be asked for afterwards."""
        return self if not later & ~self.later else Open(self.now, self.needed, self.later | later)

    def with_default(self) -> Open:
        """The same where the rule says what holds without an answer."""
        return self if not self.needed else Open(self.now, 0, self.later)


def joined(values: Iterable[Any]) -> Open | None:
    """The open ones among some values as one; None where none is open."""
    now = needed = later = 0
    found = False
    for value in values:
        if value.__class__ is Open:
            found = True
            now |= value.now
            needed |= value.needed
            later |= value.later
    return Open(now, needed, later) if found else None


def open_in(value: Any) -> Open | None:
    """What is open in a value, in the items of a list or the fields of a record too."""
    if value.__class__ is Open:
        return value
    if value.__class__ in (list, tuple):
        return joined([open_in(item) for item in value])
    if isinstance(value, Mapping):
        return joined([open_in(item) for item in value.values()])
    return None


def later_of(value: Any) -> int:
    """All facts that may be asked for on the way to a value."""
    found = open_in(value)
    return 0 if found is None else found.later


def bits(mask: int) -> Iterator[int]:
    """The numbers of the facts in a set, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
