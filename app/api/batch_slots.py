"""How many batches run at once, over all worker processes: a batch keeps its worker busy, and others must be answered."""

from __future__ import annotations

import fcntl
from tempfile import TemporaryFile
from threading import Lock


class BatchSlots:
    """Made before the workers are forked. A slot is a byte of a file without a name, locked by its process: it ends with that."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._file = TemporaryFile()  # noqa: SIM115 - as long as the process lives
        self._lock = Lock()
        # Locks of files are a process's, not a thread's.
        self._own: set[int] = set()

    def take(self) -> int | None:
        """A free slot, or None where all are taken."""
        with self._lock:
            for slot in range(self._count):
                if slot in self._own:
                    continue
                try:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
                except OSError:
                    continue
                self._own.add(slot)
                return slot
        return None

    def free(self, slot: int) -> None:
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, slot)
            self._own.discard(slot)

