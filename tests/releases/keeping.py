"""Releases of small rules, kept for a test."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.language import Rulebook, load_rulebook, release_of
from app.releases import Manifest, ReleaseStore, describe
from tests.conftest import write


def rulebook(folder: Path, files: Mapping[str, str | bytes], **options: str) -> Rulebook:
    return load_rulebook(write(folder, files, **options))


def keep(store: ReleaseStore, found: Rulebook, tag: str | None = None) -> str:
    """Keep a rulebook; its id."""
    store.keep(*describe(found, tag))
    if tag is not None:
        store.tag(found.release, tag)
    return found.release


def keep_files(store: ReleaseStore, contents: dict[str, bytes], like: Rulebook) -> str:
    """Keep files that this program may not take, as a program of another time did; their id."""
    digest = hashlib.sha256()
    for path, data in contents.items():
        digest.update(f"{path}\0{len(data)}\0".encode() + data)
    manifest: Manifest = replace(describe(like, None)[1], release=release_of(contents), digest=digest.hexdigest(), files=len(contents))
    store.keep(contents, manifest)
    return manifest.release
