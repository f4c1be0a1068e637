"""The members of a household: what each one's case is, with what the household shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from app.engine import Engine, FactValue, InputError, InputFault, Request
from app.language import Fact

MAX_MEMBERS = 12
Origin = Literal["stated", "members", "benefits"]


@dataclass(frozen=True, slots=True)
class Member:
    """One person: own facts and own known figures; `region` None for the household's."""

    id: str
    facts: Mapping[str, FactValue]
    given: Mapping[str, Any] = field(default_factory=dict)
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """A fact that holds for every member: stated, counted from the members, or listed from what they are paid."""

    fact: Fact
    value: FactValue
    origin: Origin


@dataclass(frozen=True, slots=True)
class Household:
    """Each member's case, in the order asked, and what all of them share. `listed` is the fact that lists what is paid, if it is open."""

    members: tuple[Member, ...]
    requests: tuple[Request, ...]
    taken: tuple[Taken, ...]
    listed: Fact | None


def household(engine: Engine, request: Request, members: tuple[Member, ...]) -> Household:
    """The members' cases. Raises InputError where facts stand in the wrong place or contradict each other."""
    shared = {name: fact for name, fact in engine.rulebook.facts.facts.items() if fact.household is not None}
    faults = [_not_shared(name) for name in request.facts if name not in shared]
    faults += _repeated(members)
    stated: dict[str, FactValue] = {name: value for name, value in request.facts.items() if name in shared}
    for index, member in enumerate(members):
        for name in member.facts:
            if name in shared and stated.setdefault(name, member.facts[name]) != member.facts[name]:
                faults.append(_contradicts(f"/members/{index}/facts/{name}", shared[name]))
    if faults:
        raise InputError(faults)
    taken = [Taken(shared[name], value, "stated") for name, value in stated.items()]
    for name, fact in shared.items():
        if fact.household == "size" and name not in stated:
            taken.append(Taken(fact, Decimal(len(members)), "members"))
    listed = next((fact for name, fact in shared.items() if fact.household == "benefits" and name not in stated), None)
    common = {each.fact.name: each.value for each in taken}
    requests = tuple(_case(engine, request, member, common) for member in members)
    return Household(members, requests, tuple(taken), listed)


def _case(engine: Engine, request: Request, member: Member, common: Mapping[str, FactValue]) -> Request:
    """A member's own case, of every scheme that is in force there and can be asked for."""
    region = member.region or request.region
    own = replace(request, region=region, facts={**common, **member.facts}, given={**request.given, **member.given})
    law = engine.rulebook.at(own.as_of, region, own.reforms)
    return replace(own, schemes=tuple(each for each in own.schemes if each in law.schemes and not law.schemes[each].library))


def _not_shared(name: str) -> InputFault:
    zh = f"'{name}' 是个人的事实，请写在 members 中各人的 facts 里；此处只写全家共用的事实。"
    return InputFault(f"/facts/{name}", "not_shared", zh, f"'{name}' is about one person: state it in that member's facts. Here stands what the household shares.")


def _repeated(members: tuple[Member, ...]) -> list[InputFault]:
    faults: list[InputFault] = []
    seen: set[str] = set()
    for index, member in enumerate(members):
        if member.id in seen:
            zh, en = f"成员 '{member.id}' 重复。请给每人不同的编号。", f"the member '{member.id}' is there twice. Give each one an id of their own."
            faults.append(InputFault(f"/members/{index}/id", "repeated", zh, en))
        seen.add(member.id)
    return faults


def _contradicts(pointer: str, fact: Fact) -> InputFault:
    zh = f"{fact.title.zh}是全家共用的事实，与别处所填不同。请只填一次，或填得一致。"
    return InputFault(pointer, "contradiction", zh, f"'{fact.name}' is shared by the household and is stated differently elsewhere. State it once, or the same.")
