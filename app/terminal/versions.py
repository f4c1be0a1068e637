"""Names of scheme versions on the command line: `scheme@date[/region][+reform...]`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from app.language import NATION, Rulebook, Scheme

_VERSION = re.compile(r"(?P<scheme>[a-z_.]+)@(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(/(?P<region>[0-9]{6}))?(?P<reforms>(\+[a-z0-9_]+)*)\Z")


class VersionNameError(Exception):
    """A version that is not written as one, or that the rulebook does not have."""


@dataclass(frozen=True, slots=True)
class VersionName:
    """The rules of a scheme on a day, in a place, under reforms."""

    scheme: str
    as_of: date
    region: str
    reforms: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> VersionName:
        """Read a version's name. Raises VersionNameError."""
        found = _VERSION.match(text)
        try:
            if found is None:
                raise ValueError
            day = date.fromisoformat(found["day"])
        except ValueError:
            raise VersionNameError(
                f"'{text}' does not name a version. Write scheme@date, with /region and +reform where wanted, "
                "such as pension.employee@2025-01-01/110000."
            ) from None
        reforms = tuple(name for name in found["reforms"].split("+") if name)
        return cls(found["scheme"], day, found["region"] or NATION, reforms)

    def find(self, rulebook: Rulebook) -> Scheme:
        """The version in a rulebook. Raises VersionNameError, or RuleError where its rules do not fit together."""
        try:
            law = rulebook.at(self.as_of, self.region, self.reforms)
        except ValueError as error:
            raise VersionNameError(f"{self}: {error}") from None
        if self.scheme not in law.schemes:
            known = ", ".join(rulebook.scheme_ids())
            raise VersionNameError(f"{self}: there is no scheme '{self.scheme}' then and there. The rulebook has: {known}.")
        return law.schemes[self.scheme]

    def __str__(self) -> str:
        place = "" if self.region == NATION else f"/{self.region}"
        return f"{self.scheme}@{self.as_of}{place}" + "".join(f"+{reform}" for reform in self.reforms)
