"""C source to a loaded library: compiled once for each content, kept on disk."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from .source import PRELUDE

CACHE_VARIABLE = "SHEBAO_CACHE"
_FLAGS = ("-O2", "-shared", "-fPIC", "-fwrapv", "-fno-strict-aliasing", "-fno-math-errno", "-ffp-contract=off", "-w")


class CompilerError(Exception):
    """There is no C compiler, or it refused the generated source."""


def cache_folder() -> Path:
    """Where compiled kernels are kept: SHEBAO_CACHE, or `shebao` in the user's cache folder."""
    stated = os.environ.get(CACHE_VARIABLE)
    if stated:
        return Path(stated)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "shebao"


@lru_cache(maxsize=1)
def compiler() -> str:
    """The C compiler's path. Raises CompilerError."""
    found = shutil.which(os.environ.get("CC", "gcc")) or shutil.which("cc")
    if found is None:
        raise CompilerError("there is no C compiler. Install gcc (on Debian and Ubuntu: sudo apt-get install gcc), or let the exact engine answer.")
    return found


def library_bytes(source: str) -> bytes:
    """The compiled library of a source, from the cache where it has been compiled before. Raises CompilerError."""
    key = hashlib.sha256("\0".join([source, PRELUDE.read_text(), *_FLAGS, platform.machine()]).encode()).hexdigest()[:32]
    kept = cache_folder() / "kernels" / f"{key}.so"
    if kept.exists():
        return kept.read_bytes()
    made = _compile(source)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            file.write(made)
        Path(file.name).replace(kept)
    except OSError:
        pass  # a cache that cannot be written only costs the next start its time
    return made


def _compile(source: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="shebao-") as folder:
        text, library = Path(folder) / "kernel.c", Path(folder) / "kernel.so"
        text.write_text(source)
        command = [compiler(), *_FLAGS, f"-I{PRELUDE.parent}", str(text), "-o", str(library), "-lm"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the compiler of this machine on our own source
        if done.returncode:
            raise CompilerError(f"the C compiler refused the generated source: {done.stderr[:2000]}")
        return library.read_bytes()


def load(library: bytes) -> ctypes.CDLL:
    """Load a library from its bytes; its file is gone again at once."""
    with tempfile.NamedTemporaryFile(prefix="shebao-", suffix=".so") as file:
        file.write(library)
        file.flush()
        return ctypes.CDLL(file.name)
