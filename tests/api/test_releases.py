"""A server that answers from several releases: each request by the one it names, and never a mixture."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.api import Settings, create_app
from app.jobs import JobLimits
from app.language import load_rulebook
from app.releases import ReleaseSettings, ReleaseStore
from tests.releases.keeping import keep, keep_files

from .conftest import SMALL_RULES, career
from .serving import request, serving

Json = dict[str, Any]
HEADERS = {"Accept-Language": "en"}


def variant(folder: Path) -> Path:
    """The small rules as they were before: another minimum, another divisor, a fact less, a bound that is narrower."""
    shutil.copytree(SMALL_RULES, folder)
    path = folder / "pension" / "small_2006.yaml"
    path.write_text(path.read_text().replace("value: 180", "value: 120").replace("'\"male\"', 139", "'\"male\"', 150"))
    facts = folder / "facts.yaml"
    facts.write_text(facts.read_text().replace("  lives_alone:", "  lived_alone:"))
    return folder


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> ReleaseStore:
    folder = tmp_path_factory.mktemp("releases")
    store = ReleaseStore(folder / "kept")
    old = load_rulebook(variant(folder / "old"))
    keep(store, old, "before")
    keep(store, load_rulebook(SMALL_RULES), "now")
    keep_files(store, {**old.contents, "pension/small_2006.yaml": b"scheme: pension.small\nunheard_of: 1\n"}, old)
    store.tag(next(each.release for each in store.names() if not each.tags), "foreign")
    keep(store, load_rulebook(damaged_rules(folder)), "damaged")
    path = store.folder / f"{store.tags()['damaged']}.zip"
    path.write_bytes(path.read_bytes()[:-300])
    return store


def damaged_rules(folder: Path) -> Path:
    made = variant(folder / "damaged")
    (made / "RELEASE").write_text("x")
    (made / "pension" / "proposal_lower_minimum.yaml").unlink()
    return made


@pytest.fixture(scope="module")
def app(kept: ReleaseStore, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    limits = JobLimits(folder=tmp_path_factory.mktemp("simulations"), max_queued=0)
    return create_app(Settings(rules=SMALL_RULES, simulations=limits, releases=ReleaseSettings(kept.folder, most_open=1)))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def evaluate(client: FlaskClient, **changed: Any) -> Any:
    return client.post("/v1/evaluate", json=career(**changed), headers=HEADERS)


def test_a_request_is_answered_by_the_release_it_names(client: FlaskClient, kept: ReleaseStore) -> None:
    old, now = kept.tags()["before"], kept.tags()["now"]
    divisor: dict[str, set[str]] = {}
    for name, release in (("before", old), (old, old), (old[:8], old), ("now", now), (now, now), (now[:10], now), ("small-2026", now), ("running", now), (None, now)):
        found = evaluate(client, release=name).json
        assert found["release"] == release, name
        divisor.setdefault(release, set()).add(found["results"]["pension.small"]["benefits"]["monthly_pension"]["value"])
    assert len(divisor[old]) == len(divisor[now]) == 1 and divisor[old] != divisor[now]
    # The same body without the name of its release is the running one's, byte for byte.
    assert evaluate(client, release="running").data == evaluate(client).data == evaluate(client, release=now).data


def test_facts_are_checked_by_the_dictionary_of_the_release(client: FlaskClient) -> None:
    for fact, release, other in (("lives_alone", "now", "before"), ("lived_alone", "before", "now")):
        facts = {**career()["facts"], fact: True}
        assert evaluate(client, facts=facts, release=release).status_code == 200
        wrong = evaluate(client, facts=facts, release=other)
        assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, f"/facts/{fact}")
    names = {release: {each["name"] for each in client.get(f"/v1/facts?release={release}").json["facts"]} for release in ("now", "before")}
    assert names["now"] ^ names["before"] == {"lives_alone", "lived_alone"}


@pytest.mark.parametrize(
    ("name", "code"),
    [("nothing", "unknown_release"), ("", "unknown_release"), (7, "unknown_release"), ("foreign", "refused_release"), ("damaged", "damaged_release")],
)
def test_a_release_that_cannot_answer_is_a_fault_of_the_request(client: FlaskClient, kept: ReleaseStore, name: Any, code: str) -> None:
    body = career(release=name)
    body.pop("trace", None)
    paths = ["/v1/evaluate", "/v1/timeline", "/v1/what-if", "/v1/questions", "/v1/explain", "/v1/scan", "/v1/compare", "/v1/notice"]
    for path in paths:
        found = client.post(path, json=body, headers=HEADERS)
        assert found.status_code == 422, path
        (error,) = found.json["errors"]
        assert (error["pointer"], error["code"]) == ("/release", code)
        if code == "unknown_release":
            assert all(each.release in error["detail"] for each in kept.names())
        if code == "refused_release":
            assert "pension/small_2006.yaml:2" in error["detail"] and "unheard_of" in error["detail"]
    for path in ("/v1/schemes", "/v1/schemes/pension.small", "/v1/facts"):
        found = client.get(path, query_string={"release": name}, headers=HEADERS)
        assert (found.status_code, found.json["errors"][0]["code"]) == (400, code)


def test_the_releases_are_listed(client: FlaskClient, kept: ReleaseStore) -> None:
    response = client.get("/v1/releases", headers=HEADERS)
    first, *others = response.json["releases"]
    assert (first["running"], first["tag"], set(first["tags"])) == (True, "small-2026", {"small-2026", "now"})
    by_tag = {each["tag"]: each for each in others}
    assert by_tag.keys() == {"before", "foreign", "damaged"} and not any(each["running"] for each in others)
    assert by_tag["before"]["schemes"] == ["pension.small"] and by_tag["before"]["kept"] and "damaged" in by_tag["damaged"]["error"]
    etag = response.headers["ETag"]
    assert client.get("/v1/releases", headers={**HEADERS, "If-None-Match": etag}).status_code == 304
    kept.tag(kept.tags()["before"], "also-before")
    assert client.get("/v1/releases", headers={**HEADERS, "If-None-Match": etag}).status_code == 200


def test_what_a_client_holds_of_one_release_is_not_another(client: FlaskClient) -> None:
    for path in ("/v1/schemes?as_of=2026-03-01", "/v1/schemes/pension.small?as_of=2026-03-01", "/v1/facts?"):
        answers = {name: client.get(f"{path}&release={name}", headers=HEADERS) for name in ("before", "now")}
        assert answers["before"].data != answers["now"].data
        etags = {name: each.headers["ETag"] for name, each in answers.items()}
        for name, etag in etags.items():
            for other in etags:
                found = client.get(f"{path}&release={other}", headers={**HEADERS, "If-None-Match": etag})
                assert (found.status_code == 304) == (name == other)
    assert client.get("/v1/facts?release=now&release=before").status_code == 400


def test_every_call_answers_by_its_release_in_turn(client: FlaskClient, kept: ReleaseStore) -> None:
    """Asked in turn of either release, with one held at a time, every answer is what the release gives by itself."""
    case = career()
    calls: dict[str, Json] = {
        "/v1/evaluate": {},
        "/v1/timeline": {"from": "2025-01", "to": "2025-03"},
        "/v1/what-if": {"facts": {**case["facts"], "deemed_contribution_months": 0, "contribution_records": []}},
        "/v1/questions": {"facts": {"sex": "male"}},
        "/v1/explain": {},
        "/v1/scan": {"as_of": "2026-03-01", "members": [{"id": "one", "facts": case["facts"]}]},
        "/v1/compare": {"against": {"reforms": ["lower_minimum"]}},
        "/v1/notice": {"issued": "2026-03-01"},
    }
    first: dict[tuple[str, str], bytes] = {}
    for _ in range(3):
        for path, own in calls.items():
            for name in ("before", "running"):
                body = own if path == "/v1/scan" else {**case, **own}
                found = client.post(path, json={**body, "release": name}, headers=HEADERS)
                assert found.status_code == 200, (path, found.text)
                assert first.setdefault((path, name), found.data) == found.data
                assert kept.tags()["before" if name == "before" else "now"].encode() in found.data or path == "/v1/explain"
    for path in calls:
        assert first[path, "before"] != first[path, "running"]


def test_threads_ask_either_release(app: Flask) -> None:
    right = {name: evaluate(app.test_client(), release=name).data for name in ("before", "now", "running")}

    def ask(number: int) -> bool:
        name = ("before", "now", "running")[number % 3]
        return bool(evaluate(app.test_client(), release=name).data == right[name])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(60)))


def test_lines_of_a_batch_name_their_releases(client: FlaskClient, kept: ReleaseStore) -> None:
    lines = [career(release=name) for name in ("before", "now", "nothing", "before", None)] + [career()]
    for defaults, last in (([], "now"), ([{"defaults": {"release": "before"}}], "before")):
        body = b"\n".join(json.dumps(each).encode() for each in [*defaults, *lines])
        found = [json.loads(each) for each in client.post("/v1/evaluate/batch", data=body, content_type="application/x-ndjson", headers=HEADERS).data.splitlines()]
        assert [each.get("release") for each in found] == [kept.tags().get(name) for name in ("before", "now", "nothing", "before", "now", last)]
        assert found[2]["error"]["errors"][0]["code"] == "unknown_release"
    bad = client.post("/v1/evaluate/batch", data=b'{"defaults": {"release": "nothing"}}\n', content_type="application/x-ndjson", headers=HEADERS)
    assert (bad.status_code, bad.json["errors"][0]["pointer"]) == (422, "/defaults/release")


def test_two_releases_compared(client: FlaskClient, kept: ReleaseStore) -> None:
    body = {**career(), "release": "before", "against": {"release": "running"}}
    answer = client.post("/v1/compare", json=body, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    found = answer.json
    assert [found[side]["release"] for side in ("before", "after")] == [kept.tags()["before"], kept.tags()["now"]]
    causes = {each["id"]: each["file_change"] for each in found["schemes"]["pension.small"]["causes"]}
    assert causes == {"minimum_months": "changed", "payment_months": "changed"}
    assert found["files"]["changed"] == ["facts.yaml", "pension/small_2006.yaml"]
    same = client.post("/v1/compare", json={**career(), "against": {"release": "small-2026"}}, headers=HEADERS)
    assert (same.status_code, same.json["errors"][0]["code"]) == (422, "same_law")
    itself: Any = client.post("/v1/compare", json={**career(), "against": {"release": "small-2026", "as_of": "2026-02-01"}}, headers=HEADERS)
    assert itself.status_code == 200 and "files" not in itself.json


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=60) | st.from_regex("[0-9a-f]{1,20}", fullmatch=True)
    | st.sampled_from(["../now", "tags/now", "/etc/passwd", "\x00", "now\n", "running", "before", "foreign", "damaged", "now.zip", "%2e%2e"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=120, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(anything, anything)
def test_no_name_breaks_the_service(app: Flask, name: Any, other: Any) -> None:
    client = app.test_client()
    found: Any
    for path, body in (("/v1/evaluate", career(release=name)), ("/v1/compare", {**career(), "release": name, "against": {"release": other}})):
        found = client.post(path, json=body)
        assert found.status_code in (200, 400, 422), (name, other, found.text)
        if found.status_code == 422:
            assert found.json["errors"] and all(len(each["detail"]) < 2_000 for each in found.json["errors"])
    assert client.get("/v1/schemes", query_string={"release": str(name)}).status_code in (200, 400)
    line = json.dumps(career(release=name)).encode()
    assert client.post("/v1/evaluate/batch", data=line, content_type="application/x-ndjson").status_code in (200, 422)


def test_as_it_is_served(kept: ReleaseStore, tmp_path: Path) -> None:
    """gunicorn's own workers open a kept release, and go on answering from the running one."""
    with serving(tmp_path, SHEBAO_RELEASES=str(kept.folder)) as server:
        for name in ("before", "now", "before", "running", "damaged") * 2:
            status, data = request(server.port, "POST", "/v1/evaluate", json.dumps(career(release=name)).encode())
            assert status == (422 if name == "damaged" else 200)
            if status == 200:
                assert json.loads(data)["release"] == kept.tags()["before" if name == "before" else "now"]


def test_a_store_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    limits = JobLimits(folder=tmp_path / "simulations", max_queued=0)
    client = create_app(Settings(rules=SMALL_RULES, self_test=False, simulations=limits, releases=ReleaseSettings(tmp_path / "file"))).test_client()
    listed: Any = client.get("/v1/releases", headers=HEADERS).json
    assert len(listed["releases"]) == 1 and "cannot be read" in listed["error"]
    assert evaluate(client).status_code == evaluate(client, release="running").status_code == 200
    wrong = evaluate(client, release="before")
    assert (wrong.status_code, wrong.json["errors"][0]["code"]) == (422, "unreadable_release")
