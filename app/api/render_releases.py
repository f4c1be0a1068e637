"""The releases that a server answers from, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.engine import Language
from app.releases import UNTAGGED, Called, ReleaseError

from .service import Service

Json = dict[str, Any]


def marks(served: Service) -> Iterator[str]:
    """What is another where another list would be rendered."""
    known, error = _known(served)
    for each in known:
        yield f"{each} {served.desks.store.mark(each.release)}"
    if error is not None:
        yield error.en


def render_releases(served: Service, language: Language) -> Json:
    """The running one first; of a kept one what its manifest says, or what is wrong with it; `error` where the store cannot be read."""
    known, error = _known(served)
    lines = [_running(served, each) if each.release == served.release else _kept(served, each, language) for each in known]
    return {"releases": lines, **({} if error is None else {"error": error.detail(language)})}


def _known(served: Service) -> tuple[tuple[Called, ...], ReleaseError | None]:
    try:
        return served.desks.known(), None
    except ReleaseError as error:
        return (Called(served.release, (served.rulebook.tag,)),), error


def _running(served: Service, called: Called) -> Json:
    book = served.rulebook
    return {
        **_head(called, running=True),
        "tag": book.tag,
        "schemes": book.scheme_ids(),
        "regions": book.regions(),
        "reforms": book.proposals(),
    }


def _kept(served: Service, called: Called, language: Language) -> Json:
    kept = served.desks.store.kept(called)
    head = {**_head(called, running=False), "tag": called.tags[0] if called.tags else UNTAGGED}
    said = kept.manifest
    if said is None:
        return {**head, "schemes": [], "regions": [], "reforms": [], "error": "" if kept.fault is None else kept.fault.detail(language)}
    return {**head, "kept": said.kept, "schemes": list(said.schemes), "regions": list(said.regions), "reforms": list(said.reforms)}


def _head(called: Called, *, running: bool) -> Json:
    return {"id": called.release, "tags": list(called.tags), "running": running}
