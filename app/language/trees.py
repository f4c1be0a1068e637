"""Syntax trees of expressions and cells by their text: parsed once however often a text stands in the rules, and kept from one reading to the next."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

from app.cache import keep

from .packing import packed
from .parser import SyntaxTree, parse_expression, parse_unary_tests

# How a text was parsed, and the text.
_Key = tuple[str, str]


class Trees:
    """The trees of one reading; `known` are trees of earlier ones, which a tree's text and how it is parsed alone decide."""

    def __init__(self, known: Mapping[_Key, SyntaxTree] | None = None) -> None:
        self._known = known or {}
        self._used: dict[_Key, SyntaxTree] = {}

    def parse(self, text: str) -> SyntaxTree:
        """An expression. Raises ExpressionError."""
        return self._parse(parse_expression, text)

    def parse_tests(self, text: str) -> SyntaxTree:
        """A cell of a decision table. Raises ExpressionError."""
        return self._parse(parse_unary_tests, text)

    def _parse(self, parse: Callable[[str], SyntaxTree], text: str) -> SyntaxTree:
        key = (parse.__name__, text)
        found = self._used.get(key)
        if found is None:
            found = self._used[key] = self._known.get(key) or parse(text)
        return found

    def keep_at(self, path: Path) -> None:
        """Put the trees of this reading on disk, unless they are there; with earlier ones as long as they are not most of them."""
        if not self._used.keys() <= self._known.keys():
            all_ = {**self._known, **self._used}
            keep(path, packed(all_ if len(all_) <= 2 * len(self._used) else self._used))


def kept_trees(path: Path) -> Trees:
    """With what lies on disk, if it can be read: whatever is wrong with it, the texts are still there."""
    try:
        known = pickle.loads(path.read_bytes())  # noqa: S301 - the user's own cache
    except Exception:
        known = None
    return Trees(known if isinstance(known, dict) else None)
