"""The GETs of the rules and of operation: what they say, how they are cached, how they refuse."""

from __future__ import annotations

import io
import json
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.api import Settings, create_app, self_test
from app.language import Rulebook

from .conftest import SMALL_RULES, TRACE_ID, career, post, problem

HEADERS = {"Accept-Language": "en", "X-Request-Id": TRACE_ID}
DAY = "as_of=2026-03-01"


def test_schemes(client: FlaskClient) -> None:
    answer = client.get(f"/v1/schemes?{DAY}", headers=HEADERS).json
    assert answer["as_of"] == "2026-03-01"
    assert [each["id"] for each in answer["schemes"]] == ["pension.small"]
    assert answer["schemes"][0]["title"] == "Sample pension"
    assert client.get("/v1/schemes?as_of=1990-01-01").json["schemes"] == []
    assert date.fromisoformat(client.get("/v1/schemes").json["as_of"])


def test_a_scheme_as_it_holds_there(client: FlaskClient) -> None:
    nation = client.get(f"/v1/schemes/pension.small?{DAY}", headers=HEADERS).json
    peking = client.get(f"/v1/schemes/pension.small?{DAY}&region=110000", headers=HEADERS).json
    required = {each["name"]: each for each in nation["parameters"]}["minimum_months"]
    assert required["rows"] == [
        {
            "value": "180",
            "standing": "official",
            "source": {"instrument": "示例规定", "number": "例〔2006〕1号", "url": "https://example.org/1"},
            "file": required["file"].replace(str(required["file"].split(":")[1]), required["rows"][0]["file"].split(":")[1]),
        }
    ]
    local = {each["name"]: each for each in peking["parameters"]}["minimum_months"]
    assert local["rows"][0]["value"] == "240"
    assert local["version"] == "pension.small@2020-01-01/110000"
    assert [each["version"] for each in peking["files"]] == ["pension.small@2006-01-01", "pension.small@2020-01-01/110000"]
    wages = {each["name"]: each for each in nation["parameters"]}["reference_wage"]
    assert [(row["key"], row["value"], row["standing"]) for row in wages["rows"]] == [
        ("2024", "8000.00", "official"),
        ("2025", "8400.00", "provisional"),
    ]
    assert wages["extend"] == {"assumption": "wage_growth", "how": "grow"}
    assert [each["name"] for each in nation["conditions"]] == ["enough_months"]
    version = nation["conditions"][0]["versions"][0]
    assert version["expression"] == "contribution_months >= minimum_months"
    assert version["shortfall"] == "minimum_months - contribution_months"
    assert version["source"]["article"] == "二"
    assert version["file"].startswith("pension/small_2006.yaml:")
    assert nation["benefits"][0]["versions"][0]["round"]["mode"] == "half up"
    decide = {each["name"]: each for each in nation["definitions"]}["payment_months"]["versions"][0]["decide"]
    assert decide["rows"][0]["tests"] == ['"male"']
    assert nation["conclusions"][0]["kind"] == "suggestion"


def test_a_scheme_that_is_not_there(client: FlaskClient) -> None:
    unknown = client.get("/v1/schemes/pension.other", headers=HEADERS)
    assert unknown.json == problem("unknown-scheme", "There is no such scheme", 404, "There are: pension.small.")
    early = client.get("/v1/schemes/pension.small?as_of=1990-01-01", headers=HEADERS)
    detail = "'pension.small' was not in force on 1990-01-01, or its rules of that day are not encoded."
    assert early.json == problem("unknown-scheme", "There is no such scheme", 404, detail)


def test_a_wrong_query(client: FlaskClient) -> None:
    response = client.get("/v1/schemes?as_of=2026-13-01&region=1&region=2&regon=110000", headers=HEADERS)
    assert response.json == problem(
        "invalid-query",
        "The query is not valid",
        400,
        "3 things have to be corrected.",
        ("/as_of", "no_such_date", "there is no day 2026-13-01. Check year, month and day."),
        ("/region", "repeated", "may be given once only."),
        ("/regon", "unknown_field", "there is no field 'regon'. Did you mean 'region'?"),
    )


def test_facts(client: FlaskClient) -> None:
    answer = client.get("/v1/facts", headers=HEADERS).json
    facts = {each["name"]: each for each in answer["facts"]}
    assert facts["account_balance"]["unit"] == "CNY"
    assert facts["account_balance"]["at_least"] == "0"
    assert facts["sex"]["values"][1] == {"value": "female", "title": "female"}
    assert facts["contribution_records"]["one_of"] == ["index", "base"]
    assert facts["contribution_records"]["fields"][0]["required"] is True
    assert [each["name"] for each in answer["assumptions"]] == ["wage_growth", "pay_on_last_base"]
    assert answer["checks"][0]["message"] == "The claim date is before the date of birth. Check both dates."


