"""Where releases are kept, and how many a process holds at a time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.state import state_folder

RELEASES_VARIABLE = "SHEBAO_RELEASES"
MOST_VARIABLE = "SHEBAO_RELEASES_OPEN"


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """`folder`: where releases are kept, which need not be there; `most_open`: how many a process holds beside the one it runs."""

    folder: Path
    most_open: int = 3

    def __post_init__(self) -> None:
        if self.most_open < 1:
            raise ValueError(f"{MOST_VARIABLE} is {self.most_open}. Give 1 or more.")

    @staticmethod
    def from_environment(environment: Mapping[str, str] = os.environ) -> ReleaseSettings:
        """Read SHEBAO_RELEASES and SHEBAO_RELEASES_OPEN. Raises ValueError."""
        stated, most = environment.get(RELEASES_VARIABLE), environment.get(MOST_VARIABLE)
        folder = Path(stated) if stated else state_folder("releases", environment)
        if not most:
            return ReleaseSettings(folder)
        try:
            return ReleaseSettings(folder, int(most))
        except ValueError as error:
            raise ValueError(f"{MOST_VARIABLE} is '{most}'. Give a whole number, 1 or more.") from error
