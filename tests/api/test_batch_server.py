"""Batches over a real connection: answers while lines still come, clients that go away or never read, a server that stops."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import career
from .serving import Serving, is_ready, request, serving

LINE = json.dumps(career(trace="none")).encode() + b"\n"
HEAD = b"POST /v1/evaluate/batch HTTP/1.1\r\nHost: test\r\nAccept-Language: en\r\nContent-Type: application/x-ndjson\r\n"
LOG_S = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("batch"), SHEBAO_BATCH_MAX_IDLE_SECONDS="2", SHEBAO_BATCH_MAX_LINES="20000") as found:
        yield found


class Talk:
    """A client that sends and reads as it likes, in a chunked body."""

    def __init__(self, server: Serving, name: str = "test-talk") -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        self.socket.sendall(HEAD + b"X-Request-Id: " + name.encode() + b"\r\nTransfer-Encoding: chunked\r\n\r\n")
        self._response: http.client.HTTPResponse | None = None

    def send(self, data: bytes) -> None:
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        self.socket.sendall(b"0\r\n\r\n")

    @property
    def response(self) -> http.client.HTTPResponse:
        if self._response is None:
            self._response = http.client.HTTPResponse(self.socket)
            self._response.begin()
        return self._response

    def answer(self) -> Any:
        return json.loads(self.response.readline())

    def rest(self) -> list[Any]:
        return [json.loads(line) for line in self.response.read().splitlines()]


def batches(server: Serving, ended: str, name: str) -> list[dict[str, Any]]:
    """The log's lines of the batch of this name that ended so, waiting for one."""
    deadline = time.monotonic() + LOG_S
    while True:
        lines = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
        found = [line for line in lines if line["event"] == "batch" and (line["ended"], line["trace_id"]) == (ended, name)]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def post(server: Serving, body: bytes, **headers: str) -> tuple[int, list[Any]]:
    """A simple client's way: everything is sent before anything is read."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        connection.request("POST", "/v1/evaluate/batch", body, {"Content-Type": "application/x-ndjson", "Accept-Language": "en", **headers})
        response = connection.getresponse()
        return response.status, [json.loads(line) for line in response.read().splitlines()]
    finally:
        connection.close()


def test_a_line_is_answered_before_the_next_is_sent(server: Serving) -> None:
    talk = Talk(server)
    for number in range(1, 6):
        talk.send(LINE)
        answer = talk.answer()
        assert answer["line"] == number
        assert answer["results"]["pension.small"]["benefits"]["monthly_pension"]["value"] == "3831.84"
    talk.send(b"nonsense\n" + LINE[:-1])  # the last line has no end
    assert talk.answer()["error"]["errors"][0]["code"] == "not_json"
    talk.end()
    assert [each["line"] for each in talk.rest()] == [7]


def test_a_client_that_sends_everything_before_it_reads_is_answered(server: Serving) -> None:
    """Some 30 MB of answers are more than the connection holds, so the server has to read on while nobody takes them."""
    count = 12_000
    full = json.dumps(career(trace="full")).encode() + b"\n"
    status, answers = post(server, full * count)
    assert status == 200
    assert [each["line"] for each in answers] == list(range(1, count + 1))
    assert all("results" in each for each in answers)


def test_a_client_that_goes_away_stops_the_work(server: Serving) -> None:
    talk = Talk(server, "goes-away-1")
    talk.send(LINE * 5_000)
    assert talk.answer()["line"] == 1
    talk.socket.close()
    talk.response.close()
    (batch,) = batches(server, "client_gone", "goes-away-1")
    assert batch["lines"] < 5_000
    assert is_ready(server.port)


def test_a_pause_that_is_too_long_ends_the_batch_and_not_the_worker(server: Serving) -> None:
    talk = Talk(server)
    talk.send(LINE)
    assert talk.answer()["line"] == 1
    (last,) = talk.rest()
    assert last["error"]["type"] == "urn:shebao:problem:batch-ended"
    assert last["error"]["errors"][0]["code"] == "idle"
    assert "WORKER TIMEOUT" not in server.log.read_text()


def test_lines_beyond_the_limit_are_not_answered(server: Serving) -> None:
    status, answers = post(server, b"1\n" * 20_010)
    assert status == 200
    assert len(answers) == 20_001
    assert answers[-1]["error"]["errors"] == [
        {"pointer": "", "code": "too_many_lines", "detail": "a batch has at most 20000 lines. The rest is not answered; send it as another."}
    ]


def test_a_second_batch_waits_its_turn_and_a_single_case_does_not(server: Serving) -> None:
    talk = Talk(server)
    talk.send(LINE)
    talk.answer()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/v1/evaluate/batch", LINE, {"Content-Type": "application/x-ndjson"})
    response = connection.getresponse()
    assert (response.status, response.headers["Retry-After"]) == (429, "10")
    connection.close()
    assert request(server.port, "POST", "/v1/evaluate", LINE)[0] == 200
    talk.end()
    talk.rest()
    assert post(server, LINE)[0] == 200


def test_no_bytes_end_the_server(server: Serving) -> None:
    huge = b'{"facts": "' + b"x" * 3_000_000 + b'"}\n'
    hostile = [b"\n" * 1_000_000, b"\r\n" * 1000, huge, b"[" * 100_000 + b"\n", bytes(range(256)) * 100, b'{"facts":{"sex":"\xff"}}\n', b"null\n", LINE[:40]]
    for body in hostile:
        status, answers = post(server, body)
        assert status == 200
        assert all("error" in each for each in answers)
        assert (body.strip() == b"") == (answers == [])
    status, answers = post(server, b"".join(each + b"\n" for each in hostile) + LINE)
    assert status == 200
    assert "results" in answers[-1]
    log = server.log.read_text()
    assert "WORKER TIMEOUT" not in log and "Traceback" not in log and '"failure"' not in log
    assert "x" * 50 not in log


def test_a_server_that_stops_says_up_to_where_it_came(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        talk = Talk(server)
        talk.send(LINE * 3_000)
        assert talk.answer()["line"] == 1
        server.process.terminate()
        *answered, last = talk.rest()
        assert last["error"]["errors"][0]["code"] == "stopping"
        assert [each["line"] for each in answered] == list(range(2, len(answered) + 2))
        assert server.process.wait(15) == 0


def test_a_client_that_never_reads_is_let_go(server: Serving) -> None:
    talk = Talk(server, "never-reads-1")
    talk.send((json.dumps(career(trace="full")).encode() + b"\n") * 5_000)
    (batch,) = batches(server, "client_gone", "never-reads-1")
    assert 0 < batch["lines"] < 5_000
    assert is_ready(server.port)
    assert "WORKER TIMEOUT" not in server.log.read_text()
