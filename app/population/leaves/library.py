"""leaves.c with runs.h, compiled once and kept, with the types it takes."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from pathlib import Path

from ..kernel import CompilerError
from ..kernel.build import load, plain_library

SOURCE, RUNS = (Path(__file__).with_name(name) for name in ("leaves.c", "runs.h"))
INT32, INT32_TO_64, INT64, BYTES_TO_64 = range(4)

_FLAGS = ("-O3", "-fPIC", "-fvisibility=hidden", "-fwrapv", "-fno-strict-aliasing", "-w")
_FASTER = (
    (frozenset({"avx2", "bmi1", "bmi2", "popcnt"}), ("-mavx2", "-mbmi", "-mbmi2", "-mpopcnt")),
    (frozenset({"avx2", "bmi1", "bmi2", "popcnt", "avx512f"}), ("-mavx512f",)),
)


class Runs(ctypes.Structure):
    """As in runs.h."""

    _fields_ = (
        ("at", ctypes.c_void_p),
        ("end", ctypes.c_void_p),
        ("left", ctypes.c_int64),
        ("bits", ctypes.c_int),
        ("packed", ctypes.c_int),
        ("repeated", ctypes.c_uint32),
        ("bit", ctypes.c_int64),
    )


class Leaf(ctypes.Structure):
    """As in leaves.c."""

    _fields_ = (
        ("list_level", ctypes.c_int64),
        ("item_level", ctypes.c_int64),
        ("max_level", ctypes.c_int64),
        ("kind", ctypes.c_int64),
        ("width", ctypes.c_int64),
        ("levels", ctypes.c_int64),
        ("next", ctypes.c_int64),
        ("begun", ctypes.c_int64),
        ("starts", ctypes.c_void_p),
        ("items", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("nothing", ctypes.c_void_p),
        ("plain", ctypes.c_void_p),
        ("plain_end", ctypes.c_void_p),
        ("indices", Runs),
        ("coded", ctypes.c_int64),
        ("entries", ctypes.c_int64),
        ("dictionary", ctypes.c_void_p),
    )


class Taken(ctypes.Structure):
    """As in leaves.c."""

    _fields_ = (("rows", ctypes.c_int64), ("items", ctypes.c_int64), ("values", ctypes.c_int64))


def _flags() -> tuple[str, ...]:
    """What this processor has of what the code makes use of; without any, it does the same more slowly."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ()
    has = set(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), ()))
    return tuple(flag for needs, flags in _FASTER if needs <= has for flag in flags)


@lru_cache(maxsize=1)
def library() -> ctypes.CDLL | None:
    """The compiled code; None where nothing can be compiled. Its functions run outside the interpreter's lock."""
    try:
        found = load(plain_library(SOURCE, (RUNS,), (*_FLAGS, *_flags())))
    except (CompilerError, OSError):
        return None
    number, address = ctypes.c_int64, ctypes.c_void_p
    leaf, taken = ctypes.POINTER(Leaf), ctypes.POINTER(Taken)
    found.shebao_page.argtypes = (leaf, address, number, address, number, address, number)
    found.shebao_plain.argtypes = (address, number, number, number, number, address)
    found.shebao_plain.restype = number
    found.shebao_span.argtypes = (leaf, number, ctypes.POINTER(number))
    found.shebao_span.restype = number
    found.shebao_take.argtypes = (leaf, number, taken, address, address, address, address)
    return found
