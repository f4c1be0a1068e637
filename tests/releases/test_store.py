"""The store on a real folder: whole or not at all, proved when read, by any number of processes."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import zipfile
from pathlib import Path

import pytest

from app.language import Rulebook
from app.releases import ReleaseError, ReleaseStore, describe, find_release
from tests.engine.proposals import SCHEME

from .keeping import keep, rulebook


@pytest.fixture
def book(tmp_path: Path) -> Rulebook:
    return rulebook(tmp_path / "rules", {"a.yaml": SCHEME, "t/b.csv": b"a,b\r\n1,2\r\n", "t-1/c.csv": "x\n"})


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path / "kept" / "here")


def test_what_is_kept_is_read_back(store: ReleaseStore, book: Rulebook) -> None:
    assert store.names() == () and not store.folder.exists()
    contents, manifest = describe(book, "first")
    assert store.keep(contents, manifest) is True
    assert store.keep(contents, manifest) is False
    assert store.contents(book.release) == {path: data.replace(b"\r\n", b"\n") for path, data in book.contents.items()}
    store.tag(book.release, "first")
    store.tag(book.release, "甲.2026-11")
    (named,) = store.names()
    assert (named.release, set(named.tags)) == (book.release, {"first", "甲.2026-11"})
    said = store.kept(named).manifest
    assert said is not None and (said.files, said.schemes, said.regions, said.reforms) == (4, ("test.scheme",), ("000000",), ())
    assert (said.tag, said.first, said.last) == ("first", "2000-01-01", "2000-01-01")
    assert [path.name for path in store.folder.iterdir() if path.name.startswith(".")] == []
    with zipfile.ZipFile(store.folder / f"{book.release}.zip") as archive:  # as any program opens it
        assert archive.read("a.yaml") == SCHEME.encode()


def test_a_tag_names_one_release(store: ReleaseStore, book: Rulebook, tmp_path: Path) -> None:
    keep(store, book, "now")
    other = rulebook(tmp_path / "other", {"a.yaml": SCHEME.replace("0.08", "0.09")})
    store.keep(*describe(other, None))
    with pytest.raises(ReleaseError) as refused:
        store.tag(other.release, "now")
    assert refused.value.code == "tag_taken" and book.release in refused.value.en
    store.tag(book.release, "now")
    for bad in ("", "a/b", "../x", ".x", "a b", "x" * 51, "untagged", "running", "a\n", "e\u0301", "-x"):
        with pytest.raises(ReleaseError) as refused:
            store.tag(book.release, bad)
        assert refused.value.code == "bad_tag", bad


def damaged_places(size: int) -> list[int]:
    return [*range(0, size, max(1, size // 60)), size - 1]


def test_no_damage_comes_out_as_rules(store: ReleaseStore, book: Rulebook) -> None:
    """Whatever byte is another: the files are what they were, or it is said that the release is damaged."""
    release = keep(store, book)
    path = store.folder / f"{release}.zip"
    whole, meant = path.read_bytes(), store.contents(release)
    refused = 0
    for place in damaged_places(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            found = store.contents(release)
        except ReleaseError:
            refused += 1
        else:
            assert found == meant
    assert refused > 30
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ReleaseError):
            store.contents(release)
        assert store.kept(store.names()[0]).fault is not None
    assert store.keep(*describe(book, None)) is True  # kept anew
    assert store.contents(release) == meant


def test_one_release_is_never_taken_for_another(store: ReleaseStore, book: Rulebook, tmp_path: Path) -> None:
    keep(store, book)
    other = rulebook(tmp_path / "other", {"a.yaml": SCHEME.replace("0.08", "0.09")})
    (store.folder / f"{book.release}.zip").replace(store.folder / f"{other.release}.zip")
    with pytest.raises(ReleaseError, match=f"it is release {book.release}"):
        store.contents(other.release)


def repacked(data: bytes, **changed: bytes) -> bytes:
    """An archive with other members, whatever its manifest says."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name, old.read(name)))
        for name in changed.keys() - set(old.namelist()):
            new.writestr(name, changed[name])
    return made.getvalue()


def test_an_archive_that_was_tampered_with_is_refused(store: ReleaseStore, book: Rulebook) -> None:
    data = store.archive(keep(store, book))
    said = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("release.json"))
    unsealed = json.dumps({**said, "schemes": ["x"]}).encode()
    for changed in ({"a.yaml": b"scheme: x"}, {"more.yaml": b""}, {"release.json": unsealed}, {"release.json": b"[]"}, {"release.json": b"\xff"}, {"release.json": b"[" * 100_000}):
        with pytest.raises(ReleaseError):
            store.take(repacked(data, **changed), "x.zip")
    for junk in (b"", b"PK", os.urandom(2000), b"PK\x05\x06" + bytes(18)):
        with pytest.raises(ReleaseError):
            store.take(junk, "x.zip")


def test_carried_elsewhere(store: ReleaseStore, book: Rulebook, tmp_path: Path) -> None:
    data = store.archive(keep(store, book, "first"))
    there = ReleaseStore(tmp_path / "there")
    manifest, new = there.take(data, "x.zip")
    assert (manifest.release, manifest.tag, new) == (book.release, "first", True)
    assert there.take(data, "x.zip")[1] is False
    assert there.contents(book.release) == store.contents(book.release)


def _keep_at_once(folder: Path, rules: Path, barrier: object, number: int) -> None:
    from app.language import load_rulebook

    store, found = ReleaseStore(folder), load_rulebook(rules)
    barrier.wait()  # type: ignore[attr-defined]
    for _ in range(5):
        store.keep(*describe(found, None))
        for tag in ("race", f"own{number % 3}"):
            try:
                store.tag(found.release, tag)
            except ReleaseError as error:
                if (error.code, tag) != ("tag_taken", "race"):
                    raise
        assert store.contents(found.release)


def test_many_keep_at_once(tmp_path: Path) -> None:
    books = [rulebook(tmp_path / f"r{number}", {"a.yaml": SCHEME.replace("0.08", f"0.0{number + 1}")}) for number in range(3)]
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(6)
    folder = tmp_path / "kept"
    workers = [context.Process(target=_keep_at_once, args=(folder, tmp_path / f"r{number % 3}", barrier, number)) for number in range(6)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)
    assert [each.exitcode for each in workers] == [0] * 6
    store = ReleaseStore(folder)
    assert {each.release for each in store.names()} == {each.release for each in books}
    assert store.tags().keys() == {"race", "own0", "own1", "own2"}
    assert all(store.kept(each).fault is None for each in store.names())
    assert not list(folder.rglob(".*"))


def test_a_folder_that_cannot_be_written_says_so(book: Rulebook, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ReleaseStore(tmp_path / "file" / "kept")
    with pytest.raises(ReleaseError) as refused:
        store.keep(*describe(book, None))
    assert refused.value.code == "unreadable_release"


def test_names(store: ReleaseStore, book: Rulebook, tmp_path: Path) -> None:
    release = keep(store, book, "one")
    other = keep(store, rulebook(tmp_path / "other", {"a.yaml": SCHEME.replace("0.08", "0.09")}), release[:8])
    names = store.names()
    assert find_release("one", names) == release
    assert find_release(release, names) == release
    assert find_release(release[:9], names) == release
    assert find_release(other[:8], names) == other
    for name, code in ((release[:8], "ambiguous_release"), (release[:7], "unknown_release"), ("", "unknown_release"), ("One", "unknown_release"), (release + "0", "unknown_release")):
        with pytest.raises(ReleaseError) as refused:
            find_release(name, names)
        assert refused.value.code == code
        assert release in refused.value.en and other in refused.value.zh
