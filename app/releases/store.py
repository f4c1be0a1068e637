"""A folder of releases: one archive each, named by the release, and a small file for each tag.

Any number of processes may keep and read at once. An archive is written beside its place and moved there, so it is there
whole or not at all; a tag is linked to its place, which fails where another process was first. Nothing is ever changed
in place. The folder may lie on a shared or a read-only disk, and is made when the first release is kept.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .archive import Manifest, pack, read_manifest, unpack
from .errors import ReleaseError, damaged, unreadable
from .names import MAX_TAG, Called, is_id, is_tag

ENDING = ".zip"
TAGS = "tags"
MOST_READ = 512 * 1024**2


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept release: its tags, and what its manifest says; `fault` where that cannot be read."""

    release: str
    tags: tuple[str, ...]
    manifest: Manifest | None
    fault: ReleaseError | None = None


class ReleaseStore:
    """The releases of a folder. Every method raises ReleaseError where something cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # -- reading ------------------------------------------------------------------------------

    def names(self) -> tuple[Called, ...]:
        """Every kept release with its tags, by id; nothing where there is no folder."""
        tags: dict[str, list[str]] = {}
        for tag, release in self.tags().items():
            tags.setdefault(release, []).append(tag)
        kept = [name.removesuffix(ENDING) for name in self._listed(self.folder) if name.endswith(ENDING)]
        return tuple(Called(release, tuple(tags.get(release, ()))) for release in kept if is_id(release))

    def tags(self) -> dict[str, str]:
        """The release of each tag."""
        folder = self.folder / TAGS
        return {tag: self._tagged(tag) for tag in self._listed(folder) if is_tag(tag)}

    def contents(self, release: str) -> dict[str, bytes]:
        """The files of a kept release, proved to be what they were."""
        contents, manifest = unpack(self._read(release), release)
        if manifest.release != release:
            raise damaged(release, f"it is release {manifest.release}")
        return contents

    def kept(self, called: Called) -> Kept:
        """A release with what its manifest says; one that is damaged says so."""
        try:
            manifest = read_manifest(self._read(called.release), called.release)
            if manifest.release != called.release:
                raise damaged(called.release, f"it is release {manifest.release}")
        except ReleaseError as error:
            return Kept(called.release, called.tags, None, error)
        return Kept(called.release, called.tags, manifest)

    def mark(self, release: str) -> str:
        """Another one where the archive of a release is another; nothing where there is none."""
        try:
            found = (self.folder / f"{release}{ENDING}").stat()
        except OSError:
            return ""
        return f"{found.st_size}-{found.st_mtime_ns}"

    def archive(self, release: str) -> bytes:
        """A kept release as it can be carried elsewhere, proved."""
        data = self._read(release)
        unpack(data, release)
        return data

    # -- keeping ------------------------------------------------------------------------------

    def keep(self, contents: Mapping[str, bytes], manifest: Manifest) -> bool:
        """Keep a release's files; whether it was not there, or was damaged and is whole again."""
        return self._put(manifest.release, pack(contents, manifest))

    def take(self, data: bytes, name: str) -> tuple[Manifest, bool]:
        """Keep what `archive` gave elsewhere; whether it was not there. `name` is what the archive is called where it is refused."""
        _, manifest = unpack(data, name)
        if not is_id(manifest.release):
            raise damaged(name, "it names no release")
        return manifest, self._put(manifest.release, data)

    def tag(self, release: str, tag: str) -> None:
        """Call a kept release so. Raises ReleaseError where another release is."""
        self.may_tag(release, tag)
        place = self.folder / TAGS / tag
        with _writing(place):
            temporary = _written(place.parent, release.encode())
            try:
                with suppress(FileExistsError):
                    os.link(temporary, place)
            finally:
                temporary.unlink()
        self.may_tag(release, tag)  # another process may have been first

    def may_tag(self, release: str, tag: str) -> None:
        """Raises ReleaseError where a release may not be called so: the text is no tag, or another release is."""
        if not is_tag(tag):
            zh = f"'{tag}' 不能作标签。请用至多 {MAX_TAG} 个文字、数字及 . + - _，以文字或数字开头，如 2026.11。"
            raise ReleaseError("bad_tag", zh, f"'{tag}' is no tag. Use at most {MAX_TAG} letters, digits and . + - _, beginning with a letter or digit, such as 2026.11.")
        other = self.tags().get(tag, release)
        if other != release:
            zh = f"标签 '{tag}' 已指版本 {other}。请另取一个。"
            raise ReleaseError("tag_taken", zh, f"the tag '{tag}' names release {other}. Give another.")

    # -- files --------------------------------------------------------------------------------

    def _put(self, release: str, data: bytes) -> bool:
        place = self.folder / f"{release}{ENDING}"
        if place.exists() and self._is_whole(release):
            return False
        with _writing(place):
            _written(place.parent, data).replace(place)
            _sync_folder(place.parent)
        return True

    def _is_whole(self, release: str) -> bool:
        try:
            self.contents(release)
        except ReleaseError:
            return False
        return True

    def _read(self, release: str) -> bytes:
        place = self.folder / f"{release}{ENDING}"
        try:
            if place.stat().st_size > MOST_READ:
                raise damaged(release, "it is longer than any release")
            return place.read_bytes()
        except OSError as error:
            raise unreadable(str(place), error) from None

    def _tagged(self, tag: str) -> str:
        """The release of a tag; a text that is none where the tag's file is damaged."""
        place = self.folder / TAGS / tag
        try:
            with place.open("rb") as file:
                return file.read(64).decode("ascii", "replace").strip()
        except OSError as error:
            raise unreadable(str(place), error) from None

    @staticmethod
    def _listed(folder: Path) -> list[str]:
        try:
            return sorted(os.listdir(folder))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise unreadable(str(folder), error) from None


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    """Makes the folder of a place that is written. Raises ReleaseError where it cannot be."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise unreadable(str(place), error) from None


def _written(folder: Path, data: bytes) -> Path:
    """A file of this folder with the data, safely on the disk; its name begins with a dot, so that nothing takes it for a release."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
    except BaseException:
        Path(name).unlink()
        raise
    return Path(name)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
