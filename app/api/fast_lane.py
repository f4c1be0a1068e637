"""POST /v1/evaluate past the web framework: a request that is in order needs none of it.

Whatever else comes (another address, method or media type, a body without its length, a fault in it, an
failure) goes on to Flask as it came, which answers it in `evaluation` and `errors`. The answer is the same
either way; this lane only saves the framework's share of the time (docs/decisions/0012-fast-lane.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from app.engine import answer_json
from app.intake import read_json

from .answers import JSON, answer_headers
from .languages import preferred_language
from .request_log import ROUTE
from .service import Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/v1/evaluate"


class _NotHere(Exception):
    """The request names a release by something else than the running one's id."""


class FastLane:
    """A WSGI application in front of another, for the one call that is made by the million."""

    def __init__(self, application: WSGIApplication, service: Service, max_body: int) -> None:
        self._application = application
        self._service = service
        self._max_body = max_body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != PATH or not self._is_plain(environ):
            return self._application(environ, start_response)
        body: bytes = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        language = preferred_language(environ)
        try:
            value = read_json(body, self._service.reader.limits)
            if value.__class__ is dict and value.get("release") not in (None, self._service.release):
                raise _NotHere
            request, trace = self._service.reader.read_value(value)
            answer = answer_json(self._service.engine.evaluate(request), language, trace)
        except Exception:  # another release, a fault of the request, an incident, a failure: Flask meets it again and answers it
            environ["wsgi.input"] = BytesIO(body)
            return self._application(environ, start_response)
        environ[ROUTE] = PATH
        start_response("200 OK", [*answer_headers(JSON, language, "no-store"), ("Content-Length", str(len(answer)))])
        return [answer]

    def _is_plain(self, environ: WSGIEnvironment) -> bool:
        """Whether a request is an uncompressed JSON POST of a stated length within bounds."""
        length = environ.get("CONTENT_LENGTH", "")
        return (
            environ["REQUEST_METHOD"] == "POST"
            and environ.get("CONTENT_TYPE") == JSON
            and "HTTP_CONTENT_ENCODING" not in environ
            and length.isascii()
            and length.isdigit()
            and int(length) <= self._max_body
        )
