"""The numbers that compiled code knows things by: tables, places in memory, texts, functions that differ from law to law.

They stay what they are from one compilation of the same schemes to the next, so that what is worded as before is the same C
text, whose object file is there: a number once given is never given to something else, new things come last. Where a
numbering is lost, everything is numbered anew and compiled again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.cache import keep
from app.language import ir

from .texts import Texts

ALIGNMENT = 16
# Bytes for the states of kept values, ahead of the values: nobody's place depends on how many there are.
STATES = 8_192
_SIZES = {"char": 1, "i64": 8, "real": 8, "i128": 16}
# A numbering of more than so many times what is in use is given up.
_MOST = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value that is computed once a person is kept: its number among the states, its place in memory."""

    number: int
    at: int


@dataclass
class Numbering:
    """All numbers given so far."""

    texts: Texts = field(default_factory=Texts)
    parameters: dict[tuple[ir.Name, str], int] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)
    _slots: dict[tuple[str, str], Slot] = field(default_factory=dict)
    _sizes: list[int] = field(default_factory=list)
    _used: set[int] = field(default_factory=set)

    def parameter(self, name: ir.Name, part: str = "") -> int:
        """The number of a parameter's table, the same in every law."""
        return self.parameters.setdefault((name, part), len(self.parameters))

    def call(self, token: str) -> int:
        """The number of a rule in the laws' tables of functions."""
        return self.calls.setdefault(token, len(self.calls))

    def slot(self, name: ir.Name, struct: str) -> Slot:
        """The place for a definition's value of a C type. Raises OverflowError where there are too many."""
        found = self._slots.get((str(name), struct)) or self._give(str(name), struct, size_at_most(struct))
        self._used.add(found.number)
        return found

    def _give(self, name: str, struct: str, size: int) -> Slot:
        if len(self._slots) >= STATES:
            raise OverflowError("more values are kept of a person than there is room for")
        made = self._slots[name, struct] = Slot(len(self._slots), self.memory)
        self._sizes.append(size)
        return made

    @property
    def memory(self) -> int:
        """How many bytes the kept values take."""
        return sum(self._sizes)

    @property
    def states(self) -> int:
        return len(self._slots)

    # -- kept from one compilation to the next ------------------------------------------------

    def keep_at(self, path: Path) -> None:
        """Put the numbering on disk; one that is mostly of what is no more begins anew next time."""
        worth = len(self._slots) <= _MOST * max(1, len(self._used))
        keep(path, orjson.dumps(self._told() if worth else {}))

    def _told(self) -> dict[str, Any]:
        return {
            "texts": self.texts.all(),
            "functions": self.texts.functions,
            "parameters": [[name.scheme, name.local, part] for name, part in self.parameters],
            "calls": list(self.calls),
            "slots": [[name, struct, size] for (name, struct), size in zip(self._slots, self._sizes, strict=True)],
        }


def kept_numbering(path: Path) -> Numbering:
    """What lies on disk, or a new one where that cannot be read."""
    try:
        told = orjson.loads(path.read_bytes())
        made = Numbering(Texts(told["texts"], [(name, tuple(constants)) for name, constants in told["functions"]]))
        made.parameters = {(ir.Name(scheme, local), part): number for number, (scheme, local, part) in enumerate(told["parameters"])}
        made.calls = {token: number for number, token in enumerate(told["calls"])}
        for name, struct, size in told["slots"]:
            made._give(name, struct, size)
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return Numbering()
    return made


def size_at_most(struct: str) -> int:
    """Bytes that a C struct of numbers and of arrays of numbers needs, whatever lies between its members."""
    total = 0
    for member in struct.removeprefix("struct {").removesuffix("}").split(";"):
        if member.strip():
            kind, _, name = member.strip().partition(" ")
            count = int(name.partition("[")[2].removesuffix("]") or 1)
            total += -(-_SIZES[kind] * count // ALIGNMENT) * ALIGNMENT
    return max(total, ALIGNMENT)
