"""What is made once for some content and kept on disk: compiled kernels, read rulebooks, checked case files.

The folder belongs to the user who runs the program, and what lies in it is trusted as the program itself is.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

CACHE_VARIABLE = "SHEBAO_CACHE"


def cache_folder() -> Path:
    """SHEBAO_CACHE, or `shebao` in the user's cache folder."""
    stated = os.environ.get(CACHE_VARIABLE)
    if stated:
        return Path(stated)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shebao"


def cached(name: str, make: Callable[[], bytes]) -> bytes:
    """A file of the cache, made and kept where it is not there. A cache that cannot be read or written only costs time."""
    path = cache_folder() / name
    try:
        return path.read_bytes()
    except OSError:
        data = make()
    keep(path, data)
    return data


def keep(path: Path, data: bytes) -> None:
    """Put a file in its place whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
        Path(file.name).replace(path)
    except OSError:
        pass


@cache
def code_mark(*folders: Path) -> str:
    """A mark of the code in some folders and of the Python that runs it: other code may make something else of the same content."""
    digest = hashlib.sha256(sys.version.encode())
    for folder in folders:
        for path in sorted(folder.glob("*.*")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
