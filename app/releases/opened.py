"""The releases that can be answered from: the running one, and the kept ones as they are asked for, few at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.language import Fault, Rulebook, RuleError, remembered_rulebook

from .errors import ReleaseError
from .names import RUNNING, UNTAGGED, Called, find_release
from .store import ReleaseStore

RELEASE = "release"
_MOST_REFUSED = 64
_FAULTS_TOLD = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Running(Generic[T]):
    """The release that answers where none is named; `open` gives what answers. `release` is empty where it cannot be told."""

    release: str
    tag: str
    open: Callable[[], T]

    def called(self, tags: tuple[str, ...] = ()) -> Called:
        own = () if self.tag == UNTAGGED else (self.tag,)
        return Called(self.release, tuple(dict.fromkeys((*own, *tags))))


class Releases(Generic[T]):
    """Gives what answers from a release, by any of its names. Safe to share between threads.

    `make` makes it of a rulebook that holds together; at most `most` are held beside the running one, the least recently
    used first to go. `prove` may raise ReleaseError on a rulebook that is not to be answered from. What this program does
    not take it never will: that is found out once a process. `step` is called while a release is opened, which may take
    a few seconds.
    """

    def __init__(
        self,
        running: Running[T] | None,
        store: ReleaseStore,
        make: Callable[[Rulebook], T],
        *,
        most: int = 3,
        prove: Callable[[Rulebook], None] = lambda _: None,
        step: Callable[[], object] = lambda: None,
    ) -> None:
        self.running = running
        self.store = store
        self._make = make
        self._most = most
        self._prove = prove
        self._step = step
        self._opening = threading.Lock()
        self._opened: OrderedDict[str, T] = OrderedDict()
        self._refused: OrderedDict[str, ReleaseError] = OrderedDict()

    def known(self) -> tuple[Called, ...]:
        """Every release that can be named, the running one first. Raises ReleaseError."""
        kept = self.store.names()
        if self.running is None or not self.running.release:
            return kept
        tags = next((each.tags for each in kept if each.release == self.running.release), ())
        return (self.running.called(tags), *(each for each in kept if each.release != self.running.release))

    def find(self, name: str) -> str:
        """The id of the release that a name means. Raises ReleaseError."""
        if self.running is not None and name in (RUNNING, self.running.release):
            return self.running.release
        if name in self._opened:
            return name
        return find_release(name, self.known())

    def named(self, name: str) -> T:
        """What answers from the release of a name. Raises ReleaseError."""
        release = self.find(name)
        if self.running is not None and release == self.running.release:
            return self.running.open()
        with self._opening:
            found = self._opened.get(release)
            if found is None:
                found = self._opened[release] = self._open(release)
                while len(self._opened) > self._most:
                    self._opened.popitem(last=False)
            self._opened.move_to_end(release)
            return found

    def asked(self, value: Any) -> tuple[T, Any]:
        """What answers a body, by its field `release`, and the body without that field. Raises InputError."""
        name = value.get(RELEASE) if value.__class__ is dict else None
        if name is None and self.running is not None:
            return self.running.open(), value
        return self.at(name, f"/{RELEASE}"), {key: each for key, each in value.items() if key != RELEASE} if value.__class__ is dict else value

    def at(self, name: Any, pointer: str) -> T:
        """What answers from the release that a request names at a place. Raises InputError."""
        try:
            return self.named(name if name.__class__ is str else "" if name is None else repr(name))
        except ReleaseError as error:
            raise error.at(pointer) from None

    def _open(self, release: str) -> T:
        if release in self._refused:
            raise self._refused[release]
        contents = self.store.contents(release)
        tags = next((each.tags for each in self.store.names() if each.release == release), ())
        try:
            rulebook = self._sound(release, contents, tags[0] if tags else UNTAGGED)
        except ReleaseError as error:
            while len(self._refused) >= _MOST_REFUSED:
                self._refused.popitem(last=False)
            self._refused[release] = error
            raise
        self._step()
        self._prove(rulebook)
        return self._make(rulebook)

    def _sound(self, release: str, contents: dict[str, bytes], tag: str) -> Rulebook:
        """The rulebook of a kept release, every law of which holds together. Raises ReleaseError with the faults that this program finds."""
        self._step()
        try:
            rulebook = remembered_rulebook(contents, tag)
            self._step()
            faults = rulebook.check_laws()
        except RuleError as error:
            faults = list(error.faults)
        if faults:
            raise _refused(release, faults)
        return rulebook


def _refused(release: str, faults: list[Fault]) -> ReleaseError:
    told = " ".join(str(each) for each in faults[:_FAULTS_TOLD])
    zh = f"本程序不接受版本 {release} 的规则（共 {len(faults)} 处）：{told} 规则语言在其保存后已有变化；请用保存时的程序，或在该规则的副本上改正后另行保存。"
    en = (
        f"this program does not take the rules of release {release} ({len(faults)} fault{'s' * (len(faults) > 1)}): {told} "
        "The rule language has changed since it was kept. Use the program of then, or correct a copy of these rules and keep that."
    )
    return ReleaseError("refused_release", zh, en)
