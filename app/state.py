"""Where programs of this user keep what is to outlast them, unless a variable says another place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def state_folder(name: str, environment: Mapping[str, str]) -> Path:
    """The project's folder of that name in the user's state folder (the XDG convention)."""
    state = environment.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "shebao" / name
