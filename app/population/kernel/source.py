"""The C source of a kernel: functions by content, so that what is worded alike in many places is written once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from app.language import ir

from .numbering import Numbering, Slot
from .texts import Texts

_CALL = re.compile(r"\bC_[0-9a-f]{12}\b")


@dataclass(frozen=True)
class Function:
    """A C function of the context: what it returns, its body, and the scheme it was first written for."""

    returns: str
    body: str
    home: str

    @cached_property
    def calls(self) -> tuple[str, ...]:
        """The tokens of what it calls."""
        return tuple(dict.fromkeys(_CALL.findall(self.body)))

    def linked(self, names: Mapping[str, str]) -> str:
        """Its body with the names of what it calls; a token that has none stays."""
        return _CALL.sub(lambda found: names.get(found[0], found[0]), self.body)


@dataclass
class Source:
    """Collects what the files of a kernel are written from."""

    numbering: Numbering = field(default_factory=Numbering)
    types: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    # By the token of a call, what is returned.
    calls: dict[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> Texts:
        return self.numbering.texts

    def parameter(self, name: ir.Name, part: str = "") -> int:
        """The number of a parameter's table, the same in every law."""
        return self.numbering.parameter(name, part)

    def struct(self, text: str) -> str:
        """The name of a C type with this content."""
        name = "T_" + _digest(text)
        self.types.setdefault(name, text)
        return name

    def slot(self, name: ir.Name, kind: str) -> Slot:
        """Where a definition's value of a type by its name is kept."""
        return self.numbering.slot(name, self.types[kind])

    def function(self, returns: str, body: str, home: str) -> str:
        """Add a function unless the same one is there. Returns the name."""
        name = "f_" + _digest(f"{returns}\n{body}")
        self.functions.setdefault(name, Function(returns, body, home))
        return name

    def call(self, name: ir.Name, returns: str) -> str:
        """What stands in the text for the function a law has for a rule."""
        token = "C_" + _digest(f"{name}\n{returns}")
        self.calls[token] = returns
        return token


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
