"""Which rule files differ between two releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FileChanges:
    """The files that only the later release has, only the earlier, and both with another text; by path."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    def of(self, path: str) -> Change | None:
        """What became of a file; None where it is the same, or in neither."""
        if path in self.changed:
            return "changed"
        return "added" if path in self.added else "removed" if path in self.removed else None


def changed_files(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> FileChanges:
    """The files that differ, however a system ends their lines."""
    return FileChanges(
        added=tuple(path for path in after if path not in before),
        removed=tuple(path for path in before if path not in after),
        changed=tuple(path for path, data in after.items() if path in before and _lines(data) != _lines(before[path])),
    )


def _lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")
