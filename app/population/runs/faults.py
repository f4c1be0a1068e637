"""What is wrong with a population, or keeps a run from going on, in both languages."""

from __future__ import annotations

from app.engine import InputError, InputFault


def refuse(pointer: str, code: str, zh: str, en: str) -> InputError:
    """An InputError with one fault, to be raised."""
    return InputError([InputFault(pointer, code, zh, en)])


class TooManyRejects(InputError):
    """More rows were refused than the run may refuse; carries the faults of the first of them."""


class RunInterrupted(KeyboardInterrupt):
    """The run was asked to stop (by a signal). What is finished stays, and the run can be resumed."""
