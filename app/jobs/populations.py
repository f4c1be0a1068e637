"""The populations a server keeps: files and folders of one folder, known by name. Nobody outside names a path."""

from __future__ import annotations

import re
from pathlib import Path

_SUFFIXES = (".parquet", ".arrow", ".feather", ".csv")
_NAME = re.compile(r"[\w][\w.-]{0,99}\Z")


def populations(folder: Path | None) -> dict[str, Path]:
    """Each population by name: a file's name without its suffix, a folder's name. Links and hidden files are passed over."""
    if folder is None or not folder.is_dir():
        return {}
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        known = path.is_dir() or path.suffix in _SUFFIXES
        name = path.name if path.is_dir() else path.stem
        if known and not path.is_symlink() and _NAME.match(name):
            found.setdefault(name, path.resolve())
    return found
