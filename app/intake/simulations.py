"""The body of POST /v1/simulations: what is asked of a population, and which population."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from marshmallow import Schema, ValidationError

from app.engine import InputError, InputFault
from app.language import NATION, Rulebook

from .faults import FaultList, pointer_to, refusal, shown
from .in_force import founded_by_a_reform, nowhere_in_force
from .json_schema import Json, assumptions_shape
from .reader import today_in_china
from .readers import Reader, date_reader, enum_reader, number_reader, object_reader, read_boolean, read_region
from .schemas import (
    FIRST_AS_OF,
    LAST_AS_OF,
    MAX_REFORMS,
    MAX_SCHEMES,
    ClosedSchema,
    TypedField,
    assumptions_reader,
    names_reader,
    names_shape,
    unknown_reform,
    unknown_scheme,
)
from .strict_json import DEFAULT_LIMITS, JsonLimits, read_json

DEFAULT_SEED = 1
LARGEST_SEED = 2**31 - 1
DEFAULT_SAMPLE = 20_000
LARGEST_AMOUNT = Decimal(1_000_000)
# Of people drawn anew both are so unless it is said otherwise: their incomes are disposable, and what they do not have is left out.
_CHOICES = {
    "income_has_benefits": "The population's incomes hold the baseline's benefits already. Default: true for people drawn anew, else false.",
    "undetermined_as_nothing": "In comparisons and incomes, who is undetermined is paid nothing. Default: true for people drawn anew, else false.",
}


@dataclass(frozen=True, slots=True)
class SyntheticPeople:
    """People drawn anew: so many, the same for the same seed."""

    size: int
    seed: int = DEFAULT_SEED


@dataclass(frozen=True, slots=True)
class NamedPeople:
    """A population that the server keeps, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class NextYuan:
    """Ask also what a step more of a fact does to benefits, of a sample of the people."""

    fact: str
    step: Decimal = Decimal(1)
    sample: int = DEFAULT_SAMPLE


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """A simulation that was asked for. `reforms` and `against_as_of` say what the baseline is compared with.

    `income_has_benefits` and `undetermined_as_nothing` are None where nothing was said of them; `choice` tells what then holds.
    """

    as_of: date
    schemes: tuple[str, ...]
    people: SyntheticPeople | NamedPeople
    region: str = NATION
    reforms: tuple[str, ...] = ()
    against_as_of: date | None = None
    assumptions: Mapping[str, Decimal | bool] = field(default_factory=dict)
    poverty_line: Decimal | None = None
    next_yuan: NextYuan | None = None
    income_has_benefits: bool | None = None
    undetermined_as_nothing: bool | None = None

    def choice(self, stated: bool | None) -> bool:
        """What holds of one of them."""
        return isinstance(self.people, SyntheticPeople) if stated is None else stated

    def to_json(self) -> dict[str, Any]:
        """The request as a body that `SimulationReader` reads to the same request."""
        people = self.people
        body: dict[str, Any] = {
            "as_of": self.as_of.isoformat(),
            "region": self.region,
            "schemes": list(self.schemes),
            "reforms": list(self.reforms),
            "assumptions": {name: value if isinstance(value, bool) else format(value, "f") for name, value in self.assumptions.items()},
            "population": {"name": people.name} if isinstance(people, NamedPeople) else {"size": people.size, "seed": people.seed},
        }
        if self.against_as_of is not None:
            body["against_as_of"] = self.against_as_of.isoformat()
        if self.poverty_line is not None:
            body["poverty_line"] = format(self.poverty_line, "f")
        for name in _CHOICES:
            if getattr(self, name) is not None:
                body[name] = getattr(self, name)
        if self.next_yuan is not None:
            body["next_yuan"] = {"fact": self.next_yuan.fact, "step": format(self.next_yuan.step, "f"), "sample": self.next_yuan.sample}
        return body


