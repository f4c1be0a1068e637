"""How much simulating a server does for those who ask, and where it keeps it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app.state import state_folder


@dataclass(frozen=True, slots=True)
class JobLimits:
    """`folder`: where jobs are kept. `populations`: the folder of populations that may be named; None: none may.

    `max_size`: persons of a simulation; `max_running` and `max_queued`: jobs; `max_seconds`: of one job;
    `keep_seconds`: how long results are kept; `max_bytes`: of all results together, the oldest going first.
    """

    folder: Path
    populations: Path | None = None
    max_size: int = 1_000_000
    max_running: int = 1
    max_queued: int = 8
    max_seconds: int = 1_800
    keep_seconds: int = 24 * 3_600
    max_bytes: int = 2 * 1024**3

    def __post_init__(self) -> None:
        for name in ("max_size", "max_running", "max_seconds"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} of simulations is {getattr(self, name)}. Give 1 or more.")
        for name in ("max_queued", "keep_seconds", "max_bytes"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} of simulations is {getattr(self, name)}. Give 0 or more.")

    @staticmethod
    def from_environment(environment: Mapping[str, str] = os.environ) -> JobLimits:
        """Read SHEBAO_SIMULATIONS, SHEBAO_POPULATIONS and SHEBAO_SIMULATION_MAX_SIZE and the like. Raises ValueError."""
        numbers = [field.name for field in fields(JobLimits) if field.name not in ("folder", "populations")]
        stated = {name: environment.get(f"SHEBAO_SIMULATION_{name.upper()}") for name in numbers}
        populations = environment.get("SHEBAO_POPULATIONS")
        return JobLimits(
            folder=Path(environment.get("SHEBAO_SIMULATIONS") or state_folder("simulations", environment)),
            populations=Path(populations) if populations else None,
            **{name: _number(name, text) for name, text in stated.items() if text},
        )

    def to_json(self) -> str:
        return json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in asdict(self).items()})

    @staticmethod
    def from_json(text: str) -> JobLimits:
        stated = json.loads(text)
        stated["folder"] = Path(stated["folder"])
        stated["populations"] = None if stated["populations"] is None else Path(stated["populations"])
        return JobLimits(**stated)


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"SHEBAO_SIMULATION_{name.upper()} is '{text}'. Give a whole number.") from None
