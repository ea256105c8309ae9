"""The sandbox as a server: what really happens on the socket."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest

from tiktok_display.sandbox import Sandbox, serve
from tiktok_display.sandbox.extra import server_extra
from tiktok_display.sandbox.server import SandboxASGI

LIST = "/v2/video/list/?fields=id"


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as box:
        yield box


@pytest.fixture
def box(server: Sandbox) -> Iterator[Sandbox]:
    yield server
    server.clear_faults()


@pytest.fixture
def client(box: Sandbox) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {box.creators[0].access_token}"}
    with httpx.Client(base_url=box.base_url, headers=headers) as client:
        yield client


def test_a_page_comes_over_the_socket(box: Sandbox, client: httpx.Client) -> None:
    response = client.post(LIST, json={"max_count": 2})
    ids = [video["id"] for video in response.json()["data"]["videos"]]
    assert ids == [video.id for video in box.creators[0].videos[:2]]
    assert response.headers["x-sandbox"] == "tiktok-display"


def test_a_path_is_taken_as_it_was_sent(client: httpx.Client) -> None:
    assert client.post("/v2/video/list%2F?fields=id", json={}).status_code == 404


@pytest.mark.parametrize("status", [204, 205, 304, 520, 599])
def test_any_status_comes_over_the_socket(box: Sandbox, client: httpx.Client, status: int) -> None:
    box.fault(status=status, nth=1, headers={"X-Where": "Café"})
    response = client.post(LIST, json={})
    assert (response.status_code, response.headers["x-where"]) == (status, "Café")
    assert client.post(LIST, json={}).status_code == 200


def test_it_listens_on_this_machine_only(box: Sandbox) -> None:
    assert box.base_url.startswith("http://127.0.0.1:")


def test_a_dropped_answer_ends_the_connection(box: Sandbox, client: httpx.Client) -> None:
    box.fault(drop=True)
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        client.post(LIST, json={})


@pytest.mark.parametrize("cut", [0, 10])
def test_a_cut_body_ends_before_its_length(box: Sandbox, client: httpx.Client, cut: int) -> None:
    box.fault(cut=cut)
    with pytest.raises(httpx.RemoteProtocolError, match=f"received {cut} bytes"):
        client.post(LIST, json={})


def test_a_drip_comes_byte_by_byte(box: Sandbox, client: httpx.Client) -> None:
    box.fault(drip=0.001, body='{"slow":true}')
    with client.stream("POST", LIST, json={}) as response:
        pieces = list(response.iter_raw())
    assert b"".join(pieces) == b'{"slow":true}'
    assert len(pieces) > 1


def test_a_latency_outlasts_an_impatient_client(box: Sandbox, client: httpx.Client) -> None:
    box.fault(latency=60.0)
    with pytest.raises(httpx.ReadTimeout):
        client.post(LIST, json={}, timeout=0.05)


def test_a_drip_ends_when_the_client_has_gone(box: Sandbox, client: httpx.Client) -> None:
    box.fault(drip=0.01)
    with pytest.raises(httpx.ReadTimeout):
        client.post(LIST, json={}, timeout=0.005)
    box.clear_faults()
    assert client.post(LIST, json={}).status_code == 200


def test_it_stops_at_once_with_connections_open_and_answers_under_way() -> None:
    box = Sandbox()
    box.start()
    box.fault(nth=1, latency=60.0)
    box.fault(nth=2, drip=60.0)
    address = box.base_url.removeprefix("http://").split(":")
    lines = [socket.create_connection((address[0], int(address[1]))) for _ in range(3)]
    try:
        for line in lines:
            line.sendall(b"POST /v2/video/list/ HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n")
        # The third answer comes whole, the second begins; after that all three are under way.
        assert lines[2].recv(100).startswith(b"HTTP/1.1 401")
        assert lines[1].recv(100).startswith(b"HTTP/1.1 401")
    finally:
        started = time.monotonic()
        box.stop()
        for line in lines:
            line.close()
    assert time.monotonic() - started < 1.0


def test_real_time_counts_while_it_is_up() -> None:
    box = Sandbox()
    before = box.now
    with box:
        assert box.now > before
    assert box.now == box.now > before


def test_it_can_be_started_again_but_not_twice() -> None:
    box = Sandbox()
    with pytest.raises(RuntimeError, match="no server yet"):
        _ = box.base_url
    for _ in range(2):
        with box, pytest.raises(RuntimeError, match="already"):
            box.start()
    box.stop()


def test_a_port_that_is_taken_is_an_os_error(box: Sandbox) -> None:
    port = int(box.base_url.rpartition(":")[2])
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}"):
        Sandbox().start(port)


def test_a_missing_extra_is_named() -> None:
    with pytest.raises(ImportError, match=r"tiktok-display\[sandbox\]"), server_extra():
        import_module("a_module_that_nobody_has")


def test_serve_announces_itself_in_one_line_and_ends_when_interrupted(
    capfd: pytest.CaptureFixture[str],
) -> None:
    box = Sandbox(seed=7)
    announced: list[str] = []

    def announce(line: str) -> None:
        announced.append(line)
        assert httpx.get(json.loads(line)["base_url"] + "/_sandbox/").json()["sandbox"]
        signal.raise_signal(signal.SIGINT)

    serve(box, 0, announce)
    told = json.loads(announced[0])
    assert "\n" not in announced[0]
    assert told["sandbox"] is True
    assert told["client_key"] == box.app.client_key
    first = box.creators[0]
    assert told["creators"][0] == {
        "open_id": first.open_id,
        "access_token": first.access_token,
        "videos": 57,
    }
    with pytest.raises(RuntimeError):
        _ = box.base_url
    assert capfd.readouterr() == ("", "")


def test_serve_waits_for_the_interruption() -> None:
    main = threading.get_ident()

    def visit_and_interrupt(line: str) -> None:
        httpx.get(json.loads(line)["base_url"] + "/_sandbox/")
        signal.pthread_kill(main, signal.SIGINT)

    visitors: list[threading.Thread] = []

    def announce(line: str) -> None:
        visitors.append(threading.Thread(target=visit_and_interrupt, args=[line]))
        visitors[0].start()

    serve(Sandbox(), 0, announce)
    visitors[0].join()


def test_many_threads_are_answered_at_once(box: Sandbox, client: httpx.Client) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(client.post(LIST, json={}).status_code))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 8


def scope() -> dict[str, Any]:
    return {"type": "http", "method": "GET", "raw_path": b"/", "query_string": b"", "headers": []}


@pytest.mark.anyio
async def test_without_connections_of_its_own_a_dropped_answer_is_an_error() -> None:
    box = Sandbox()
    box.fault(drop=True)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: object) -> None:
        raise AssertionError("nothing is sent")

    with pytest.raises(ConnectionAbortedError):
        await SandboxASGI(box.handle)(scope(), receive, send)


@pytest.mark.anyio
async def test_a_connection_that_is_lost_already_is_waited_out() -> None:
    box = Sandbox()
    box.fault(drop=True)
    events = ["http.request", "http.request", "http.disconnect"]

    async def receive() -> dict[str, Any]:
        return {"type": events.pop(0), "body": b"", "more_body": False}

    async def send(_: object) -> None:
        raise AssertionError("nothing is sent")

    client = {"client": ("127.0.0.1", 1)}
    await SandboxASGI(box.handle, {})({**scope(), **client}, receive, send)
    assert events == []


@pytest.mark.anyio
async def test_a_client_that_leaves_before_its_request_is_whole_is_forgotten() -> None:
    box = Sandbox()

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(_: object) -> None:
        raise AssertionError("nothing is sent")

    await SandboxASGI(box.handle)(scope(), receive, send)
    assert box.requests == []
