"""What a release may be called: its id, the beginning of one, or a tag."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .errors import ReleaseError

LEAST_PREFIX = 8
MAX_TAG = 50
# How a folder without a tag is called; no release is.
UNTAGGED = "untagged"
# The release that answers where none is named.
RUNNING = "running"
_LISTED = 20
_SHOWN = 40
_ID = re.compile(r"[0-9a-f]{16}\Z")
_PREFIX = re.compile(rf"[0-9a-f]{{{LEAST_PREFIX},16}}\Z")
_TAG = re.compile(r"\w[\w.+-]*\Z")


@dataclass(frozen=True, slots=True)
class Called:
    """A release with all its tags."""

    release: str
    tags: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.release} ({', '.join(self.tags)})" if self.tags else self.release


def is_id(text: str) -> bool:
    return bool(_ID.match(text))


def is_tag(text: str) -> bool:
    """Whether a text may name a release: letters of any script, digits, and . + - _ within."""
    return text not in (UNTAGGED, RUNNING) and len(text) <= MAX_TAG and bool(_TAG.match(text)) and unicodedata.is_normalized("NFC", text)


def find_release(name: str, known: Iterable[Called]) -> str:
    """The id of the one release that a name means. Raises ReleaseError with what there is where none or several are meant."""
    there = list(known)
    if any(name == each.release for each in there):
        return name
    begins = bool(_PREFIX.match(name))
    meant = [each for each in there if name in each.tags or (begins and each.release.startswith(name))]
    if len(meant) == 1:
        return meant[0].release
    said = name if len(name) <= _SHOWN else name[:_SHOWN] + "…"
    if meant:
        which = ", ".join(map(str, meant[:_LISTED]))
        zh = f"'{said}' 指的版本不止一个：{which}。请写出完整编号。"
        raise ReleaseError("ambiguous_release", zh, f"'{said}' means several releases: {which}. Write the whole id.")
    zh = f"没有版本 '{said}'。{_listed(there, '现有：', '、', '。')}可写编号、其至少前 {LEAST_PREFIX} 位，标签，或 {RUNNING}（现用规则）。"
    en = f"there is no release '{said}'. {_listed(there, 'There are: ', ', ', '. ')}Name one by its id, at least the first {LEAST_PREFIX} characters of it, its tag, or {RUNNING} for the one that answers otherwise."
    raise ReleaseError("unknown_release", zh, en)


def _listed(there: list[Called], head: str, between: str, end: str) -> str:
    if not there:
        return ""
    more = "…" if len(there) > _LISTED else ""
    return head + between.join(map(str, there[:_LISTED])) + more + end
