"""The sandbox behind httpx, without a socket."""

from collections.abc import Callable

import httpx
import pytest

from tiktok_display.sandbox import Sandbox, SandboxTransport

URL = "https://open.tiktokapis.com/v2/video/list/?fields=id"


def call(
    box: Sandbox, sleep: Callable[[float], object] | None = None, *, timeout: float | None = 5.0
) -> httpx.Response:
    headers = {"authorization": f"Bearer {box.creators[0].access_token}"}
    with httpx.Client(transport=SandboxTransport(box, sleep=sleep), timeout=timeout) as client:
        return client.post(URL, json={"max_count": 1}, headers=headers)


async def call_async(box: Sandbox, slept: list[float] | None = None) -> httpx.Response:
    async def sleep(seconds: float) -> None:
        assert slept is not None
        slept.append(seconds)

    headers = {"authorization": f"Bearer {box.creators[0].access_token}"}
    transport = SandboxTransport(box, async_sleep=None if slept is None else sleep)
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.post(URL, json={"max_count": 1}, headers=headers)


def test_a_client_reads_a_page(box: Sandbox) -> None:
    videos = call(box).json()["data"]["videos"]
    assert videos == [{"id": box.creators[0].videos[0].id}]


@pytest.mark.anyio
async def test_an_async_client_reads_a_page(box: Sandbox) -> None:
    videos = (await call_async(box)).json()["data"]["videos"]
    assert videos == [{"id": box.creators[0].videos[0].id}]


def test_a_path_is_taken_as_it_was_sent(box: Sandbox) -> None:
    with httpx.Client(transport=SandboxTransport(box)) as client:
        response = client.post("https://open.tiktokapis.com/v2/video/list%2F?fields=id", json={})
    assert response.status_code == 404
    assert (box.requests[0].path, box.requests[0].query) == ("/v2/video/list%2F", {"fields": "id"})


def test_a_header_may_be_latin_1(box: Sandbox) -> None:
    box.fault(headers={"X-Where": "Café"})
    assert call(box).headers["x-where"] == "Café"


def test_a_dropped_answer_is_a_protocol_error_after_the_request_was_processed(
    box: Sandbox,
) -> None:
    box.fault(drop=True)
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        call(box)
    assert box.requests[0].open_id == box.creators[0].open_id


def test_a_request_that_is_not_processed_finds_no_connection(box: Sandbox) -> None:
    box.fault(drop=True, processed=False)
    with pytest.raises(httpx.ConnectError):
        call(box)


def test_a_cut_body_is_a_protocol_error(box: Sandbox) -> None:
    box.fault(cut=10)
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        call(box)


@pytest.mark.anyio
async def test_a_cut_body_is_a_protocol_error_for_an_async_client(box: Sandbox) -> None:
    box.fault(cut=10)
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        await call_async(box)


@pytest.mark.parametrize("fault", [{"latency": 6.0}, {"drip": 6.0}])
def test_what_takes_longer_than_the_client_waits_is_a_timeout_at_once(
    box: Sandbox, fault: dict[str, float]
) -> None:
    box.fault(latency=fault.get("latency", 0.0), drip=fault.get("drip"))
    with pytest.raises(httpx.ReadTimeout):
        call(box)
    assert call(box, timeout=None).status_code == 200


def test_latency_and_drip_are_slept_if_asked(box: Sandbox) -> None:
    slept: list[float] = []
    box.fault(latency=2.0, drip=0.5, body="{}")
    assert call(box, slept.append).json() == {}
    assert slept == [2.0, 0.5, 0.5]


@pytest.mark.anyio
async def test_latency_and_drip_are_slept_by_an_async_client_too(box: Sandbox) -> None:
    slept: list[float] = []
    box.fault(latency=2.0, drip=0.5, body="{}")
    assert (await call_async(box, slept)).json() == {}
    assert slept == [2.0, 0.5, 0.5]
