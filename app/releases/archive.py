"""A release as one file: a zip of its rule files, and beside them a manifest that says what they are.

Any program that opens zip files shows the rules in it. What is read back is held to the manifest, the manifest to its own
seal, and both to the name of the release: files that are not what they were never come out.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from app import __version__
from app.language import Rulebook, release_of

from .errors import ReleaseError, damaged

FORMAT = 1
MANIFEST = "release.json"
# Bounds of what is read into memory, far above any rulebook: an archive may have come from elsewhere.
MAX_FILES = 50_000
MAX_BYTES = 256 * 1024**2
_EPOCH = (1980, 1, 1, 0, 0, 0)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError, ValueError, TypeError, RuntimeError, NotImplementedError, RecursionError)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is said of a release without reading its rules. `tag` is what it was called when it was kept; `digest` the SHA-256 of its files.

    `first` and `last` are the first and the last day on which some rule begins, ends or is published.
    """

    release: str
    tag: str | None
    kept: str
    engine: str
    digest: str
    files: int
    size: int
    schemes: tuple[str, ...]
    regions: tuple[str, ...]
    reforms: tuple[str, ...]
    facts: int
    first: str | None
    last: str | None
    format: int = FORMAT


def describe(rulebook: Rulebook, tag: str | None) -> tuple[dict[str, bytes], Manifest]:
    """The files of a rulebook as they are kept, lines ended alike, and what is said of them. Raises ValueError where it has no files."""
    contents = {path: data.replace(b"\r\n", b"\n") for path, data in rulebook.contents.items()}
    if release_of(contents) != rulebook.release:
        raise ValueError(f"the files of release {rulebook.release} are not at hand")
    days = rulebook.epochs()
    return contents, Manifest(
        release=rulebook.release,
        tag=tag,
        kept=datetime.now(UTC).isoformat(timespec="seconds"),
        engine=__version__,
        digest=_digest(contents),
        files=len(contents),
        size=sum(map(len, contents.values())),
        schemes=tuple(rulebook.scheme_ids()),
        regions=tuple(rulebook.regions()),
        reforms=tuple(rulebook.proposals()),
        facts=len(rulebook.facts.facts),
        first=days[0].isoformat() if days else None,
        last=days[-1].isoformat() if days else None,
    )


def pack(contents: Mapping[str, bytes], manifest: Manifest) -> bytes:
    """The archive's bytes; the files stand in the order that names the release."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(MANIFEST, _EPOCH), _sealed(manifest), zipfile.ZIP_DEFLATED)
        for path, data in contents.items():
            archive.writestr(zipfile.ZipInfo(path, _EPOCH), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def unpack(data: bytes, name: str) -> tuple[dict[str, bytes], Manifest]:
    """The files of an archive and its manifest, both proved. `name` is what it is called in what is raised: ReleaseError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            manifest = _manifest(archive)
            contents = _contents(archive)
    except ReleaseError:
        raise
    except _BROKEN as error:
        raise damaged(name, f"{type(error).__name__}: {str(error)[:80]}") from None
    if len(contents) != manifest.files or _digest(contents) != manifest.digest or release_of(contents) != manifest.release:
        raise damaged(name, "its files are not those it was made of")
    return contents, manifest


def read_manifest(data: bytes, name: str) -> Manifest:
    """What an archive says of itself, without proving its rules. Raises ReleaseError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _manifest(archive)
    except ReleaseError:
        raise
    except _BROKEN as error:
        raise damaged(name, f"{type(error).__name__}: {str(error)[:80]}") from None


def _contents(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = [each for each in archive.infolist() if each.filename != MANIFEST]
    if len(members) > MAX_FILES or sum(each.file_size for each in members) > MAX_BYTES:
        raise ValueError("it holds more than any rulebook")
    contents = {each.filename: _bytes(archive, each) for each in members}
    if len(contents) != len(members):
        raise ValueError("a file stands in it twice")
    return contents


def _bytes(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member, no more of it than it says to have: what unpacks to more is refused before it fills the memory."""
    with archive.open(member) as opened:
        data = opened.read(member.file_size + 1)
    if len(data) != member.file_size:
        raise ValueError(f"{member.filename} has another length")
    return data


# -- the manifest -----------------------------------------------------------------------------------

_LISTS = ("schemes", "regions", "reforms")
_TEXTS = ("release", "kept", "engine", "digest")
_NUMBERS = ("files", "size", "facts", "format")


def _sealed(manifest: Manifest) -> bytes:
    said = asdict(manifest)
    return json.dumps({**said, "seal": _seal(said)}, ensure_ascii=False, indent=1).encode()


def _seal(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    member = archive.getinfo(MANIFEST)
    if member.file_size > MAX_BYTES:
        raise ValueError("its manifest is too long")
    said = json.loads(_bytes(archive, member))
    if not isinstance(said, dict) or said.pop("seal", None) != _seal(said):
        raise ValueError("its manifest is not what was written")
    if said.get("format") != FORMAT:
        zh = f"此存档的格式为 {said.get('format')}，本程序能读 {FORMAT}。请更新程序。"
        raise ReleaseError("other_format", zh, f"the archive has format {said.get('format')}; this program reads {FORMAT}. Update the program.")
    if set(said) != {each.name for each in fields(Manifest)}:
        raise ValueError("its manifest has other fields")
    well = (
        all(isinstance(said[name], str) for name in _TEXTS)
        and all(isinstance(said[name], int) for name in _NUMBERS)
        and all(isinstance(said[name], list) and all(isinstance(each, str) for each in said[name]) for name in _LISTS)
    )
    if not well:
        raise ValueError("its manifest has other values")
    values: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in said.items()}
    return Manifest(**values)


def _digest(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path, data in contents.items():
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