def test_releases_and_index(client: FlaskClient, app: Flask) -> None:
    release = client.get("/v1/releases").json["releases"][0]
    assert (release["tag"], release["running"], release["reforms"]) == ("small-2026", True, ["lower_minimum"])
    index = client.get("/").json
    routes = {rule.rule.replace("<name>", "{id}").replace("<file>", "{file}") for rule in app.url_map.iter_rules()}
    assert set(index["addresses"].values()) | {"/"} == routes


CACHED = ["/", f"/v1/schemes?{DAY}", f"/v1/schemes/pension.small?{DAY}", "/v1/facts", "/v1/releases", "/openapi.json"]


@pytest.mark.parametrize("path", CACHED)
def test_what_is_held_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(path, headers=HEADERS)
    etag = first.headers["ETag"]
    assert etag.startswith('"')
    assert first.headers["Vary"] == "Accept-Language"
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = client.get(path, headers={**HEADERS, "If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert client.get(path, headers={**HEADERS, "If-None-Match": '"other"'}).status_code == 200


def test_another_language_day_or_place_has_another_etag(client: FlaskClient) -> None:
    paths = ["/v1/schemes?as_of=2026-03-01", "/v1/schemes?as_of=2026-03-02", "/v1/schemes?as_of=2026-03-01&region=110000"]
    etags = {client.get(path, headers={"Accept-Language": language}).headers["ETag"] for path in paths for language in ("zh", "en")}
    assert len(etags) == 6


def test_errors_of_the_address(client: FlaskClient) -> None:
    missing = client.get("/v2/anything", headers=HEADERS)
    detail = "Check the address; / and /openapi.json list all there are."
    assert missing.json == problem("not-found", "There is nothing at this address", 404, detail)
    wrong = client.get("/v1/evaluate", headers=HEADERS)
    assert wrong.json == problem("method-not-allowed", "The method is not allowed here", 405, "This address takes OPTIONS, POST.")
    assert wrong.headers["Allow"] == "OPTIONS, POST"
    chinese = client.delete("/v1/facts", headers={"X-Request-Id": TRACE_ID})
    assert chinese.json["title"] == "此地址不支持该方法"
    assert chinese.mimetype == "application/problem+json"


def test_a_request_s_name(client: FlaskClient) -> None:
    assert client.get("/healthz", headers=HEADERS).headers["X-Request-Id"] == TRACE_ID
    for wanted in ("short", "x" * 65, "with space and more", "a{b}c-d-e-f-g"):
        given = client.get("/healthz", headers={"X-Request-Id": wanted}).headers["X-Request-Id"]
        assert given != wanted
        assert len(given) == 24


def test_logs_say_what_was_asked_and_nothing_of_whom(client: FlaskClient, log_stream: io.BytesIO) -> None:
    position = len(log_stream.getvalue())
    post(client, career(facts={"account_balance": "77777.77", "sex": "nobody"}))
    client.get("/v1/schemes?as_of=2026-03-01&region=110000")
    lines = log_stream.getvalue()[position:]
    first, second = (json.loads(line) for line in lines.splitlines())
    assert (first["event"], first["route"], first["status"], first["trace_id"]) == ("request", "/v1/evaluate", 422, TRACE_ID)
    assert second["route"] == "/v1/schemes"
    assert not any(word in lines for word in (b"77777", b"nobody", b"110000"))


def test_ready_only_when_the_self_test_passed(monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready"}
    monkeypatch.setattr("app.api.application.self_test", lambda _: False)
    unready = create_app(Settings(rules=SMALL_RULES), log_stream=io.BytesIO()).test_client()
    assert unready.get("/healthz").status_code == 200
    detail = "The self-test at start-up has not passed; send this process no requests."
    assert unready.get("/readyz", headers=HEADERS).json == problem("not-ready", "The service is not ready", 503, detail)


def test_a_crash_in_the_self_test_harms_only_its_child(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    def crash(_: Rulebook) -> None:
        import os
        import signal

        os.kill(os.getpid(), signal.SIGKILL)

    rulebook = app.extensions["shebao"].rulebook
    assert self_test.self_test(rulebook)
    monkeypatch.setattr(self_test, "_prove", crash)
    assert not self_test.self_test(rulebook)


def test_settings_from_the_environment() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"SHEBAO_RULES": "/x", "SHEBAO_MAX_BODY": "10"}).max_body == 10
