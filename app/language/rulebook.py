"""The rulebook: everything the rule files say, checked, immutable, and asked for by (as of, region, reforms)."""

from __future__ import annotations

import copy
import hashlib
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, cast

from app.collector import collector_paused

from . import checks, ir, links
from .amendment import Definition, Parameter, Scheme, applicable
from .derived import Rule, derive, eligibility
from .errors import Fault, RuleError, suggestion
from .facts import FactDictionary
from .file_lowering import lower_check, lower_files
from .files import read_rules
from .folding import Folds, fold, fold_definition, fold_parameter, in_turn
from .model import NATION, RuleFile
from .notices import Notices
from .regions import lineage, region_name
from .sweep import may_be_circular, sweep
from .symbols import LoweredFile, Symbols
from .trees import Trees

# Folded laws that are kept: every place on a few dates, or a few places under many combinations of reforms.
MAX_LAWS = 512
MAX_FOLDS = 8_192


@dataclass(frozen=True, slots=True)
class Law:
    """The rules that hold for one (as of, region, reforms)."""

    release: str
    epoch: date
    region: str
    reforms: tuple[str, ...]
    schemes: dict[str, Scheme]
    # What no file states: each scheme's `eligible`, and what stands in for names that are used and not in force.
    derived: dict[ir.Name, Definition | Parameter] = field(default_factory=dict, hash=False)

    def definition(self, name: ir.Name) -> Definition:
        scheme = self.schemes.get(name.scheme)
        found = None if scheme is None else scheme.definitions.get(name.local)
        return found or cast(Definition, self.derived[name])

    def parameter(self, name: ir.Name) -> Parameter:
        scheme = self.schemes.get(name.scheme)
        found = None if scheme is None else scheme.parameters.get(name.local)
        return found or cast(Parameter, self.derived[name])


# Gives the law of (as of, region, reforms).
Folder = Callable[[date, str, tuple[str, ...]], Law]


