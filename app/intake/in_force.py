"""Whether what is asked of many places holds in any of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.engine import InputFault
from app.language import Rulebook


def in_force_somewhere(rulebook: Rulebook, as_of: date, scheme: str, reforms: tuple[str, ...], region: str) -> bool:
    """Whether a scheme is in force on the day in the region, or in any that has rules of its own."""
    return any(scheme in rulebook.at(as_of, place, reforms).schemes for place in {region, *rulebook.regions()})


def founded_by_a_reform(rulebook: Rulebook, scheme: str) -> bool:
    """Whether only proposals know the scheme: without them there is none, which is not the same as rules that are not encoded."""
    return all(file.proposal for file in rulebook.files if file.scheme == scheme)


def nowhere_in_force(rulebook: Rulebook, as_of: date, schemes: Sequence[str], reforms: tuple[str, ...], region: str) -> list[InputFault]:
    """A fault for each scheme that is in force on the day neither in the region nor in any that has rules of its own."""
    faults = []
    for index, scheme in enumerate(schemes):
        if not in_force_somewhere(rulebook, as_of, scheme, reforms, region):
            zh = f"'{scheme}' 在 {as_of} 在各地均未施行（或本规则库未收录当时的规定）。"
            en = f"'{scheme}' was in force nowhere on {as_of}, or its rules of that day are not encoded."
            faults.append(InputFault(f"/schemes/{index}", "not_in_force", zh, en))
    return faults
