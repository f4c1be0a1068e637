"""Texts as whole numbers: every text a rule names has a code fixed when it is compiled; regions get theirs when first seen."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import numpy as np

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": lambda text, part: part in text,
    "starts_with": lambda text, part: text.startswith(part),
    "ends_with": lambda text, part: text.endswith(part),
    "upper_case": str.upper,
    "lower_case": str.lower,
    "string_length": len,
}


def _substring(text: str, start: int, length: int) -> str:
    first = start - 1 if start > 0 else max(len(text) + start, 0)
    return text[first : first + max(length, 0)]


class Texts:
    """Codes of texts, and tables of functions of them: what depends on one text is worked out once a text."""

    def __init__(self, texts: Iterable[str] = (), functions: Iterable[tuple[str, tuple[str, ...]]] = ()) -> None:
        self._words = list(texts)
        self._codes = {text: number for number, text in enumerate(self._words)}
        self._adding = threading.Lock()
        self._macros: dict[str, str] = {}
        self.functions = list(functions)
        self._made: tuple[int, list[np.ndarray[Any, np.dtype[np.int64]]]] = (-1, [])

    def code(self, text: str) -> int:
        """The code of a text; batches of several threads may bring new ones at once."""
        known = self._codes.get(text)
        if known is not None:
            return known
        with self._adding:
            if text not in self._codes:
                self._words.append(text)
                self._codes[text] = len(self._words) - 1
            return self._codes[text]

    def macro(self, text: str) -> str:
        """The C name of a text's code."""
        name = "S_" + hashlib.sha256(text.encode()).hexdigest()[:12]
        self._macros[name] = text
        self.code(text)
        return name

    def code_of(self, macro: str) -> int:
        """The code of a text by its C name."""
        return self.code(self._macros[macro])

    def function(self, name: str, constants: tuple[str, ...]) -> int:
        """The number of a function with its written arguments."""
        key = (name, constants)
        if key not in self.functions:
            self.functions.append(key)
        return self.functions.index(key)

    def tables(self) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
        """For each function its result by the code of its text, for all texts there are (its results among them)."""
        if not self.functions:
            return []
        made, tables = self._made
        if made == len(self._words) and len(tables) == len(self.functions):
            return tables
        found: list[list[int]] = [[] for _ in self.functions]
        position = 0
        while position < len(self._words):
            text = self._words[position]
            for table, (name, constants) in zip(found, self.functions, strict=True):
                table.append(self._apply(name, text, constants))
            position += 1
        self._made = (position, [np.array(table, dtype=np.int64) for table in found])
        return self._made[1]

    def _apply(self, name: str, text: str, constants: tuple[str, ...]) -> int:
        if name == "substring":
            return self.code(_substring(text, int(Decimal(constants[0])), int(Decimal(constants[1]))))
        result = _FUNCTIONS[name](text, *constants)
        return self.code(result) if isinstance(result, str) else int(result)

    def all(self) -> list[str]:
        return list(self._words)
