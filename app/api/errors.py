"""Every error as a problem document; what failed inside is logged without the data it failed on."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge, UnsupportedMediaType

from app.engine import Incident, InputError
from app.intake import BodyTooLargeError, JsonError, too_large

from .answers import (
    BAD_INPUT,
    BAD_JSON,
    FAILED,
    NOT_ALLOWED,
    NOT_FOUND,
    NOT_JSON,
    NOT_NDJSON,
    NOTHING_ISSUED,
    TOO_LARGE,
    fault_problem,
    http_problem,
    problem,
)
from .batch import PATH as BATCH
from .logs import TRACE_ID, where
from .service import service


def register_errors(app: Flask) -> None:
    app.register_error_handler(InputError, _bad_input)
    app.register_error_handler(Incident, _incident)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failure)


def _bad_input(error: InputError) -> Response:
    if isinstance(error, BodyTooLargeError):
        return fault_problem(TOO_LARGE, error.faults)
    return fault_problem(BAD_JSON if isinstance(error, JsonError) else BAD_INPUT, error.faults)


def _incident(error: Incident) -> Response:
    service().log.error("incident", trace_id=request.environ.get(TRACE_ID), where=where(error))
    zh = "两次独立判定不一致，因此没有给出任何结果。请把请求编号告知维护人员。"
    en = "Two independent decisions disagree, so nothing was issued. Please give the maintainers the request's id."
    return problem(NOTHING_ISSUED, zh, en)


def _http_error(error: HTTPException) -> Response:
    if isinstance(error, RequestEntityTooLarge):
        return _bad_input(too_large(service().batch.max_bytes if request.path == BATCH else service().reader.limits.size))
    if isinstance(error, UnsupportedMediaType):
        if request.path == BATCH:
            zh = "请以 Content-Type: application/x-ndjson 发送，每行一个案例；可用 Content-Encoding: gzip 压缩。"
            return problem(NOT_NDJSON, zh, "Send a case a line with Content-Type: application/x-ndjson; Content-Encoding: gzip is taken.")
        zh = "请以 Content-Type: application/json 发送未压缩的 JSON。"
        return problem(NOT_JSON, zh, "Send uncompressed JSON with Content-Type: application/json.")
    if isinstance(error, NotFound):
        return problem(NOT_FOUND, "请核对地址；全部地址见 / 与 /openapi.json。", "Check the address; / and /openapi.json list all there are.")
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        response = problem(NOT_ALLOWED, f"此地址支持：{allowed}。", f"This address takes {allowed}.")
        response.headers["Allow"] = allowed
        return response
    return http_problem(error.code or 500)


def _failure(error: Exception) -> Response:
    service().log.error("failure", trace_id=request.environ.get(TRACE_ID), error=type(error).__name__, where=where(error))
    zh = "没有给出任何结果。请稍后再试，或把请求编号告知维护人员。"
    return problem(FAILED, zh, "Nothing was issued. Try again later, or give the maintainers the request's id.")
