"""Releases that are kept: a table of them, and one with what it differs in."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.engine import Language
from app.releases import FileChanges, Kept, Manifest

from .words import word

_FILES_SHOWN = 200


def render_releases(kept: Iterable[Kept], running: str, language: Language) -> RenderableType:
    """The kept releases, the latest last; that of the rules as they are is marked."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("id", "tags", "kept", "files", "schemes", "engine", ""):
        table.add_column(heading, justify="right" if heading in ("files", "schemes") else "left")
    for each in sorted(kept, key=lambda one: ("" if one.manifest is None else one.manifest.kept, one.release)):
        tags, said = ", ".join(each.tags), each.manifest
        if said is None:
            table.add_row(each.release, tags, "", "", "", "", word("release_damaged", language), style="red")
        else:
            mark = word("release_running", language) if each.release == running else ""
            table.add_row(each.release, tags, said.kept, str(said.files), str(len(said.schemes)), said.engine, mark)
    return table


def render_release(kept: Kept, language: Language) -> RenderableType:
    """One release: its names, when it was kept, its counts and days, or what is wrong with it."""
    parts = [Text(f"{kept.release}  {', '.join(kept.tags)}", style="bold")]
    if kept.fault is not None:
        parts.append(Text(kept.fault.detail(language), style="red"))
    if kept.manifest is not None:
        parts.append(Text(_counts(kept.manifest, language)))
        parts.append(Text(f"{kept.manifest.kept} · shebao {kept.manifest.engine} · SHA-256 {kept.manifest.digest}", style="dim"))
    return Group(*parts)


def _counts(said: Manifest, language: Language) -> str:
    return word(
        "release_counts",
        language,
        files=said.files,
        schemes=len(said.schemes),
        regions=len(said.regions),
        reforms=len(said.reforms),
        facts=said.facts,
        first=said.first or "-",
        last=said.last or "-",
    )


def render_file_changes(changes: FileChanges, other: str, language: Language) -> RenderableType:
    """The files that differ from those of `other`, which came before."""
    groups = (("added", "+", "green", changes.added), ("removed", "-", "red", changes.removed), ("changed", "~", "yellow", changes.changed))
    if not any(files for *_, files in groups):
        return Text(word("release_same", language, other=other))
    parts = [Text(word("release_differs", language, other=other), style="bold")]
    for name, mark, style, files in groups:
        if files:
            parts.append(Text(f"{word(f'file_word_{name}', language)} {len(files)}"))
        parts += [Text(f"  {mark} {path}", style=style) for path in files[:_FILES_SHOWN]]
        parts += [Text("    …", style="dim")] if len(files) > _FILES_SHOWN else []
    return Group(*parts)
