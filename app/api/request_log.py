"""Around every request: a name for it, the name in the answer, and one line in the log.

It stands outside Flask, where it costs least and also sees what Flask itself refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any

from flask import Request

from .logs import TRACE_HEADER, TRACE_ID, Log, trace_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


# Where a request's environment keeps the Flask request it became, or the route it took without Flask.
_REQUEST = "shebao.request"
ROUTE = "shebao.route"


class KnownRequest(Request):
    """A Flask request that its environment knows, so that the log can tell the route it took."""

    def __init__(self, environ: WSGIEnvironment, *arguments: Any, **options: Any) -> None:
        super().__init__(environ, *arguments, **options)
        environ[_REQUEST] = self


class RequestLog:
    """A WSGI application around another. Logs the route, never the words: no path, no query, no body."""

    def __init__(self, application: WSGIApplication, log: Log) -> None:
        self._application = application
        self._log = log

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        began = perf_counter()
        name = environ[TRACE_ID] = trace_id(environ.get("HTTP_X_REQUEST_ID"))
        answered = "500"

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            nonlocal answered
            answered = status
            headers.append((TRACE_HEADER, name))
            return start_response(status, headers, *exc_info)

        try:
            return self._application(environ, start)
        finally:
            self._log.info(
                "request",
                trace_id=name,
                method=environ["REQUEST_METHOD"],
                route=_route(environ),
                status=int(answered[:3]),
                ms=round((perf_counter() - began) * 1000, 2),
            )


def _route(environ: WSGIEnvironment) -> str | None:
    if ROUTE in environ:
        return str(environ[ROUTE])
    request = environ.get(_REQUEST)
    rule = None if request is None else request.url_rule
    return None if rule is None else str(rule.rule)
