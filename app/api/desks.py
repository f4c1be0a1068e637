"""The desks of a server: that of the release it runs, and those of kept releases, each proved before it answers."""

from __future__ import annotations

from collections.abc import Callable

from app.advice import Desk, Desks
from app.intake import JsonLimits
from app.language import Rulebook
from app.releases import ReleaseError, Releases, ReleaseSettings, ReleaseStore, Running

from .self_test import self_test

# Shorter than a worker may be silent.
PROOF_S = 5.0


def open_desks(desk: Desk, settings: ReleaseSettings, limits: JsonLimits, step: Callable[[], object], *, proved: bool = True) -> Desks:
    """All desks; nothing is read of the kept releases before one is asked for. `step` is told while one is opened."""
    running = Running(desk.release, desk.rulebook.tag, lambda: desk)
    prove = _prove if proved else lambda _: None
    return Releases(running, ReleaseStore(settings.folder), lambda rulebook: Desk(rulebook, limits), most=settings.most_open, prove=prove, step=step)


def _prove(rulebook: Rulebook) -> None:
    """Hold a kept release to what the running one is held to at start-up. Raises ReleaseError."""
    if not self_test(rulebook, PROOF_S):
        zh = f"版本 {rulebook.release} 的自检未通过，不能据以解答。请改用其他版本，并告知维护人员。"
        en = f"the self-test of release {rulebook.release} has not passed, so nothing is answered from it. Name another, and tell the maintainers."
        raise ReleaseError("unproven_release", zh, en)