class Rulebook:
    """All rule files of one release. Immutable; `at` gives the law of a day, a place and a set of reforms."""

    def __init__(self, dictionary: FactDictionary, files: tuple[RuleFile, ...], contents: dict[str, bytes], release: str, tag: str, notices: Notices, trees: Trees) -> None:
        faults = list(checks.check_files(files, dictionary))
        if faults:
            raise RuleError(faults)
        self.facts = dictionary
        self.notices = notices
        self.release = release
        self.tag = tag
        self.files = files
        # What `rulebook_of` makes the same rulebook from, in a process without the folder.
        self.contents: Mapping[str, bytes] = MappingProxyType(contents)
        self._symbols = Symbols(dictionary, files, trees)
        self._lowered = tuple(lower_files(files, self._symbols))
        self.fact_checks = tuple(lower_check(check, self._symbols) for check in dictionary.checks)
        faults = list(checks.check_types(self._lowered, self._symbols))
        if faults:
            raise RuleError(faults)
        self._regions = frozenset(file.region for file in files)
        self._proposals = tuple(sorted({file.proposal for file in files if file.proposal}))
        self._epochs = _epochs(files)
        self._published = _published(files)
        self._joined: tuple[str, ...] = ()
        self._begin()

    def _begin(self) -> None:
        """Nothing is folded yet."""
        self._folder: Folder = self._fold
        self._folding = threading.Lock()
        self._laws: dict[tuple[date, tuple[str, ...], tuple[str, ...]], Law] = {}
        self._folds: dict[tuple[str, tuple[int, ...], int], Scheme] = {}
        self._linked: dict[tuple[int, ...], tuple[tuple[Scheme, ...], dict[ir.Name, Rule]]] = {}
        self._rule_folds = Folds(self._symbols)
        self.references = links.References()

    def __getstate__(self) -> dict[str, Any]:
        """What was read, without what was folded, and without the files' bytes."""
        folded = {"_folder", "_folding", "_laws", "_folds", "_linked", "_rule_folds", "references", "contents"}
        return {name: value for name, value in self.__dict__.items() if name not in folded}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._begin()

    # -- questions ----------------------------------------------------------------------------

    def scheme_ids(self) -> list[str]:
        """Every scheme that can be evaluated, in alphabetical order."""
        libraries = {file.scheme for file in self.files if file.library}
        own = [scheme for scheme in self._symbols.scheme_ids() if scheme not in libraries]
        return sorted({*own, *self._joined}) if self._joined else own

    def proposals(self) -> list[str]:
        return list(self._proposals)

    def regions(self) -> list[str]:
        """Every region that has a rule file of its own, the nation first."""
        return sorted(self._regions)

    def lowered(self) -> tuple[LoweredFile, ...]:
        """Every file with the meaning of its clauses, in the order of `files`."""
        return self._lowered

    def epochs(self) -> list[date]:
        """The days on which some rule begins, ends or is published."""
        return list(self._epochs)

    def epoch(self, as_of: date) -> date:
        """The day since when the rules have been as they are on `as_of`."""
        position = bisect_right(self._epochs, as_of)
        return self._epochs[position - 1] if position else date.min

    def at(self, as_of: date, region: str = NATION, reforms: tuple[str, ...] = ()) -> Law:
        """The law of a day and a place. Raises ValueError on an unknown region or reform, RuleError on a broken link."""
        if region_name(region) is None:
            raise ValueError(f"there is no region '{region}'")
        for reform in reforms:
            if reform not in self.proposals():
                raise ValueError(f"there is no reform '{reform}'.{suggestion(reform, self.proposals())}")
        places = tuple(code for code in lineage(region) if code in self._regions)
        key = (self.epoch(as_of), places, reforms)
        with self._folding:
            if key not in self._laws:
                while len(self._laws) >= MAX_LAWS:
                    self._laws.pop(next(iter(self._laws)))
                self._laws[key] = self._folder(as_of, region, reforms)
            return self._laws[key]

    def files_at(self, as_of: date, region: str = NATION, reforms: tuple[str, ...] = ()) -> dict[str, list[LoweredFile]]:
        """The files of each scheme that stands then and there, in the order they apply."""
        by_scheme: dict[str, list[LoweredFile]] = {}
        for file in applicable(self._lowered, as_of, region, reforms):
            by_scheme.setdefault(file.file.scheme, []).append(file)
        return {scheme: files for scheme, files in sorted(by_scheme.items()) if any(self._founds(each.file) for each in files)}

    def fold_rule(self, name: str, files: list[LoweredFile], as_of: date) -> Definition | Parameter:
        """What some files of one scheme, in the order they apply, add up to for one definition or parameter. Raises RuleError."""
        turn = in_turn(files, name)
        if any(name in each.parameters for each in turn):
            return fold_parameter([each.parameters[name] for each in turn], as_of)
        return fold_definition([each.definitions[name] for each in turn], self._symbols)

    def of_files(self, contents: Mapping[str, bytes], tag: str) -> Rulebook:
        """This rulebook, remembered without them, together with the files it was read from and today's tag."""
        self.contents = MappingProxyType(dict(contents))
        self.tag = tag
        return self

    def variant(self, mark: str, fold: Folder, joined: Iterable[str] = ()) -> Rulebook:
        """These files under another way to add them up: `fold(as_of, region, reforms)`, asked once for each law.

        Nothing is read or lowered again. `joined` are schemes of another release that its laws have as well. The variant has a release of its own, made from this one's and `mark`, so that
        nothing kept for one is taken for the other.
        """
        made = copy.copy(self)
        made.release = f"{self.release}~{mark}"
        made._folder = fold
        made._joined = tuple(joined)
        made._folding = threading.Lock()
        made._laws = {}
        return made

    def _fold(self, as_of: date, region: str, reforms: tuple[str, ...]) -> Law:
        files = self.files_at(as_of, region, reforms)
        schemes = {scheme: self._scheme(scheme, members, as_of) for scheme, members in files.items()}
        return Law(self.release, self.epoch(as_of), region, reforms, schemes, self._link(schemes))

    def _scheme(self, scheme: str, members: list[LoweredFile], as_of: date) -> Scheme:
        """The sum of some files; the same for every day and place that has the same files and published rows."""
        published = self._published.get(scheme, ())
        key = (scheme, tuple(map(id, members)), bisect_right(published, as_of))
        found = self._folds.get(key)
        if found is None:
            while len(self._folds) >= MAX_FOLDS:
                self._folds.pop(next(iter(self._folds)))
            folded = fold(scheme, members, as_of, self._rule_folds)
            found = self._folds[key] = replace(folded, eligible=eligibility(folded))
        return found

    def _link(self, schemes: dict[str, Scheme]) -> dict[ir.Name, Rule]:
        """The rules derived for a law of these schemes; RuleError where they do not fit together. Each combination is looked at once."""
        together = tuple(map(id, schemes.values()))
        if together not in self._linked:
            eligible = [each.eligible for each in schemes.values() if each.eligible is not None]
            uses = links.uses_in(schemes.values(), eligible, self.references)
            faults = list(links.check_links(schemes, uses))
            if faults:
                raise RuleError(faults)
            if len(self._linked) >= MAX_FOLDS:
                self._linked.clear()
            derived = derive(schemes, {name for use in uses for name in use.names}, self._symbols)
            # The schemes are kept with the numbers: one may not come to mean another scheme while it stands here.
            self._linked[together] = (tuple(schemes.values()), derived)
        return self._linked[together][1]

    def _founds(self, file: RuleFile) -> bool:
        """Whether a scheme stands on this file: it founds the scheme, or succeeds a version that has ended."""
        if file.amends is None:
            return True
        amended = next(each for each in self.files if str(each.id) == file.amends.text)
        return file.region == NATION and not file.proposal and amended.end is not None and amended.end < file.start

    def check_everywhere(self) -> list[Fault]:
        """What is wrong on any day, in any place, alone and under each proposal; unused names too."""
        with collector_paused():
            return self.check_laws() or sorted(links.check_unused(self._lowered, self._symbols, self.references))

    def check_laws(self) -> list[Fault]:
        """What keeps some law, of any day and place, alone or under a proposal, from holding together."""
        faults = set(sweep(self._lowered, self._founds, lambda scheme, members: fold(scheme, members, date.max, self._rule_folds), self.references))
        if not faults and may_be_circular(self._lowered, self.references):
            faults = self._check_every_law()
        return sorted(faults)

    def _check_every_law(self) -> set[Fault]:
        faults: set[Fault] = set()
        for reforms in ((), *((proposal,) for proposal in self.proposals())):
            for epoch in self._epochs:
                for region in self.regions():
                    try:
                        self.at(epoch, region, reforms)
                    except RuleError as error:
                        faults.update(error.faults)
        return faults


