"""Bodies that ask a case with something more: the fields of POST /v1/evaluate, and a call's own beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from app.engine import InputError, InputFault, Request

from .faults import FaultList, missing_field, null_value, pointer_to
from .json_schema import Json
from .reader import RequestReader
from .schemas import TypedField
from .strict_json import read_json


@dataclass(frozen=True, slots=True)
class Extended:
    """A case, and what was said in the call's own fields (every one of them, with its default)."""

    request: Request
    own: Mapping[str, Any]


class ExtendedReader:
    """Reads bodies of one call. `own` are its fields beside the case's; `without` are fields of a case it does not take.

    `fill` are fields of a case with what stands for them where a body leaves them out.
    """

    def __init__(
        self, cases: RequestReader, own: Mapping[str, TypedField], without: tuple[str, ...] = ("trace",), fill: Mapping[str, Any] | None = None
    ) -> None:
        self.cases = cases
        self.own = dict(own)
        self._without = frozenset(without)
        self._fill = dict(fill or {})

    def read(self, body: bytes) -> Extended:
        """Read a body. Raises JsonError where it is not JSON, else InputError with every fault."""
        return self.read_value(read_json(body, self.cases.limits))

    def read_value(self, value: Any) -> Extended:
        """Read a body that is already JSON values. Raises InputError with every fault."""
        if value.__class__ is not dict:
            raise InputError([InputFault("", "wrong_type", "正文应为 JSON 对象。", "the body must be a JSON object.")])
        faults = FaultList()
        own = self._read_own(value, faults)
        case = {**self._fill, **{name: each for name, each in value.items() if name not in self.own}}
        for name in sorted(self._without & set(case)):
            faults.unknown_field(name, (*self.own, *self.fields()), pointer_to(name))
            del case[name]
        request: Request | None = None
        try:
            request, _ = self.cases.read_value(case)
        except InputError as error:
            for fault in error.faults:
                faults.add(fault)
        if faults.faults or request is None:
            raise InputError(faults.faults)
        return Extended(request, own)

    def fields(self) -> list[str]:
        """The fields of a case that this call takes."""
        return [name for name in self.cases.schema.fields if name not in self._without]

    def shape(self) -> Json:
        """The body as JSON Schema; the case's fields are those of the component `Request`."""
        properties: Json = {name: {"$ref": f"#/components/schemas/Request/properties/{name}"} for name in self.fields()}
        properties |= {name: field.shape for name, field in self.own.items()}
        required = [name for name, field in {**self.cases.schema.fields, **self.own}.items() if field.required and name in properties and name not in self._fill]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

    def _read_own(self, value: Mapping[str, Any], faults: FaultList) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, field in self.own.items():
            if name not in value:
                if field.required:
                    faults.add(missing_field(pointer_to(name)))
                else:
                    default = field.load_default
                    found[name] = default() if callable(default) else default
            elif value[name] is None:
                faults.add(null_value(pointer_to(name)))
            else:
                try:
                    found[name] = field.read(value[name])
                except ValidationError as error:
                    faults.extend(error, pointer_to(name))
        return found