class SimulationReader:
    """Reads bodies of POST /v1/simulations for one rulebook; `max_size` is how many people may be drawn."""

    def __init__(self, rulebook: Rulebook, max_size: int, limits: JsonLimits = DEFAULT_LIMITS, today: Callable[[], date] = today_in_china) -> None:
        self._rulebook = rulebook
        self._limits = limits
        self.schema = simulation_schema(rulebook, max_size, today)

    def read(self, body: bytes) -> SimulationRequest:
        """Read a body. Raises JsonError where it is not JSON, else InputError with every fault."""
        return self.read_value(read_json(body, self._limits))

    def read_value(self, value: Any) -> SimulationRequest:
        """Read a body that is already JSON values. Raises InputError with every fault."""
        if value.__class__ is not dict:
            raise InputError([InputFault("", "wrong_type", "正文应为 JSON 对象。", "the body must be a JSON object.")])
        try:
            loaded = cast(dict[str, Any], self.schema.load(value))
        except ValidationError as error:
            raise InputError(self._faults(error)) from None
        request = SimulationRequest(people=loaded.pop("population"), **loaded)
        faults = self._absent(request)
        if faults:
            raise InputError(faults)
        return request

    def _absent(self, request: SimulationRequest) -> list[InputFault]:
        """A fault for each scheme that a law compared does not have; one that a reform founds has to be in the reform's only."""
        sides = [nowhere_in_force(self._rulebook, request.as_of, request.schemes, (), request.region)]
        if request.against_as_of is not None or request.reforms:
            day = request.against_as_of or request.as_of
            sides.append(nowhere_in_force(self._rulebook, day, request.schemes, request.reforms, request.region))
        everywhere = set.intersection(*({fault.pointer for fault in faults} for faults in sides))
        new = {f"/schemes/{index}" for index, scheme in enumerate(request.schemes) if founded_by_a_reform(self._rulebook, scheme)}
        found = [fault for faults in sides for fault in faults if fault.pointer in everywhere or fault.pointer not in new]
        return list({fault.pointer: fault for fault in reversed(found)}.values())[::-1]

    def _faults(self, error: ValidationError) -> list[InputFault]:
        faults = FaultList()
        for name, found in cast(dict[str, Any], error.messages).items():
            if name in self.schema.fields:
                faults.extend(ValidationError(found), pointer_to(name))
            else:
                faults.unknown_field(name, self.schema.fields, pointer_to(name))
        return faults.faults


def simulation_schema(rulebook: Rulebook, max_size: int, today: Callable[[], date]) -> Schema:
    """The body of POST /v1/simulations; `today` is called for a request that does not say `as_of`."""
    schemes, proposals = tuple(rulebook.scheme_ids()), tuple(rulebook.proposals())
    numbers = [name for name, fact in rulebook.facts.facts.items() if fact.kind in ("number", "whole")]
    day: Json = {"type": "string", "format": "date"}
    region: Json = {"type": "string", "pattern": "^[0-9]{6}$", "default": NATION}
    read_day = date_reader(FIRST_AS_OF, LAST_AS_OF)
    made: dict[str, Any] = {
        "as_of": TypedField(read_day, day, load_default=today),
        "against_as_of": TypedField(read_day, {**day, "description": "Compare with the law of this day."}),
        "region": TypedField(read_region, {**region, "description": "The region of people without one."}, load_default=NATION),
        "schemes": TypedField(names_reader(schemes, 1, MAX_SCHEMES, unknown_scheme), names_shape(schemes, 1, MAX_SCHEMES), required=True),
        "reforms": TypedField(names_reader(proposals, 0, MAX_REFORMS, unknown_reform), names_shape(proposals, 0, MAX_REFORMS), load_default=()),
        "assumptions": TypedField(assumptions_reader(rulebook.facts), assumptions_shape(rulebook.facts), load_default=dict),
        "population": TypedField(_people_reader(max_size), _people_shape(max_size), required=True),
        "poverty_line": TypedField(_amount, {**_AMOUNT_SHAPE, "description": "Yuan a month; half of the median if left out."}),
        **{name: TypedField(read_boolean, {"type": "boolean", "description": text}) for name, text in _CHOICES.items()},
        "next_yuan": TypedField(_next_yuan_reader(numbers, max_size), _next_yuan_shape(numbers, max_size)),
    }
    return ClosedSchema.from_dict(made, name="SimulationRequest")()


