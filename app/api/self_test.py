"""The proof at start-up that both decisions work here: one built-in case in a child process.

The rules engine is C and can take its whole process down, so it is first used in a process whose end harms
nobody; only when that comes back well may this one answer.
"""

from __future__ import annotations

import multiprocessing
from datetime import date
from typing import Any

from app.engine import Engine, Incident, InputError, explain
from app.intake import RequestReader
from app.language import Rulebook, RuleError

from .examples import example_body

TIMEOUT_S = 30.0


def self_test(rulebook: Rulebook, timeout: float = TIMEOUT_S) -> bool:
    """Whether the built-in case is decided in a child process; False where that crashes, hangs (so many seconds) or disagrees."""
    child = multiprocessing.get_context("fork").Process(target=_prove, args=(rulebook,), daemon=True)
    child.start()
    child.join(timeout)
    if child.exitcode is None:
        child.kill()
        child.join()
    return child.exitcode == 0


def _prove(rulebook: Rulebook) -> None:
    """Exit with 0 only where every scheme asked for was concluded by the rules engine as well."""
    concluded: set[str] = set()

    def watch(scheme: str, fired: frozenset[str]) -> frozenset[str]:
        if fired & {"eligible", "not_eligible", "undetermined"}:
            concluded.add(scheme)
        return fired

    body: dict[str, Any] = example_body(rulebook)
    try:
        request, _ = RequestReader(rulebook, today=date.today).read_value(body)
        explain(Engine(rulebook, tamper=watch).evaluate(request))
    except (InputError, Incident, RuleError):
        raise SystemExit(1) from None
    raise SystemExit(0 if concluded == set(request.schemes) else 1)
