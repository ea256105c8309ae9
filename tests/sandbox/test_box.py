"""The sandbox as its users see it, its clock, and the paths about itself."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

import tiktok_display.sandbox as package
from tiktok_display.sandbox import Request, Sandbox, SandboxVideo, VirtualClock


def test_the_same_seed_gives_the_same_sandbox() -> None:
    def everything(box: Sandbox) -> list[object]:
        return [box.app, *[(c.open_id, c.token_answer, list(c.videos)) for c in box.creators]]

    assert everything(Sandbox(seed=1)) == everything(Sandbox(seed=1))
    assert everything(Sandbox(seed=1)) != everything(Sandbox(seed=2))


@pytest.mark.parametrize(("creators", "empty"), [(1, 0), (2, 1), (5, 1), (0, 0)])
def test_there_are_as_many_creators_as_asked_and_the_last_of_several_has_no_videos(
    creators: int, empty: int
) -> None:
    box = Sandbox(creators=creators, videos=30)
    lengths = [len(creator.videos) for creator in box.creators]
    assert len(lengths) == creators
    assert lengths[:1] == [30][:creators]
    assert lengths.count(0) == empty


def test_histories_can_be_given() -> None:
    box = Sandbox(histories=[[SandboxVideo("1", 5)], []])
    assert [[video.id for video in creator.videos] for creator in box.creators] == [["1"], []]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("creators", -1, "creators and videos must be at least 0"),
        ("videos", -1, "creators and videos must be at least 0"),
        ("scope", "user.info.basic video.list", "comma-separated"),
        ("cursor_meaning", "Inclusive", "cursor_meaning must be one of exclusive, inclusive"),
        ("rate_limit", -1, "rate_limit must be at least 0"),
        ("rate_limit_by", "user", "rate_limit_by must be one of app, creator"),
        ("access_life", -1, "access_life must be at least 0"),
        ("refresh_life", -1, "refresh_life must be at least 0"),
        ("refresh_grace", -0.5, "refresh_grace must be at least 0"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(
    name: str, value: Any, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        Sandbox(**{name: value})


def test_a_creator_who_makes_no_sense_is_refused_and_not_there(box: Sandbox) -> None:
    with pytest.raises(ValueError, match="videos must be at least 0"):
        box.add_creator(-1)
    with pytest.raises(ValueError, match="comma-separated"):
        box.add_creator(1, scope="user.info.basic video.list")
    assert len(box.creators) == 3


def test_creators_answer_with_grant_or_deny_and_nothing_else(box: Sandbox) -> None:
    answer: Any = "denied"
    with pytest.raises(ValueError, match="consent must be one of grant, deny"):
        box.consent = answer
    assert box.consent == "grant"


def test_what_arrived_is_recorded(talk: Any, box: Sandbox) -> None:
    talk.list(fields="id,title", max_count=2)
    talk.refresh("rft.wrong")
    talk.send("/v2/video/list/", b"{", query="fields=id", token="wrong")
    box.fault(drop=True)
    talk.list()
    listed, refreshed, refused, dropped = box.requests
    assert (listed.method, listed.path, listed.status) == ("POST", "/v2/video/list/", 200)
    assert listed.query == {"fields": "id,title"}
    assert listed.json == {"max_count": 2}
    assert listed.open_id == talk.creator.open_id
    assert listed.headers["authorization"] == f"Bearer {talk.creator.access_token}"
    assert listed.time == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert refreshed.form["refresh_token"] == "rft.wrong"
    assert refreshed.json is None
    assert (refused.open_id, refused.json, refused.status) == (None, None, 401)
    assert (dropped.status, dropped.fault) == (None, True)
    box.clear_requests()
    assert (box.requests, box.token_requests) == ([], 0)


def test_the_clock_stands_still_in_process_and_is_moved_by_hand(box: Sandbox) -> None:
    assert box.now == datetime(2026, 11, 1, 12, tzinfo=UTC)
    box.advance(hours=2, seconds=1)
    assert box.now == datetime(2026, 11, 1, 14, 0, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="backwards"):
        box.advance(seconds=-1)


def test_the_clock_counts_real_time_while_it_runs() -> None:
    ticks = count(100.0, 5.0)
    clock = VirtualClock(ticks=lambda: next(ticks))
    start = clock.now()
    clock.run()
    clock.run()
    assert clock.now() == start + 5
    clock.advance(timedelta(seconds=60))
    assert clock.now() == start + 70
    clock.halt()
    assert clock.now() == clock.now() == start + 75


def test_a_clock_without_ticks_never_runs() -> None:
    clock = VirtualClock(ticks=None)
    start = clock.now()
    clock.run()
    assert clock.now() == start


def test_a_sandbox_begins_when_told() -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC)
    assert Sandbox(now=moment).now == moment
    assert Sandbox(clock=VirtualClock(moment)).now == moment
    with pytest.raises(ValueError, match="not both"):
        Sandbox(now=moment, clock=VirtualClock())
    with pytest.raises(ValueError, match="time zone"):
        Sandbox(now=datetime(2025, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="1970"):
        Sandbox(now=datetime(1969, 12, 31, tzinfo=UTC))


def test_the_package_has_what_it_exports() -> None:
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert sorted(package.__all__) == package.__all__


def test_a_sandbox_in_process_loads_no_server() -> None:
    script = (
        "import sys\n"
        "from tiktok_display.sandbox import Sandbox\n"
        "Sandbox()\n"
        "print([name for name in ('starlette', 'uvicorn') if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout == "[]\n"


def ask(box: Sandbox, method: str, path: str, body: object = None) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = box.handle(Request(method, f"/_sandbox/{path}", body=content))
    return response.status, json.loads(response.body)


def test_it_says_that_it_is_a_sandbox(box: Sandbox) -> None:
    status, told = ask(box, "GET", "")
    assert status == 200
    assert told["sandbox"] is True
    assert "not TikTok" in told["what"]
    assert told["client_key"] == box.app.client_key
    assert told["client_secret"] == box.app.client_secret


def test_it_tells_its_creators(box: Sandbox) -> None:
    creators = ask(box, "GET", "creators")[1]["creators"]
    first = box.creators[0]
    assert len(creators) == 3
    assert creators[0] == {
        "open_id": first.open_id,
        "access_token": first.access_token,
        "token_answer": first.token_answer,
        "videos": 57,
    }


def test_its_time_can_be_moved_from_outside(box: Sandbox) -> None:
    assert ask(box, "POST", "advance", {"hours": 2})[1]["now"] == "2026-11-01T14:00:00+00:00"
    assert box.now == datetime(2026, 11, 1, 14, tzinfo=UTC)


def test_faults_can_be_made_seen_and_cleared_from_outside(talk: Any, box: Sandbox) -> None:
    status, told = ask(box, "POST", "faults", {"status": 500, "times": 1})
    assert (status, told["fault"]) == (201, {"status": 500, "times": 1, "seen": 0, "applied": 0})
    assert talk.list().status == 500
    box.fault(body=b"\xff")
    faults = ask(box, "GET", "faults")[1]["faults"]
    assert [fault["applied"] for fault in faults] == [1, 0]
    assert ask(box, "DELETE", "faults")[1]["faults"] == []
    assert talk.list().status == 200


def test_what_arrived_can_be_seen_from_outside_without_secrets(talk: Any, box: Sandbox) -> None:
    talk.refresh(talk.creator.refresh_token)
    status, told = ask(box, "GET", "requests")
    assert status == 200
    assert (told["token_requests"], told["refreshes"], told["reuses"]) == (1, 1, 0)
    assert told["requests"][0]["form"] == [
        "client_key",
        "client_secret",
        "grant_type",
        "refresh_token",
    ]
    assert "rft." not in json.dumps(told)
    assert ask(box, "DELETE", "requests")[1]["requests"] == []
    assert box.requests == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("advance", {"hours": -1}),
        ("advance", {"weeks": 1e300}),
        ("advance", {"days": 9e8}),
        ("advance", {"fortnights": 1}),
        ("advance", b"{"),
        ("faults", b"\xff"),
        ("faults", b"[" * 100_000),
        ("faults", b'{"\\ud800": 1}'),
        ("faults", []),
        ("faults", {"status": "500"}),
        ("faults", {"nonsense": True}),
    ],
)
def test_a_wrong_order_from_outside_is_refused(box: Sandbox, path: str, body: object) -> None:
    status, told = ask(box, "POST", path, body)
    assert status == 400
    assert told["sandbox"] is True
    assert told["error"]
    assert ask(box, "GET", "")[1]["now"] == "2026-11-01T12:00:00+00:00"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b"[]"])
def test_an_order_that_is_no_json_object_is_told_so(box: Sandbox, body: bytes) -> None:
    assert ask(box, "POST", "faults", body)[1]["error"] == "send a JSON object"


def test_there_is_nothing_else_under_its_own_path(box: Sandbox) -> None:
    assert ask(box, "GET", "secrets")[0] == 404
