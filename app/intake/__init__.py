"""Request bodies to `app.engine.Request`: nothing reaches the engine that this room has not read.

`RequestReader(rulebook).read(body)` takes the bytes a client sent, reads them as strict JSON (bounded size,
depth, digits and text, no duplicate keys), checks them with marshmallow schemas made from the fact
dictionary, and returns a typed request with the trace level wanted; or raises `InputError` with every fault,
each with its JSON pointer. `read_request` does the same in one call. This room knows no web framework.
"""

from .extended import Extended, ExtendedReader
from .fact_json import render_fact
from .faults import FaultList, pointer_to, refusal, shown
from .in_force import founded_by_a_reform, in_force_somewhere, nowhere_in_force
from .members import members_field
from .reader import RequestReader, RulesQuery, read_query, read_reforms, read_request, today_in_china
from .readers import Reader, date_reader, enum_reader, fact_reader, month_reader, number_reader, object_reader, read_boolean, read_region
from .schemas import FIRST_AS_OF, LAST_AS_OF, TypedField, facts_schema, names_reader, names_shape, request_schema
from .simulations import NamedPeople, SimulationReader, SimulationRequest, SyntheticPeople, simulation_schema
from .strict_json import DEFAULT_LIMITS, BodyTooLargeError, JsonError, JsonLimits, read_json, too_large

__all__ = [
    "DEFAULT_LIMITS",
    "FIRST_AS_OF",
    "LAST_AS_OF",
    "BodyTooLargeError",
    "Extended",
    "ExtendedReader",
    "FaultList",
    "JsonError",
    "JsonLimits",
    "NamedPeople",
    "Reader",
    "RequestReader",
    "RulesQuery",
    "SimulationReader",
    "SimulationRequest",
    "SyntheticPeople",
    "TypedField",
    "date_reader",
    "enum_reader",
    "fact_reader",
    "facts_schema",
    "founded_by_a_reform",
    "in_force_somewhere",
    "members_field",
    "month_reader",
    "names_reader",
    "names_shape",
    "nowhere_in_force",
    "number_reader",
    "object_reader",
    "pointer_to",
    "read_boolean",
    "read_json",
    "read_query",
    "read_reforms",
    "read_region",
    "read_request",
    "refusal",
    "render_fact",
    "request_schema",
    "shown",
    "simulation_schema",
    "today_in_china",
    "too_large",
]
