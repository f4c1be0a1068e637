"""A read and checked rulebook on disk, by the content of its files: the next process has it in a tenth of the time."""

from __future__ import annotations

import hashlib
import pickle
import sys
from functools import lru_cache
from pathlib import Path

from app.cache import cache_folder, keep

from .files import read_contents, read_tag
from .rulebook import Rulebook, release_of, rulebook_of

RULEBOOKS = "rulebooks"


def load_rulebook(folder: Path, *, remember: bool = False) -> Rulebook:
    """Read, check and return the rulebook of a folder. Raises RuleError with every fault found.

    With `remember` it comes from the cache where the same files were read before, and is put there where they were not.
    """
    contents, tag = read_contents(folder), read_tag(folder)
    return remembered_rulebook(contents, tag) if remember else rulebook_of(contents, tag)


def remembered_rulebook(contents: dict[str, bytes], tag: str) -> Rulebook:
    """The rulebook of files at hand, from the cache where the same were read before. Raises RuleError with every fault found."""
    path = cache_folder() / RULEBOOKS / f"{release_of(contents)}-{_reader()}.pickle"
    found = _remembered(path)
    if found is None:
        found = rulebook_of(contents, tag)
        keep(path, pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
    return found.of_files(contents, tag)


def _remembered(path: Path) -> Rulebook | None:
    """What lies in the cache, if it can be read: whatever is wrong with it, the rules' files are still there."""
    try:
        found = pickle.loads(path.read_bytes())  # noqa: S301 - the user's own cache, as the compiled kernels beside it
    except Exception:
        return None
    return found if isinstance(found, Rulebook) else None


@lru_cache(maxsize=1)
def _reader() -> str:
    """A mark of the code that reads rules and of the Python that runs it: another one may give another rulebook."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(Path(__file__).parent.glob("*.*")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
