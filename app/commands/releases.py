"""`shebao release`: rulebooks kept whole, so that they can be answered from and compared with later."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from app.engine import Language
from app.releases import UNTAGGED, Kept, ReleaseError, ReleaseStore, changed_files, describe, find_release, is_tag
from app.terminal import render_file_changes, render_release, render_releases, render_rule_faults, word

from .options import Lang
from .session import BAD_INPUT, FAILED, Session

release = typer.Typer(name="release", help="Keep the rules as they are, and show and carry releases that are kept.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="A release: its id, at least 8 characters of it, or a tag.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what programs read.")]


@release.command()
def keep(
    context: typer.Context,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="What people call it. (default: what the rules call themselves)")] = None,
    language: Lang = "zh",
) -> None:
    """Keep the rules as they are now."""
    session: Session = context.obj
    rulebook = session.rulebook()
    if faults := rulebook.check_everywhere():
        session.stop(render_rule_faults(faults), FAILED)
    store = session.store
    try:
        taken = store.tags()
        wanted = tag if tag is not None else rulebook.tag if is_tag(rulebook.tag) else None
        other = taken.get(wanted or "", rulebook.release)
        if other != rulebook.release and tag is None:
            session.say(word("release_tag_elsewhere", language, tag=wanted, release=other))
            wanted = None
        if wanted is not None:
            store.may_tag(rulebook.release, wanted)
        contents, manifest = describe(rulebook, wanted)
        _kept(session, manifest.release, new=store.keep(contents, manifest), tag=wanted, language=language)
    except ReleaseError as error:
        session.stop(error.detail(language), FAILED)


@release.command("list")
def list_releases(context: typer.Context, as_json: AsJson = False, language: Lang = "zh") -> None:
    """List the releases that are kept."""
    session: Session = context.obj
    try:
        kept = [session.store.kept(each) for each in session.store.names()]
    except ReleaseError as error:
        session.stop(error.detail(language), FAILED)
    if as_json:
        typer.echo(json.dumps([_as_json(each, language) for each in kept], ensure_ascii=False, indent=2))
    elif not kept:
        session.say(word("no_release", language, folder=session.releases))
    else:
        running = session.desks().running
        session.show(render_releases(kept, "" if running is None else running.release, language))


@release.command()
def show(
    context: typer.Context,
    name: Name,
    against: Annotated[str | None, typer.Option("--against", metavar="NAME", help="Show what differs from this release. (default: from the rules as they are)")] = None,
    as_json: AsJson = False,
    language: Lang = "zh",
) -> None:
    """Show a kept release: its counts and days, and which files the rules have changed since."""
    session: Session = context.obj
    store = session.store
    try:
        found = find_release(name, store.names())
        called = next(each for each in store.names() if each.release == found)
        kept = store.kept(called)
        # Of the two, that which is shown came before.
        now = session.contents() if against is None else store.contents(find_release(against, store.names()))
        changes = None if now is None else changed_files(store.contents(called.release), now)
    except ReleaseError as error:
        session.stop(error.detail(language), BAD_INPUT)
    if as_json:
        differing = {} if changes is None else {"files": asdict(changes)}
        typer.echo(json.dumps({**_as_json(kept, language), **differing}, ensure_ascii=False, indent=2))
        return
    session.show(render_release(kept, language))
    if changes is not None:
        session.show(render_file_changes(changes, against or word("release_running", language), language))


@release.command()
def export(context: typer.Context, name: Name, file: Annotated[Path, typer.Argument(metavar="FILE", help="Where it goes: a .zip file.")], language: Lang = "zh") -> None:
    """Write a kept release to a file, to carry it to another machine."""
    session: Session = context.obj
    try:
        found = find_release(name, session.store.names())
        file.write_bytes(session.store.archive(found))
    except ReleaseError as error:
        session.stop(error.detail(language), BAD_INPUT)
    except OSError as error:
        session.stop(f"'{file}' cannot be written: {error.strerror}.", BAD_INPUT)
    session.say(word("release_written", language, release=found, file=file))


@release.command("import")
def import_release(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `shebao release export` wrote.")],
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="What people call it here. (default: as where it was kept)")] = None,
    language: Lang = "zh",
) -> None:
    """Keep a release that was written by `shebao release export`."""
    session: Session = context.obj
    store = session.store
    try:
        data = file.read_bytes()
    except OSError as error:
        session.stop(f"'{file}' cannot be read: {error.strerror}.", BAD_INPUT)
    try:
        manifest, new = store.take(data, file.name)
        wanted = tag if tag is not None else manifest.tag
        if tag is None and wanted is not None and (other := store.tags().get(wanted, manifest.release)) != manifest.release:
            session.say(word("release_tag_elsewhere", language, tag=wanted, release=other))
            wanted = None
        _kept(session, manifest.release, new=new, tag=wanted, language=language)
    except ReleaseError as error:
        session.stop(error.detail(language), BAD_INPUT)


# -- what they share --------------------------------------------------------------------------------


def _kept(session: Session, kept: str, *, new: bool, tag: str | None, language: Language) -> None:
    """Tag a release that is kept now, and say so. Raises ReleaseError."""
    store: ReleaseStore = session.store
    if tag is not None:
        store.tag(kept, tag)
    tags = next(each.tags for each in store.names() if each.release == kept)
    told = word("release_tagged", language, tags=", ".join(tags)) if tags else word("release_untagged", language)
    session.say(word("release_kept" if new else "release_there", language, release=kept, folder=session.releases) + " " + told)


def _as_json(kept: Kept, language: Language) -> dict[str, Any]:
    head: dict[str, Any] = {"id": kept.release, "tag": kept.tags[0] if kept.tags else UNTAGGED, "tags": list(kept.tags)}
    if kept.fault is not None:
        head["error"] = kept.fault.detail(language)
    said = {} if kept.manifest is None else asdict(kept.manifest)
    return head | {name: value for name, value in said.items() if name not in ("release", "tag", "format")}