def rulebook_of(contents: dict[str, bytes], tag: str, trees: Trees | None = None) -> Rulebook:
    """The rulebook of files at hand as bytes: a folder's, or `Rulebook.contents` of another process. Raises RuleError.

    Expressions are parsed by `trees`, which may know some from an earlier reading.
    """
    dictionary, files, notices = read_rules(contents)
    return Rulebook(dictionary, files, contents, release_of(contents), tag, notices, trees or Trees())


def release_of(contents: Mapping[str, bytes]) -> str:
    """What names a release: a digest of its files, however a system ends their lines."""
    digest = hashlib.sha256()
    for path, data in contents.items():
        digest.update(path.encode() + b"\0" + data.replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


def _epochs(files: Iterable[RuleFile]) -> tuple[date, ...]:
    days = {file.start for file in files if not file.proposal}
    days |= {file.end + timedelta(days=1) for file in files if file.end is not None}
    days |= {row.published for file in files for parameter in file.parameters.values() for row in parameter.rows or () if row.published}
    return tuple(sorted(days))


def _published(files: Iterable[RuleFile]) -> dict[str, tuple[date, ...]]:
    """For each scheme the days on which rows of it were published."""
    days: dict[str, set[date]] = {}
    for file in files:
        rows = [row for parameter in file.parameters.values() for row in parameter.rows or ()]
        days.setdefault(file.scheme, set()).update(row.published for row in rows if row.published)
    return {scheme: tuple(sorted(each)) for scheme, each in days.items()}
