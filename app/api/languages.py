"""Which language an answer is in: zh unless the client prefers en."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from flask import request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.engine import Language

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_MAX_HEADER = 200


def language_of_request() -> Language:
    """The language of the request that is being answered."""
    return preferred_language(request.environ)


def preferred_language(environ: WSGIEnvironment) -> Language:
    """The language a WSGI environment asks for."""
    header = environ.get("HTTP_ACCEPT_LANGUAGE")
    return "zh" if not header else preferred(header[:_MAX_HEADER])


@lru_cache(maxsize=256)
def preferred(header: str) -> Language:
    """The better of zh and en for an Accept-Language header; zh where it names neither."""
    # Not best_match: that puts a mere "en" before a preferred "zh-CN".
    for tag, quality in parse_accept_header(header, LanguageAccept):
        language = tag.lower().partition("-")[0]
        if language in ("zh", "en") and quality > 0:
            return "en" if language == "en" else "zh"
    return "zh"
