"""Bytes out: JSON answers, cached answers about the rules, and problem documents (RFC 9457)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from flask import Response, request
from werkzeug.http import HTTP_STATUS_CODES

from app import __version__
from app.engine import InputFault, Language

from .languages import language_of_request
from .logs import TRACE_ID

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
CACHE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: the end of its URN, and its title in both languages."""

    name: str
    status: int
    zh: str
    en: str

    def title(self, language: Language) -> str:
        return self.en if language == "en" else self.zh


BAD_JSON = Kind("malformed-body", 400, "请求正文无法读取", "The request body cannot be read")
BAD_QUERY = Kind("invalid-query", 400, "请求参数有误", "The query is not valid")
BAD_INPUT = Kind("invalid-input", 422, "请求内容有误", "The request is not valid")
TOO_LARGE = Kind("body-too-large", 413, "请求正文过大", "The request body is too large")
NOT_JSON = Kind("unsupported-media-type", 415, "请求正文不是 JSON", "The request body is not JSON")
NOT_NDJSON = Kind("unsupported-media-type", 415, "请求正文不是 NDJSON", "The request body is not NDJSON")
NOT_FOUND = Kind("not-found", 404, "没有这个地址", "There is nothing at this address")
NO_SCHEME = Kind("unknown-scheme", 404, "没有这个险种", "There is no such scheme")
NO_SIMULATION = Kind("unknown-simulation", 404, "没有这个测算任务", "There is no such simulation")
NO_SIMULATION_FILE = Kind("unknown-file", 404, "没有这个文件", "There is no such file")
NOT_FINISHED = Kind("not-finished", 409, "测算没有结果", "The simulation has no results")
TOO_MANY = Kind("too-many-simulations", 429, "测算任务过多", "Too many simulations")
SIMULATIONS_OFF = Kind("simulations-off", 503, "无法测算", "Simulations are not available")
NOT_ALLOWED = Kind("method-not-allowed", 405, "此地址不支持该方法", "The method is not allowed here")
NOTHING_ISSUED = Kind("incident", 500, "未作出任何决定", "Nothing was issued")
FAILED = Kind("internal-error", 500, "服务内部出错", "The server failed")
TOO_MANY_BATCHES = Kind("too-many-batches", 429, "批量请求过多", "Too many batches")
BATCH_ENDED = Kind("batch-ended", 503, "批量处理提前结束", "The batch has ended early")
NOT_READY = Kind("not-ready", 503, "服务尚未就绪", "The service is not ready")

# Of the lines of a batch, by what `app.batch` calls a failure.
LINE_KINDS = {kind.name: kind for kind in (BAD_JSON, BAD_INPUT, TOO_LARGE, NOTHING_ISSUED, FAILED)}


def json_answer(value: Any) -> Response:
    """A JSON answer in the language of the request that nobody may keep."""
    return json_bytes(orjson.dumps(value))


def json_bytes(body: bytes) -> Response:
    """The same, of an answer that is JSON text already."""
    return _response(body, 200, JSON, language_of_request(), "no-store")


def cached_answer(release: str, query: Iterable[str], make: Callable[[Language], Any], *, language: Language | None = None) -> Response:
    """An answer about the rules with a strong ETag, made only where the client does not hold it already."""
    language = language or language_of_request()
    etag = _etag(release, request.path, *query, language)
    caching = f"public, max-age={CACHE_SECONDS}"
    if request.if_none_match.contains_weak(etag):
        response = _response(b"", 304, JSON, language, caching)
    else:
        response = _response(orjson.dumps(make(language)), 200, JSON, language, caching)
    response.set_etag(etag)
    return response


def _etag(*parts: str) -> str:
    return hashlib.sha256("\0".join((__version__, *parts)).encode()).hexdigest()[:32]


def answer_headers(content_type: str, language: Language, caching: str) -> list[tuple[str, str]]:
    """The headers of every answer, but for its length."""
    return [
        ("Content-Type", content_type),
        ("Content-Language", language),
        ("Vary", "Accept-Language"),
        ("Cache-Control", caching),
        ("X-Content-Type-Options", "nosniff"),
    ]


def _response(body: bytes, status: int, content_type: str, language: Language, caching: str) -> Response:
    return Response(body, status, answer_headers(content_type, language, caching))


def problem(kind: Kind, zh: str, en: str, faults: Iterable[InputFault] = ()) -> Response:
    """A problem document with its faults, in the language of the request."""
    language = language_of_request()
    return _problem(kind.name, kind.status, kind.title(language), en if language == "en" else zh, faults, language)


def http_problem(status: int) -> Response:
    """A problem document for a status of the web framework that has no kind of its own."""
    title = HTTP_STATUS_CODES.get(status, "Error")
    return _problem(f"http-{status}", status, title, title, (), language_of_request())


def fault_problem(kind: Kind, faults: tuple[InputFault, ...]) -> Response:
    """The problem of a request with faults; they are listed one by one."""
    return problem(kind, *_count_faults(len(faults)), faults)


def problem_document(kind: Kind, faults: tuple[InputFault, ...], language: Language) -> dict[str, Any]:
    """The same as a part of an answer: of one line among others."""
    detail = faults[0].detail(language) if len(faults) == 1 else _count_faults(len(faults))[language == "en"]
    return _document(kind.name, kind.status, kind.title(language), detail, faults, language)


def _count_faults(count: int) -> tuple[str, str]:
    return f"共有 {count} 处需要改正。", "One thing has to be corrected." if count == 1 else f"{count} things have to be corrected."


def _document(name: str, status: int, title: str, detail: str, faults: Iterable[InputFault], language: Language) -> dict[str, Any]:
    return {
        "type": f"urn:shebao:problem:{name}",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [{"pointer": fault.pointer, "code": fault.code, "detail": fault.detail(language)} for fault in faults],
    }


def _problem(name: str, status: int, title: str, detail: str, faults: Iterable[InputFault], language: Language) -> Response:
    document = _document(name, status, title, detail, faults, language)
    document["instance"] = f"urn:shebao:request:{request.environ.get(TRACE_ID, 'unnamed')}"
    return _response(orjson.dumps(document), status, PROBLEM_JSON, language, "no-store")
