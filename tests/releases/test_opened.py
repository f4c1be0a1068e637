"""What answers from releases: opened when asked for, few at a time, and only what holds together."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from app.engine import InputError
from app.language import Rulebook
from app.releases import ReleaseError, Releases, ReleaseSettings, ReleaseStore, Running
from tests.engine.proposals import SCHEME

from .keeping import keep, keep_files, rulebook


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "kept")


def books(folder: Path, count: int) -> list[Rulebook]:
    return [rulebook(folder / f"r{number}", {"a.yaml": SCHEME.replace("0.08", f"0.0{number + 1}")}) for number in range(count)]


def test_few_are_held_and_all_can_be_asked(store: ReleaseStore, tmp_path: Path) -> None:
    made: list[str] = []

    def make(found: Rulebook) -> str:
        made.append(found.release)
        return found.release

    ids = [keep(store, each, f"t{number}") for number, each in enumerate(books(tmp_path, 4))]
    opened = Releases(None, store, make, most=2)
    assert [opened.named(name) for name in (ids[0], "t1", ids[0][:10], "t2", "t0", "t1")] == [ids[0], ids[1], ids[0], ids[2], ids[0], ids[1]]
    assert made == [ids[0], ids[1], ids[2], ids[1]]  # t1 had been used the longest ago when t2 came
    assert len(opened._opened) == 2


def test_the_running_one_is_never_read(store: ReleaseStore, tmp_path: Path) -> None:
    now, before = books(tmp_path, 2)
    keep(store, now, "now")
    keep(store, before, "same")
    opened = Releases(Running(now.release, "same", lambda: "running"), store, lambda found: found.release)
    (store.folder / f"{now.release}.zip").write_bytes(b"")
    assert [opened.named(name) for name in (now.release, now.release[:8], "now", "running")] == ["running"] * 4
    assert opened.asked({"a": 1}) == ("running", {"a": 1})
    assert opened.asked({"a": 1, "release": None})[0] == "running"
    assert opened.asked([]) == ("running", [])
    assert opened.asked({"a": 1, "release": before.release}) == (before.release, {"a": 1})
    assert [each.tags for each in opened.known() if each.release == now.release] == [("same", "now")]
    with pytest.raises(ReleaseError, match="several"):  # both the rules and a kept release are called so
        opened.named("same")
    odds: tuple[Any, ...] = (1, True, [], {}, 1.5, "", "x" * 100_000, "\x00", "../" + before.release, before.release.upper())
    for odd in odds:
        with pytest.raises(InputError) as refused:
            opened.asked({"release": odd})
        (fault,) = refused.value.faults
        assert (fault.pointer, fault.code) == ("/release", "unknown_release") and len(fault.en) < 500


def test_what_this_program_does_not_take_is_said_with_its_fault(store: ReleaseStore, tmp_path: Path) -> None:
    (book,) = books(tmp_path, 1)
    broken = {**book.contents, "a.yaml": SCHEME.replace("progressive(counted, scale)", "progressively(counted, scale)").encode()}
    circular = {**book.contents, "a.yaml": SCHEME.replace("value: counted * rate", "value: monthly").encode()}
    opened = Releases(None, store, lambda found: found.release)
    for contents, told in ((broken, "progressively"), (circular, "circle")):
        release = keep_files(store, contents, book)
        for _ in range(2):  # refused once, refused again without reading it
            with pytest.raises(ReleaseError) as refused:
                opened.named(release)
            assert refused.value.code == "refused_release"
            assert "a.yaml:" in refused.value.en and told in refused.value.en, refused.value.en


def test_damage_is_repaired_without_a_new_process(store: ReleaseStore, tmp_path: Path) -> None:
    (book,) = books(tmp_path, 1)
    release = keep(store, book)
    path = store.folder / f"{release}.zip"
    whole = path.read_bytes()
    path.write_bytes(whole[:-200])
    opened = Releases(None, store, lambda found: found.release)
    with pytest.raises(ReleaseError, match="damaged"):
        opened.named(release)
    path.write_bytes(whole)
    assert opened.named(release) == release


def test_what_is_not_proved_does_not_answer(store: ReleaseStore, tmp_path: Path) -> None:
    (book,) = books(tmp_path, 1)

    steps: list[int] = []
    doubts = [ReleaseError("unproven_release", "", "")]

    def prove(_: Rulebook) -> None:
        if doubts:
            raise doubts.pop()

    opened = Releases(None, store, lambda found: found.release, prove=prove, step=lambda: steps.append(1))
    release = keep(store, book)
    with pytest.raises(ReleaseError):
        opened.named(release)
    assert len(steps) >= 3  # whoever waits is told between the parts of the work
    assert opened.named(release) == release  # a proof may fail for want of time: it is tried again


def test_threads_ask_at_once(store: ReleaseStore, tmp_path: Path) -> None:
    ids = [keep(store, each) for each in books(tmp_path, 3)]
    opened = Releases(None, store, lambda found: found, most=1)
    wrong: list[str] = []

    def ask(number: int) -> None:
        for step in range(12):
            wanted = ids[(number + step) % 3]
            if opened.named(wanted).release != wanted:
                wrong.append(wanted)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


def test_settings() -> None:
    assert ReleaseSettings.from_environment({"XDG_STATE_HOME": "/s"}).folder == Path("/s/shebao/releases")
    found = ReleaseSettings.from_environment({"SHEBAO_RELEASES": "/r", "SHEBAO_RELEASES_OPEN": "7"})
    assert (found.folder, found.most_open) == (Path("/r"), 7)
    for bad in ("0", "-1", "x"):
        with pytest.raises(ValueError, match="SHEBAO_RELEASES_OPEN"):
            ReleaseSettings.from_environment({"SHEBAO_RELEASES_OPEN": bad})
