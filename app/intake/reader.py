"""A request body read whole: strict JSON, then the schema, then the engine's request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, cast
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError

from app.engine import InputError, InputFault, Request, TraceLevel
from app.language import NATION, Rulebook

from .faults import FaultList, pointer_to
from .readers import Reader, date_reader, read_region
from .schemas import FIRST_AS_OF, LAST_AS_OF, MAX_REFORMS, TypedField, names_reader, request_schema, unknown_reform
from .strict_json import DEFAULT_LIMITS, JsonLimits, read_json

CHINA = ZoneInfo("Asia/Shanghai")


def today_in_china() -> date:
    """The day it is in Shanghai, on which a request without `as_of` is asked."""
    return datetime.now(CHINA).date()


class RequestReader:
    """Reads request bodies for one rulebook. Built once; immutable and safe to share between threads."""

    def __init__(self, rulebook: Rulebook, limits: JsonLimits = DEFAULT_LIMITS, today: Callable[[], date] = today_in_china) -> None:
        self.limits = limits
        self.schema: Schema = request_schema(rulebook, today)
        self._names = tuple(self.schema.fields)
        declared = {name: cast(TypedField, field) for name, field in self.schema.fields.items()}
        self._readers = {name: field.read for name, field in declared.items()}
        self._required = tuple(name for name, field in declared.items() if field.required)
        self._defaults = tuple((name, field.load_default) for name, field in declared.items() if not field.required)

    def read(self, body: bytes) -> tuple[Request, TraceLevel]:
        """Read a body of POST /v1/evaluate. Raises JsonError where it is not JSON, else InputError with every fault."""
        return self.read_value(read_json(body, self.limits))

    def read_value(self, value: Any) -> tuple[Request, TraceLevel]:
        """Read a body that is already JSON values. Raises InputError with every fault."""
        if value.__class__ is not dict:
            raise InputError([InputFault("", "wrong_type", "正文应为 JSON 对象。", "the body must be a JSON object.")])
        loaded = self._read_quickly(value)
        if loaded is None:
            try:
                loaded = cast(dict[str, Any], self.schema.load(value))
            except ValidationError as error:
                raise InputError(self._faults(error)) from None
        request = Request(
            as_of=loaded["as_of"],
            schemes=loaded["schemes"],
            facts=loaded["facts"],
            region=loaded["region"],
            reforms=loaded["reforms"],
            given=loaded["given"],
            assumptions=loaded["assumptions"],
        )
        return request, loaded["trace"]

    def _read_quickly(self, value: dict[str, Any]) -> dict[str, Any] | None:
        """A request without a fault, by the schema's own readers; None where the schema has to say what is wrong."""
        try:
            found = {name: self._readers[name](each) for name, each in value.items()}
        except (KeyError, ValidationError):
            return None
        if any(name not in found for name in self._required):
            return None
        for name, default in self._defaults:
            if name not in found:
                found[name] = default() if callable(default) else default
        return found

    def _faults(self, error: ValidationError) -> list[InputFault]:
        faults = FaultList()
        messages = cast(dict[str, Any], error.messages)
        for name, found in messages.items():
            if name in self._names:
                faults.extend(ValidationError(found), pointer_to(name))
            else:
                faults.unknown_field(name, self._names, pointer_to(name))
        return faults.faults


def read_request(body: bytes, rulebook: Rulebook) -> tuple[Request, TraceLevel]:
    """Read one body. Raises InputError with every fault. Who reads many keeps a RequestReader instead."""
    return RequestReader(rulebook).read(body)


class RulesQuery(NamedTuple):
    """Which rules a URL asks for; `release` by whatever name, None for the running one; `reforms` as they were written."""

    as_of: date
    region: str
    release: str | None
    reforms: str


def read_query(parameters: Mapping[str, list[str]]) -> RulesQuery:
    """Read `as_of`, `region`, `release` and `reforms` of a URL's query. Raises InputError; pointers name the parameter."""
    faults = FaultList()
    found: dict[str, Any] = {"as_of": None, "region": NATION, "release": None, "reforms": ""}
    readers: dict[str, Reader] = {"as_of": date_reader(FIRST_AS_OF, LAST_AS_OF), "region": read_region, "release": str, "reforms": str}
    for name, values in parameters.items():
        pointer = pointer_to(name)
        if name not in readers:
            faults.unknown_field(name, readers, pointer)
        elif len(values) > 1:
            faults.add(InputFault(pointer, "repeated", "此参数只能给一次。", "may be given once only."))
        else:
            try:
                found[name] = readers[name](values[0])
            except ValidationError as error:
                faults.extend(error, pointer)
    if faults.faults:
        raise InputError(faults.faults)
    return RulesQuery(found["as_of"] or today_in_china(), found["region"], found["release"], found["reforms"])


def read_reforms(written: str, rulebook: Rulebook) -> tuple[str, ...]:
    """Names of proposals with commas between them, as a URL writes them. Raises InputError."""
    faults = FaultList()
    try:
        names: tuple[str, ...] = names_reader(tuple(rulebook.proposals()), 0, MAX_REFORMS, unknown_reform)(written.split(",") if written else [])
    except ValidationError as error:
        faults.extend(error, pointer_to("reforms"))
        raise InputError(faults.faults) from None
    return names
