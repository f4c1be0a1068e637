"""What is made once for the rules of one day and place, and kept beside them; every store has an end."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar, cast

MAX_OUTLINES = 4_000
MAX_ONCE = 256
MAX_NUMBERS = 4_000
MAX_RESULTS = 1_000
_Key = TypeVar("_Key", bound=Hashable)
_Made = TypeVar("_Made")


class _Bounded(dict[_Key, _Made]):
    """A store for so many things; a flood of odd keys only empties it."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def keep(self, key: _Key, made: _Made) -> _Made:
        if len(self) >= self._most:
            self.clear()
        self[key] = made
        return made


class Made(dict[str, _Made]):
    """A store by scheme that makes what it does not have yet."""

    def __init__(self, make: Callable[[str], _Made]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, scheme: str) -> _Made:
        found = self[scheme] = self._make(scheme)
        return found


class Kept:
    """The stores of one program. Safe to share between threads: at worst a thing is made twice."""

    def __init__(self) -> None:
        self._presentations: dict[Hashable, dict[Any, Any]] = {}
        self._once: _Bounded[Hashable, object] = _Bounded(MAX_ONCE)
        self._outlines: _Bounded[Hashable, dict[Any, Any]] = _Bounded(MAX_OUTLINES)
        self._numbers: _Bounded[Hashable, int] = _Bounded(MAX_NUMBERS)
        self._next = count(100)  # beyond the states that are numbers themselves
        self._results: _Bounded[Hashable, bytes] = _Bounded(MAX_RESULTS)

    def presentation(self, key: Hashable) -> dict[Any, Any]:
        """A store for what answers show of the rules whatever the case, by who reads it."""
        return self._presentations.setdefault(key, {})

    def once(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Something that depends on the rules and on `key` alone, made once."""
        found = self._once.get(key)
        return cast(_Made, self._once.keep(key, make()) if found is None else found)

    def number(self, state: Hashable) -> int:
        """A number for a state: another for every other state, the same again for the same (but after a flood of states)."""
        found = self._numbers.get(state)
        return self._numbers.keep(state, next(self._next)) if found is None else found

    def outline(self, shape: Hashable) -> dict[Any, Any]:
        """A store for what explanations of one shape share: the same rules applied, with the same standings. A shape holds no value of any case."""
        found = self._outlines.get(shape)
        return self._outlines.keep(shape, {}) if found is None else found

    def result(self, key: Hashable) -> bytes | None:
        """The answer that was kept by its key; None where there is none."""
        return self._results.get(key)

    def keep_result(self, key: Hashable, made: bytes) -> bytes:
        """Keep an answer by its key, and give it back."""
        return self._results.keep(key, made)
