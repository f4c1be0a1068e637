"""What a server is told from outside."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.batch import BatchLimits
from app.jobs import JobLimits
from app.releases import ReleaseSettings

DEFAULT_RULES = Path(__file__).resolve().parents[2] / "rules"
DEFAULT_MAX_BODY = 256 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """`rules`: the rules folder; `max_body`: bytes of a request; `self_test`: whether to prove the engine at start-up.

    `simulations`: how much is simulated for those who ask, and where it is kept. `batch`: how much one batch may ask.
    `releases`: where releases are kept that may be asked for beside the one of `rules`.
    """

    rules: Path = DEFAULT_RULES
    max_body: int = DEFAULT_MAX_BODY
    self_test: bool = True
    simulations: JobLimits = field(default_factory=lambda: JobLimits.from_environment({}))
    batch: BatchLimits = field(default_factory=BatchLimits)
    releases: ReleaseSettings = field(default_factory=lambda: ReleaseSettings.from_environment({}))

    @staticmethod
    def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
        """Read SHEBAO_RULES, SHEBAO_MAX_BODY and what JobLimits, BatchLimits and ReleaseSettings read. Raises ValueError where a number is none."""
        return Settings(
            rules=Path(environment.get("SHEBAO_RULES") or DEFAULT_RULES),
            max_body=int(environment.get("SHEBAO_MAX_BODY") or DEFAULT_MAX_BODY),
            simulations=JobLimits.from_environment(environment),
            batch=BatchLimits.from_environment(environment),
            releases=ReleaseSettings.from_environment(environment),
        )
