"""POST /v1/scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine import Engine, Language, Request
from app.intake import TypedField, members_field
from app.language import Rulebook

from .call import Call, Json
from .scan import scan
from .scan_household import MAX_MEMBERS, Member
from .scan_json import render_scan
from .shapes import HEAD, SOURCE, TEXT, VALUE, by_name, listed, record

_STANDING: Json = {"type": "string", "enum": ["official", "provisional", "estimated", "unverified"]}
_AMOUNTS: Json = {**by_name(TEXT), "description": "exact amounts by unit"}
_CONCLUSION: Json = {"$ref": "#/components/schemas/Conclusion"}
_HEADED: Json = {"scheme": TEXT, "title": TEXT}
_TOLD: Json = {**_HEADED, "standing": _STANDING, "conclusions": listed(_CONCLUSION)}
_ROUTING: Json = {"routing": {**record({"values": by_name(VALUE), "reasons": listed(_CONCLUSION)}), "description": "where the result goes next, by the rules about results"}}
_FIGURE = record({"title": TEXT, "value": VALUE, "standing": _STANDING}, {"unit": TEXT, "units": by_name(TEXT), "paid_to": {"type": "string", "enum": ["person", "household"]}})
_MISSING: Json = {"$ref": "#/components/schemas/Missing"}
_UNMET: Json = {"$ref": "#/components/schemas/Condition"}
_PAYMENT = record({"members": listed(TEXT), "scheme": TEXT, "benefit": TEXT, "title": TEXT, "value": VALUE, "unit": TEXT, "standing": _STANDING})
_WAY = record({"payments": listed(_PAYMENT), "totals": _AMOUNTS})
_LINK = record(
    {"member": TEXT, "scheme": TEXT, "id": TEXT, "kind": TEXT, "text": TEXT, "source": SOURCE, "with": listed(record({"member": TEXT, "scheme": TEXT}, {"benefit": TEXT}))},
    {"benefit": TEXT},
)
_CLAIM: Json = {"$ref": "#/components/schemas/Claim"}
_MEMBER = record(
    {
        "id": TEXT,
        "region": TEXT,
        "eligible": listed(record({**_TOLD, "benefits": by_name(_FIGURE)}, _ROUTING)),
        "possible": {
            **listed(record({**_TOLD, "met": {"type": "integer"}, "of": {"type": "integer"}, "missing": listed(_MISSING)}, _ROUTING)),
            "description": "still open, and something known suggests it; the fewest open conditions first",
        },
        "not": listed(record({**_HEADED, "because": listed(_UNMET)})),
        "asked_of_others": {
            **listed(record({**_HEADED, "member": TEXT})),
            "description": "paid once to the household and still open: told of this member",
        },
        "unsuggested": {**listed(record(_HEADED)), "description": "still open, and nothing known suggests it"},
        "findings": {**listed(_CONCLUSION), "description": "what is not plausible about what was stated"},
    }
)
_SHAPE = record(
    {
        **HEAD,
        "household": listed(record({"name": TEXT, "title": TEXT, "value": VALUE, "from": {"type": "string", "enum": ["stated", "members", "benefits"]}})),
        "members": listed(_MEMBER),
        "conflicts": {**listed(_LINK), "description": "what may not be drawn together"},
        "order": {**listed(_LINK), "description": "each scheme comes after those it is `with`"},
        "choices": listed(record({"best": _WAY, "instead_of": listed(_WAY), "reason": {"type": "string", "enum": ["most_in_every_unit", "most_a_month"]}})),
        "totals": record({"all": _AMOUNTS, "household": _AMOUNTS, "members": by_name(_AMOUNTS), "standing": _STANDING}),
        "claims": {**by_name(_CLAIM), "description": "where and how to claim, by scheme"},
    }
)


def _fields(rulebook: Rulebook) -> Mapping[str, TypedField]:
    return {"members": members_field(rulebook, MAX_MEMBERS)}


def _answer(engine: Engine, request: Request, own: Mapping[str, Any], language: Language) -> Json:
    members = tuple(Member(each["id"], each["facts"], each["given"], each["region"]) for each in own["members"])
    return render_scan(scan(engine, request, members), language)


def _fill(rulebook: Rulebook) -> Json:
    """Every scheme that anybody can be entitled to; those not in force are left out where the case is asked."""
    return {"schemes": sorted({file.scheme for file in rulebook.files} - {file.scheme for file in rulebook.files if file.library})}


def _example(rulebook: Rulebook, case: Json) -> Json:
    shared = {name for name, fact in rulebook.facts.facts.items() if fact.household == "same" or fact.household == "size"}
    own = {name: value for name, value in case["facts"].items() if rulebook.facts.facts[name].household is None}
    body = {name: value for name, value in case.items() if name != "schemes"}
    young = dict(list(own.items())[:2])
    facts = {name: value for name, value in case["facts"].items() if name in shared}
    return {**body, "facts": facts, "members": [{"id": "first", "facts": own}, {"id": "second", "facts": young}]}


SCAN = Call(
    name="scan",
    summary="Everything a household may get: every scheme for every member, what excludes what, the best of it, and how to claim",
    fields=_fields,
    answer=_answer,
    example=_example,
    shape=_SHAPE,
    fill=_fill,
)
