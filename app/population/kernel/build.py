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

from .source import CHECKS, PRELUDE

KERNELS = "kernels"
"""Their folder in the cache."""

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
    """The compiled library of a source, from the cache where the same source was compiled before. Raises CompilerError."""
    key = hashlib.sha256("\0".join([*source, PRELUDE.read_text(), CHECKS.read_text(), *_FLAGS, platform.machine()]).encode()).hexdigest()[:32]
    return cached(f"{KERNELS}/{key}.so", lambda: _compile(source))


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
    """The parts side by side, then linked."""
    with tempfile.TemporaryDirectory(prefix="shebao-") as folder, ThreadPoolExecutor(len(source)) as pool:

        def part(number: int, text: str) -> str:
            file = Path(folder) / f"part{number}.c"
            file.write_text(text)
            _run([*_FLAGS, f"-I{PRELUDE.parent}", "-c", str(file), "-o", f"{file}.o"])
            return f"{file}.o"

        objects = list(pool.map(part, range(len(source)), source))
        library = Path(folder) / "kernel.so"
        _run(["-shared", *objects, "-o", str(library), "-lm"])
        return library.read_bytes()


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