# -- the population ---------------------------------------------------------------------------------

_NAME_SHAPE: Json = {"type": "string", "minLength": 1, "maxLength": 100}
_amount = number_reader(Decimal("0.01"), LARGEST_AMOUNT, 2)
_AMOUNT_SHAPE: Json = {
    "type": ["string", "integer"],
    "pattern": r"^[0-9]{1,7}(\.[0-9]{1,2})?$",
    "minimum": 1,
    "maximum": int(LARGEST_AMOUNT),
    "examples": ["1"],
}


def _whole_reader(low: int, high: int) -> Reader:
    read = number_reader(Decimal(low), Decimal(high), 0)
    return lambda value: int(read(value))


def _whole_shape(low: int, high: int, default: int | None = None) -> Json:
    shape: Json = {"type": "integer", "minimum": low, "maximum": high}
    return shape if default is None else {**shape, "default": default}


def _name(value: Any) -> str:
    if value.__class__ is not str or not 1 <= len(value) <= _NAME_SHAPE["maxLength"]:
        raise refusal("wrong_type", "应为人口数据的名称（文字）。", "must be the name of a population, as text.")
    return str(value)


def _people_reader(max_size: int) -> Reader:
    drawn = object_reader({"size": _whole_reader(1, max_size), "seed": _whole_reader(0, LARGEST_SEED)}, ("size",))
    named = object_reader({"name": _name}, ("name",))

    def read(value: Any) -> SyntheticPeople | NamedPeople:
        if value.__class__ is dict and "name" in value:
            if "size" in value or "seed" in value:
                zh, en = "name 与 size、seed 不能同时给出。", "give either name, or size and seed."
                raise refusal("one_of", zh, en)
            return NamedPeople(**named(value))
        return SyntheticPeople(**drawn(value))

    return read


def _people_shape(max_size: int) -> Json:
    drawn = {"size": _whole_shape(1, max_size), "seed": _whole_shape(0, LARGEST_SEED, DEFAULT_SEED)}
    return {
        "description": "People drawn anew (size, seed), or a population that the server keeps (name).",
        "oneOf": [
            {"type": "object", "properties": drawn, "required": ["size"], "additionalProperties": False},
            {"type": "object", "properties": {"name": _NAME_SHAPE}, "required": ["name"], "additionalProperties": False},
        ],
    }


def _next_yuan_reader(facts: list[str], max_size: int) -> Reader:
    known = enum_reader(facts)

    def fact(value: Any) -> str:
        try:
            return str(known(value))
        except ValidationError:
            zh = f"'{shown(str(value))}' 不是数值型事实。" + (f"可选：{'、'.join(facts)}。" if facts else "")
            raise refusal("unknown_value", zh, f"'{shown(str(value))}' is no fact that is a number. There are: {', '.join(facts)}.") from None

    read = object_reader({"fact": fact, "step": _amount, "sample": _whole_reader(1, max_size)}, ("fact",))
    return lambda value: NextYuan(**read(value))


def _next_yuan_shape(facts: list[str], max_size: int) -> Json:
    fact: Json = {"type": "string", "enum": facts} if facts else {"type": "string"}
    members = {"fact": fact, "step": {**_AMOUNT_SHAPE, "default": "1"}, "sample": _whole_shape(1, max_size, min(DEFAULT_SAMPLE, max_size))}
    description = "Ask also what a step more of this fact does to benefits (benefit cliffs)."
    return {"type": "object", "description": description, "properties": members, "required": ["fact"], "additionalProperties": False}
