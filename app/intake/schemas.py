"""marshmallow schemas made from the fact dictionary: the facts, and the request around them.

A field carries its reader and its JSON Schema, so that what is checked and what the OpenAPI document says
come from one place. `facts` is read by one loop over what was given, not by a field per declared fact:
that keeps a request's cost independent of how many facts the dictionary declares.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from app.engine import TraceLevel
from app.language import NATION, Assumption, Fact, FactDictionary, Rulebook

from .faults import FaultList, missing_field, null_value, pointer_to, refusal, shown
from .json_schema import Json, assumptions_shape, fact_shape
from .readers import Reader, date_reader, enum_reader, fact_reader, number_reader, object_reader, read_boolean, read_region, record_reader

MAX_SCHEMES = 60
MAX_REFORMS = 10
MAX_GIVEN = 100
MAX_GIVEN_ROWS = 200
MAX_NAME = 100
RATE_DECIMALS = 8
RELEASE_MEANING = "The release that answers, as GET /v1/releases lists them: its id, at least 8 first characters of it, a tag, or `running`; the running one if left out"
FIRST_AS_OF = date(1949, 10, 1)
LAST_AS_OF = date(2199, 12, 31)
TRACE_LEVELS: tuple[TraceLevel, ...] = ("full", "summary", "none")


class TypedField(fields.Field[Any]):
    """A marshmallow field that reads with a reader made beforehand and knows its own JSON Schema."""

    def __init__(self, read: Reader, shape: Json, **options: Any) -> None:
        super().__init__(**options)
        self.read = read
        self.shape = shape

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return self.read(value)

    def make_error(self, key: str, **_: Any) -> ValidationError:
        return ValidationError([missing_field("") if key == "required" else null_value()])


class ClosedSchema(Schema):
    """A schema that takes the fields it declares and no others."""

    class Meta:
        unknown = RAISE


def fact_field(fact: Fact) -> TypedField:
    """The field of one declared fact."""
    return TypedField(fact_reader(fact), fact_shape(fact))


def facts_schema(dictionary: FactDictionary) -> Schema:
    """The dictionary as a marshmallow schema, a field per fact."""
    made: dict[str, Any] = {name: fact_field(fact) for name, fact in dictionary.facts.items()}
    return ClosedSchema.from_dict(made, name="Facts")()


def request_schema(rulebook: Rulebook, today: Callable[[], date]) -> Schema:
    """The body of POST /v1/evaluate; `today` is called for a request that does not say `as_of`."""
    dictionary = rulebook.facts
    schemes, proposals = tuple(rulebook.scheme_ids()), tuple(rulebook.proposals())
    made: dict[str, Any] = {
        "as_of": TypedField(date_reader(FIRST_AS_OF, LAST_AS_OF), {"type": "string", "format": "date"}, load_default=today),
        "region": TypedField(read_region, {"type": "string", "pattern": "^[0-9]{6}$"}, load_default=NATION),
        "release": TypedField(
            _release_reader(rulebook),
            {"type": ["string", "null"], "maxLength": MAX_NAME, "description": RELEASE_MEANING, "default": None, "examples": [rulebook.release]},
            load_default=None,
            allow_none=True,
        ),
        "reforms": TypedField(names_reader(proposals, 0, MAX_REFORMS, unknown_reform), names_shape(proposals, 0, MAX_REFORMS), load_default=()),
        "schemes": TypedField(names_reader(schemes, 1, MAX_SCHEMES, unknown_scheme), names_shape(schemes, 1, MAX_SCHEMES), required=True),
        "trace": TypedField(enum_reader(TRACE_LEVELS), {"type": "string", "enum": list(TRACE_LEVELS), "default": "summary"}, load_default="summary"),
        "given": TypedField(read_given_figures, _GIVEN_SHAPE, load_default=dict),
        "assumptions": TypedField(assumptions_reader(dictionary), assumptions_shape(dictionary), load_default=dict),
        "facts": TypedField(record_reader(dictionary.facts.values()), {"$ref": "#/components/schemas/Facts"}, load_default=dict),
    }
    return ClosedSchema.from_dict(made, name="Request")()


# -- names of schemes and reforms -------------------------------------------------------------------


def unknown_scheme(name: str, known: tuple[str, ...]) -> ValidationError:
    zh = f"没有险种 '{shown(name)}'。现有：{'、'.join(known)}。"
    return refusal("unknown_scheme", zh, f"there is no scheme '{shown(name)}'. There are: {', '.join(known)}.")


def unknown_reform(name: str, known: tuple[str, ...]) -> ValidationError:
    zh = f"没有名为 '{shown(name)}' 的改革方案。" + (f"现有：{'、'.join(known)}。" if known else "")
    return refusal("unknown_reform", zh, f"there is no reform '{shown(name)}'." + (f" There are: {', '.join(known)}." if known else ""))


def names_reader(known: tuple[str, ...], least: int, most: int, unknown: Callable[[str, tuple[str, ...]], ValidationError]) -> Reader:
    """A list of different known names, as a tuple."""
    allowed = frozenset(known)

    def read(value: Any) -> tuple[str, ...]:
        if value.__class__ is not list:
            raise refusal("wrong_type", "应为名称的列表 [ … ]。", "must be a list of names.")
        if not least <= len(value) <= most:
            raise refusal("wrong_length", f"应有 {least} 至 {most} 项。", f"must have {least} to {most} items.")
        faults = FaultList()
        seen: set[str] = set()
        for index, name in enumerate(value):
            if name.__class__ is not str:
                faults.extend(refusal("wrong_type", "应为名称（文字）。", "must be a name, as text."), f"/{index}")
            elif name not in allowed:
                faults.extend(unknown(name, known), f"/{index}")
            elif name in seen:
                faults.extend(refusal("repeated", f"'{name}' 重复。请只写一次。", f"'{name}' is repeated. Name it once."), f"/{index}")
            else:
                seen.add(name)
        faults.refuse()
        return tuple(value)

    return read


def names_shape(known: tuple[str, ...], least: int, most: int) -> Json:
    item: Json = {"type": "string", "enum": list(known)} if known else {"type": "string"}
    shape: Json = {"type": "array", "items": item, "minItems": least, "maxItems": most if known else 0, "uniqueItems": True}
    return shape if least else {**shape, "default": []}


def _release_reader(rulebook: Rulebook) -> Reader:
    """The name of the rulebook's own release; whoever answers from several has found the rulebook by it before."""

    def read(value: Any) -> str:
        if value.__class__ is str and value in (rulebook.release, rulebook.tag):
            return rulebook.release
        zh = f"此处只能按版本 {rulebook.release}（{rulebook.tag}）解答。请用它，或省去此项。"
        raise refusal("unknown_release", zh, f"here is answered from release {rulebook.release} ({rulebook.tag}). Name it, or leave this out.")

    return read


