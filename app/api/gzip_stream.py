"""gzip in pieces: a body that is unpacked as it comes, bounded however much it unpacks to, and answers packed as they go."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

# What zlib calls the gzip format.
_GZIP = 31
_PIECE = 64 * 1024


class Unpacker:
    """Unpacks gzip, of one member or several. Raises zlib.error where it is none."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What a piece unpacks to, in pieces of bounded size."""
        more = bool(data)
        self._begun |= more
        while more:
            if self._member.eof and data:
                self._member = zlib.decompressobj(_GZIP)
            unpacked = self._member.decompress(data, _PIECE)
            data = self._member.unconsumed_tail or self._member.unused_data
            if unpacked:
                yield unpacked
            # A full piece may have a little more behind it although all input is read.
            more = bool(data) or len(unpacked) == _PIECE

    @property
    def whole(self) -> bool:
        """Whether what was fed ends where a member ends, or was nothing."""
        return self._member.eof or not self._begun


class Packer:
    """Packs pieces so that each can be unpacked when it comes."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)

    def pack(self, data: bytes) -> bytes:
        return self._packer.compress(data) + self._packer.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._packer.flush()
