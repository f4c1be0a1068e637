"""What rule files say of persons beside each other: whom a benefit is paid to, what excludes what, how the members' facts hang together."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import Fault, suggestion
from .facts import Fact, FactDictionary
from .model import ConclusionClause, DefinitionClause, RuleFile, Standing
from .units import parse_unit

LINKING_KINDS = ("exclusion", "offset", "duplicate")
STATUSES = ("eligible", "not_eligible", "undetermined")
_AMOUNTS = {"monthly": parse_unit("CNY/month"), "once": parse_unit("CNY")}


def check_households(files: tuple[RuleFile, ...], dictionary: FactDictionary) -> Iterator[Fault]:
    """Facts of the household and of results, payments, and the other schemes that conclusions name."""
    for fact in dictionary.facts.values():
        yield from _check_fact(fact)
    benefits: dict[str, set[str]] = {}
    for file in files:
        benefits.setdefault(file.scheme, set()).update(name for name, each in file.definitions.items() if each.kind == "benefit")
    kinds = [code for fact in dictionary.facts.values() if fact.household == "benefits" for code in codes_of(fact)]
    for file in files:
        for definition in file.definitions.values():
            yield from _check_payment(definition, kinds)
        for conclusion in file.conclusions.values():
            yield from _check_conclusion(conclusion, file.scheme, benefits)


def kind_field(fact: Fact) -> Fact | None:
    """Of a list of benefits: the field that says which benefit a row is."""
    return next((each for each in fact.fields if each.required and each.kind == "enum"), None)


def amount_field(fact: Fact) -> Fact | None:
    """Of a list of benefits: the field that says how much a row is a month."""
    return next((each for each in fact.fields if each.required and each.kind == "number" and each.unit == _AMOUNTS["monthly"]), None)


def codes_of(fact: Fact) -> list[str]:
    field = kind_field(fact)
    return [] if field is None else [code for code, _ in field.values]


def _check_fact(fact: Fact) -> Iterator[Fault]:
    if fact.household == "size" and fact.kind != "whole":
        yield Fault(fact.place, f"'household: size' of '{fact.name}' goes with a whole number: how many persons there are.")
    if fact.household == "benefits" and (fact.kind != "list" or kind_field(fact) is None or amount_field(fact) is None):
        message = f"'household: benefits' of '{fact.name}' goes with a list whose items have to state an enumeration (which benefit) and a number in CNY/month."
        yield Fault(fact.place, message)
    if fact.household is not None and fact.result is not None:
        yield Fault(fact.place, f"'{fact.name}' is either of the household or of a result. Keep one.")
    if fact.result is not None and not _fits(fact, fact.result):
        yield Fault(fact.place, f"'result: {fact.result}' of '{fact.name}' has to be {_FORMS[fact.result]}.")


_FORMS = {
    "status": f"an enum of {', '.join(STATUSES)}",
    "standing": f"an enum of {', '.join(each.word for each in Standing)}",
    "monthly": "a number in CNY/month",
    "once": "a number in CNY",
    "missing": "a whole number without a unit",
    "findings": "a whole number without a unit",
}


def _fits(fact: Fact, result: str) -> bool:
    if result in ("status", "standing"):
        words = STATUSES if result == "status" else tuple(each.word for each in Standing)
        return tuple(code for code, _ in fact.values) == words
    if result in _AMOUNTS:
        return fact.kind == "number" and fact.unit == _AMOUNTS[result]
    return fact.kind == "whole" and fact.unit is None


def _check_payment(clause: DefinitionClause, kinds: list[str]) -> Iterator[Fault]:
    for key, stated in (("paid_to", clause.paid_to), ("counts_as", clause.counts_as)):
        if stated is not None and clause.kind != "benefit":
            yield Fault(clause.place, f"'{clause.name}': '{key}' goes with a benefit, which is what is paid.")
    if clause.counts_as is not None and clause.counts_as not in kinds:
        known = suggestion(clause.counts_as, kinds)
        yield Fault(clause.place, f"'{clause.counts_as}' is no kind of benefit that a household's list of benefits knows.{known}")


def _check_conclusion(clause: ConclusionClause, scheme: str, benefits: dict[str, set[str]]) -> Iterator[Fault]:
    if clause.kind not in LINKING_KINDS and (clause.others or clause.benefit or clause.between):
        message = f"'with', 'benefit' and 'between' go with the kinds {', '.join(LINKING_KINDS)}; '{clause.name}' is a {clause.kind}."
        yield Fault(clause.place, message)
    if clause.benefit is not None and clause.benefit not in benefits.get(scheme, ()):
        yield Fault(clause.place, f"'{clause.benefit}' is no benefit of {scheme}.{suggestion(clause.benefit, benefits.get(scheme, ()))}")
    for other in clause.others:
        head, _, local = other.rpartition(".")
        if other not in benefits and local not in benefits.get(head, ()):
            known = [*benefits, *(f"{name}.{each}" for name in benefits for each in benefits[name])]
            yield Fault(clause.place, f"'with' names a scheme or a benefit of one, and '{other}' is none.{suggestion(other, known)}")
        elif scheme in (other, head) and clause.between is None:
            yield Fault(clause.place, f"'{clause.name}' names its own scheme. Say 'between: members' if it is about two persons.")
    if clause.between is not None and not clause.others:
        yield Fault(clause.place, f"'between' of '{clause.name}' goes with 'with', which names what another member gets.")