# -- given figures and assumptions ------------------------------------------------------------------

_GIVEN_FIGURE: Json = {"type": ["string", "integer", "boolean"], "maxLength": 1000}
_GIVEN_SHAPE: Json = {
    "type": "object",
    "description": "Known figures by the name of the definition or parameter they replace; a parameter's figures by key.",
    "maxProperties": MAX_GIVEN,
    "propertyNames": {"maxLength": MAX_NAME},
    "additionalProperties": {"anyOf": [_GIVEN_FIGURE, {"type": "object", "maxProperties": MAX_GIVEN_ROWS, "additionalProperties": _GIVEN_FIGURE}]},
    "default": {},
}


def read_given_figures(value: Any) -> dict[str, Any]:
    """`given`, bounded but still without meaning: the engine knows the names and types of a day and place."""
    if value.__class__ is not dict:
        raise refusal("wrong_type", "应为对象（{名称: 数值}）。", "must be an object of names and figures.")
    if len(value) > MAX_GIVEN:
        raise refusal("too_many_items", f"至多 {MAX_GIVEN} 项。", f"may have at most {MAX_GIVEN} entries.")
    faults = FaultList()
    for name, figure in value.items():
        if len(name) > MAX_NAME:
            fault = refusal("text_too_long", f"名称至多 {MAX_NAME} 个字符。", f"a name has at most {MAX_NAME} characters.")
            faults.extend(fault, pointer_to(shown(name)))
        elif figure.__class__ is dict:
            _check_rows(name, figure, faults)
        else:
            _check_figure(figure, pointer_to(name), faults)
    faults.refuse()
    return dict(value)


def _check_rows(name: str, rows: dict[str, Any], faults: FaultList) -> None:
    if len(rows) > MAX_GIVEN_ROWS:
        faults.extend(refusal("too_many_items", f"至多 {MAX_GIVEN_ROWS} 行。", f"may have at most {MAX_GIVEN_ROWS} rows."), pointer_to(name))
        return
    for key, figure in rows.items():
        _check_figure(figure, pointer_to(name, shown(key)), faults)


def _check_figure(figure: Any, pointer: str, faults: FaultList) -> None:
    if figure.__class__ is Decimal:
        zh = "带小数的数请写成文字，如 \"1.0873\"，以保证精确。"
        faults.extend(refusal("fraction", zh, 'numbers with decimals are written as text, such as "1.0873", so that they stay exact.'), pointer)
    elif figure is None:
        faults.add(null_value(pointer))
    elif figure.__class__ not in (str, int, bool):
        zh = "应为一个数值（文字、整数、true 或 false），或按键列出的数值。"
        faults.extend(refusal("wrong_type", zh, "must be one figure (text, an integer, true or false), or figures by key."), pointer)


def assumption_reader(assumption: Assumption) -> Reader:
    if assumption.kind == "boolean":
        return read_boolean
    return number_reader(assumption.at_least, assumption.at_most, RATE_DECIMALS)


def assumptions_reader(dictionary: FactDictionary) -> Reader:
    """Assumptions by declared name; rates as exact decimals, such as "0.03" for 3 %."""
    readers = {name: assumption_reader(each) for name, each in dictionary.assumptions.items()}
    return object_reader(readers, zh="应为对象（{假设: 数值}）。", en="must be an object of assumptions and their values.")
