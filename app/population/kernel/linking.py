"""Which function a call means: the same in every law that has the caller, or one that each law has in a table of its own.

Calls are written as tokens that name the rule that is called and not its function, so that a rule that reads what differs
from place to place is still one function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# By token, the function that a law has for the rule.
Calls = Mapping[str, str]


@dataclass(frozen=True)
class LinkedLaw:
    """The function that answers a person under a law, and those its rules have."""

    driver: str
    calls: Calls


@dataclass(frozen=True)
class Links:
    """The functions that some law comes to, in the order they were written; by function and token where a call always goes, and the other tokens."""

    functions: tuple[str, ...]
    direct: Mapping[str, Mapping[str, str]]
    several: tuple[str, ...]


def link(laws: Iterable[LinkedLaw], calls: Mapping[str, Iterable[str]]) -> Links:
    """`calls` are the tokens in the body of each function, in the order they were written."""
    targets: dict[str, dict[str, set[str]]] = {}
    for law in laws:
        waiting = [law.driver]
        seen = set(waiting)
        while waiting:
            function = waiting.pop()
            found = targets.setdefault(function, {})
            for token in calls[function]:
                target = law.calls[token]
                found.setdefault(token, set()).add(target)
                if target not in seen:
                    seen.add(target)
                    waiting.append(target)
    direct = {function: {token: next(iter(each)) for token, each in found.items() if len(each) == 1} for function, found in targets.items()}
    several = sorted({token for found in targets.values() for token, each in found.items() if len(each) > 1})
    return Links(tuple(function for function in calls if function in targets), direct, tuple(several))
