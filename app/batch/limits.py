"""How much of a batch a server takes on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """`max_lines`: cases of one batch; `max_bytes`: of its body, uncompressed; `max_seconds`: of all of it.

    `max_idle_seconds`: how long nothing may come or be taken. `max_ahead`: bytes (compressed) that are kept of a client
    that sends everything before it reads. `at_once`: batches of all workers together; each keeps one worker busy.
    """

    max_lines: int = 200_000
    max_bytes: int = 512 * 1024**2
    max_seconds: int = 900
    max_idle_seconds: int = 60
    max_ahead: int = 32 * 1024**2
    at_once: int = 1

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 1:
                raise ValueError(f"{field.name} of batches is {getattr(self, field.name)}. Give 1 or more.")

    @staticmethod
    def from_environment(environment: Mapping[str, str] = os.environ) -> BatchLimits:
        """Read SHEBAO_BATCH_MAX_LINES and the like. Raises ValueError."""
        stated = {field.name: environment.get(f"SHEBAO_BATCH_{field.name.upper()}") for field in fields(BatchLimits)}
        return BatchLimits(**{name: _number(name, text) for name, text in stated.items() if text})


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"SHEBAO_BATCH_{name.upper()} is '{text}'. Give a whole number.") from None
