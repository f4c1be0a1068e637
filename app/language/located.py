"""Faults of an expression at the line of the file where its text stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .errors import ExpressionError, Fault, Place, RuleError
from .model import Text

_Result = TypeVar("_Result")


def located(text: Text, work: Callable[[], _Result]) -> _Result:
    """Do work on a text; an ExpressionError becomes a RuleError at the text's line."""
    try:
        return work()
    except ExpressionError as error:
        place = Place(text.place.file, text.place.line + error.line_offset)
        raise RuleError([Fault(place, error.message)]) from None


def located_error(text: Text, message: str) -> RuleError:
    """A fault of a text as a whole."""
    return RuleError([Fault(text.place, message)])
