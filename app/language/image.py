"""A read and checked rulebook on disk, by the content of its files: the next process has it in a tenth of the time."""

from __future__ import annotations

import pickle
from pathlib import Path

from app.cache import cache_folder, code_mark, keep
from app.collector import collector_paused

from .files import read_contents, read_tag
from .packing import packed
from .rulebook import Rulebook, release_of, rulebook_of
from .trees import kept_trees

RULEBOOKS = "rulebooks"
TREES = "trees"


def load_rulebook(folder: Path, *, remember: bool = False) -> Rulebook:
    """Read, check and return the rulebook of a folder. Raises RuleError with every fault found.

    With `remember` it comes from the cache where the same files were read before, and is put there where they were not.
    """
    with collector_paused():
        return _load(folder, remember=remember)


def _load(folder: Path, *, remember: bool) -> Rulebook:
    contents, tag = read_contents(folder), read_tag(folder)
    return remembered_rulebook(contents, tag) if remember else rulebook_of(contents, tag)


def remembered_rulebook(contents: dict[str, bytes], tag: str) -> Rulebook:
    """The rulebook of files at hand, from the cache where the same were read before. Raises RuleError with every fault found."""
    with collector_paused():
        return _remembered_or_read(contents, tag)


def _remembered_or_read(contents: dict[str, bytes], tag: str) -> Rulebook:
    mark = code_mark(Path(__file__).parent)
    path = cache_folder() / RULEBOOKS / f"{release_of(contents)}-{mark}.pickle"
    found = _remembered(path)
    if found is None:
        trees_at = cache_folder() / TREES / f"{mark}.pickle"
        trees = kept_trees(trees_at)
        found = rulebook_of(contents, tag, trees)
        trees.keep_at(trees_at)
        keep(path, packed(found))
    return found.of_files(contents, tag)


def _remembered(path: Path) -> Rulebook | None:
    """What lies in the cache, if it can be read: whatever is wrong with it, the rules' files are still there."""
    try:
        found = pickle.loads(path.read_bytes())  # noqa: S301 - the user's own cache, as the compiled kernels beside it
    except Exception:
        return None
    return found if isinstance(found, Rulebook) else None
