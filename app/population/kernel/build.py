"""C source to a loaded library: compiled once for each content, kept on disk."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from app.cache import cached

from .units import CHECKS, DRIVER, PRELUDE

KERNELS = "kernels"
"""Their folder in the cache."""
OBJECTS = "objects"
"""The folder of what they are linked from."""

_FLAGS = ("-O2", "-fPIC", "-fvisibility=hidden", "-fwrapv", "-fno-strict-aliasing", "-fno-math-errno", "-ffp-contract=off", "-w")


class CompilerError(Exception):
    """There is no C compiler, or it refused the generated source."""


@lru_cache(maxsize=1)
def compiler() -> str:
    """The C compiler's path. Raises CompilerError."""
    found = shutil.which(os.environ.get("CC", "gcc")) or shutil.which("cc")
    if found is None:
        raise CompilerError("there is no C compiler. Install gcc (on Debian and Ubuntu: sudo apt-get install gcc), or let the exact engine answer.")
    return found


def library_bytes(source: tuple[str, ...]) -> bytes:
    """The compiled library of some files, from the cache where the same were compiled before; so is each of them. Raises CompilerError."""
    return cached(f"{KERNELS}/{_key(*source)}.so", lambda: _compile(source))


def plain_library(path: Path, headers: tuple[Path, ...], flags: tuple[str, ...]) -> bytes:
    """The compiled library of one C file that is written by hand, from the cache where it was compiled before. Raises CompilerError."""

    def make() -> bytes:
        with tempfile.TemporaryDirectory(prefix="shebao-") as folder:
            made = Path(folder) / "plain.so"
            _run([*flags, "-shared", str(path), "-o", str(made)])
            return made.read_bytes()

    key = hashlib.sha256("\0".join([*(each.read_text() for each in (path, *headers)), *flags, platform.machine()]).encode()).hexdigest()[:32]
    return cached(f"{KERNELS}/{key}.so", make)


def _compile(source: tuple[str, ...]) -> bytes:
    """The files side by side, the longest first, then linked."""
    with tempfile.TemporaryDirectory(prefix="shebao-") as folder, ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        objects = list(pool.map(lambda text: _object(text, Path(folder)), sorted(source, key=len, reverse=True)))
        library = Path(folder) / "kernel.so"
        _run(["-shared", *map(str, objects), "-o", str(library), "-lm"])
        return library.read_bytes()


def _object(text: str, folder: Path) -> Path:
    """The object file of a text."""
    key = _key(text)
    file = folder / f"{key}.o"

    def make() -> bytes:
        unit = folder / f"{key}.c"
        unit.write_text(text)
        _run([*_FLAGS, f"-I{PRELUDE.parent}", "-c", str(unit), "-o", str(file)])
        return file.read_bytes()

    file.write_bytes(cached(f"{OBJECTS}/{key}.o", make))
    return file


def _key(*texts: str) -> str:
    """What names compiled texts: they, the headers, the compiler's options, the machine."""
    headers = [each.read_text() for each in (PRELUDE, CHECKS, DRIVER)]
    return hashlib.sha256("\0".join([*texts, *headers, *_FLAGS, platform.machine()]).encode()).hexdigest()[:32]


def _run(arguments: list[str]) -> None:
    done = subprocess.run([compiler(), *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - this machine's compiler on our own source
    if done.returncode:
        raise CompilerError(f"the C compiler refused the generated source: {done.stderr[:2000]}")


def load(library: bytes) -> ctypes.CDLL:
    """Load a library from its bytes; its file is gone again at once."""
    with tempfile.NamedTemporaryFile(prefix="shebao-", suffix=".so") as file:
        file.write(library)
        file.flush()
        return ctypes.CDLL(file.name)
